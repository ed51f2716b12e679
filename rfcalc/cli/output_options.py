"""Options of output: --format, -o, --units, --lang, --no-color; a file is written as what its name says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from rfcalc.cli.options import Decorator, OneOf, TextType, all_of
from rfcalc.cli.output import Output
from rfcalc.files import STANDARD_INPUT
from rfcalc.render.formats import CONTENTS, MACHINE_FORMATS, format_of_file, refuse_misnomer
from rfcalc.report.cells import Units
from rfcalc.report.words import LANGUAGES, Language

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _OutputFile(TextType):
    """A file to write, whose name says nothing else than what it will hold.

    contents: what each format of the command writes.  option: the one that names a format.
    """

    name = "file"

    def __init__(self, contents: Mapping[str, str], option: str) -> None:
        self.contents = contents
        self.option = option

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        # The option of the format is read before this one; click may have a mark of its own for none.
        named = ctx.params.get("format_name") if ctx else None
        if value == STANDARD_INPUT:
            # As an operand it is standard input; a file called so is named with its folder.
            return None
        refuse_misnomer(str(value), named if named in self.contents else None, self.contents, self.option)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


# The options of output that some commands take one by one.
def output_file(contents: Mapping[str, str], option: str = "--format") -> Decorator:
    """The option -o of a command; contents: what each of its formats writes (render/formats.py).

    option: the one that names a format, given to the command as `format_name`.
    """
    return click.option(
        "--output-file",
        "-o",
        "output",
        metavar="FILE",
        type=_OutputFile(contents, option),
        help="Write to FILE, whole or not at all; - is standard output.",
    )


DESCRIPTION_FILE = output_file({"yaml": "yaml"})


def format_option(formats: Iterable[str], about: str) -> Decorator:
    """The option --format of a command; about: what is said of it behind the names."""
    names = tuple(formats)
    return click.option(
        "--format",
        "format_name",
        type=OneOf(names),
        metavar="FORMAT",
        is_eager=True,
        help=f"One of {', '.join(names)}. {about}",
    )


NO_COLOR = click.option("--no-color", is_flag=True, help="No colours on a terminal (also: NO_COLOR).")
_LANGUAGE = click.option(
    "--lang", "language", type=OneOf(LANGUAGES), help="Language of words: en, or zh for Chinese."
)
_UNITS = click.option(
    "--units",
    type=OneOf(("raw", "si")),
    default="raw",
    show_default=True,
    help="Counts in full, or as 15.47 G.",
)
_OF_TABLES = (
    "Without it: a table fitted to the terminal, else what the suffix of -o says, else simple. "
    + " and ".join(sorted(MACHINE_FORMATS))
    + " hold the rows alone, in plain digits."
)


def output_options(contents: Mapping[str, str] = CONTENTS, about: str = _OF_TABLES) -> Decorator:
    """How output is written, given to the command as `where`: --format -o --units --lang --no-color.

    contents: what each format of the command writes; it has no --units where those of tables are missing.
    about: what is said of the formats.
    """
    units = [_UNITS] if CONTENTS.items() <= contents.items() else []
    options = all_of([format_option(contents, about), output_file(contents), *units, _LANGUAGE, NO_COLOR])

    def decorate(command: Callable[..., Any]) -> Any:
        @wraps(command)
        def written(
            format_name: str | None,
            output: str | None,
            language: Language | None,
            no_color: bool,
            units: Units = "raw",
            **others: Any,
        ) -> Any:
            chosen = format_name or format_of_file(output, contents)
            return command(where=Output(chosen, output, units, language, no_color), **others)

        return options(written)

    return decorate
