"""Tables 3.1 and 3.2 of the textbook: equal cell by cell, and reported where they contradict themselves."""

from __future__ import annotations

import csv
from typing import NamedTuple

import pytest
from measured import DATA

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, load, read_text
from rfcalc.ops.registry import find_operator

TABLES = {"alexnet": "table-3.1-alexnet", "vgg16": "table-3.2-vgg16"}


class Misprint(NamedTuple):
    """A cell that contradicts the rest of its table: what is printed and what would be consistent."""

    row: int
    column: str
    printed: str
    consistent: str


MISPRINTS = {
    "alexnet": [Misprint(22, "parameters", "f = 1; s = 1; d = 4096", "f = 1; s = 1; d = C")],
    "vgg16": [
        Misprint(31, "parameters", "f = 7; s = 1", "f = 2; s = 2"),
        Misprint(32, "input", "14x14x512", "7x7x512"),
        Misprint(38, "parameters", "f = 1; s = 1; d = 4096", "f = 1; s = 1; d = C"),
    ],
}
# A printed row as a line of tests/data/book/*.yaml: the number of lines before the first row.
LINES_BEFORE = 6


def printed(name: str) -> list[dict[str, str]]:
    """The table as printed."""
    with (DATA / "book" / f"{TABLES[name]}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(network: NetworkAnalysis) -> list[dict[str, str]]:
    """The table that follows from a description."""
    return [
        {
            "row": str(number),
            "operation": find_operator(layer.op).chinese,
            "parameters": find_operator(layer.op).parameter_text(layer.node.arguments) or "-",
            "input": str(layer.inputs[0]),
            "output": "-" if layer.output is None else str(layer.output),
        }
        for number, layer in enumerate(network.layers, 1)
    ]


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_is_the_printed_one_but_for_the_misprints(name: str) -> None:
    ours = cells(analyze(load(name), params={"classes": "C"}))
    differing = [
        Misprint(int(row["row"]), column, row[column], our[column])
        for row, our in zip(printed(name), ours, strict=True)
        for column in row
        if row[column] != our[column]
    ]
    assert differing == MISPRINTS[name]


@pytest.mark.parametrize("name", TABLES)
def test_the_shipped_descriptions_carry_a_note_at_each_misprint_and_nowhere_else(name: str) -> None:
    graph = analyze(load(name)).graph
    layers = [layer.name for layer in graph.layers]
    noted = [(layers.index(note.layer) + 1, note.column) for note in graph.notes]
    assert noted == [(misprint.row, misprint.column) for misprint in MISPRINTS[name]]
    for note, misprint in zip(graph.notes, MISPRINTS[name], strict=True):
        told = misprint.printed.rpartition("; ")[2] if misprint.consistent.endswith("C") else misprint.printed
        for text in (note.text, note.chinese):
            assert told in text
            assert str(misprint.row) in text


@pytest.mark.parametrize("name", TABLES)
def test_the_table_as_printed_is_reported_at_exactly_its_misprints(name: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        analyze(load(str(DATA / "book" / f"{TABLES[name]}.yaml")))
    positions = [diagnostic.position for diagnostic in raised.value.diagnostics]
    lines = [position.line for position in positions if position is not None]
    assert lines == [LINES_BEFORE + misprint.row for misprint in MISPRINTS[name]]


def test_the_misprint_of_table_3_1_is_shown_at_the_size_it_promises() -> None:
    assert findings("alexnet") == [("1x1xC", "the line promises 1x1xC, but its output is 1x1x4096")]


def test_the_misprints_of_table_3_2_are_shown_at_the_sizes_they_contradict() -> None:
    assert findings("vgg16") == [
        ("7x7x512", "the line promises 7x7x512, but its output is 8x8x512"),
        ("14x14x512", "the line states in=14x14x512, but its input is 7x7x512"),
        ("1x1xC", "the line promises 1x1xC, but its output is 1x1x4096"),
    ]


def test_the_table_as_printed_is_fine_once_its_misprints_are_mended() -> None:
    for name, table in TABLES.items():
        text = (DATA / "book" / f"{table}.yaml").read_text(encoding="utf-8")
        lines = text.splitlines()
        for misprint in MISPRINTS[name]:
            number = LINES_BEFORE + misprint.row - 1
            was, becomes = (written(cell) for cell in (misprint.printed, misprint.consistent))
            assert was in lines[number]
            lines[number] = lines[number].replace(was, becomes, 1)
        mended = analyze(read_text("\n".join(lines)))
        assert not mended.warnings


def written(cell: str) -> str:
    """A parameter cell as a line writes it; a size stays as it is."""
    return cell.replace(" = ", "=").replace("; ", " ")


def findings(name: str) -> list[tuple[str, str]]:
    """The text under the caret and the message of every finding."""
    with pytest.raises(DescriptionError) as raised:
        analyze(load(str(DATA / "book" / f"{TABLES[name]}.yaml")))
    found = []
    for diagnostic in raised.value.diagnostics:
        position = diagnostic.position
        assert position is not None
        line = position.source.line(position.line)
        found.append((line[position.column - 1 : position.end - 1], diagnostic.message))
    return found
