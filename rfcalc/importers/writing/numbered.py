"""Scopes where names have no paths: layers that are called after one unit share its number.

`res2a_branch1`, `bn2a_branch1` and `res2a_relu` are of the unit 2a, which gets a path (`res2a.branch1`,
`res2a.bn_branch1`, `res2a.relu`); the passes behind this one make blocks of it.  Of names like
`conv2_block1_1_conv` the first numbers together are that of a unit, as many as bring most layers together.
Where names have no such number, what is counted (`conv1`, `conv2`, …) may begin units that go on until the
next one; other layers in these lose theirs (`cccp3` is `conv2.cccp`).  Only units that come several times are
given a path.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.importers.writing.names import clean
from rfcalc.records import NamedTuple

# A part of a name with a number: letters may follow it, and a number these (`4b22`).
_NUMBERED = re.compile(r"[A-Za-z]*?(\d+(?:[a-wyz]\d*)?)(?=_|$)")
# 2d here is no number of a unit.
_DIMENSIONS = re.compile(r".*(?:conv|pool|pooling|pad|padding|norm|sampling|cropping|dropout)[123]d", re.I)
_COUNTED = re.compile(r"([A-Za-z_]*[A-Za-z])_?(\d+)")
_LONGEST = 100
# No unit has more layers.
_MOST_LAYERS = 1000
# How many numbers may be those of a unit, and so how many ways are tried.
_MOST_NUMBERS = 3
# So many layers of other names may stand between two of a unit, and so many of its number before it.
_MOST_BETWEEN = 2
_MOST_BEFORE = 8
_FEWEST_COUNTED, _MOST_WORDS = 3, 8
# With how many kinds of units one is compared.
_MOST_COMPARED = 8
# The part of all layers that must be written once instead of again.
_WORTH = 4
# Reads what leaves the network.
_NO_STEP = -1


class _NamedSteps(NamedTuple):
    """Steps that follow each other and whose paths begin with the same part: that part, and their numbers.

    found: the numbers in that part, each with the place where it ends.
    """

    head: str
    steps: tuple[int, ...]
    found: list[tuple[str, int]]


class _UnitNames:
    """What the steps of a unit are called; of: by their numbers.  taken: how often a name was wanted."""

    def __init__(self) -> None:
        self.of: dict[int, str] = {}
        self.taken: Counter[str] = Counter()

    def call(self, number: int, name: str) -> None:
        """Call a step so, or numbered where another one is called so."""
        free = name
        while free in self.taken:
            self.taken[name] += 1
            free = f"{name}_{self.taken[name]}"
        self.taken[free] = 1
        self.of[number] = free


class _Unit(NamedTuple):
    """What a unit is called, and how its steps are called within it, by their numbers."""

    path: str
    names: dict[int, str]

    def kind(self, steps: Sequence[ImportedStep]) -> tuple[tuple[str, str], ...]:
        """What units that are alike share."""
        return tuple([(name, steps[number].operator) for number, name in self.names.items()])


def with_units(network: ImportedNetwork) -> Iterator[list[ImportedNetwork]]:
    """The network with paths for its units: the ways that look worth it, by numbers, then by counting."""
    steps = network.steps
    named = [number for number, step in enumerate(steps) if step.operator != "input" and step.name]
    paths = {number: clean(steps[number].name) for number in named}
    heads = groupby(named, lambda number: paths[number].partition(".")[0])
    items = [_NamedSteps(head, tuple(run), _numbers(head)) for head, run in heads]
    readers: dict[int, set[int]] = {output: {_NO_STEP} for output in network.outputs}
    for number, step in enumerate(steps):
        for operand in step.operands:
            readers.setdefault(operand, set()).add(number)
    for divisions in (_by_numbers(items, steps, paths), _by_counts(items)):
        ways = []
        for units in divisions:
            whole = [unit for unit in units if unit.names and _is_whole(unit.names, steps, readers)]
            saved, found = _repeated(whole, steps)
            if saved * _WORTH > len(steps):
                ways.append((saved, found))
        ways.sort(key=lambda way: -way[0])
        yield [network._replace(steps=tuple(_called(steps, found))) for _, found in ways[:_MOST_NUMBERS]]


def _called(steps: Sequence[ImportedStep], found: Mapping[int, str]) -> Iterator[ImportedStep]:
    """The steps, some of which have other paths; a unit is of no class."""
    for number, step in enumerate(steps):
        modules = ("", *step.modules) if step.modules else ()
        yield step._replace(name=found[number], modules=modules) if number in found else step


def _is_whole(own: Mapping[int, str], steps: Sequence[ImportedStep], readers: Mapping[int, set[int]]) -> bool:
    """Whether some steps read one tensor from outside, and only the last of them is read there."""
    read = {operand for number in own for operand in steps[number].operands if operand not in own}
    left = [number for number in own if not readers.get(number, set()) <= own.keys()]
    return len(read) == 1 and left == [max(own)]


def _repeated(units: Sequence[_Unit], steps: Sequence[ImportedStep]) -> tuple[int, dict[int, str]]:
    """How many layers need not be written again, and the paths of those in units that come several times.

    A unit that lacks some of the layers of another is like it.
    """
    kinds = [unit.kind(steps) for unit in units]
    often = Counter(kinds)
    # Some of the kinds that come several times, by each layer in them.
    fuller: dict[tuple[str, str], list[frozenset[tuple[str, str]]]] = defaultdict(list)
    once = 0
    for kind in (kind for kind, times in often.items() if times > 1):
        once += len(kind)
        whole = frozenset(kind)
        for piece in kind:
            if len(fuller[piece]) < _MOST_COMPARED:
                fuller[piece].append(whole)
    found: dict[int, str] = {}
    for unit, kind in zip(units, kinds, strict=True):
        if often[kind] > 1 or any(whole.issuperset(kind) for whole in fuller.get(kind[0], ())):
            found |= {number: f"{unit.path}.{name}" for number, name in unit.names.items()}
    return len(found) - once, found


def words_of(name: str, most: int | None = None) -> str:
    """A name without its numbers, or the first so many of them; "" where nothing is left."""
    for number, end in reversed(_numbers(name)[:most]):
        name = f"{name[: end - len(number)].rstrip('_')}{name[end:]}"
    return name.strip("_")


def _numbers(head: str) -> list[tuple[str, int]]:
    """The numbers in a name, each with the place where it ends; none in one of very many letters."""
    if len(head) > _LONGEST:
        return []
    return [
        (match[1], match.end())
        for match in _NUMBERED.finditer(head)
        if (not match.start() or head[match.start() - 1] == "_") and not _DIMENSIONS.fullmatch(match[0])
    ]


# Units by their number


def _by_numbers(
    items: Sequence[_NamedSteps], steps: Sequence[ImportedStep], paths: dict[int, str]
) -> Iterator[list[_Unit]]:
    """What follows each other and shares its first numbers: one, two or more of them."""
    for depth in range(1, _MOST_NUMBERS + 1):
        numbers = [tuple(number for number, _ in item.found[:depth]) for item in items]
        runs = list(_runs(items, [one if len(one) == depth else () for one in numbers], steps))
        units = [_unit(run, depth, paths) for run in runs]
        often = Counter(unit.kind(steps) for unit in units if unit)
        for place, (run, unit) in enumerate(zip(runs, units, strict=True)):
            # Before the first of several there may be what happens to have its number.
            for start in (
                range(1, min(len(run), _MOST_BEFORE)) if not unit or often[unit.kind(steps)] < 2 else ()
            ):
                later = _unit(run[start:], depth, paths)
                if later and often[later.kind(steps)]:
                    units[place] = later
                    break
        yield [unit for unit in units if unit]


def _runs(
    items: Sequence[_NamedSteps], numbers: Sequence[tuple[str, ...]], steps: Sequence[ImportedStep]
) -> Iterator[list[tuple[_NamedSteps, bool]]]:
    """Items that follow each other and have the same numbers, with some others that read these alone.

    Each with whether it has the numbers itself.
    """
    start = 0
    while start < len(items):
        own = set(items[start].steps)
        last = end = start
        while numbers[start] and end + 1 < len(items) and end - last <= _MOST_BETWEEN:
            end += 1
            read = {operand for number in items[end].steps for operand in steps[number].operands}
            if numbers[end] == numbers[start]:
                last = end
            elif not read <= own:
                break
            own.update(items[end].steps)
        if start < last < start + _MOST_LAYERS:
            yield [(items[at], numbers[at] == numbers[start]) for at in range(start, last + 1)]
        start = last + 1


def _unit(inside: Sequence[tuple[_NamedSteps, bool]], depth: int, paths: Mapping[int, str]) -> _Unit | None:
    """The unit of some items, each with whether it has its numbers; None where two would be called alike."""
    ends = [item.found[depth - 1][1] if own else 0 for item, own in inside]
    heads = [item.head[:end] for (item, _), end in zip(inside, ends, strict=True) if end]
    path = Counter(heads).most_common(1)[0][0]
    names = _UnitNames()
    for (item, _), end in zip(inside, ends, strict=True):
        if item.head[:end] == path:
            within = item.head[end:].lstrip("_")
            within = f"_{within}" if within[:1].isdigit() else within
        else:
            within = _without_numbers(item.head, depth) if end else _without_numbers(item.head)
        for number in item.steps:
            rest = paths[number][len(item.head) + 1 :]
            name = ".".join(filter(None, (within, rest))) or _without_numbers(path)
            if end and name in names.taken:
                return None
            names.call(number, name)
    return _Unit(path, names.of)


def _without_numbers(head: str, most: int | None = None) -> str:
    """A name without its numbers, or the first of them: the words that are left."""
    words = words_of(head, most)
    return f"_{words}" if not words or words[0].isdigit() else words


# Units from one that is counted to the next


def _by_counts(items: Sequence[_NamedSteps]) -> Iterator[list[_Unit]]:
    """Units that each begin with one of what is counted, as far as another one goes on alike."""
    counted: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        if found := _COUNTED.fullmatch(item.head):
            counted.setdefault(found[1], []).append(place)
    for places in sorted(counted.values(), key=len, reverse=True)[:_MOST_WORDS]:
        if len(places) < _FEWEST_COUNTED:
            break
        units = []
        for start, end in zip(places, [*places[1:], len(items)], strict=True):
            names = _UnitNames()
            for item in items[start : min(end, start + _MOST_LAYERS)]:
                if len(item.steps) > 1:
                    break
                names.call(item.steps[0], _without_numbers(item.head))
            units.append(_Unit(items[start].head, names.of))
        yield _alike_in_front(units)


def _alike_in_front(units: Sequence[_Unit]) -> list[_Unit]:
    """Units as long as the longest beginning that they share with another one."""
    rows = sorted((list(unit.names.values()), place) for place, unit in enumerate(units))
    lengths = [0] * len(units)
    for (one, place), (two, other) in pairwise(rows):
        length = 0
        while length < min(len(one), len(two)) and one[length] == two[length]:
            length += 1
        lengths[place] = max(lengths[place], length)
        lengths[other] = max(lengths[other], length)
    return [
        unit._replace(names=dict(list(unit.names.items())[:length]))
        for unit, length in zip(units, lengths, strict=True)
        if length > 1
    ]
