"""Tables as plain text and markup, by tabulate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tabulate

from rfcalc.render.characters import transliterate, widened
from rfcalc.render.fit import refuse_blanks
from rfcalc.report.cells import FORMULA_END, FORMULA_START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfcalc.report.cells import Style
    from rfcalc.report.table import Table

# Formats in which a ruled line can stand between the rows and the totals.
_RULED = frozenset({"simple", "orgtbl", "psql", "presto", "pretty", "rst"})

# tabulate pads to the number of characters unless the optional wcwidth is installed; a private
# character after each wide one makes that number the number of cells, and is taken out again.
_FILLER = "\ue000"

# In formulas private characters stand for those that tabulate would escape as text.
_MARKS = "\\^_{}"
_IN_FORMULAS = str.maketrans({mark: chr(0xE010 + place) for place, mark in enumerate(_MARKS)})

# What LaTeX's default fonts lack, outside of tabulate's own escapes, and the formulas' own characters.
_LATEX = str.maketrans(
    {
        "≥": r"\ensuremath{\geq}",
        "≤": r"\ensuremath{\leq}",
        "α": r"\ensuremath{\alpha}",
        "β": r"\ensuremath{\beta}",
        "δ": r"\ensuremath{\delta}",
        "ε": r"\ensuremath{\varepsilon}",
        "·": r"\ensuremath{\cdot}",
        "…": r"\ldots{}",
        "−": r"\ensuremath{-}",
        "→": r"\ensuremath{\rightarrow}",
        **{c: rf"\textsuperscript{{{digit}}}" for digit, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
        **{chr(0xE010 + place): mark for place, mark in enumerate(_MARKS)},
        FORMULA_START: "$",
        FORMULA_END: "$",
    }
)


def render_text(table: Table, format_name: str, style: Style, encoding: str = "utf-8") -> str:
    """The table in one of tabulate's formats, numbers never cut, lines as long as they need to be.

    The title stands above and the notes below, as paragraphs, list items or comments according to the
    format; `tsv` has the rows alone.
    """
    tsv = format_name == "tsv"
    latex = format_name.startswith("latex")
    if latex:
        style = style._replace(characters="latex")

    def written(text: str) -> str:
        text = transliterate(text, encoding)
        if latex and FORMULA_START in text:
            text = _with_formulas(text)
        if format_name in ("github", "pipe"):
            return text.replace("|", "\\|")
        return text if tabulate.WIDE_CHARS_MODE else widened(text, _FILLER)

    rows: list[list[str] | str] = [[written(cell.text(style)) for cell in row] for row in table.rows]
    if not tsv:
        refuse_blanks(zip(*rows, strict=True))
    if table.totals and not tsv:
        if rows and (format_name in _RULED or latex):
            rows.append(tabulate.SEPARATING_LINE)
        rows += [[written(cell.text(style)) for cell in row] for row in table.totals]
    if tsv:
        headers = [heading.name for heading in table.headings]
    elif format_name == "simple":
        # Headings of two words take two lines, so that numbers set the width of their columns.
        headers = [written(heading.title.replace(" ", "\n", 1)) for heading in table.headings]
    else:
        headers = [written(heading.title) for heading in table.headings]
    body = _tabulated(rows, headers, format_name, [heading.right for heading in table.headings])
    if tsv:
        return body + "\n"
    if latex:
        body = body.translate(_LATEX)
    parts = _surrounded(
        format_name,
        transliterate(table.title, encoding),
        body,
        [transliterate(note.text(style.characters), encoding) for note in table.notes],
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _with_formulas(text: str) -> str:
    """The text of a LaTeX cell, its formulas safe from being escaped."""
    before, *parts = text.split(FORMULA_START)
    for part in parts:
        inside, _, after = part.partition(FORMULA_END)
        before += FORMULA_START + inside.translate(_IN_FORMULAS) + FORMULA_END + after
    return before


def _tabulated(rows: list[list[str] | str], headers: list[str], format_name: str, right: list[bool]) -> str:
    # tabulate widens a column by this much where its heading is the widest cell; it has no argument for it.
    tabulate.MIN_PADDING = 0
    if not rows:
        # Without rows tabulate does not know the columns' alignments.
        return tabulate.tabulate([], headers, tablefmt=format_name)
    if format_name == "tsv":
        return tabulate.tabulate(
            rows, headers, tablefmt="tsv", disable_numparse=True, stralign=None, numalign=None
        )
    aligned = ["right" if to_the_right else "left" for to_the_right in right]
    text = tabulate.tabulate(rows, headers, tablefmt=format_name, disable_numparse=True, colalign=aligned)
    return text.replace(_FILLER, "")


def _surrounded(format_name: str, title: str, body: str, notes: list[str]) -> Iterable[str]:
    """The title, the table and the notes, as the format writes running text."""
    if format_name in ("html", "unsafehtml"):
        from html import escape

        return (f"<p>{escape(title)}</p>", body, "\n".join(f"<p>{escape(note)}</p>" for note in notes))
    if format_name.startswith("latex"):
        return (f"% {title}", body, "\n".join(f"% {note}" for note in notes))
    if format_name in ("github", "pipe", "asciidoc", "rst", "orgtbl"):
        # A mark at the beginning of a note must not be read as that of a nested list.
        return (title, body, "\n".join(f"- {_escaped(note)}" for note in notes))
    return (title, body, "\n".join(notes))


def _escaped(note: str) -> str:
    return f"\\{note}" if note[:1] in "*#~" else note
