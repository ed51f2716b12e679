"""Advice on how to declare symbols, so that what is not exact for all their values becomes so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import gcd
from typing import TYPE_CHECKING

from rfcalc.symbolic.terms import MultiplesNeeded, SymbolicError, fractional_part, symbols_of

if TYPE_CHECKING:
    from rfcalc.symbolic.terms import Terms


def advice_for(terms: Terms) -> MultiplesNeeded:
    """What makes terms whole, some of which are not."""
    factors = _multiples_needed(terms)
    names = fresh_names(factors, symbols_of(terms))
    example = ", ".join(
        f"{s}: {factor}*{name}" for (s, factor), name in zip(factors.items(), names, strict=True)
    )
    what = "the symbol as a multiple" if len(factors) == 1 else "the symbols as multiples"
    return MultiplesNeeded.of(f"declare {what}, e.g. symbols: {{{example}}}", factors)


def advice_behind(error: BaseException) -> MultiplesNeeded | None:
    """The advice of the SymbolicError that led to this error, through whatever was raised in its place."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, SymbolicError):
            return cause.advice
        cause = cause.__cause__ or cause.__context__
    return None


def fresh_names(symbols: Iterable[str], taken: Iterable[str]) -> Iterator[str]:
    """For each symbol a free name: its own in lower case, else its initial, else another letter."""
    used = set(taken)
    for symbol in symbols:
        candidates = (symbol.lower(), symbol[0].lower(), *"kmnpqrtuvw")
        name = next((name for name in candidates if name not in used), f"{symbol}_0")
        used.add(name)
        yield name


def _multiples_needed(terms: Terms) -> dict[str, int]:
    """A factor for some symbols, such that symbols that are such multiples make every term whole."""
    factors: dict[str, int] = {}
    for monomial in sorted(fractional_part(terms)):
        missing = terms[monomial].denominator
        for symbol, exponent in monomial:
            missing //= gcd(missing, factors.get(symbol, 1) ** exponent)
        if missing > 1 and monomial:
            symbol, exponent = monomial[0]
            # The least root whose power makes up what is missing; searched for only among the small.
            roots = range(2, 1000) if exponent > 1 else ()
            root = next((root for root in roots if root**exponent % missing == 0), missing)
            factors[symbol] = factors.get(symbol, 1) * root
    return factors
