"""A condition with the values of its figures: comparisons, and how they are joined.

Every part is evaluated whatever the others are, so that a broken part cannot hide behind another.  Under
`not` a comparison is its opposite, for everything it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from rfcalc.analysis.field_values import FieldFigure, Span
from rfcalc.analysis.figures import FIGURES
from rfcalc.conditions.measures import MeasuredPart, Measures, Reading
from rfcalc.conditions.text import WrittenCondition
from rfcalc.conditions.words import ALONG_AXES, FigureKind, entries_of
from rfcalc.errors import spoken
from rfcalc.ops.attributes import NO, YES, PerAxis, format_value
from rfcalc.records import NamedTuple
from rfcalc.spec.evaluate import charge_comparing, evaluate
from rfcalc.spec.tokens import COMPARISONS, ComparisonSign, ExpressionError
from rfcalc.spec.trees import AxesExpression, Expression, Name, Numeral, Operations, Prefix, within
from rfcalc.symbolic.polynomial import Polynomial

_Exchanged = dict[ComparisonSign, ComparisonSign]
# What a comparison is with its sides exchanged.
MIRRORED: _Exchanged = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
# What a comparison is under `not`, for each value by itself.
OPPOSITE: _Exchanged = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class ComparedSide(NamedTuple):
    """One side of a comparison.

    text: as written.  reading: the figure it is, None where it is computed.  parts: its value; a number
    that stands for any number of entries is one part with one entry, and `single`.
    literal: it is a number as written.  readings: the figures in it.  lasting: it is in seconds.
    """

    text: str
    reading: Reading | None
    parts: tuple[MeasuredPart, ...]
    single: bool
    literal: bool
    readings: tuple[Reading, ...]
    lasting: bool = False

    @property
    def kind(self) -> FigureKind:
        """That of the figure it is; a count where it is computed."""
        return self.reading.kind if self.reading else "count"

    @property
    def counts(self) -> bool:
        """Whether it is made of figures that are one number each, so that it has no axes."""
        kinds = {reading.kind for reading in self.readings}
        return self.single and bool(kinds) and kinds.isdisjoint(ALONG_AXES)

    @property
    def is_size(self) -> bool:
        """Whether it has several entries that are not those of a field."""
        several = not self.single and any(len(part.entries) > 1 for part in self.parts)
        return several and {reading.kind for reading in self.readings}.isdisjoint(ALONG_AXES - {"size"})

    def entries(self, part: MeasuredPart) -> tuple[Span, ...]:
        """The entries of one of its parts, as far as it has several."""
        return self.parts[0].entries if self.single or not self.reading else part.entries


class SpanPair(NamedTuple):
    """Two values that are compared, and along which axis.

    part: of the side that is measured.  axis: -1 where the numbers of entries are compared.
    """

    part: MeasuredPart
    axis: int
    left: Span
    right: Span

    def at(self, values: Mapping[str, int]) -> SpanPair:
        """The same for values of the symbols."""
        return self._replace(left=_span_at(self.left, values), right=_span_at(self.right, values))


class ClauseComparison(NamedTuple):
    """A comparison that has been evaluated, under `not` its opposite; a side with figures is the left one.

    groups: the pairs that are compared; of each group all must hold, or with `any_of` one.
    place: where it begins and ends in the condition.
    """

    left: ComparedSide
    operator: ComparisonSign
    right: ComparedSide
    groups: tuple[tuple[SpanPair, ...], ...]
    any_of: bool
    place: tuple[int, int]

    @property
    def pairs(self) -> Iterator[SpanPair]:
        """All pairs."""
        return (pair for group in self.groups for pair in group)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The figures on both sides."""
        return self.left.readings + self.right.readings


class Junction(NamedTuple):
    """Clauses of which all must hold, or one."""

    clauses: tuple[Clause, ...]
    any_of: bool


class ClauseFlag(NamedTuple):
    """What is true or false by itself, under `not` its opposite.

    found: what is said of it, "" where nothing is.  place: where it begins and ends in the condition.
    """

    holds: bool
    text: str
    found: str
    place: tuple[int, int]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """There are no figures in it."""
        return ()


# None: a part that cannot be evaluated, whose problem is noted.
Clause = ClauseComparison | Junction | ClauseFlag | None


