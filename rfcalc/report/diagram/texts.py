"""What stands in the boxes of a diagram: `3x3 conv, 64, /2`, as figures of papers have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.attributes import SizeReference, Word, format_value
from rfcalc.ops.registry import find_operator
from rfcalc.report.diagram.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.graph.ir import Node
    from rfcalc.report.words import Language

_SIGNS = {"sum": "+", "product": "×", "difference": "−", "quotient": "÷"}
# The letters of attributes whose values have a place of their own.
_KERNEL, _STRIDE, _CHANNELS = "f", "s", "d"
_LETTERS = (*"fsd", "p", "δ")


def sign_of(node: Node) -> str:
    """What a join does, in one sign where it is arithmetic."""
    return _SIGNS.get(find_operator(node.op).arithmetic, node.op)


def layer_text(node: Node) -> str:
    """A layer in one line: its window, operator, output channels, stride, and what else is unusual of it."""
    operator, stride = find_operator(node.op), _stride(node)
    parts = [_windowed_name(node)]
    if states_channels(node):
        parts.append(format_value(node.facts.output.channels))
    if stride:
        parts.append(f"{'×' if 'transposed' in operator.traits else '/'}{stride}")
    return ", ".join((*parts, *(f"{letter or name}={value}" for letter, name, value in _unusual(node))))


def layer_lines(node: Node, language: Language) -> tuple[str, ...]:
    """What a layer does, in short lines: its window and operator, its stride, what else is unusual of it."""
    stride = _stride(node)
    strides = (say("stride", language, stride=stride),) if stride else ()
    return _windowed_name(node), *strides, *(f"{name} {value}" for _, name, value in _unusual(node))


def _by_letter(node: Node) -> dict[str, str]:
    """The names of attributes by the letters that they have in the textbook."""
    return {attribute.kind.letter: name for name, attribute in find_operator(node.op).attributes.items()}


def _windowed_name(node: Node) -> str:
    """The operator's name behind its window."""
    operator, by_letter, name = find_operator(node.op), _by_letter(node), node.op
    for attribute in operator.attributes.values():
        value = node.arguments.get(attribute.name)
        # What it is called is said by a word: that of an operator which is not known, of a function.
        if (attribute.required or attribute.kind.any_word) and isinstance(value, Word) and value:
            name = str(value)
    if _KERNEL not in by_letter or "dense" in operator.traits:
        return name
    kernel = node.arguments.get(by_letter[_KERNEL])
    along = isinstance(kernel, tuple) and len(kernel) > 1
    return f"{format_value(kernel)} {name}" if along else f"{name} f={_short(kernel)}"


def _stride(node: Node) -> str:
    """The stride; "" where it is 1, or there is none."""
    by_letter = _by_letter(node)
    if _STRIDE not in by_letter or "dense" in find_operator(node.op).traits:
        return ""
    stride = node.arguments.get(by_letter[_STRIDE])
    return "" if _is_one(stride) else _short(stride)


def _unusual(node: Node) -> Iterator[tuple[str, str, str]]:
    """Letter, name and value of what else is unusual of a layer."""
    arguments = node.arguments
    for attribute in find_operator(node.op).attributes.values():
        letter, value = attribute.kind.letter, arguments.get(attribute.name)
        if letter in _LETTERS or isinstance(value, bool | str | SizeReference | type(None)):
            continue
        if letter and not _is_one(value):
            yield letter, attribute.name, _short(value)
        elif not letter and attribute.name in arguments.written and isinstance(value, int | tuple):
            yield "", attribute.name, _short(value)
            break


def states_channels(node: Node) -> bool:
    """Whether the text of a layer says how many channels leave it."""
    return _CHANNELS in _by_letter(node) or "convolution" in find_operator(node.op).traits


def _short(value: object) -> str:
    """A value, one number where it is the same along all axes."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return format_value(value)


def _is_one(value: object) -> bool:
    return value == 1 or (isinstance(value, tuple) and all(each == 1 for each in value))
