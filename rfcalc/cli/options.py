"""Options that several commands share, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from rfcalc.cli.known_words import column_words, row_words, shipped_words
from rfcalc.cli.output import say
from rfcalc.cli.standard_input import load_word
from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.render.formats import WRITTEN_SUFFIXES
from rfcalc.shapes import LARGEST_SIZE
from rfcalc.units import BYTES, FP32, NumberFormats, is_digits, number_formats

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from rfcalc.description import Description

# click's types are generic for a type checker in every version, at run time only in the latest ones.
if TYPE_CHECKING:
    _TextChoice = click.Choice[str]
    TextType = click.ParamType[str]
    _NumberType = click.ParamType[int]
else:
    _TextChoice = click.Choice
    TextType = _NumberType = click.ParamType

# What click's decorators take and give: a function, or the command made of it.
Decorator = Callable[[Any], Any]


class OneOf(_TextChoice):
    """One of a few words; a wrong one is answered with the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            hint = nearest(str(value), self.choices)
            answer = f"{quoted(str(value))} is none of {', '.join(self.choices)}{f'; {hint}' if hint else ''}"
            self.fail(answer, param, ctx)
        return str(value)


class _Formats(TextType):
    """A number format, or those of parameters and of outputs."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(number_formats(str(value)))
        except UsageError as error:
            self.fail(str(error), param, ctx)


class Positive(_NumberType):
    """A whole number from 1 to 2^63: more is no count of anything."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        number = int(text) if is_digits(text) and len(text) < 20 else 0
        if not 1 <= number <= LARGEST_SIZE:
            self.fail(f"expected a whole number of at least 1, got {quoted(text, 30)}", param, ctx)
        return number


class _LayerName(TextType):
    """The name of a layer, where files were named in earlier versions."""

    name = "layer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if "/" in text or text[text.rfind(".") :].casefold() in WRITTEN_SUFFIXES:
            self.fail(f"{quoted(text)} is no layer; -o {text} writes to a file", param, ctx)
        return text


class OfferedWords(TextType):
    """Any text, in whose place a shell offers words.

    words: makes them of what has been typed, each with what is said of it.  listed: several stand there with
    commas between, and the last one is completed.  files: it may be a path as well.
    """

    def __init__(
        self,
        name: str,
        words: Callable[[str], Mapping[str, str]],
        *,
        listed: bool = False,
        files: bool = False,
    ) -> None:
        self.name = name
        self.words = words
        self.listed = listed
        self.files = files

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        before, comma, last = incomplete.rpartition(",") if self.listed else ("", "", incomplete)
        items = [
            CompletionItem(f"{before}{comma}{word}", help=about or None)
            for word, about in self.words(last).items()
            if word.casefold().startswith(last.casefold())
        ]
        if not self.files:
            return items
        from rfcalc.cli.file_words import parts_of_files

        return parts_of_files(ctx, incomplete) or [*items, CompletionItem(incomplete, type="file")]


NETWORK = OfferedWords("network", shipped_words, files=True)
MODEL = OfferedWords("model", lambda typed: {}, files=True)
COLUMNS = OfferedWords("columns", column_words, listed=True)
ROWS = OfferedWords("rows", row_words, listed=True)


def all_of(decorators: Iterable[Decorator]) -> Decorator:
    """Several options as one decorator, in this order in the help text."""

    def decorate(command: Any) -> Any:
        for decorator in reversed(list(decorators)):
            command = decorator(command)
        return command

    return decorate


MAX_LAYERS = click.option(
    "--max-layers",
    type=Positive(),
    default=MOST_LAYERS,
    show_default=True,
    metavar="N",
    help="Layers that a network may have; other work is bounded by what as many may take.",
)
BATCH = click.option(
    "--batch",
    type=Positive(),
    default=1,
    metavar="N",
    help="Examples in a batch: multiplies work and activations.",
)
DTYPE = click.option(
    "--dtype",
    type=_Formats(),
    help=f"Number format for columns of bytes ({', '.join(BYTES)}), or those of parameters and outputs: "
    "int8/fp16. Those of a model, or fp32, when left out.",
)


