"""What can be wrong, and where: sources, positions, diagnostics and the exceptions that carry them.

The library raises; only the command line prints.  A diagnostic knows its place and
every other place it needs, so its text can be laid out later and in any width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from rfcalc.records import NamedTuple


@lru_cache(maxsize=8)
def _lines(text: str) -> tuple[str, ...]:
    """The lines of a text; kept, since thousands of findings may each ask for one line."""
    return tuple(text.splitlines())


@lru_cache(maxsize=4)
def _starts(text: str) -> tuple[int, ...]:
    """The indices at which the lines of a text start, and one past its end."""
    return (0, *accumulate(map(len, f"{text}\n".splitlines(keepends=True))))


def _numbered(text: str, number: int) -> str:
    lines = _lines(text)
    return lines[number - 1] if 0 < number <= len(lines) else ""


class Source(NamedTuple):
    """A text and the name its reader knows it by: a path, `<stdin>`, `<expression>`.

    places: where the text was printed from a file of another kind, a line for each of its lines that says
    what it was made of there (`node '/conv1/Conv'`), empty for none.  The numbers of its lines and columns
    mean nothing to a user then, and are not shown.
    origin: the text of that file, where it is one; then places are spans in it (see `span`), and behind one
    may stand those of attributes that are said elsewhere, as `bias=12:5:9`.
    """

    name: str
    text: str
    places: str = ""
    origin: str = ""

    def __repr__(self) -> str:
        return f"<Source {printable(self.name)}: {counted(len(_lines(self.text)), 'line')}>"

    def line(self, number: int) -> str:
        """The line with this 1-based number, without its end; empty past the end of the text."""
        return _numbered(self.text, number)

    def place(self, number: int) -> str:
        """What the line with this number was made of, see `places`."""
        return _numbered(self.places, number)

    def at(self, start: int, end: int = 0) -> Position:
        """The position of `text[start:end]`: at least of one character, of several lines the first's part."""
        from bisect import bisect_right

        line = bisect_right(_starts(self.text), start)
        first = _starts(self.text)[line - 1]
        last = min(end, first + len(self.line(line)))
        return Position(self, line, start - first + 1, max(last, start + 1) - first + 1)


class Position(NamedTuple):
    """A span within one line of a source: 1-based line, 1-based first column, column past its end."""

    source: Source
    line: int
    column: int
    end: int

    @property
    def written(self) -> Position:
        """Where a user finds it: in the file that the text was printed from, where that is a text."""
        source = self.source
        if not source.origin:
            return self
        place = source.place(self.line)
        if not place:
            return in_file(source.name, "")
        return Position(Source(source.name, source.origin), *map(int, place.partition(" ")[0].split(":")))

    def deciding(self, attribute: str) -> Position:
        """Where an attribute of its line is said, if elsewhere in the file that the text was printed from."""
        source = self.source
        for said in source.place(self.line).split(" ")[1:] if source.origin else ():
            name, _, span = said.partition("=")
            if name == attribute:
                return placed(source.name, span, source.origin)
        return self

    @property
    def span(self) -> str:
        """Its numbers, as `Source.places` has them of a text."""
        return f"{self.line}:{self.column}:{self.end}"

    @property
    def past(self) -> int:
        """The column past its end, one behind its first at least: an empty span is shown as one column."""
        return max(self.end, self.column + 1)

    @property
    def number(self) -> int | None:
        """The number of its line for a user; None where there is none (see `Source.places`)."""
        written = self.written
        return None if written.source.places else written.line

    @property
    def place(self) -> str:
        """What its line was made of in a file of another kind; "" where its numbers say where it stands."""
        return "" if self.source.origin else self.source.place(self.line)

    def called(self, *, columns: bool = True) -> str:
        """How messages name it: with the name of its text, the line and the column, or with its place."""
        written = self.written
        name = printable(written.source.name)
        if self.number is None:
            return ": ".join(filter(None, (name, written.place)))
        return ":".join([name, str(written.line), *([str(written.column)] if columns else [])])

    def __str__(self) -> str:
        return self.called()

    def excerpt(self) -> tuple[str, ...]:
        """The source line and carets under the span, each under a gutter; () where there is none."""
        return _excerpt(self, None, str)


class Related(NamedTuple):
    """A second place that matters to a diagnostic."""

    message: str
    position: Position


# Whatever a message names of a file, it is told in no more characters.
_LONGEST_MESSAGE = 2000
# Of more places that matter the source lines are not shown.
_MOST_EXCERPTS = 6


