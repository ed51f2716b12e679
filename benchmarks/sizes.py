"""How long it takes to find at which sizes networks can be built: `python benchmarks/sizes.py [NETWORK ...]`.

For each network how many layers it has, the period after which sizes repeat, how many are legal up to 1024,
and the seconds until that is shown, with axes of one length moving together and each by itself; beside them
what building the network at every length up to 1024 takes, as some of these lengths have it, and how many
times as long that is; then the table and the picture.  Where PyTorch is installed, below stands what one run
of two convolutions takes: trying sizes by hand needs one for each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

from rfcalc import AnalysedNetwork
from rfcalc.analysis.legal_sizes import pattern_of
from rfcalc.graph.trial import Refused
from rfcalc.library import analyze

NETWORKS = (
    "vgg16",
    "resnet50",
    "resnet152",
    "unet",
    "unet-3d",
    "fcn-resnet50",
    "yolov3",
    "hrnet-w18",
    "vit-b16",
)
ROUNDS = 3
LAST = 1024
# Lengths that are built to say what building all of them takes.
BUILT = range(64, LAST + 1, 64)


def least(work: Callable[[], object]) -> float:
    """The seconds of the fastest run."""
    spent = []
    for _ in range(ROUNDS):
        started = perf_counter()
        work()
        spent.append(perf_counter() - started)
    return min(spent)


def built(network: AnalysedNetwork) -> float:
    """The seconds that building a network at every length takes, by those of some."""
    trials = network.resizable.trials()
    shapes = trials.shapes()
    started = perf_counter()
    for length in BUILT:
        try:
            trials.at(
                {name: shape._replace(axes=(length,) * len(shape.axes)) for name, shape in shapes.items()}
            )
        except Refused:
            continue
    return (perf_counter() - started) / len(BUILT) * LAST


def main(names: tuple[str, ...]) -> None:
    """Print a row for each network."""
    print(f"Sizes up to {LAST}, seconds, least of {ROUNDS}\n")
    heading = f"{'network':<14}{'layers':>8}{'period':>8}{'legal':>7}{'together':>10}{'each':>8}"
    print(f"{heading}{'built':>9}{'ratio':>8}{'table':>8}{'picture':>9}")
    for name in names:
        network = analyze(name)
        found = network.sizes(last=LAST)
        pattern = pattern_of(found.along[0].sizes, lambda verdict: verdict.legal)
        assert pattern is not None
        legal = sum(map(pattern.holds, range(1, LAST + 1)))
        together = least(partial(network.sizes, last=LAST))
        each = least(partial(network.sizes, last=LAST, each=True))
        tried = built(network)
        table = least(found.text)
        picture = least(found.chart)
        row = f"{name:<14}{len(network.graph.nodes):>8}{pattern.period:>8}{legal:>7}"
        print(
            f"{row}{together:>10.3f}{each:>8.3f}{tried:>9.1f}{tried / together:>7.0f}x"
            f"{table:>8.3f}{picture:>9.3f}"
        )
    torch_run()


def torch_run() -> None:
    """One run of two convolutions by PyTorch, where it is installed."""
    try:
        import torch
    except ImportError:
        print("\nPyTorch is not installed here: no run to compare with")
        return
    layers = [torch.nn.Conv2d(1 if number == 0 else 64, 64, 3, padding=1) for number in range(2)]
    image = torch.ones(1, 1, LAST, LAST)
    started = perf_counter()
    with torch.no_grad():
        torch.nn.Sequential(*layers)(image)
    print(f"\nPyTorch, two 3x3 convolutions of 64 channels at {LAST}: {perf_counter() - started:.2f} seconds")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NETWORKS)
