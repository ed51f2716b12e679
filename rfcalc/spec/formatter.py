"""The canonical form of a description's text: its leaves are rewritten where they stand, nothing else moves.

A leaf is a layer line, a value, a condition, a block's signature or a line of `check:`.  Comments, layout,
quotes and numbers stay as they were written.  The new text is read again, and is refused unless it gives
the syntax tree of the old one, spellings and the order of arguments apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from rfcalc.errors import Position, RfcalcError, Source
from rfcalc.ops.attributes import NO, YES
from rfcalc.ops.registry import MODULE_OF, find_operator
from rfcalc.records import NamedTuple
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Argument, Block, Formula, Join, Line, Network
from rfcalc.spec.tokens import COMPARISONS, OPERATOR_WORDS, ExpressionError, tokens_of

# The order in which layers are written everywhere: the textbook's letters, in its words "a kernel f with
# stride s and padding p, d of them".  What has no letter follows in the order of the operator's signature.
LETTERS = ("f", "s", "p", "d", "r", "g")

_SPACED = OPERATOR_WORDS.union(COMPARISONS)


class Unformattable(RfcalcError):
    """A text whose canonical form would not be read as the same description."""


def format_text(source: Source) -> str:
    """The canonical form of a description; formatting that again changes nothing.

    Raises DescriptionError, with every mistake, when the description cannot be read, and Unformattable
    when what would be written is not read as the same description.
    """
    network = read_network(source)
    text = _tidy(_replaced(source.text, _leaves(network, _signatures(network))))
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
        if isinstance(tree, Line) and tree.arguments:
            ordered = sorted(tree.arguments, key=lambda argument: _place(tree.op, argument.name, signatures))
            bound = [(_spelling(tree.op, argument.name), value(tree, argument)) for argument in ordered]
            return (*bound, plain(tree._replace(arguments=())))
        if isinstance(tree, tuple) and hasattr(tree, "_fields"):
            fields = zip(tree._fields, tree, strict=True)
            parts = [plain(part) for name, part in fields if name not in ("start", "end")]
            return (type(tree).__name__, *parts)
        if isinstance(tree, tuple):
            return tuple(map(plain, tree))
        return type(tree).__name__, tree

    def value(line: Line, argument: Argument) -> object:
        if isinstance(argument.value, Formula) and (flag := _flag(line.op, argument.name, argument.value)):
            return flag
        return plain(argument.value)

    return plain(network)


# The leaves of a syntax tree


class _Leaf(NamedTuple):
    """A span of one line of the text, and the function that gives its canonical text."""

    position: Position
    canonical: Callable[[str], str]


def _leaves(tree: object, signatures: _Signatures) -> Iterator[_Leaf]:
    """Every leaf of a part of the syntax tree that has a canonical form."""
    if isinstance(tree, Line):
        yield _Leaf(tree.position, lambda text: _line(tree, signatures))
    elif isinstance(tree, Block):
        yield _Leaf(tree.position, lambda text: _signature(tree))
        yield from _leaves(tree.body, signatures)
    elif isinstance(tree, Formula):
        position = tree.scalar.at(0, len(tree.scalar.text))
        yield _Leaf(position, partial(_expression, per_axis=tree.per_axis))
    elif isinstance(tree, ScalarNode):
        if not tree.multiline:
            yield _Leaf(tree.at(0, len(tree.text)), _promise)
    elif isinstance(tree, tuple) and not isinstance(tree, Position | Source):
        if isinstance(tree, Join) and tree.sources:
            first, last = tree.sources[0].position, tree.sources[-1].position
            yield _Leaf(first._replace(end=last.end), lambda text: "".join(text.split()))
        for part in tree:
            yield from _leaves(part, signatures)


# The canonical text of a leaf


def _line(line: Line, signatures: _Signatures) -> str:
    """A layer line: operator, arguments in order, from=, weights=, in=, -> SIZE, as NAME."""
    spelt = {argument.name: _spelling(line.op, argument.name) for argument in line.arguments}
    if len(set(spelt.values())) < len(spelt):
        # An attribute given twice in two spellings, a mistake that is shown as it was made.
        spelt = {name: name for name in spelt}
    words = [line.op]
    for argument in sorted(line.arguments, key=lambda each: _place(line.op, each.name, signatures)):
        value = argument.value
        if isinstance(value, Formula):
            written = _flag(line.op, argument.name, value) or _in_line(value)
        else:
            written = value.text
        words.append(f"{spelt[argument.name]}={written}")
    if line.sources:
        words.append(f"from={'+'.join(source.text for source in line.sources)}")
    if line.weights:
        words.append(f"weights={line.weights.text}")
    if line.expects:
        words.append(f"in={_in_line(line.expects)}")
    if line.promises:
        words.append(f"-> {_in_line(line.promises)}")
    if line.name:
        words.append(f"as {line.name}")
    return " ".join(words)


def _signature(block: Block) -> str:
    """The signature of a block, `name(a, b=1)`."""
    parameters = [
        parameter.name + (f"={_expression(parameter.default.text)}" if parameter.default else "")
        for parameter in block.parameters
    ]
    return f"{block.name}({', '.join(parameters)})" if parameters else block.name


def _promise(text: str) -> str:
    """A line of `check:`; what holds more than an expression does (a layer's full name) stays as it is."""
    try:
        return _expression(text)
    except ExpressionError:
        return text.strip()


def _in_line(formula: Formula) -> str:
    return _expression(formula.text, per_axis=formula.per_axis, in_line=True)


def _expression(text: str, *, per_axis: bool = False, in_line: bool = False) -> str:
    """An expression with spaces around comparisons and words, behind commas, and nowhere else.

    in_line: on a layer line, where a space outside parentheses would end the argument.
    """
    parts: list[str] = []
    depth = 0
    before = ""
    for token in tokens_of(text, per_axis)[:-1]:
        depth -= token.text == ")"
        spaced = (depth > 0 or not in_line) and _spaced(before, token.text, token.kind)
        parts += [" ", token.text] if spaced else [token.text]
        depth += token.text == "("
        # The x of a list is no word.
        before = "" if token.kind == "axis" else token.text
    return "".join(parts)


def _spaced(before: str, text: str, kind: str) -> bool:
    """Whether a space stands between two tokens of an expression."""
    if before in ("", "(") or text in (")", ",") or kind == "axis":
        return False
    return before == "," or before in _SPACED or text in _SPACED or (_is_word(before) and _is_word(text))


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


# Spellings and their order

# The parameters of every block, by its name.
_Signatures = dict[str, tuple[str, ...]]


def _signatures(network: Network) -> _Signatures:
    return {block.name: tuple(parameter.name for parameter in block.parameters) for block in network.blocks}


def _spelling(op: str, key: str) -> str:
    """The canonical spelling of an argument: the letter that the textbook has for it, else its full name."""
    if op not in MODULE_OF or key not in (operator := find_operator(op)).spellings:
        return key
    name = operator.spellings[key]
    letter = operator.attributes[name].kind.letter
    # A Greek letter is how the book prints an attribute, and more than keyboards have.
    return letter if letter and letter.isascii() else name


def _place(op: str, key: str, signatures: _Signatures) -> tuple[int, str]:
    """What arguments are sorted by; those that nothing declares come last, by name."""
    if op in MODULE_OF:
        spelling = _spelling(op, key)
        if spelling in LETTERS:
            return LETTERS.index(spelling), ""
        operator = find_operator(op)
        declared = tuple(_spelling(op, name) for name in operator.attributes)
    else:
        spelling = key
        declared = signatures.get(op, ())
    place = declared.index(spelling) if spelling in declared else len(declared)
    return len(LETTERS) + place, spelling


def _flag(op: str, key: str, formula: Formula) -> str:
    """The canonical word of an attribute that is yes or no; "" for any other value or attribute."""
    if op not in MODULE_OF or formula.word is None:
        return ""
    operator = find_operator(op)
    name = operator.spellings.get(key)
    if name is None or operator.attributes[name].kind.words != YES | NO:
        return ""
    return "yes" if formula.word in YES else "no" if formula.word in NO else ""


# The text


def _replaced(text: str, leaves: Iterable[_Leaf]) -> str:
    """The text with the canonical form of each leaf in its place.

    Left alone is a scalar with escapes, whose characters have no columns, and a span that an alias makes
    two things of, of different forms.
    """
    lines = _LINE_END.split(text)
    found: dict[tuple[int, int, int], set[str]] = {}
    for position, canonical in leaves:
        # The ends of lines stand between the lines.
        written = lines[2 * position.line - 2][position.column - 1 : position.end - 1]
        if written and written[0] not in "'\"":
            found.setdefault((position.line, position.column, position.end), set()).add(canonical(written))
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
