"""The text of a promise: an expression of the language, with figures of layers, sizes and percentages.

`receptive_field(pool1)`, `1x1x1000` and `50%` are no expressions of the language.  Each is set aside, and
something as long stands in its place while the rest is read, so that every place in the tree is one in
the text as written.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from rfcalc.analysis.figures import FIGURES
from rfcalc.analysis.layer_figures import COUNTS, FIELD_FIGURES
from rfcalc.errors import nearest, quoted
from rfcalc.spec.expressions import (
    Axes,
    Call,
    Chain,
    Expression,
    Name,
    Number,
    Prefix,
    parse_expression,
    parse_value,
)
from rfcalc.spec.line import LONGEST_LINE
from rfcalc.spec.tokens import FUNCTIONS, OPERATOR_WORDS, ExpressionError

OUTPUT = "output"
SHARE = "share"
# What is said of a layer: its figures, and its share of a figure of the network.
OF_LAYER = (
    *(figure.name for figure in COUNTS),
    OUTPUT,
    *(figure.name for figure in FIELD_FIGURES),
    SHARE,
)
OF_NETWORK = tuple(
    dict.fromkeys((*(figure.name for figure in FIGURES), *(figure.name for figure in FIELD_FIGURES)))
)


class Argument(NamedTuple):
    """One argument of a figure, as written: the name of a layer, a glob, a figure, an input."""

    text: str
    start: int
    end: int


class Measure(NamedTuple):
    """A figure that a promise speaks of: of the whole network without arguments, else of layers."""

    figure: str
    arguments: tuple[Argument, ...]
    start: int
    end: int


class Promise(NamedTuple):
    """A promise that has been read; `measures` has what the names in its tree stand for.

    A name that stands for a figure is no name of the language: it is `?` and its place.
    """

    text: str
    tree: Expression
    measures: Mapping[str, Measure]


def read_promise(text: str, others: Container[str] = ()) -> Promise:
    """A promise from its text; raises ExpressionError with a place in it.

    others: names that mean something else; `MACs` is `macs` unless it is one of them.
    """
    if len(text) > LONGEST_LINE:
        raise ExpressionError(f"the line has {len(text)} characters; it may have {LONGEST_LINE}", 0, 1)
    reader = _Reader(text, others)
    try:
        tree = parse_expression(reader.masked())
    except ExpressionError as error:
        # A part that was set aside is shown as it was written.
        shown, written = reader.part(error.start)
        message = error.message.replace(quoted(shown), quoted(written)) if shown else error.message
        raise ExpressionError(message, error.start, error.end, error.hint) from None
    return Promise(text, reader.restored(tree), reader.measures)


_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_PERCENT = re.compile(r"\s*%(?=\s*(?:$|[-+*/%<>=!),]|(?:and|or)\b))", re.ASCII)
_SIZE = re.compile(r"-?\d+(?:\.\d+)?x[-\w(]", re.ASCII)
# Entries of a size as far as no parenthesis comes; a sign belongs to the entry that it stands before.
_ENTRIES = re.compile(r"(?:\w|\.\d|(?<=[\d)]x)-(?=\w))+", re.ASCII)
_PART = re.compile(r"\w+", re.ASCII)


class _Reader:
    """Sets aside the parts of a text that are no expressions of the language."""

    def __init__(self, text: str, others: Container[str]) -> None:
        self.text = text
        self.others = others
        self.measures: dict[str, Measure] = {}
        self._closing = _closing(text)
        self._set_aside: dict[int, int] = {}
        self._sizes: dict[int, Expression] = {}
        self._percentages: dict[int, int] = {}

    def masked(self) -> str:
        """The text with names of the same length, and without the signs of percentages."""
        text = self.text
        parts: list[str] = []
        place = 0
        # Whether an operand has just been read, so that a minus is the operator.
        operand = False
        while place < len(text):
            end = 0 if operand and text[place] == "-" else self._part(place)
            word = None if end else _WORD.match(text, place)
            if not text[place].isspace():
                operand = bool(end or text[place].isdigit() or text[place] == ")")
                operand = operand or bool(word and word[0] not in OPERATOR_WORDS)
            if end:
                self._set_aside[place] = end
                parts.append("_" * (end - place))
                place = end
                continue
            number = None if word else _NUMBER.match(text, place)
            if word:
                parts.append(word[0])
                place = word.end()
            elif number:
                parts.append(number[0])
                percent = _PERCENT.match(text, number.end())
                # A letter after a number is its unit, or a mistake.
                unit = None if percent else _PART.match(text, number.end())
                place = (percent or unit or number).end()
                if percent:
                    self._percentages[number.start()] = place
                    parts.append(" " * (place - number.end()))
                elif unit:
                    parts.append(unit[0])
            else:
                parts.append(text[place])
                place += 1
        return "".join(parts)

    def part(self, start: int) -> tuple[str, str]:
        """What stands at a place for what was set aside there, and that as written; "" for neither."""
        end = self._set_aside.get(start, start)
        return "_" * (end - start), self.text[start:end]

    def restored(self, tree: Expression) -> Expression:
        """The tree with what was set aside; it is as deep as the text nests, which is capped."""
        if isinstance(tree, Name):
            if tree.start in self._sizes:
                return self._sizes[tree.start]
            key = f"?{tree.start}"
            if tree.start not in self._set_aside:
                name = tree.text
                if name not in OF_NETWORK and name not in self.others:
                    name = name.casefold()
                if name not in OF_NETWORK:
                    return tree
                self.measures[key] = Measure(name, (), tree.start, tree.end)
            return tree._replace(text=key, parts=())
        if isinstance(tree, Number):
            end = self._percentages.get(tree.start)
            if end is None:
                return tree
            assert isinstance(tree.value, int | Fraction)
            return Number(Fraction(tree.value) / 100, tree.start, end)
        if isinstance(tree, Call):
            return tree._replace(arguments=tuple(map(self.restored, tree.arguments)))
        if isinstance(tree, Prefix):
            operand = self.restored(tree.operand)
            return tree._replace(operand=operand, end=max(tree.end, operand.end))
        if isinstance(tree, Chain):
            rest = tuple((operator, self.restored(operand)) for operator, operand in tree.rest)
            end = max(tree.end, rest[-1][1].end)
            return Chain(self.restored(tree.first), rest, tree.start, end)
        return tree

    def _part(self, place: int) -> int:
        """Where a figure of layers or a size that begins here ends; 0 when none does."""
        text = self.text
        if word := _WORD.match(text, place):
            opening = _skipped(text, word.end())
            if word[0] in FUNCTIONS or word[0] in OPERATOR_WORDS or text[opening : opening + 1] != "(":
                return 0
            if opening not in self._closing:
                raise ExpressionError("this parenthesis is not closed", opening, opening + 1)
            if word[0] not in OF_LAYER and word[0].endswith("x") and opening == word.end():
                return self._size(place)
            return self._measure(word, opening)
        if _SIZE.match(text, place):
            return self._size(place)
        closing = self._closing.get(place)
        if closing is not None and text[closing : closing + 1] == "x" and _PART.match(text, closing + 1):
            return self._size(place)
        return 0

    def _measure(self, word: re.Match[str], opening: int) -> int:
        """Note a figure of layers."""
        name = word[0] if word[0] in OF_LAYER else word[0].casefold()
        if name not in OF_LAYER:
            hint = nearest(word[0], [*OF_LAYER, *FUNCTIONS])
            if word[0] in OF_NETWORK:
                hint = f"{word[0]} is a figure of the whole network: write it without parentheses"
            raise ExpressionError(
                f"no figure of a layer is called {quoted(word[0])}",
                word.start(),
                word.end(),
                hint or f"the figures are {', '.join(OF_LAYER)}",
            )
        end = self._closing[opening]
        arguments = tuple(_arguments(self.text, opening + 1, end - 1))
        fewest, most, form = _forms(name)
        if not fewest <= len(arguments) <= most:
            raise ExpressionError(
                f"{name} takes {fewest if fewest == most else f'{fewest} or {most}'} "
                f"{'argument' if most == 1 else 'arguments'}, got {len(arguments)}",
                word.start(),
                end,
                f"write {form}",
            )
        self.measures[f"?{word.start()}"] = Measure(name, arguments, word.start(), end)
        return end

    def _size(self, start: int) -> int:
        """Note a size, whose entries are words and parentheses joined by x."""
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
        if not isinstance(tree, Axes | Name):
            raise ExpressionError("expected a size, such as 1x1x1000", start, end)
        self._sizes[start] = tree
        return end


def _forms(figure: str) -> tuple[int, int, str]:
    """The fewest and the most arguments of a figure, and how it is written."""
    if figure == SHARE:
        return 2, 2, "share(layer, params): the part that a layer has of a figure of the network"
    if any(figure == field.name for field in FIELD_FIGURES):
        return 1, 2, f"{figure}(layer), or {figure}(layer, input) where there are several inputs"
    return 1, 1, f"{figure}(layer); a glob such as layer1.* sums over the layers that it fits"


def _arguments(text: str, start: int, end: int) -> Iterator[Argument]:
    """The parts of a list of arguments."""
    if not text[start:end].strip():
        return
    for part in text[start:end].split(","):
        inner = part.strip()
        first = start + part.find(inner)
        yield Argument(inner, first, first + max(len(inner), 1))
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


def _skipped(text: str, place: int) -> int:
    """The place of the next character that is no space."""
    while place < len(text) and text[place] == " ":
        place += 1
    return place
