"""Text for outputs that cannot show every character, and for layouts that count characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rfcalc.errors import UsageError, printable
from rfcalc.render.formats import AS_THEY_ARE, MARKDOWN_FORMATS
from rfcalc.report.cells import Characters

_REPLACEMENTS = {
    "–": "-",
    "—": "-",
    "−": "-",
    "─": "-",
    "×": "x",
    "·": "*",
    "…": "...",
    "≥": ">=",
    "≤": "<=",
    "→": "->",
    "α": "alpha",
    "β": "beta",
    "δ": "delta",
    "ε": "epsilon",
    "Σ": "sum",
    "Π": "prod",
    "√": "sqrt",
    "（": " (",
    "）": ")",
    "，": ", ",
    "、": ", ",
    "：": ": ",
    "；": "; ",
    **{superscript: f"^{digit}" for digit, superscript in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}

# Characters of blanks in a table that is mostly blank: past them it takes seconds and hundreds of megabytes.
_MOST_BLANKS = 2**25

# If an encoding holds these, cells are written in unicode; else in ascii.
_MARKS = "²≥≤–×"


def holds(encoding: str, text: str) -> bool:
    """Whether the encoding can represent the text."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def characters_of(encoding: str) -> Characters:
    """The character set to write cells in: "unicode", or "ascii" where the encoding lacks the marks."""
    return "unicode" if holds(encoding, _MARKS) else "ascii"


def transliterate(text: str, encoding: str) -> str:
    """The text with each character the encoding lacks written in others: `α` as `alpha`, else `?`."""
    if holds(encoding, text):
        return text
    return "".join(
        character if holds(encoding, character) else _REPLACEMENTS.get(character) or _plain(character)
        for character in text
    )


def legible(text: str, encoding: str) -> str:
    """One line of any text, in characters that can be seen and that the encoding holds."""
    return transliterate(printable(text), encoding)


def _plain(character: str) -> str:
    """A letter without its accents; `?` where none is left."""
    from unicodedata import normalize

    return normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"


def widened(text: str, filler: str) -> str:
    """The text with a filler after every wide character, so that its length is its number of cells."""
    if text.isascii():
        return text
    return "".join(character + filler * (_cells(character) - 1) for character in text)


def _cells(character: str) -> int:
    from unicodedata import east_asian_width

    return 2 if east_asian_width(character) in "WF" else 1


def written(text: str, format_name: str, encoding: str = "utf-8") -> str:
    """The text in a table's format, in characters that the encoding holds."""
    escaped = legible(text, encoding)
    if format_name not in AS_THEY_ARE:
        # Loaded late, for formats of markup.
        from rfcalc.render.escapes import ESCAPES

        # Escaped last: where an encoding lacks a full-width sign it becomes one that is live.
        escaped = ESCAPES[format_name](escaped)
    if holds(encoding, escaped):
        return escaped
    return "".join(character if holds(encoding, character) else "?" for character in escaped)


def heading(title: str, format_name: str, encoding: str = "utf-8") -> str:
    """The head of a column; blanks between words that stay on one line remain such."""
    # In a table nothing makes a heading of it.
    if title == "#" and format_name in MARKDOWN_FORMATS:
        return title
    parts = (written(part, format_name, encoding) for part in title.split("\xa0"))
    return transliterate("\xa0", encoding).join(parts)


def refuse_blanks(columns: Iterable[Sequence[str]]) -> None:
    """Raise UsageError where padding texts to the widths of their columns would make little but blanks."""
    lengths = [[len(text) for text in column] for column in columns]
    longest = [max(column, default=0) for column in lengths]
    written = sum(map(sum, lengths))
    blanks = sum(most * len(column) for most, column in zip(longest, lengths, strict=True)) - written
    if blanks > max(_MOST_BLANKS, 4 * written):
        raise UsageError(
            f"one cell of the table has {max(longest):,} characters, and {len(lengths[0]):,} rows as wide "
            f"would hold {blanks:,} blanks; --format csv, tsv and json have none, --columns leaves cells out"
        )
