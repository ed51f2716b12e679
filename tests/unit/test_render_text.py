"""Every text format: what it holds, how it aligns, and what programs read from it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
import tabulate

from rfcalc import analyze, load, read_expression
from rfcalc.render.characters import transliterate, widened
from rfcalc.render.formats import (
    CONTENTS,
    FORMATS,
    MACHINE_FORMATS,
    TABULATE_FORMATS,
    WRITTEN_SUFFIXES,
)
from rfcalc.render.table import render_table
from rfcalc.report.cells import Amount, Style, Text
from rfcalc.report.network_table.book import book_table
from rfcalc.report.network_table.columns import COLUMNS
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.table import Heading, Table, TableNote, View

TEXT_FORMATS = [name for name in FORMATS if name != "json"]
EVERY_COLUMN = tuple(column.name for column in COLUMNS)

TABLE = Table(
    "Net: input 1x1",
    (Heading("name", "layer"), Heading("macs", "big number", right=True)),
    ((Text("a"), Amount(1234567)), (Text("b|c"), Amount(None))),
    ((Text("total"), Amount(1234567, complete=False)),),
    (TableNote("≥ and ² and α"), TableNote("* starred")),
)


def cells(text: str) -> int:
    """Terminal cells, by the standard library's table of widths."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def test_all_of_tabulates_formats_are_there_by_their_names() -> None:
    assert set(TABULATE_FORMATS) == set(tabulate.tabulate_formats)


def test_what_a_format_writes_has_a_suffix() -> None:
    assert set(CONTENTS) == set(FORMATS)
    assert set(CONTENTS.values()) <= set(WRITTEN_SUFFIXES.values())


@pytest.mark.parametrize("format_name", TEXT_FORMATS)
@pytest.mark.parametrize("network", ["resnet18", "unet", "conv7x7"])
@pytest.mark.slow
def test_every_format_writes_every_column(format_name: str, network: str) -> None:
    table = build_table(analyze(load(network)), View(EVERY_COLUMN))
    for style in (Style(), Style("si", True)):
        text = render_table(table, format_name, style)
        assert text.rstrip("\n") + "\n" == text
        assert len(text.splitlines()) > len(table.rows)


@pytest.mark.parametrize("format_name", TEXT_FORMATS)
def test_no_format_shortens_a_number(format_name: str) -> None:
    text = render_table(TABLE, format_name, Style())
    assert ("1234567" if format_name in MACHINE_FORMATS else "1,234,567") in text
    assert "…" not in text


@pytest.mark.parametrize("format_name", [name for name in TEXT_FORMATS if name not in MACHINE_FORMATS])
def test_title_totals_and_notes_stand_in_every_format_for_people(format_name: str) -> None:
    text = render_table(TABLE, format_name, Style())
    assert "Net: input 1x1" in text
    assert "total" in text
    assert "starred" in text


@pytest.mark.parametrize("format_name", TEXT_FORMATS)
def test_a_table_without_rows_is_no_accident(format_name: str) -> None:
    assert render_table(TABLE._replace(rows=(), totals=()), format_name, Style())


def test_the_default_text_rules_off_headings_and_totals() -> None:
    lines = render_table(TABLE, "simple", Style()).splitlines()
    assert lines == [
        "Net: input 1x1",
        "",
        "layer          big",
        "            number",
        "-----  -----------",
        "a        1,234,567",
        "b|c              ?",
        "-----  -----------",
        "total  ≥ 1,234,567",
        "",
        "≥ and ² and α",
        "* starred",
    ]


def test_csv_holds_names_rows_and_plain_digits_alone() -> None:
    text = render_table(TABLE, "csv", Style())
    assert list(csv.reader(io.StringIO(text))) == [["name", "macs"], ["a", "1234567"], ["b|c", "?"]]


