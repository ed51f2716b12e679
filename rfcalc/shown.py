"""What networks show of themselves in Python: tables, explanations, what units see."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, counted, nearest, printable, quoted
from rfcalc.records import Result
from rfcalc.shown_pages import ShownChart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.report.cells import Units
    from rfcalc.report.explanation.blocks import Document
    from rfcalc.report.explanation.figures import Explained
    from rfcalc.report.growth.points import Growth
    from rfcalc.report.input_sizes.asking import AskedSizes, SizeRow, SizesAlong
    from rfcalc.report.location.asking import Located, LocatedUnit, UnitsOfRegion
    from rfcalc.report.table import Table
    from rfcalc.report.tiling.asking import Tiling
    from rfcalc.report.words import Language

# What is shown unasked has at most so many rows: blocks are folded, and then the rest is left out.
MOST_ROWS = 60


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
        return shown_html([self])


class ShownTables(Result):
    """The base of results that have tables: `print` shows these as text, a notebook as HTML."""

    @abstractmethod
    def tables(self) -> list[ShownTable]:
        """The tables, in their order."""

    def _pictures(self) -> list[ShownChart]:
        """What a notebook shows above the tables; raises UsageError where there is no picture."""
        return []

    def text(self, format: str = "simple") -> str:
        """The tables one below the other, in a format of tables: see `ShownTable.text`."""
        return "\n".join(table.text(format) for table in self.tables())

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def _repr_html_(self) -> str:
        """Pictures, where there are some, and the tables; of longer ones what they are."""
        shown: list[str] = []
        with suppress(UsageError):
            shown += [picture._repr_html_() for picture in self._pictures()]
        return "".join([*shown, shown_html(self.tables())])


def shown_html(tables: Sequence[ShownTable], language: Language = "en") -> str:
    """Tables as a notebook shows them; of longer ones what they are.  language: of their words."""
    from rfcalc.render.page.any_table import table_part
    from rfcalc.render.page.elements import element
    from rfcalc.render.page.notebook import in_notebook
    from rfcalc.report.cells import Style

    return in_notebook(
        [
            table_part(each.table, Style(units=each.units))
            if len(each.table.rows) <= MOST_ROWS
            else element("p", repr(each))
            for each in tables
        ],
        language,
    )


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


class Location(ShownTables):
    """What units of layers see: `print` shows it as text, a notebook as HTML.

    layers: each layer that was asked for, with what was found.  language: of words.
    """

    layers: tuple[Located, ...]
    language: Language

    @property
    def units(self) -> tuple[LocatedUnit, ...]:
        """The units that were asked for, each with its `fields`: the number of an input, a `VisibleField`."""
        return tuple([unit for each in self.layers for unit in each.units])

    @property
    def regions(self) -> tuple[UnitsOfRegion, ...]:
        """The regions that were asked for, each with the units that see them."""
        return tuple([region for each in self.layers for region in each.regions])

    def tables(self) -> list[ShownTable]:
        """Of each layer a table of the units, where some were asked for, and one of the regions, likewise."""
        from rfcalc.report.location.table import located_tables

        return [
            ShownTable(table, "raw") for each in self.layers for table in located_tables(each, self.language)
        ]

    def chart(self, kind: str = "fields", *, down: int | None = None, image: str | None = None) -> ShownChart:
        """A picture of the units: as the option `--picture` of `rfcalc locate` makes it.

        kind: "fields", "layers", "strip", "support" or "energy".  down: so many layers below the unit, of
        "layers" and "strip".  image: the path of a PNG, JPEG or WebP that lies behind "fields".
        Raises UsageError for what a picture cannot show, and for a file that is no image.
        """
        from rfcalc.report.location.chart import location_chart

        behind = None
        if image is not None:
            from rfcalc.report.location.photo import image_file

            behind = image_file(image)
        return ShownChart(location_chart(self.layers, kind, down=down, image=behind, language=self.language))

    def rows(self) -> list[dict[str, object]]:
        """A plain dictionary for each row of the first table: see `ShownTable.rows`."""
        return self.tables()[0].rows()

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc locate --format json` prints; `rfcalc schema locate` describes it."""
        from rfcalc.report.location.data import located_data

        return located_data(self.layers)

    def __repr__(self) -> str:
        network = printable(self.layers[0].analysis.name)
        names = ", ".join(printable(each.name) for each in self.layers)
        counts = f"{counted(len(self.units), 'unit')}, {counted(len(self.regions), 'region')}"
        return f"<{type(self).__name__} of {names} of {network}: {counts}>"

    def _pictures(self) -> list[ShownChart]:
        return [self.chart()]


