"""RF205: a pooling window larger than its map.

Finds: A pooling window that spans more positions than its map has; padding or `ceil` makes it fit.
Why: Every window hangs over the map, so part of each lies in padding, whatever its place: the map is smaller
than the layer was meant for, which is what too small an input does to a network.
Source: arithmetic of windows: Dumoulin and Visin 2016
Instead: Pool globally, drop the layer, or give the network a larger input.
"""

from __future__ import annotations

from rfcalc.lint.network.windows import along, with_windows
from rfcalc.lint.network.wiring import by_line, counted, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 2x2x4\nlayers:\n  - maxpool f=3 s=2 p=1\n",
    silent="input: 3x3x4\nlayers:\n  - maxpool f=3 s=2 p=1\n",
)
def find(subject: Subject) -> Reported:
    larger = with_windows(subject, lambda each: each.span > each.size)
    for line in by_line(subject, [i for i in larger if has(subject.graph.nodes[i], "pooling")]):
        node = subject.graph.nodes[line[0]]
        windows = larger[line[0]]
        span, size = windows[0].span, windows[0].size
        alike = [each.axis for each in windows if (each.span, each.size) == (span, size)]
        yield Found(
            f"the window of {node.name} spans "
            f"{counted(span, 'position')}{along(alike, len(node.facts.output.axes))}, but its map has only "
            f"{size}{more_of(subject, line)}",
            line[0],
            hint="pool a map this small globally, leave the layer out, or enlarge the input",
            figures={"span": span, "size": size},
        )
