"""The explanation of a receptive field in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.fields.path import Distance, FieldPath, Step
from rfcalc.ops.formula_parser import Tree, constant
from rfcalc.report.cells import BLANK, Cell, Text
from rfcalc.report.explanation.blocks import Equation, Passage, Spelled
from rfcalc.report.explanation.field import (
    AxisExplanation,
    Meeting,
    Taken,
    field_explanations,
)
from rfcalc.report.explanation.words import axis_names, listed_in, say
from rfcalc.report.table import Heading, Table
from rfcalc.report.words import Language
from rfcalc.symbolic.polynomial import format_number

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import AxisField
    from rfcalc.report.explanation.figures import Explained

# The sizes of a field that repeats after more positions than this are not listed one by one.
_MOST_PHASES = 16
# Of the joins on a chain this many are named.
_MOST_JOINS = 4
_MOST_OTHERS = 3

_SOURCE = "Dumoulin and Visin 2016; Araujo, Norris and Sim 2019"


def field_blocks(explained: Explained, language: Language) -> Iterator[Passage]:
    """Everything that is said about a layer's receptive field."""
    found = field_explanations(explained)
    if not found:
        yield say("sees no input", language)
        return
    alike: dict[tuple[object, ...], list[AxisExplanation]] = {}
    for each in found:
        # Of fields that differ in what is left out, as the places of the phases are, the same is said.
        said = each.source, *_AlikeAxes(explained, each, (), language).blocks()
        alike.setdefault(said, []).append(each)
    for first, *others in alike.values():
        axes = sum((each.axes for each in others), first.axes)
        yield from _AlikeAxes(explained, first, axes, language).blocks()
    analysis = explained.analysis
    if analysis.graph.rates:
        from rfcalc.analysis.field_values import Views
        from rfcalc.report.network_table.timing import outlooks_of, rates_of

        of = analysis, Views(analysis), explained.found.node, language
        for told in (*rates_of(*of), *outlooks_of(*of)):
            yield say("told of time", language, told=told[0].upper() + told[1:])
    if any(each.path is not None for each in found):
        yield say("padded", language)
    yield say("source", language, source=_SOURCE)


