"""What a drawing shows of itself in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import printable
from rfcalc.records import Result

if TYPE_CHECKING:
    from rfcalc.report.diagram.diagram import Diagram, DrawingStyle


class ShownDrawing(Result):
    """The architecture as a drawing: a notebook shows it, `print` writes it as Mermaid.

    diagram: its boxes and edges.  style: whether they are drawn as boxes or as volumes.
    """

    diagram: Diagram
    style: DrawingStyle

    def svg(self) -> str:
        """The drawing as the text of an SVG file."""
        from rfcalc.render.diagrams.svg import diagram_svg

        return diagram_svg(self.diagram, style=self.style)

    def tikz(self) -> str:
        """The drawing as a document of LaTeX, to be edited; raises UsageError where it is too large."""
        from rfcalc.render.diagrams.tikz import diagram_tikz

        return diagram_tikz([self.diagram], self.style)

    def mermaid(self) -> str:
        """Its boxes and edges as a flowchart of Mermaid, which documents hold."""
        from rfcalc.render.diagrams.mermaid import diagram_mermaid

        return diagram_mermaid([self.diagram])

    def __str__(self) -> str:
        return self.mermaid().rstrip("\n")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {printable(self.diagram.name)}>"

    def _repr_html_(self) -> str:
        return self.svg()
