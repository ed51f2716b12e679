"""What the one-page report holds: frozen records, of which renderers make a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.findings.presentation import gravest_first

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.lint.finding import Finding
    from rfcalc.report.cells import Sortable
    from rfcalc.report.chart import Chart
    from rfcalc.report.location.photo import Image
    from rfcalc.report.page.graphs import PageGraph
    from rfcalc.report.page.layer_kinds import FieldStep, LayerKind
    from rfcalc.report.page.treemap import Treemap
    from rfcalc.report.page.unit_fields import UnitFields
    from rfcalc.report.table import Heading, Table, TableNote
    from rfcalc.report.words import Language
    from rfcalc.units import NumberFormats

# More findings of one network nobody reads through, and the page must stay small.
_MOST_FINDINGS = 200


class PageSettings(NamedTuple):
    """How figures are shown: formats of numbers that take bytes, words, the weights of branches that meet.

    image: what lies behind the fields.
    """

    dtype: NumberFormats
    language: Language = "en"
    branch_weights: BranchWeights = "kaiming"
    image: Image | None = None


class PageFigure(NamedTuple):
    """A figure at first sight: what it is, its value, and what is said beside it."""

    title: str
    value: str
    asides: tuple[str, ...] = ()


class PageRow(NamedTuple):
    """A row of the table of layers.

    level: in how many blocks it stands.  kind: the number of the layer's kind, None of a block, which has
    the sums of its layers.  reads: the numbers of the rows that a layer reads; of an input of the network,
    its name.  line: the number of its line in the description, None where that has none.  step: of its field.
    """

    name: str
    level: int
    cells: tuple[Sortable, ...]
    kind: int | None = None
    reads: tuple[int | str, ...] = ()
    line: int | None = None
    step: FieldStep | None = None

    @property
    def is_block(self) -> bool:
        """Whether it stands for several layers."""
        return self.kind is None


class PageTable(NamedTuple):
    """The table of layers with rows for blocks.

    shown: how many of the columns are seen unasked; these come first.
    """

    headings: tuple[Heading, ...]
    shown: int
    rows: tuple[PageRow, ...]
    total: tuple[Sortable, ...]
    notes: tuple[TableNote, ...]


class PageOfNetwork(NamedTuple):
    """All that the page says of one network.

    key: what its names begin with on a page of several, "" where it is the only one.
    growth: the curves, or the reason that there are none.
    command: the words of a command line that mean it, "" where there are none.
    kinds_left_out: how many kinds of layers are not worked out; in `table` their numbers follow the others.
    """

    key: str
    name: str
    command: str
    title: str
    source: str
    tensors: str
    figures: tuple[PageFigure, ...]
    findings: tuple[Finding, ...]
    treemaps: tuple[Treemap, ...]
    growth: Chart | str
    graph: PageGraph
    fields: UnitFields
    table: PageTable
    kinds: tuple[LayerKind, ...]
    kinds_left_out: int

    @property
    def gravest_findings(self) -> list[Finding]:
        """As many findings as can be read through, the gravest first."""
        return gravest_first(self.findings)[:_MOST_FINDINGS]


class NetworkReport(NamedTuple):
    """The page: its networks, and the tables that hold the first against the others, where there are more.

    growth: the curves of several together, or the reason that there are none; "" for one.
    image: what lies behind the fields of all.
    """

    title: str
    networks: tuple[PageOfNetwork, ...]
    comparison: tuple[Table, ...]
    growth: Chart | str
    version: str
    language: Language
    image: Image | None = None