class Condition(NamedTuple):
    """A condition that has been evaluated; problems: of the parts that could not be."""

    text: str
    clause: Clause
    problems: tuple[ExpressionError, ...]

    @property
    def comparisons(self) -> tuple[ClauseComparison, ...]:
        """Its comparisons, in its order."""
        return tuple(_comparisons(self.clause))


def _comparisons(clause: Clause) -> Iterator[ClauseComparison]:
    if isinstance(clause, ClauseComparison):
        yield clause
    elif isinstance(clause, Junction):
        for part in clause.clauses:
            yield from _comparisons(part)


def evaluated(text: str, measures: Measures) -> Condition:
    """A condition with the values of the figures in it."""
    try:
        written = measures.read(text)
    except ExpressionError as error:
        return Condition(text, None, (_within(error, text),))
    evaluation = _Evaluation(written, measures)
    clause = evaluation.clause(written.tree)
    return Condition(text, clause, tuple(evaluation.problems))


_Evaluated = TypeVar("_Evaluated")


class _Evaluation:
    """The evaluation of one condition; what cannot be evaluated is noted."""

    def __init__(self, written: WrittenCondition, measures: Measures) -> None:
        self.written = written
        self.measures = measures
        self.problems: list[ExpressionError] = []

    def clause(self, tree: Expression, negated: bool = False) -> Clause:
        """A part of the condition, or under `not` its opposite; trees are as deep as texts nest."""
        if isinstance(tree, Operations) and tree.rest[0][0] in ("and", "or"):
            parts = (tree.first, *(part for _, part in tree.rest))
            clauses = tuple(self.clause(part, negated) for part in parts)
            return Junction(clauses, any_of=(tree.rest[0][0] == "or") is not negated)
        if isinstance(tree, Prefix) and tree.operator == "not":
            return self.clause(tree.operand, not negated)
        if isinstance(tree, Operations) and tree.rest[0][0] in COMPARISONS:
            return self._chain(tree, negated)
        return self._tried(lambda: self._flag(tree, negated))

    def _tried(self, evaluation: Callable[[], _Evaluated]) -> _Evaluated | None:
        """What an evaluation gives; None where it cannot be made, which is noted."""
        try:
            return evaluation()
        except ExpressionError as error:
            self.problems.append(_within(error, self.written.text))
            return None

    def _flag(self, tree: Expression, negated: bool) -> ClauseFlag:
        """A truth value that has a name of its own; raises ExpressionError."""
        value = evaluate(tree, self.measures)
        if isinstance(value, bool) and isinstance(tree, Name) and tree.text not in YES | NO:
            measure = self.written.measures.get(tree.text)
            found = self.measures.legal(measure)[1] if measure else ""
            text = self.written.text[tree.start : tree.end]
            return ClauseFlag(value is not negated, text, found, (tree.start, tree.end))
        message = "expected a comparison, such as params <= 5M, or several joined by `and` and `or`"
        raise ExpressionError(message, tree.start, tree.end, "what compares is ==, !=, <, <=, > or >=")

    def _chain(self, tree: Operations, negated: bool) -> Clause:
        """A chain of comparisons: `a <= b <= c` is two, of which under `not` one must fail."""
        trees = (tree.first, *(operand for _, operand in tree.rest))
        sides = [self._tried(partial(self._operand, side)) for side in trees]
        clauses: list[Clause] = []
        for place, (operator, _) in enumerate(tree.rest):
            left, right = sides[place], sides[place + 1]
            span = trees[place].start, trees[place + 1].end
            assert operator in COMPARISONS
            meant = OPPOSITE[operator] if negated else operator
            known = left and right and partial(_compared_alike, left, meant, right, span)
            clauses.append(self._tried(known) if known else None)
        return clauses[0] if len(clauses) == 1 else Junction(tuple(clauses), any_of=negated)

    def _operand(self, tree: Expression) -> ComparedSide:
        """One side of a comparison; raises ExpressionError."""
        text = self.written.text[tree.start : tree.end]
        written = self.written.measures
        if isinstance(tree, Name) and tree.text in written:
            reading = self.measures.reading(written[tree.text])
            return ComparedSide(
                text, reading, reading.parts, reading.kind not in ALONG_AXES, False, (reading,)
            )
        value = evaluate(tree, self.measures)
        names = (name.text for name in within(tree, Name) if name.text in written)
        readings = tuple(self.measures.reading(written[name]) for name in names)
        lasting = any(number.start in self.written.durations for number in within(tree, Numeral))
        if lasting and readings:
            message = f"{readings[0].figure} is so many positions and cannot be computed with as a duration"
            hint = f"compare it by itself: {readings[0].figure} <= 40ms"
            raise ExpressionError(message, tree.start, tree.end, hint)
        entries = value if isinstance(value, PerAxis) else (value,)
        spans: list[Span] = []
        for entry in entries:
            if isinstance(entry, bool | str | tuple):
                raise ExpressionError(f"expected a number, got {format_value(value)}", tree.start, tree.end)
            charge_comparing((entry,), self.measures)
            spans.append(Span(entry, entry))
        parts = (MeasuredPart(None, "", tuple(spans)),)
        single, literal = not isinstance(value, PerAxis), isinstance(tree, Numeral | AxesExpression)
        return ComparedSide(text, None, parts, single, literal, readings, lasting)


