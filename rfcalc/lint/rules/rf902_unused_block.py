"""RF902: a block that nothing calls.

Finds: A block that no layer line calls, directly or through other blocks. A call under a condition that does
not hold is a call.
Why: It is never built, so nothing checks it: it may be what a misspelt call meant, or be left over.
Source: common to linters
Instead: Call it, or remove it.
"""

from __future__ import annotations

from rfcalc.lint.network.mentions import called_blocks
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 32x32x3\nblocks:\n  unit: [conv f=3 p=1 d=16, relu]\nlayers:\n  - conv f=3 p=1 d=16\n",
    silent="input: 32x32x3\nblocks:\n  unit: [conv f=3 p=1 d=16, relu]\nlayers:\n  - unit\n",
)
def find(subject: Subject) -> Reported:
    called = called_blocks(subject.network)
    for block in subject.network.blocks:
        if block.name not in called:
            yield Found(f"nothing calls the block {block.name}", position=block.position, hint="remove it")
