"""The canonical text of an expression: read again, it gives the same tree.

Arithmetic is written without spaces, comparisons and words with them.  On a layer line, where a space
ends an argument, what has spaces stands in parentheses.  A name that holds an x stands in parentheses
where its x would separate the entries of a list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfcalc.spec.expressions import (
    LONGEST_NUMBER,
    Axes,
    Call,
    Chain,
    Ends,
    Expression,
    Name,
    Number,
    Prefix,
    is_name,
)
from rfcalc.symbolic.terms import ratio
from rfcalc.units import UNITS

if TYPE_CHECKING:
    from rfcalc.symbolic.terms import Rational

# How strongly operators bind: an operand of one binds more strongly than the operator itself.
_NOT, _COMPARISON, _UNARY, _POWER, _ATOM = 2, 3, 6, 7, 8
_BINDING = {"or": 0, "and": 1, "+": 4, "-": 4, "*": 5, "/": 5, "//": 5, "%": 5, "**": _POWER}


def expression_text(tree: Expression, *, per_axis: bool = False, in_line: bool = False) -> str:
    """The text of a value.

    per_axis: it stands where a list per axis is expected.  in_line: on a layer line.
    """
    if isinstance(tree, Name):
        # A lone name keeps its x's: whether it is a list is decided when it is evaluated.
        return tree.text
    if isinstance(tree, Axes):
        entries = [_entry(entry, per_axis, last=False) for entry in tree.entries[:-1]]
        text = "x".join([*entries, _entry(tree.entries[-1], per_axis, last=True)])
        # `HxW` alone would be a name.
        return f"({entries[0]}){text[len(entries[0]) :]}" if is_name(text) else text
    if isinstance(tree, Ends):
        return _entry(tree, per_axis, last=True)
    text = _operand(tree, 0, cut_at_x=per_axis)
    return f"({text})" if in_line and _has_outer_space(text) else text


def number_text(number: Rational) -> str:
    """A number of 0 or more as one token: digits where they are not too many, else what is shortest."""
    forms = _forms(number)
    if not any(len(form) <= LONGEST_NUMBER for form in forms):
        forms = [form + unit for unit, factor in UNITS.items() for form in _forms(ratio(number, factor))]
    return min(forms, key=len, default=str(number))


def _entry(tree: Expression, per_axis: bool, *, last: bool) -> str:
    """One entry of a list per axis; an x follows unless it is the last."""
    if isinstance(tree, Ends):
        ends = [_entry(end, per_axis, last=True) if end is not None else "" for end in tree.entries[:-1]]
        final = tree.entries[-1]
        return ":".join([*ends, "" if final is None else _entry(final, per_axis, last=last)])
    text = _operand(tree, 0, cut_at_x=True)
    # An x that follows a unit is read with it, and where no list is expected one that follows a name;
    # `ma`, an x and a parenthesis are a function.
    runs_on = re.search(r"[0-9][A-Za-z]+$|ma$" if per_axis else r"[A-Za-z_][A-Za-z0-9_]*$", text)
    return f"({text})" if _has_outer_space(text) or (runs_on and not last) else text


def _operand(tree: Expression, level: int, *, cut_at_x: bool = False) -> str:
    """The text of an expression where whatever binds less strongly than `level` needs parentheses.

    cut_at_x: outside all parentheses, where a name that holds an x would be cut there.
    """
    if isinstance(tree, Name):
        return f"({tree.text})" if cut_at_x and "x" in tree.text else tree.text
    if isinstance(tree, Call):
        return f"{tree.function}({', '.join(_operand(argument, 0) for argument in tree.arguments)})"
    if isinstance(tree, Number):
        if tree.value >= 0:
            return number_text(tree.value)
        binding, text = _UNARY, f"-{number_text(-tree.value)}"
    elif isinstance(tree, Prefix):
        negation = tree.operator == "not"
        binding = _NOT if negation else _UNARY
        inner = _operand(tree.operand, _COMPARISON if negation else _POWER, cut_at_x=cut_at_x)
        text = f"not {inner}" if negation else f"-{inner}"
    else:
        assert isinstance(tree, Chain)
        binding = _BINDING.get(tree.rest[0][0], _COMPARISON)
        text = _chain(tree, binding, cut_at_x)
    if binding >= level:
        return text
    return f"({_operand(tree, 0)})" if cut_at_x else f"({text})"


def _chain(tree: Chain, binding: int, cut_at_x: bool) -> str:
    power = binding == _POWER
    parts = [_operand(tree.first, _ATOM if power else binding + 1, cut_at_x=cut_at_x)]
    for operator, operand in tree.rest:
        parts.append(f" {operator} " if binding <= _COMPARISON else operator)
        # An exponent may have a sign, and be a power itself.
        parts.append(_operand(operand, _UNARY if power else binding + 1, cut_at_x=cut_at_x))
    return "".join(parts)


def _has_outer_space(text: str) -> bool:
    """Whether a text has a space outside parentheses."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == " " and not depth:
            return True
    return False


def _forms(number: Rational) -> list[str]:
    """A number as a decimal, and with a power of ten where that is much shorter; none when it is neither.

    One that is both too long for a token and has no short form is left to the caller.
    """
    decimals = 0
    while 10**decimals % number.denominator:
        decimals += 1
        if decimals > number.denominator.bit_length():
            return []
    digits = number.numerator * (10**decimals // number.denominator)
    plain = _decimal(digits, decimals)
    if not decimals and len(plain) <= LONGEST_NUMBER:
        return [plain]
    mantissa = str(digits).rstrip("0")
    exponent = len(str(digits)) - len(mantissa) - decimals
    limited = max(-LONGEST_NUMBER, min(exponent, LONGEST_NUMBER))
    zeros = "0" * max(exponent - limited, 0)
    powered = f"{_decimal(int(mantissa + zeros), max(limited - exponent, 0))}e{limited}"
    return [plain] if len(plain) <= min(len(powered) + 1, LONGEST_NUMBER) else [powered]


def _decimal(digits: int, places: int) -> str:
    """digits / 10^places, written out."""
    text = str(digits).zfill(places + 1)
    return f"{text[:-places]}.{text[-places:]}" if places else text
