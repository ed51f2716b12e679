"""Explanations as LaTeX: an `align*` for each figure, to be pasted into a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rfcalc.errors import printable
from rfcalc.render.characters import written
from rfcalc.render.explanation import broken, side_text
from rfcalc.render.text import render_text
from rfcalc.report.cells import Style
from rfcalc.report.explanation.blocks import Equation
from rfcalc.report.table import Table
from rfcalc.symbolic.polynomial import format_number

if TYPE_CHECKING:
    from rfcalc.report.explanation.blocks import Document, Passage

# Terms are broken so that a line of a formula fits a page.
_WIDTH = 90


def render_latex_explanation(document: Document) -> str:
    """The explanation as LaTeX; it needs amsmath, and for Chinese a document that has its fonts."""
    parts = ["\n".join(f"% {printable(line)}" for line in (document.title, *document.opening))]
    for section in document.sections:
        parts.append(rf"\paragraph{{{_prose(section.title)}}}")
        # Equations in a row stand together.
        for aligned, group in groupby(section.blocks, lambda block: isinstance(block, Equation)):
            blocks = list(group)
            parts += [_align(blocks)] if aligned else map(_block, blocks)
    return "\n\n".join(parts) + "\n"


def _prose(text: str) -> str:
    """Running text of an explanation; what stands in backticks is typed out."""
    parts = [written(part, "latex") for part in text.split("`")]
    return "".join(rf"\texttt{{{part}}}" if place % 2 else part for place, part in enumerate(parts))


def _block(block: Passage) -> str:
    """A sentence or a table."""
    if isinstance(block, str):
        return _prose(block)
    assert isinstance(block, Table)
    return render_text(block, "latex", Style(notation="latex")).rstrip()


def _align(blocks: Iterable[Passage]) -> str:
    lines = [line for block in blocks if isinstance(block, Equation) for line in _lines(block)]
    body = " \\\\\n".join(f"  {line}" for line in lines)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _lines(equation: Equation) -> Iterator[str]:
    left = rf"\text{{{_prose(equation.left)}}}"
    value = equation.value
    text = f"{value:,}".replace(",", "{,}") if isinstance(value, int) else format_number(value, "latex")
    aside = rf" \quad \text{{({_prose(equation.aside)})}}" if equation.aside else ""
    for side in [*(side_text(side, "latex") for side in equation.right), text]:
        first, *rest = broken(side, _WIDTH)
        yield f"{left} &= {first}{aside if side == text else ''}"
        yield from (rf"&\quad {line}" for line in rest)
        left = ""
