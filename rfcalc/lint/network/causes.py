"""Which lines of a description a figure is due to: layers that one line makes are reported together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rfcalc.errors import Related
from rfcalc.lint.network.wiring import by_line
from rfcalc.lint.rule import Subject
from rfcalc.records import NamedTuple

# So many further lines are named; then how many more there are.
MOST_CAUSES = 5


class LineShare(NamedTuple):
    """The layers that one line makes, by index, and what they have of the figure together."""

    layers: tuple[int, ...]
    value: int

    def name(self, subject: Subject) -> str:
        """What a message calls it: `conv3`, `layer1.0.conv1 and 2 more of its line`."""
        first = subject.graph.nodes[self.layers[0]].name
        more = len(self.layers) - 1
        return f"{first} and {more} more of its line" if more else first


def causes(subject: Subject, values: Iterable[tuple[int, int]]) -> tuple[LineShare, ...]:
    """The lines of some layers, each given with its number, the line with the most first."""
    numbers = {index: value for index, value in values if value > 0}
    found = [
        LineShare(layers, sum(numbers[index] for index in layers)) for layers in by_line(subject, numbers)
    ]
    return tuple(sorted(found, key=lambda cause: (-cause.value, cause.layers)))


def related(
    subject: Subject, found: tuple[LineShare, ...], told: Callable[[LineShare], str]
) -> tuple[Related, ...]:
    """The places of the causes after the first, the greatest few, with how many more there are."""
    further = found[1 : 1 + MOST_CAUSES]
    more = len(found) - 1 - len(further)
    notes = []
    for number, cause in enumerate(further, 1):
        last = f"; and {more} more" if more and number == len(further) else ""
        notes.append(Related(f"{told(cause)}{last}", subject.graph.nodes[cause.layers[0]].position))
    return tuple(notes)
