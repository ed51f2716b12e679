"""Exact numbers and polynomials as text: for people, for LaTeX, and to be read again.

The styles are "unicode" (49C²HW), "latex" (49 C^{2} H W) and "language" (49*C**2*H*W), an expression of the
description language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from rfcalc.symbolic.terms import Monomial, Rational, Terms

# How a number with symbols is written: "language" is what a description and Python read.
Notation: TypeAlias = Literal["unicode", "latex", "language"]

# What stands between two symbols of more than one letter.
_SEPARATORS = {"unicode": "·", "latex": " ", "language": "*"}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST_DECIMAL = 6


def format_terms(terms: Terms, style: Notation) -> str:
    """The terms as a sum in reading order."""
    symbols = {symbol for monomial in terms for symbol, _ in monomial}
    # Names of one letter can stand side by side, but not where one name could be read as two.
    dense = style == "unicode" and all(len(symbol) == 1 for symbol in symbols)
    text = ""
    for monomial in reading_order(terms):
        coefficient = terms[monomial]
        term = _format_term(max(coefficient, -coefficient), monomial, style, dense)
        if text:
            text += f" - {term}" if coefficient < 0 else f" + {term}"
        else:
            text = f"-{term}" if coefficient < 0 else term
    return text


def reading_order(terms: Terms) -> list[Monomial]:
    """Monomials from the highest total degree down, the constant last; C² before CH before H²."""
    return sorted(terms, key=_place)


def format_rational(number: Rational, style: Notation) -> str:
    """An integer, a decimal where that is exact and short, or a ratio."""
    if isinstance(number, int):
        return str(number)
    sign, numerator, denominator = "-" if number < 0 else "", abs(number.numerator), number.denominator
    for places in range(_LONGEST_DECIMAL + 1):
        if 10**places % denominator == 0:
            digits = str(numerator * 10**places // denominator).zfill(places + 1)
            return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits
    return (
        rf"{sign}\frac{{{numerator}}}{{{denominator}}}"
        if style == "latex"
        else f"{sign}{numerator}/{denominator}"
    )


def _place(monomial: Monomial) -> tuple[int, list[tuple[str, int]]]:
    return -sum(power for _, power in monomial), [(symbol, -power) for symbol, power in monomial]


def _format_term(coefficient: Rational, monomial: Monomial, style: Notation, dense: bool) -> str:
    """One term whose coefficient is positive."""
    number = format_rational(coefficient, style)
    if not monomial:
        return number
    if style != "latex" and "/" in number:
        # 2C/3 rather than 2/3C, which could be read as 2/(3C).
        numerator = _format_term(coefficient.numerator, monomial, style, dense)
        return f"{numerator}/{coefficient.denominator}"
    separator = "" if dense else _SEPARATORS[style]
    symbols = separator.join(_format_power(symbol, exponent, style) for symbol, exponent in monomial)
    if number == "1":
        return symbols
    if style == "unicode":
        # 4·e5, since 4e5 is a number.
        exponential = symbols[0] in "eE" and symbols[1:2].isdecimal()
        return f"{number}{_SEPARATORS[style] if exponential else ''}{symbols}"
    return f"{number}{separator}{symbols}"


def _format_power(symbol: str, exponent: int, style: Notation) -> str:
    if style == "latex":
        if len(symbol) > 1:
            escaped = symbol.replace("_", r"\_")
            symbol = rf"\mathrm{{{escaped}}}"
        return symbol if exponent == 1 else f"{symbol}^{{{exponent}}}"
    if exponent == 1:
        return symbol
    if style == "unicode":
        return symbol + str(exponent).translate(_SUPERSCRIPTS)
    return f"{symbol}**{exponent}"
