"""RF306: a budget that holds for no network.

Finds: An entry of `[[budgets]]` of a configuration whose `network` fits no description, no model and no
shipped network.
Why: A folder that is renamed leaves its budget behind, and what was limited is limited no more: a gate that
holds nothing looks like one that is kept.
Source: common to linters
Instead: Name the networks as they are called now, or remove the budget.
"""

from __future__ import annotations

from rfcalc.lint.rule import Reported, Subject, rule


@rule(
    "warning",
    fires='# [[budgets]]\n# network = "net/*.yaml"     # they are in nets/\n# require = ["params <= 5M"]\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n",
    silent='# [[budgets]]\n# network = "nets/*.yaml"\n# require = ["params <= 5M"]\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n",
)
def find(subject: Subject) -> Reported:
    """Nothing: no network is what it is about; `cli.unused_globs` reports them."""
    return ()
