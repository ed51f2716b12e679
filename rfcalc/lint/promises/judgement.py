"""Promises: whether the comparisons of a `check:` line, or of a budget, hold for a network.

Every part is evaluated whatever the others are, so that a broken part cannot hide behind another.  A
comparison holds for all of what it speaks of, every phase, axis and layer, and for all values of a symbol;
what is not known to hold and not known to fail is undecided, which is never a pass.  Under `not` a comparison
is its opposite, which must hold for all of that too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.layer_figures import Span
from rfcalc.lint.promises.measures import Measures, Part, Reading
from rfcalc.lint.promises.text import Measure, Promise
from rfcalc.lint.promises.values import amount, entries_of, places, sizes
from rfcalc.ops.attributes import NO, YES, PerAxis, format_value
from rfcalc.spec.evaluate import evaluate
from rfcalc.spec.expressions import Axes, Chain, Expression, Name, Number, Prefix, names_in
from rfcalc.spec.tokens import ExpressionError
from rfcalc.symbolic.polynomial import SymbolicError, equals

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
# What a comparison is with its sides exchanged.
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
# What a comparison is under `not`, for each value by itself.
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


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

    @property
    def kind(self) -> str:
        """That of the figure it is; a count where it is computed."""
        return self.reading.kind if self.reading else "count"

    @property
    def counts(self) -> bool:
        """Whether it is made of figures that are one number each, so that it has no axes."""
        kinds = {reading.kind for reading in self.readings}
        return self.single and bool(kinds) and kinds.isdisjoint(("size", "field"))

    @property
    def is_size(self) -> bool:
        """Whether it has several entries that are not those of a field."""
        several = not self.single and any(len(part.entries) > 1 for part in self.parts)
        return several and all(reading.kind != "field" for reading in self.readings)

    def entries(self, part: Part) -> tuple[Span, ...]:
        """The entries of one of its parts, as far as it has several."""
        return self.parts[0].entries if self.single or not self.reading else part.entries


class Pair(NamedTuple):
    """Two values that are compared, along which axis, and what is found; None: undecided.

    part: of the side that is measured.  axis: -1 where the numbers of entries are compared.
    """

    part: Part
    axis: int
    left: Span
    right: Span
    holds: bool | None


class Compared(NamedTuple):
    """A comparison that has been evaluated, its opposite under `not`.

    start and end: its place in the promise.
    """

    left: Operand
    operator: str
    right: Operand
    pairs: tuple[Pair, ...]
    holds: bool | None
    start: int
    end: int

    def measured_first(self) -> Compared:
        """The same with the side that speaks of figures on the left."""
        if self.left.measures or not self.right.measures:
            return self
        pairs = tuple(pair._replace(left=pair.right, right=pair.left) for pair in self.pairs)
        operator = MIRRORED[self.operator]
        return self._replace(left=self.right, operator=operator, right=self.left, pairs=pairs)


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
    return Verdict(text, holds, causes, tuple(judgement.problems))


_Found = tuple[bool | None, tuple[Compared, ...]]


class _Judgement:
    """The evaluation of one promise; what cannot be evaluated is noted."""

    def __init__(self, promise: Promise, measures: Measures) -> None:
        self.promise = promise
        self.measures = measures
        self.problems: list[Problem] = []

    def truth(self, tree: Expression, negated: bool = False) -> _Found:
        """Whether a part holds, or under `not` its opposite, and the comparisons by which it does not.

        Trees are as deep as texts nest.
        """
        if isinstance(tree, Chain) and tree.rest[0][0] in ("and", "or"):
            parts = [
                self.truth(operand, negated) for operand in (tree.first, *(part for _, part in tree.rest))
            ]
            return _joined(parts, any_of=(tree.rest[0][0] == "or") is not negated)
        if isinstance(tree, Prefix) and tree.operator == "not":
            return self.truth(tree.operand, not negated)
        try:
            if isinstance(tree, Chain) and tree.rest[0][0] in COMPARISONS:
                return self._chain(tree, negated)
            value = evaluate(tree, self.measures)
            if isinstance(value, bool) and isinstance(tree, Name) and tree.text not in YES | NO:
                return value is not negated, ()
            raise ExpressionError(
                "expected a comparison, such as params <= 5M, or several joined by `and` and `or`",
                tree.start,
                tree.end,
                "what compares is ==, !=, <, <=, > or >=",
            )
        except ExpressionError as error:
            self.problems.append(_problem(error, self.promise.text))
            return None, ()

    def _chain(self, tree: Chain, negated: bool) -> _Found:
        """A chain of comparisons: `a <= b <= c` is two, of which under `not` one must fail."""
        sides: list[Operand | None] = []
        for side in (tree.first, *(operand for _, operand in tree.rest)):
            try:
                sides.append(self._operand(side))
            except ExpressionError as error:
                self.problems.append(_problem(error, self.promise.text))
                sides.append(None)
        trees = (tree.first, *(operand for _, operand in tree.rest))
        found: list[_Found] = []
        for place, (operator, _) in enumerate(tree.rest):
            left, right = sides[place], sides[place + 1]
            span = trees[place].start, trees[place + 1].end
            if left is None or right is None:
                found.append((None, ()))
                continue
            try:
                compared = _compare(left, OPPOSITE[operator] if negated else operator, right, span)
            except ExpressionError as error:
                self.problems.append(_problem(error, self.promise.text))
                found.append((None, ()))
                continue
            if compared.holds is None:
                self.problems.append(_undecided(compared))
            found.append((compared.holds, (compared,) if compared.holds is False else ()))
        return _joined(found, any_of=negated)

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
            self.measures.compared(entry)
            spans.append(Span(entry, entry))
        parts = (Part(None, "", tuple(spans)),)
        single, literal = not isinstance(value, PerAxis), isinstance(tree, Number | Axes)
        return Operand(text, None, parts, single, literal, measures, readings)


def _joined(parts: Sequence[_Found], *, any_of: bool) -> _Found:
    """What several parts come to: one that fails settles that all hold, one that holds that any does."""
    results = [holds for holds, _ in parts]
    if any_of in results:
        holds: bool | None = any_of
    else:
        holds = None if None in results else not any_of
    causes = (cause for failed, causes in parts if failed is False for cause in causes)
    return holds, tuple(causes) if holds is False else ()


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
    for side, other in ((left, right), (right, left)):
        if side.counts and other.is_size:
            message = f"{side.text} is one number, {other.text} is a size"
            raise ExpressionError(message, *place, "compare it with one number")
    for one, two in zip(lefts, rights, strict=True):
        part = two if right.reading and (left.single or not left.reading) else one
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
                message = f"{left.text} has {entries_of(len(ones))}, {right.text} {len(twos)}"
                raise ExpressionError(message, *place, "both need one for each axis")
            yield Pair(part, -1, Span(len(ones), len(ones)), Span(len(twos), len(twos)), operator == "!=")
            continue
        found = [
            Pair(part, axis, *spans, _holds(spans[0], operator, spans[1]))
            for axis, spans in enumerate(zip(ones, twos, strict=True))
        ]
        if operator == "!=" and not (left.single or right.single):
            # Sizes differ where one entry does, and are not known to be the same where one is undecided.
            results = [pair.holds for pair in found]
            settling = True if True in results else None if None in results else False
            found = [pair for pair in found if pair.holds is settling]
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
    compared = compared.measured_first()
    left, right, place = compared.left, compared.right, (compared.start, compared.end)
    pair = next(pair for pair in compared.pairs if pair.holds is None)
    of = f" {pair.part.label}" if pair.part.label else ""
    for side, value in ((left, pair.left), (right, pair.right)):
        if value.at_most:
            message = f"{side.text}{of} is only known to be at most {amount(value.high)}"
            return Problem(message, *place, "an upper limit that is not smaller can be promised")
    if pair.left.low != pair.left.high or pair.right.low != pair.right.high:
        one, two = (_shown(pair.left), _shown(pair.right))
        return Problem(f"{left.text}{of} is {one} and {right.text} is {two}, depending on the unit", *place)
    entries = left.entries(pair.part)
    several = max(len(entries), len(right.entries(pair.part)))
    along = f" {places(left.kind, several)[pair.axis]}" if several > 1 else ""
    symbols = sorted({name for side in (pair.left, pair.right) for name in getattr(side.low, "symbols", ())})
    message = (
        f"{left.text}{of} is {sizes(entries, left.kind)}: whether that {_VERBS[compared.operator]} "
        f"{amount(pair.right.low)}{along} depends on {', '.join(symbols)}"
    )
    return Problem(message, *place, "a promise must hold for all values of a symbol")


_VERBS = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}


def _shown(span: Span) -> str:
    low, high = amount(span.low), amount(span.high)
    return low if low == high else f"{low} to {high}"


def _problem(error: ExpressionError, text: str) -> Problem:
    """The problem of an error, its place within the text."""
    start = min(error.start, max(len(text) - 1, 0))
    return Problem(error.message, start, max(error.end, start + 1), error.hint)
