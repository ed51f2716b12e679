"""`rfcalc init`: a commented description to start from."""

from __future__ import annotations

import os

import click

from rfcalc.cli.output import emit, say
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError, printable, quoted
from rfcalc.spec.document_text import YAML_SUFFIXES

DEFAULT_FILE = "network.yaml"


def template(file: str = "FILE") -> str:
    """The text of a description to start from, which names the file that it is in."""
    from importlib.resources import files

    return files("rfcalc.cli").joinpath("template.yaml").read_text("utf-8").replace("FILE", file)


@command(
    "init",
    "Write a description to start from.",
    ("rfcalc init", f"write {DEFAULT_FILE}"),
    ("rfcalc init nets/mine.yaml", "write another file"),
    ("rfcalc init - | rfcalc -", "print it, and read it at once"),
)
@click.argument("file", default=DEFAULT_FILE, type=click.Path(allow_dash=True))
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def init(file: str, force: bool) -> None:
    """Write a commented description to start from to FILE (network.yaml), or to standard output for -."""
    if file == "-":
        emit(template())
        return
    if not force and os.path.lexists(file):
        raise UsageError(f"{quoted(file)} exists; --force overwrites it")
    named = file if os.sep in file or file.endswith(YAML_SUFFIXES) else os.path.join(".", file)
    emit(template(printable(named)), file)
    say(f"wrote {file}; now: rfcalc {named}")
