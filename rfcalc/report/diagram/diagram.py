"""A diagram: the boxes and edges of an architecture, before anybody lays them out or draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rfcalc.records import NamedTuple
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from rfcalc.shapes import Shape, Size

# What enters, one layer with those that follow in place, a join of branches, or a scope that is folded.
BoxKind = Literal["input", "layer", "join", "block"]
# How a diagram is drawn: as boxes and edges, or as volumes in the sizes of their maps, one behind the other.
DrawingStyle = Literal["boxes", "volumes"]
DRAWING_STYLES: tuple[DrawingStyle, ...] = ("boxes", "volumes")


class DiagramBox(NamedTuple):
    """One box.

    name: of the layer or the scope that it stands for, of several the first; of what enters a block, the
    layer that leaves it.  text: what stands in it.  joined: the operators that it does in place, in order.
    before: how many of them come before its own.
    outputs: what leaves it, of a folded scope perhaps several.  states_channels: the text says how many
    channels that has.  params and macs: of all its layers; None where one of them is not known.
    times: how often what is folded is repeated.  shortcut: a folded box has one within.
    reads: of a layer, along each axis of what it reads, from the first to the last position that one unit
    reads, None where all; None where that is not known.  lines: what it does, without the size it leaves.
    """

    name: str
    kind: BoxKind
    text: str
    outputs: tuple[Shape, ...]
    params: Size | None
    macs: Size | None
    joined: tuple[str, ...] = ()
    before: int = 0
    times: int = 1
    shortcut: bool = False
    states_channels: bool = False
    reads: tuple[int | None, ...] | None = None
    lines: tuple[str, ...] = ()

    @property
    def output(self) -> Shape:
        """What leaves it, of several the first."""
        return self.outputs[0]


class DiagramEdge(NamedTuple):
    """What one box reads of another, both by number.

    text: what is done on the way, where that has no box of its own.  changes: it changes the size.
    carried: what it takes of the source, where that leaves several; none says all.
    """

    source: int
    target: int
    text: str = ""
    changes: bool = False
    carried: tuple[Shape, ...] = ()


class Diagram(NamedTuple):
    """Boxes, none before one that it reads, and their edges.

    name: of the network or the block.  figures: lines about all of it.  about: what the picture shows, for
    who does not see it.  detailed: one block is shown, with all that its layers do in place.
    """

    name: str
    figures: tuple[str, ...]
    about: str
    boxes: tuple[DiagramBox, ...]
    edges: tuple[DiagramEdge, ...]
    detailed: bool = False
    language: Language = "en"
