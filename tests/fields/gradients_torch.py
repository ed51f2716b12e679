"""Run by a Python that has PyTorch: squared gradients of one unit of freshly initialised networks.

Reads from standard input how often, and expressions for networks by name; writes for each a list of rows, one
for each draw of weights: the squared gradient over the rows of the input, summed over all else.
"""

import json
import sys

import torch
from torch import nn

SIZE, CHANNELS, INPUTS = 40, 8, 4


class Sum(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return sum(branch(x) for branch in self.branches)


class Concat(Sum):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Gate(nn.Module):
    def __init__(self, gate):
        super().__init__()
        self.gate = gate

    def forward(self, x):
        return x * self.gate(x)


def conv(inputs, outputs, kernel, **more):
    more.setdefault("padding", more.get("dilation", 1) * (kernel // 2))
    return nn.Conv2d(inputs, outputs, kernel, **more)


NAMES = {
    "chain": nn.Sequential,
    "conv": conv,
    "relu": nn.ReLU,
    "Sum": Sum,
    "Concat": Concat,
    "Gate": Gate,
    "same": nn.Identity,
    "nn": nn,
}


def drawn(network):
    # Kaiming's variance of what is passed back: 2 / fan-out, of one group.
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            outputs = module.out_channels // module.groups
            fan_out = outputs * module.kernel_size[0] * module.kernel_size[1]
            nn.init.normal_(module.weight, std=(2 / fan_out) ** 0.5)
            nn.init.zeros_(module.bias)


def row(network):
    drawn(network)
    images = torch.randn(INPUTS, CHANNELS, SIZE, SIZE, requires_grad=True)
    maps = network(images)
    middle, channel = maps.shape[-1] // 2, torch.randint(maps.shape[1], ())
    maps[:, channel, middle, middle].sum().backward()
    return (images.grad**2).sum((0, 1, 3)).double().tolist()


def main():
    draws, networks = json.load(sys.stdin)
    torch.set_num_threads(1)
    found = {}
    for name, expression in networks.items():
        torch.manual_seed(0)
        network = eval(expression, NAMES)
        found[name] = [row(network) for _ in range(draws)]
    json.dump(found, sys.stdout)


main()
