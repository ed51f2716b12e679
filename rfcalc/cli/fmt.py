"""`rfcalc fmt`: descriptions in their canonical form."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from rfcalc.cli.exit_codes import FOUND, MISTAKE
from rfcalc.cli.output import emit, say, say_all, write_file
from rfcalc.cli.paths import Search, unique
from rfcalc.cli.standard_input import load_word
from rfcalc.cli.texts import command
from rfcalc.errors import DescriptionError, RfcalcError, UsageError, counted, printable, quoted
from rfcalc.files import STANDARD_INPUT


@command(
    "fmt",
    "Write descriptions in their canonical form.",
    ("rfcalc fmt net.yaml", "format a file"),
    ("rfcalc fmt nets/ --check", "exit with 1 when a file in a folder is not formatted"),
    ("rfcalc fmt nets/ --diff", "show what would change"),
    ("rfcalc fmt - < net.yaml", "print the canonical form"),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when something would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
def fmt(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Write descriptions in their canonical form: one spelling of every layer line and value.

    PATHS are files, folders (every .yaml and .yml file below them that has a top-level key `layers`),
    or - for standard input, whose canonical form is printed.  The architecture, comments and layout
    never change.  Files are written whole or not at all; one that holds mistakes is reported, and the
    others are formatted.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # It carries any description as it is, whatever a terminal would be sent.
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    changed: list[str] = []
    failed = 0
    search = Search()
    files = list(unique(file for path in paths for file in search.files(path)))
    for problem in search.problems:
        say(f"rfcalc: error: {problem}")
    for path in files:
        try:
            before, after = _formatted(path)
            if diff:
                emit(_difference(path, before, after))
            elif path == STANDARD_INPUT and not check:
                emit(after)
            elif before != after and not check:
                write_file(path, after)
            if before != after:
                changed.append(path)
        except DescriptionError as error:
            failed += 1
            say_all(error)
        except RfcalcError as error:
            failed += 1
            say(f"rfcalc: error: {error}")
    written = not (check or diff)
    for path in changed:
        if check and not diff:
            say(f"would reformat {printable(path)}")
    if not written or files != [STANDARD_INPUT]:
        say(_summary(len(files), len(changed), failed, written))
    if failed or search.problems:
        return MISTAKE
    return FOUND if check and changed else 0


def _formatted(path: str) -> tuple[str, str]:
    """The text of a file, or of standard input, and its canonical form.

    Raises DescriptionError, with every mistake that is found without building the network, and UsageError.
    """
    from rfcalc.graph.build import require_known_names
    from rfcalc.library import model_of, read_data, read_file
    from rfcalc.spec.formatter import format_text

    # Whatever name a file has, it is a path here.
    if path != STANDARD_INPUT and (model := model_of(path, file=True)):
        raise UsageError(
            f"{quoted(path)} is {model.kind}, no description: `rfcalc convert {path} -o net.yaml` writes one"
        )
    description = load_word(path) if path == STANDARD_INPUT else read_data(read_file(path), path)
    require_known_names(description.network)
    return description.source.text, format_text(description.network)


def _difference(path: str, before: str, after: str) -> str:
    """What would change, as a unified diff; "" when nothing would."""
    from difflib import unified_diff

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    name = printable(path)
    parts = unified_diff(old, new, name, f"{name} (formatted)", n=1)
    return "".join(
        part if part.endswith(("\n", "\r")) else f"{part}\n\\ No newline at end of file\n" for part in parts
    )


def _summary(files: int, changed: int, failed: int, written: bool) -> str:
    """One line about all files: `1 file reformatted, 51 files left unchanged`."""
    parts = []
    if changed:
        parts.append(f"{counted(changed, 'file')} {'reformatted' if written else 'would be reformatted'}")
    unchanged = files - changed - failed
    if unchanged:
        parts.append(f"{counted(unchanged, 'file')} {'left unchanged' if written else 'already formatted'}")
    if failed:
        parts.append(f"{counted(failed, 'file')} could not be formatted")
    return ", ".join(parts)
