"""Questions about receptive fields that several rules ask."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.analysis.fields.figures import AxisField
from rfcalc.lint.rule import Subject
from rfcalc.ops.reads import Collapsed
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size


class ObjectToSee(NamedTuple):
    """What is declared that one of some maps is to see of an input, along each of its axes.

    maps: see `last_maps`.  output: the name of the output that they lead to; "" for any.
    """

    source: int
    maps: tuple[int, ...]
    lengths: tuple[Size, ...]
    output: str


def objects_to_see(subject: Subject) -> Iterator[ObjectToSee]:
    """What `object_size` declares, for each input that it can be about."""
    graph = subject.graph
    maps = last_maps(subject)
    nodes = dict(zip(graph.output_names, graph.outputs, strict=True))
    for source, index in enumerate(graph.inputs):
        axes = graph.nodes[index].facts.output.axes
        for output, lengths in graph.object_sizes.items():
            if len(lengths) not in (1, len(axes)) or not axes:
                continue
            looking = maps
            if output:
                node = nodes[output]
                # A head without positions decides by the maps that it is made of.
                behind = {node} if node in maps else set(graph.ancestors(node))
                looking = tuple(index for index in maps if index in behind)
            if looking:
                yield ObjectToSee(source, looking, lengths * (len(axes) // len(lengths)), output)


def collapsed_later(subject: Subject, source: int, axis: int) -> bool:
    """Whether the main output sees an axis of an input through a window over a whole map.

    Such a network decides once about its whole input: a classifier.
    """
    outputs = subject.graph.outputs
    field = axis_field(subject, outputs[0], source, axis) if outputs else None
    return field is not None and field.collapsed


def axis_field(subject: Subject, node: int, source: int, axis: int) -> AxisField | None:
    """The field of a node along an axis of input number `source`; None where it does not depend on it."""
    axes = subject.analysis.fields.nodes[node].inputs[source]
    return None if axes is None else axes[axis]


def last_maps(subject: Subject) -> tuple[int, ...]:
    """The nodes behind which no layer goes on reading position by position, in the order of execution.

    They are outputs with positions, and maps that nothing but windows over a whole map read.
    """
    nodes = subject.graph.nodes
    found = {index for index in subject.graph.outputs if nodes[index].facts.output.axes}
    covered: set[int] = set()
    going_on: set[int] = set()
    for node in (nodes[index] for index in subject.useful):
        for operand, reads in zip(node.inputs, node.facts.reads or (), strict=False):
            whole = bool(reads) and all(isinstance(read, Collapsed) for read in reads)
            (covered if whole else going_on).add(operand)
    axes = subject.analysis.fields.nodes
    return tuple(
        index
        for index in sorted(found | (covered - going_on))
        if index not in subject.graph.inputs
        and not all(axis.collapsed for field in axes[index].inputs for axis in field or ())
    )
