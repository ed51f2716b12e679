"""Promises: whether the comparisons of a `check:` line, or of a budget, hold for a network.

Every part is evaluated whatever the others are, so that a broken part cannot hide behind another.  A
comparison holds for all of what it speaks of, every phase, axis and layer, and for all values of a symbol;
what is not known to hold and not known to fail is undecided, which is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.layer_figures import Span
from rfcalc.lint.promises.measures import Measures, Part, Reading
from rfcalc.lint.promises.text import Measure, Promise
from rfcalc.ops.attributes import NO, YES, PerAxis, format_value
from rfcalc.spec.evaluate import evaluate
from rfcalc.spec.expressions import Axes, Chain, Expression, Name, Number, Prefix, names_in
from rfcalc.spec.nodes import cut
from rfcalc.spec.tokens import ExpressionError
from rfcalc.symbolic import SymbolicError, equals, format_number

if TYPE_CHECKING:
    from rfcalc.symbolic import Exact

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
# What a comparison is with its sides exchanged.
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Operand(NamedTuple):
    """One side of a comparison.

    text: as written.  reading: the figure it is, None where it is computed.  parts: its value; a number
    that stands for any number of entries is one part with one entry, and `single`.
    literal: it is a number as written.  measures: the figures in it; readings: their values.
    """

    text: str
    reading: Reading | None
    parts: tuple[Part, ...]
    single: bool
    literal: bool
    measures: tuple[Measure, ...]
    readings: tuple[Reading, ...]


class Pair(NamedTuple):
    """Two values that are compared: of which part, along which axis, and what is found; None: undecided."""

    part: Part
    axis: int
    left: Span
    right: Span
    holds: bool | None


class Compared(NamedTuple):
    """A comparison that has been evaluated; start and end: its place in the promise."""

    left: Operand
    operator: str
    right: Operand
    pairs: tuple[Pair, ...]
    holds: bool | None
    start: int
    end: int


class Problem(NamedTuple):
    """Why a part of a promise cannot be evaluated, and its place."""

    message: str
    start: int
    end: int
    hint: str = ""


class Verdict(NamedTuple):
    """What is found of a promise.

    holds: None when that is undecided.  causes: when it does not hold, the comparisons to which that is
    due.  problems: what cannot be evaluated, whether or not the promise depends on it.
    """

    text: str
    holds: bool | None
    causes: tuple[Compared, ...]
    problems: tuple[Problem, ...]


def judge(text: str, measures: Measures) -> Verdict:
    """Whether a promise holds for the network that is measured."""
    try:
        promise = measures.read(text)
    except ExpressionError as error:
        return Verdict(text, None, (), (_problem(error, text),))
    measures.begin(promise)
    judgement = _Judgement(promise, measures)
    holds, causes = judgement.truth(promise.tree)
    return Verdict(text, holds, causes if holds is False else (), tuple(judgement.problems))


_Found = tuple[bool | None, tuple[Compared, ...]]


class _Judgement:
    """The evaluation of one promise; what cannot be evaluated is noted."""

    def __init__(self, promise: Promise, measures: Measures) -> None:
        self.promise = promise
        self.measures = measures
        self.problems: list[Problem] = []

    def truth(self, tree: Expression) -> _Found:
        """Whether a part holds, and the comparisons that make it so; trees are as deep as texts nest."""
        if isinstance(tree, Chain) and tree.rest[0][0] in ("and", "or"):
            parts = [self.truth(operand) for operand in (tree.first, *(part for _, part in tree.rest))]
            # One part that fails settles an `and`, one that holds an `or`.
            settles = tree.rest[0][0] == "or"
            if any(holds is settles for holds, _ in parts):
                return settles, tuple(
                    cause for holds, causes in parts if holds is settles for cause in causes
                )
            if any(holds is None for holds, _ in parts):
                return None, ()
            return not settles, tuple(cause for _, causes in parts for cause in causes)
        if isinstance(tree, Prefix) and tree.operator == "not":
            holds, causes = self.truth(tree.operand)
            return (None if holds is None else not holds), causes
        try:
            if isinstance(tree, Chain) and tree.rest[0][0] in COMPARISONS:
                return self._chain(tree)
            value = evaluate(tree, self.measures)
            if isinstance(value, bool) and isinstance(tree, Name) and tree.text not in YES | NO:
                return value, ()
            raise ExpressionError(
                "expected a comparison, such as params <= 5M, or several joined by `and` and `or`",
                tree.start,
                tree.end,
                "what compares is ==, !=, <, <=, > or >=",
            )
        except ExpressionError as error:
            self.problems.append(_problem(error, self.promise.text))
            return None, ()

    def _chain(self, tree: Chain) -> _Found:
        """A chain of comparisons: `a <= b <= c` is two."""
        sides: list[Operand | None] = []
        for side in (tree.first, *(operand for _, operand in tree.rest)):
            try:
                sides.append(self._operand(side))
            except ExpressionError as error:
                self.problems.append(_problem(error, self.promise.text))
                sides.append(None)
        found: list[Compared] = []
        trees = (tree.first, *(operand for _, operand in tree.rest))
        undecided = False
        for place, (operator, _) in enumerate(tree.rest):
            left, right = sides[place], sides[place + 1]
            span = trees[place].start, trees[place + 1].end
            if left is None or right is None:
                undecided = True
                continue
            try:
                found.append(_compare(left, operator, right, span))
            except ExpressionError as error:
                self.problems.append(_problem(error, self.promise.text))
                undecided = True
        for compared in found:
            if compared.holds is None:
                self.problems.append(_undecided(compared))
        broken = tuple(compared for compared in found if compared.holds is False)
        if broken:
            return False, broken
        if undecided or any(compared.holds is None for compared in found):
            return None, ()
        return True, tuple(found)

    def _operand(self, tree: Expression) -> Operand:
        """One side of a comparison; raises ExpressionError."""
        text = _written(self.promise.text, tree)
        written = self.promise.measures
        measures = tuple(written[name.text] for name in names_in(tree) if name.text in written)
        if isinstance(tree, Name) and tree.text in written:
            reading = self.measures.reading(written[tree.text])
            single = reading.kind not in ("size", "field")
            return Operand(text, reading, reading.parts, single, False, measures, (reading,))
        value = evaluate(tree, self.measures)
        readings = tuple(map(self.measures.reading, measures))
        entries = value if isinstance(value, PerAxis) else (value,)
        spans: list[Span] = []
        for entry in entries:
            if isinstance(entry, bool | str | tuple):
                raise ExpressionError(f"expected a number, got {format_value(value)}", tree.start, tree.end)
            self.measures.charge(entry)
            spans.append(Span(entry, entry))
        parts = (Part(None, "", tuple(spans)),)
        single, literal = not isinstance(value, PerAxis), isinstance(tree, Number | Axes)
        return Operand(text, None, parts, single, literal, measures, readings)


def _written(text: str, tree: Expression) -> str:
    """The text of a side of a comparison, with the parentheses around its first and last part."""
    start, end = tree.start, tree.end
    while text.count(")", start, end) > text.count("(", start, end):
        start = text.rindex("(", 0, start)
    while text.count("(", start, end) > text.count(")", start, end):
        end = text.index(")", end) + 1
    return text[start:end]


def _compare(left: Operand, operator: str, right: Operand, place: tuple[int, int]) -> Compared:
    """The comparison of two sides; raises ExpressionError when they are of different kinds."""
    pairs = tuple(_pairs(left, operator, right, place))
    results = [pair.holds for pair in pairs]
    holds = False if False in results else None if None in results else True
    return Compared(left, operator, right, pairs, holds, *place)


def _pairs(left: Operand, operator: str, right: Operand, place: tuple[int, int]) -> Iterator[Pair]:
    """What is compared with what: part by part, axis by axis; one part or entry is compared with each."""
    count = max(len(left.parts), len(right.parts))
    lefts = left.parts if len(left.parts) == count else left.parts * count
    rights = right.parts if len(right.parts) == count else right.parts * count
    if len(lefts) != len(rights):
        message = f"{left.text} speaks of {len(left.parts)} layers and {right.text} of {len(right.parts)}"
        raise ExpressionError(message, *place, "compare several layers with one value")
    for one, two in zip(lefts, rights, strict=True):
        part = one if one.label or len(one.entries) >= len(two.entries) else two
        length = max(len(one.entries), len(two.entries))
        for side, other in ((left, right), (right, left)):
            if side.reading and side.reading.kind == "size" and other.single and length > 1:
                shown = "x".join(["1"] * (length - 1) + ["1000"])
                message = f"{side.text} is a size of {length} entries, {other.text} is one number"
                raise ExpressionError(message, *place, f"compare it with a size, such as {shown}")
        ones = one.entries * length if left.single else one.entries
        twos = two.entries * length if right.single else two.entries
        if len(ones) != len(twos):
            if operator not in ("==", "!="):
                message = f"{left.text} has {len(ones)} entries, {right.text} {len(twos)}"
                raise ExpressionError(message, *place, "both need one for each axis")
            yield Pair(part, -1, Span(len(ones), len(ones)), Span(len(twos), len(twos)), operator == "!=")
            continue
        found = [
            Pair(part, axis, *spans, _holds(spans[0], operator, spans[1]))
            for axis, spans in enumerate(zip(ones, twos, strict=True))
        ]
        if operator == "!=" and not (left.single or right.single) and any(pair.holds for pair in found):
            # Sizes differ where one entry does.
            found = [pair for pair in found if pair.holds]
        yield from found


def _holds(left: Span, operator: str, right: Span) -> bool | None:
    """Whether a comparison holds for all values of both sides."""
    if left.at_most and right.at_most:
        return None
    if right.at_most:
        return _holds(right, MIRRORED[operator], left)
    if left.at_most:
        return _bounded(left.high, operator, right)
    lefts = (left.low,) if left.low == left.high else (left.low, left.high)
    rights = (right.low,) if right.low == right.high else (right.low, right.high)
    results = [_decided(one, operator, two) for one in lefts for two in rights]
    if all(results):
        # A value between two ends may be one of those that are not allowed.
        return None if operator == "!=" and _between(left, right) else True
    if None in results and False not in results:
        return None
    # Of two spans it is not known which values go together.
    mixed = len(lefts) > 1 and len(rights) > 1 and any(result is not False for result in results)
    return None if mixed else False


def _between(left: Span, right: Span) -> bool:
    if left.low == left.high and right.low == right.high:
        return False
    return left.low < right.high and right.low < left.high


def _bounded(most: Exact, operator: str, right: Span) -> bool | None:
    """Whether a comparison holds for a value of which only the most it can be is known."""
    below = _decided(most, "<", right.low)
    if operator in ("<", "<="):
        return True if _decided(most, operator, right.low) else None
    if operator == "!=":
        return True if below else None
    if operator == ">" and _decided(most, "<=", right.low):
        return False
    return False if below else None


def _decided(one: Exact, operator: str, two: Exact) -> bool | None:
    """Whether a comparison of two numbers holds; None when that depends on a symbol."""
    try:
        if operator == "<":
            return one < two
        if operator == "<=":
            return one <= two
        if operator == ">":
            return one > two
        if operator == ">=":
            return one >= two
        same = equals(one, two)
        return same if operator == "==" else not same
    except SymbolicError:
        return None


def _undecided(compared: Compared) -> Problem:
    """Why a comparison is neither known to hold nor known to fail."""
    pair = next(pair for pair in compared.pairs if pair.holds is None)
    of = f" {pair.part.label}" if pair.part.label else ""
    for side, span in ((compared.left, pair.left), (compared.right, pair.right)):
        if span.at_most:
            return Problem(
                f"{side.text}{of} is only known to be at most {format_number(span.high)}",
                compared.start,
                compared.end,
                "an upper limit that is not smaller can be promised",
            )
    one, two = (_shown(pair.left), _shown(pair.right))
    if pair.left.low != pair.left.high or pair.right.low != pair.right.high:
        message = (
            f"{compared.left.text}{of} is {one} and {compared.right.text} is {two}, depending on the unit"
        )
        return Problem(message, compared.start, compared.end)
    message = f"{compared.left.text}{of} is {one}: whether that {_VERBS[compared.operator]} {two} depends on"
    symbols = sorted({name for side in (pair.left, pair.right) for name in getattr(side.low, "symbols", ())})
    return Problem(
        f"{message} {', '.join(symbols)}",
        compared.start,
        compared.end,
        "a promise must hold for all values of a symbol",
    )


_VERBS = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}


def _shown(span: Span) -> str:
    low, high = (
        f"{end:,}" if isinstance(end, int) else cut(format_number(end)) for end in (span.low, span.high)
    )
    return low if low == high else f"{low} to {high}"


def _problem(error: ExpressionError, text: str) -> Problem:
    """The problem of an error, its place within the text."""
    start = min(error.start, max(len(text) - 1, 0))
    return Problem(error.message, start, max(error.end, start + 1), error.hint)
