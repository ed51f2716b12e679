"""The table in the form of 《解析卷积神经网络》, tables 3.1 and 3.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.ops.registry import find_operator
from rfcalc.report.cells import Amount, Cell, Marked, Sizes, Text, footnote_mark
from rfcalc.report.network_table.layers import title_of
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.words import Language, say

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis

# The book's name for the number of classes, and the parameter of a description it stands for.
CLASSES_PARAMETER = "classes"
CLASSES_SYMBOL = "C"

# How columns may become narrower on a terminal (see Heading).
_SHORTEN = {"layer": "name", "parameters": "wrap", "input": "parts"}
_COLUMNS = ("row", "layer", "operation", "parameters", "input", "output")


def book_table(analysis: NetworkAnalysis, language: Language = "zh") -> Table:
    """The network's layers as the book prints them: operation, parameters, input and output sizes.

    `language` is "zh" as in the book, or "en", which translates the words only.  Remarks that the
    description attaches to a cell become footnotes.  A network that is not one chain has a further
    column, the layer's name, by which its inputs are told apart.
    """
    graph = analysis.graph
    # Whether every layer reads the one before it and nothing else.
    chain = len(graph.inputs) == 1 and all(node.inputs == (index,) for index, node in enumerate(graph.layers))
    names = tuple(name for name in _COLUMNS if name != "layer" or not chain)
    marks: dict[tuple[str, str], int] = {}
    notes = []
    layers = {layer.node.name for layer in analysis.layers}
    for remark in graph.notes:
        text = remark.chinese if language == "zh" and remark.chinese else remark.text
        column = remark.column if remark.column in names else names[1]
        if remark.layer in layers:
            number = marks.setdefault((remark.layer, column), len(marks) + 1)
            notes.append(TableNote(f"{footnote_mark(number)} {text}"))
        else:
            notes.append(TableNote(text))
    rows = tuple(
        (Amount(number), *_cells(layer, language, marks, names[1:]))
        for number, layer in enumerate(analysis.layers, 1)
    )
    headings = tuple(
        Heading(name, say(f"book {name}", language), name == "row", _SHORTEN.get(name, "")) for name in names
    )
    return Table(title_of(analysis, language), headings, rows, (), tuple(notes), language)


def _cells(
    layer: LayerAnalysis, language: Language, marks: Mapping[tuple[str, str], int], names: Sequence[str]
) -> Iterator[Cell]:
    """The cells of a layer in the columns of these names, with the marks of its footnotes."""
    operator = find_operator(layer.op)
    cells: dict[str, Text | Sizes] = {
        "layer": Text(layer.name),
        "operation": Text(operator.chinese if language == "zh" else operator.label),
        "parameters": Text(operator.parameter_text(layer.node.arguments) or "-"),
        "input": Sizes(layer.inputs),
        "output": Sizes(() if layer.output is None else (layer.output,)),
    }
    for name in names:
        mark = marks.get((layer.name, name))
        yield cells[name] if mark is None else Marked(cells[name], mark)
