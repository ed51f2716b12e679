"""The tokens of an expression: where a text is cut, and which x separates the entries of a list per axis."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from rfcalc.errors import quoted
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.spec.trees import Expression

MOST_TOKENS = 400

# The fewest and the most arguments of each function (None: any number).
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("min", "max"), (2, None)),
    "round_to": (2, 2),
    **dict.fromkeys(("abs", "ceil", "count", "floor", "log2", "round"), (1, 1)),
}
OPERATOR_WORDS = frozenset({"and", "or", "not", "if", "else"})
ComparisonSign: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
COMPARISONS: tuple[ComparisonSign, ...] = get_args(ComparisonSign)

# What is meant by a mark that no expression has, or has not where it stands.
_MEANT = {
    '"': "a value is written without quotes",
    "'": "a value is written without quotes",
    "^": "a power is written with two stars: 2**3",
    "=": "`==` compares",
    "!": "write `not`, or `!=` between two values",
    "&": "write `and`",
    "|": "write `or`",
    ".": "a decimal begins with a digit (0.5), an entry of a list is w.(1), a layer is no value",
    ",": "a size or a list per axis is joined by x: 3x5",
    "[": "a size or a list per axis is joined by x: 3x5",
    "×": "a size or a list per axis is joined by the letter x: 3x5; a product is written with a star: 3*n",
    "·": "a product is written with a star: 3*n",
    "→": "the promised size follows ->",
    ";": "each layer stands on a line of its own",
    "$": "a parameter stands by its name alone: d=c",
    "{": "a parameter stands by its name alone: d=c",
}


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated: what, and between which characters."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


_SPACES = " \t\n\r\f\v"
_TOKEN = re.compile(
    r"(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>\*\*|//|==|!=|<=|>=|\.(?=\()|[-+*/%<>(),:]))",
    re.ASCII,
)
_UNIT = re.compile(r"[kKMGT](?:i?B)?(?![A-Za-z0-9_])|B(?![A-Za-z0-9_])")


# An axis is an x between two entries; what is special has a tree of its own.
TokenKind: TypeAlias = Literal["number", "name", "mark", "axis", "end", "special"]


class Token(NamedTuple):
    """One token, and where it stands; tree: of a special one."""

    kind: TokenKind
    text: str
    start: int
    end: int
    tree: Expression | None = None


# The special token that begins at a place, given those before it; None where none does.
Special = Callable[[int, list[Token]], Token | None]


def tokens_of(text: str, per_axis: bool, special: Special | None = None) -> list[Token]:
    """The tokens of a text, an x between two entries of a list told from an x within a name.

    special: what finds tokens of further kinds.
    """
    tokens: list[Token] = []
    place = 0
    depth = 0
    stripped = len(text.rstrip())
    while place < stripped:
        after_operand = bool(tokens) and (tokens[-1].kind in ("number", "name") or tokens[-1].text == ")")
        if after_operand and depth == 0 and text[place] == "x":
            tokens.append(Token("axis", "x", place, place + 1))
            place += 1
            continue
        start = len(text) - len(text[place:].lstrip(_SPACES))
        token = special(start, tokens) if special else None
        if token is None:
            match = _TOKEN.match(text, start)
            if match is None:
                raise unexpected(text[start], start, start + 1)
            kind = cast("TokenKind", match.lastgroup)
            end = match.end()
            if kind == "number":
                end = _number_end(text, start, end)
            elif kind == "name" and depth == 0:
                end = _name_end(text, start, end, per_axis)
            token = Token(kind, text[start:end], start, end)
        depth += (token.text == "(") - (token.text == ")")
        tokens.append(token)
        place = token.end
        if len(tokens) > MOST_TOKENS:
            raise ExpressionError(f"the expression has more than {MOST_TOKENS} parts", 0, stripped)
    tokens.append(Token("end", "", stripped, stripped + 1))
    return tokens


def unexpected(text: str, start: int, end: int) -> ExpressionError:
    """The error about a token that cannot stand where it does, with what may be meant."""
    hint = _MEANT.get(text[0], "")
    if text[0] == "x":
        hint = "an x between the entries of a list has no spaces around it: 3x5"
    elif text[0].isdecimal() and not text.isascii():
        hint = "digits are 0 to 9"
    return ExpressionError(f"{quoted(text)} is not expected here", start, end, hint)


def _number_end(text: str, start: int, end: int) -> int:
    unit = _UNIT.match(text, end)
    if unit:
        return unit.end()
    following = text[end : end + 1]
    if following and following != "x" and (following.isalpha() or following in "_."):
        stop = end
        while stop < len(text) and (text[stop].isalnum() or text[stop] in "_."):
            stop += 1
        raise ExpressionError(
            f"{quoted(text[start:stop])} is neither a number nor a name",
            start,
            stop,
            f"a product is written with a star: {text[start:end]}*{text[end:stop]}"
            if following.isalpha()
            else "",
        )
    return end


def _name_end(text: str, start: int, end: int, per_axis: bool) -> int:
    """Where a name outside parentheses ends: before an x that separates entries.

    A name that is the whole text keeps its x's: whether it is one name or a list is decided when it
    is evaluated.  `Hx(2*W)` is a list, as H is not a function.
    """
    word = text[start:end]
    if "x" not in word or (word in FUNCTIONS and text[end : end + 1] == "("):
        return end
    whole = not text[:start].strip() and not text[end:].strip()
    if whole:
        return end
    if per_axis:
        return start + (word.index("x") or len(word))
    if word.endswith("x") and len(word) > 1 and text[end : end + 1] == "(":
        return end - 1
    return end
