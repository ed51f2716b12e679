"""The layers of two networks side by side: what was changed, inserted and removed, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.field_values import Views
from rfcalc.errors import UsageError, nearest, spoken
from rfcalc.records import NamedTuple
from rfcalc.report.cells import BLANK, Amount, Cell, Style, Text
from rfcalc.report.comparison.cells import Difference, Turned
from rfcalc.report.comparison.edits import TOLD
from rfcalc.report.comparison.folding import EQUAL, KEPT, RESIZED, Fold, folds
from rfcalc.report.comparison.phrases import merged_operation
from rfcalc.report.comparison.summary import unbroken
from rfcalc.report.comparison.words import say
from rfcalc.report.network_table.columns import COLUMNS, Column, Context, find_column
from rfcalc.report.network_table.entries import RowEntry, layer_entry, summed
from rfcalc.report.table import Heading, Table, TableNote, View

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison, Edit
    from rfcalc.report.comparison.summary import ComparisonView, Pair

DIFFERENCE = "_difference"
DEFAULT_COLUMNS = ("name", "operation", "output")


class ComparedColumn(NamedTuple):
    """A column of the table: that of a network's table, in both networks or as their difference."""

    column: Column
    difference: bool


def find_shown(names: Sequence[str]) -> tuple[ComparedColumn, ...]:
    """The columns of these names, each once.

    Beside a network's columns there is NAME_difference for each that adds up.  Raises UsageError with the
    nearest name.
    """
    return tuple(dict.fromkeys(map(_find, names)))


def difference_names() -> tuple[str, ...]:
    """The names of all columns of differences."""
    return tuple(column.name + DIFFERENCE for column in COLUMNS if column.subtracts)


def _find(name: str) -> ComparedColumn:
    wanted = name.strip().casefold().replace("-", "_")
    if not wanted.endswith(DIFFERENCE):
        return ComparedColumn(find_column(name), False)
    if wanted in difference_names():
        return ComparedColumn(find_column(wanted.removesuffix(DIFFERENCE)), True)
    hint = nearest(wanted, difference_names()) or f"differences are {', '.join(difference_names())}"
    raise UsageError(f"no column is called {name!r}; {hint}")


def _default(comparison: Comparison, *, every: bool) -> tuple[ComparedColumn, ...]:
    """The columns that are shown unasked: what the layers are, and the differences there are (every: all)."""
    differing = [name for name in TOLD if every or any(edit.deltas[name] != 0 for edit in comparison.edits)]
    if not every:
        # The last one is shown where no other is.
        differing = [name for name in differing if name != TOLD[-1]] or differing
    return find_shown((*DEFAULT_COLUMNS, *(name + DIFFERENCE for name in differing)))


class _LayerRow(NamedTuple):
    """A line of the table: what it stands for in each network, and what is written in its first columns.

    edits: numbers of the edits of the whole comparison that it belongs to.
    """

    status: str
    names: tuple[str, ...]
    entries: tuple[RowEntry | None, ...]
    operation: Cell | None = None
    edits: tuple[int, ...] = ()


