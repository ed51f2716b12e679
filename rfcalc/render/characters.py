"""Text for outputs that cannot show every character, and for layouts that count characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rfcalc.errors import UsageError, printable, width_of
from rfcalc.render.formats import AS_THEY_ARE, MARKDOWN_FORMATS

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
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# What is written anew as a whole: an exponent, a sign before the factors that it joins, any other character.
_WRITTEN_ANEW = r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+)|([ΣΠ])(\w+)|."

# Characters of blanks in a table that is mostly blank: past them it takes seconds and hundreds of megabytes.
_MOST_BLANKS = 2**25


def holds(encoding: str, text: str) -> bool:
    """Whether the encoding can represent the text."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def transliterate(text: str, encoding: str) -> str:
    """The text with each character the encoding lacks written in others: `α` as `alpha`, else `?`."""
    if holds(encoding, text):
        return text
    # Loaded late, for encodings that lack something.
    import re
    from unicodedata import normalize

    def written_anew(found: re.Match[str]) -> str:
        exponent, sign, factors = found.groups()
        if holds(encoding, found[0]):
            return found[0]
        if exponent:
            return f"^{exponent.translate(_SUPERSCRIPTS)}"
        if sign:
            return f"{_REPLACEMENTS[sign]}({transliterate(factors, encoding)})"
        # A letter without its accents; `?` where none is left.
        plain = normalize("NFKD", found[0]).encode("ascii", "ignore").decode()
        return _REPLACEMENTS.get(found[0]) or plain or "?"

    return re.sub(_WRITTEN_ANEW, written_anew, text, flags=re.DOTALL)


def legible(text: str, encoding: str) -> str:
    """One line of any text, in characters that can be seen and that the encoding holds."""
    return transliterate(printable(text), encoding)


def widened(text: str, filler: str) -> str:
    """The text with a filler after every wide character, so that its length is its number of cells."""
    if text.isascii():
        return text
    return "".join(character + filler * (width_of(character) - 1) for character in text)


def wrapped(text: str, width: float, measured: Callable[[str], float] = width_of) -> list[str]:
    """Running text in lines of at most `width` cells, at spaces; scripts without them break anywhere.

    measured: the width of a text, where it is not counted in cells.
    """
    lines = [""]
    for word in _words(text):
        if lines[-1] and measured(lines[-1]) + measured(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def _words(text: str) -> Iterator[str]:
    """What may not be broken: words with the space behind them, single wide characters."""
    word = ""
    for place, character in enumerate(text):
        word += character
        following = text[place + 1 : place + 2]
        # No line begins with the marks that close a phrase.
        wide = width_of(character) > 1 or width_of(following) > 1
        if character == " " or (wide and following not in "，。；：、） "):
            yield word
            word = ""
    yield word


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
