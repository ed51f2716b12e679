"""What the library hands out of several networks compared, with what can be shown of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.analysed import AnalysedNetwork
from rfcalc.analysis.fields.figures import BRANCH_WEIGHTS
from rfcalc.asked import refuse_other_languages, refuse_others
from rfcalc.errors import UsageError, printable
from rfcalc.records import Result
from rfcalc.shown import FieldGrowth, ShownTable, shown_html
from rfcalc.shown_pages import ShownReport
from rfcalc.spec.given import words_given
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysed import Several
    from rfcalc.analysis.comparison.comparison import Comparison
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.cells import Units
    from rfcalc.report.comparison.summary import Compared
    from rfcalc.report.page.making import ReportedNetwork
    from rfcalc.report.page.record import NetworkReport, PageSettings
    from rfcalc.report.words import Language


class ComparedNetworks(Result):
    """Networks held against the first one: `print` shows it as text, a notebook as HTML.

    networks: each with its letter, its name and its counts.  comparisons: of each but the first with that
    one: its `edits` are layer by layer, its `causes` what was done.  dtype: the number formats of all.
    """

    networks: tuple[Compared, ...]
    comparisons: tuple[Comparison, ...]
    dtype: NumberFormats

    @property
    def equal(self) -> bool:
        """Whether nothing differs but names."""
        return all(comparison.equal for comparison in self.comparisons)

    def text(self, format: str = "simple", *, every: bool = False, language: Language = "en") -> str:
        """All tables one below the other, in a format of tables: see `ShownTable.text`.

        every: whether equal layers and whole blocks are written out.
        """
        return "\n".join(table.text(format) for table in self._tables(every=every, language=language))

    def summary(self, *, units: Units = "raw", language: Language = "en") -> ShownTable:
        """The figures of the networks, with difference and ratio where there are two."""
        return self._tables(summary=True, units=units, language=language)[0]

    def table(
        self, columns: Several = (), *, units: Units = "raw", language: Language = "en", every: bool = False
    ) -> ShownTable:
        """The layers of two networks side by side, those that differ.

        columns: as for `AnalysedNetwork.table`, and NAME_difference.  every: whether equal layers and whole
        blocks are written out.  Raises UsageError where more than two are compared.
        """
        return self._layers(columns, every=every, units=units, language=language)

    def rows(self, columns: Several = ()) -> list[dict[str, object]]:
        """A plain dictionary for each layer of either network; values of both are pairs.

        See `table` and `ShownTable.rows`.
        """
        return self._layers(columns, rows=True).rows()

    def _layers(
        self,
        columns: Several,
        *,
        every: bool = False,
        rows: bool = False,
        units: Units = "raw",
        language: Language = "en",
    ) -> ShownTable:
        from rfcalc.report.comparison.layers import LayersTable, find_shown
        from rfcalc.report.comparison.summary import ComparisonView, Pair

        if len(self.networks) != 2:
            raise UsageError(f"layers stand side by side for two networks, these are {len(self.networks)}")
        view = ComparisonView(words_given(columns), False, every, rows, self.dtype, language)
        pair = Pair(*self.networks, self.comparisons[0])
        return ShownTable(LayersTable(pair, find_shown(view.columns), view).table(), units)

    def growth(self, *, branch_weights: BranchWeights = "kaiming", language: Language = "en") -> FieldGrowth:
        """How the fields of all of them grow with depth: see `AnalysedNetwork.growth`."""
        from rfcalc.report.growth.points import growth_of

        growths = [growth_of(each.analysis, each.name, branch_weights) for each in self.networks]
        return FieldGrowth(tuple(growths), language)

    def report(
        self,
        *,
        image: str | None = None,
        branch_weights: BranchWeights = "kaiming",
        language: Language = "en",
    ) -> ShownReport:
        """The page of all of them, held against the first: see `AnalysedNetwork.report`."""
        from rfcalc.report.page.making import ReportedNetwork, page_settings

        refuse_others("branch_weights", branch_weights, BRANCH_WEIGHTS)
        refuse_other_languages(language)
        reported = [
            ReportedNetwork(
                each.name,
                each.analysis,
                each.analysis.check() if isinstance(each.analysis, AnalysedNetwork) else (),
            )
            for each in self.networks
        ]
        return ShownReport(self.page_of(reported, page_settings(self.dtype, language, branch_weights, image)))

    def page_of(self, reported: Sequence[ReportedNetwork], settings: PageSettings) -> NetworkReport:
        """What is on the page of the networks with their findings; for what makes one."""
        from rfcalc.report.page.making import network_report

        return network_report(
            reported, settings, [each.table for each in self._tables(language=settings.language)]
        )

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc compare --format json` prints; `rfcalc schema compare` describes it."""
        from rfcalc.report.comparison.data import comparison_data

        return comparison_data(self.networks, self.comparisons, dtype=self.dtype)

    def _tables(
        self, *, summary: bool = False, every: bool = False, units: Units = "raw", language: Language = "en"
    ) -> list[ShownTable]:
        from rfcalc.report.comparison.summary import ComparisonView
        from rfcalc.report.comparison.tables import comparison_tables

        view = ComparisonView((), summary, every, False, self.dtype, language)
        return [
            ShownTable(table, units) for table in comparison_tables(self.networks, self.comparisons, view)
        ]

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        base, *others = (f"{network.letter} {printable(network.name)}" for network in self.networks)
        return f"<{type(self).__name__}: {', '.join(others)} against {base}>"

    def _repr_html_(self) -> str:
        """The summary, and of what follows so many rows as are shown unasked."""
        return shown_html(self._tables())


def compared(networks: Sequence[NetworkAnalysis], names: Sequence[str] = ()) -> ComparedNetworks:
    """Networks held against the first, by these names or their own; raises UsageError but for 2 to 26."""
    from rfcalc.analysis.comparison.comparison import compare
    from rfcalc.report.comparison.summary import Compared
    from rfcalc.report.comparison.words import LETTERS

    if not 2 <= len(networks) <= len(LETTERS):
        raise UsageError(f"from 2 to {len(LETTERS)} networks are compared, got {len(networks)}")
    comparisons = [compare(networks[0], other) for other in networks[1:]]
    held = map(Compared.of, LETTERS, names or [each.name for each in networks], networks)
    formats = {each.dtype for each in networks if isinstance(each, AnalysedNetwork)}
    # Bytes in formats that differ would say nothing of the networks.
    dtype = formats.pop() if len(formats) == 1 else FP32
    return ComparedNetworks(networks=tuple(held), comparisons=tuple(comparisons), dtype=dtype)
