"""Tables on a terminal: they fit where they can, and no number is ever cut."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rfcalc import analyze, load
from rfcalc.render.fit import fit, shortened
from rfcalc.render.table import render_table
from rfcalc.render.terminal import render_terminal
from rfcalc.report.cells import Amount, Style, Text
from rfcalc.report.network_table.book import book_table
from rfcalc.report.network_table.columns import COLUMNS
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.reference.catalog import catalog_table
from rfcalc.report.reference.definitions import columns_table, operators_table
from rfcalc.report.reference.rules import rules_table
from rfcalc.report.table import Heading, Table, TableNote, View
from rfcalc.report.words import LANGUAGES, Language

VGG16 = build_table(analyze(load("vgg16")), View())
RESNET50 = build_table(analyze(load("resnet50")), View())
WIDE = build_table(analyze(load("resnet18")), View(tuple(column.name for column in COLUMNS)))


def plain(table: Table, width: int, *, droppable: bool = True) -> str:
    return render_terminal(table, Style(), width, colour=False, droppable=droppable)


def table_lines(text: str) -> list[str]:
    """The lines of the table itself: from its heading to its last total."""
    return text.split("\n\n")[1].splitlines()


def test_a_table_that_fits_is_the_piped_text_but_for_its_lines() -> None:
    piped = render_table(VGG16, "simple", Style()).split("\n\n")
    shown = plain(VGG16, 200).split("\n\n")
    assert shown[0] == piped[0]
    assert shown[2] == piped[2]
    words = [line.split() for line in shown[1].splitlines() if "─" not in line][2:]
    assert words == [line.split() for line in piped[1].splitlines() if "---" not in line][2:]


@pytest.mark.parametrize("table", [VGG16, RESNET50], ids=["vgg16", "resnet50"])
@pytest.mark.parametrize("width", [60, 72, 80, 100, 120, 140])
def test_default_columns_fit_every_usual_width(table: Table, width: int) -> None:
    for line in table_lines(plain(table, width)):
        assert cell_len(line) <= width


def test_vgg16_needs_no_more_than_a_hundred_columns() -> None:
    text = plain(VGG16, 100)
    assert "left out" not in text
    assert "shortened" not in text


def test_what_a_narrow_terminal_leaves_out_is_told() -> None:
    text = plain(VGG16, 60)
    assert re.search(r"left out for lack of width: .*stride", text.replace("\n", " "))
    assert "stride –" not in text


def test_names_give_way_before_columns_do() -> None:
    text = plain(RESNET50, 100)
    assert "left out" not in text
    assert "shortened for lack of width: layer" in text


def numbers(table: Table) -> set[str]:
    """Every figure of a table's columns of numbers, as text."""
    return {
        cell.text(Style())
        for row in (*table.rows, *table.totals)
        for heading, cell in zip(table.headings, row, strict=True)
        if heading.right and not heading.drop
    } - {""}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.sampled_from([VGG16, RESNET50, WIDE]), st.booleans())
def test_no_width_cuts_a_number(width: int, table: Table, droppable: bool) -> None:
    text = plain(table, width, droppable=droppable)
    words = set(text.split())
    for number in numbers(table):
        # A list of operands is several words.
        assert set(number.split()) <= words, number


CELL = st.text("abcdefg.0123456789", min_size=1, max_size=30)
NUMBER = st.integers(0, 10**24).map(Amount)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 200),
    st.lists(st.tuples(CELL.map(Text), CELL.map(Text), NUMBER, NUMBER), min_size=1, max_size=6),
)
def test_any_table_keeps_its_numbers_whole_and_its_columns_apart(
    width: int, rows: list[tuple[Text, Text, Amount, Amount]]
) -> None:
    headings = (
        Heading("name", "layer", shorten="name"),
        Heading("about", "about", shorten="name"),
        Heading("macs", "multiply adds", right=True),
        Heading("params", "params", right=True, drop=1),
    )
    lines = table_lines(plain(Table("title", headings, tuple(rows)), width))
    body = lines[next(index for index, line in enumerate(lines) if "─" in line) + 1 :]
    assert len(body) == len(rows)
    for line, row in zip(body, rows, strict=True):
        assert row[2].text(Style()) in line.split()