class LayersTable:
    """Makes the table of the layers of both networks.

    others: the columns except that of the names, which always come first; the default ones without any.
    """

    def __init__(self, pair: Pair, columns: Sequence[ComparedColumn], view: ComparisonView) -> None:
        self.pair = pair
        self.view = view
        columns = columns or _default(pair.comparison, every=view.rows)
        self.others = [shown for shown in columns if shown.column.name != "name"]
        self._networks = pair.base, pair.other
        shown = View(dtype=view.dtype, language=view.language)
        self._contexts = [Context(each.analysis, Views(each.analysis), shown) for each in self._networks]
        self._lines = [_line(edit) for edit in pair.comparison.edits]

    def say(self, key: str, **values: object) -> str:
        """A phrase in the language of the table."""
        return say(key, self.view.language, **values)

    def table(self) -> Table:
        """All or the folded lines in order of execution; the totals are the differences of the networks."""
        statuses = list(map(self._status, self._lines))
        every = self.view.every or self.view.rows
        folded = folds(self.pair.comparison, statuses, self._signature, every=every)
        lines = list(map(self._folded, folded))
        paired = [line.names for line in lines if all(line.entries)]
        different = sum(one != two for one, two in paired)
        # A few layers of another name do not need a column.
        renamed = self.view.rows or 4 * different > len(paired)
        names = [find_column("name").heading(self.view.language)]
        if renamed:
            letters = zip(("name_a", "name_b"), self.pair.letters.values(), strict=True)
            names = [Heading(name, self.say("layer of", letter=one), shorten="name") for name, one in letters]
        blanks = [BLANK] * (len(names) - 1)
        totals = tuple(summed("", map(layer_entry, each.analysis.layers)) for each in self._networks)
        total = _LayerRow("", (), totals)
        cells = [self._cell(total, shown) if shown.column.summed else BLANK for shown in self.others]
        difference = self.say("difference", **self.pair.letters)
        return Table(
            self.say("layers title", **self.pair.labels),
            (
                Heading("change", self.say("change")),
                Heading("edits", "#", drop=1),
                *names,
                *(self._heading(shown, difference) for shown in self.others),
            ),
            tuple(self._row(line, renamed, blanks) for line in lines),
            ((BLANK, BLANK, Text(difference), *blanks, *cells),),
            tuple(self._notes(folded)),
            self.view.language,
        )

    def _status(self, line: _LayerRow) -> str:
        """The status of a line; a layer of which nothing that is shown differs is equal."""
        if line.status != KEPT:
            return line.status
        for shown in self.others:
            old, new = (cell.text(Style()) for cell in self._sides(line, shown) if cell is not None)
            if old != new:
                return KEPT
        return EQUAL

    def _signature(self, place: int) -> object:
        line = self._lines[place]
        texts = [self._cell(line, shown).text(Style()) for shown in self.others]
        return (line.status, line.names[1].rpartition(".")[2], line.edits, texts)

    def _folded(self, fold: Fold) -> _LayerRow:
        """The line of a fold; several layers show the sums of their counts, and what the last passes on."""
        lines = self._lines[fold.first : fold.last]
        if fold.kind == "layer":
            return lines[0]
        count = f"{len(lines):,}"
        if fold.kind == "equal":
            return _LayerRow("", (self.say("equal layers", count=count),), (None, None))
        if fold.kind == "like":
            key = "like" if len(fold.names) > 1 else "one like"
            text = self.say(key, count=len(fold.names), name=fold.like)
        else:
            label = fold.label
            if len(fold.names) > 1:
                label = self.say("counted", count=len(fold.names), what=label)
            text = self.say("layers of block", label=label, count=count)
        names = zip(*(line.names for line in lines), strict=True)
        entries = zip(*(line.entries for line in lines), strict=True)
        return _LayerRow(
            fold.status,
            tuple(self._place(fold, filter(None, each)) for each in names),
            # With what enters the first layer and what the last one passes on.
            tuple(
                summed("", there)._replace(spans=True) if (there := [*filter(None, each)]) else None
                for each in entries
            ),
            Text(text),
            tuple(sorted({edit for line in lines for edit in line.edits})),
        )

    def _place(self, fold: Fold, layers: Iterable[str]) -> str:
        """Where a fold stands in one network: the names of its blocks, or of its first and last layer."""
        names = list(layers)
        ends = fold.names if names and names[0].startswith(f"{fold.names[0]}.") else names
        if len(ends) < 3:
            return self.say("comma").join(ends)
        return self.say("to", first=ends[0], last=ends[-1])

    def _row(self, line: _LayerRow, renamed: bool, blanks: Sequence[Cell]) -> tuple[Cell, ...]:
        word = self.say(f"kind {line.status}") if line.status else ""
        start = (Text(word), Text(", ".join(map(str, line.edits))))
        if not any(line.entries):
            # A run of equal layers: nothing but how many.
            return (*start, Text(line.names[0]), *blanks, *[BLANK] * len(self.others))
        names: list[Cell] = [Text(name) for name in line.names]
        if not renamed:
            names = [Turned(*(Text(name) if name else None for name in line.names))]
        return (*start, *names, *(self._cell(line, shown) for shown in self.others))

    def _cell(self, line: _LayerRow, shown: ComparedColumn) -> Cell:
        if shown.column.name == "operation" and line.operation is not None:
            return line.operation
        return (_difference if shown.difference else Turned)(*self._sides(line, shown))

    def _sides(self, line: _LayerRow, shown: ComparedColumn) -> Iterator[Cell | None]:
        """The cells of a column in both networks; None in one that has none of it."""
        for entry, context in zip(line.entries, self._contexts, strict=True):
            yield None if entry is None else shown.column.value(entry, context)

    def _heading(self, shown: ComparedColumn, difference: str) -> Heading:
        heading = shown.column.heading(self.view.language)
        if not shown.difference:
            return heading
        title = f"{unbroken(heading.title)} {difference}"
        # The differences are what is compared: they stay.
        return heading._replace(name=heading.name + DIFFERENCE, title=title, drop=0)

    def _notes(self, folded: Sequence[Fold]) -> Iterator[TableNote]:
        if any(fold.status == RESIZED for fold in folded):
            yield TableNote(self.say("resized note"))
        if any(fold.kind != "layer" for fold in folded):
            yield TableNote(self.say("folded note", all=spoken("--all", "every=True")))


def _line(edit: Edit) -> _LayerRow:
    status = edit.kind
    if status == "kept":
        status = RESIZED if edit.resized else KEPT
    layers = edit.left, edit.right
    return _LayerRow(
        status,
        tuple("" if layer is None else layer.name for layer in layers),
        tuple(None if layer is None else layer_entry(layer) for layer in layers),
        merged_operation(edit.left or edit.layer, edit.right or edit.layer, edit.changes),
        tuple(cause + 1 for cause in edit.causes),
    )


def _difference(left: Cell | None, right: Cell | None) -> Cell:
    """The difference of two counts; one that is missing is 0, and what is unknown of them counts as 0."""
    amounts = [cell for cell in (left, right) if isinstance(cell, Amount)]
    # A count that depends on symbols has no truth value where it may be 0.
    values = [cell.value if isinstance(cell, Amount) else 0 for cell in (left, right)]
    old, new = (0 if value is None else value for value in values)
    complete = all(amount.complete and amount.value is not None for amount in amounts)
    return Difference((new - old,), complete, any(amount.binary for amount in amounts))