class _AlikeAxes:
    """What is said about the field along axes that are alike.

    named: these axes, or others of which the same is said.
    """

    def __init__(
        self, explained: Explained, each: AxisExplanation, named: tuple[int, ...], language: Language
    ) -> None:
        self.explained = explained
        self.each = each
        self.language = language
        graph = explained.analysis.graph
        self.nodes = graph.nodes
        self.input = self.nodes[graph.inputs[each.source]]
        self.axes = axis_names(named, len(self.input.facts.output.axes), language)
        if len(graph.inputs) > 1:
            self.axes = say("field of axes", language, axes=self.axes, input=self.input.name)

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def spelled(self, key: str) -> Spelled:
        """A right side in words."""
        return Spelled(self.say(f"{key} text"), self.say(f"{key} latex"))

    def blocks(self) -> Iterator[Passage]:
        each = self.each
        if each.path is None:
            yield from self.without_path()
        elif len(each.path.chains) == 1:
            yield from self.single(each.path)
        else:
            yield from self.parted(each.path)
        if each.taken:
            yield self.taken(each.taken)
        yield from self.remarks(each.figures)
        if each.meeting is not None:
            yield from self.meeting(each.meeting)

    def single(self, path: FieldPath) -> Iterator[Passage]:
        steps = path.chains[0].steps
        moving = [step for step in steps if step.moves]
        if not moving:
            yield self.say("chain none", axes=self.axes)
        else:
            yield self.say("chain both", axes=self.axes)
            yield self.table(moving, "contribution", 1)
            yield from self.left_out(len(steps) - len(moving))
        right: tuple[Tree | Spelled, ...] = ()
        uneven = [step for step in moving if step.contribution != step.extent * step.stride]
        if any(step.contribution for step in moving):
            right = (self.spelled("added" if uneven else "sum"), *_sum_of(moving))
        read = dict(zip(steps[1:], steps, strict=False))
        for step in uneven[:_MOST_JOINS]:
            earlier = read.get(step)
            # How many units a layer that resamples reads for its own, which is what it adds.
            yield self.say(
                "resampled",
                layer=self.nodes[step.node].name,
                before=path.size if earlier is None else earlier.last - earlier.first + 1,
                stride=format_number(step.stride),
                behind=step.last - step.first + 1,
                own=format_number(step.behind),
                adds=format_number(step.contribution),
            )
        yield Equation(self.say("field name"), right, path.size)

    def parted(self, path: FieldPath) -> Iterator[Passage]:
        yield self.say("two chains", axes=self.axes, unit=path.unit)
        ends = (("first", path.low, -1), ("last", path.high, 1))
        for chain, (name, end, sign) in zip(path.chains, ends, strict=True):
            moving = [step for step in chain.steps if step.moves]
            yield self.say(f"chain {chain.end}", axes=self.axes)
            yield self.table(moving, "moved", 0)
            yield from self.left_out(len(chain.steps) - len(moving))
            start = Tree("product", (constant(path.unit), constant(chain.stride)))
            terms = Tree("sum", (start, _with_sign(sign, constant(chain.reach))))
            yield Equation(self.say(f"{name} name"), (self.spelled(name), terms), end)
        less = _with_sign(-1, constant(path.low))
        numbers = Tree("sum", (constant(path.high), less, constant(1)))
        yield Equation(self.say("field name"), (self.spelled("apart"), numbers), path.size)

    def table(self, steps: Sequence[Step], adds: str, start: int) -> Table:
        """The layers of a chain that contribute; `start` is what the field is at the input."""
        names = ["layer", "reads", "extent", "stride", adds]
        rows = [self.cells(step) for step in steps]
        if start:
            names.append("reach")
            first = (Text(self.input.name), *(BLANK,) * 4, Text(str(start)))
            reached = (Text(format_number(start + step.reach)) for step in steps)
            rows = [first, *((*cells, reach) for cells, reach in zip(rows, reached, strict=True))]
        return Table("", self.headings(names), tuple(rows), language=self.language)

    def cells(self, step: Step) -> tuple[Cell, ...]:
        """The cells of a layer: its name, what it reads, how far that lies apart, and what it adds."""
        adds = format_number(step.contribution)
        return (
            Text(self.nodes[step.node].name),
            Text(reading(step, self.language)),
            Text(str(step.extent)),
            Text(format_number(step.stride)),
            Text(f"+{adds}" if step.contribution > 0 else adds),
        )

    def headings(self, names: Sequence[str]) -> tuple[Heading, ...]:
        left = {"layer": "name", "branch": "name", "reads": "wrap"}
        return tuple(
            Heading(name, self.say(f"column {name}"), name not in left, left.get(name, "")) for name in names
        )

    def left_out(self, count: int) -> Iterator[Passage]:
        if count:
            yield self.say("one left out" if count == 1 else "left out", count=f"{count:,}")

    def taken(self, taken: Sequence[Taken]) -> str:
        joins = []
        for join in taken[:_MOST_JOINS]:
            names = {"join": self.nodes[join.node].name, "operand": self.nodes[join.operand].name}
            joins.append(
                self.say("taken join", **names, size=join.size)
                + self.others("taken not", [other for other in join.others if other[1] is not None])
                + self.others("taken without", [other for other in join.others if other[1] is None])
            )
        text = self.say("semicolon").join(joins)
        if len(taken) > _MOST_JOINS:
            text = self.say("taken more", joins=text, count=len(taken) - _MOST_JOINS)
        return self.say("taken", joins=text)

    def others(self, key: str, others: Sequence[tuple[int, int | None]]) -> str:
        """Some of the other operands of a join, with the size of their fields."""
        shown = []
        for operand, size in others[:_MOST_OTHERS]:
            name = self.nodes[operand].name
            shown.append(name if size is None else self.say("taken other", operand=name, size=size))
        shown += ["…"] if len(others) > _MOST_OTHERS else []
        return self.say(key, others=listed_in(shown, self.language)) if shown else ""

    def by_all_paths(self, key: str) -> str:
        """What a unit sees with the global paths."""
        strict = self.each.figures.strict
        positions = "?" if strict is None else format_number(strict)
        layer = self.first(lambda axis: axis.everything)
        return self.say(key, layer=layer, positions=positions, axes=self.axes)

    def remarks(self, figures: AxisField) -> Iterator[str]:
        """What else is to be said: the place of the field, and why it is what it is."""
        path = self.each.path
        if path is not None and figures.stride is not None and figures.padding is not None:
            yield self.say(
                "place",
                stride=_ratio(figures.stride),
                first=_negative(-figures.padding),
                centre="?" if figures.centre is None else _negative(figures.centre),
            )
        if figures.collapsed and figures.size is not None:
            yield self.say("collapsed", layer=self.first(lambda axis: axis.collapsed))
        if path is not None and figures.size is not None:
            low, high = figures.size
            if figures.status == Status.PER_POSITION:
                layer = self.first(lambda axis: axis.status == Status.PER_POSITION)
                yield self.say("per-position", layer=layer, sizes=_range(figures), unit=path.unit)
            elif low != high:
                sizes = ", ".join(map(str, figures.sizes))
                shown = self.say("range sizes", sizes=sizes) if figures.phases <= _MOST_PHASES else ""
                yield self.say(
                    "range", low=low, high=high, phases=figures.phases, sizes=shown, unit=path.unit
                )
        if figures.holes and figures.holes[1]:
            fewest, most = figures.holes
            yield self.say("holes", holes=most if fewest == most else f"{fewest}–{most}")
        if figures.everything and figures.size is not None:
            yield self.by_all_paths("global")
        if figures.status == Status.BOUND and path is not None:
            yield self.bound("bound channels", path.size)
        if figures.status == Status.DATA_DEPENDENT:
            layer = self.first(lambda axis: axis.status == Status.DATA_DEPENDENT)
            yield self.say("data-dependent", layer=layer)

    def without_path(self) -> Iterator[Passage]:
        figures = self.each.figures
        if figures.status == Status.UNKNOWN:
            layer = self.first(lambda axis: axis.status == Status.UNKNOWN)
            place = self.explained.found.node, self.each.source, self.each.axes[0]
            state = self.explained.analysis.fields.state(*place)
            reason = (state and state.reason) or self.say("no reason")
            yield self.say("field unknown", axes=self.axes, layer=layer, reason=reason)
        elif figures.size is None:
            yield self.by_all_paths("nothing left")
        elif figures.status == Status.BOUND:
            yield self.bound("bound phases", figures.size[1])
        else:
            yield self.say("not followed", axes=self.axes, size=_range(figures))

    def bound(self, reason: str, size: int) -> str:
        layer = self.first(lambda axis: axis.status == Status.BOUND)
        return self.say("bound", layer=layer, reason=self.say(reason), size=size)

    def first(self, holds: Callable[[AxisField], bool]) -> str:
        """The name of the first layer at or before this one of whose field something holds."""
        index = self.explained.found.node
        fields = self.explained.analysis.fields.nodes
        axis = self.each.axes[0]
        while True:
            earlier = [
                operand
                for operand in self.nodes[index].inputs
                if (axes := fields[operand].inputs[self.each.source]) is not None and holds(axes[axis])
            ]
            if not earlier:
                return self.nodes[index].name
            index = earlier[0]

    def meeting(self, meeting: Meeting) -> Iterator[Passage]:
        since = self.say("since", layer=self.nodes[meeting.since].name) if meeting.since is not None else ""
        layer = self.nodes[meeting.node].name
        yield self.say(meeting.kind, layer=layer, axes=self.axes, since=since)
        rows: list[tuple[Cell, ...]] = []
        for branch in meeting.branches:
            name = self.nodes[branch.operand].name
            moving = [step for step in branch.steps or () if step.moves]
            rows += [
                (
                    Text("" if place else name),
                    *self.cells(step),
                    Text(format_number(1 + step.reach)),
                    Text(format_number(step.behind)),
                )
                for place, step in enumerate(moving)
            ]
            if not moving:
                rows.append((Text(name), BLANK, Text(self.say("unchanged")), *(BLANK,) * 5))
        columns = ("branch", "layer", "reads", "extent", "stride", "contribution", "reach", "after")
        yield Table("", self.headings(columns), tuple(rows), language=self.language)
        summary: list[tuple[Cell, ...]] = [
            (
                Text(self.nodes[branch.operand].name),
                Text(_range(branch.figures)),
                Text(_ratio(branch.figures.stride)),
                Text("?" if branch.figures.padding is None else _negative(-branch.figures.padding)),
                Text("?" if (mean := branch.figures.mean_centre) is None else _negative(mean[0] / mean[1])),
            )
            for branch in meeting.branches
        ]
        named = ("branch", "size", "rate", "first", "centre")
        yield Table("", self.headings(named), tuple(summary), language=self.language)
        if meeting.more:
            key = "one more off-centre" if meeting.more == 1 else "more off-centre"
            yield self.say(key, count=f"{meeting.more:,}")


