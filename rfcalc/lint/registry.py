"""Every rule by code, loaded when it is first asked for, and which are looked for.

Rules are selected by codes, beginnings of codes, names, and ALL; where nothing is, all are but those that
are looked for only when they are asked for.  The longer selector decides, so that
`--select RF2 --ignore RF203` and `--ignore RF2 --extend-select RF203` both mean what they say; of two equally
long ones the one that ignores.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import import_module

from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.lint import rules
from rfcalc.lint.rule import Rule

# A rule is a file named after it: rf101_field_smaller_than_input.
_NAMES = {name.partition(".")[0] for name in os.listdir(rules.__path__[0]) if name.startswith("rf")}
MODULE_OF = {name[:5].upper(): name for name in sorted(_NAMES)}
# The codes by the rules' names.
CODE_OF = {module[6:].replace("_", "-"): code for code, module in MODULE_OF.items()}

EVERYTHING = "ALL"
# What cannot be built is reported whatever is selected: nothing else can be said of it.
ALWAYS = frozenset({"RF900"})

FAMILIES = {
    "RF1": "receptive field",
    "RF2": "size and alignment",
    "RF3": "promises and budgets",
    "RF4": "cost",
    "RF5": "trainability",
    "RF9": "the description itself",
}


def code_of(word: str) -> str | None:
    """The code of the rule of this code or name; None when there is none."""
    return word.upper() if word.upper() in MODULE_OF else CODE_OF.get(word.casefold())


def nearest_rule(word: str) -> str:
    """The hint that follows a word that is no rule: the nearest code or name, or where they are listed.

    Of a wrong number the likely slip cannot be told, so the whole family is named.
    """
    if word[:2].upper() == "RF" and word[2:].isdigit():
        family = word[:3].upper()
        codes = [code for code in MODULE_OF if code.startswith(family)]
        return f"{family} has {', '.join(codes)}" if codes else f"the families are {', '.join(FAMILIES)}"
    return nearest(word, [*MODULE_OF, *CODE_OF]) or "`rfcalc rules` lists them"


@cache
def find_rule(word: str) -> Rule:
    """The rule of this code or name; raises UsageError, with the nearest, when there is none."""
    code = code_of(word.strip())
    if code is None:
        raise UsageError(f"no rule is called {quoted(word)}; {nearest_rule(word)}")
    rule = import_module(f"rfcalc.lint.rules.{MODULE_OF[code]}").find
    assert isinstance(rule, Rule)
    return rule


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


@lru_cache(1024)
def selected(
    select: tuple[str, ...] | None = None, ignore: tuple[str, ...] = (), extend: tuple[str, ...] = ()
) -> frozenset[str]:
    """The codes that selectors choose and none that ignores undoes.

    select: None for what is looked for where nobody says; extend: what is chosen besides.
    """
    demanded = {
        code for code in MODULE_OF if _longest(code, (select or ()) + extend) > _longest(code, ignore)
    }
    untold = [code for code in MODULE_OF if code not in demanded and _longest(code, ignore) < 0]
    found = demanded.union(code for code in untold if select is None and not find_rule(code).asked)
    return ALWAYS.union(found) & MODULE_OF.keys()


def chosen(select: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that fit any of some selectors, in their order."""
    return tuple([code for code in MODULE_OF if code.startswith(select)])


def _longest(code: str, words: tuple[str, ...]) -> int:
    """The length of the longest selector that fits a code; -1 when none does."""
    return max((len(word) for word in words if code.startswith(word)), default=-1)
