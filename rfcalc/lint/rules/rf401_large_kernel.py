"""RF401: a large kernel that a stack of 3x3 kernels replaces.

Finds: A dense convolution with a square kernel of 5 or more, without stride or dilation, for which a stack of
3x3 convolutions of the same field has fewer weights. Depthwise and grouped layers are left out, and so is a
layer that widens few channels to many (a first layer): there the stack has more weights. The stack is counted
as wide between its layers as the wider of its ends.
Why: Three 3x3 convolutions see what one 7x7 sees, with 27C² weights instead of 49C² and three non-linearities
instead of one.
Source: Simonyan and Zisserman 2015, section 2.3; 解析卷积神经网络 section 3.1.1
Instead: Write (f - 1) / 2 convolutions of 3x3, each with its activation.
"""

from __future__ import annotations

from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import per_axis
from rfcalc.lint.network.wiring import by_line, counted, has, more_of, surely_less
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import Size, format_sizes, product
from rfcalc.symbolic.polynomial import format_number


@rule(
    "info",
    fires="input: 56x56x64\nlayers:\n  - conv f=7 p=3 d=64\n  - relu\n",
    silent="input: 224x224x3\nlayers:\n  - conv f=7 p=3 d=64\n  - relu\n  - dwconv f=7 p=3\n"
    "  - conv f=3 p=1 d=64\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    found: dict[int, tuple[Size, Size]] = {}
    for index, node in subject.layers():
        kernel = _replaceable(node)
        if not kernel or node.shared is not None:
            continue
        before = nodes[node.inputs[0]].facts.output
        channels, out_channels = before.channels, node.facts.output.channels
        rank, layers = len(before.axes), (kernel - 1) // 2
        weights = product((kernel,) * rank) * channels * out_channels
        # As wide between its layers as the wider of its ends; a stack that narrows there says less.
        if channels != out_channels and not surely_less(channels, out_channels):
            between = channels
            known = surely_less(out_channels, channels)
        else:
            between, known = out_channels, True
        stack: Size = 3**rank * between * (channels + (layers - 2) * between + out_channels)
        if known and surely_less(stack, weights):
            found[index] = weights, stack
    for line in by_line(subject, found):
        # In the numbers of the first layer that it makes.
        node = nodes[line[0]]
        weights, stack = found[line[0]]
        channels, out_channels = nodes[node.inputs[0]].facts.output.channels, node.facts.output.channels
        kernel, rank = _replaceable(node), len(node.facts.output.axes)
        layers = (kernel - 1) // 2
        window, small = format_sizes((kernel,) * rank), format_sizes((3,) * rank)
        terms = ""
        if channels == out_channels and isinstance(channels, int):
            terms = f" ({kernel**rank}C² against {layers * 3**rank}C² for C = {channels})"
        yield Found(
            f"a {window} convolution from {format_number(channels)} to {counted(out_channels, 'channel')} "
            f"has {counted(weights, 'weight')}; {layers} convolutions of {small} see the same {window} with "
            f"{counted(stack, 'weight')}{terms}{more_of(subject, line)}",
            line[0],
            hint=f"{layers} convolutions of {small} save {counted(weights - stack, 'weight')}, and make room "
            f"for {layers} non-linearities in place of one",
            figures={"weights": weights, "stack": stack},
        )


def _replaceable(node: Node) -> int:
    """The length of a kernel that a stack of three can take the place of; 0 for every other layer."""
    kernel, stride, dilation = (per_axis(node, name) for name in ("kernel", "stride", "dilation"))
    if not (has(node, "convolution") and has(node, "linear") and node.facts.channels == "all"):
        return 0
    if len(kernel) < 2 or len(set(kernel)) > 1:
        return 0
    length = kernel[0]
    if not isinstance(length, int) or length < 5 or length % 2 == 0:
        return 0
    # With a stride the stack would work at the full size first; one window over the whole map is no
    # convolution in space.
    plain = all(each == 1 for each in (*stride, *dilation))
    return length if plain and node.facts.output.positions != 1 else 0
