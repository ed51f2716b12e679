"""Explanations as LaTeX: an `align*` for each figure, to be pasted into a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.render.explanation import broken, side_text
from rfcalc.report.cells import Style
from rfcalc.report.explanation.blocks import Equation, Sentence
from rfcalc.symbolic.polynomial import format_number

if TYPE_CHECKING:
    from rfcalc.report.explanation.blocks import Document, Section
    from rfcalc.report.table import Table

# Terms are broken so that a line of a formula fits a page.
_WIDTH = 90

_SIGNS = {
    "\\": r"\textbackslash{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "·": r"$\cdot$",
    "Σ": r"$\sum$",
    "Π": r"$\prod$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "–": "--",
    "→": r"$\to$",
    **{mark: f"$^{digit}$" for digit, mark in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}


def render_latex_explanation(document: Document) -> str:
    """The explanation as LaTeX; it needs amsmath, and for Chinese a document that has its fonts."""
    from rfcalc.render.text import render_text

    parts = ["\n".join(f"% {line}" for line in (document.title, *document.opening))]
    for section in document.sections:
        parts.append(rf"\paragraph{{{escaped(section.title)}}}")
        for group in _grouped(section):
            if isinstance(group, list):
                parts.append(_align(group))
            elif isinstance(group, Sentence):
                parts.append(escaped(group.text))
            else:
                body = render_text(group, "latex", Style(characters="latex"))
                parts.append(body.replace("%", "", 1).strip() if body.startswith("%") else body.strip())
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Running text in which LaTeX sees no marks of its own; what stands in backticks is typed out."""
    parts = ["".join(_SIGNS.get(mark, mark) for mark in part) for part in text.split("`")]
    return "".join(rf"\texttt{{{part}}}" if place % 2 else part for place, part in enumerate(parts))


def _grouped(section: Section) -> Iterator[list[Equation] | Sentence | Table]:
    """The blocks of a section, equations in a row together."""
    equations: list[Equation] = []
    for block in section.blocks:
        if isinstance(block, Equation):
            equations.append(block)
            continue
        if equations:
            yield equations
            equations = []
        yield block
    if equations:
        yield equations


def _align(equations: list[Equation]) -> str:
    lines = [line for equation in equations for line in _lines(equation)]
    body = " \\\\\n".join(f"  {line}" for line in lines)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _lines(equation: Equation) -> Iterator[str]:
    left = rf"\text{{{escaped(equation.left)}}}"
    value = equation.value
    text = f"{value:,}".replace(",", "{,}") if isinstance(value, int) else format_number(value, "latex")
    aside = rf" \quad \text{{({escaped(equation.aside)})}}" if equation.aside else ""
    for side in [*(side_text(side, "latex") for side in equation.right), text]:
        first, *rest = broken(side, _WIDTH)
        yield f"{left} &= {first}{aside if side == text else ''}"
        yield from (rf"&\quad {line}" for line in rest)
        left = ""
