"""What the library hands out: a network, with what can be shown of it.

    analysis ─► `AnalysedNetwork` ─► report (a Table, a record) ─► render ─► text, HTML, plain values

The analysis knows nothing of tables.  Here it is given the methods that lead there, each of which loads what
it needs when it is called; nothing is worked out, and no text is made, in this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import Source, UsageError, nearest, printable, quoted
from rfcalc.records import Result
from rfcalc.spec.given import words_given
from rfcalc.spec.syntax import Network
from rfcalc.units import NumberFormats, number_formats

if TYPE_CHECKING:
    from rfcalc.lint.finding import Finding
    from rfcalc.report.cells import Units
    from rfcalc.report.explanation.blocks import Document
    from rfcalc.report.explanation.figures import Explained
    from rfcalc.report.location.asking import Located, LocatedUnit, RegionGiven, UnitGiven, UnitsOfRegion
    from rfcalc.report.table import Table
    from rfcalc.report.words import Language

    # Words, or one text in which commas join them.
    Several = str | Iterable[str]

# What is shown unasked has at most so many rows: blocks are folded, and then the rest is left out.
MOST_ROWS = 60


class NoSuchLayer(UsageError, KeyError):
    """A network has no layer of the name that was looked up."""

    __str__ = UsageError.__str__


class ShownTable(Result):
    """A table: `print` shows it as text, a notebook as HTML, `rows` has its values.

    table: what is shown.  units: "raw" for counts in full, "si" for 15.47 G.
    """

    table: Table
    units: Units

    def text(self, format: str = "simple") -> str:
        """The table in a format of `rfcalc --format`, such as "markdown", "latex", "csv" or "html".

        Raises UsageError for one that there is not; json has no tables, see `to_dict` of the network.
        """
        from rfcalc.render.formats import FORMATS
        from rfcalc.render.table import render_table
        from rfcalc.report.cells import Style

        formats = [name for name in FORMATS if name != "json"]
        if format not in formats:
            hint = nearest(format, formats) or f"formats are {', '.join(formats)}"
            raise UsageError(f"a table has no format {quoted(format)}; {hint}")
        return render_table(self.table, format, Style(units=self.units))

    def rows(self) -> list[dict[str, object]]:
        """The rows, without totals, as plain dictionaries by the names of the columns.

        Counts are whole numbers, of symbols polynomials, shares percent; sizes are tuples of spatial axes,
        then channels.  A figure of the field is one number where it is the same along all axes, else a tuple
        with one entry for each axis: a number, a pair of the least and the most, or None; infinite where all
        positions are seen.  What is not known, or is not there, is None.
        """
        names = [heading.name for heading in self.table.headings]
        return [dict(zip(names, [cell.data for cell in row], strict=True)) for row in self.table.rows]

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        columns = ", ".join(heading.name for heading in self.table.headings)
        return f"<{type(self).__name__} of {len(self.table.rows):,} rows: {columns}>"

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x: auto">\n{self.text("html")}</div>\n'


class Explanation(Result):
    """Where figures come from: `print` shows it as text, a notebook as Markdown.

    explained: the layer and its network.  subjects: which figures are explained.
    """

    explained: Explained
    subjects: tuple[str, ...]
    language: Language

    @property
    def document(self) -> Document:
        """What is said, in parts that renderers lay out."""
        from rfcalc.report.explanation.text import explanation_document

        return explanation_document(self.explained, self.subjects, self.language)

    def text(self, format: str = "text", encoding: str = "utf-8") -> str:
        """The explanation as "text", "markdown" or "latex"; raises UsageError for another format.

        What the encoding cannot hold is transliterated, but for LaTeX.
        """
        from rfcalc.render.explanation import render_explanation, render_markdown_explanation
        from rfcalc.render.explanation_latex import render_latex_explanation

        if format == "latex":
            return render_latex_explanation(self.document)
        if format == "markdown":
            return render_markdown_explanation(self.document, encoding)
        if format != "text":
            raise UsageError(f"an explanation is text, markdown or latex, not {quoted(format)}")
        return render_explanation(self.document, encoding)

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc explain --format json` prints; `rfcalc schema explain` describes it."""
        from rfcalc.report.explanation.data import explanation_data

        return explanation_data(self.explained, self.subjects, self.language)

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        layer, network = self.explained.layer.name, self.explained.analysis.name
        return f"<{type(self).__name__} of {layer} of {printable(network)}: {', '.join(self.subjects)}>"

    def _repr_markdown_(self) -> str:
        return self.text("markdown")


