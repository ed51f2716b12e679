"""RF900: a description that cannot be read or built.

Finds: A description that cannot be read, or whose network cannot be built: each mistake is a finding.
Why: What cannot be built has no figures, so no promise of it can be kept and no other rule can look at it. It
is reported whatever rules are selected, and no comment ignores it.
Source: the language of descriptions
Instead: Mend the line that the message points to; `rfcalc show FILE` reports the same mistakes.
"""

from __future__ import annotations

from rfcalc.lint.rule import Reported, Subject, rule


@rule(
    "error",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - convv f=3 d=16\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=16\n",
)
def find(subject: Subject) -> Reported:
    """Nothing: a network that rules can look at has been built; `lint.checking` reports those that cannot."""
    return ()
