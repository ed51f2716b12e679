"""Every rule by code, loaded when it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.lint import rules
from rfcalc.lint.rule import Rule

# A rule is a file named after it: rf101_field_smaller_than_input.  Families: RF1 receptive field,
# RF2 size and alignment, RF3 budget, RF4 cost, RF5 trainability, RF9 description.
MODULE_OF = {
    name[:5].upper(): name for _, name, _ in sorted(iter_modules(rules.__path__)) if name.startswith("rf")
}


@cache
def find_rule(code: str) -> Rule:
    """The rule of this code or name; raises UsageError, with the nearest, when there is none."""
    wanted = code.strip().upper()
    if wanted not in MODULE_OF:
        for known in MODULE_OF:
            if find_rule(known).name == code.strip().lower():
                return find_rule(known)
        hint = nearest(wanted, MODULE_OF) or "`rfcalc rules` lists them"
        raise UsageError(f"no rule has the code {quoted(code)}; {hint}")
    rule = import_module(f"rfcalc.lint.rules.{MODULE_OF[wanted]}").RULE
    assert isinstance(rule, Rule)
    return rule