class Location(Result):
    """What units of a layer see: `print` shows it as text, a notebook as HTML.

    located: what was asked, and found.  language: of words.
    """

    located: Located
    language: Language

    @property
    def units(self) -> tuple[LocatedUnit, ...]:
        """The units that were asked for, each with its `fields`: the number of an input, a `VisibleField`."""
        return self.located.units

    @property
    def regions(self) -> tuple[UnitsOfRegion, ...]:
        """The regions that were asked for, each with the units that see them."""
        return self.located.regions

    def tables(self) -> list[ShownTable]:
        """A table of the units, where some were asked for, and one of the regions, where some were."""
        from rfcalc.report.location.table import located_tables

        return [ShownTable(table, "raw") for table in located_tables(self.located, self.language)]

    def text(self, format: str = "simple") -> str:
        """The tables one below the other, in a format of tables: see `ShownTable.text`."""
        return "\n".join(table.text(format) for table in self.tables())

    def rows(self) -> list[dict[str, object]]:
        """A plain dictionary for each row of the first table: see `ShownTable.rows`."""
        return self.tables()[0].rows()

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc locate --format json` prints; `rfcalc schema locate` describes it."""
        from rfcalc.report.location.data import located_data

        return located_data(self.located)

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        network, counts = printable(self.located.analysis.name), (len(self.units), len(self.regions))
        said = "{} of {} of {}: {} units, {} regions"
        return f"<{said.format(type(self).__name__, printable(self.located.name), network, *counts)}>"

    def _repr_html_(self) -> str:
        """The tables; of more rows than are shown unasked what they are."""
        tables = self.tables()
        few = (len(table.table.rows) <= MOST_ROWS for table in tables)
        return "".join(
            table._repr_html_() if short else f"<p>{table!r}</p>"
            for table, short in zip(tables, few, strict=True)
        )


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
    ) -> ShownTable:
        """The table that `rfcalc NETWORK` prints.

        columns: names of docs/columns.md; the usual ones without any.
        depth: blocks deeper than so many parts of a name are one row with their sums.
        only, hide: rows that are shown, or left out, by globs, such as "layer3.*", over the names of layers
        and of blocks around them, operators ("conv"), their kinds ("pooling"), "weighted" or "neutral".
        sort: a column, numbers descending.  top: so many rows at most.
        dtype: the number format that bytes are counted in, that of the model without one.
        units: "si" for 15.47 G.  language: of headings and notes, "en" or "zh".
        Raises UsageError for an unknown column, number format or language, and for a glob that fits no layer.
        """
        from rfcalc.report.network_table.layers import build_table
        from rfcalc.report.table import View
        from rfcalc.report.words import LANGUAGES

        for name, value, known in (("units", units, ("raw", "si")), ("language", language, LANGUAGES)):
            if value not in known:
                raise UsageError(f"{name} is one of {', '.join(known)}, got {value!r}")
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

    def to_dict(self, *, seen: bool = False, dtype: str = "") -> dict[str, object]:
        """The record that `rfcalc NETWORK --format json` prints; `rfcalc schema` describes it.

        seen: with how many positions a unit sees, which may take long.  dtype: see `table`.
        """
        from rfcalc.report.network_table.data import report_data

        data = report_data(self, dtype=self.formats(dtype), seen=seen)
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

    def locate(
        self,
        layer: str,
        unit: UnitGiven | None = None,
        *,
        units: Iterable[UnitGiven] = (),
        corners: bool = False,
        every: bool = False,
        pixel: RegionGiven | None = None,
        box: RegionGiven | None = None,
        strict: bool = False,
        language: Language = "en",
    ) -> Location:
        """What units of a layer really see at this input size, and which of them see a part of the input.

        layer: a name, a glob that fits one, or a block, whose last layer is meant.  unit, units: such as
        (row, column), a number from 0 for each axis of the layer.  corners, every: those at the corners, all.
        Without any of these and of the next two: the unit in the middle and those at the corners.
        pixel: a position of the input, (row, column), whose units are asked for.  box: a region of the input,
        ((first, last), (first, last)), both inclusive: the units that see some of it, and nothing else.
        strict: whether gates and the statistics of normalisations count.
        Raises UsageError, with the ranges, for what is not there, and where a size is symbolic.
        """
        from rfcalc.report.location.asking import locate

        located = locate(
            self,
            layer,
            [*([] if unit is None else [unit]), *units],
            corners=corners,
            every_unit=every,
            pixels=() if pixel is None else (pixel,),
            boxes=() if box is None else (box,),
            strict=strict,
        )
        return Location(located, language)

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