def test_columns_the_user_chose_are_never_dropped() -> None:
    text = plain(VGG16, 40, droppable=False)
    assert "left out" not in text
    assert "224x224x64" in text


def test_a_name_keeps_its_end_which_tells_layers_apart() -> None:
    assert shortened("layer3.5.bottleneck1.conv2", 16, "name") == "layer…eck1.conv2"
    assert shortened("short", 16, "name") == "short"


def test_items_go_as_wholes_and_the_first_word_stays() -> None:
    text = "conv f=3 p=1 s=1 d=512"
    assert shortened(text, 15, "items") == "conv f=3 p=1 …"
    assert shortened(text, 2, "items") == "conv …"


def test_wide_characters_count_as_two_cells() -> None:
    assert shortened("卷积神经网络", 7, "name") == "卷…网络"
    assert shortened("卷积神经网络", 7, "wrap") == "卷积神\n经网络"


def test_what_says_nothing_of_shortening_stays_whole() -> None:
    assert shortened("138,357,544", 3, "") == "138,357,544"


def test_widths_are_taken_from_names_first_and_no_more_than_needed() -> None:
    headings = (Heading("name", "n", shorten="name"), Heading("args", "a", shorten="items"))
    rows = [["x" * 40, "conv f=3 p=1 s=1"]]
    assert fit(headings, rows, 200).widths == (40, 16)
    fitted = fit(headings, rows, 50)
    assert fitted.widths == (32, 16)
    assert fitted.shortened == ("n",)
    # Names go down to 16; what is then missing comes from the items.
    assert fit(headings, rows, 30).widths[0] == 16
    assert fit(headings, rows, 30).shortened == ("n", "a")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", [columns_table, operators_table, rules_table])
def test_a_reference_is_read_in_full_on_a_terminal_of_80_columns(
    table: Callable[[Language], Table], language: Language
) -> None:
    made = table(language)
    lines = plain(made, 80).splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    told = re.sub(r"\s", "", plain(made, 80))
    assert "shortened" not in told
    # The last word of each meaning is there: nothing has been cut.
    for row in made.rows:
        assert row[-1].text(Style()).split()[-1][-6:] in told


def test_the_list_of_networks_fits_80_columns_without_its_sources() -> None:
    table = catalog_table({name: analyze(load(name)) for name in ("vgg16", "unet")})
    text = plain(table, 80)
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    assert "left out for lack of width: source" in text
    assert "Simonyan" in plain(table, 200)


def test_chinese_tables_align() -> None:
    lines = table_lines(plain(book_table(analyze(load("alexnet"))), 120))
    starts = {cell_len(line[: line.rindex("  ")].rstrip()) for line in lines[2:3]}
    assert len(starts) == 1
    column = [line for line in lines if "x" in line and "─" not in line]
    ends = {cell_len(re.split(r"\s{2,}", line)[0] + "  ") for line in column}
    assert max(ends) <= 6


def test_colour_appears_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in render_terminal(VGG16, Style(), 100, colour=True)
    assert "\x1b" not in render_terminal(VGG16, Style(), 100, colour=False)


def test_colour_changes_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = render_terminal(VGG16, Style(), 100, colour=True)
    stripped = "".join(f"{line.rstrip()}\n" for line in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines())
    assert stripped == plain(VGG16, 100)


def test_text_that_looks_like_markup_is_printed_as_it_is() -> None:
    table = Table("[red]title[/red]", (Heading("name", "[b]n[/b]"),), ((Text("[i]x[/i] :smile:"),),), (), ())
    text = plain(table, 80)
    assert "[red]title[/red]" in text
    assert "[i]x[/i] :smile:" in text


def test_an_ascii_terminal_gets_ascii() -> None:
    text = render_terminal(VGG16, Style(), 60, colour=False, encoding="ascii")
    assert text.isascii()
    assert "conv ..." in text


def test_long_notes_wrap_at_the_terminals_width() -> None:
    table = Table("t", (Heading("name", "n"),), ((Text("a"),),), (), (TableNote("word " * 40),))
    assert all(len(line) <= 30 for line in plain(table, 30).splitlines())
