"""The textbook's tables, cell by cell, and the same form for every other network."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rfcalc import analyze, load, read_text
from rfcalc.report.cells import Marked, Style
from rfcalc.report.network_table.book import book_table
from rfcalc.report.table import Table

BOOK = Path(__file__).parents[1] / "data" / "book"

# The four cells in which a printed table contradicts itself (row, column): printed, and what it must be.
MISPRINTS = {
    "alexnet": {(22, "parameters"): ("f = 1; s = 1; d = 4096", "f = 1; s = 1; d = C")},
    "vgg16": {
        (31, "parameters"): ("f = 7; s = 1", "f = 2; s = 2"),
        (32, "input"): ("14x14x512", "7x7x512"),
        (38, "parameters"): ("f = 1; s = 1; d = 4096", "f = 1; s = 1; d = C"),
    },
}
FILES = {"alexnet": "table-3.1-alexnet.csv", "vgg16": "table-3.2-vgg16.csv"}


def table_of(network: str, language: str = "zh") -> Table:
    return book_table(analyze(load(network), params={"classes": "C"}), language)


def printed(network: str) -> list[dict[str, str]]:
    with (BOOK / FILES[network]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unmarked(table: Table) -> list[list[str]]:
    """The cells without their footnote marks."""
    return [
        [(cell.cell if isinstance(cell, Marked) else cell).text(Style()) for cell in row]
        for row in table.rows
    ]


@pytest.mark.parametrize("network", FILES)
def test_every_cell_is_the_books_except_for_its_misprints(network: str) -> None:
    table = table_of(network)
    columns = [heading.name for heading in table.headings]
    rows = printed(network)
    assert columns == list(rows[0])
    differing = {}
    for ours, theirs in zip(unmarked(table), rows, strict=True):
        for column, cell in zip(columns, ours, strict=True):
            if cell != theirs[column]:
                differing[int(ours[0]), column] = (theirs[column], cell)
    assert differing == MISPRINTS[network]


@pytest.mark.parametrize("network", FILES)
def test_every_misprint_and_nothing_else_bears_a_footnote(network: str) -> None:
    table = table_of(network)
    columns = [heading.name for heading in table.headings]
    marked = {
        (number, column)
        for number, row in enumerate(table.rows, 1)
        for column, cell in zip(columns, row, strict=True)
        if isinstance(cell, Marked)
    }
    assert marked == set(MISPRINTS[network])


@pytest.mark.parametrize("network", FILES)
def test_a_footnote_says_what_the_book_prints(network: str) -> None:
    notes = "\n".join(note.text for note in table_of(network, "en").notes)
    for word, _ in MISPRINTS[network].values():
        assert word.split("; ")[-1] in notes


def test_the_headings_are_the_books() -> None:
    titles = [heading.title for heading in table_of("alexnet").headings]
    assert titles == ["行", "操作类型", "参数信息", "输入数据维度", "输出数据维度"]


def test_english_changes_words_and_no_figure() -> None:
    chinese, english = table_of("vgg16"), table_of("vgg16", "en")
    assert [heading.title for heading in english.headings][1:3] == ["operation", "parameters"]
    assert unmarked(english)[0][1] == "convolution"
    figures = [[row[0], *row[2:]] for row in unmarked(english)]
    assert figures == [[row[0], *row[2:]] for row in unmarked(chinese)]
    assert all(note.text.isascii() for note in english.notes)


def test_classes_that_are_set_are_printed_as_set() -> None:
    table = book_table(analyze(load("vgg16"), params={"classes": "10"}))
    assert unmarked(table)[37][4] == "1x1x10"


def test_a_network_with_branches_gets_its_layers_names_and_lists_operands() -> None:
    table = table_of("resnet18", "en")
    assert [heading.name for heading in table.headings][:3] == ["row", "layer", "operation"]
    additions = [row for row in unmarked(table) if row[2] == "addition"]
    # Two operands in each of its eight blocks.
    assert len(additions) == 8
    assert additions[0][4] == "56x56x64 + 56x56x64"


def test_two_remarks_on_one_cell_share_its_mark() -> None:
    text = """
    name: Noted
    input: 4x4x1
    layers:
      - conv f=3 d=1 as first
    notes:
      - {layer: first, column: parameters, text: one}
      - {layer: first, column: parameters, text: two}
      - {text: of the whole network}
    """
    table = book_table(analyze(read_text(text)), "en")
    assert [note.text for note in table.notes] == ["[1] one", "[1] two", "of the whole network"]
