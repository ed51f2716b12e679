"""`rfcalc schema`: the JSON Schemas of what commands print as json."""

from __future__ import annotations

import click

from rfcalc.cli.options import OUTPUT, OfferedWords
from rfcalc.cli.output import emit
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError, nearest, quoted

_SUFFIX = ".schema.json"


def schema_names() -> tuple[str, ...]:
    """The names of the schemas that come with the package, sorted."""
    from importlib.resources import files

    entries = (entry.name for entry in files("rfcalc.report").iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)))


@command(
    "schema",
    "Print the JSON Schema of reports.",
    ("rfcalc schema -o report.schema.json", "to validate reports with"),
    ("rfcalc schema explain", "that of `rfcalc explain --format json`"),
)
@click.argument(
    "name",
    default="report",
    metavar="[NAME]",
    type=OfferedWords("schema", lambda typed: dict.fromkeys(schema_names(), "")),
)
@OUTPUT
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