class FieldGrowth(ShownTables):
    """How fields grow with depth: `print` shows it as text, a notebook as picture and tables.

    growths: of each network the layers by depth, and where fields reach the input.  language: of words.
    """

    growths: tuple[Growth, ...]
    language: Language

    def tables(self, *, every: bool = False, summary: bool = False) -> list[ShownTable]:
        """For each input of each network a table of its layers, and one of where fields reach the inputs.

        every: all layers, not those where something ends.  summary: the last table alone.
        """
        return self._tables(every, summary, rows=False)

    def _tables(self, every: bool, summary: bool, *, rows: bool) -> list[ShownTable]:
        from rfcalc.report.growth.table import GrowthView, growth_tables

        view = GrowthView(every, summary, rows, self.language)
        return [ShownTable(table, "raw") for table in growth_tables(self.growths, view)]

    def text(self, format: str = "simple", *, every: bool = False, summary: bool = False) -> str:
        """The tables one below the other, in a format of tables: see `ShownTable.text`."""
        return "\n".join(table.text(format) for table in self.tables(every=every, summary=summary))

    def rows(self, *, every: bool = True, summary: bool = False) -> list[dict[str, object]]:
        """A plain dictionary for each layer of all networks, or for each field: see `ShownTable.rows`."""
        return self._tables(every, summary, rows=True)[0].rows()

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc field --format json` prints; `rfcalc schema field` describes it."""
        from rfcalc.report.growth.data import growth_data

        return growth_data(self.growths)

    def chart(self) -> ShownChart:
        """The curves; raises UsageError where a size or a count is symbolic."""
        from rfcalc.report.growth.chart import growth_chart

        return ShownChart(growth_chart(self.growths, self.language))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {', '.join(printable(growth.name) for growth in self.growths)}>"

    def _pictures(self) -> list[ShownChart]:
        return [self.chart()]


class TiledImage(ShownTables):
    """How an image can be run tile by tile: `print` shows it as text, a notebook as HTML.

    tiling: what was asked, and found.  language: of words.
    """

    tiling: Tiling
    language: Language

    def tables(self) -> list[ShownTable]:
        """What holds for all tiles; then the tiles that were asked for, or several sizes to choose from."""
        from rfcalc.report.tiling.table import tiling_tables

        return [ShownTable(table, "raw") for table in tiling_tables(self.tiling, self.language)]

    def rows(self) -> list[dict[str, object]]:
        """A plain dictionary for each tile along each axis, if tiles were asked for, else for each size."""
        from rfcalc.report.tiling.table import rows_table

        return ShownTable(rows_table(self.tiling, self.language), "raw").rows()

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc tile --format json` prints; `rfcalc schema tile` describes it."""
        from rfcalc.report.tiling.data import tiling_data

        return tiling_data(self.tiling)

    def __repr__(self) -> str:
        network, chosen = printable(self.tiling.analysis.name), self.tiling.chosen
        said = counted(chosen.number, "tile") if chosen else f"{len(self.tiling.options)} sizes of tiles"
        return f"<{type(self).__name__} of {network}: {said}>"


class NetworkSizes(ShownTables):
    """Which sizes of its inputs a network takes: `print` shows it as text, a notebook as HTML.

    asked: what was asked, and found.  language: of words.
    """

    asked: AskedSizes
    language: Language

    @property
    def along(self) -> tuple[SizesAlong, ...]:
        """What is known of the lengths, for each group of axes that move together."""
        return self.asked.along

    @property
    def sizes(self) -> tuple[SizeRow, ...]:
        """The network at the sizes that were asked for."""
        return tuple([row for _, row in self.asked.rows])

    def tables(self) -> list[ShownTable]:
        """The summary, and the network at some sizes."""
        from rfcalc.report.input_sizes.table import sizes_tables

        return [ShownTable(table, "raw") for table in sizes_tables(self.asked, self.language)]

    def rows(self) -> list[dict[str, object]]:
        """A plain dictionary for each size: see `ShownTable.rows`."""
        from rfcalc.report.input_sizes.table import rows_table

        return ShownTable(rows_table(self.asked, self.language), "raw").rows()

    def to_dict(self) -> dict[str, object]:
        """The record that `rfcalc sizes --format json` prints; `rfcalc schema sizes` describes it."""
        from rfcalc.report.input_sizes.data import sizes_data

        return sizes_data(self.asked)

    def chart(self) -> ShownChart:
        """Input sizes against cost, as a picture."""
        from rfcalc.report.input_sizes.chart import sizes_chart

        return ShownChart(sizes_chart(self.asked, self.language))

    def __repr__(self) -> str:
        network = printable(self.asked.analysis.name)
        return f"<{type(self).__name__} of {network}: {counted(len(self.asked.rows), 'size')}>"

    def _pictures(self) -> list[ShownChart]:
        return [self.chart()]
