"""What networks show of themselves in Python beside tables: pictures, drawings, the page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rfcalc.errors import UsageError, printable, quoted
from rfcalc.records import Result

if TYPE_CHECKING:
    from rfcalc.report.chart import Chart
    from rfcalc.report.diagram.diagram import Diagram, DrawingStyle
    from rfcalc.report.page.record import NetworkReport


def _in_notebook(svg: str) -> str:
    """A picture with names of its own, as a notebook may show it twice."""
    from rfcalc.render.charts.svg import renamed
    from rfcalc.render.page.notebook import own_names

    return renamed(svg, own_names())


class ShownChart(Result):
    """A picture: a notebook shows it, `print` draws it in characters, `plot` with matplotlib.

    chart: what is to be seen.
    """

    chart: Chart

    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        from rfcalc.render.charts.svg import chart_svg

        return chart_svg(self.chart)

    def text(self, width: int = 80, height: int | None = None, encoding: str = "utf-8") -> str:
        """The picture in characters, as wide as `width` and, where it can be, no higher than `height`."""
        from rfcalc.render.charts.terminal import chart_text

        return chart_text(self.chart, width, height, colour=False, encoding=encoding)

    def plot(self, ax: Any = None) -> Any:
        """The picture in matplotlib: its first panel on `ax`, or all of it on a new figure; returns the axes.

        `returned.figure` is the figure.  Raises UsageError where matplotlib is not installed.
        """
        from rfcalc.render.charts.matplotlib import draw_chart, draw_panel

        if ax is None:
            return draw_chart(self.chart)[0]
        return draw_panel(ax, self.chart)

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {printable(self.chart.title)}>"

    def _repr_html_(self) -> str:
        return _in_notebook(self.svg())


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
        return _in_notebook(self.svg())


class ShownReport(Result):
    """The page of one network or several: a notebook shows it, `print` writes it as Markdown.

    report: what is on it.
    """

    report: NetworkReport

    def html(self) -> str:
        """The page as the text of one file of HTML, which loads nothing: what `rfcalc report` writes."""
        from rfcalc.render.page.document import report_html

        return report_html(self.report)

    def markdown(self) -> str:
        """Figures, findings, diagram and table as Markdown, for a README or a pull request."""
        from rfcalc.render.page.markdown import report_markdown

        return report_markdown(self.report, "utf-8")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, whole or not at all; as Markdown where that ends in .md.

        Raises UsageError where it cannot be written, and for a suffix of something else.
        """
        from rfcalc.file_writing import write_whole
        from rfcalc.render.formats import REPORT_CONTENTS, content_of_file

        name = os.fspath(path)
        content = content_of_file(name)
        if content not in (None, "text", *REPORT_CONTENTS.values()):
            raise UsageError(f"{quoted(name)}: a report is written as .html or .md")
        write_whole(name, [(self.markdown() if content == "markdown" else self.html()).encode()])

    def __str__(self) -> str:
        return self.markdown().rstrip("\n")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {printable(self.report.title)}>"

    def _repr_html_(self) -> str:
        from rfcalc.render.page.document import report_in_notebook

        return report_in_notebook(self.report)
