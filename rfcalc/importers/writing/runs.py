"""The parts of a network whose steps have no paths: what stands there several times.

Items are compared by their operators and branches; a join that lacks a piece which others have, and items
that are the one branch of such a join, are like it.  Equal stretches one behind the other are the turns of a
repeat, ended where the size of what leaves a turn changes, as stages of networks end there.  A join that
comes again elsewhere is a part by itself.  Only what reads the item before, and is read from its end alone,
can be taken together.  Whether parts are alike indeed is found later, as of those that have paths.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.writing.forms import Fit, Keyed, flattened
from rfcalc.importers.writing.scopes import JoinItem, NetworkPart, PartItem, PlacedItem, PlacedItems, StepItem
from rfcalc.records import NamedTuple

# What is shorter in a network can be read as it is.
_FEWEST_STEPS = 30
# The longest stretch that is repeated, and what makes one worth a repeat that holds no join.
_LONGEST = 12
_FEWEST_TURNS, _FEWEST_LINES = 3, 3
_SMALLEST_JOIN = 4
# With how many others a join is compared.
_MOST_COMPARED = 8
_AT_TURN, _AT_REPEAT = 2, 1
# No step's number: what reads several tensors, or the network's output, which no step reads.
_NOTHING = -1


class _Together(NamedTuple):
    """Items that are taken as one.  kind: what those like it share.  size: how many lines they have."""

    items: tuple[PlacedItem, ...]
    kind: object
    size: int

    @property
    def joins(self) -> bool:
        """Whether a join is among them, or they are the branch of one."""
        return len(self.items) > 1 or isinstance(self.items[0], JoinItem)


def without_paths(steps: Sequence[ImportedStep]) -> bool:
    """Whether no step has a name but of its operator and a number, and they are many."""
    own = [step for step in steps if step.operator != "input"]
    numbered = (re.fullmatch(rf"(?:{step.operator}_?\d+)?", step.name) for step in own)
    return len(own) >= _FEWEST_STEPS and all(numbered)


def runs(
    steps: Sequence[ImportedStep],
    parts: Sequence[NetworkPart],
    outputs: Sequence[int],
    owners: Mapping[int, int],
) -> list[NetworkPart]:
    """The parts with those that repetitions in the last one make before it.

    outputs: what leaves the network.  owners: the steps that use what others learn, each with the other one.
    """
    return _Repetitions(steps, parts, outputs, {*owners, *owners.values()}).found()


class _Repetitions:
    """Finds the repetitions in the last of some parts."""

    def __init__(
        self,
        steps: Sequence[ImportedStep],
        parts: Sequence[NetworkPart],
        outputs: Sequence[int],
        sharing: set[int],
    ) -> None:
        self.sharing = sharing
        self.steps = steps
        self.parts = list(parts[:-1])
        self.top = parts[-1]
        self.kinds: dict[object, object] = {}
        # Joins of one branch and nothing beside it: the kinds of the items in the branch, by the first, and
        # that of the join.
        self.branches: dict[object, dict[tuple[object, ...], object]] = {}
        self.readers: dict[int, list[int]] = {output: [_NOTHING] for output in outputs}
        for number, step in enumerate(steps):
            for operand in step.operands:
                self.readers.setdefault(operand, []).append(number)

    def found(self) -> list[NetworkPart]:
        self.alike([item for item in self.top.body if isinstance(item, JoinItem)])
        body: list[PlacedItem] = []
        stretches = self.stretches()
        often = Counter(group.kind for _, groups in stretches for group in groups)
        for start, groups in stretches:
            body += self.folded(start, groups, often)
        return [*self.parts, self.top._replace(body=tuple(body))]

    # What is like what

    def keyed(self, item: PlacedItem) -> Keyed:
        """An item with what makes others like it."""
        if isinstance(item, JoinItem):
            branches = tuple(tuple(map(self.keyed, branch)) for branch in item.branches)
            operator = self.steps[item.step].operator if item.joins else ""
            return Keyed((operator, len(item.operands), len(branches)), item, branches)
        assert isinstance(item, StepItem)
        return Keyed(self.steps[item.step].operator, item)

    def key(self, keyed: Keyed) -> object:
        return (keyed.key, tuple(tuple(map(self.key, branch)) for branch in keyed.branches))

    def kind(self, item: PlacedItem) -> object:
        key = self.key(self.keyed(item))
        return self.kinds.get(key, key)

    def alike(self, joins: Sequence[JoinItem]) -> None:
        """Find which joins are alike, and the branches that are like a join."""
        every = {self.key(keyed): keyed for keyed in map(self.keyed, joins)}
        fuller: list[object] = []
        for key, keyed in sorted(every.items(), key=lambda entry: -len(list(flattened((entry[1],))))):
            for other in fuller[-_MOST_COMPARED:]:
                if Fit().items((keyed,), (every[other],)):
                    self.kinds[key] = other
                    break
            else:
                fuller.append(key)
        for join in joins:
            inside = [branch for branch in join.branches if branch]
            if len(join.branches) == 2 and len(inside) == 1 and len(inside[0]) >= _SMALLEST_JOIN:
                branch = tuple(map(self.kind, inside[0]))
                self.branches.setdefault(branch[0], {})[branch] = self.kind(join)

    # What can be taken together

    def own(self, item: PlacedItem) -> list[int]:
        """The steps of an item."""
        if not isinstance(item, JoinItem):
            assert isinstance(item, StepItem)
            return [item.step]
        inside = [number for branch in item.branches for one in branch for number in self.own(one)]
        return [*inside, item.step] if item.joins else inside

    def stretches(self) -> list[tuple[int, list[_Together]]]:
        """The body in stretches each item of which reads the one before alone, with the tensor they read."""
        found: list[tuple[int, list[_Together]]] = []
        items: list[PlacedItem] = []
        start = before = _NOTHING
        for item in self.top.body:
            own = set(self.own(item))
            result = max(own)
            read = {operand for number in own for operand in self.steps[number].operands} - own
            inner = {reader for number in own - {result} for reader in self.readers.get(number, ())}
            whole = len(read) == 1 and inner <= own and own.isdisjoint(self.sharing)
            # What leaves several tensors goes with what reads them.
            whole = whole and not (isinstance(item, JoinItem) and not item.joins)
            # What is read elsewhere too ends a stretch, but is a part of it.
            if not (whole and items and read == {before} and set(self.readers[before]) <= own):
                found.append((start, self.grouped(items)))
                items, start = [], next(iter(read)) if whole else _NOTHING
            items.append(item)
            before = result
            if not whole:
                found.append((_NOTHING, self.grouped(items)))
                items = []
        return [*found, (start, self.grouped(items))]

    def grouped(self, items: Sequence[PlacedItem]) -> list[_Together]:
        """Items, those together that are the branch of a join elsewhere."""
        kinds = [self.kind(item) for item in items]
        groups = []
        place = 0
        while place < len(items):
            for branch, kind in self.branches.get(kinds[place], {}).items():
                if tuple(kinds[place : place + len(branch)]) == branch:
                    group = _Together(tuple(items[place : place + len(branch)]), kind, len(branch) + 1)
                    break
            else:
                size = len(list(flattened((self.keyed(items[place]),))))
                group = _Together((items[place],), kinds[place], size)
            groups.append(group)
            place += len(group.items)
        return groups

    # Parts

    def folded(self, start: int, groups: Sequence[_Together], often: Counter[object]) -> PlacedItems:
        """The items of a stretch, what stands in it several times made parts."""
        body: list[PlacedItem] = []
        place = 0
        before = start
        while place < len(groups):
            length, turns = self.best(groups, place) if start != _NOTHING else (1, 1)
            units = [groups[at : at + length] for at in range(place, place + length * turns, length)]
            place += length * turns
            if turns == 1 and not (start != _NOTHING and self.is_part(units[0][0], often)):
                body += units[0][0].items
            else:
                body += self.stages(
                    before, [[one for group in unit for one in group.items] for unit in units]
                )
            before = max(number for group in units[-1] for one in group.items for number in self.own(one))
        return tuple(body)

    def is_part(self, group: _Together, often: Counter[object]) -> bool:
        return group.joins and often[group.kind] > 1 and group.size >= _SMALLEST_JOIN

    def best(self, groups: Sequence[_Together], place: int) -> tuple[int, int]:
        """The length of the stretch at a place that is best repeated, and how often it is there."""
        best, most = (1, 1), 0
        for length in range(1, _LONGEST + 1):
            turns = self.repeated(groups, place, length)
            unit = groups[place : place + length]
            size = sum(group.size for group in unit)
            joins = any(group.joins for group in unit)
            worth = joins or (turns >= _FEWEST_TURNS and size >= _FEWEST_LINES)
            # A turn begins with what it joins, where that costs none.
            begins = not joins or unit[0].joins or self.repeated(groups, place + 1, length) < turns
            if turns > 1 and worth and begins and (turns - 1) * size > most:
                best, most = (length, turns), (turns - 1) * size
        return best

    def repeated(self, groups: Sequence[_Together], place: int, length: int) -> int:
        """How often the stretch of a length at a place stands there."""
        at = place + length
        while at < len(groups) and groups[at].kind == groups[at - length].kind:
            at += 1
        return (at - place) // length

    def stages(self, before: int, units: Sequence[Sequence[PlacedItem]]) -> list[PlacedItem]:
        """Calls of parts for some turns, as repeats that end where the size of what leaves them changes."""
        stages: list[list[int]] = []
        size: object = None
        for unit in units:
            steps = tuple(sorted(number for item in unit for number in self.own(item)))
            self.parts.append(NetworkPart("", _AT_TURN, steps, tuple(unit), False, (before,)))
            before = steps[-1]
            tapped = (
                stages and len(set(self.readers.get(self.parts[stages[-1][-1]].result, ())) - set(steps)) > 0
            )
            if self.steps[before].shape != size or tapped:
                stages.append([])
            size = self.steps[before].shape
            stages[-1].append(len(self.parts) - 1)
        return [self.repeat(stage) for stage in stages]

    def repeat(self, turns: Sequence[int]) -> PlacedItem:
        if len(turns) == 1:
            return PartItem(turns[0])
        inside = [self.parts[turn] for turn in turns]
        steps = tuple(number for part in inside for number in part.steps)
        self.parts.append(
            NetworkPart("", _AT_REPEAT, steps, tuple(map(PartItem, turns)), True, inside[0].inputs)
        )
        return PartItem(len(self.parts) - 1)
