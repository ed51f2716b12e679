"""What each edit accounts for of the difference between the receptive fields of two networks.

The field of a network is 1 + Σ contributions along the chain of layers that sets it, and a layer's
contribution is its reach (f − 1)·r, in units of the map it reads, times the stride up to there.  An
edit may change the reach of a layer, or the stride of all layers behind it; either is charged to it.
The amounts add up to the difference exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import takewhile
from typing import TYPE_CHECKING

from rfcalc.analysis.comparison.causes import Causes
from rfcalc.analysis.comparison.course import Course, edits_of, undone
from rfcalc.analysis.comparison.entries import Entries, Side
from rfcalc.analysis.fields.path import Chain, FieldPath, field_chains
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.records import NamedTuple
from rfcalc.symbolic.polynomial import exact_quotient

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact


class FieldDifference(NamedTuple):
    """The difference along one axis: the sizes, and the amount of each cause.

    elsewhere: what no edit accounts for: another branch, or another phase, sets the field.
    """

    old: int
    new: int
    causes: Mapping[int, Exact]
    elsewhere: Exact


def field_differences(entries: Entries, causes: Causes) -> tuple[FieldDifference, ...]:
    """The difference between the fields of two networks along each axis of their first inputs.

    () where these have other numbers of axes, or along one of them one of the fields has no size or no chain
    that sets it (it is unknown or only bounded), or a main path sees all of it.
    """
    networks = entries.left.network, entries.right.network
    ranks = {len(network.inputs[0].axes) if network.inputs else 0 for network in networks}
    rank = ranks.pop() if len(ranks) == 1 else 0
    alike = rank > 1 and all(map(_alike, networks))
    fields = [_difference(entries, causes, axis) for axis in range(1 if alike else rank)]
    known = tuple(field for field in fields if field is not None)
    return known * (rank if alike else 1) if len(known) == len(fields) else ()


def _alike(network: NetworkAnalysis) -> bool:
    """Whether the fields of all layers are the same along every axis of the first input."""
    return all(
        axis == axes[0]
        for field in network.fields.nodes
        for axes in field.inputs[:1]
        if axes
        for axis in axes[1:]
    )


def _difference(entries: Entries, causes: Causes, axis: int) -> FieldDifference | None:
    left, right = entries.left.network, entries.right.network
    shown = [network.fields.nodes[network.fields.network].inputs[0] for network in (left, right)]
    two = field_chains(right.fields, right.fields.network, axis)
    if two is None or any(axes and axes[axis].path == "main" for axes in shown):
        return None
    if not causes.causes:
        return FieldDifference(two.size, two.size, {}, 0)
    # Where several chains of a network reach as far, one that runs through the same layers as the
    # other network's is taken.
    through = _entries_on(two, entries.right)
    one = field_chains(_preferring(entries.left, through), left.fields.network, axis)
    if one is None:
        return None
    wanted = _entries_on(one, entries.left)
    if not all(entries.entries[number].alone for number in wanted ^ through):
        two = field_chains(_preferring(entries.right, wanted), right.fields.network, axis)
        if two is None:
            return None
    charged: dict[int, Exact] = {}
    # Of a field with a chain for each end and one with a single chain no two layers are the same step.
    if len(one.chains) == len(two.chains):
        for mine, theirs in zip(one.chains, two.chains, strict=True):
            for cause, amount in _charges(entries, causes, mine, theirs):
                charged[cause] = charged.get(cause, 0) + amount
    found = {cause: amount for cause, amount in charged.items() if amount and cause < len(causes.causes)}
    total: Exact = two.size - one.size
    for amount in found.values():
        total = total - amount
    return FieldDifference(one.size, two.size, found, total)


def _entries_on(path: FieldPath, side: Side) -> set[int]:
    """The entries that the chains of a field run through."""
    return {side.entry_of[step.node] for chain in path.chains for step in chain.steps}


def _preferring(side: Side, through: Set[int]) -> FieldAnalysis:
    """The fields with operands in the given entries first: of chains that reach as far, those are taken."""
    fields = side.network.fields
    nodes = list(fields.graph.nodes)
    for index, node in enumerate(nodes):
        if len(node.inputs) < 2 or not node.facts.reads or len(node.facts.reads) != len(node.inputs):
            continue
        order = sorted(
            range(len(node.inputs)), key=lambda place: side.entry_of[node.inputs[place]] not in through
        )
        reads = node.facts.reads
        nodes[index] = node._replace(
            inputs=tuple(node.inputs[place] for place in order),
            facts=node.facts._replace(reads=tuple(reads[place] for place in order)),
        )
    return fields._replace(graph=fields.graph._replace(nodes=tuple(nodes)))


class _ChainLink(NamedTuple):
    """What a layer does in a chain: its reach, in units of the map it reads, and its stride.

    A layer that is not in the chain has the reach 0 and the stride 1.
    """

    reach: Exact = 0
    stride: Exact = 1


def _charges(entries: Entries, causes: Causes, left: Chain, right: Chain) -> Iterator[tuple[int, Exact]]:
    """What each cause, or the number past them for none, adds to the reach of a chain."""
    # The nodes that the chains lead to.
    ends = [side.network.fields.network for side in (entries.left, entries.right)]
    mine, theirs = _links(left, entries.left), _links(right, entries.right)
    # The stride up to a layer, in input positions.
    stride: Course[Exact] = Course(1)
    for number in sorted({*mine, *theirs}):
        old, new = mine.get(number, _ChainLink()), theirs.get(number, _ChainLink())
        entry = entries.entries[number]
        alone = entry.left is None or entry.right is None or entry.left > ends[0] or entry.right > ends[1]
        both = number in mine and number in theirs
        # A layer of both networks that only one chain runs through changed sides without being edited,
        # unless it is what the field of the other network ends before.
        cause = causes.of_entry.get(number) if alone or both else None
        place = len(causes.causes) if cause is None else cause
        if both:
            reach = undone(_product(stride, place, old.reach, new.reach))
            yield from reach.differences(lambda after, before: after - before)
        else:
            # What comes or goes does so with all that it contributes.
            yield place, stride.end * new.reach - stride.start * old.reach
        stride = undone(_product(stride, place, old.stride, new.stride))


def _product(stride: Course[Exact], place: int, old: Exact, new: Exact) -> Course[Exact]:
    """The course of the stride times a factor that changes at one place."""
    factor: Course[Exact] = Course(old, ((place, new),) if old != new else ())
    edits = sorted(edits_of((stride, factor)))
    return Course(stride.start * old, tuple((edit, stride.at(edit) * factor.at(edit)) for edit in edits))


def _links(chain: Chain, side: Side) -> dict[int, _ChainLink]:
    """The links of a chain by entry; those behind a window that covers the whole map have no stride."""
    return {
        side.entry_of[step.node]: _ChainLink(
            exact_quotient(step.contribution, step.stride), exact_quotient(step.behind, step.stride)
        )
        for step in takewhile(lambda step: step.stride, chain.steps)
    }
