"""At which input lengths modules of PyTorch run: `python torch_sizes.py > torch.json`, where torch is there.

Each case is a description and the same layers as a module; both are in this file, so that nobody compares a
network with another.
"""

import json
from itertools import pairwise

import torch
from torch import nn


class Padded(nn.Module):
    """A U-Net of three poolings whose skip connections are concatenated."""

    def __init__(self):
        super().__init__()
        widths = [3, 4, 8, 12, 16]
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(2 * b if b != 16 else 16, b - 4, 2, 2) for b in (16, 12, 8)
        )

    def forward(self, x):
        skips = []
        for place, conv in enumerate(self.down):
            x = conv(x if place == 0 else nn.functional.max_pool2d(x, 2))
            skips.append(x)
        skips.pop()
        for up in self.up:
            x = torch.cat([up(x), skips.pop()], 1)
        return x


class Joined(nn.Module):
    """A branch that is concatenated with what entered it."""

    def __init__(self, *layers):
        super().__init__()
        self.branch = nn.Sequential(*layers)

    def forward(self, x):
        return torch.cat([self.branch(x), x], 1)


CASES = {
    "padded U-Net": (
        "[conv f=3 p=1 d=4 as a, maxpool f=2, conv f=3 p=1 d=8 as b, maxpool f=2, conv f=3 p=1 d=12 as c, "
        "maxpool f=2, conv f=3 p=1 d=16, {concat: [[deconv f=2 s=2 d=12], [identity from=c]]}, "
        "{concat: [[deconv f=2 s=2 d=8], [identity from=b]]}, "
        "{concat: [[deconv f=2 s=2 d=4], [identity from=a]]}]",
        Padded(),
    ),
    "ceil pooling and output padding": (
        "[{concat: [[maxpool f=3 s=2 ceil=yes, deconv f=3 s=2 p=1 d=3 output_padding=1], []]}]",
        Joined(nn.MaxPool2d(3, 2, ceil_mode=True), nn.ConvTranspose2d(3, 3, 3, 2, 1, output_padding=1)),
    ),
    "pooling by three": (
        "[{concat: [[maxpool f=3, upsample scale=3], []]}]",
        Joined(nn.MaxPool2d(3), nn.Upsample(scale_factor=3)),
    ),
    "space to depth": (
        "[pixelunshuffle factor=4, conv f=3 p=1 d=48, pixelshuffle factor=4]",
        nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(48, 48, 3, padding=1), nn.PixelShuffle(4)),
    ),
    "dilation and a window over the rest": (
        "[conv f=3 r=4 d=4, conv f=5 s=3 r=2 p=2 d=4, adaptiveavgpool size=3, flatten, fc d=2]",
        nn.Sequential(
            nn.Conv2d(3, 4, 3, dilation=4),
            nn.Conv2d(4, 4, 5, 3, 2, dilation=2),
            nn.AdaptiveAvgPool2d(3),
            nn.Flatten(),
            nn.Linear(36, 2),
        ),
    ),
    "reflected padding": (
        "[conv f=7 p=12 padding_mode=reflect d=4, maxpool f=2]",
        nn.Sequential(nn.Conv2d(3, 4, 7, padding=12, padding_mode="reflect"), nn.MaxPool2d(2)),
    ),
}
LAST = 80


def runs(module, length):
    """Whether a module takes an input of this length."""
    try:
        module(torch.zeros(1, 3, length, length))
    except (RuntimeError, ValueError):
        return False
    return True


if __name__ == "__main__":
    found = {
        name: {
            "layers": layers,
            "last": LAST,
            "taken": [length for length in range(1, LAST + 1) if runs(module, length)],
        }
        for name, (layers, module) in CASES.items()
    }
    print(json.dumps({"torch": torch.__version__, "cases": found}))
