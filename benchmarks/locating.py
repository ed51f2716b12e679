"""How long the visible fields of all units of all layers take: `python benchmarks/locating.py [NETWORK ...]`.

Beside it stands what one sweep back from the middle unit of the last map takes, what the units that see a
pixel and a box take, and each picture of the middle unit; and, where PyTorch is installed, the gradient of
one unit of as many 3x3 convolutions on an image of the same size.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

from rfcalc import AnalysedNetwork, UsageError
from rfcalc.analysis.fields.plane import support
from rfcalc.analysis.fields.products import RowProducts, SeenProducts, SeenRow
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze
from rfcalc.report.location.kinds import PICTURES

NETWORKS = ("vgg16", "resnet50", "resnet152", "inception-v3", "densenet121", "efficientnet-b0", "unet")
ROUNDS = 5


def all_units(analysis: NetworkAnalysis) -> tuple[int, int]:
    """For how many units the ends and the number of positions along each axis were found; layers without."""
    products = SeenProducts(analysis.fields, 0, everything=False)
    kept: dict[int, list[tuple[int, int, int]]] = {}
    units = missing = 0
    for node in range(1, len(analysis.graph.nodes)):
        terms = products.of(node)
        if terms is None:
            missing += 1
            continue
        for term in terms:
            for view in term:
                if id(view.rows) not in kept:
                    kept[id(view.rows)] = [ends_of(row) for row in view.rows]
        units += number_of_units(analysis, node, terms)
    return units, missing


def ends_of(row: SeenRow) -> tuple[int, int, int]:
    """The first, the last and the number of positions of a row."""
    return row.low, row.low + row.bits.bit_length() - 1, row.bits.bit_count()


def number_of_units(analysis: NetworkAnalysis, node: int, terms: RowProducts) -> int:
    """The units of a layer that sees anything."""
    number = 1 if terms else 0
    for size in analysis.graph.nodes[node].facts.output.axes:
        assert isinstance(size, int)
        number *= size
    return number


def main(networks: tuple[str, ...]) -> None:
    """Print a row for each network."""
    print(f"Visible fields of all units of all layers, least of {ROUNDS}\n")
    print(f"{'network':<18}{'layers':>7}{'units':>10}{'seconds':>9}{'swept only':>12}{'one sweep back':>16}")
    for name in networks:
        analysis = analyze(name)
        spent, swept = [], []
        for _ in range(ROUNDS):
            start = perf_counter()
            units, missing = all_units(analysis)
            spent.append(perf_counter() - start)
            node = analysis.fields.network
            middle = [
                size // 2 for size in analysis.graph.nodes[node].facts.output.axes if isinstance(size, int)
            ]
            start = perf_counter()
            support(analysis.fields, node, [middle], clipped=True)
            swept.append(perf_counter() - start)
        layers = len(analysis.layers)
        print(f"{name:<18}{layers:>7}{units:>10,}{min(spent):>9.3f}{missing:>12}{min(swept):>16.3f}")
    pictures(networks)
    torch_gradient()


def pictures(networks: tuple[str, ...]) -> None:
    """Print a row for each network: which units see a region, and its pictures as SVG."""
    print(f"\nRegions and pictures of the last map, least of {ROUNDS}, seconds\n")
    print(f"{'network':<18}{'pixel, box':>12}{''.join(f'{kind:>9}' for kind in PICTURES)}")
    for name in (*networks, "shufflenet-v2-x1.0"):
        network = analyze(name)
        axes = [size for size in network.inputs[0].axes if isinstance(size, int)]
        box = [(0, size // 3) for size in axes]
        cells = [least(partial(network.locate, pixel=[size // 2 for size in axes], box=box))]
        cells += [least(partial(drawn, network, kind)) for kind in PICTURES]
        words = [f"{spent:.3f}" if spent is not None else "?" for spent in cells]
        print(f"{name:<18}{words[0]:>12}{''.join(f'{word:>9}' for word in words[1:])}")


def drawn(network: AnalysedNetwork, kind: str) -> str:
    """The SVG of a picture of a network's last map."""
    return network.locate().chart(kind).svg()


def least(work: Callable[[], object]) -> float | None:
    """The seconds that some work takes, the least of some rounds; None where it cannot be done."""
    spent = []
    for _ in range(ROUNDS):
        start = perf_counter()
        try:
            work()
        except UsageError:
            return None
        spent.append(perf_counter() - start)
    return min(spent)


def torch_gradient() -> None:
    """Print what one gradient takes with PyTorch, where it is installed."""
    try:
        import torch
    except ImportError:
        print("\nPyTorch is not installed: no gradient to compare with")
        return
    layers = [torch.nn.Conv2d(3 if number == 0 else 64, 64, 3, padding=1) for number in range(16)]
    network = torch.nn.Sequential(*layers)
    image = torch.ones(1, 3, 224, 224, requires_grad=True)
    start = perf_counter()
    network(image)[0, 0, 112, 112].backward()
    print(
        f"\ngradient of one unit of 16 convolutions of 64 channels, PyTorch: {perf_counter() - start:.3f} s"
    )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NETWORKS)
