"""The canonical form of a description's text: its leaves are rewritten where they stand, nothing else moves.

A leaf is a layer line, a value, a condition, a block's signature or a line of `check:`.  Comments, layout,
quotes and numbers stay as they were written.  The new text is read again, and is refused unless it gives
the syntax tree of the old one, spellings and the order of arguments apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rfcalc.errors import Position, RfcalcError, Source
from rfcalc.ops.attributes import NO, YES
from rfcalc.ops.operator import Operator
from rfcalc.ops.registry import MODULE_OF, find_operator
from rfcalc.spec.line import formula
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.printer import expression, layer_line, references, signature, spaced
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Argument, Block, Formula, Join, Line, Network, Reference, Split
from rfcalc.spec.tokens import ExpressionError

# Fields of the syntax tree that say where something was written, or repeat its text.
_PLACES = ("start", "end", "scalar")


class Unformattable(RfcalcError):
    """A text whose canonical form would not be read as the same description."""


def format_text(network: Network) -> str:
    """The canonical form of the text that a syntax tree was read from; formatting that again changes nothing.

    Every line calls an operator or a block with attributes or parameters that this has.
    Raises Unformattable when what would be written is not read as the same description.
    """
    source = network.origin
    text = _tidy(_replaced(source.text, _leaves(network, _signatures(network))))
    if text != source.text:
        again = read_network(source._replace(text=text))
        if meaning(again) != meaning(network):
            raise Unformattable(f"{source.name}: formatting would change what this description says")
    return text


def meaning(network: Network) -> object:
    """What a syntax tree says, as nested tuples to compare.

    Left out are positions, which spelling of an attribute or of yes and no was chosen, the order of a
    line's arguments, and white space.
    """
    signatures = _signatures(network)

    def plain(tree: object) -> object:
        if isinstance(tree, Position | Source):
            return None
        if isinstance(tree, Formula):
            return plain(tree.tree)
        if isinstance(tree, ScalarNode):
            return "".join(tree.text.split())
        if isinstance(tree, Reference) and tree.pieces:
            return plain(tree.pieces)
        if not isinstance(tree, tuple):
            return type(tree).__name__, tree
        if isinstance(tree, Line):
            tree = _canonical(tree, signatures)
        names = getattr(tree, "_fields", ("",) * len(tree))
        parts = [plain(part) for name, part in zip(names, tree, strict=True) if name not in _PLACES]
        return (type(tree).__name__, *parts)

    return plain(network)


# The leaves of a syntax tree, and their canonical text


def _leaves(tree: object, signatures: _Signatures) -> Iterator[tuple[Position, str]]:
    """Every leaf of a part of the syntax tree, which is a span of one line, with its canonical text."""
    if isinstance(tree, Line):
        yield tree.position, layer_line(_canonical(tree, signatures))
    elif isinstance(tree, Block):
        yield tree.position, signature(tree)
        yield from _leaves(tree.body, signatures)
    elif isinstance(tree, Formula):
        yield tree.scalar.at(0, len(tree.scalar.text)), expression(tree)
    elif isinstance(tree, ScalarNode):
        if not tree.multiline:
            yield tree.at(0, len(tree.text)), _check_line(tree.text)
    elif isinstance(tree, tuple) and not isinstance(tree, Position | Source | Reference):
        if isinstance(tree, Join | Split) and tree.sources:
            first, last = tree.sources[0].position, tree.sources[-1].position
            yield first._replace(end=last.end), references(tree.sources)
        for part in tree:
            yield from _leaves(part, signatures)


def _check_line(text: str) -> str:
    """A line of `check:`; what holds more than an expression does (a layer's full name) stays as it is."""
    try:
        return spaced(text)
    except ExpressionError:
        return text.strip()


# The parameters of every block, by its name.
_Signatures = dict[str, tuple[str, ...]]


def _signatures(network: Network) -> _Signatures:
    return {block.name: tuple(parameter.name for parameter in block.parameters) for block in network.blocks}


def _canonical(line: Line, signatures: _Signatures) -> Line:
    """A layer line with its arguments in their canonical spellings and order.

    The order is that of the operator's or the block's signature.  Those that nothing declares, of a line that
    calls a parameter, are in the order of their names.
    """
    operator = find_operator(line.op) if line.op in MODULE_OF else None
    spelt = {argument.name: _spelling(operator, argument.name) for argument in line.arguments}
    order = list(signatures.get(line.op, ()))
    if operator:
        order = [attribute.spelling for attribute in operator.attributes.values()]

    def place(argument: Argument) -> tuple[int, str]:
        spelling = spelt[argument.name]
        return order.index(spelling) if spelling in order else len(order), spelling

    arguments = [
        argument._replace(name=spelt[argument.name], value=_in_words(operator, argument))
        for argument in sorted(line.arguments, key=place)
    ]
    return line._replace(arguments=tuple(arguments))


def _spelling(operator: Operator | None, key: str) -> str:
    """The canonical spelling of an argument."""
    if operator is None or key not in operator.spellings:
        return key
    return operator.attributes[operator.spellings[key]].spelling


def _in_words(operator: Operator | None, argument: Argument) -> Formula | Reference:
    """The value of an argument, in the words yes and no where the attribute is one of these."""
    value = argument.value
    name = operator.spellings.get(argument.name) if operator else None
    if operator is None or name is None or isinstance(value, Reference) or value.word is None:
        return value
    flags = {**dict.fromkeys(YES, "yes"), **dict.fromkeys(NO, "no")}
    if operator.attributes[name].kind.words != flags.keys() or value.word not in flags:
        return value
    return formula(ScalarNode(flags[value.word], value.position), 0, len(flags[value.word]))


# The text


def _replaced(text: str, leaves: Iterable[tuple[Position, str]]) -> str:
    """The text with the canonical form of each leaf in its place.

    Left alone is a scalar with escapes, whose characters have no columns, and a span that an alias makes
    two things of, of different forms.
    """
    lines = _LINE_END.split(text)
    found: dict[tuple[int, int, int], set[str]] = {}
    for position, form in leaves:
        # The ends of lines stand between the lines.
        written = lines[2 * position.line - 2][position.column - 1 : position.end - 1]
        if written and written[0] not in "'\"":
            found.setdefault((position.line, position.column, position.end), set()).add(form)
    for (line, column, end), forms in sorted(found.items(), reverse=True):
        if len(forms) == 1:
            content = lines[2 * line - 2]
            lines[2 * line - 2] = content[: column - 1] + forms.pop() + content[end - 1 :]
    return "".join(lines)


def _tidy(text: str) -> str:
    """The text without white space at the ends of its lines, and with one end of line at its end."""
    lines = _LINE_END.split(text)
    # A space behind a backslash may be what that stands for.
    lines[::2] = [line if _KEPT_SPACE.search(line) else line.rstrip(" \t") for line in lines[::2]]
    while len(lines) > 1 and not lines[-1]:
        del lines[-2:]
    return "".join(lines) + (lines[1] if len(lines) > 1 else "\n")


_LINE_END = re.compile(r"(\r\n|\r|\n)")
_KEPT_SPACE = re.compile(r"\\[ \t]+$")
