"""Explanations as plain text, on a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.ops.formula_text import format_formula
from rfcalc.render.characters import legible, transliterate, wrapped
from rfcalc.render.escapes import markdown
from rfcalc.report.cells import Style
from rfcalc.report.explanation.blocks import Equation, Spelled
from rfcalc.report.table import Table
from rfcalc.symbolic.notation import Notation
from rfcalc.symbolic.polynomial import format_number

if TYPE_CHECKING:
    from rfcalc.ops.formula_parser import Tree
    from rfcalc.report.explanation.blocks import Document, Passage

# Where lines break that are not on a terminal.
WIDTH = 100

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"

# A sign this far in begins a new line of a long formula, and stands so far in there.
_INDENT = 2


def render_explanation(
    document: Document, encoding: str = "utf-8", width: int | None = None, *, colour: bool = False
) -> str:
    """The explanation as plain text, lines of at most 100 cells except for tables.

    width: that of a terminal, to which all is fitted.  colour: with escape sequences for one.
    """

    def table(content: Table) -> str:
        if width is None:
            from rfcalc.render.text import render_text

            return render_text(content, "simple", Style(), encoding)
        from rfcalc.render.terminal import render_terminal

        return render_terminal(content, Style(), width, colour=colour, droppable=False, encoding=encoding)

    def bold(text: str) -> str:
        return f"{_BOLD}{text}{_PLAIN}" if colour else text

    def prose(text: str) -> list[str]:
        return wrapped(legible(text, encoding), longest)

    longest = WIDTH if width is None else width
    lines = list(map(bold, prose(document.title)))
    for text in document.opening:
        lines += prose(text)
    for section in document.sections:
        title = legible(section.title, encoding)
        lines += ["", bold(title), transliterate("─", encoding) * width_of(title)]
        before: Passage | None = None
        for block in section.blocks:
            # Equations one after another stand together, and so do sentences.
            if before is not None and not (type(block) is type(before) and not isinstance(block, Table)):
                lines.append("")
            before = block
            if isinstance(block, Equation):
                lines += (legible(line, encoding) for line in _equation(block, longest))
            elif isinstance(block, str):
                lines += prose(block)
            else:
                lines += table(block).rstrip("\n").split("\n")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def render_markdown_explanation(document: Document, encoding: str = "utf-8") -> str:
    """The explanation as Markdown: headings, formulas in fenced blocks, tables."""
    from rfcalc.render.text import render_text

    def prose(text: str) -> str:
        return markdown(legible(text, encoding), code=True)

    parts = [f"## {prose(document.title)}", *map(prose, document.opening)]
    for section in document.sections:
        parts.append(f"### {prose(section.title)}")
        for block in section.blocks:
            if isinstance(block, Equation):
                lines = (legible(line, encoding) for line in _equation(block, WIDTH))
                parts.append("\n".join(["```text", *lines, "```"]))
            elif isinstance(block, str):
                parts.append(prose(block))
            else:
                parts.append(render_text(block, "github", Style(), encoding).rstrip())
    return "\n\n".join(parts) + "\n"


def side_text(side: Tree | Spelled, style: Notation = "unicode") -> str:
    """A right side of an equation in a style: "unicode" or "latex"."""
    if isinstance(side, Spelled):
        return side.latex if style == "latex" else side.text
    return format_formula(side, style)


def broken(text: str, width: int) -> Iterator[str]:
    """A long formula over lines of at most `width` characters, broken before an open + or −."""
    line = ""
    for term in _terms(text):
        if line and len(line) + len(term) > width:
            yield line.rstrip()
            line = ""
        line += term
    yield line.rstrip()


def _terms(text: str) -> Iterator[str]:
    """The terms of a formula, each with the sign before and the space behind it."""
    depth = start = 0
    for place, character in enumerate(text):
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif (
            depth == 0
            and character in "+-−"
            and text[place - 1 : place] == " "
            and text[place + 1 : place + 2] == " "
        ):
            yield text[start:place]
            start = place
    yield text[start:]


def _equation(equation: Equation, width: int) -> Iterator[str]:
    """The lines of an equation: short ones on one line, else one right side a line."""
    sides = [side_text(side) for side in equation.right]
    value = equation.value
    last = (f"{value:,}" if isinstance(value, int) else format_number(value)).replace("-", "−")
    last += f"   ({equation.aside})" if equation.aside else ""
    joined = " = ".join([equation.left, *sides, last])
    if len(sides) < 2 and width_of(joined) <= width - _INDENT:
        yield f"{' ' * _INDENT}{joined}"
        return
    margin = " " * (_INDENT + width_of(equation.left))
    start = f"{' ' * _INDENT}{equation.left}"
    for side in [*sides, last]:
        first, *rest = broken(side, width - len(margin) - 3) if side is not last else (side,)
        yield f"{start} = {first}"
        yield from (f"{margin}   {line}" for line in rest)
        start = margin
