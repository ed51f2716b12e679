"""The layers of two networks side by side: what was changed, inserted and removed, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.errors import UsageError, nearest
from rfcalc.report.cells import BLANK, Amount, Cell, Style, Text
from rfcalc.report.comparison.cells import Difference, Turned
from rfcalc.report.comparison.edits import TOLD
from rfcalc.report.comparison.folding import EQUAL, KEPT, RESIZED, Fold, folds
from rfcalc.report.comparison.phrases import merged_operation, operation
from rfcalc.report.comparison.summary import unbroken
from rfcalc.report.comparison.words import say
from rfcalc.report.network_table.columns import COLUMNS, Column, Context, find_column
from rfcalc.report.network_table.entries import Entry, layer_entry, summed
from rfcalc.report.table import Heading, Note, Table
from rfcalc.report.words import Language
from rfcalc.units import NumberFormat

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison, Edit
    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.report.comparison.summary import Compared

DIFFERENCE = "_difference"
DEFAULT_COLUMNS = ("name", "operation", "output")


class Shown(NamedTuple):
    """A column of the table: that of a network's table, in both networks or as their difference."""

    name: str
    column: Column
    difference: bool


def default_shown(comparison: Comparison, *, every: bool = False) -> tuple[Shown, ...]:
    """The columns that are shown unasked: what the layers are, and the differences there are (every: all)."""
    differing = [name for name in TOLD if every or any(edit.deltas[name] != 0 for edit in comparison.edits)]
    if not every:
        # The last one is shown where no other is.
        differing = [name for name in differing if name != TOLD[-1]] or differing
    return find_shown((*DEFAULT_COLUMNS, *(name + DIFFERENCE for name in differing)))


def find_shown(names: Sequence[str]) -> tuple[Shown, ...]:
    """The columns of these names, each once.

    Beside a network's columns there is NAME_difference for each that adds up.  Raises UsageError with the
    nearest name.
    """
    return tuple(dict.fromkeys(map(_find, names)))


def difference_names() -> tuple[str, ...]:
    """The names of all columns of differences."""
    return tuple(column.name + DIFFERENCE for column in COLUMNS if column.subtracts)


def _find(name: str) -> Shown:
    wanted = name.strip().casefold().replace("-", "_")
    if wanted.endswith(DIFFERENCE):
        column = next((c for c in COLUMNS if c.name + DIFFERENCE == wanted and c.subtracts), None)
        if column is None:
            hint = nearest(wanted, difference_names()) or f"differences are {', '.join(difference_names())}"
            raise UsageError(f"no column is called {name!r}; {hint}")
        return Shown(wanted, column, True)
    column = find_column(name)
    return Shown(column.name, column, False)


class _Side(NamedTuple):
    """One of the two networks: its layers as entries, their total, and the context of their cells."""

    entries: dict[str, Entry]
    total: Entry
    context: Context


class _Line(NamedTuple):
    """A line of the table: what it stands for in each network, and what is written in its first columns.

    edits: numbers of the edits of the whole comparison that it belongs to.
    """

    status: str
    names: tuple[str, str]
    left: Entry | None
    right: Entry | None
    operation: str | None
    edits: tuple[int, ...]


def layers_table(
    base: Compared,
    other: Compared,
    comparison: Comparison,
    columns: Sequence[Shown],
    language: Language,
    *,
    dtype: NumberFormat = "fp32",
    every: bool = False,
    both_names: bool = False,
) -> Table:
    """The layers of both networks in order of execution; the totals are the differences of the networks.

    every: whether equal layers and whole blocks are written out.  both_names: whether the names in both
    networks have a column each though they hardly differ.
    """
    return _Layers(base, other, comparison, columns, language, dtype, both_names).table(every)


