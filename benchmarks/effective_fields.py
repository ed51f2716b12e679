"""How long effective fields take: `python benchmarks/effective_fields.py [NETWORK ...]`.

For each network the widths and deviations of all layers, in one pass forwards, and the map of the middle unit
of its last map with positions, by a sweep back: clipped at the borders of this input size, and not.  Where
PyTorch is installed, below stands what autograd takes for the gradient of one unit of a ResNet-152; the mean
of its square over many draws of weights would be the effective field.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter

from rfcalc.analysis.effective import EffectiveFields
from rfcalc.analysis.energy_map import energy_map
from rfcalc.analysis.fields.densities import SHARES
from rfcalc.library import analyze

NETWORKS = ("vgg16", "resnet18", "resnet50", "resnet152", "densenet121", "googlenet", "unet", "hrnet-w18")
ROUNDS = 5
WIDTH = SHARES.index(95)


def least(work: Callable[[], object]) -> float:
    """The seconds of the fastest of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        spent.append(perf_counter() - start)
    return min(spent)


def main(networks: tuple[str, ...]) -> None:
    """Print a row for each network."""
    print(f"Effective fields of all layers, and the map of one unit; seconds, least of {ROUNDS}\n")
    heads = (
        ("layers", 7),
        ("all widths", 12),
        ("field", 7),
        ("95 %", 6),
        ("map", 9),
        ("clipped", 9),
        ("lost", 8),
    )
    print(f"{'network':<14}" + "".join(f"{head:>{room}}" for head, room in heads))
    for name in networks:
        analysis = analyze(name)
        node = analysis.fields.network
        unit = [size // 2 for size in analysis.graph.nodes[node].facts.output.axes if isinstance(size, int)]

        def all_widths(analysis=analysis) -> EffectiveFields:
            found = EffectiveFields(analysis.graph)
            for index in range(len(analysis.graph.nodes)):
                for along in found.of(index, 0) or ():
                    if along.figures is not None:
                        _ = along.figures.widths
            return found

        def mapped(clipped: bool, analysis=analysis, node=node, unit=unit):
            return energy_map(analysis.fields, node, unit, clipped=clipped)

        widths = least(all_widths)
        whole, clipped = least(lambda: mapped(False)), least(lambda: mapped(True))
        figures, found = mapped(False).figures(0), mapped(True)
        width = figures.widths[WIDTH][0] if figures else 0
        lost = "?" if found.lost is None else f"{100 * found.lost:.1f} %"
        print(
            f"{name:<14}{len(analysis.layers):>7}{widths:>12.3f}{mapped(False).energies.shape[0]:>7}"
            f"{width:>6}{whole:>9.3f}{clipped:>9.3f}{lost:>8}"
        )
    torch_gradient()


def torch_gradient() -> None:
    """Print what one gradient takes with PyTorch, where it is installed."""
    try:
        import torch
        from torch import nn
    except ImportError:
        print("\nPyTorch is not installed here: no gradient to compare with")
        return

    class Bottleneck(nn.Module):
        def __init__(self, inputs, width, stride):
            super().__init__()
            self.body = nn.Sequential(
                *(nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
                *(nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
                *(nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)),
            )
            self.shortcut = nn.Identity()
            if stride > 1 or inputs != 4 * width:
                projection = nn.Conv2d(inputs, 4 * width, 1, stride, bias=False)
                self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(4 * width))

        def forward(self, maps):
            return torch.relu(self.body(maps) + self.shortcut(maps))

    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, blocks in enumerate((3, 8, 36, 3)):
        for block in range(blocks):
            layers.append(Bottleneck(inputs, 64 * 2**stage, 2 if stage and not block else 1))
            inputs = 256 * 2**stage
    network = nn.Sequential(*layers).eval()
    image = torch.randn(1, 3, 224, 224, requires_grad=True)

    def gradient():
        image.grad = None
        network(image)[0, 0, 3, 3].backward()

    seconds = least(gradient)
    print(f"\nPyTorch {torch.__version__}: one gradient of a unit of ResNet-152 at 224x224: {seconds:.2f} s")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NETWORKS)
