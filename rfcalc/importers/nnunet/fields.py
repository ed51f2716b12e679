"""Values of plans, each held to what it has to be; what is not is noted with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from rfcalc.errors import (
    Position,
    Related,
    Source,
    counted,
    cut,
    listed,
    nearest,
    of_axes,
)
from rfcalc.importers.json_text import JsonValue
from rfcalc.problems import Problems

MOST_STAGES = 64
# Blocks of a stage, and its channels; lengths of a patch.
MOST_BLOCKS = 1000
MOST_CHANNELS = 10**7
MOST_LENGTH = 10**7


class Fields:
    """The values of one file, and what is found wrong with them."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems

    def place(self, value: JsonValue) -> str:
        """Where a value stands, as the place of a step."""
        return value.position(self.source).span

    def named(self, value: JsonValue, name: str) -> str:
        """The key of a value as it stands in the file; the name for one without."""
        return self.source.text[value.key[0] + 1 : value.key[1] - 1] if value.key[1] else name

    def add(self, message: str, value: JsonValue, hint: str = "", related: Sequence[Related] = ()) -> None:
        """Note a mistake at a value."""
        self.problems.add(message, value.position(self.source), hint, tuple(related))

    def related(self, message: str, value: JsonValue) -> Related:
        """Another value that matters to a mistake."""
        return Related(message, value.position(self.source))

    def key(self, value: JsonValue) -> Position:
        """Where the key of a value stands."""
        return value.key_position(self.source)

    def members(self, value: JsonValue, what: str) -> Mapping[str, JsonValue]:
        """The members of an object."""
        if not isinstance(value.held, dict):
            self.add(f"{what} is an object, not {value.shown}", value)
        return value.members

    def required(
        self, within: Mapping[str, JsonValue], name: str, at: JsonValue, what: str
    ) -> JsonValue | None:
        """A member that has to be there; at, what: in what it has to be."""
        found = within.get(name)
        if found is None:
            self.problems.add(f"{what} has no {name}", self.key(at), meant(name, within))
        return found

    def whole(self, value: JsonValue, name: str, least: int = 1, most: int = MOST_CHANNELS) -> int:
        """A whole number; `least` in place of what is none."""
        held = value.held
        if isinstance(held, int) and not isinstance(held, bool) and least <= held <= most:
            return held
        above = f", at most {most:,}" if isinstance(held, int) and held > most else ""
        self.add(f"{name} is a whole number of at least {least}{above}, not {value.shown}", value)
        return least

    def real(self, value: JsonValue, name: str) -> Fraction:
        """A number."""
        held = value.held
        if isinstance(held, int | float) and not isinstance(held, bool) and abs(held) < 1e9:
            return Fraction(str(held))
        self.add(f"{name} is a number, not {value.shown}", value)
        return Fraction(0)

    def flag(self, value: JsonValue, name: str) -> bool:
        """A truth value."""
        if not isinstance(value.held, bool):
            self.add(f"{name} is true or false, not {value.shown}", value)
        return value.held is True

    def text(self, value: JsonValue, name: str) -> str:
        """A text, "" in place of what is none."""
        if not isinstance(value.held, str):
            self.add(f"{name} is a text, not {value.shown}", value)
            return ""
        return value.held

    def class_name(self, value: JsonValue, name: str, known: Sequence[str]) -> str:
        """The last name of the path of a class, which is one of those that are known; else ""."""
        path = self.text(value, name)
        found = path.rpartition(".")[2]
        if found in known:
            return found
        if isinstance(value.held, str):
            hint = nearest(found, known) or f"{name} is one of {listed(known)}"
            self.add(f"{name} is the class {cut(found, 40)!r}, which is none that is read", value, hint)
        return ""

    def per_axis(self, value: JsonValue, name: str, axes: int, most: int = MOST_LENGTH) -> tuple[int, ...]:
        """A whole number for each axis, or one for all; 1 in place of what is none."""
        if not isinstance(value.held, tuple):
            return (self.whole(value, name, most=most),) * axes
        if len(value.items) != axes:
            self.add(f"{name} has {counted(len(value.items), 'number')} for {of_axes(axes)}", value)
            return (1,) * axes
        return tuple([self.whole(one, f"{name}[{at}]", most=most) for at, one in enumerate(value.items)])


def meant(name: str, within: Iterable[str]) -> str:
    """The hint which of some keys may stand for one that is not there; "" for none."""
    near = nearest(name, within).removeprefix("did you mean ").rstrip("?")
    return f"is {near} meant to be it?" if near else ""


def entries_of(count: int) -> str:
    """So many entries."""
    return "1 entry" if count == 1 else f"{count:,} entries"
