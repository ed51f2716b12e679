"""How many positions one unit of a layer reads, along each axis of what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.reads import Along

if TYPE_CHECKING:
    from rfcalc.graph.ir import Node
    from rfcalc.ops.axis_maps import Taps

# Of a reading with more phases the first so many are looked at.
_MOST_PHASES = 64


def positions_read(node: Node) -> tuple[int | None, ...] | None:
    """Along each axis the positions from the first to the last that a unit reads, None where all.

    Of what differs from unit to unit it is the most.  None for joins, and where it is not known.
    """
    reads = (node.facts.reads or (None,))[0]
    if len(node.inputs) != 1 or reads is None or any(read is None for read in reads):
        return None
    return tuple(_span(read.taps) if isinstance(read, Along) else None for read in reads)


def _span(taps: Taps) -> int:
    phases = (taps.taps(phase) for phase in range(min(taps.period, _MOST_PHASES)))
    return max((abs(each[-1] - each[0]) + 1 for each in phases if each), default=1)
