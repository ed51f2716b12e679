"""The summary of a comparison: a column for each network, with differences and ratios against the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap
from typing import TYPE_CHECKING

from rfcalc.analysis.comparison.relations import Multiple, Relation, ratio, relation
from rfcalc.analysis.field_values import Views
from rfcalc.analysis.figures import COUNTS, FIGURES, Sum, of_network
from rfcalc.records import NamedTuple
from rfcalc.report.cells import BLANK, Amount, Cell, EachAxis, Extremes, Sizes, Style, Text
from rfcalc.report.comparison.cells import (
    Difference,
    OfBase,
    Percent,
    Titled,
    ratio_text,
)
from rfcalc.report.comparison.words import listed_in, say
from rfcalc.report.network_table.columns import TIMED_COLUMNS, Context
from rfcalc.report.network_table.entries import RowEntry, layer_entry
from rfcalc.report.network_table.fields import field_cell, network_field, size_cell
from rfcalc.report.network_table.layers import title_of
from rfcalc.report.network_table.notes import field_kinds, mark_notes
from rfcalc.report.table import Heading, Table, TableNote, View
from rfcalc.report.words import LANGUAGES, Language
from rfcalc.report.words import say as say_of_tables
from rfcalc.symbolic.polynomial import Polynomial
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison
    from rfcalc.analysis.existence import ValueRange
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.shapes import Size

# Of a sign that changes often no more stretches are named.
_MOST_STRETCHES = 5


class Compared(NamedTuple):
    """A network of a comparison: its letter, what the user calls it, its analysis and its counts by name."""

    letter: str
    name: str
    analysis: NetworkAnalysis
    counts: Mapping[str, Sum]

    @classmethod
    def of(cls, letter: str, name: str, analysis: NetworkAnalysis) -> Compared:
        """A network with all counts that need no number format."""
        found = {name: of_network(each, analysis) for name, each in COUNTS.items() if not each.in_bytes}
        return cls(letter, name, analysis, found)


class ComparisonView(NamedTuple):
    """What of a comparison is shown, and how.

    columns: of the tables of layers; () for the default ones.  summary: whether that is all.
    every: whether equal layers and whole blocks are written out.  rows: whether it is for a format of rows
    alone, in which every layer has one and columns stay the same.  dtype: the number formats.
    """

    columns: tuple[str, ...] = ()
    summary: bool = False
    every: bool = False
    rows: bool = False
    dtype: NumberFormats = FP32
    language: Language = "en"


class Pair(NamedTuple):
    """A network compared with the base."""

    base: Compared
    other: Compared
    comparison: Comparison

    @property
    def letters(self) -> dict[str, str]:
        """The letters of both, by the blanks they fill in phrases."""
        return {"base": self.base.letter, "other": self.other.letter}

    @property
    def labels(self) -> dict[str, str]:
        """The letters and names of both, by the blanks they fill in phrases."""
        return {"base": _label(self.base), "other": _label(self.other)}


class FigureRow(NamedTuple):
    """One figure: its name and title, and its value for each network."""

    head: Titled
    cells: tuple[Cell, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing that is not known is missing from a value."""
        return all(cell.complete for cell in self.cells if isinstance(cell, Amount))

    def amounts(self, place: int) -> tuple[Size, ...]:
        """What can be subtracted of the value for a network: a count, or a size along each axis; else ()."""
        cell = self.cells[place]
        if isinstance(cell, Amount):
            return () if cell.value is None else (cell.value,)
        # Of the size of a field what is a number, and an exact one.
        values = cell.values if isinstance(cell, EachAxis) else ()
        sizes = [each.low for each in values if isinstance(each, Extremes) and each.low == each.high]
        return tuple(sizes) if len(sizes) == len(values) else ()


