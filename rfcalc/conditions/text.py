"""The text of a condition: an expression of the language, with figures of layers, sizes and percentages.

It is what `check:` promises, what a budget requires and what `--solve` solves.  `receptive_field(pool1)`,
`1x1x1000`, `50%` and `40ms` are no expressions of the language; each is an operand of its own kind here.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Set
from fractions import Fraction

from rfcalc.analysis.field_values import FieldFigure
from rfcalc.analysis.figures import COUNTS, FIGURES
from rfcalc.errors import nearest, quoted
from rfcalc.records import NamedTuple
from rfcalc.spec.expressions import number_of, parse_expression, parse_value
from rfcalc.spec.line import LONGEST_LINE
from rfcalc.spec.tokens import FUNCTIONS, OPERATOR_WORDS, ExpressionError, Token
from rfcalc.spec.trees import AxesExpression, Expression, Name, Numeral, Operations
from rfcalc.units import DURATIONS

# What a part of a count is of the whole: no figure, but made of each count that adds up.
SHARE = "share"
# Whether the network can be built at a size of its input: true or false, and no figure either.
LEGAL = "legal"
# Of so many inputs a size can be said.
MOST_INPUTS = 100


class Measure(NamedTuple):
    """A figure in a condition: of the whole network without arguments, else of layers.

    arguments: as written: the name of a layer, a glob, a figure, an input.
    """

    figure: str
    arguments: tuple[Name, ...]
    start: int
    end: int


class WrittenCondition(NamedTuple):
    """A condition that has been read; `measures` has what the names in its tree stand for.

    A name that stands for a figure is no name of the language: it is `?` and its place.
    durations: where the numbers begin that are seconds.
    """

    text: str
    tree: Expression
    measures: Mapping[str, Measure]
    durations: Set[int] = frozenset()


def read_condition(text: str, others: Container[str] = ()) -> WrittenCondition:
    """A condition from its text; raises ExpressionError with a place in it.

    others: names that mean something else; `MACs` is `macs` unless it is one of them.
    """
    if len(text) > LONGEST_LINE:
        raise ExpressionError(f"the line has {len(text)} characters; it may have {LONGEST_LINE}", 0, 1)
    operands = _Operands(text, others)
    tree = parse_expression(text, operands.at)
    return WrittenCondition(text, tree, operands.measures, operands.durations)


def stated_figures(condition: WrittenCondition) -> Iterator[tuple[str, int]]:
    """The figures of the whole network that a condition states as a number, with it.

    `params == 3480` states one, and so do those that are joined by `and`; a bound states none.
    """
    pending = [condition.tree]
    for tree in pending:
        if not isinstance(tree, Operations):
            continue
        if tree.rest[0][0] == "and":
            pending += (tree.first, *(part for _, part in tree.rest))
        elif len(tree.rest) == 1 and tree.rest[0][0] == "==":
            sides = tree.first, tree.rest[0][1]
            names = [side.text for side in sides if isinstance(side, Name)]
            numbers = [side.value for side in sides if isinstance(side, Numeral)]
            measure = condition.measures.get(names[0]) if names else None
            if measure and not measure.arguments and numbers and isinstance(numbers[0], int):
                yield measure.figure, numbers[0]


def names_of_layers() -> list[str]:
    """What has arguments: the figures of a layer, its share of a count of the network, and `legal`."""
    alone = [name for name, count in COUNTS.items() if not count.adds_up]
    return [*(name for name in FIGURES if name not in alone), SHARE, LEGAL]


_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PERCENTAGE = re.compile(
    r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*%(?=\s*(?:$|[-+*/%<>=!),]|(?:and|or)\b))", re.ASCII
)
_DURATION = re.compile(rf"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) ?({'|'.join(DURATIONS)})(?!\w)")
_SIZE = re.compile(r"-?\d+(?:\.\d+)?x[-\w(]", re.ASCII)
# Entries of a size as far as no parenthesis comes; a sign belongs to the entry that it stands before.
_ENTRIES = re.compile(r"(?:\w|\.\d|(?<=[\d)]x)-(?=\w))+", re.ASCII)


class _Operands:
    """Finds the operands of a text that are no expressions of the language."""

    def __init__(self, text: str, others: Container[str]) -> None:
        self.text = text
        self.others = others
        self.measures: dict[str, Measure] = {}
        self.durations: set[int] = set()
        self._of_network = list(FIGURES)
        self._of_layers = names_of_layers()
        self._closing = _closing(text)

    def at(self, place: int, before: list[Token]) -> Token | None:
        """The operand that begins at a place; None where none does."""
        text = self.text
        if name := _WORD.match(text, place):
            return self._word(name)
        if text[place] == "-" and before:
            last = before[-1]
            word = last.kind == "name" and last.text not in OPERATOR_WORDS
            if word or last.kind in ("number", "special") or last.text == ")":
                # It subtracts from the operand that ends there.
                return None
        closing = self._closing.get(place, 0)
        in_parentheses = text[closing : closing + 1] == "x" and re.match(r"\w", text[closing + 1 :], re.ASCII)
        if _SIZE.match(text, place) or (closing and in_parentheses):
            return self._size(place)
        percentage, duration = _PERCENTAGE.match(text, place), _DURATION.match(text, place)
        found = percentage or duration
        if found is None:
            return None
        number = Fraction(number_of(Token("number", found[1], place, found.end(1))).value)
        if duration:
            self.durations.add(place)
        value = number / DURATIONS[duration[2]] if duration else number / 100
        return self._token(place, found.end(), Numeral(value, place, found.end()))

    def _token(self, start: int, end: int, tree: Expression) -> Token:
        return Token("special", self.text[start:end], start, end, tree)

    def _word(self, word: re.Match[str]) -> Token | None:
        """The figure that begins with a word, or the size; None for a name of the language."""
        if word[0] in OPERATOR_WORDS:
            return None
        after = self.text[word.end() :].lstrip(" ")
        opening = len(self.text) - len(after)
        if not after.startswith("("):
            name = _known(word[0], self._of_network)
            # A figure goes before what else is called so, but not one that is spelt in another case.
            meant = name and (name == word[0] or word[0] not in self.others)
            return self._measured(name, (), word.start(), word.end()) if meant else None
        if word[0] in FUNCTIONS:
            return None
        if opening not in self._closing:
            raise ExpressionError("this parenthesis is not closed", opening, opening + 1)
        name = _known(word[0], self._of_layers)
        if not name and word[0].endswith("x") and opening == word.end():
            return self._size(word.start())
        if not name:
            hint = nearest(word[0], [*self._of_layers, *FUNCTIONS])
            if word[0] in self._of_network:
                hint = f"{word[0]} is a figure of the whole network: write it without parentheses"
            message = f"no figure of a layer is called {quoted(word[0])}"
            hint = hint or f"the figures are {', '.join(self._of_layers)}"
            raise ExpressionError(message, word.start(), word.end(), hint)
        end = self._closing[opening]
        arguments = tuple(_arguments(self.text, opening + 1, end - 1))
        fewest, most, form = _forms(name)
        if not fewest <= len(arguments) <= most:
            between = "or" if most == fewest + 1 else "to"
            wanted = f"{fewest}" if fewest == most else f"{fewest} {between} {most}"
            message = (
                f"{name} takes {wanted} {'argument' if most == 1 else 'arguments'}, got {len(arguments)}"
            )
            raise ExpressionError(message, word.start(), end, f"write {form}")
        return self._measured(name, arguments, word.start(), end)

    def _measured(self, name: str, arguments: tuple[Name, ...], start: int, end: int) -> Token:
        key = f"?{start}"
        self.measures[key] = Measure(name, arguments, start, end)
        return self._token(start, end, Name(key, start, end))

    def _size(self, start: int) -> Token:
        """A size, whose entries are words and parentheses joined by x."""
        end = first = start + (self.text[start] == "-")
        while end < len(self.text):
            word = _ENTRIES.match(self.text, end)
            if word and (end == first or self.text[end] == "x"):
                end = word.end()
            elif end in self._closing and (end == first or self.text[end - 1] == "x"):
                end = self._closing[end]
            else:
                break
        # Spaces in front keep the places those of the whole text.
        tree = parse_value(" " * start + self.text[start:end], per_axis=True)
        if not isinstance(tree, AxesExpression | Name):
            raise ExpressionError("expected a size, such as 1x1x1000", start, end)
        return self._token(start, end, tree)


def _known(word: str, names: list[str]) -> str:
    """The figure that a word means; "" when it means none."""
    return word if word in names else word.casefold() if word.casefold() in names else ""


def _forms(name: str) -> tuple[int, int, str]:
    """The fewest and the most arguments of a figure, and how it is written."""
    if name == SHARE:
        return 2, 2, "share(layer, params): the part that a layer has of a figure of the network"
    if name == LEGAL:
        return 1, MOST_INPUTS, "legal(512x512): whether the network can be built at this size"
    if isinstance(FIGURES.get(name), FieldFigure):
        return 1, 2, f"{name}(layer), or {name}(layer, input) where there are several inputs"
    return 1, 1, f"{name}(layer); a glob such as layer1.* sums over the layers that it fits"


def _arguments(text: str, start: int, end: int) -> Iterator[Name]:
    """The parts of a list of arguments."""
    if not text[start:end].strip():
        return
    for part in text[start:end].split(","):
        inner = part.strip()
        first = start + part.find(inner)
        yield Name(inner, first, first + max(len(inner), 1))
        start += len(part) + 1


def _closing(text: str) -> dict[int, int]:
    """For each parenthesis that is closed where its closing one ends."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, character in enumerate(text):
        if character == "(":
            opened.append(place)
        elif character == ")" and opened:
            found[opened.pop()] = place + 1
    return found
