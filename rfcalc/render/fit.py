"""Fitting a table into a width: a column gives way in steps, and all columns in one order, until it fits.

What loses nothing goes first (texts are wrapped), then digits (counts in SI units), then what is at its
default in an operation, then names are wrapped or shortened; only then columns are left out.  No number is
cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rfcalc.errors import width_of
from rfcalc.records import NamedTuple
from rfcalc.render.characters import refuse_blanks, wrapped
from rfcalc.report.table import Heading

GAP = 2
ELLIPSIS = "…"

# The widths down to which texts are wrapped, names wrapped and shortened, operations shortened.
_NARROWEST_TEXT, _NARROWEST_NAME, _SHORTEST_NAME, _SHORTEST_ITEMS = 24, 12, 16, 18
# How texts become narrower by losing something.
_CUTTING = ("name", "items")
# Names are wrapped where that adds no more than a line for so many rows, or where different names would be
# shortened to the same; else shortened.
_ROWS_A_LINE = 8

# The rows of a table as texts: in full (0), in brief (1), and with those items alone that must be given (2).
RowForms = Callable[[int], Sequence[Sequence[str]]]


class Fitted(NamedTuple):
    """A table as it fits: the headings' lines, the cells, and which columns had to give way.

    kept: indices of the columns shown.  dropped, rounded and shortened: titles, for the note.
    """

    kept: tuple[int, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    dropped: tuple[str, ...]
    rounded: tuple[str, ...]
    shortened: tuple[str, ...]


class _Concession(NamedTuple):
    """How a column stands: the form of its texts, how they become narrower and to which width, if at all."""

    form: int = 0
    how: str = ""
    least: int | None = None
    shown: bool = True


class _FittingStep(NamedTuple):
    """A step by which one column gives way; rank: its place among those of all columns."""

    rank: tuple[int, int]
    column: int
    form: int | None = None
    how: str = ""
    least: int | None = None
    drops: bool = False


def fit(
    headings: Sequence[Heading],
    forms: RowForms,
    width: int,
    *,
    droppable: bool = True,
    ellipsis: str = ELLIPSIS,
) -> Fitted:
    """Columns no wider together than `width` where giving way can reach that.

    Steps are taken in their order until the table fits; then those that turn out not to be needed are taken
    back, the gravest first.  Only columns with a drop rank are left out, when `droppable`.  Where even that
    is not enough the table stays wider than asked.  `ellipsis` stands for what is cut.
    """
    columns = [_FittedColumn(heading, place, forms, ellipsis) for place, heading in enumerate(headings)]
    taken: list[_FittingStep] = []
    if _needed(columns, taken) > width:
        steps = [step for column in columns for step in column.steps(droppable)]
        for step in sorted(steps, key=lambda one: one.rank):
            taken.append(step)
            if _needed(columns, taken) <= width:
                break
        for step in reversed(taken[:-1]):
            without = [one for one in taken if one is not step]
            # No column comes back in the place of one that outlasts it, nor a digit while words are cut.
            graver = step.drops or (step.how not in _CUTTING and any(one.how in _CUTTING for one in taken))
            if not graver and _needed(columns, without) <= width:
                taken = without
    states = _concessions(columns, taken)
    kept = [place for place, state in enumerate(states) if state.shown]
    widths = {place: columns[place].least(states[place]) for place in kept}
    slack = width - sum(widths.values()) - GAP * (len(kept) - 1)
    for step in reversed(taken):
        if step.column in widths and slack > 0:
            # What is left over goes to those that gave most.
            given = min(slack, columns[step.column].natural(states[step.column].form) - widths[step.column])
            widths[step.column] += given
            slack -= given
    shown = [columns[place] for place in kept]
    texts = [columns[place].texts(states[place], widths[place]) for place in kept]
    refuse_blanks(texts)
    lines = [[line for text in column for line in text.split("\n")] for column in texts]
    return Fitted(
        tuple(kept),
        tuple(column.head(states[column.place].form) for column in shown),
        tuple(zip(*texts, strict=True)),
        tuple(
            max([column.head_width(states[column.place].form), *map(width_of, each)])
            for column, each in zip(shown, lines, strict=True)
        ),
        tuple(heading.title for place, heading in enumerate(headings) if place not in kept),
        tuple(column.heading.title for column in shown if column.is_rounded(states[column.place])),
        tuple(
            column.heading.title
            for column in shown
            if column.is_shortened(states[column.place], widths[column.place])
        ),
    )


def _concessions(columns: Sequence[_FittedColumn], taken: Sequence[_FittingStep]) -> list[_Concession]:
    states = [_Concession()] * len(columns)
    for step in taken:
        state = states[step.column]
        states[step.column] = _Concession(
            state.form if step.form is None else step.form,
            step.how or state.how,
            state.least if step.least is None else step.least,
            state.shown and not step.drops,
        )
    return states


def _needed(columns: Sequence[_FittedColumn], taken: Sequence[_FittingStep]) -> int:
    """The least width of the table after these steps."""
    states = zip(columns, _concessions(columns, taken), strict=True)
    widths = [column.least(state) for column, state in states if state.shown]
    return sum(widths) + GAP * (len(widths) - 1)


class _FittedColumn:
    """One column while widths are handed out."""

    def __init__(self, heading: Heading, place: int, forms: RowForms, ellipsis: str) -> None:
        self.heading = heading
        self.place = place
        self.forms = forms
        self.ellipsis = ellipsis
        self._naturals: dict[int, int] = {}

    def head(self, form: int) -> str:
        """Its heading; one of two words takes two lines, so that numbers set the width of their column."""
        return ((form and self.heading.brief) or self.heading.title).replace(" ", "\n", 1)

    def head_width(self, form: int) -> int:
        """The width of its heading."""
        return max(map(width_of, self.head(form).split("\n")))

    def column(self, form: int) -> list[str]:
        """Its texts in a form."""
        return [row[self.place] for row in self.forms(form)]

    def natural(self, form: int) -> int:
        """The width that its texts take in a form."""
        if form not in self._naturals:
            self._naturals[form] = max([self.head_width(form), *map(width_of, self.column(form))])
        return self._naturals[form]

    def least(self, state: _Concession) -> int:
        """The width it takes at least as it stands."""
        natural = self.natural(state.form)
        return natural if state.least is None else min(natural, max(state.least, self.head_width(state.form)))

    def is_rounded(self, state: _Concession) -> bool:
        """Whether counts have lost digits."""
        rounded = self.heading.shorten == "units" and state.form > 0
        return rounded and self.column(0) != self.column(state.form)

    def is_shortened(self, state: _Concession, width: int) -> bool:
        """Whether something is cut; what is wrapped is all there."""
        return state.how in _CUTTING and width < self.natural(state.form)

    def steps(self, droppable: bool) -> Iterator[_FittingStep]:
        """The steps by which it gives way."""
        place, how = self.place, self.heading.shorten
        if how in ("wrap", "prose"):
            yield _FittingStep((1, 0), place, how="wrap", least=_NARROWEST_TEXT)
        elif how == "parts":
            longest = max((width_of(word) for text in self.column(0) for word in text.split()), default=0)
            # Behind each part but the last there is a sign.
            yield _FittingStep((1, 1), place, how="wrap", least=longest + 2)
        elif how == "units":
            # The widest first.
            yield _FittingStep((2, -self.natural(0)), place, form=1)
        elif how == "items":
            yield _FittingStep((3, 0), place, form=1)
            bare = max(map(width_of, self.column(2)), default=0) + 1 + len(self.ellipsis)
            yield _FittingStep((7, 0), place, form=1, how="items", least=min(bare, _SHORTEST_ITEMS))
        elif how == "name":
            least = self._wrapping(_ROWS_A_LINE)
            if least is not None:
                yield _FittingStep((4, 0), place, how="lines", least=least)
            # Rows that could not be told apart cost more than lines.
            alike = self._alike_when_cut()
            if alike and (narrowest := self._wrapping(1)) is not None:
                yield _FittingStep((5, 0), place, how="lines", least=narrowest)
            if least is None or least > _SHORTEST_NAME:
                yield _FittingStep((9 if alike else 5, 0), place, how="name", least=_SHORTEST_NAME)
        if self.heading.brief:
            yield _FittingStep((1, 2), place, form=1)
        if droppable and self.heading.drop:
            yield _FittingStep((6 if self.heading.drop == 1 else 8, self.heading.drop), place, drops=True)

    def _alike_when_cut(self) -> bool:
        """Whether different names would read the same as short as they can become."""
        names = set(self.column(0))
        return len({narrowed(name, _SHORTEST_NAME, "name", self.ellipsis) for name in names}) < len(names)

    def _wrapping(self, rows_a_line: int) -> int | None:
        """The least width at which one name in so many takes two lines, and none more; None where none is."""
        texts = self.column(0)
        for width in range(_NARROWEST_NAME, self.natural(0)):
            long = [text for text in texts if width_of(text) > width]
            if len(long) * rows_a_line > len(texts):
                continue
            lines = [_name_lines(text, width) for text in long]
            if all(len(each) == 2 and max(map(width_of, each)) <= width for each in lines):
                return width
        return None

    def texts(self, state: _Concession, width: int) -> list[str]:
        """The texts as they fit the width."""
        texts = self.column(state.form)
        if state.how != "items":
            return [narrowed(text, width, state.how, self.ellipsis) for text in texts]
        pairs = zip(texts, self.column(2), strict=True)
        return [_items(text, bare, width, self.ellipsis) for text, bare in pairs]


def narrowed(text: str, width: int, how: str, ellipsis: str = ELLIPSIS) -> str:
    """The text in at most `width` cells, where it can be: wrapped, or a name shortened.

    wrap: in several lines.  lines: a name in several lines, broken behind its dots.  name: the middle goes,
    the end, which tells layers apart, stays.  Any other text stays as it is.
    """
    if not how or width_of(text) <= width:
        return text
    if how == "wrap":
        return "\n".join(wrapped(text, width))
    if how == "lines":
        return "\n".join(_name_lines(text, width))
    left = width - len(ellipsis)
    head = left // 3
    return _cut(text, head) + ellipsis + _cut(text[::-1], left - head)[::-1]


def _name_lines(text: str, width: int) -> list[str]:
    """A name in lines, broken behind its dots; each but the first begins with a blank."""
    lines = [""]
    *parts, last = text.split(".")
    for part in [*(f"{each}." for each in parts), last]:
        if lines[-1].strip() and width_of(lines[-1] + part) > width:
            lines.append(" ")
        lines[-1] += part
    return lines


def _items(text: str, bare: str, width: int, ellipsis: str) -> str:
    """An operation in at most `width` cells: of its items those that must be given, then others, have room.

    The first word always stays.
    """
    if width_of(text) <= width:
        return text
    first, *items = text.split(" ")
    needed = bare.split(" ")
    left = width - width_of(first) - 1 - len(ellipsis)
    kept = set()
    for place, item in sorted(enumerate(items), key=lambda each: each[1] not in needed):
        if width_of(item) + 1 > left:
            break
        kept.add(place)
        left -= width_of(item) + 1
    return " ".join([first, *(item for place, item in enumerate(items) if place in kept), ellipsis])


def _cut(text: str, width: int) -> str:
    while width_of(text) > width:
        text = text[:-1]
    return text
