"""RF404: groups that leave each kernel one channel.

Finds: A grouped convolution with as many groups as input channels, so that no kernel sees more than one.
Why: A grouped convolution is to mix the channels of a group. With one channel a group it mixes none, which is
a depthwise layer where it is meant, and a number of groups that went too high where it is not.
Source: Xie et al. 2017 (ResNeXt); Howard et al. 2017 (MobileNets)
Instead: Write `dwconv`, or fewer groups.
"""

from __future__ import annotations

from rfcalc.lint.network.wiring import by_line, counted, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.symbolic.polynomial import format_number


@rule(
    "info",
    fires="input: 28x28x32\nlayers:\n  - conv f=3 p=1 d=64 g=32\n",
    silent="input: 28x28x32\nlayers:\n  - conv f=3 p=1 d=64 g=16\n  - dwconv f=3 p=1\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    alone = {
        index: channels
        for index, node in subject.layers()
        if has(node, "convolution") and has(node, "linear")
        if 1 != (channels := nodes[node.inputs[0]].facts.output.channels) == node.arguments.get("groups", 1)
    }
    for line in by_line(subject, alone):
        node, channels = nodes[line[0]], alone[line[0]]
        kernels = node.facts.output.channels
        several = "" if kernels == channels else f" multiplier={format_number(kernels // channels)}"
        yield Found(
            f"with {counted(channels, 'group')} for {counted(channels, 'channel')} each of the "
            f"{counted(kernels, 'kernel')} sees one channel: this is a depthwise convolution"
            f"{more_of(subject, line)}",
            line[0],
            hint=f"write `dwconv …{several}`, which follows the number of channels, or choose fewer groups",
            figures={"groups": channels, "out_channels": kernels},
        )
