"""RF902: a block that nothing calls."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.lint.network.mentions import called_blocks
from rfcalc.lint.rule import Found, Rule, Subject


def _find(subject: Subject) -> Iterator[Found]:
    called = called_blocks(subject.network)
    for block in subject.network.blocks:
        if block.name not in called:
            yield Found(f"nothing calls the block {block.name}", position=block.position, hint="remove it")


RULE = Rule(
    code="RF902",
    name="unused-block",
    severity="warning",
    what="A block that no layer line calls, directly or through other blocks. A call under a condition that "
    "does not hold is a call.",
    why="It is never built, so nothing checks it: it may be what a misspelt call meant, or be left over.",
    source="common to linters",
    instead="Call it, or remove it.",
    fires="input: 32x32x3\nblocks:\n  unit: [conv f=3 p=1 d=16, relu]\nlayers:\n  - conv f=3 p=1 d=16\n",
    silent="input: 32x32x3\nblocks:\n  unit: [conv f=3 p=1 d=16, relu]\nlayers:\n  - unit\n",
    find=_find,
)
