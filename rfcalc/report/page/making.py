"""The one-page report of some analysed networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.analysis.field_values import Views
from rfcalc.analysis.figures import COUNTS
from rfcalc.records import NamedTuple
from rfcalc.report.comparison.words import LETTERS
from rfcalc.report.growth.chart import growth_chart, with_symbols
from rfcalc.report.growth.points import growth_of
from rfcalc.report.page.blocks import block_tree
from rfcalc.report.page.figures import page_figures, tensors
from rfcalc.report.page.graphs import page_graph
from rfcalc.report.page.layer_kinds import layer_kinds
from rfcalc.report.page.record import NetworkReport, PageOfNetwork, PageSettings
from rfcalc.report.page.rows import page_table
from rfcalc.report.page.treemap import treemap
from rfcalc.report.page.unit_fields import unit_fields
from rfcalc.report.page.words import listed_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.lint.finding import Finding
    from rfcalc.report.chart import Chart
    from rfcalc.report.growth.points import Growth
    from rfcalc.report.table import Table
    from rfcalc.report.words import Language
    from rfcalc.units import NumberFormats

# Treemaps are so many times as wide as high.
ASPECT = 1.6
_MAPPED = ("macs", "params")


class ReportedNetwork(NamedTuple):
    """A network of a report: what the user calls it, its analysis, and what a check finds in it.

    command: the words of a command line that mean it, as a shell reads them; "" where there are none.
    """

    name: str
    analysis: NetworkAnalysis
    findings: tuple[Finding, ...]
    command: str = ""


def page_settings(
    dtype: NumberFormats, language: Language, branch_weights: BranchWeights, image: str | None
) -> PageSettings:
    """How figures are shown; image: the path of one.  Raises UsageError for a file that is none."""
    from rfcalc.report.location.photo import image_file

    return PageSettings(dtype, language, branch_weights, None if image is None else image_file(image))


def network_report(
    reported: Sequence[ReportedNetwork], settings: PageSettings, comparison: Sequence[Table] = ()
) -> NetworkReport:
    """The page of one or more networks; comparison: the tables that hold the others against the first."""
    language = settings.language
    weights = settings.branch_weights
    views = [Views(each.analysis, weights) for each in reported]
    growths = [
        growth_of(each.analysis, each.name, weights, seen.effective)
        for each, seen in zip(reported, views, strict=True)
    ]
    keys = [""] if len(reported) == 1 else LETTERS
    pages = [
        _page(each, growth, seen, key, settings)
        for each, growth, seen, key in zip(reported, growths, views, keys, strict=False)
    ]
    return NetworkReport(
        title=listed_in([page.title if len(pages) == 1 else page.name for page in pages], language),
        networks=tuple(pages),
        comparison=tuple(comparison),
        growth=_curves(growths, language) if len(pages) > 1 else "",
        version=__version__,
        language=language,
        image=settings.image,
    )


def _page(
    each: ReportedNetwork, growth: Growth, views: Views, key: str, settings: PageSettings
) -> PageOfNetwork:
    analysis, (dtype, language, _, image) = each.analysis, settings
    tree = block_tree(analysis)
    kinds, of_layers = layer_kinds(analysis, dtype, language)
    return PageOfNetwork(
        key=key,
        name=each.name,
        command=each.command,
        title=analysis.name,
        source=analysis.graph.source,
        tensors=tensors(analysis, language),
        figures=tuple(page_figures(analysis, dtype, language)),
        findings=each.findings,
        treemaps=tuple(treemap(tree, COUNTS[name], ASPECT) for name in _MAPPED),
        growth=_curves([growth], language),
        graph=page_graph(analysis, tree, of_layers, language),
        fields=unit_fields(analysis, views.effective, language, image),
        table=page_table(analysis, tree, of_layers, views, settings),
        kinds=kinds,
        kinds_left_out=max(of_layers, default=-1) + 1 - len(kinds),
    )


def _curves(growths: Sequence[Growth], language: Language) -> Chart | str:
    """The curves of the fields, or why there are none."""
    if symbols := with_symbols(growths):
        return f"{symbols} has symbols"
    chart = growth_chart(growths, language)
    # The page has a heading, the rest of the panels stands in its own command.
    return chart._replace(panels=chart.panels[: chart.columns], title="") if len(growths) == 1 else chart
