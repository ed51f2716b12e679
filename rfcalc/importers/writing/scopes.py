"""First pass of folding: the scopes that the paths of steps make.

`layer1.0.conv1` stands in the scope `layer1.0`, which stands in `layer1`.  A scope is a run of steps that
follow each other; it becomes a part of the description, to be written as a block call, as the turn of a
repeat or as items under a name.  What the language could not name as a part is no scope: the names within it
are then longer where it stands.  That is so of a run whose path comes again elsewhere, or is that of a layer
too, of one that holds a single item, and of one whose items are called by numbers, unless these are parts
counted from 0, as the turns of a repeat are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from itertools import groupby

from rfcalc.importers.steps import ImportedStep
from rfcalc.records import NamedTuple

# Parts within parts: deeper ones would pass the limits of a document and of calls.
_DEEPEST = 10


class StepItem(NamedTuple):
    """A step, where it stands."""

    step: int


class PartItem(NamedTuple):
    """A part, where it stands; by its number."""

    part: int


class JoinItem(NamedTuple):
    """Branches, and what brings them together.

    step: the join; or, joins being False, the first step of the item that follows and reads what the
    branches leave beside each other.  operands: what is read, first what the branches leave, then what no
    branch stands for.
    """

    step: int
    operands: tuple[int, ...]
    branches: tuple[PlacedItems, ...]
    joins: bool = True


PlacedItem = StepItem | PartItem | JoinItem
PlacedItems = tuple[PlacedItem, ...]


class NetworkPart(NamedTuple):
    """A part of a network.

    path: of the scope, "" for the network itself.  depth: in how many others it may stand.  steps: all of
    them, in their order, those of the parts within included.  body: its items.  turns: its items are parts
    counted from 0.  inputs: the tensors from outside that it reads, in the order in which they are read.
    """

    path: str
    depth: int
    steps: tuple[int, ...]
    body: PlacedItems
    turns: bool = False
    inputs: tuple[int, ...] = ()

    @property
    def result(self) -> int:
        """The step whose tensor it leaves."""
        return self.steps[-1]

    @property
    def prefix(self) -> str:
        """What the names within it begin with."""
        return f"{self.path}." if self.path else ""

    def relative(self, path: str) -> str:
        """A path within it as it is called there."""
        return path[len(self.prefix) :]


def scopes(
    steps: Sequence[ImportedStep], names: Sequence[str], numbers: Sequence[int], none: Container[str]
) -> list[NetworkPart]:
    """The parts of some steps, each after those within it; the last is the network.

    none: the paths of scopes that are to be no parts.  Their bodies are their layers and parts in the order
    of execution.
    """
    found = _Finder(steps, names, places_of(names, numbers), none)
    top = found.items(numbers, 0)
    found.add("", numbers, top)
    return found.parts


def places_of(names: Sequence[str], numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The scope of each step as the parts of its path; of one without a name what its neighbours share."""
    places: dict[int, tuple[str, ...]] = {}
    before: tuple[str, ...] | None = None
    waiting: list[int] = []
    for number in numbers:
        if not names[number]:
            waiting.append(number)
            continue
        place = tuple(names[number].split(".")[:-1][:_DEEPEST])
        shared = _shared(before, place) if before is not None else ()
        places.update(dict.fromkeys(waiting, shared))
        waiting = []
        places[number] = before = place
    places.update(dict.fromkeys(waiting, ()))
    return {number: places[number] for number in numbers}


def _shared(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    while length < min(len(one), len(two)) and one[length] == two[length]:
        length += 1
    return one[:length]


class _Finder:
    """Finds the parts, from the innermost outwards."""

    def __init__(
        self,
        steps: Sequence[ImportedStep],
        names: Sequence[str],
        places: dict[int, tuple[str, ...]],
        none: Container[str],
    ) -> None:
        self.none = none
        self.steps = steps
        self.names = names
        self.places = places
        self.parts: list[NetworkPart] = []
        # How often each path begins anew, and what is the path of a layer.
        self.runs: Counter[str] = Counter()
        self.taken = {names[number] for number in places}
        before: tuple[str, ...] = ()
        for place in places.values():
            shared = len(_shared(before, place))
            self.runs.update(".".join(place[:depth]) for depth in range(shared + 1, len(place) + 1))
            before = place

    def items(self, numbers: Sequence[int], depth: int) -> list[StepItem | PartItem]:
        """The layers and parts of some steps whose paths agree in so many of their first parts."""

        def head(number: int) -> str:
            place = self.places[number]
            return place[depth] if len(place) > depth else ""

        items: list[StepItem | PartItem] = []
        for name, together in groupby(numbers, head):
            run = list(together)
            if not name:
                items += map(StepItem, run)
                continue
            inside = self.items(run, depth + 1)
            path = ".".join(self.places[run[0]][: depth + 1])
            turns = self.are_turns(inside, path)
            named = turns or not any(self.called_by_number(item, path) for item in inside)
            alone = self.runs[path] == 1 and path not in self.taken and path not in self.none
            if alone and len(inside) > 1 and named:
                self.add(path, run, inside, turns=turns)
                items.append(PartItem(len(self.parts) - 1))
            else:
                items += inside
        return items

    def add(
        self, path: str, numbers: Iterable[int], items: Sequence[StepItem | PartItem], *, turns: bool = False
    ) -> None:
        steps = tuple(numbers)
        own = set(steps)
        read = dict.fromkeys(
            operand for number in steps for operand in self.steps[number].operands if operand not in own
        )
        depth = path.count(".") + bool(path)
        self.parts.append(NetworkPart(path, depth, steps, tuple(items), turns, tuple(read)))

    def path(self, item: StepItem | PartItem) -> str:
        return self.parts[item.part].path if isinstance(item, PartItem) else self.names[item.step]

    def are_turns(self, items: Sequence[StepItem | PartItem], path: str) -> bool:
        """Whether items are parts that are counted from 0, each of which reads what the one before leaves.

        A part whose own items are turns is none: they would have no name around them.
        """
        before: tuple[int, ...] = ()
        for number, item in enumerate(items):
            part = self.parts[item.part] if isinstance(item, PartItem) else None
            if part is None or part.turns or part.path != f"{path}.{number}" or len(part.inputs) != 1:
                return False
            if number and part.inputs != before:
                return False
            before = (part.result,)
        return True

    def called_by_number(self, item: StepItem | PartItem, path: str) -> bool:
        return self.path(item)[len(path) + 1 :][:1].isdigit()
