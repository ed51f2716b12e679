"""A formula as text: for people, for plain terminals, and for LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rfcalc.ops.formula_parser import (
    Call,
    Choice,
    Constant,
    Given,
    Name,
    Over,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Tree,
)
from rfcalc.symbolic.notation import Notation, format_rational
from rfcalc.symbolic.polynomial import Polynomial, format_number

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

# How tightly a formula binds: a part that binds less than its place asks for stands in parentheses.
_CHOICE, _SUM, _PRODUCT, _QUOTIENT, _POWER, _ATOM = range(6)

_SIGNS: Mapping[str, Mapping[str, str]] = {
    "ascii": {"−": "-", "·": "*", "≤": "<=", "≥": ">=", "Π": "prod", "Σ": "sum"},
    "latex": {"−": "-", "·": r"\cdot", "≤": r"\leq", "≥": r"\geq", "Π": r"\prod", "Σ": r"\sum"},
}


def format_formula(tree: Tree, style: Notation = "unicode") -> str:
    """The formula as its operator states it; style: "unicode", "ascii" or "latex"."""
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
        self.signs = _SIGNS.get(style, {})

    def write(self, tree: Tree, least: int) -> str:
        """The text of a part whose place asks it to bind at least so tightly."""
        text, binding = self.bound(tree)
        if binding >= least:
            return text
        return rf"\left({text}\right)" if self.latex else f"({text})"

    def sign(self, sign: str) -> str:
        return self.signs.get(sign, sign)

    def bound(self, tree: Tree) -> tuple[str, int]:
        """The text of a part, and how tightly it binds."""
        if isinstance(tree, Constant):
            return self.number(tree.value)
        if isinstance(tree, Name):
            return format_name(tree.text, self.style), _ATOM
        if isinstance(tree, Sum):
            return self.sum(tree), _SUM
        if isinstance(tree, Product):
            parts = [self.write(factor, _POWER) for factor in tree.factors]
            return f" {self.sign('·')} ".join(parts), _PRODUCT
        if isinstance(tree, Quotient):
            return self.quotient(tree)
        if isinstance(tree, Power):
            exponent = self.write(tree.exponent, _CHOICE if self.latex else _ATOM)
            base = self.write(tree.base, _ATOM)
            return f"{base}^{{{exponent}}}" if self.latex else f"{base}^{exponent}", _POWER
        if isinstance(tree, Over):
            return self.over(tree)
        if isinstance(tree, Call):
            return self.call(tree), _ATOM
        return self.choice(tree), _CHOICE

    def number(self, value: Exact) -> tuple[str, int]:
        if isinstance(value, Polynomial):
            text = format_number(value, self.style)
            alone = text.isalnum() and not text[0].isdigit()
            return text, _SUM if " " in text or text[0] == "-" else _ATOM if alone else _QUOTIENT
        text = format_rational(value, self.style)
        if self.style == "unicode":
            text = text.replace("-", "−")
        return text, _SUM if value < 0 else _QUOTIENT if "/" in text else _ATOM

    def sum(self, tree: Sum) -> str:
        text = ""
        for number, (sign, term) in enumerate(tree.terms):
            # What is taken away stands in parentheses when it is a sum itself.
            written = self.write(term, _SUM if sign > 0 and not _is_negative(term) else _PRODUCT)
            if number:
                text += f" {self.sign('+' if sign > 0 else '−')} {written}"
            else:
                text = written if sign > 0 else f"{self.sign('−')}{written}"
        return text

    def quotient(self, tree: Quotient) -> tuple[str, int]:
        if self.latex:
            dividend, divisor = self.write(tree.dividend, _CHOICE), self.write(tree.divisor, _CHOICE)
            return rf"\frac{{{dividend}}}{{{divisor}}}", _POWER
        return f"{self.write(tree.dividend, _PRODUCT)} / {self.write(tree.divisor, _POWER)}", _QUOTIENT

    def over(self, tree: Over) -> tuple[str, int]:
        body = self.write(tree.body, _ATOM)
        if self.latex:
            index = "i" if tree.sign == "Π" else "j"
            subscript = f"{body[:-2]}_{{{body[-1]},{index}}}" if body[-2:-1] == "_" else f"{body}_{index}"
            return f"{self.sign(tree.sign)}_{index} {subscript}", _POWER
        if self.style == "ascii":
            return f"{self.sign(tree.sign)}({body})", _ATOM
        return f"{tree.sign}{body}", _POWER

    def call(self, tree: Call) -> str:
        arguments = [self.write(argument, _CHOICE) for argument in tree.arguments]
        if not self.latex:
            return f"{tree.function}({', '.join(arguments)})"
        if tree.function in ("floor", "ceil"):
            return rf"\left\l{tree.function} {arguments[0]} \right\r{tree.function}"
        if len(arguments) == 1:
            return rf"\{tree.function}_j {arguments[0]}_j"
        return rf"\{tree.function}\left({', '.join(arguments)}\right)"

    def choice(self, tree: Choice) -> str:
        body = self.write(tree.body, _SUM)
        tests = [self.test(test) for test in tree.tests]
        otherwise = None if tree.otherwise is None else self.write(tree.otherwise, _CHOICE)
        if self.latex:
            condition = r" \text{ and } ".join(tests)
            rest = "" if otherwise is None else rf" \\ {otherwise} & \text{{otherwise}}"
            return rf"\begin{{cases}} {body} & \text{{if }} {condition}{rest} \end{{cases}}"
        text = f"{body} if {' and '.join(tests)}"
        return text if otherwise is None else f"{text} else {otherwise}"

    def test(self, test: Given | Relation) -> str:
        if isinstance(test, Relation):
            return f"{self.write(test.left, _SUM)} {self.sign(test.sign)} {self.write(test.right, _SUM)}"
        word = format_name(test.name, self.style)
        if test.wanted:
            return word
        return rf"\text{{not }} {word}" if self.latex else f"not {word}"


def _is_negative(tree: Tree) -> bool:
    return isinstance(tree, Constant) and not isinstance(tree.value, Polynomial) and tree.value < 0
