"""What the library hands out: a network, with what can be shown of it.

    analysis ─► `AnalysedNetwork` ─► report (a Table, a record) ─► render ─► text, HTML, plain values

The analysis knows nothing of tables.  Here it is given the methods that lead there, each of which loads what
it needs when it is called; nothing is worked out, and no text is made, in this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.fields.figures import BRANCH_WEIGHTS
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.asked import looked_up, refuse_other_languages, refuse_others
from rfcalc.description import Resizable
from rfcalc.errors import Source, UsageError, nearest, quoted
from rfcalc.shown import MOST_ROWS, Explanation, FieldGrowth, Location, NetworkSizes, ShownTable, TiledImage
from rfcalc.shown_pages import ShownDrawing, ShownReport
from rfcalc.spec.given import words_given
from rfcalc.spec.syntax import Network
from rfcalc.units import NumberFormats, number_formats

if TYPE_CHECKING:
    from rfcalc.analysis.energy_map import EnergyMap
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.lint.finding import Finding
    from rfcalc.report.cells import Units
    from rfcalc.report.diagram.diagram import DrawingStyle
    from rfcalc.report.input_sizes.asking import AskedSize
    from rfcalc.report.location.asking import RegionGiven, UnitGiven
    from rfcalc.report.tiling.asking import MemoryGiven, TileGiven
    from rfcalc.report.words import Language

    # Words, or one text in which commas join them.
    Several = str | Iterable[str]


class AnalysedNetwork(NetworkAnalysis):
    """A network and everything that is known of it, and how to show it.

    `network["conv1"]` is a layer; `network.layers` are all of them in execution order, `network.totals` their
    sums.
    source: the text it was read from.  syntax: what that says.  dtype: the number formats of its values.
    part: whether it is the part of a network that leads to some layers.  resizable: it and
    what it was analysed with.
    """

    source: Source
    syntax: Network
    dtype: NumberFormats
    part: bool
    resizable: Resizable

    # It is looked up by names, not gone through: what would be its items is `layers`.
    __iter__ = None

    def __getitem__(self, name: str) -> LayerAnalysis:
        """The layer of this hierarchical name.

        Raises NoSuchLayer, a KeyError, with the nearest name when there is none.
        """
        return looked_up(self, name)

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

        refuse_others("units", units, ("raw", "si"))
        refuse_other_languages(language)
        refuse_others("branch_weights", branch_weights, BRANCH_WEIGHTS)
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
        from rfcalc.report.network_table.columns import find_columns

        usual = find_columns((), rated=bool(self.graph.rates))
        columns = columns or (*(column.name for column in usual), "status")
        return self.table(columns, depth=depth, only=only, hide=hide, sort=sort, top=top, dtype=dtype).rows()

    def to_dict(
        self,
        *,
        seen: bool = False,
        effective: BranchWeights | None = None,
        lookahead: bool = False,
        dtype: str = "",
    ) -> dict[str, object]:
        """The record that `rfcalc NETWORK --format json` prints; `rfcalc schema` describes it.

        seen: with how many positions a unit sees, which may take long.  effective: with the effective fields,
        branches being weighted so.  lookahead: with how far a unit looks ahead, also without a rate.
        dtype: see `table`.
        Raises UsageError for a word that names no weights.
        """
        from rfcalc.report.network_table.data import report_data

        if effective is not None:
            refuse_others("effective", effective, BRANCH_WEIGHTS)
        data = report_data(
            self, dtype=self.formats(dtype), seen=seen, effective=effective, lookahead=lookahead
        )
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

        refuse_other_languages(language)
        explained, subjects = asked_explanation(self, layer, words_given(what), self.formats(dtype))
        return Explanation(explained, subjects, language)

    def locate(
        self,
        layer: Several = (),
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

        layer: a name, a glob that fits one, or a block, whose last layer is meant; or several of these.
        Without any, for each output of the network the layer whose field is its field.
        unit, units: such as (row, column), a number from 0 for each axis of the layer.
        corners, every: those at the corners, all.
        Without any of these and of the next two: the unit in the middle and those at the corners.
        pixel: a position of the input, (row, column), whose units are asked for.  box: a region of the input,
        ((first, last), (first, last)), both inclusive: the units that see some of it, and nothing else.
        strict: whether gates and the statistics of normalisations count.
        Raises UsageError, with the ranges, for what is not there, and where a size is symbolic.
        """
        from rfcalc.report.location.asking import locate_layers

        refuse_other_languages(language)
        located = locate_layers(
            self,
            [layer] if isinstance(layer, str) else layer,
            [*([] if unit is None else [unit]), *units],
            corners=corners,
            every_unit=every,
            pixels=() if pixel is None else (pixel,),
            boxes=() if box is None else (box,),
            strict=strict,
        )
        return Location(located, language)

    def tile(
        self,
        *,
        tile: TileGiven | None = None,
        memory: MemoryGiven | None = None,
        image: str | Sequence[int] | None = None,
        ignore_global: bool = False,
        dtype: str = "",
        language: Language = "en",
    ) -> TiledImage:
        """How an image of a network's input size can be run tile by tile with the same outputs.

        tile: the size of tiles, (512, 512), "512x512", or one length for all axes.  memory: bytes that the
        parameters and the peak of activations of a tile may take, a number or "8GiB".  Without both several
        sizes are shown.  image: another size of the image than it was analysed for, spatial axes then
        channels.
        ignore_global: whether layers that see the whole image are left out; tiles then are not exact.
        dtype: see `table`.
        Raises UsageError where tiles cannot give the outputs of the whole image, with the layers that are
        why, DescriptionError where the network cannot be built for the image.
        """
        from rfcalc.report.tiling.asking import tile as tiling_of

        refuse_other_languages(language)
        analysis: NetworkAnalysis = self
        if image is not None:
            analysis = analyze_graph(self.resizable.graph(image), self.batch)
        graph = analysis.graph
        tiling = tiling_of(
            analysis,
            lambda lengths: self.resizable.at(lengths, graph),
            self.formats(dtype),
            tile=tile,
            memory=memory,
            ignore_global=ignore_global,
        )
        return TiledImage(tiling, language)

    def sizes(
        self,
        *sizes: AskedSize,
        first: int = 32,
        last: int = 1024,
        each: bool = False,
        every: bool = False,
        language: Language = "en",
    ) -> NetworkSizes:
        """At which sizes of its inputs the network can be built, and what it is at some of them.

        sizes: those that are shown: a length for all axes, or (512, 384); without any some from `first` to
        `last`, with `every` all of these.  each: every axis moves by itself, instead of axes of one length
        together.  Raises UsageError for what is no size, and where a size is symbolic.
        """
        from rfcalc.report.input_sizes.asking import input_sizes

        refuse_other_languages(language)
        trials = self.resizable.trials()
        asked = input_sizes(trials, sizes, first=first, last=last, each=each, every=every, batch=self.batch)
        return NetworkSizes(asked, language)

    def energy_map(
        self,
        layer: str,
        unit: UnitGiven | None = None,
        *,
        source: str = "",
        branch_weights: BranchWeights = "kaiming",
        clipped: bool = True,
    ) -> EnergyMap:
        """The effective field of one unit over an input, before training: `energies` is an array of NumPy.

        layer, unit: as for `locate`; the unit in the middle without one.  source: the name of the input, the
        first that the layer depends on without one.  branch_weights: see `table`.  clipped: at the border of
        every layer, as it is for that unit; else padding is part of the signal, as in the theoretical field.
        Raises UsageError for what is not there, and with the reason where it is not known.
        """
        from rfcalc.analysis.energy_map import energy_map
        from rfcalc.analysis.fields.axis_field import OutOfReachError
        from rfcalc.report.location.asking import locate_layers

        refuse_others("branch_weights", branch_weights, BRANCH_WEIGHTS)
        (located,) = locate_layers(self, [layer], [] if unit is None else [unit])
        inputs = {located.input_name(number): number for number in located.sources}
        if source and source not in inputs:
            raise UsageError(
                f"{located.name} depends on no input {quoted(source)}; {nearest(source, inputs)}".rstrip("; ")
            )
        number = inputs[source] if source else located.sources[0]
        place = located.units[0].unit
        try:
            return energy_map(
                self.fields, located.asked.node, place, number, weights=branch_weights, clipped=clipped
            )
        except OutOfReachError as reason:
            raise UsageError(f"the effective field of {located.name} is not known: {reason}") from None

    def growth(self, *, branch_weights: BranchWeights = "kaiming", language: Language = "en") -> FieldGrowth:
        """How the theoretical, effective and smallest field grow with depth, and where they reach the input.

        branch_weights, language: see `table`.  Raises UsageError for others.
        """
        from rfcalc.report.growth.points import growth_of

        refuse_others("branch_weights", branch_weights, BRANCH_WEIGHTS)
        refuse_other_languages(language)
        return FieldGrowth((growth_of(self, self.name, branch_weights),), language)

    def draw(
        self,
        *,
        depth: int | None = None,
        every: bool = False,
        block: str | None = None,
        style: DrawingStyle = "boxes",
        language: Language = "en",
    ) -> ShownDrawing:
        """The architecture as a drawing, of a long network as deep as boxes can be told apart.

        depth: blocks so many levels deep are one box each.  every: all layers.  block: the inside of a part,
        by the name of its layers or of the first call of a block.  style: "volumes" for maps as cuboids, to
        scale, one behind the other.  Raises UsageError for no such part.
        """
        from rfcalc.report.diagram.building import chosen_diagram
        from rfcalc.report.diagram.diagram import DRAWING_STYLES

        refuse_other_languages(language)
        refuse_others("style", style, DRAWING_STYLES)
        return ShownDrawing(chosen_diagram(self, depth, every, block, language, style), style)

    def report(
        self,
        *,
        image: str | None = None,
        dtype: str = "",
        branch_weights: BranchWeights = "kaiming",
        language: Language = "en",
    ) -> ShownReport:
        """The page that `rfcalc report NETWORK` writes: a notebook shows it, `save` writes it.

        image: the path of a PNG, JPEG or WebP that lies behind the fields.  dtype, branch_weights, language:
        see `table`.  Its findings are those of `check`.
        Raises UsageError for others, and for a file that is no image.
        """
        from rfcalc.report.page.making import ReportedNetwork, network_report, page_settings

        refuse_others("branch_weights", branch_weights, BRANCH_WEIGHTS)
        refuse_other_languages(language)
        settings = page_settings(self.formats(dtype), language, branch_weights, image)
        return ShownReport(network_report([ReportedNetwork(self.name, self, self.check())], settings))

    def check(self, *, select: Several | None = None, ignore: Several = ()) -> tuple[Finding, ...]:
        """What the rules find in the network, in the order of its text, but for what its comments ignore.

        select, ignore: the rules to look for, as codes, names, beginnings of codes, or "ALL"; without select
        those that `rfcalc check` looks for unasked.  A configuration is not read.  Raises UsageError for a
        selector that fits no rule.
        """
        from rfcalc.lint.checking import Built, check_built
        from rfcalc.lint.registry import selected, selectors

        codes = selected(None if select is None else selectors(select), selectors(ignore))
        built = Built(self.source, self.syntax, self, self.part, trials=self.resizable.trials)
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
