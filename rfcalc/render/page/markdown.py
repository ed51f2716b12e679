"""The report as Markdown, for a README or a pull request: figures, findings, diagram, table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.characters import written
from rfcalc.render.diagrams.mermaid import diagram_mermaid
from rfcalc.render.table import render_table
from rfcalc.report.cells import Style, Text
from rfcalc.report.findings.presentation import one_line, place_text
from rfcalc.report.page.words import say
from rfcalc.report.table import Heading, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.report.page.record import NetworkReport, PageOfNetwork
    from rfcalc.report.words import Language

# A longer table has its blocks folded; hosts draw no larger diagram.
_MOST_ROWS, _MOST_BOXES = 60, 100
_STYLE = Style(form=1)


def report_markdown(report: NetworkReport, encoding: str = "utf-8") -> str:
    """The networks one below the other; of several first what differs."""
    language, parts = report.language, []
    if report.comparison:
        parts.append(f"# {written(report.title, 'github', encoding)}")
        parts += [render_table(table, "github", _STYLE, encoding).rstrip() for table in report.comparison]
    for page in report.networks:
        parts += _network(page, language, encoding)
    return "\n\n".join(parts) + "\n"


def _network(page: PageOfNetwork, language: Language, encoding: str) -> Iterator[str]:
    def prose(text: str) -> str:
        return written(text, "github", encoding)

    yield f"# {prose(f'{page.key} {page.title}' if page.key else page.title)}"
    yield from (prose(text) for text in (page.source, page.tensors) if text)
    figures = Table(
        "",
        tuple(Heading("", figure.title, right=True) for figure in page.figures),
        (tuple(Text(figure.value) for figure in page.figures),),
        language=language,
    )
    yield render_table(figures, "github", _STYLE, encoding).rstrip()
    yield f"## {say('findings', language)}"
    if not page.findings:
        yield prose(say("no findings", language))
    else:
        yield "\n".join(
            "- " + prose(" ".join(filter(None, (
                say(finding.severity, language), finding.code, place_text(finding), one_line(finding.message),
            ))))
            for finding in page.gravest_findings
        )  # fmt: skip
        if rest := len(page.findings) - len(page.gravest_findings):
            yield prose(say("findings left out", language, count=f"{rest:,}"))
    overview = page.graph.overview
    if len(overview.boxes) <= _MOST_BOXES:
        yield f"## {say('graph', language)}"
        yield f"```mermaid\n{diagram_mermaid([overview]).rstrip()}\n```"
    yield f"## {say('table', language)}"
    yield render_table(_folded(page, language), "github", _STYLE, encoding).rstrip()


def _folded(page: PageOfNetwork, language: Language) -> Table:
    """The table with as many levels of blocks as leave it short, one at least; deeper ones are their sums."""
    table = page.table
    levels = sorted({row.level for row in table.rows})
    short = [
        level for level in levels if sum(row.level <= level for row in table.rows) <= _MOST_ROWS
    ] or levels[:1]
    deepest = short[-1]
    # A block of which the layers are shown stands for nothing by itself.
    rows = [
        row.cells[: table.shown]
        for row in table.rows
        if row.level == deepest or (row.level < deepest and not row.is_block)
    ]
    totals = (table.total[: table.shown],)
    return Table("", table.headings[: table.shown], tuple(rows), totals, table.notes, language)
