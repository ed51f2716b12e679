"""Second pass of folding: the branches within a part.

Where a tensor forks, and what is made of it comes together again in one step, the paths between are branches
of a join: the region is series-parallel.  Items are taken in the order of execution and kept as chains, each
of which reads one tensor, its source.  What reads the end of a chain that nobody else reads lengthens it; a
join of chains that have one source becomes an item that reads the source.  When only one reader of a tensor
is left, the chain goes on behind it, so that regions within regions need nothing more.

A join whose chains come from different tensors is a region of its own: short chains are its branches all the
same, each of which says what it begins with, and what is left is read by name.  Chains that nobody joins are
written one after the other, by the number of their first step: each depends on ends of chains that begin
before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.writing.scopes import JoinItem, NetworkPart, PartItem, PlacedItem, PlacedItems, StepItem
from rfcalc.ops.registry import JOINS

# Branches are read at a glance: of a longer or deeper region the joins read by name.
_MOST_ITEMS = 100
_MOST_LEVELS = 3
# A branch that begins elsewhere.
_MOST_ITEMS_FROM_ELSEWHERE = 8


def regions(
    steps: Sequence[ImportedStep], parts: Sequence[NetworkPart], part: NetworkPart, owners: Mapping[int, int]
) -> PlacedItems:
    """The body of a part with its branches found.

    owners: the steps that use what others learn, each with the other one, which must stand before it.
    """
    return _Regions(steps, parts, owners).found(part)


class _Strand:
    """Items each of which reads the one before.

    source: the tensor that the first one reads; None where it reads none, "several" where it reads several.
    """

    def __init__(self, source: int | str | None, first: int) -> None:
        self.source = source
        self.first = first
        self.items: list[PlacedItem] = []
        self.size = 0
        self.levels = 0

    def add(self, items: Iterable[PlacedItem], size: int = 1, levels: int = 0) -> None:
        self.items += items
        self.size += size
        self.levels = max(self.levels, levels)


class _Regions:
    """Finds the regions of one part."""

    def __init__(
        self, steps: Sequence[ImportedStep], parts: Sequence[NetworkPart], owners: Mapping[int, int]
    ) -> None:
        self.steps = steps
        self.parts = parts
        self.owners = owners
        # How many readers of a tensor are left, and the chains that are not closed, by the tensor at their
        # end.
        self.readers: Counter[int] = Counter()
        self.ends: dict[int, _Strand] = {}
        self.closed: list[tuple[int, list[PlacedItem]]] = []

    def found(self, part: NetworkPart) -> PlacedItems:
        for item in part.body:
            self.readers.update(self.inputs(item))
        within = {number: item for item in part.body for number in self.steps_of(item)}
        sharing = [self.shared(item, within) for item in part.body]
        # What is read from within a part, or learns what others use, must stand before them, so that it is
        # kept out of branches.
        inner = {number for number, item in within.items() if number != self.steps_of(item)[-1]}
        before = [*(tensor for tensor in self.readers if tensor in inner)]
        before += [owner for owners in sharing for owner in owners]
        for number in before:
            self.readers[self.steps_of(within[number])[-1]] += 1
        for item, owners in zip(part.body, sharing, strict=True):
            inputs = self.inputs(item)
            first = self.steps_of(item)[0]
            if owners:
                chain = _Strand("several", first)
                chain.add([item])
                self.ends[self.steps_of(item)[-1]] = chain
            elif len(set(inputs)) > 1:
                self.join(item, inputs)
            else:
                chain = self.after(inputs[0] if inputs else None, len(inputs), first)
                chain.add([item])
                self.ends[self.steps_of(item)[-1]] = chain
        last = self.ends.pop(part.result)
        pieces = self.closed + [(chain.first, chain.items) for chain in self.ends.values()]
        pieces.sort(key=lambda piece: piece[0])
        return tuple(item for _, items in [*pieces, (0, last.items)] for item in items)

    def shared(self, item: PlacedItem, within: Mapping[int, PlacedItem]) -> list[int]:
        """The steps of other items in the part whose learned tensors an item uses."""
        own = set(self.steps_of(item))
        owners = [self.owners[number] for number in own if number in self.owners]
        return [owner for owner in owners if owner in within and owner not in own]

    def steps_of(self, item: PlacedItem) -> tuple[int, ...]:
        return self.parts[item.part].steps if isinstance(item, PartItem) else (item.step,)

    def inputs(self, item: PlacedItem) -> tuple[int, ...]:
        return self.parts[item.part].inputs if isinstance(item, PartItem) else self.steps[item.step].operands

    def after(self, source: int | None, times: int, first: int) -> _Strand:
        """The chain that goes on with what reads a tensor so often; of its only reader the one before."""
        if source is not None and self.readers[source] == times and source in self.ends:
            return self.ends.pop(source)
        return _Strand(source, first)

    def join(self, item: PlacedItem, inputs: tuple[int, ...]) -> None:
        """Take up an item that reads several tensors."""
        chains = [self.ends.get(tensor) if self.readers[tensor] == 1 else None for tensor in inputs]
        branches = [chain for chain in chains if chain]
        sources = {chain.source for chain in branches} | {
            tensor for tensor, chain in zip(inputs, chains, strict=True) if chain is None
        }
        sources.discard(None)
        size = sum(chain.size for chain in branches)
        levels = max((chain.levels for chain in branches), default=0) + 1
        if branches and len(sources) < 2 and "several" not in sources and size <= _MOST_ITEMS:
            if levels <= _MOST_LEVELS:
                source = next((source for source in sources if isinstance(source, int)), None)
                for tensor, chain in zip(inputs, chains, strict=True):
                    if chain:
                        del self.ends[tensor]
                    if source is not None and (chain is None or chain.source == source):
                        self.readers[source] -= 1
                if source is not None:
                    self.readers[source] += 1
                chain = self.after(source, 1, min(chain.first for chain in branches))
                chain.add(self.joined(item, chains), size + 1, levels)
                self.ends[self.steps_of(item)[-1]] = chain
                return
            for chain in branches:
                if chain.levels:
                    self.take_apart(chain)
        self.ends[self.steps_of(item)[-1]] = self.region(item, inputs, chains)

    def region(self, item: PlacedItem, inputs: tuple[int, ...], chains: Sequence[_Strand | None]) -> _Strand:
        """The chain of a join that begins a region of its own, the first of its short chains its branches."""
        count = 0
        for chain in chains:
            if not chain or chain.source == "several" or chain.size > _MOST_ITEMS_FROM_ELSEWHERE:
                break
            count += 1
        own = _Strand("several", self.steps_of(item)[0])
        if count < 2 or (count < len(inputs) and not self.joins(item)):
            own.add([item])
            return own
        for tensor in inputs[:count]:
            own.add((), self.ends[tensor].size, self.ends[tensor].levels + 1)
            del self.ends[tensor]
        own.add(self.joined(item, chains[:count]))
        return own

    def joins(self, item: PlacedItem) -> bool:
        """Whether an item has branches of its own."""
        step = self.steps[item.step] if isinstance(item, StepItem) else None
        return step is not None and step.operator in JOINS and not step.values

    def joined(self, item: PlacedItem, chains: Sequence[_Strand | None]) -> list[PlacedItem]:
        """An item with the branches that it reads."""
        branches = tuple(tuple(chain.items) if chain else () for chain in chains)
        join = JoinItem(self.steps_of(item)[0], self.inputs(item), branches, self.joins(item))
        return [join] if join.joins else [join, item]

    def take_apart(self, chain: _Strand) -> None:
        """Make the branches within a chain chains that stand by themselves, all but its end closed."""
        *before, (chain.first, chain.items) = self.pieces(chain.items, chain.first)
        chain.size, chain.levels, chain.source = len(chain.items), 0, "several"
        self.closed += before

    def pieces(self, items: Iterable[PlacedItem], first: int) -> list[tuple[int, list[PlacedItem]]]:
        """The chains that items are without branches, the one that ends where they end last."""
        found: list[tuple[int, list[PlacedItem]]] = []
        own: list[PlacedItem] = []
        for item in items:
            if not isinstance(item, JoinItem):
                own.append(item)
                continue
            found.append((first, own))
            for branch in item.branches:
                if branch:
                    found += self.pieces(branch, self.first(branch))
            first = item.step
            own = [StepItem(first)] if item.joins else []
        return [*(piece for piece in found if piece[1]), (first, own)]

    def first(self, items: Sequence[PlacedItem]) -> int:
        """The number of the first step in some items."""
        return min(self.numbers(items))

    def numbers(self, items: Sequence[PlacedItem]) -> Iterator[int]:
        for item in items:
            if isinstance(item, JoinItem):
                for branch in item.branches:
                    yield from self.numbers(branch)
            yield self.steps_of(item)[0]