class Diagnostic(NamedTuple):
    """One finding: what is wrong, where, which other places matter, and what to do about it.

    Only errors stop an analysis.
    """

    message: str
    position: Position | None = None
    severity: Literal["error", "warning", "note"] = "error"
    related: tuple[Related, ...] = ()
    hint: str = ""

    def __str__(self) -> str:
        return self.laid_out()

    def laid_out(
        self,
        width: int | None = None,
        label: str = "",
        written: Callable[[str], str] = str,
        told: Callable[[str], str] | None = None,
    ) -> str:
        """The finding with its source lines.

        width: the cells of a line, where source lines must fit.  label: how it begins, else its severity.
        written: what becomes of a part of a source line in an output that cannot show every character.
        told: what becomes of messages, where not of one line that ends and commands nothing.
        """
        told = told or _told
        where = f"{self.position}: " if self.position else ""
        parts = [f"{where}{label or self.severity}: {told(self.message)}"]
        if self.position:
            parts += _excerpt(self.position, width, written)
        for number, other in enumerate(self.related):
            parts.append(f"{other.position}: note: {told(other.message)}")
            if number < _MOST_EXCERPTS:
                parts += _excerpt(other.position, width, written)
        if self.hint:
            parts.append(f"  help: {told(self.hint)}")
        return "\n".join(parts)


class RfcalcError(Exception):
    """The base of every error this package raises for a caller's or a user's mistake."""


class UsageError(RfcalcError):
    """A request that cannot be carried out as asked: an unknown network, a bad option value."""

    def __init__(self, message: str = "") -> None:
        super().__init__("\n".join(map(printable, message.split("\n"))))


class DescriptionError(RfcalcError):
    """A description that cannot be read or built; carries every finding, in the order of the text."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


# Whether whoever reads messages types options of the command line, else arguments of the library in Python.
# Messages are made where something is wrong, far below whoever asked, so who that is goes along in the
# context, which each thread has for itself: a run of the command line sets it, and sets it back.
OF_OPTIONS = ContextVar("OF_OPTIONS", default=False)

# The arguments of the library that are not called like the option.
_ARGUMENTS = {"set": "params", "solve": "condition", "ignore-global": "ignore_global"}


def spoken(typed: str, called: str) -> str:
    """What is said to whoever types commands, and what to whoever calls the library."""
    return typed if OF_OPTIONS.get() else called


def option(name: str, value: str | Mapping[str, str] = "") -> str:
    """How a message names an option, its value beside it: `--input 3,224,224`, `--set C=64`.

    In Python it is the argument, `input='3,224,224'`, `params={'C': '64'}`.  A mapping has values by name.
    """
    argument = _ARGUMENTS.get(name, name)
    if isinstance(value, str):
        if OF_OPTIONS.get():
            return f"--{name} {value}" if value else f"--{name}"
        return f"{argument}={value!r}" if value else argument
    if OF_OPTIONS.get():
        return " ".join(f"--{name} {key}={each}" for key, each in value.items())
    return f"{argument}={dict(value)}"


def typed(name: str, value: str, key: str = "") -> tuple[str, str]:
    """Where a value stands that was given from outside, and the line there, which ends in the value."""
    if OF_OPTIONS.get():
        return "<command line>", f"--{name} {key}={value}" if key else f"--{name} {value}"
    argument = _ARGUMENTS.get(name, name)
    return "<arguments>", f"{argument}[{key!r}] = {value}" if key else f"{argument} = {value}"


def mistake(
    message: str, position: Position | None, hint: str = "", related: tuple[Related, ...] = ()
) -> DescriptionError:
    """The error of one finding."""
    return DescriptionError([Diagnostic(message, position, related=related, hint=hint)])


def in_file(name: str, place: str, text: str = "") -> Position:
    """The position of a place in a file of another kind, named as messages shall name it.

    place: such as `node '/conv1/Conv'` or `byte 1234`, or a span in the text of the file; "" for the file as
    a whole.  An importer may leave the name empty, which whoever calls it knows.
    """
    return placed(name, place, text).written


def placed(name: str, place: str, text: str = "") -> Position:
    """The same, in place of a line that was printed of it."""
    return Position(Source(name, "", f"{printable(place)}\n", text), 1, 1, 1)


# Of the known words that hold the one that was meant so many are named.
_MOST_NAMES = 16


def nearest(word: str, known: Iterable[str], *, within: bool = False) -> str:
    """The hint `did you mean 'x'?` for the known word closest to this one; empty when none is close.

    within: where words hold it, as several hold `resnet`, these are named, first those that begin with it.
    """
    import difflib

    # A misspelling longer than any word is not a misspelling; it also bounds difflib's quadratic cost.
    if len(word) > 60:
        return ""
    folded, wanted = {candidate.casefold(): candidate for candidate in known}, word.casefold()
    if (
        within
        and len(word) > 1
        and (places := {name: place for name in folded if (place := name.find(wanted)) >= 0})
    ):
        names = [folded[name] for name in sorted(places, key=lambda name: places[name] > 0)]
        return f"names with it: {', '.join(names[:_MOST_NAMES])}{', …' if names[_MOST_NAMES:] else ''}"
    found = difflib.get_close_matches(wanted, folded, n=5, cutoff=0.6)
    if not found:
        return ""
    # Letters that changed places are the likeliest slip, and difflib ranks them low.
    swapped = [name for name in found if sorted(name) == sorted(wanted)]
    return f"did you mean {folded[(swapped or found)[0]]!r}?"


def listed(names: Iterable[str], comma: str = ", ", conjunction: str = " and ") -> str:
    """Names as a phrase: `a`, `a and b`, `a, b and c`."""
    every = list(names)
    if len(every) < 2:
        return "".join(every)
    return conjunction.join([comma.join(every[:-1]), every[-1]])


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 file`, `2,000 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def of_axes(axes: int) -> str:
    """So many axes."""
    return "1 axis" if axes == 1 else f"{axes} axes"


def quoted(text: str, limit: int = 60) -> str:
    """The offender as an error shows it: quoted, control characters escaped, cut when very long."""
    return printable(repr(cut(text, limit)))


def cut(text: str, limit: int = 120) -> str:
    """A text as a message shows it; what is longer loses its end."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


