"""What text of a description becomes in each format, so that it reads as what it says and is never markup.

Names, titles, notes, paths and lines may hold anything.  In text without a sign that some markup could take
for its own nothing is changed.  In other text signs are escaped in the format's own way; where a format has
none, other signs take their place.  Control characters and invisible ones are replaced in every format.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfcalc.render.formats import TABULATE_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

# What no sign of any markup can hide in: words of letters and digits with single signs between them, in
# brackets or quotes, with a mark behind; numbers with a sign before; signs with blanks around them.
_LETTER = r"[^\W_]"
_SHOWN = "[A-Za-z0-9\xa1-\U0010ffff]"
_BETWEEN = (
    rf"(?<={_LETTER})(?:[-.,/+='_]|\^-?|(?:(?<=[0-9])|(?<=\.yaml)|(?<=\.yml)|(?<=\.json)):(?=[0-9]))"
    rf"(?={_LETTER})"
)
_WORD = (
    rf"""(?:\(?["']?(?:[-+](?={_LETTER}))?{_SHOWN}(?:(?:{_BETWEEN})?{_SHOWN})*["']?%?\)*[.,:;?!]?"""
    r"|[-+=/&?]|%\)?[.,:;]?)"
)
# But for words that some host makes a link or a picture of, or that begin a list, a heading, or an option;
# and of two carets some markup makes a superscript.
_LIVE_WORDS = (
    r"(?![-+](?![0-9]|$)|[=/%&?]\s|\(?\w+[.)]+(?:\s|$)|h[1-6]\.|bq\.|(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):)"
    r"(?!.*(?:(?i:www\.)|\b(?:(?i:gh-[0-9])|(?=[0-9]*[a-f])[0-9a-f]{7,40}\b|(?:RFC|PMID|ISBN)\s)"
    r"|\((?:[xyincr]|on|off|tm)\)|\^.*\^| \+$))"
)
_ORDINARY = rf"{_LIVE_WORDS}{_WORD}(?: {_WORD})*"

_SIGN = r"[!-/:-@\[-`{-~]"
# Three words of MediaWiki link to what is numbered behind them.
_SIGN_OR_LINK = rf"{_SIGN}|R(?=FC\s)|P(?=MID\s)|I(?=SBN\s)"

# What a host makes a link of without any sign of markdown: sites, persons who would be notified, issues (#12,
# GH-12), merge requests and the like, commits by seven or more digits of their names; and what it makes a
# picture of: `:tada:`, `:100:`, `:1234:`.
_LINKED = (
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^\s`|\\<>]*|(?i:www\.)[^\s`|\\<>]*|@(?=\w)[\w./-]*|[#!%&$][0-9]+"
    r"|(?i:gh-[0-9]+)|\b(?=[0-9]*[a-f])[0-9a-f]{7,40}\b"
    r"|:(?:[0-9]*[A-Za-z_+-][A-Za-z0-9_+-]*|100|1234):"
)
_LONGEST_NAME = 41
_CODE = r"(?<!`)`[^`]+`(?!`)"
# At the start of a line: a heading, a list, a rule, an option of the document.
_STARTS = r"^(?:(\(?(?:[0-9]+|[A-Za-z]|[ivxlIVXL]+))(?=[.)](?:\s|$))|(?=#|[-+=:%](?![0-9]|$)))"
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

_LATEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "^": r"\^{}",
    "~": r"\textasciitilde{}",
    # The default fonts have other signs in these places, and lack all that follow.
    "<": r"\ensuremath{<}",
    "|": r"\ensuremath{|}",
    ">": r"\ensuremath{>}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "α": r"\ensuremath{\alpha}",
    "β": r"\ensuremath{\beta}",
    "δ": r"\ensuremath{\delta}",
    "ε": r"\ensuremath{\varepsilon}",
    "Σ": r"\ensuremath{\sum}",
    "Π": r"\ensuremath{\prod}",
    "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}",
    "÷": r"\ensuremath{\div}",
    "…": r"\ldots{}",
    "–": "--",
    "−": r"\ensuremath{-}",
    "→": r"\ensuremath{\rightarrow}",
    **{sign: rf"\textsuperscript{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}


def _with_whole_words(parts: list[str]) -> list[str]:
    """The parts of a text, every second one a span to be, with what becomes a word beside a span in it.

    Within a longer word seven digits are no commit: the border of a span makes them one.
    """
    for place in range(1, len(parts), 2):
        # Names of commits are no longer than this.
        before, behind = parts[place - 1][-_LONGEST_NAME:], parts[place + 1][:_LONGEST_NAME]
        last, first = re.split(r"\W", before)[-1], re.split(r"\W", behind, maxsplit=1)[0]
        if re.fullmatch(_LINKED, last):
            parts[place - 1] = parts[place - 1].removesuffix(last)
            parts[place] = last + parts[place]
        if re.fullmatch(_LINKED, first):
            parts[place + 1] = parts[place + 1].removeprefix(first)
            parts[place] += first
        if not parts[place + 1] and place + 2 < len(parts):
            # Nothing is left between two spans, which would end each other.
            parts[place + 2] = parts[place] + parts[place + 2]
            parts[place] = ""
    return parts


def markdown(text: str, *, code: bool = False) -> str:
    """One line as Markdown: of CommonMark, of GitHub and GitLab, of pandoc.

    No backslash keeps a host from making links of names and numbers, but none looks into code.  code: whether
    backticks in pairs mean code already.
    """
    if re.fullmatch(_ORDINARY, text):
        return text
    linked = f"{_LINKED}|{_CODE}" if code else _LINKED
    parts = _with_whole_words(re.split(f"((?:{linked})+)", text.strip()))
    for place, part in enumerate(parts):
        if place % 2:
            parts[place] = part and f"`{part.replace('`', '')}`"
        else:
            referred = "".join(_REFERENCES.get(character, character) for character in part)
            parts[place] = re.sub(r"[\\`*_\[\]|~$^{]", r"\\\g<0>", referred)
    parts[0] = re.sub(_STARTS, r"\1\\", parts[0])
    return "".join(parts)


def restructured_text(text: str) -> str:
    """One line as reStructuredText, in which a backslash takes the meaning of any sign."""
    # Backslashes alone would still be a line across the page without a blank that is none.
    start = "\\ " if text and not text.strip("\\ ") else ""
    return start + _signs_replaced(text, _SIGN, lambda sign: f"\\{sign}")


def references(text: str) -> str:
    """One line for a markup that knows HTML's numeric references and looks for no markup in them."""
    return _signs_replaced(text, _SIGN_OR_LINK, lambda sign: f"&#{ord(sign)};")


def full_width(text: str) -> str:
    """One line for a markup in which signs cannot be escaped: their full-width forms take their place."""
    return _signs_replaced(text, _SIGN, lambda sign: chr(ord(sign) + 0xFEE0))


def between_bars(text: str) -> str:
    """One line of a cell between drawn bars, which nothing tells from a bar in it."""
    return text.translate(dict.fromkeys(map(ord, "|│┃║"), "｜"))


def html(text: str) -> str:
    """Text and values of attributes, in HTML and XML."""
    from html import escape

    return escape(text)


def latex(text: str) -> str:
    """Running text in LaTeX, for its default fonts."""
    # The end of a row takes these for its own arguments.
    start = "{}" if text.lstrip().startswith(("[", "*")) else ""
    return start + "".join(_LATEX.get(character, character) for character in text)


def spreadsheet(text: str) -> str:
    """A cell that a spreadsheet does not compute: an apostrophe stands before what would be a formula.

    Signed numbers, and polynomials of them, stay as they are for programs to read.
    """
    if re.match(r"\s*[-+=@＝＋－＠]", text) and not re.fullmatch(r"[-+](?:[\w.,^*/+? -]*)", text):
        return f"'{text}"
    return text


def tab_separated(text: str) -> str:
    """A cell between tabs, where nothing tells a quotation mark from one that holds cells together."""
    return f"'{text}" if text.lstrip().startswith('"') else spreadsheet(text)


def _signs_replaced(text: str, pattern: str, replacement: Callable[[str], str]) -> str:
    if re.fullmatch(_ORDINARY, text):
        return text
    return re.sub(pattern, lambda found: replacement(found[0]), text.strip())


# What becomes of text, by the names that formats have for it.
MARKUPS: dict[str, Callable[[str], str]] = {
    "": str,
    "bars": between_bars,
    "full-width": full_width,
    "html": html,
    "latex": latex,
    "markdown": markdown,
    "reStructuredText": restructured_text,
    "references": references,
    "tabs": tab_separated,
}
# How each format of a table takes text.
ESCAPES = {name: MARKUPS[markup] for name, markup in TABULATE_FORMATS.items()} | {"csv": spreadsheet}
