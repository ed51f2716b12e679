"""What the line of a layer says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfcalc.graph.ir import Node


def line_of(node: Node) -> str:
    """The line that made a layer, as it is written."""
    position = node.position
    return position.source.line(position.line)[position.column - 1 : position.end - 1].strip()
