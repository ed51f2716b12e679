"""RF904: a value that is named and never used.

Finds: A name given by `let:`, by `index:` or by `each:` that no expression mentions. The names of layers (`as
NAME`) are for the reader of the table too, and never unused.
Why: A value that nothing uses is left over, or a number stands where the name was meant.
Source: common to linters
Instead: Use it, or remove it.
"""

from __future__ import annotations

from rfcalc.lint.network.mentions import called_blocks, names_in
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.spec.syntax import Let, Loop
from rfcalc.spec.trees import within


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - {repeat: 2, index: i, do: [conv f=3 p=1 d=16, relu]}\n",
    silent="input: 32x32x3\nlayers:\n  - {repeat: 2, index: i, do: [conv f=3 p=1 d=16*(i+1), relu]}\n",
)
def find(subject: Subject) -> Reported:
    network = subject.network
    called = called_blocks(network)
    for body in (network.layers, *(block.body for block in network.blocks if block.name in called)):
        used = names_in(body)
        named = [(name, place, "value", used) for let in within(body, Let) for name, _, place in let.bindings]
        for loop in within(body, Loop):
            # What a loop names is known within it alone, and another may use the same name.
            within_it = names_in(loop.body)
            named += [(name, place, "variable", within_it) for name, _, place in loop.variables]
            named += [(loop.counter, loop.counter_position, "index", within_it)] if loop.counter else []
        for name, place, kind, names in named:
            if name not in names:
                yield Found(f"nothing uses the {kind} {name}", position=place, hint="use it, or remove it")
