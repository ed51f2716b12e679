"""Which rules are looked for: selectors are codes, beginnings of codes, names, and ALL.

The longer selector decides, so that `--select RF2 --ignore RF203` and `--ignore RF2 --extend-select
RF203` both mean what they say; of two equally long ones the one that ignores.
"""

from __future__ import annotations

from collections.abc import Iterable

from rfcalc.errors import UsageError, quoted
from rfcalc.lint.registry import MODULE_OF, code_of, nearest_rule

EVERYTHING = "ALL"
# What cannot be built is reported whatever is selected: nothing else can be said of it.
ALWAYS = frozenset({"RF900"})


def selectors(words: str | Iterable[str]) -> tuple[str, ...]:
    """The selectors in a word or several, each one or several joined by commas, as codes or their beginnings.

    Raises UsageError for one that fits no rule.
    """
    several = (words,) if isinstance(words, str) else words
    return tuple(_selector(part.strip()) for word in several for part in word.split(",") if part.strip())


def _selector(word: str) -> str:
    folded = word.upper()
    if folded == EVERYTHING:
        return ""
    if folded.startswith("RF") and any(code.startswith(folded) for code in MODULE_OF):
        return folded
    code = code_of(word)
    if code is None:
        raise UsageError(f"no rule is selected by {quoted(word)}; {nearest_rule(word)}")
    return code


def selected(select: Iterable[str] = ("",), ignore: Iterable[str] = ()) -> frozenset[str]:
    """The codes that selectors choose and none that ignores undoes."""
    chosen = tuple(select)
    undone = tuple(ignore)
    found = (code for code in MODULE_OF if _longest(code, chosen) > _longest(code, undone))
    return ALWAYS.union(found) & MODULE_OF.keys()


def _longest(code: str, words: tuple[str, ...]) -> int:
    """The length of the longest selector that fits a code; -1 when none does."""
    return max((len(word) for word in words if code.startswith(word)), default=-1)
