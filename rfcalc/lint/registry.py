"""Every rule by code, loaded when it is first asked for."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.lint import rules
from rfcalc.lint.rule import Rule

# A rule is a file named after it: rf101_field_smaller_than_input.
_NAMES = {name.partition(".")[0] for name in os.listdir(rules.__path__[0]) if name.startswith("rf")}
MODULE_OF = {name[:5].upper(): name for name in sorted(_NAMES)}
# The codes by the rules' names.
CODE_OF = {module[6:].replace("_", "-"): code for code, module in MODULE_OF.items()}

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