def reading(step: Step, language: Language) -> str:
    """How a layer reads its operand along an axis, in words; of a global path, what is left without it."""
    if step.taps is None:
        return say("reads whole" if step.whole else "reads point", language)
    key, numbers = step.taps.description
    more = ""
    if key == "window":
        # What is 1 goes without saying.
        for word, name in (("reads apart", "dilation"), ("reads every", "stride")):
            more += say(word, language, **{name: numbers[name]}) if numbers[name] != 1 else ""
    elif key == "moved":
        numbers = {"shift": _negative(int(numbers["shift"]))}
    return say(f"reads {key}", language, **numbers, more=more)


def _sum_of(steps: Sequence[Step]) -> tuple[Tree, ...]:
    """The sum of the contributions, written out; layers in a row that contribute alike stand together."""
    adding = [step for step in steps if step.contribution]
    plain = all(step.contribution == step.extent * step.stride for step in adding)
    terms = [constant(1)]

    def numbers(step: Step) -> tuple[Distance, Distance]:
        return (step.extent, step.stride) if plain else (step.contribution, 1)

    for key, alike in groupby(adding, numbers):
        extent, stride = key
        count = len(list(alike))
        size = -extent if extent < 0 else extent
        term = Tree("product", (constant(size), constant(stride))) if plain else constant(size)
        times = term if count == 1 else Tree("product", (constant(count), term))
        terms.append(_with_sign(extent, times))
    return (Tree("sum", tuple(terms)),)


def _with_sign(sign: Distance, term: Tree) -> Tree:
    return Tree("minus", (term,)) if sign < 0 else term


def _negative(number: float) -> str:
    """A number with the sign of formulas."""
    shown = str(number) if isinstance(number, int) else f"{number:.10g}"
    return shown.replace("-", "−")


def _ratio(stride: int | tuple[int, int] | None) -> str:
    if stride is None:
        return "?"
    return format_number(stride if isinstance(stride, int) else Fraction(*stride))


def _range(figures: AxisField) -> str:
    if figures.size is None:
        return "?"
    low, high = figures.size
    return str(low) if low == high else f"{low}–{high}"
