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
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

FUNCTIONS = frozenset({"floor", "ceil", "min", "max"})
RELATIONS = frozenset("=<≤>≥")

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|[ΣΠ+−·/^(),=<≤>≥])")


class Tree(NamedTuple):
    """A formula or a part of one.

    kind, with the parts: "constant" and "name" have a value alone, a name standing for a number, for one per
    axis or for one per operand; "sum", whose terms are taken away where they are a "minus"; "product";
    "quotient"; "power"; "Π" (over all axes) and "Σ" (over all operands); the functions by their names; "if":
    what holds where a test does, the test, and what holds otherwise, where anything does.
    A test is "and" of several, a relation of two sums by its sign, or "given": whether an attribute, its
    value, is given and not "no"; "not given" is the opposite.
    """

    kind: str
    parts: tuple[Tree, ...] = ()
    value: Exact | str = ""


def constant(value: Exact) -> Tree:
    """A number."""
    return Tree("constant", value=value)


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
        otherwise = (self.formula(),) if self.take("else") else ()
        return Tree("if", (body, Tree("and", tuple(tests)), *otherwise))

    def test(self) -> Tree:
        if self.take("not"):
            return Tree("not given", value=self.name())
        left = self.sum()
        sign = self.take(*RELATIONS)
        if sign:
            return Tree(sign, (left, self.sum()))
        if left.kind != "name":
            raise ValueError(f"{self.text!r}: a condition is a name or compares two sums")
        return left._replace(kind="given")

    def sum(self) -> Tree:
        terms = [self.term(self.take("−"))]
        while sign := self.take("+", "−"):
            terms.append(self.term(sign))
        return terms[0] if len(terms) == 1 else Tree("sum", tuple(terms))

    def term(self, sign: str) -> Tree:
        return Tree("minus", (self.product(),)) if sign == "−" else self.product()

    def product(self) -> Tree:
        factors = [self.power()]
        while sign := self.take("·", "/"):
            if sign == "·":
                factors.append(self.power())
            else:
                factors = [Tree("quotient", (product_of(factors), self.power()))]
        return product_of(factors)

    def power(self) -> Tree:
        base = self.factor()
        return Tree("power", (base, self.factor())) if self.take("^") else base

    def factor(self) -> Tree:
        if self.take("("):
            tree = self.formula()
            self.demand(")")
            return tree
        sign = self.take("Π", "Σ")
        if sign:
            return Tree(sign, (self.factor(),))
        token = self.next()
        if token.isdigit():
            self.place += 1
            return constant(int(token))
        name = self.name()
        if name not in FUNCTIONS or not self.take("("):
            return Tree("name", value=name)
        arguments = [self.formula()]
        while self.take(","):
            arguments.append(self.formula())
        self.demand(")")
        return Tree(name, tuple(arguments))

    def name(self) -> str:
        token = self.next()
        if not token.isidentifier() or token in {"if", "else", "and", "not"}:
            raise ValueError(f"{self.text!r}: expected a name, got {token!r}")
        self.place += 1
        return token


def product_of(factors: list[Tree]) -> Tree:
    """The product of some factors; one by itself where it is the only one."""
    return factors[0] if len(factors) == 1 else Tree("product", tuple(factors))