def chosen_formats(given: str | None, descriptions: Iterable[Description]) -> NumberFormats:
    """The number formats that bytes are counted in: as they are given, or those of all models."""
    if given is not None:
        return number_formats(given)
    stated = list(dict.fromkeys(description.dtype for description in descriptions))
    if len(stated) > 1:
        found = " and ".join(map(str, stated))
        say(f"rfcalc: note: bytes are counted as fp32, where values are {found}; see --dtype")
    return stated[0] if len(stated) == 1 else FP32


INPUT = click.option(
    "--input",
    "inputs",
    metavar="SIZE",
    multiple=True,
    help="Input size: 320x320x3, 3,320,320, '(32*h)x(32*w)x3'; NAME=SIZE for one of several.",
)
RATE = click.option(
    "--rate",
    "rates",
    metavar="RATE",
    multiple=True,
    help="Samples or frames a second along the first axis of the input: 16000, 44.1kHz, 25fps. Fields are "
    "shown in milliseconds as well. NAME=RATE for one of several inputs.",
)
# Where the values of --scale wait for --set, which they are values of.
_SCALES = "rfcalc.scales"


def _keep_scales(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> None:
    ctx.meta[_SCALES] = values


def _with_scales(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of --set and those of --scale, a letter before either for one of several networks."""
    parts = [value.rpartition(":") for value in ctx.meta.get(_SCALES, ())]
    return (*values, *[f"{letter}{colon}scale={scale}" for letter, colon, scale in parts])


def _scale_words(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    from rfcalc.cli.file_words import scales_of_files

    return scales_of_files(ctx, typed)


def _settings_words(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    from rfcalc.cli.file_words import settings_of_files

    return settings_of_files(ctx, typed)


def settings_option(about: str) -> Decorator:
    """--set, and --scale, which is short for one of its names; about: what --set gives."""
    return all_of(
        [
            click.option(
                "--set",
                "settings",
                metavar="NAME=VALUE",
                multiple=True,
                callback=_with_scales,
                shell_complete=_settings_words,
                help=about,
            ),
            click.option(
                "--scale",
                metavar="SCALE",
                multiple=True,
                expose_value=False,
                is_eager=True,
                callback=_keep_scales,
                shell_complete=_scale_words,
                help="Short for --set scale=SCALE, the size of a model of Ultralytics: n, s, m, l, x.",
            ),
        ]
    )


SETTING = settings_option(
    "A parameter of the description, where a name as value is a symbol; what else can be said of a model: an "
    "argument of a callable, nc of a model of Ultralytics. Repeatable."
)
LAYERS = click.option(
    "--output",
    "layers",
    metavar="LAYER",
    type=_LayerName(),
    multiple=True,
    help="Only what LAYER needs, which is the output then: the name of a layer or a block. Repeatable.",
)
PYTHON = click.option(
    "--python",
    metavar="PATH",
    help="The Python that runs package.module:callable; by default the one that runs rfcalc.",
)


def network_options(
    argument: Decorator | None = None, *, size: Decorator = INPUT, analysed: bool = True
) -> Decorator:
    """The network and what it is analysed with: NETWORK -e --input --set --python --output and so on.

    argument: what a command takes instead of NETWORK.  size: what it takes instead of --input.  analysed:
    False leaves out the last three.
    """
    return all_of(
        [
            argument or click.argument("networks", metavar="[NETWORK]", nargs=-1, type=NETWORK),
            click.option(
                "-e",
                "--expression",
                metavar="LAYERS",
                help="Layers instead of NETWORK, separated by ; or as a YAML list.",
            ),
            size,
            SETTING,
            PYTHON,
            *((LAYERS, BATCH, MAX_LAYERS) if analysed else ()),
        ]
    )


def described(
    networks: Sequence[str],
    expression: str | None,
    max_layers: int = MOST_LAYERS,
    *,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    python: str | None = None,
    layers: Sequence[str] = (),
) -> Description:
    """The description the user named; raises UsageError unless there is exactly one.

    input, params, python: what a model is read with, which is no description yet.  layers: those that are
    asked for, with what they need; () for all.
    """
    found = _described(networks, expression, max_layers, input, params, python)
    if not layers:
        return found
    from rfcalc.description import leading_to

    return leading_to(found, layers)


def _described(
    networks: Sequence[str],
    expression: str | None,
    max_layers: int,
    input: str | Mapping[str, str] | None,
    params: Mapping[str, str] | None,
    python: str | None,
) -> Description:
    from rfcalc.library import is_callable, is_path, read_expression, shipped_names

    if expression is not None:
        if networks:
            raise UsageError(
                f"either NETWORK or -e, not both: {quoted(networks[0])} and {quoted(expression)}"
            )
        return read_expression(expression)._replace(max_layers=max_layers)
    if not networks:
        raise UsageError("which network? name one, a file, or - for standard input; `rfcalc list` lists them")
    word = networks[0]
    if not (is_path(word) or is_callable(word) or word == "-" or word in (names := shipped_names())):
        # While a shell completes there is no command to run, and none to suggest.
        context = click.get_current_context(silent=True)
        program = context.find_root().command if context else None
        commands = program.list_commands(context) if context and isinstance(program, click.Group) else []
        from rfcalc.cli.command_words import command_hint

        hint = command_hint(word, commands)
        if commands and (
            hint.startswith("did you mean the") or nearest(word, [*commands, *names]) != nearest(word, names)
        ):
            # It is no network, but a word for a command, or nearly one.
            raise UsageError(f"no command and no shipped network is called {quoted(word)}; {hint}")
    if len(networks) > 1:
        from rfcalc.cli.command_words import several_hint

        hint = several_hint(networks)
        raise UsageError(f"one network at a time, got {', '.join(map(quoted, networks))}{hint}")
    return load_word(word, max_layers, input, params, python)


def column_names(columns: str | None) -> tuple[str, ...]:
    """The names in the value of --columns; raises UsageError where one is missing."""
    names = () if columns is None else tuple(columns.split(","))
    if not all(map(str.strip, names)):
        raise UsageError(
            f"--columns {quoted(columns or '')}: a name is missing; rfcalc --columns help lists them"
        )
    return names


def split_words(option: str, values: Iterable[str]) -> tuple[str, ...]:
    """The words of an option that takes several, joined by commas; raises UsageError where one is missing."""
    words = [word.strip() for value in values for word in value.split(",")]
    if not all(words):
        raise UsageError(f"{option} {quoted(','.join(values))}: a word is missing")
    return tuple(dict.fromkeys(words))


# The forms of values, and those where networks have letters.
_FORMS = {
    "--input": ("SIZE or NAME=SIZE", "SIZE, A=SIZE, NAME=SIZE or A:NAME=SIZE"),
    "--image": ("SIZE or NAME=SIZE",) * 2,
    "--set": ("NAME=VALUE", "NAME=VALUE or A:NAME=VALUE"),
    "--rate": ("RATE or NAME=RATE", "RATE or NAME=RATE"),
}


def by_name(option: str, values: Iterable[str], *, lettered: bool = False) -> dict[str, str]:
    """The values of --input, --image or --rate, with "" for one of no name, or of --set.

    lettered: whether a letter may have stood before a value.  Raises UsageError for another form, and for a
    name that is repeated.
    """
    unnamed = option != "--set"
    found: dict[str, str] = {}
    for value in values:
        # A size or a rate holds no =, a value may.
        name, equals, text = map(str.strip, value.rpartition("=") if unnamed else value.partition("="))
        if not text or (not name and (equals or not unnamed)):
            raise UsageError(f"{option} {quoted(value)}: expected {_FORMS[option][lettered]}")
        if name in found:
            which = f" for {quoted(name)}" if name else "; with several inputs each is NAME=SIZE"
            raise UsageError(f"{option} is given twice{which}")
        found[name] = text
    return found


def input_sizes(values: Iterable[str], option: str = "--input") -> str | dict[str, str] | None:
    """The value of --input, as `analyze` takes it; raises UsageError for sizes that contradict each other.

    option: another that has sizes of inputs.
    """
    sizes = by_name(option, values)
    if "" in sizes and len(sizes) > 1:
        raise UsageError(f"with several inputs each {option} is NAME=SIZE")
    return sizes.get("") or sizes or None


def input_rates(values: Iterable[str]) -> dict[str, str] | None:
    """The value of --rate, as `analyze` takes it."""
    return by_name("--rate", values) or None