def _compared_alike(
    left: ComparedSide, operator: ComparisonSign, right: ComparedSide, place: tuple[int, int]
) -> ClauseComparison:
    """The comparison of two sides, both in seconds where one is; raises ExpressionError."""
    if left.lasting is not right.lasting:
        left, right = (side if side.lasting else _in_time(side, place) for side in (left, right))
    return _compared(left, operator, right, place)


def _in_time(side: ComparedSide, place: tuple[int, int]) -> ComparedSide:
    """A figure of fields in seconds, along the first axis of each input; raises ExpressionError."""
    reading = side.reading
    figure = FIGURES.get(reading.figure) if reading else None
    if reading is None or not isinstance(figure, FieldFigure) or not figure.lasting:
        names = [each.name for each in FIGURES.values() if isinstance(each, FieldFigure) and each.lasting]
        hint = f"what can be a duration is {', '.join(names)}"
        raise ExpressionError(f"{side.text} is compared with a duration and is none", *place, hint)
    from rfcalc.analysis.durations import NoRate, in_seconds

    try:
        parts = tuple(part._replace(entries=(in_seconds(part.entries[0], part.rate),)) for part in side.parts)
    except NoRate as reason:
        said = spoken("--rate 16000", "rate=16000")
        hint = f"say it: `rate: 16000` in the description, or {said}"
        raise ExpressionError(f"{side.text} is not known as a duration: {reason}", *place, hint) from None
    return side._replace(reading=reading._replace(kind="duration", parts=parts), parts=parts, lasting=True)


def _compared(
    left: ComparedSide, operator: ComparisonSign, right: ComparedSide, place: tuple[int, int]
) -> ClauseComparison:
    """The comparison of two sides; raises ExpressionError when they are of different kinds.

    Part by part, axis by axis; one part or entry is compared with each.
    """
    if right.readings and not left.readings:
        left, operator, right = right, MIRRORED[operator], left
    number = max(len(left.parts), len(right.parts))
    lefts = left.parts if len(left.parts) == number else left.parts * number
    rights = right.parts if len(right.parts) == number else right.parts * number
    if len(lefts) != len(rights):
        message = f"{left.text} speaks of {len(left.parts)} layers and {right.text} of {len(right.parts)}"
        raise ExpressionError(message, *place, "compare several layers with one value")
    for side, other in ((left, right), (right, left)):
        if side.counts and other.is_size:
            message = f"{side.text} is one number, {other.text} is a size"
            raise ExpressionError(message, *place, "compare it with one number")
    groups: list[tuple[SpanPair, ...]] = []
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
            lengths = (Span(len(entries), len(entries)) for entries in (ones, twos))
            groups.append((SpanPair(part, -1, *lengths),))
            continue
        spans = zip(ones, twos, strict=True)
        groups.append(tuple(SpanPair(part, axis, *pair) for axis, pair in enumerate(spans)))
    # Sizes differ where one entry does, and are not known to be the same where one is undecided.
    any_of = operator == "!=" and not (left.single or right.single)
    return ClauseComparison(left, operator, right, tuple(groups), any_of, place)


def _span_at(span: Span, values: Mapping[str, int]) -> Span:
    low, high = (end.evaluate(values) if isinstance(end, Polynomial) else end for end in span[:2])
    return span._replace(low=low, high=high)


def _within(error: ExpressionError, text: str) -> ExpressionError:
    """An error whose place is within a text, and no empty one."""
    start = min(error.start, max(len(text) - 1, 0))
    return ExpressionError(error.message, start, max(error.end, start + 1), error.hint)