def summary_table(networks: Sequence[Compared], language: Language) -> Table:
    """The summary of two or more networks; the first one is what the others are compared with."""
    base, *others = networks
    rows = tuple(figures(networks, language))
    names = listed_in([_label(other) for other in others], language)
    headings = [Heading("figure", say("figure", language))]
    headings += (
        Heading(network.letter, _label(network), right=True, shorten="units") for network in networks
    )
    if len(networks) == 2:
        # Difference and ratio stand beside the values.
        between = {"other": others[0].letter, "base": base.letter}
        headings += (
            Heading(
                "difference",
                unbroken(say("difference", language, **between)),
                right=True,
                shorten="units",
                drop=2,
            ),
            Heading("ratio", unbroken(say("ratio", language, **between))),
            Heading("percent", say("percent", language), right=True, drop=1),
        )
        body = [(row.head, *row.cells, *_against(row, 1, base.letter, language)) for row in rows]
    else:
        body = [cells for row in rows for cells in _with_rows_below(row, base.letter, language)]
    return Table(
        say("against", language, names=names, base=_label(base)),
        tuple(headings),
        tuple(body),
        notes=tuple(_notes(networks, rows, language)),
        language=language,
    )


def figures(networks: Sequence[Compared], language: Language) -> Iterator[FigureRow]:
    """The rows of the summary."""
    for count in COUNTS.values():
        sums = [network.counts[count.name] for network in networks if count.compared and not count.in_bytes]
        # Where every layer with weights lies on one path, their number is the depth.
        if not sums or (
            count.name == "weighted_layers" and sums == [each.counts["depth"] for each in networks]
        ):
            continue
        yield FigureRow(_head(count.name, language), tuple(Amount(*each) for each in sums))
    fields = [network_field(network.analysis) for network in networks]
    names = [network.analysis.input_names for network in networks]
    sizes = (size_cell(*each, language) for each in zip(fields, names, strict=True))
    yield FigureRow(_head("receptive_field", language), tuple(sizes))
    strides = tuple(field_cell(each, "effective_stride") for each in fields)
    yield FigureRow(_head("effective_stride", language)._replace(name="stride"), strides)
    if any(network.analysis.graph.rates for network in networks):
        yield from _in_time(networks, language)
    inputs = tuple(Sizes(network.analysis.inputs) for network in networks)
    if len(set(inputs)) > 1:
        yield FigureRow(Titled("inputs", say("inputs", language)), inputs)
    outputs = tuple(Sizes(network.analysis.outputs) for network in networks)
    yield FigureRow(Titled("outputs", say("outputs", language)), outputs)


def _in_time(networks: Sequence[Compared], language: Language) -> Iterator[FigureRow]:
    """What a table shows of a network with a rate besides."""
    entries = [
        layer_entry(analysis.layer_at(place)) if place >= len(analysis.graph.inputs) else RowEntry("", ())
        for analysis, place in ((each.analysis, each.analysis.fields.network) for each in networks)
    ]
    view = View(language=language)
    contexts = [Context(each.analysis, Views(each.analysis), view) for each in networks]
    for column in TIMED_COLUMNS:
        if column.timed and not column.default:
            head = Titled(column.name, column.title[LANGUAGES.index(language)])
            yield FigureRow(head, tuple(map(column.value, entries, contexts)))


def _head(figure: str, language: Language) -> Titled:
    return Titled(figure, FIGURES[figure].title[LANGUAGES.index(language)])


def _label(network: Compared) -> str:
    return f"{network.letter} {network.name}"


def _with_rows_below(row: FigureRow, base: str, language: Language) -> Iterator[tuple[Cell, ...]]:
    """The values for more than two networks; their differences and ratios stand in rows below."""
    yield (row.head, *row.cells)
    others = range(1, len(row.cells))
    if len({cell.text(Style()) for cell in row.cells}) > 1 and any(map(row.amounts, others)):
        pairs = [_against(row, place, base, language)[:2] for place in others]
        for key, cells in zip(("difference", "ratio"), zip(*pairs, strict=True), strict=True):
            title = say(key, language, other=row.head.title, base=base)
            yield (Titled(f"{row.head.name}_{key}", title), BLANK, *cells)


def _against(row: FigureRow, place: int, base: str, language: Language) -> tuple[Cell, Cell, Cell]:
    """The difference, the ratio and the percentage of one network's figure against the base's."""
    one, two = row.amounts(0), row.amounts(place)
    if not one or not two or len(one) != len(two):
        same = row.cells[0].text(Style()) == row.cells[place].text(Style())
        return BLANK, Text(say("equal", language)) if same else BLANK, BLANK
    differences = tuple(after - before for before, after in zip(one, two, strict=True))
    alike = len(set(one)) == len(set(two)) == 1
    quotient = None if not alike else Multiple(1, 1) if one == two else ratio(two[0], one[0])
    exact = _is_symbolic(*one, *two)
    return Difference(differences, row.complete), OfBase(quotient, base, exact, language), Percent(quotient)