def test_csv_quotes_what_would_break_a_row() -> None:
    table = TABLE._replace(rows=((Text('a,"b"'), Amount(1)),))
    assert list(csv.reader(io.StringIO(render_table(table, "csv", Style()))))[1] == ['a,"b"', "1"]


def test_tsv_pads_nothing() -> None:
    assert render_table(TABLE, "tsv", Style()) == "name\tmacs\na\t1234567\nb|c\t?\n"


def test_markdown_escapes_bars_and_lists_notes() -> None:
    text = render_table(TABLE, "markdown", Style())
    assert r"b\|c" in text
    assert "- \\* starred" in text
    # A ruled line between rows would end the table.
    assert len(re.findall(r"^\|[-:|]+\|$", text, re.MULTILINE)) == 1


def test_html_escapes_running_text_too() -> None:
    table = TABLE._replace(title="a < b", notes=(TableNote("<script>"),))
    text = render_table(table, "html", Style())
    assert "<p>a &lt; b</p>" in text
    assert "<script>" not in text


def test_latex_holds_no_character_its_default_fonts_lack() -> None:
    analysis = analyze(read_expression("conv f=7 p=3 d=C bias=no; lrn"), input="HxWxC")
    table = build_table(analysis, View(("name", "args", "params", "macs", "output")))
    for format_name in ("latex", "latex_booktabs", "latex_longtable"):
        body = "\n".join(
            line
            for line in render_table(table, format_name, Style()).splitlines()
            if not line.startswith("%")
        )
        assert body.isascii()
        assert "$49 C^{2}$" in body
        assert "$H$x$W$x$C$" in body


def test_chinese_columns_align_by_terminal_cells() -> None:
    text = render_table(book_table(analyze(load("alexnet"))), "grid", Style())
    body = [line for line in text.splitlines() if line.startswith(("|", "+"))]
    assert len({cells(line) for line in body}) == 1
    assert "\ue000" not in text


def test_an_output_that_holds_ascii_alone_gets_ascii_alone() -> None:
    table = build_table(
        analyze(load("conv3x3-stack")), View(("name", "args", "params", "macs", "receptive_field", "stride"))
    )
    text = render_table(table, "simple", Style(), "ascii")
    assert text.isascii()
    assert "27C^2" in text


def test_transliteration_keeps_what_the_encoding_holds() -> None:
    assert transliterate("α = 1 · é", "utf-8") == "α = 1 · é"
    assert transliterate("α = 1 · é", "ascii") == "alpha = 1 * e"
    assert transliterate("α = 1 · é", "latin-1") == "alpha = 1 · é"
    assert transliterate("卷积 conv", "ascii") == "?? conv"
    assert transliterate("卷积", "gb2312") == "卷积"


def test_an_exponent_is_written_anew_as_a_whole_and_a_sign_before_factors_as_a_word_with_brackets() -> None:
    assert transliterate("49C²HW + C¹⁰", "ascii") == "49C^2HW + C^10"
    # Latin-1 has the superscripts one, two and three alone.
    assert transliterate("C² + C¹⁰ + 12²⁵", "latin-1") == "C² + C^10 + 12^25"
    assert transliterate("Πo · Σ(c + 1) − Σ α", "ascii") == "prod(o) * sum(c + 1) - sum alpha"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "gbk"])
def test_columns_align_in_every_encoding(encoding: str) -> None:
    view = View(("name", "inputs", "params", "macs", "receptive_field", "stride"))
    for network in ("conv7x7", "unet", "deeplabv3-resnet50"):
        table = build_table(analyze(load(network)), view)
        lines = render_table(table, "grid", Style(), encoding).split("\n\n")[1].splitlines()
        assert len({len(line) for line in lines}) == 1
        assert "?" not in "".join(lines)
        "".join(lines).encode(encoding)


def test_widening_makes_length_the_number_of_cells() -> None:
    assert widened("conv", "#") == "conv"
    assert widened("卷a", "#") == "卷#a"
