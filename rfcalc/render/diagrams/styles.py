"""The styles of drawings: each a page on which everything has its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.diagrams.page import page_of
from rfcalc.render.diagrams.volumes import volumes_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.render.diagrams.page import DiagramPage
    from rfcalc.report.diagram.diagram import Diagram, DrawingStyle


def page_in(style: DrawingStyle, diagrams: Sequence[Diagram]) -> DiagramPage:
    """The page of diagrams in a style; raises UsageError for what a style has no room for."""
    return page_of(diagrams) if style == "boxes" else volumes_page(diagrams)
