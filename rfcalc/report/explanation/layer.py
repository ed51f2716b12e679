"""What is written where a layer, a call or a repeat stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfcalc.errors import Position


def written_at(position: Position) -> str:
    """What is written at a place: the line of a layer, of a call, of a repeat."""
    return position.source.line(position.line)[position.column - 1 : position.end - 1].strip()
