"""Fields that end where those of a network's layers do, behind recurrent layers too.

What looks back over all units before it has a field of no size, but sees no further ahead than the units that
it reads.  Here it reads so many of them that its field ends where it should; where it begins says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.analysis.fields.figures import NodeField
from rfcalc.analysis.fields.receptive_field import receptive_fields
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.axis_maps import MOST_PHASES, Window
from rfcalc.ops.reads import Along

# A unit may see further ahead than those behind it, but only within a period: a field repeats itself, and has
# no more phases than this.
_BACK = Window(MOST_PHASES, 1, MOST_PHASES - 1)


def fields_ahead(graph: Graph) -> Sequence[NodeField]:
    """The field of every node, as far as it lies ahead."""
    return receptive_fields(graph._replace(nodes=tuple(map(_bounded, graph.nodes)))).nodes


def _bounded(node: Node) -> Node:
    facts = node.facts
    if not facts.looks_back:
        return node
    reads = tuple(Along(axis, _BACK) for axis in range(len(facts.output.axes)))
    return node._replace(facts=facts._replace(reads=(reads,)))
