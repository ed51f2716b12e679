"""RF904: a value that is named and never used.

Finds: A name given by `let:`, by `index:` or by `each:` that no expression mentions. The names of layers (`as
NAME`) are for the reader of the table too, and never unused.
Why: A value that nothing uses is left over, or a number stands where the name was meant.
Source: common to linters
Instead: Use it, or remove it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.lint.network.mentions import called_blocks, items_of, names_of_bodies
from rfcalc.lint.rule import Found, Subject, rule
from rfcalc.spec.syntax import Let, Loop


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - {repeat: 2, index: i, do: [conv f=3 p=1 d=16, relu]}\n",
    silent="input: 32x32x3\nlayers:\n  - {repeat: 2, index: i, do: [conv f=3 p=1 d=16*(i+1), relu]}\n",
)
def find(subject: Subject) -> Iterator[Found]:
    network = subject.network
    called = called_blocks(network)
    for body in (network.layers, *(block.body for block in network.blocks if block.name in called)):
        used = names_of_bodies([body])
        for item in items_of([body]):
            if isinstance(item, Let):
                names = used
                named = [(name, place, "value") for name, _, place in item.bindings]
            elif isinstance(item, Loop):
                # What a loop names is known within it alone, and another may use the same name.
                names = names_of_bodies([item.body])
                named = [(name, place, "variable") for name, _, place in item.variables]
                named += [(item.counter, item.counter_position, "index")] if item.counter else []
            else:
                continue
            for name, place, kind in named:
                if name not in names:
                    yield Found(
                        f"nothing uses the {kind} {name}", position=place, hint="use it, or remove it"
                    )
