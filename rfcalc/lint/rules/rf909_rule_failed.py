"""RF909: a rule that failed.

Finds: A rule of rfcalc whose function failed on this network, so that what it would have found is not known.
The findings of the other rules stand.
Why: It is a mistake in rfcalc, and a check that hides it would look like one that passes.
Source: none: a convention of this tool
Instead: Report it with the description; until it is mended, `--ignore` the rule that it names.
"""

from __future__ import annotations

from rfcalc.lint.rule import Reported, Subject, rule


@rule(
    "error",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n",
)
def find(subject: Subject) -> Reported:
    """Nothing: `lint.checking` reports it of the rules that it runs."""
    return ()
