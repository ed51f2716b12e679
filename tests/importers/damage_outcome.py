"""What becomes of a damaged file: it is read and carried to the end, or refused; all else is wrong."""

from __future__ import annotations

import ast
import json
import re
import warnings
from pathlib import Path

from damaged_formats import DamagedFile

from rfcalc import analyze, load
from rfcalc.analysed import AnalysedNetwork
from rfcalc.conversion import converted
from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError, RfcalcError
from rfcalc.export import exported
from rfcalc.library import read_text

# A message tells of fifty mistakes at most, each with two lines of the file.
LONGEST_MESSAGE = 100_000
_LARGEST_LENGTH = 2**63
_NAMES = re.compile(r"'(?:[^'\\]|\\.)*'|\d[\d,x.]*")
_IMPORTED = {"__future__", "math", "torch"}
_NO_CALLS = frozenset("eval exec compile open __import__ globals vars input breakpoint".split())


def outcome(file: DamagedFile, folder: Path, *, whole: bool = True) -> str:
    """`read`, or the reason of a refusal without names and numbers; raises AssertionError for nonsense.

    whole: whether what is read is also checked, shown, converted and exported, which takes most of the time.
    The files are written into the folder, and stay there until the next.
    """
    for path in folder.iterdir():
        path.unlink()
    for name, data in file.files.items():
        (folder / name).write_bytes(data)
    target = str(folder / next(iter(file.files))) + (f":{file.part}" if file.part else "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            description = load(target, input=dict(file.inputs) or None, params=file.settings)
        except RfcalcError as error:
            return f"refused: {reason(error)}"
        if description.imported is None:
            return "a description"
        try:
            network = analyze(description)
        except RfcalcError as error:
            return f"not built: {reason(error)}"
        _judge(network)
        if not whole:
            return "read"
        json.dumps(network.to_dict(), allow_nan=False)
        assert all(line.isprintable() for line in str(network).split("\n"))
        network.check()
        _judge_text(converted(description).text, network)
        try:
            source = exported(description)
        except DescriptionError as error:
            reason(error)
            return "read to the end, and not exported"
        _judge_program(source)
        return "read to the end"


def reason(error: RfcalcError) -> str:
    """Why something is refused, without names and numbers; the message is one that can be shown."""
    text = str(error)
    assert text
    assert len(text) <= LONGEST_MESSAGE, f"a message of {len(text):,} characters"
    assert all(line.isprintable() for line in text.split("\n")), ascii(text)
    first = error.diagnostics[0].message if isinstance(error, DescriptionError) else text.rpartition(": ")[2]
    return _NAMES.sub("#", first)[:70]


def _judge(network: AnalysedNetwork) -> None:
    """No figure is nonsense."""
    for layer in network.layers:
        for length in layer.output.sizes() if layer.output else ():
            assert isinstance(length, int)
            assert 1 <= length < _LARGEST_LENGTH, f"{layer.name} is {layer.output}"
        for figure in (layer.params, layer.macs):
            assert figure is None or (isinstance(figure, int) and figure >= 0), f"{layer.name}: {figure}"
    for name, total in network.totals.sums.items():
        assert isinstance(total, int) and total >= 0, f"{name}: {total}"


def _judge_text(text: str, network: AnalysedNetwork) -> None:
    """The description reads back, to the same layers in some order."""
    again = build_graph(read_text(text))
    assert len(again.nodes) == len(network.graph.nodes)
    read, written = [sum(node.own_params or 0 for node in graph.nodes) for graph in (network.graph, again)]
    assert read == written, f"{read:,} parameters, and {written:,} in the description"


def _judge_program(source: str) -> None:
    """The program has classes and nothing else, and calls nothing that runs a text."""
    tree = ast.parse(source)
    for statement in tree.body[1:]:
        if isinstance(statement, ast.Import):
            assert {one.name for one in statement.names} <= _IMPORTED
        elif isinstance(statement, ast.ImportFrom):
            assert statement.module in _IMPORTED
        else:
            assert isinstance(statement, ast.ClassDef | ast.FunctionDef), ast.unparse(statement)[:200]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in _NO_CALLS, node.func.id
        assert not (isinstance(node, ast.Attribute) and node.attr in ("system", "load", "hub")), ast.unparse(
            node
        )
