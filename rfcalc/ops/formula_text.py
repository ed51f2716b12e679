"""A formula as text: for people, and for LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.formula_parser import FUNCTIONS, Tree
from rfcalc.symbolic.notation import Notation, format_rational
from rfcalc.symbolic.polynomial import Polynomial, format_number

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

# How tightly a formula binds: a part that binds less than its place asks for stands in parentheses.
_CHOICE, _SUM, _PRODUCT, _QUOTIENT, _POWER, _ATOM = range(6)

_LATEX_SIGNS = {"−": "-", "·": r"\cdot", "≤": r"\leq", "≥": r"\geq", "Π": r"\prod", "Σ": r"\sum"}


def format_formula(tree: Tree, style: Notation = "unicode") -> str:
    """The formula as its operator states it; style: "unicode" or "latex"."""
    return _Writer(style).write(tree, _CHOICE)


def format_name(name: str, style: Notation) -> str:
    """A name in a formula; in LaTeX p0 has a subscript and a word stands upright."""
    if style != "latex" or len(name) == 1:
        return name
    if len(name) == 2 and name[1].isdigit():
        return f"{name[0]}_{name[1]}"
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


class _Writer:
    def __init__(self, style: Notation) -> None:
        self.style = style
        self.latex = style == "latex"

    def write(self, tree: Tree, least: int) -> str:
        """The text of a part whose place asks it to bind at least so tightly."""
        text, binding = self.bound(tree)
        if binding >= least:
            return text
        return rf"\left({text}\right)" if self.latex else f"({text})"

    def sign(self, sign: str) -> str:
        return _LATEX_SIGNS.get(sign, sign) if self.latex else sign

    def bound(self, tree: Tree) -> tuple[str, int]:
        """The text of a part, and how tightly it binds."""
        parts = tree.parts
        match tree.kind:
            case "constant":
                return self.number(tree.value)
            case "name":
                return format_name(str(tree.value), self.style), _ATOM
            case "sum":
                return self.sum(parts), _SUM
            case "minus":
                return self.sum((tree,)), _SUM
            case "product":
                return f" {self.sign('·')} ".join(self.write(factor, _POWER) for factor in parts), _PRODUCT
            case "quotient":
                return self.quotient(*parts)
            case "power":
                exponent = self.write(parts[1], _CHOICE if self.latex else _ATOM)
                base = self.write(parts[0], _ATOM)
                return f"{base}^{{{exponent}}}" if self.latex else f"{base}^{exponent}", _POWER
            case "if":
                return self.choice(*parts), _CHOICE
            case kind if kind in FUNCTIONS:
                return self.call(tree), _ATOM
        return self.over(tree.kind, *parts)

    def number(self, value: Exact | str) -> tuple[str, int]:
        assert not isinstance(value, str)
        if isinstance(value, Polynomial):
            text = format_number(value, self.style)
            alone = text.isalnum() and not text[0].isdigit()
            return text, _SUM if " " in text or text[0] == "-" else _ATOM if alone else _QUOTIENT
        text = format_rational(value, self.style)
        if self.style == "unicode":
            text = text.replace("-", "−")
        return text, _SUM if value < 0 else _QUOTIENT if "/" in text else _ATOM

    def sum(self, terms: tuple[Tree, ...]) -> str:
        text = ""
        for number, term in enumerate(terms):
            less = term.kind == "minus"
            # What is taken away stands in parentheses when it is a sum itself.
            part = term.parts[0] if less else term
            written = self.write(part, _PRODUCT if less or _is_negative(part) else _SUM)
            sign = self.sign("−") if less else "+"
            text += f" {sign} {written}" if number else f"{sign}{written}" if less else written
        return text

    def quotient(self, dividend: Tree, divisor: Tree) -> tuple[str, int]:
        if self.latex:
            return rf"\frac{{{self.write(dividend, _CHOICE)}}}{{{self.write(divisor, _CHOICE)}}}", _POWER
        return f"{self.write(dividend, _PRODUCT)} / {self.write(divisor, _POWER)}", _QUOTIENT

    def over(self, sign: str, part: Tree) -> tuple[str, int]:
        body = self.write(part, _ATOM)
        if self.latex:
            index = "i" if sign == "Π" else "j"
            subscript = f"{body[:-2]}_{{{body[-1]},{index}}}" if body[-2:-1] == "_" else f"{body}_{index}"
            return f"{self.sign(sign)}_{index} {subscript}", _POWER
        return f"{sign}{body}", _POWER

    def call(self, tree: Tree) -> str:
        arguments = [self.write(argument, _CHOICE) for argument in tree.parts]
        if not self.latex:
            return f"{tree.kind}({', '.join(arguments)})"
        if tree.kind in ("floor", "ceil"):
            return rf"\left\l{tree.kind} {arguments[0]} \right\r{tree.kind}"
        if len(arguments) == 1:
            return rf"\{tree.kind}_j {arguments[0]}_j"
        return rf"\{tree.kind}\left({', '.join(arguments)}\right)"

    def choice(self, holding: Tree, condition: Tree, *others: Tree) -> str:
        body = self.write(holding, _SUM)
        tests = [self.test(test) for test in condition.parts]
        otherwise = [self.write(other, _CHOICE) for other in others]
        if self.latex:
            given = r" \text{ and } ".join(tests)
            rest = "".join(rf" \\ {other} & \text{{otherwise}}" for other in otherwise)
            return rf"\begin{{cases}} {body} & \text{{if }} {given}{rest} \end{{cases}}"
        return " else ".join((f"{body} if {' and '.join(tests)}", *otherwise))

    def test(self, test: Tree) -> str:
        if test.parts:
            left, right = (self.write(side, _SUM) for side in test.parts)
            return f"{left} {self.sign(test.kind)} {right}"
        word = format_name(str(test.value), self.style)
        if test.kind == "given":
            return word
        return rf"\text{{not }} {word}" if self.latex else f"not {word}"


def _is_negative(tree: Tree) -> bool:
    number = tree.value if tree.kind == "constant" else 0
    return not isinstance(number, Polynomial | str) and number < 0
