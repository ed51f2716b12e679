"""RF405: a 1x1 convolution with a stride."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.lint.traits import has
from rfcalc.lint.wiring import by_line
from rfcalc.shapes import product
from rfcalc.units import format_share


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    found = [index for index, _ in subject.layers() if _skips(subject, index) > 1]
    for line in by_line(subject, found):
        skipped = _skips(subject, line[0])
        source = nodes[line[0]].inputs[0]
        others = any(_skips(subject, reader) < 2 for reader in subject.readers[source])
        reader = "" if others else ", and no other layer reads the rest"
        yield Found(
            f"a 1x1 convolution with a stride reads 1 of {skipped} positions of what enters and throws "
            f"{format_share(skipped - 1, skipped)} away{reader}",
            line[0],
            hint="move the stride to a convolution that covers it, or let an average pooling take it first",
            figures={"positions": skipped},
        )


def _skips(subject: Subject, index: int) -> int:
    """Of how many positions the layer reads one; 1 where it reads all, 0 where it is no 1x1 convolution."""
    node = subject.graph.nodes[index]
    kernel, stride = node.arguments.get("kernel"), node.arguments.get("stride")
    if not (has(node, "convolution") and isinstance(kernel, tuple) and isinstance(stride, tuple)):
        return 0
    if any(length != 1 for length in kernel):
        return 0
    axes = subject.graph.nodes[node.inputs[0]].facts.output.axes
    steps = [step for step, size in zip(stride, axes, strict=True) if size != 1]
    count = product(steps)
    return count if isinstance(count, int) else 0


RULE = Rule(
    code="RF405",
    name="strided-pointwise",
    severity="info",
    what="A convolution with a kernel of 1 and a stride; the message says whether other layers read what "
    "it skips.",
    why="It reads one position of every stride; a 1x1 convolution of stride 2 ignores three quarters of "
    "its input, "
    "which cost work to make.",
    source="He, T. et al. 2019 (Bag of tricks for image classification), section 4.2: ResNet-B and ResNet-D",
    instead="Let the 3x3 convolution stride (ResNet-B), or put `avgpool f=2 s=2` before the 1x1 (ResNet-D).",
    fires="input: 32x32x16\nlayers:\n  - conv f=1 s=2 d=32\n  - relu\n",
    silent="input: 32x32x16\nlayers:\n  - avgpool f=2 s=2\n  - conv f=1 d=32\n  - conv f=3 s=2 p=1 d=32\n",
    find=_find,
)
