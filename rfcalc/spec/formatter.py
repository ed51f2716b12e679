"""The canonical form of a description's text: its leaves are rewritten where they stand, nothing else moves.

A leaf is a layer line, a value, a condition, a block's signature or a line of `check:`.  Comments, layout,
quotes and numbers stay as they were written.  The new text is read again, and is refused unless it gives
the syntax tree of the old one, spellings and the order of arguments apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from rfcalc.errors import Position, RfcalcError, Source
from rfcalc.ops.attributes import NO, YES
from rfcalc.ops.registry import MODULE_OF, find_operator, spellings
from rfcalc.spec.line import TAIL
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Argument, Body, Formula, Join, Let, Line, Loop, Network, When
from rfcalc.spec.tokens import ExpressionError, tokens_of

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
    text = _tidy(_replaced(source.text, _leaves(network)))
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


def _leaves(network: Network) -> Iterator[_Leaf]:
    """Every leaf that has a canonical form."""
    signatures = _signatures(network)
    sizes = [binding.value for binding in network.inputs]
    sizes += [] if network.object_size is None else [network.object_size]
    for size in sizes:
        yield _value(size, per_axis=True)
    for binding in (*network.parameters, *network.symbols):
        yield _value(binding.value)
    for block in network.blocks:
        yield _Leaf(block.position, _signature)
        yield from _body(block.body, signatures)
    yield from _body(network.layers, signatures)
    for check in network.checks:
        if not check.multiline:
            yield _Leaf(check.at(0, len(check.text)), _promise)


def _body(body: Body, signatures: _Signatures) -> Iterator[_Leaf]:
    for item in body:
        if isinstance(item, Line):
            yield _Leaf(item.position, partial(_line, item, signatures))
        elif isinstance(item, Join):
            yield from _join(item, signatures)
        elif isinstance(item, Loop):
            if item.turns is not None:
                yield _value(item.turns)
            for _, values, _ in item.variables:
                yield from map(_value, values)
            yield from _body(item.body, signatures)
        elif isinstance(item, When):
            yield _value(item.condition)
            yield from _body(item.then, signatures)
            yield from _body(item.otherwise, signatures)
        else:
            assert isinstance(item, Let)
            yield from (_value(value) for _, value, _ in item.bindings)


def _join(join: Join, signatures: _Signatures) -> Iterator[_Leaf]:
    for branch in join.branches:
        yield from _body(branch, signatures)
    if join.sources:
        first, last = join.sources[0].position, join.sources[-1].position
        yield _Leaf(first._replace(end=last.end), _without_spaces)
    if join.split is not None:
        yield _value(join.split)
    if join.promises is not None:
        yield _value(join.promises, per_axis=True)


def _value(formula: Formula, *, per_axis: bool = False) -> _Leaf:
    """The leaf of an expression that is all of a scalar."""
    position = formula.scalar.at(0, len(formula.scalar.text))
    return _Leaf(position, partial(_expression, per_axis=per_axis))


# The canonical text of a leaf


def _line(line: Line, signatures: _Signatures, text: str) -> str:
    """A layer line: operator, arguments in order, from=, weights=, in=, -> SIZE, as NAME."""
    op, *words = _words(text)
    lists = spellings(line.op, "per_axis")
    values = {argument.name: argument.value for argument in line.arguments}
    spelt = {name: _spelling(line.op, name) for name in values}
    if len(set(spelt.values())) < len(spelt):
        # An attribute given twice in two spellings, a mistake that is shown as it was made.
        spelt = {name: name for name in values}
    arguments: list[tuple[tuple[int, str], str]] = []
    tail: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word.startswith("->"):
            tail["->"] = "-> " + _expression(word[2:] or next(rest), per_axis=True, in_line=True)
            continue
        if word == "as":
            tail["as"] = f"as {next(rest)}"
            continue
        key, _, written = word.partition("=")
        if key in ("from", "weights"):
            tail[key] = word
        elif key == "in":
            tail[key] = "in=" + _expression(written, per_axis=True, in_line=True)
        else:
            if isinstance(formula := values[key], Formula):
                flag = _flag(line.op, key, formula)
                written = flag or _expression(written, per_axis=key in lists, in_line=True)
            arguments.append((_place(line.op, key, signatures), f"{spelt[key]}={written}"))
    ordered = [argument for _, argument in sorted(arguments, key=lambda pair: pair[0])]
    return " ".join([op, *ordered, *(tail[key] for key in TAIL if key in tail)])


def _signature(text: str) -> str:
    """The signature of a block, `name(a, b=1)`."""
    name, opened, parameters = text.strip().partition("(")
    if not opened or not parameters.removesuffix(")").strip():
        return name.strip()
    written = []
    for parameter in _split(parameters.removesuffix(")"), ","):
        called, equals, default = parameter.partition("=")
        written.append(called.strip() + (equals and f"={_expression(default)}"))
    return f"{name.strip()}({', '.join(written)})"


def _promise(text: str) -> str:
    """A line of `check:`; what holds more than an expression does (a layer's full name) stays as it is."""
    try:
        return _expression(text)
    except ExpressionError:
        return text.strip()


def _without_spaces(text: str) -> str:
    return "".join(text.split())


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


def _words(text: str) -> list[str]:
    """The parts of a line between spaces, those within parentheses not counted."""
    return [word for word in _split(text, None) if word]


def _split(text: str, separator: str | None) -> list[str]:
    """The parts of a text between separators (None: white space) outside parentheses."""
    parts = []
    depth = start = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and (character.isspace() if separator is None else character == separator):
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]
