"""The canonical text of a syntax tree: read again, it gives the same tree, positions apart.

Comments are lost.  What is short stands in brackets and braces on one line, the rest is indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rfcalc.ops.registry import spellings
from rfcalc.spec.document_text import first_refused
from rfcalc.spec.expression_printer import expression_text
from rfcalc.spec.expressions import Name
from rfcalc.spec.syntax import (
    Binding,
    Block,
    Body,
    Formula,
    Item,
    Join,
    Let,
    Line,
    Loop,
    Network,
    Parameter,
    Reference,
    Remark,
    When,
)

LONGEST_LINE = 100


class _List(NamedTuple):
    """A list to be written; open: on lines of its own, however short it is."""

    items: tuple[_Tree, ...]
    open: bool = False


class _Mapping(NamedTuple):
    """A mapping to be written; open: on lines of its own, however short it is."""

    entries: tuple[tuple[str, _Tree], ...]
    open: bool = False


_Tree = str | _List | _Mapping


def print_network(network: Network) -> str:
    """The description that is a syntax tree, ending with a line end.

    White space in texts is written as single spaces, and a character that no description may hold as U+FFFD.
    """
    return "\n".join(_block(_Mapping(tuple(_top_level(network)), open=True), 0)) + "\n"


# From the syntax tree to what is to be written


def _top_level(network: Network) -> Iterator[tuple[str, _Tree]]:
    for key, text in (("name", network.name), ("source", network.citation)):
        if text:
            yield key, _words(text)
    if network.symbols:
        stand_for_themselves = all(_is_name(symbol.value, symbol.name) for symbol in network.symbols)
        names = _List(tuple(symbol.name for symbol in network.symbols))
        yield "symbols", names if stand_for_themselves else _bindings(network.symbols)
    if network.inputs and network.inputs[0].name:
        yield "input", _bindings(network.inputs, per_axis=True)
    elif network.inputs:
        yield "input", _formula(network.inputs[0].value, per_axis=True)
    if network.object_size is not None:
        yield "object_size", _formula(network.object_size, per_axis=True)
    if network.parameters:
        yield "params", _bindings(network.parameters)
    if network.blocks:
        blocks = tuple((_signature(block), _body(block.body)) for block in network.blocks)
        yield "blocks", _Mapping(blocks, open=True)
    yield "layers", _body(network.layers)._replace(open=True)
    if network.outputs:
        yield "outputs", _List(tuple(reference.text for reference in network.outputs))
    if network.checks:
        yield "check", _List(tuple(check.text for check in network.checks), open=True)
    if network.notes:
        yield "notes", _List(tuple(map(_note, network.notes)), open=True)


def _bindings(bindings: Iterable[Binding], *, per_axis: bool = False) -> _Mapping:
    return _Mapping(tuple((binding.name, _formula(binding.value, per_axis=per_axis)) for binding in bindings))


def _note(remark: Remark) -> _Mapping:
    entries = (
        ("layer", remark.layer),
        ("column", remark.column),
        ("text", _words(remark.text)),
        ("zh", _words(remark.chinese)),
    )
    return _Mapping(tuple((key, text) for key, text in entries if text), open=True)


def _signature(block: Block) -> str:
    parameters = ", ".join(map(_parameter, block.parameters))
    return f"{block.name}({parameters})" if block.parameters else block.name


def _parameter(parameter: Parameter) -> str:
    default = parameter.default
    return parameter.name if default is None else f"{parameter.name}={_formula(default)}"


def _body(body: Body) -> _List:
    return _List(tuple(map(_item, body)))


def _item(item: Item) -> _Tree:
    if isinstance(item, Line):
        return _line(item)
    if isinstance(item, Join):
        return _join(item)
    if isinstance(item, Loop):
        return _loop(item)
    if isinstance(item, When):
        return _when(item)
    assert isinstance(item, Let)
    bindings = tuple((name, _formula(value)) for name, value, _ in item.bindings)
    return _Mapping((("let", _Mapping(bindings)),))


def _line(line: Line) -> str:
    """A layer on its line: the operator, arguments, sources, sizes, and last the name."""
    lists = spellings(line.op, "per_axis")
    words = [line.op]
    for argument in line.arguments:
        value = argument.value
        if isinstance(value, Reference):
            words.append(f"{argument.name}={value.text}")
        else:
            text = expression_text(value.tree, per_axis=argument.name in lists, in_line=True)
            words.append(f"{argument.name}={text}")
    if line.sources:
        words.append(f"from={_references(line.sources)}")
    if line.weights is not None:
        words.append(f"weights={line.weights.text}")
    if line.expects is not None:
        words.append(f"in={expression_text(line.expects.tree, per_axis=True, in_line=True)}")
    if line.promises is not None:
        words.append(f"-> {expression_text(line.promises.tree, per_axis=True, in_line=True)}")
    if line.name:
        words.append(f"as {line.name}")
    return " ".join(words)


def _join(join: Join) -> _Mapping:
    entries: list[tuple[str, _Tree]] = [(join.op, _List(tuple(map(_body, join.branches))))]
    if join.split is not None:
        entries.append(("split", _formula(join.split)))
    if join.sources:
        entries.append(("from", _references(join.sources)))
    if join.promises is not None:
        entries.append(("out", _formula(join.promises, per_axis=True)))
    return _named(entries, join.name)


def _loop(loop: Loop) -> _Mapping:
    entries: list[tuple[str, _Tree]]
    if loop.turns is not None:
        entries = [("repeat", _formula(loop.turns))]
    else:
        lists = ((name, _List(tuple(map(_formula, values)))) for name, values, _ in loop.variables)
        entries = [("each", _Mapping(tuple(lists)))]
    if loop.counter:
        entries.append(("index", loop.counter))
    entries.append(("do", _body(loop.body)))
    return _named(entries, loop.name)


def _when(when: When) -> _Mapping:
    entries: list[tuple[str, _Tree]] = [("when", _formula(when.condition))]
    if when.then or not when.otherwise:
        entries.append(("do", _body(when.then)))
    if when.otherwise:
        entries.append(("else", _body(when.otherwise)))
    return _Mapping(tuple(entries))


def _named(entries: list[tuple[str, _Tree]], name: str) -> _Mapping:
    return _Mapping((*entries, ("as", name)) if name else tuple(entries))


def _references(references: Iterable[Reference]) -> str:
    return "+".join(reference.text for reference in references)


def _formula(formula: Formula, *, per_axis: bool = False) -> str:
    return expression_text(formula.tree, per_axis=per_axis)


def _is_name(formula: Formula, name: str) -> bool:
    return isinstance(formula.tree, Name) and formula.tree.text == name


# From what is to be written to YAML


def _block(tree: _List | _Mapping, indent: int) -> list[str]:
    """The lines of a collection in block style, to be indented by `indent` spaces."""
    if isinstance(tree, _List):
        return [line for item in tree.items for line in _entry("- ", item, indent)]
    lines: list[str] = []
    for key, value in tree.entries:
        lines += _entry(f"{_scalar(key)}: ", value, indent)
    return lines


def _entry(head: str, value: _Tree, indent: int) -> list[str]:
    """An entry of a collection: on one line where it fits, else on lines that are indented further."""
    if isinstance(value, str):
        return [head + _scalar(value)]
    # A mapping of one key needs no braces in a list.
    lone = isinstance(value, _Mapping) and len(value.entries) == 1 and head == "- " and not value.open
    if lone and isinstance(value, _Mapping):
        key, inner = value.entries[0]
        short = f"{head}{_scalar(key)}: {_flow(inner)}"
    else:
        short = head + _flow(value)
    if not _is_open(value) and indent + len(short) <= LONGEST_LINE:
        return [short]
    if not (value.items if isinstance(value, _List) else value.entries):
        return [head + _flow(value)]
    inside = _block(value, indent + 2)
    if head == "- ":
        return [head + inside[0], *("  " + line for line in inside[1:])]
    return [head.rstrip(), *("  " + line for line in inside)]


def _is_open(tree: _Tree) -> bool:
    return not isinstance(tree, str) and tree.open


def _flow(tree: _Tree) -> str:
    """A tree on one line, in brackets and braces."""
    if isinstance(tree, str):
        return _scalar(tree, flow=True)
    if isinstance(tree, _List):
        return f"[{', '.join(map(_flow, tree.items))}]"
    return f"{{{', '.join(f'{_scalar(key, flow=True)}: {_flow(value)}' for key, value in tree.entries)}}}"


def _words(text: str) -> str:
    """A text as it is read: white space as single spaces; what no description may hold is replaced."""
    text = " ".join(text.split())
    while (odd := first_refused(text)) is not None:
        text = text.replace(text[odd], "\ufffd")
    return text


_NULLS = frozenset({"~", "null", "Null", "NULL"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _scalar(text: str, *, flow: bool = False) -> str:
    """A text as a YAML scalar: as it is, or quoted where YAML would read anything else."""
    if _is_plain(text, flow):
        return text
    if not any(character in text for character in _ESCAPES):
        return f'"{text}"'
    if not any(character in text for character in "\n\r\t"):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def _is_plain(text: str, flow: bool) -> bool:
    """Whether a text without quotes reads as itself, in both of PyYAML's parsers."""
    start = text[1:] if text[:1] == "-" else text
    if (
        not (start[:1].isalnum() or start[:1] in ("_", "("))
        or text in _NULLS
        or text.split(" ") != text.split()
    ):
        return False
    if re.search(r":(?:\s|$)|\s#", text):
        return False
    return not flow or not re.search(r"[,?\[\]{}]|:(?![\w(.+-])", text)
