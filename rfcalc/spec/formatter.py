"""The canonical form of a description's text: its leaves are rewritten where they stand, nothing else moves.

A leaf is a layer line, a value, a condition, a block's signature or a line of `check:`.  Comments, layout,
quotes and numbers stay as they were written.  The new text is read again, and is refused unless it gives
the syntax tree of the old one, spellings and the order of arguments apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rfcalc.errors import Position, RfcalcError, Source
from rfcalc.ops.attributes import NO, YES, Word
from rfcalc.ops.registry import MODULE_OF, find_operator, spellings
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import (
    Argument,
    Binding,
    Block,
    Body,
    Formula,
    Join,
    Let,
    Line,
    Loop,
    Network,
    Reference,
    When,
)
from rfcalc.spec.tokens import ExpressionError, Token, tokens_of

# The order in which layers are written everywhere: the textbook's letters, in its words "a kernel f with
# stride s and padding p, d of them".  What has no letter follows in the order of the operator's signature.
LETTERS = ("f", "s", "p", "d", "r", "g")

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_WORDS = frozenset({"and", "or", "not"})
_SPACED = _COMPARISONS | _WORDS


class Unformattable(RfcalcError):
    """A text whose canonical form would not be read as the same description."""


def format_text(source: Source) -> str:
    """The canonical form of a description; formatting that again changes nothing.

    Raises DescriptionError, with every mistake, when the description cannot be read, and Unformattable
    when what would be written is not read as the same description.
    """
    network = read_network(source)
    text = _tidy(_replaced(source.text, _edits(network)))
    if text != source.text:
        again = read_network(source._replace(text=text))
        if meaning(again) != meaning(network):
            raise Unformattable(f"{source.name}: formatting would change what this description says")
    return text


def meaning(network: Network) -> object:
    """What a syntax tree says, as nested tuples to compare.

    Left out are positions, which spelling of an attribute or of yes and no was chosen, the order of a
    line's arguments, and the white space of `check:`.
    """
    signatures = _signatures(network)

    def plain(tree: object) -> object:
        if isinstance(tree, Position | Source):
            return None
        if isinstance(tree, Formula):
            return plain(tree.tree)
        if isinstance(tree, ScalarNode):
            return "".join(tree.text.split())
        if isinstance(tree, Line):
            arguments = sorted(tree.arguments, key=_order(tree.op, signatures))
            bound = tuple((_spelling(tree.op, argument.name), value(tree, argument)) for argument in arguments)
            return ("Line", bound, *map(plain, tree._replace(arguments=())))
        if isinstance(tree, tuple) and hasattr(tree, "_fields"):
            fields = zip(tree._fields, tree, strict=True)
            return (
                type(tree).__name__,
                *(plain(part) for name, part in fields if name not in ("start", "end")),
            )
        if isinstance(tree, tuple):
            return tuple(map(plain, tree))
        return type(tree).__name__, tree

    def value(line: Line, argument: Argument) -> object:
        if isinstance(argument.value, Formula) and (flag := _flag(line.op, argument.name, argument.value.word)):
            return flag
        return plain(argument.value)

    return plain(network)


# The edits of a text


class _Edit(NamedTuple):
    """A span of one line of a text, and what is to stand there."""

    position: Position
    text: str


_Edits = Iterator[_Edit]


def _edits(network: Network) -> _Edits:
    """The canonical text of every leaf, where it stands."""
    signatures = _signatures(network)
    sizes = [binding.value for binding in network.inputs]
    sizes += [] if network.object_size is None else [network.object_size]
    for size in sizes:
        yield from _value(size, per_axis=True)
    for binding in (*network.parameters, *network.symbols):
        yield from _value(binding.value)
    for block in network.blocks:
        yield from _leaf(block.position, lambda text, block=block: _signature(text, block))
        yield from _body(block.body, signatures)
    yield from _body(network.layers, signatures)
    for check in network.checks:
        if not check.multiline:
            yield from _leaf(check.at(0, len(check.text)), _condition)
