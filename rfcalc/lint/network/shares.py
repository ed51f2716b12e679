"""Which lines have most of a figure: where a network that is too large, or has grown, is mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rfcalc.analysis.figures import COUNTS
from rfcalc.conditions.judgement import Failed, figures_of
from rfcalc.conditions.words import amount
from rfcalc.errors import Position, Related
from rfcalc.lint.network.wiring import by_line
from rfcalc.lint.rule import Subject
from rfcalc.records import NamedTuple

# So many further parts are named; then how many more there are.
MOST_PARTS = 5
# One part in so many matters: what has less of a figure is no place to mend it.
_MATTERS = 20


class LineShare(NamedTuple):
    """The layers that one line makes, by index, and what they have of the figure together."""

    layers: tuple[int, ...]
    value: int

    def name(self, subject: Subject) -> str:
        """What a message calls it: `conv3`, `layer1.0.conv1 and 2 more of its line`."""
        first = subject.graph.nodes[self.layers[0]].name
        more = len(self.layers) - 1
        return f"{first} and {more} more of its line" if more else first


class FigurePart(NamedTuple):
    """A part of a figure: how much it is, what is told of it, and the place that it comes from.

    node: the layer there, None where it is no layer.
    """

    value: int
    told: str
    position: Position
    node: int | None = None


def line_shares(subject: Subject, values: Iterable[tuple[int, int]]) -> tuple[LineShare, ...]:
    """The lines of some layers, each given with its number, the line with the most first."""
    numbers = {index: value for index, value in values if value > 0}
    found = [
        LineShare(layers, sum(numbers[index] for index in layers)) for layers in by_line(subject, numbers)
    ]
    return tuple(sorted(found, key=lambda share: (-share.value, share.layers)))


def matters(part: int, whole: int) -> bool:
    """Whether so much of a figure is worth a word."""
    return part * _MATTERS >= whole


def further_notes(parts: Sequence[FigurePart]) -> Iterator[Related]:
    """The places of the parts after the first that matter, the greatest few; then how many more there are.

    The rest is passed over where all of it together does not matter.
    """
    whole = sum(part.value for part in parts)
    told = [part for part in parts[1 : 1 + MOST_PARTS] if matters(part.value, whole)]
    rest = parts[1 + len(told) :]
    more = f"; and {len(rest)} more" if rest and matters(sum(part.value for part in rest), whole) else ""
    for number, part in enumerate(told, 1):
        yield Related(f"{part.told}{more if number == len(told) else ''}", part.position)


def parts_past(subject: Subject, failed: Iterable[Failed]) -> tuple[FigurePart, ...]:
    """The lines that have most of the first count that is past what a promise allows, the largest first.

    None where no count is too large: of what is too little no line is the cause.
    """
    failed = tuple(failed)
    past = figures_of(failed).get("difference", 0)
    if not isinstance(past, int | float) or past <= 0:
        return ()
    for reading in (reading for compared, _ in failed for reading in compared.readings):
        count = COUNTS.get(reading.figure)
        if count is None or not count.adds_up:
            continue
        values = ((index, count.value(subject.layer(index))) for index in reading.layers)
        known = {index: value for index, value in values if isinstance(value, int)}
        if found := line_shares(subject, known.items()):
            nodes = subject.graph.nodes
            return tuple(
                FigurePart(
                    share.value,
                    f"{share.name(subject)}: {amount(share.value)} {count.unit}",
                    nodes[share.layers[0]].position,
                    share.layers[0],
                )
                for share in found
            )
    return ()