class _Layers:
    """Makes the table."""

    def __init__(
        self,
        base: Compared,
        other: Compared,
        comparison: Comparison,
        columns: Sequence[Shown],
        language: Language,
        dtype: NumberFormat,
        both_names: bool,
    ) -> None:
        self.base = base
        self.other = other
        self.comparison = comparison
        self.columns = columns
        self.language = language
        self.both_names = both_names
        self._sides = _side(base, dtype, language), _side(other, dtype, language)
        self._lines = [self._line(edit) for edit in comparison.edits]

    def table(self, every: bool) -> Table:
        """All or the folded lines."""
        statuses = [
            self._status(line, edit) for line, edit in zip(self._lines, self.comparison.edits, strict=True)
        ]
        folded = folds(self.comparison, statuses, self._signature, every=every)
        lines = [self._folded(fold) for fold in folded]
        paired = [line.names for line in lines if line.left is not None and line.right is not None]
        different = sum(one != two for one, two in paired)
        # A few layers of another name do not need a column.
        renamed = self.both_names or 4 * different > len(paired)
        rows = tuple(self._row(line, renamed) for line in lines)
        between = {"base": self.base.letter, "other": self.other.letter}
        total = _Line("", (say("difference", self.language, **between),) * 2, *self._totals(), "", ())
        names = {
            "base": f"{self.base.letter} {self.base.name}",
            "other": f"{self.other.letter} {self.other.name}",
        }
        return Table(
            say("layers title", self.language, **names),
            tuple(self._headings(renamed)),
            rows,
            (self._total_row(total, renamed),),
            tuple(self._notes(folded)),
            self.language,
        )

    def _line(self, edit: Edit) -> _Line:
        left = None if edit.left is None else self._sides[0].entries[edit.left.name]
        right = None if edit.right is None else self._sides[1].entries[edit.right.name]
        if edit.left is not None and edit.right is not None:
            text = merged_operation(edit.left, edit.right, edit.changes)
        else:
            layer = edit.left or edit.right
            assert layer is not None
            text = operation(layer)
        status = (
            RESIZED if edit.kind == "kept" and edit.resized else KEPT if edit.kind == "kept" else edit.kind
        )
        return _Line(
            status,
            (_name(edit.left), _name(edit.right)),
            left,
            right,
            text,
            tuple(c + 1 for c in edit.causes),
        )

    def _status(self, line: _Line, edit: Edit) -> str:
        """The status of a line; a layer of which nothing that is shown differs is equal."""
        if line.status != KEPT:
            return line.status
        style = Style()
        for shown in self.columns:
            if shown.column.name != "name":
                cells = [self._side_cell(line, shown, side) for side in (0, 1)]
                if cells[0].text(style) != cells[1].text(style):
                    return KEPT
        return EQUAL

    def _signature(self, place: int) -> object:
        line = self._lines[place]
        style = Style()
        texts = [self._cell(line, shown).text(style) for shown in self.columns if shown.column.name != "name"]
        return (line.status, line.names[1].rpartition(".")[2], line.edits, texts)

    def _folded(self, fold: Fold) -> _Line:
        """The line of a fold; several layers show the sums of their counts, and what the last passes on."""
        lines = self._lines[fold.first : fold.last]
        if fold.kind == "layer":
            return lines[0]
        count = f"{len(lines):,}"
        if fold.kind == "equal":
            return _Line("", (say("equal layers", self.language, count=count),) * 2, None, None, None, ())
        edits = tuple(sorted({edit for line in lines for edit in line.edits}))
        names = (self._place(fold, 0), self._place(fold, 1))
        if fold.kind == "like":
            key = "like" if len(fold.names) > 1 else "one like"
            text = say(key, self.language, count=len(fold.names), name=fold.like)
        else:
            label = fold.label
            if len(fold.names) > 1:
                label = say("counted", self.language, count=len(fold.names), what=label)
            text = say("layers of block", self.language, label=label, count=count)
        left, right = (
            _sum([entry for entry in side if entry is not None])
            for side in zip(*((line.left, line.right) for line in lines), strict=True)
        )
        return _Line(fold.status, names, left, right, text, edits)

    def _place(self, fold: Fold, side: int) -> str:
        """Where a fold stands in one network: the names of its blocks, or of its first and last layer."""
        names = [line.names[side] for line in self._lines[fold.first : fold.last] if line.names[side]]
        if not names:
            return ""
        ends = fold.names if names[0].startswith(f"{fold.names[0]}.") else names
        if len(ends) < 3:
            return say("comma", self.language).join(ends)
        return say("to", self.language, first=ends[0], last=ends[-1])

    def _totals(self) -> tuple[Entry, Entry]:
        return self._sides[0].total, self._sides[1].total

    def _row(self, line: _Line, renamed: bool) -> tuple[Cell, ...]:
        word = say(f"kind {line.status}", self.language) if line.status else ""
        start: list[Cell] = [Text(word), Text(", ".join(map(str, line.edits)))]
        if line.left is None and line.right is None:
            # A run of equal layers: nothing but how many.
            blanks = [BLANK] * (len(self._name_headings(renamed)) - 1 + len(self._others()))
            return (*start, Text(line.names[0]), *blanks)
        names: list[Cell] = [Text(name) for name in line.names]
        if not renamed:
            names = [Turned(*(cell if name else None for cell, name in zip(names, line.names, strict=True)))]
        return (*start, *names, *(self._cell(line, shown) for shown in self._others()))

    def _total_row(self, line: _Line, renamed: bool) -> tuple[Cell, ...]:
        blanks = [BLANK] * (len(self._name_headings(renamed)) - 1)
        cells = [self._cell(line, shown) if shown.column.summed else BLANK for shown in self._others()]
        return (BLANK, BLANK, Text(line.names[0]), *blanks, *cells)

    def _others(self) -> list[Shown]:
        """The columns but for that of the names, which always come first."""
        return [shown for shown in self.columns if shown.column.name != "name"]

    def _cell(self, line: _Line, shown: Shown) -> Cell:
        if shown.column.name == "operation" and line.operation is not None:
            return Text(line.operation)
        left = None if line.left is None else self._side_cell(line, shown, 0)
        right = None if line.right is None else self._side_cell(line, shown, 1)
        return _difference(left, right) if shown.difference else Turned(left, right)

    def _side_cell(self, line: _Line, shown: Shown, side: int) -> Cell:
        entry = line.right if side else line.left
        return BLANK if entry is None else shown.column.value(entry, self._sides[side].context)

    def _name_headings(self, renamed: bool) -> list[Heading]:
        if not renamed:
            return [Heading("name", find_column("name").heading(self.language), shorten="name")]
        return [
            Heading(
                f"name_{which}",
                say("layer of", self.language, letter=network.letter),
                shorten="name",
            )
            for which, network in (("a", self.base), ("b", self.other))
        ]

    def _headings(self, renamed: bool) -> Iterator[Heading]:
        yield Heading("change", say("change", self.language))
        yield Heading("edits", "#", drop=1)
        yield from self._name_headings(renamed)
        for shown in self._others():
            column = shown.column
            title = column.heading(self.language)
            if shown.difference:
                between = say("difference", self.language, base=self.base.letter, other=self.other.letter)
                title = f"{unbroken(title)} {between}"
            yield Heading(shown.name, title, column.right, column.shorten, column.drop)

    def _notes(self, folded: Sequence[Fold]) -> Iterator[Note]:
        if any(fold.status == RESIZED for fold in folded):
            yield Note.of(say("resized note", self.language))
        if any(fold.kind != "layer" for fold in folded):
            yield Note.of(say("folded note", self.language))


def _name(layer: LayerAnalysis | None) -> str:
    return "" if layer is None else layer.name


def _side(network: Compared, dtype: NumberFormat, language: Language) -> _Side:
    entries = {layer.name: layer_entry(layer) for layer in network.analysis.layers}
    total = summed("", entries.values())
    return _Side(entries, total, Context.of(network.analysis, dtype, language))


def _sum(entries: Sequence[Entry]) -> Entry | None:
    """The sums of some layers' counts, with what enters the first and what the last one passes on."""
    return summed("", entries)._replace(spans=True) if entries else None


def _difference(left: Cell | None, right: Cell | None) -> Cell:
    """The difference of two counts; one that is missing is 0, and what is unknown of them counts as 0."""
    amounts = [cell for cell in (left, right) if isinstance(cell, Amount)]
    values = [
        0 if not isinstance(cell, Amount) or cell.value is None else cell.value for cell in (left, right)
    ]
    complete = all(amount.complete and amount.value is not None for amount in amounts)
    binary = any(amount.binary for amount in amounts)
    return Difference((values[1] - values[0],), complete, binary)
