"""RF205: a pooling window larger than its map."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.lint.traits import has
from rfcalc.ops.reads import Along, Window


def _find(subject: Subject) -> Iterator[Found]:
    for index, node in subject.layers():
        if not has(node, "pooling"):
            continue
        axes = subject.layer(index).inputs[0].axes
        for read, size in zip((node.facts.reads or ((),))[0], axes, strict=False):
            if not isinstance(read, Along) or not isinstance(read.taps, Window) or not isinstance(size, int):
                continue
            span = read.taps.dilation * (read.taps.kernel - 1) + 1
            if span > size:
                yield Found(
                    f"the window of {node.name} spans {span} positions, but its map has only {size}",
                    index,
                    hint="pool a map this small globally, or leave the layer out",
                    figures={"span": span, "size": size},
                )
                break


RULE = Rule(
    code="RF205",
    name="pooling-window-larger-than-map",
    severity="warning",
    what="A pooling window that spans more positions than its map has; padding or `ceil` makes it fit.",
    why="Every window hangs over the map, so part of each lies in padding, whatever its place: the map is "
    "smaller than the layer was meant for, which is what too small an input does to a network.",
    source="arithmetic of windows: Dumoulin and Visin 2016",
    instead="Pool globally, drop the layer, or give the network a larger input.",
    fires="input: 2x2x4\nlayers:\n  - maxpool f=3 s=2 p=1\n",
    silent="input: 3x3x4\nlayers:\n  - maxpool f=3 s=2 p=1\n",
    find=_find,
)