def _is_symbolic(*amounts: Size) -> bool:
    return any(isinstance(amount, Polynomial) for amount in amounts)


def _notes(
    networks: Sequence[Compared], rows: Sequence[FigureRow], language: Language
) -> Iterator[TableNote]:
    for network in networks:
        title = title_of(network.analysis, language)
        yield TableNote(say("network", language, letter=network.letter, title=title))
    for place in range(1, len(networks)):
        for row in rows:
            # FLOPs are twice the MACs, so what holds for these holds for those.
            if row.head.name != "flops":
                told = _statement(row, networks[0].letter, networks[place].letter, place, language)
                yield from map(TableNote, told)
    layers: dict[str, list[str]] = {}
    for network in networks:
        graph, fields = network.analysis.graph, network.analysis.fields
        layers.setdefault(graph.nodes[fields.network].name, []).append(network.letter)
    places = [
        say("layer of networks", language, layer=layer, networks=", ".join(letters))
        for layer, letters in layers.items()
    ]
    yield TableNote(say("field at", language, layers=say("comma", language).join(places)))
    seen = [(network.name, network_field(network.analysis)) for network in networks]
    yield from mark_notes(field_kinds((name, field.axes) for name, field in seen if field), language)
    yield TableNote(say("depth note", language))
    yield TableNote(say_of_tables("work convention", language))
    unknown = [network.letter for network in networks if network.analysis.totals.unknown]
    if unknown:
        yield TableNote(say("unknown", language, networks=listed_in(unknown, language)))


def _statement(row: FigureRow, base: str, other: str, place: int, language: Language) -> Iterator[str]:
    """What is said in full of a figure that depends on symbols."""
    base_amounts, amounts = row.amounts(0), row.amounts(place)
    if not base_amounts or not amounts or amounts == base_amounts:
        return
    one, two = base_amounts[0], amounts[0]
    if not _is_symbolic(one, two):
        return
    quotient = ratio(two, one)
    how = relation(two, one)
    constant = None if quotient is None else quotient.constant
    fraction = constant is not None and constant.denominator != 1
    percent = (
        say("percent of", language, percent=f"{float(constant * 100):,.1f} %")
        if constant and fraction
        else ""
    )
    names = {"figure": row.head.title, "base": base, "other": other}
    told = relation_text(how, two - one, language)
    texts = [Amount(value).text(Style()) for value in (two, one)]
    amount, base_amount = (f"({text})" if " " in text else text for text in texts)
    if quotient is None:
        what = {"amount": amount, "base_amount": base_amount}
        yield say("statement without ratio", language, **names, **what, relation=told)
        return
    shown = f"{amount} / {base_amount}"
    if (quotient.numerator, quotient.denominator) != (two, one):
        shown += f" = {ratio_text(quotient, Style())}"
    yield say("statement", language, **names, ratio=shown, percent=percent, relation=told)


def relation_text(how: Relation, difference: Size, language: Language) -> str:
    """Where an amount is smaller or larger than the base's: `smaller for every C ≥ 1`."""
    words = {-1: "smaller", 0: "same", 1: "larger"}
    if how.sign is not None:
        word, symbols = say(words[how.sign], language), ", ".join(how.symbols)
        return say("everywhere", language, relation=word, symbols=symbols) if symbols else word
    if not how.stretches:
        names = difference.symbols if isinstance(difference, Polynomial) else ()
        return say("undecided", language, symbols=listed_in(names, language))

    def told(values: ValueRange, sign: int) -> str:
        first, last = values
        key = "from" if last is None else "at one" if first == last else "up to" if first == 1 else "within"
        ends = {"first": f"{first:,}", "last": f"{last or 0:,}"}
        return say(key, language, relation=say(words[sign], language), symbol=how.symbols[0], **ends)

    shown = how.stretches[::-1][:_MOST_STRETCHES]
    return say("comma", language).join(starmap(told, shown))


def unbroken(title: str) -> str:
    """A heading that stays in one line: it would be broken at its first space."""
    return title.replace(" ", "\u00a0")
