"""Writing tables, data and pages the way the output options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.cli.output import Output, emit, encoding_of, is_terminal, terminal_width, wants_colour
from rfcalc.render.formats import DEFAULT_FORMAT
from rfcalc.render.table import render_table
from rfcalc.report.cells import Style
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfcalc.report.table import Table

# The longest lines of prose: a wider terminal has no use for longer ones.
_WIDTH = 100


def write_tables(*tables: Table, output: Output, droppable: bool = True) -> None:
    """Write tables one below the other.

    Each is fitted to a terminal unless a format is named, else written in that format, or plain.
    """
    emit(tables_text(*tables, output=output, droppable=droppable), output.file)


def tables_text(*tables: Table, output: Output, droppable: bool = True) -> str:
    """What `write_tables` writes."""
    return "\n".join(_rendered(table, output, droppable) for table in tables)


def write_either(
    data: Callable[[], Mapping[str, object]], table: Callable[[Language], Table], output: Output
) -> None:
    """Write what two functions make: data where json is asked for, else the table in a language."""
    if output.format == "json":
        write_data(data(), output.file)
    else:
        write_tables(table(output.language or "en"), output=output)


def _rendered(table: Table, output: Output, droppable: bool) -> str:
    encoding = encoding_of(output.file)
    style = Style(units=output.units)
    if output.format is None and is_terminal(output.file):
        from rfcalc.render.terminal import render_terminal

        return render_terminal(
            table,
            style,
            terminal_width(),
            colour=wants_colour(output.no_color),
            droppable=droppable,
            encoding=encoding,
        )
    if output.format is None:
        return render_table(table, DEFAULT_FORMAT, style, encoding, _WIDTH)
    return render_table(table, output.format, style, encoding)


def write_data(data: Mapping[str, object], file: str | None) -> None:
    """Write structured data as json."""
    from rfcalc.render.data import render_json

    emit(render_json(data, encoding_of(file)), file)


def emit_page(text: str, file: str | None) -> None:
    """Write a page of a reference in lines of at most _WIDTH characters; examples stay as they are."""
    from textwrap import fill

    width = min(_WIDTH, terminal_width()) if is_terminal(file) else _WIDTH
    from rfcalc.render.characters import transliterate

    lines = []
    fenced = False
    for line in transliterate(text, encoding_of(file)).splitlines():
        fenced ^= line.startswith("```")
        indent = "  " if line.startswith("- ") else ""
        lines.append(line if fenced else fill(line, width, subsequent_indent=indent))
    emit("".join(f"{line}\n" for line in lines), file)
