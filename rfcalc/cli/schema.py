"""`rfcalc schema`: the JSON Schemas of what commands print as json."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfcalc.cli.options import TextType
from rfcalc.cli.output import emit
from rfcalc.cli.texts import HELP_OPTIONS, examples
from rfcalc.errors import UsageError, nearest, quoted

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SUFFIX = ".schema.json"


class SchemaName(TextType):
    """The name of a schema; completes it."""

    name = "schema"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in schema_names() if name.startswith(incomplete)]


def schema_names() -> tuple[str, ...]:
    """The names of the schemas that come with the package, sorted."""
    from importlib.resources import files

    entries = (entry.name for entry in files("rfcalc.report").iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)))


@click.command(
    "schema",
    context_settings=HELP_OPTIONS,
    short_help="Print the JSON Schema of reports.",
    epilog=examples(
        ("rfcalc schema -o report.schema.json", "to validate reports with"),
        ("rfcalc schema explain", "that of `rfcalc explain --format json`"),
    ),
)
@click.argument("name", default="report", metavar="[NAME]", type=SchemaName())
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Write to FILE, whole or not at all.")
def schema(name: str, output: str | None) -> None:
    """Print the JSON Schema (2020-12) that a command's `--format json` keeps to.

    NAME is that of the command; without it, the schema is that of the report on a network.
    """
    from importlib.resources import files

    known = schema_names()
    if name not in known:
        hint = nearest(name, known) or f"there are {', '.join(known)}"
        raise UsageError(f"no schema is called {quoted(name)}; {hint}")
    emit(files("rfcalc.report").joinpath(f"{name}{_SUFFIX}").read_text("utf-8"), output)
