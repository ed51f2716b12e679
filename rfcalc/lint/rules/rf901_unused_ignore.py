"""RF901: an ignore that ignores nothing.

Finds: A comment `# rfcalc: ignore[…]` that ignores nothing, names no rule or a rule that does not exist, a
comment `# rfcalc:` that is no ignore, an entry of `[[ignores]]` in a configuration that ignores nothing in
all the files it is for, or one, or a glob of `[per-path-ignores]`, that fits no network.
Why: It once excused something that is gone, or is misspelt and excuses nothing; left in place it would
silence the next finding on that line without anybody having looked at it.
Source: common to linters
Instead: Remove the comment, or name the rule that is meant.
"""

from __future__ import annotations

from rfcalc.lint.rule import Reported, Subject, rule


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16  # rfcalc: ignore[RF401] for the old kernel\n",
    silent="# An ordinary comment about rfcalc\ninput: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n",
)
def find(subject: Subject) -> Reported:
    """Nothing: only when all other rules have spoken is it known; `lint.ignores` reports them."""
    return ()
