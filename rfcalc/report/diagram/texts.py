"""What stands in the boxes of a diagram: `3x3 conv, 64, /2`, as figures of papers have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.attributes import SizeReference, Word, format_value
from rfcalc.ops.registry import find_operator

if TYPE_CHECKING:
    from rfcalc.graph.ir import Node

_SIGNS = {"sum": "+", "product": "×", "difference": "−", "quotient": "÷"}
# The letters of attributes whose values have a place of their own.
_KERNEL, _STRIDE, _CHANNELS = "f", "s", "d"
_LETTERS = (*"fsd", "p", "δ")


def sign_of(node: Node) -> str:
    """What a join does, in one sign where it is arithmetic."""
    return _SIGNS.get(find_operator(node.op).arithmetic, node.op)


def layer_text(node: Node) -> str:
    """A layer in one line: its window, operator, output channels, stride, and what else is unusual of it."""
    operator, arguments = find_operator(node.op), node.arguments
    by_letter = {attribute.kind.letter: name for name, attribute in operator.attributes.items()}
    name, parts = node.op, []
    for attribute in operator.attributes.values():
        value = arguments.get(attribute.name)
        # What it is called is said by a word: that of an operator which is not known, of a function.
        if (attribute.required or attribute.kind.any_word) and isinstance(value, Word) and value:
            name = str(value)
    if _KERNEL in by_letter and "dense" not in operator.traits:
        kernel = arguments.get(by_letter[_KERNEL])
        along = isinstance(kernel, tuple) and len(kernel) > 1
        name = f"{format_value(kernel)} {name}" if along else f"{name} f={_short(kernel)}"
    if states_channels(node):
        parts.append(format_value(node.facts.output.channels))
    if _STRIDE in by_letter and "dense" not in operator.traits:
        stride = arguments.get(by_letter[_STRIDE])
        if not _is_one(stride):
            parts.append(f"{'×' if 'transposed' in operator.traits else '/'}{_short(stride)}")
    for attribute in operator.attributes.values():
        letter, value = attribute.kind.letter, arguments.get(attribute.name)
        if letter in _LETTERS or isinstance(value, bool | str | SizeReference | type(None)):
            continue
        if letter and not _is_one(value):
            parts.append(f"{letter}={_short(value)}")
        elif not letter and attribute.name in arguments.written and isinstance(value, int | tuple):
            parts.append(f"{attribute.name}={_short(value)}")
            break
    return ", ".join((name, *parts))


def states_channels(node: Node) -> bool:
    """Whether the text of a layer says how many channels leave it."""
    operator = find_operator(node.op)
    letters = (attribute.kind.letter for attribute in operator.attributes.values())
    return "convolution" in operator.traits or _CHANNELS in letters


def _short(value: object) -> str:
    """A value, one number where it is the same along all axes."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return format_value(value)


def _is_one(value: object) -> bool:
    return value == 1 or (isinstance(value, tuple) and all(each == 1 for each in value))
