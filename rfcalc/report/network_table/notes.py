"""The notes under a table: the conventions, marks and gaps its reader must know of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.figures import total
from rfcalc.errors import option, spoken
from rfcalc.ops.axis_maps import Window
from rfcalc.ops.reads import Along
from rfcalc.records import NamedTuple
from rfcalc.report.cells import AT_LEAST, UNKNOWN, CellPart, EachAxis, Extremes, Style
from rfcalc.report.network_table.columns import (
    AHEAD,
    EFFECTIVE,
    FIELD_COLUMNS,
    SEEN,
    Column,
    Context,
    find_column,
)
from rfcalc.report.network_table.entries import RowEntry
from rfcalc.report.network_table.fields import SeenField, field_cell, seen_field, size_cell
from rfcalc.report.table import TableNote
from rfcalc.report.words import Language, bytes_note, listed_in, say

if TYPE_CHECKING:
    from rfcalc.analysis.fields.receptive_field import AxisField
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis

_MOST_NAMES = 4
_MOST_WARNINGS = 3
# Of a network with more outputs the rest are counted.
_MOST_OUTPUTS = 8


class TableContent(NamedTuple):
    """What a table shows: the entries of its rows and of all rows, and the settings the notes are about."""

    context: Context
    columns: tuple[Column, ...]
    rows: tuple[RowEntry, ...]
    all_rows: tuple[RowEntry, ...]

    @property
    def analysis(self) -> NetworkAnalysis:
        """The network."""
        return self.context.network

    @property
    def language(self) -> Language:
        """The language of the notes."""
        return self.context.view.language


def table_notes(shown: TableContent) -> tuple[TableNote, ...]:
    """Every note this table needs, those about what was asked for first."""
    names = {column.name for column in shown.columns}
    notes = [*_of_the_view(shown)]
    if names & FIELD_COLUMNS:
        notes += _of_fields(shown, names)
    if names & {"macs", "macs_share", "flops"}:
        notes.append(TableNote(say("work convention", shown.language)))
    notes += _of_unknowns(shown)
    notes += _of_the_description(shown)
    return tuple(notes)


def _of_the_view(shown: TableContent) -> Iterable[TableNote]:
    language = shown.language
    if len(shown.rows) < len(shown.all_rows):
        counts: dict[str, object] = {"shown": f"{len(shown.rows):,}", "all": f"{len(shown.all_rows):,}"}
        height = shown.context.view.height
        if height is None or len(shown.all_rows) <= height:
            yield TableNote(say("filtered", language, **counts))
        else:
            yield TableNote(say("neutral", language, **counts, lines=f"{height:,}", kinds=_left_out(shown)))
    groups = [entry for entry in shown.rows if entry.scope is not None]
    if groups:
        key = "one folded" if len(groups) == 1 else "folded"
        layers = sum(len(entry.layers) for entry in groups)
        said = {"rows": f"{len(groups):,}", "layers": f"{layers:,}", "depth": option("depth")}
        yield TableNote(say(key, language, **said))
    if shown.analysis.batch != 1:
        yield TableNote(say("batch", language, batch=f"{shown.analysis.batch:,}"))
    if any(column.counted and column.counted.in_bytes for column in shown.columns):
        dtype = shown.context.view.dtype
        yield TableNote(bytes_note(dtype, language))
    graph = shown.analysis.graph
    if graph.symbols:
        # Imported late: few networks have symbols.
        from rfcalc.report.network_table.symbols import order_note, symbol_notes

        yield from map(TableNote, symbol_notes(graph, language))
        if shown.context.view.sort:
            cell = find_column(shown.context.view.sort).value
            cells = [cell(entry, shown.context) for entry in shown.rows]
            yield from map(TableNote, order_note(cells, graph, language))


def _left_out(shown: TableContent) -> str:
    """The operators of the rows that are not shown, and how many of each: `53 bn, 49 relu and 16 add`."""
    kept = {row.name for row in shown.rows}
    operators = [row.node.op for row in shown.all_rows if row.node and row.name not in kept]
    counts = sorted(((operators.count(op), op) for op in dict.fromkeys(operators)), key=lambda each: -each[0])
    return listed_in([f"{count:,} {op}" for count, op in counts], shown.language)


def _of_fields(shown: TableContent, names: set[str]) -> Iterable[TableNote]:
    language, input_names = shown.language, shown.analysis.input_names
    ends = list(dict.fromkeys(shown.analysis.fields.of_outputs))
    for index in ends[:_MOST_OUTPUTS]:
        seen = seen_field(shown.analysis.fields.nodes[index])
        if seen is not None and seen.axes:
            name = shown.analysis.graph.nodes[index].name
            yield TableNote(_field_of_output(name, seen, input_names, language))
            # Of several it would not be clear which is meant.
            if len(ends) == 1 and index in shown.analysis.graph.outputs:
                yield from _against_input(shown.analysis, index, seen, language)
    if len(ends) > _MOST_OUTPUTS:
        yield TableNote(say("more outputs", language, count=len(ends) - _MOST_OUTPUTS))
    yield TableNote(say("field convention", language))
    ahead = names & AHEAD
    if ahead or shown.analysis.graph.rates:
        from rfcalc.report.network_table.timing import notes_on_time

        yield from map(TableNote, notes_on_time(shown.context, asked=bool(ahead)))
    if names & EFFECTIVE:
        # Imported late: few tables show them.
        from rfcalc.report.network_table.effective import effective_convention

        yield from map(TableNote, effective_convention(shown.context, shown.rows))
    if len(input_names) > 1:
        yield TableNote(say("several inputs", language, input=input_names[0]))
    kinds = field_kinds((entry.name, seen.axes) for entry in shown.rows if (seen := entry.seen))
    if "stride" in names and "collapsed" in kinds.marks:
        yield TableNote(say("collapsed", language), "stride")
    covering = [layer.name for layer in shown.analysis.layers if any(_covers_map(layer))]
    if covering:
        yield TableNote(say("covering", language, layers=_names(covering, language)))
    if "stride" in names and "uneven" in kinds.marks:
        yield TableNote(say("uneven", language), "stride")
    if "receptive_field" in names:
        yield from mark_notes(kinds, language)


class FieldKinds(NamedTuple):
    """What occurs among some fields.

    marks: their statuses; the paths, "main" or "side", of those that have a size too; "collapsed" and
    "uneven" where they have a size but no stride.  spread: the first size that differs by position.
    unknown: whose field is not known.
    """

    marks: frozenset[str]
    spread: Extremes | None
    unknown: tuple[str, ...]


def field_kinds(fields: Iterable[tuple[str, tuple[AxisField, ...]]]) -> FieldKinds:
    """The kinds of the fields of some layers or networks by name; each field is looked at once."""
    marks: set[str] = set()
    spread: Extremes | None = None
    unknown: list[str] = []
    for name, axes in fields:
        for axis in axes:
            marks.add(axis.status)
            if axis.size is None:
                continue
            marks.add(axis.path)
            if axis.stride is None:
                marks.add("collapsed" if axis.collapsed else "uneven")
            # Where `all` is said no size is.
            said = axis.path != "main" and axis.status != "per-position"
            if spread is None and said and axis.size[0] != axis.size[1]:
                spread = Extremes(*axis.size)
        if any(map(_unknown, axes)):
            unknown.append(name)
    return FieldKinds(frozenset(marks), spread, tuple(unknown))


def mark_notes(kinds: FieldKinds, language: Language) -> Iterable[TableNote]:
    """What the marks around field sizes mean."""
    if spread := kinds.spread:
        yield TableNote(say("range", language, low=spread.low, high=spread.high))
    # Paths have notes of other names.
    names = {"side": "global", "main": "main path"}
    for mark in ("side", "main", "bound", "extent", "per-position", "data-dependent"):
        if mark in kinds.marks:
            yield TableNote(say(names.get(mark, mark), language))
    if kinds.unknown:
        yield TableNote(say("unknown field", language, layers=_names(kinds.unknown, language)))


def _field_of_output(layer: str, seen: SeenField, input_names: tuple[str, ...], language: Language) -> str:
    """The field of the network, as one of its outputs has it."""
    named = {"layer": layer, "size": size_cell(seen, input_names, language).text(Style())}
    if any(_unknown(axis) or (axis.size and axis.stride is None) for axis in seen.axes):
        return say("no network field", language, **named)
    for name in ("stride", "padding"):
        named[name] = field_cell(seen, f"effective_{name}").text(Style())
    return say("network field", language, **named)


def _against_input(
    network: NetworkAnalysis, index: int, seen: SeenField, language: Language
) -> Iterable[TableNote]:
    """How large the field is beside the input, axis by axis, where each of its positions has an output."""
    nodes = network.graph.nodes
    lengths = nodes[network.graph.inputs[seen.input]].facts.output.axes
    known = all(isinstance(length, int) for length in lengths) and all(axis.size for axis in seen.axes)
    if not lengths or nodes[index].facts.output.axes != lengths or not known:
        return
    sizes = field_cell(seen, "local_field")
    assert isinstance(sizes, EachAxis)
    pairs = [
        say("of length", language, size=EachAxis((size,)).text(Style()), length=str(length))
        for size, length in zip(sizes.values, lengths, strict=True)
    ]
    yield TableNote(say("field against input", language, axes=", ".join(dict.fromkeys(pairs))))


def _covers_map(layer: LayerAnalysis) -> Iterable[bool]:
    """For each axis that a layer reads whether a sliding window is as large as the map."""
    for shape, reads in zip(layer.inputs, layer.node.facts.reads or (), strict=False):
        for length, read in zip(shape.axes, reads, strict=False):
            if isinstance(read, Along) and isinstance(length, int) and length > 1:
                window, taps = read.taps, read.taps.taps(0)
                single = isinstance(window, Window) and window.length(length) == 1
                yield single and taps.step == 1 and 0 in taps and length - 1 in taps


def _unknown(axis: AxisField) -> bool:
    return axis.size is None and not axis.everything


def _of_unknowns(shown: TableContent) -> Iterable[TableNote]:
    language, context = shown.language, shown.context
    counts = {column.counted for column in shown.columns if column.counted}
    unknown = [
        entry.name
        for entry in (shown.rows if shown.analysis.totals.unknown else ())
        if not all(total(count, entry.layers).complete for count in counts)
    ]
    if unknown:
        layers = _names(unknown, language)
        yield TableNote(say("unknown figures", language, layers=layers, mark=f"{AT_LEAST}N"))
    reasons: dict[str, list[str]] = {}
    for column in shown.columns:
        for entry in shown.rows if column.name == SEEN else ():
            cell = column.value(entry, context)
            if isinstance(cell, CellPart) and cell.number is None:
                reasons.setdefault(cell.reason, []).append(entry.name)
    for reason, names in reasons.items():
        yield TableNote(say("unknown seen", language, layers=_names(names, language), reason=reason))
    if any(column.name in EFFECTIVE for column in shown.columns):
        from rfcalc.report.network_table.effective import effective_gaps

        for reason, names in effective_gaps(context, shown.rows).items():
            listed = _names(names, language)
            yield TableNote(say("unknown effective", language, layers=listed, reason=reason))
    if any(column.name in AHEAD for column in shown.columns):
        from rfcalc.report.network_table.timing import gaps_ahead

        for reason, names in gaps_ahead(context, shown.rows).items():
            yield TableNote(say("unknown ahead", language, layers=_names(names, language), reason=reason))
    if any(column.lasting for column in shown.columns):
        graph = shown.analysis.graph
        unrated = [name for name in shown.analysis.input_names if name not in graph.rates]
        if unrated:
            said = {"inputs": _names(unrated, language), "option": spoken("--rate", "rate")}
            yield TableNote(say("no rate", language, **said))
    shares = [column for column in shown.columns if column.counted and not column.subtracts]
    cells = (column.value(entry, context) for column in shares for entry in shown.rows)
    if shown.analysis.graph.symbols and any(cell.text(Style()) == UNKNOWN for cell in cells):
        yield TableNote(say("symbolic share", language))


def _of_the_description(shown: TableContent) -> Iterable[TableNote]:
    """The description's own remarks on the whole network, and what the analysis warns of."""
    language = shown.language
    for remark in shown.analysis.graph.notes:
        if not remark.column:
            text = remark.chinese if language == "zh" and remark.chinese else remark.text
            yield TableNote(f"{remark.layer}: {text}" if remark.layer else text)
    # What stands in a file of another program is about how it was read, and was said then.
    warnings = [each for each in shown.analysis.warnings if not each.position or each.position.source.text]
    for warning in warnings[:_MOST_WARNINGS]:
        where = f"{warning.position}: " if warning.position else ""
        yield TableNote(say("warning", language, message=f"{where}{warning.message}"))
    rest = len(warnings) - _MOST_WARNINGS
    if rest > 0:
        key = "one more warning" if rest == 1 else "more warnings"
        lists = spoken("--format json", "`warnings`")
        yield TableNote(say(key, language, count=f"{rest:,}", lists=lists))


def _names(names: Sequence[str], language: Language) -> str:
    if len(names) <= _MOST_NAMES:
        return listed_in(names, language)
    first = say("comma", language).join(names[: _MOST_NAMES - 1])
    return say("and more", language, names=first, count=len(names) - _MOST_NAMES + 1, total=len(names))
