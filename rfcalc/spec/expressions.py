"""The expressions of a description: read into a tree, never run as code.

    value      = axis { "x" axis }                       1x7, HxWx3
    axis       = [choice] [ ":" [choice] [ ":" [choice] ] ] | choice     0:1, 1::3
    choice     = or [ "if" or "else" choice ]
    or         = and { "or" and }
    and        = not { "and" not }
    not        = "not" not | comparison
    comparison = sum { ("==" | "!=" | "<" | "<=" | ">" | ">=") sum }
    sum        = product { ("+" | "-") product }
    product    = unary { ("*" | "//" | "/" | "%") unary }
    unary      = "-" unary | power
    power      = atom [ "**" unary ]
    atom       = ( number | name | function "(" choice { "," choice } ")" | "(" choice ")" ) { entry }
    entry      = ".(" choice ")"                         w.(i)

Numbers are exact; one with a unit letter is an amount (`5M`).  Repetitions are kept flat, so that the
depth of a tree is bounded by the nesting of its text, which is capped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import counted, quoted
from rfcalc.spec.tokens import (
    COMPARISONS,
    FUNCTIONS,
    OPERATOR_WORDS,
    ExpressionError,
    Special,
    Token,
    tokens_of,
    unexpected,
)
from rfcalc.spec.trees import (
    AxesExpression,
    Call,
    Conditional,
    Ends,
    Expression,
    ListEntry,
    Name,
    Numeral,
    Operations,
    Prefix,
)
from rfcalc.units import parse_amount

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 24
LONGEST_NUMBER = 40


_PRECEDENCE: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("not",),
    COMPARISONS,
    ("+", "-"),
    ("*", "//", "/", "%"),
)
_NOT = 2


def parse_value(text: str, *, per_axis: bool = False) -> Expression:
    """The tree of one value; positions in it are offsets into the text.

    per_axis: where a list per axis is expected every x outside parentheses separates entries.
    Raises ExpressionError.
    """
    return _simple(text, per_axis) or _Parser(text, per_axis).value()


def parse_expression(text: str, special: Special | None = None) -> Expression:
    """The tree of one expression that may not be a list per axis or a span; raises ExpressionError.

    special: what finds operands that expressions of the language do not have.
    """
    simple = None if special else _simple(text, False)
    return simple or _Parser(text, False, special).whole()


def is_name(text: str) -> bool:
    """Whether a text can name a value, a block or a layer."""
    return text.isascii() and text.isidentifier()


def _simple(text: str, per_axis: bool) -> Expression | None:
    """The tree of a lone integer or x-less name, which nearly every value is; None for all others."""
    if text.isascii():
        if text.isdigit() and len(text) <= LONGEST_NUMBER:
            return Numeral(int(text), 0, len(text))
        if text.isidentifier() and "x" not in text and text not in OPERATOR_WORDS:
            return Name(text, 0, len(text), (), per_axis)
    return None


class _Parser:
    """Recursive descent over the tokens of one text; special: see `tokens_of`."""

    def __init__(self, text: str, per_axis: bool, special: Special | None = None) -> None:
        self.text = text
        self.per_axis = per_axis
        self.tokens = tokens_of(text, per_axis, special)
        self.next = 0

    def whole(self) -> Expression:
        tree = self.choice(0)
        self.finish()
        return tree

    def value(self) -> Expression:
        start = self.peek().start
        entries = [self.span()]
        while self.peek().kind == "axis":
            self.next += 1
            entries.append(self.span())
        self.finish()
        if len(entries) == 1:
            return entries[0]
        return AxesExpression(tuple(entries), start, self.tokens[self.next - 1].end)

    def span(self) -> Expression:
        start = self.peek().start
        ends: list[Expression | None] = [None if self.at(":") else self.choice(0)]
        while self.at(":") and len(ends) < 3:
            self.next += 1
            closed = self.at(":") or self.peek().kind in ("end", "axis")
            ends.append(None if closed else self.choice(0))
        if len(ends) == 1 and ends[0] is not None:
            return ends[0]
        return Ends(tuple(ends), start, self.tokens[self.next - 1].end)

    def choice(self, depth: int) -> Expression:
        start = self.peek().start
        tree = self.expression(0, depth)
        if not self.at("if"):
            return tree
        self.next += 1
        condition = self.expression(0, depth)
        self.expect("else")
        otherwise = self.choice(depth + 1)
        return Conditional(tree, condition, otherwise, start, self.tokens[self.next - 1].end)

    def expression(self, level: int, depth: int) -> Expression:
        if depth > DEEPEST:
            token = self.peek()
            raise ExpressionError(
                f"the expression nests deeper than {DEEPEST} levels", token.start, token.end
            )
        if level == len(_PRECEDENCE):
            return self.unary(depth)
        if level == _NOT:
            return self.negation(depth)
        start = self.peek().start
        first = self.expression(level + 1, depth)
        rest = []
        while self.peek().text in _PRECEDENCE[level] and self.peek().kind != "end":
            operator = self.tokens[self.next].text
            self.next += 1
            rest.append((operator, self.expression(level + 1, depth)))
        # Operands in parentheses are reported without them, but the text of a chain has them all.
        return Operations(first, tuple(rest), start, self.tokens[self.next - 1].end) if rest else first

    def negation(self, depth: int) -> Expression:
        return self.prefixed("not", lambda: self.expression(_NOT + 1, depth))

    def unary(self, depth: int) -> Expression:
        return self.prefixed("-", lambda: self.power(depth))

    def prefixed(self, operator: str, operand: Callable[[], Expression]) -> Expression:
        starts = []
        while self.at(operator):
            starts.append(self.peek().start)
            self.next += 1
        tree = operand()
        # Two signs or two negations cancel, so a run of any length is one prefix or none.
        return Prefix(operator, tree, starts[0], self.tokens[self.next - 1].end) if len(starts) % 2 else tree

    def power(self, depth: int) -> Expression:
        start = self.peek().start
        base = self.atom(depth)
        while self.at("."):
            self.next += 1
            self.expect("(")
            index = self.choice(depth + 1)
            base = ListEntry(base, index, start, self.expect(")").end)
        if not self.at("**"):
            return base
        self.next += 1
        exponent = self.expression(len(_PRECEDENCE), depth + 1)
        return Operations(base, (("**", exponent),), start, self.tokens[self.next - 1].end)

    def atom(self, depth: int) -> Expression:
        token = self.peek()
        self.next += 1
        if token.tree is not None:
            return token.tree
        if token.kind == "number":
            return number_of(token)
        if token.kind == "name" and token.text not in OPERATOR_WORDS:
            if self.at("("):
                return self.call(token, depth)
            return Name(token.text, token.start, token.end, _parts(token), self.per_axis)
        if token.text == "(":
            inner = self.choice(depth + 1)
            closing = self.expect(")")
            if isinstance(inner, Numeral | Name):
                return inner
            return inner._replace(start=token.start, end=closing.end)
        found = "the end" if token.kind == "end" else quoted(token.text)
        percent = token.kind == "end" and self.next > 1 and self.tokens[self.next - 2].text == "%"
        hint = "% takes the remainder; write a share as a decimal: 0.5" if percent else ""
        raise ExpressionError(f"expected a number or a name, found {found}", token.start, token.end, hint)

    def call(self, name: Token, depth: int) -> Expression:
        if name.text not in FUNCTIONS:
            raise ExpressionError(
                f"no function is called {quoted(name.text)}",
                name.start,
                name.end,
                f"the functions are {', '.join(sorted(FUNCTIONS))}",
            )
        self.expect("(")
        arguments = [self.choice(depth + 1)]
        while self.at(","):
            self.next += 1
            arguments.append(self.choice(depth + 1))
        closing = self.expect(")")
        fewest, most = FUNCTIONS[name.text]
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            wanted = counted(fewest, "argument") if most == fewest else f"at least {fewest} arguments"
            raise ExpressionError(
                f"{name.text} takes {wanted}, got {len(arguments)}", name.start, closing.end
            )
        return Call(name.text, tuple(arguments), name.start, closing.end)

    def peek(self) -> Token:
        return self.tokens[self.next]

    def at(self, text: str) -> bool:
        token = self.tokens[self.next]
        return token.text == text and token.kind != "end"

    def expect(self, text: str) -> Token:
        token = self.peek()
        if not self.at(text):
            found = "the end" if token.kind == "end" else quoted(token.text)
            list_hint = "a list per axis cannot stand in parentheses" if token.text[:1] == "x" else ""
            raise ExpressionError(f"expected {text!r}, found {found}", token.start, token.end, list_hint)
        self.next += 1
        return token

    def finish(self) -> None:
        token = self.peek()
        if token.kind != "end":
            raise unexpected(token.text, token.start, token.end)


def _parts(token: Token) -> tuple[Numeral | Name, ...]:
    """A name read as a list: `HxWx3` is H, W, 3.  () when it cannot be one."""
    if "x" not in token.text:
        return ()
    parts: list[Numeral | Name] = []
    start = token.start
    for word in token.text.split("x"):
        end = start + len(word)
        if word.isdigit():
            parts.append(number_of(Token("number", word, start, end)))
        elif is_name(word):
            parts.append(Name(word, start, end))
        else:
            return ()
        start = end + 1
    return tuple(parts)


def number_of(token: Token) -> Numeral:
    """The number that a token writes, with its unit; raises ExpressionError."""
    text = token.text
    if len(text) > LONGEST_NUMBER:
        raise ExpressionError(
            f"{quoted(text, 20)} has {len(text)} characters; a number may have {LONGEST_NUMBER}",
            token.start,
            token.end,
        )
    if text.isdigit():
        return Numeral(int(text), token.start, token.end)
    exponent = text.lower().partition("e")[2].lstrip("+-")
    if exponent.isdigit() and int(exponent) > LONGEST_NUMBER:
        raise ExpressionError(f"an exponent may not pass {LONGEST_NUMBER}", token.start, token.end)
    try:
        return Numeral(parse_amount(text), token.start, token.end)
    except ValueError as error:
        raise ExpressionError(str(error), token.start, token.end) from None
