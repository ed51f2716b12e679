"""What the library hands out: a network, or several compared, with what can be shown of them.

    analysis ─► `AnalysedNetwork` ─► report (a Table, a record) ─► render ─► text, HTML, plain values

The analysis knows nothing of tables.  Here it is given the methods that lead there, each of which loads what
it needs when it is called; nothing is worked out, and no text is made, in this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.figures import BRANCH_WEIGHTS
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import Source, UsageError, nearest, printable, quoted
from rfcalc.records import Result
from rfcalc.shown import Explanation, ShownTable
from rfcalc.spec.given import words_given
from rfcalc.spec.syntax import Network
from rfcalc.units import FP32, NumberFormats, number_formats

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.lint.finding import Finding
    from rfcalc.report.cells import Units
    from rfcalc.report.comparison.summary import Compared
    from rfcalc.report.words import Language

    # Words, or one text in which commas join them.
    Several = str | Iterable[str]

# What is shown unasked has at most so many rows: blocks are folded, and then the rest is left out.
MOST_ROWS = 60


class NoSuchLayer(UsageError, KeyError):
    """A network has no layer of the name that was looked up."""

    __str__ = UsageError.__str__


class AnalysedNetwork(NetworkAnalysis):
    """A network and everything that is known of it, and how to show it.

    `network["conv1"]` is a layer; `network.layers` are all of them in execution order, `network.totals` their
    sums.
    source: the text it was read from.  syntax: what that says.  dtype: the number formats of its values.
    part: whether it is the part of a network that leads to some layers.
    """

    source: Source
    syntax: Network
    dtype: NumberFormats
    part: bool

    # It is looked up by names, not gone through: what would be its items is `layers`.
    __iter__ = None

    def __getitem__(self, name: str) -> LayerAnalysis:
        """The layer of this hierarchical name.

        Raises NoSuchLayer, a KeyError, with the nearest name when there is none.
        """
        if not isinstance(name, str):
            raise NoSuchLayer(f"a layer is looked up by its name, got {name!r}; layers[…] has them in order")
        try:
            return self.layer(name)
        except KeyError:
            raise self._no_layer(name) from None

    def _no_layer(self, name: str) -> NoSuchLayer:
        if name in self.graph.scopes:
            inside = [layer.name for layer in self.layers if layer.name.startswith(f"{name}.")]
            hint = f"it is a block: its layers are {', '.join(inside[:3])}, …; rows(depth=…) has its sums"
        else:
            names = [layer.name for layer in self.layers]
            hint = nearest(str(name), names) or f"the first is {names[0]!r}" if names else "it has none"
        return NoSuchLayer(f"{self.name} has no layer {quoted(str(name))}; {hint}")

    def __contains__(self, name: object) -> bool:
        return any(layer.name == name for layer in self.layers)

    def _ipython_key_completions_(self) -> list[str]:
        return [layer.name for layer in self.layers]

    def table(
        self,
        columns: Several = (),
        *,
        depth: int | None = None,
        only: Several = (),
        hide: Several = (),
        sort: str = "",
        top: int | None = None,
        dtype: str = "",
        units: Units = "raw",
        language: Language = "en",
        branch_weights: BranchWeights = "kaiming",
    ) -> ShownTable:
        """The table that `rfcalc NETWORK` prints.

        columns: names of docs/columns.md; the usual ones without any.
        depth: blocks deeper than so many parts of a name are one row with their sums.
        only, hide: rows that are shown, or left out, by globs, such as "layer3.*", over the names of layers
        and of blocks around them, operators ("conv"), their kinds ("pooling"), "weighted" or "neutral".
        sort: a column, numbers descending.  top: so many rows at most.
        dtype: the number format that bytes are counted in, that of the model without one.
        units: "si" for 15.47 G.  language: of headings and notes, "en" or "zh".
        branch_weights: of effective fields, "kaiming", "equal" or "residual-only".
        Raises UsageError for an unknown column, number format or language, and for a glob that fits no layer.
        """
        from rfcalc.report.network_table.layers import build_table
        from rfcalc.report.table import View
        from rfcalc.report.words import LANGUAGES

        _refuse_others("units", units, ("raw", "si"))
        _refuse_others("language", language, LANGUAGES)
        _refuse_others("branch_weights", branch_weights, BRANCH_WEIGHTS)
        for name, number in (("depth", depth), ("top", top)):
            if number is not None and not (hasattr(number, "__index__") and number >= 1):
                raise UsageError(f"{name} is a whole number of at least 1, got {number!r}")
        view = View(
            columns=words_given(columns),
            depth=depth,
            only=words_given(only),
            hide=words_given(hide),
            sort=sort,
            top=top,
            dtype=self.formats(dtype),
            language=language,
            branch_weights=branch_weights,
        )
        return ShownTable(build_table(self, view), units)

    def rows(
        self,
        columns: Several = (),
        *,
        depth: int | None = None,
        only: Several = (),
        hide: Several = (),
        sort: str = "",
        top: int | None = None,
        dtype: str = "",
    ) -> list[dict[str, object]]:
        """A plain dictionary for each row of the table, for `pandas.DataFrame(network.rows())`.

        The arguments are those of `table`, the values those of `ShownTable.rows`.  Without columns these are
        the usual ones and `status`, which says how sure the field is, as the marks in a table do.
        """
        from rfcalc.report.network_table.columns import DEFAULT_COLUMNS

        columns = columns or (*(column.name for column in DEFAULT_COLUMNS), "status")
        return self.table(columns, depth=depth, only=only, hide=hide, sort=sort, top=top, dtype=dtype).rows()

    def to_dict(
        self, *, seen: bool = False, effective: BranchWeights | None = None, dtype: str = ""
    ) -> dict[str, object]:
        """The record that `rfcalc NETWORK --format json` prints; `rfcalc schema` describes it.

        seen: with how many positions a unit sees, which may take long.  effective: with the effective fields,
        branches being weighted so.  dtype: see `table`.
        Raises UsageError for a word that names no weights.
        """
        from rfcalc.report.network_table.data import report_data

        if effective is not None:
            _refuse_others("effective", effective, BRANCH_WEIGHTS)
        data = report_data(self, dtype=self.formats(dtype), seen=seen, effective=effective)
        return {key: list(value) if isinstance(value, Iterator) else value for key, value in data.items()}

    def explain(
        self, layer: str | None = None, what: Several = (), *, dtype: str = "", language: Language = "en"
    ) -> Explanation:
        """Where the figures of a layer come from; without a layer, the receptive field of the network.

        layer: a name, a glob that fits one, or a block, whose last layer is meant.  what: some of "size",
        "field", "params", "macs" and "memory"; all without any.  dtype and language: see `table`.
        Raises UsageError for what is none of these.
        """
        from rfcalc.report.explanation.asking import asked_explanation

        explained, subjects = asked_explanation(self, layer, words_given(what), self.formats(dtype))
        return Explanation(explained, subjects, language)

    def check(self, *, select: Several | None = None, ignore: Several = ()) -> tuple[Finding, ...]:
        """What the rules find in the network, in the order of its text, but for what its comments ignore.

        select, ignore: the rules to look for, as codes, names, beginnings of codes, or "ALL"; without select
        those that `rfcalc check` looks for unasked.  A configuration is not read.  Raises UsageError for a
        selector that fits no rule.
        """
        from rfcalc.lint.checking import Built, check_built
        from rfcalc.lint.registry import selected, selectors

        codes = selected(None if select is None else selectors(select), selectors(ignore))
        built = Built(self.source, self.syntax, self, self.part)
        return check_built(built, self.source.name, codes).findings

    def formats(self, dtype: str = "") -> NumberFormats:
        """The number formats "int8" or "int8/fp16", or its own; raises UsageError for others."""
        return number_formats(dtype) if dtype else self.dtype

    def _shown(self) -> ShownTable:
        """The table as it is shown unasked: folded as little as brings it down to a few rows, then cut."""
        deepest = max((layer.name.count(".") for layer in self.layers), default=0)
        depths = (None, *range(deepest, 0, -1))
        from rfcalc.report.network_table.entries import folded, layer_entry

        entries = [*map(layer_entry, self.layers)]
        few = (depth for depth in depths if len(folded(self.graph, entries, depth)) <= MOST_ROWS)
        return self.table(depth=next(few, depths[-1]), top=MOST_ROWS)

    def __str__(self) -> str:
        return str(self._shown())

    def _repr_html_(self) -> str:
        return self._shown()._repr_html_()


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
        shown = []
        for table in self._tables():
            rows = table.table.rows
            shown.append(table._repr_html_() if len(rows) <= MOST_ROWS else f"<p>{table!r}</p>")
        return "".join(shown)


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


def _refuse_others(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"{name} is one of {', '.join(known)}, got {value!r}")