# Characters without a glyph of their own that Python takes for printable: joiners, fillers, variation
# selectors (Default_Ignorable_Code_Point of Unicode 15), and the blank of Braille.
_INVISIBLE = frozenset(
    chr(code)
    for first, past in (
        *((0x034F, 0x0350), (0x115F, 0x1161), (0x17B4, 0x17B6), (0x180B, 0x1810), (0x2800, 0x2801)),
        *((0x3164, 0x3165), (0xFE00, 0xFE10), (0xFFA0, 0xFFA1), (0xE0100, 0xE01F0)),
    )
    for code in range(first, past)
)


def printable(text: str) -> str:
    """The text with every character replaced that commands a terminal, has no glyph, or is half of one.

    Among them are the ends of lines and the marks that turn the direction of what follows: a name that is
    shown stays in its place, and shows all that it holds.  Tabs and blanks of other widths become spaces, any
    other becomes `�`, so that the length stays.
    """
    if text.isprintable() and _INVISIBLE.isdisjoint(text):
        return text
    return "".join(map(_printable, text, f" {text}"))


def _printable(character: str, before: str) -> str:
    if character.isprintable() and character not in _INVISIBLE:
        return character
    # A separator of lines is a blank to Python, too.
    if character == "\t" or (character.isspace() and character >= "\xa0" and character not in "\u2028\u2029"):
        return " "
    # Behind a symbol this selector shows: it asks for the coloured picture.
    if character == "\ufe0f" and before > "\xff" and before.isprintable() and not before.isalnum():
        return character
    return "�"


def _told(message: str) -> str:
    """A message as it is told: whatever it has from a file, it is one line that ends and commands nothing."""
    return printable(cut(message, _LONGEST_MESSAGE))


_EXCERPT_CELLS = 100
_FEWEST_CELLS = 20


def _excerpt(position: Position, width: int | None, written: Callable[[str], str]) -> tuple[str, ...]:
    """The source line under a gutter with its number, and carets under the span.

    Very long lines are cut around the span, to the width where one is given; wide (East Asian) characters
    take two cells.  There is none of a file that is no text.
    """
    position = position.written
    if position.number is None and not position.source.text:
        return ()
    number = "" if position.number is None else str(position.number)
    room = _EXCERPT_CELLS if width is None else max(width - len(number) - 5, _FEWEST_CELLS)
    # Only what may be shown is looked at: a line of megabytes may have a finding for each of its parts.
    column = max(position.column - 1, 0)
    skipped = max(column - room - 1, 0)
    line = printable(position.source.line(position.line)[skipped : skipped + 2 * room + 2])
    start = min(column - skipped, len(line))
    end = min(max(position.end - 1 - skipped, start + 1), max(len(line), start + 1))
    first = 0
    if start > room or width_of(line[: room + 1]) > room:
        # Some of what stands before the span stays in sight; near the end of the line, more of it.
        first = max(0, start - room * 3 // 10)
        if line.isascii():
            first = min(first, len(line) - room)
    last = first + room
    while (over := width_of(line[first:last]) - room) > 0:
        last -= (over + 1) // 2
    end = max(start, min(end, last))
    before, span, behind = map(written, (line[first:start], line[start:end], line[end:last]))
    carets = " " * width_of(before) + "^" * max(1, width_of(span))
    return f"  {number} | {before}{span}{behind}", f"  {' ' * len(number)} | {carets}"


# The vowels and last consonants of Korean written letter by letter, which are drawn into the first one.
_JOINING = frozenset(map(chr, (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800))))


def width_of(text: str) -> int:
    """The number of terminal cells a text takes."""
    # Letters of the West and punctuation are one cell each: no table of Unicode need be loaded to know.
    if text.isascii() or all(c < "\u0300" or "\u2010" <= c < "\u20d0" for c in text):
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(c) in ("Mn", "Me") or c in _JOINING else 2 if east_asian_width(c) in "WF" else 1
        for c in text
    )
