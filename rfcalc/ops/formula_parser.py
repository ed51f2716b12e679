"""Reads the notation of formulas into a tree.

    formula    sum ["if" condition ["else" formula]]
    condition  test {"and" test}
    test       "not" name | name | sum (= | < | ≤ | > | ≥) sum
    sum        ["−"] product {("+" | "−") product}
    product    power {("·" | "/") power}
    power      factor ["^" factor]
    factor     number | name | (Π | Σ) factor | (floor | ceil | min | max) "(" formula {"," formula} ")"
               | "(" formula ")"

A formula whose condition fails and that has no else has no value.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

FUNCTIONS = frozenset({"floor", "ceil", "min", "max"})
RELATIONS = frozenset("=<≤>≥")

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|[ΣΠ+−·/^(),=<≤>≥])")


class Constant(NamedTuple):
    """A number."""

    value: Exact


class Name(NamedTuple):
    """A name that stands for a number, for one per axis or for one per operand."""

    text: str


class Sum(NamedTuple):
    """Terms, each with its sign."""

    terms: tuple[tuple[int, Tree], ...]


class Product(NamedTuple):
    """Factors."""

    factors: tuple[Tree, ...]


class Quotient(NamedTuple):
    """A dividend over a divisor."""

    dividend: Tree
    divisor: Tree


class Power(NamedTuple):
    """A base to an exponent."""

    base: Tree
    exponent: Tree


class Over(NamedTuple):
    """Something taken over all axes (Π) or all operands (Σ)."""

    sign: str
    body: Tree


class Call(NamedTuple):
    """A function of some arguments."""

    function: str
    arguments: tuple[Tree, ...]


class Given(NamedTuple):
    """Whether an attribute is given and not "no"; or, unless wanted, whether it is not."""

    name: str
    wanted: bool


class Relation(NamedTuple):
    """Two sums compared."""

    left: Tree
    sign: str
    right: Tree


class Choice(NamedTuple):
    """What holds where all the tests do, and what holds otherwise: None for nothing."""

    body: Tree
    tests: tuple[Given | Relation, ...]
    otherwise: Tree | None


Tree: TypeAlias = Union["Constant", "Name", "Sum", "Product", "Quotient", "Power", "Over", "Call", "Choice"]


@cache
def parse(text: str) -> Tree:
    """The tree of a formula; raises ValueError for what is none, since only operators write formulas."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)
        if "".join(self.tokens) != "".join(text.split()):
            raise ValueError(f"{text!r} holds a sign that is none of the notation's")
        self.place = 0

    def whole(self) -> Tree:
        tree = self.formula()
        if self.next():
            raise ValueError(f"{self.text!r}: {self.next()!r} was not expected")
        return tree

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        """The next token, which is passed, if it is one of these; else ""."""
        token = self.next()
        if token not in expected:
            return ""
        self.place += 1
        return token

    def demand(self, expected: str) -> None:
        if not self.take(expected):
            raise ValueError(f"{self.text!r}: expected {expected!r}, got {self.next()!r}")

    def formula(self) -> Tree:
        body = self.sum()
        if not self.take("if"):
            return body
        tests = [self.test()]
        while self.take("and"):
            tests.append(self.test())
        return Choice(body, tuple(tests), self.formula() if self.take("else") else None)

    def test(self) -> Given | Relation:
        if self.take("not"):
            return Given(self.name(), False)
        left = self.sum()
        sign = self.take(*RELATIONS)
        if sign:
            return Relation(left, sign, self.sum())
        if not isinstance(left, Name):
            raise ValueError(f"{self.text!r}: a condition is a name or compares two sums")
        return Given(left.text, True)

    def sum(self) -> Tree:
        terms = [(-1 if self.take("−") else 1, self.product())]
        while sign := self.take("+", "−"):
            terms.append((1 if sign == "+" else -1, self.product()))
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Sum(tuple(terms))

    def product(self) -> Tree:
        factors = [self.power()]
        while sign := self.take("·", "/"):
            if sign == "·":
                factors.append(self.power())
            else:
                factors = [Quotient(_product(factors), self.power())]
        return _product(factors)

    def power(self) -> Tree:
        base = self.factor()
        return Power(base, self.factor()) if self.take("^") else base

    def factor(self) -> Tree:
        if self.take("("):
            tree = self.formula()
            self.demand(")")
            return tree
        sign = self.take("Π", "Σ")
        if sign:
            return Over(sign, self.factor())
        token = self.next()
        if token.isdigit():
            self.place += 1
            return Constant(int(token))
        name = self.name()
        if name not in FUNCTIONS or not self.take("("):
            return Name(name)
        arguments = [self.formula()]
        while self.take(","):
            arguments.append(self.formula())
        self.demand(")")
        return Call(name, tuple(arguments))

    def name(self) -> str:
        token = self.next()
        if not token.isidentifier() or token in {"if", "else", "and", "not"}:
            raise ValueError(f"{self.text!r}: expected a name, got {token!r}")
        self.place += 1
        return token


def _product(factors: list[Tree]) -> Tree:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))
