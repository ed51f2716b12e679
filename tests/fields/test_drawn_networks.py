"""Effective fields of networks whose weights are drawn: autograd's squared gradients against what is said.

The mean over draws has a standard error, estimated by drawing from the draws (Efron 1979, Bootstrap methods).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from energy_oracle import Array, described

from rfcalc import analyze
from rfcalc.analysis.energy_map import energy_map
from rfcalc.analysis.fields.densities import SHARES, Density, DensityFigures, Phase
from rfcalc.library import read_text

DRAWS, AGAIN = 240, 100
# How many standard errors σ may be off, and how many percent of it one may have.
MOST_ERRORS, MOST_PERCENT = 4.0, 2.5


class Case(NamedTuple):
    """A network in the language, over 40x40x8, and in PyTorch.

    off: by how much of it σ may be off besides, since whether a unit is positive, or the largest, is not
    independent of whether those are that its branches come from (docs/conventions.md).
    """

    layers: tuple[str, ...]
    code: str
    off: float = 0.0


CASES = {
    "a chain of 3x3": Case(
        ("- {repeat: 4, do: [conv f=3 p=1 d=8, relu]}",),
        "chain(*[layer for _ in range(4) for layer in (conv(8, 8, 3), relu())])",
    ),
    "strides and dilation": Case(
        (
            "- conv f=5 p=2 s=2 d=8",
            "- relu",
            "- conv f=3 p=2 dilation=2 d=12",
            "- relu",
            "- conv f=3 s=2 p=1 d=8",
        ),
        "chain(conv(8, 8, 5, stride=2), relu(), conv(8, 12, 3, dilation=2), relu(), "
        "conv(12, 8, 3, stride=2))",
    ),
    "pooling by maxima": Case(
        (
            "- conv f=3 p=1 d=8",
            "- relu",
            "- maxpool f=2",
            "- conv f=3 p=1 d=8",
            "- relu",
            "- maxpool f=2",
            "- conv f=3 p=1 d=8",
        ),
        "chain(conv(8, 8, 3), relu(), nn.MaxPool2d(2), conv(8, 8, 3), relu(), nn.MaxPool2d(2), "
        "conv(8, 8, 3))",
    ),
    "pooling by means": Case(
        ("- conv f=3 p=1 d=8", "- relu", "- avgpool f=3 s=2", "- conv f=3 p=1 d=8"),
        "chain(conv(8, 8, 3), relu(), nn.AvgPool2d(3, 2), conv(8, 8, 3))",
    ),
    "residual blocks of two convolutions": Case(
        ("- {repeat: 2, do: [{add: [[conv f=5 p=2 d=16, relu, conv f=3 p=1 d=8], []]}]}",),
        "chain(*[Sum(chain(conv(8, 16, 5), relu(), conv(16, 8, 3)), same()) for _ in range(2)])",
    ),
    # A sum that is positive is so more often where its shortcut is.
    "residual blocks with rectified sums": Case(
        ("- {repeat: 2, do: [{add: [[conv f=5 p=2 d=16, relu, conv f=3 p=1 d=8], []]}, relu]}",),
        "chain(*[layer for _ in range(2) for layer in "
        "(Sum(chain(conv(8, 16, 5), relu(), conv(16, 8, 3)), same()), relu())])",
        off=0.02,
    ),
    # The largest of four rectified values is nearly always one that passes on its gradient.
    "a maximum of rectified values beside them": Case(
        (
            "- conv f=3 p=1 d=8",
            "- relu as skip",
            "- maxpool f=2",
            "- conv f=3 p=1 d=12",
            "- relu",
            "- deconv f=2 s=2 d=8",
            "- concat from=skip",
            "- conv f=3 p=1 d=8",
        ),
        "chain(conv(8, 8, 3), relu(), Concat(chain(nn.MaxPool2d(2), conv(8, 12, 3), relu(), "
        "nn.ConvTranspose2d(12, 8, 2, 2)), same()), conv(16, 8, 3))",
        off=0.12,
    ),
    "a projection beside them": Case(
        (
            "- add: [[conv f=5 p=2 d=16, relu, conv f=5 p=2 d=12], [conv f=1 d=12]]",
            "- relu",
            "- conv f=3 p=1 d=8",
        ),
        "chain(Sum(chain(conv(8, 16, 5), relu(), conv(16, 12, 5)), conv(8, 12, 1)), relu(), conv(12, 8, 3))",
    ),
    "a concatenation of 4 channels beside 20": Case(
        ("- concat: [[conv f=7 p=3 d=4], [conv f=1 d=20]]", "- relu", "- conv f=3 p=1 d=8"),
        "chain(Concat(conv(8, 4, 7), conv(8, 20, 1)), relu(), conv(24, 8, 3))",
    ),
    "bilinear upsampling beside what it came from": Case(
        (
            "- conv f=3 p=1 d=8",
            "- relu as skip",
            "- conv f=3 s=2 p=1 d=8",
            "- relu",
            "- upsample scale=2 mode=bilinear",
            "- concat from=skip",
            "- conv f=3 p=1 d=8",
        ),
        "chain(conv(8, 8, 3), relu(), Concat(chain(conv(8, 8, 3, stride=2), relu(), "
        "nn.Upsample(scale_factor=2, mode='bilinear')), same()), conv(16, 8, 3))",
    ),
    "a transposed convolution in place of it": Case(
        (
            "- conv f=3 p=1 d=8",
            "- relu as skip",
            "- conv f=3 s=2 p=1 d=12",
            "- relu",
            "- deconv f=4 s=2 p=1 d=8",
            "- concat from=skip",
            "- conv f=3 p=1 d=8",
        ),
        "chain(conv(8, 8, 3), relu(), Concat(chain(conv(8, 12, 3, stride=2), relu(), "
        "nn.ConvTranspose2d(12, 8, 4, 2, 1)), same()), conv(16, 8, 3))",
    ),
    "a transposed convolution of 3 by stride 2": Case(
        ("- conv f=3 p=1 d=8", "- relu", "- deconv f=3 s=2 d=8", "- relu", "- conv f=3 p=1 d=8"),
        "chain(conv(8, 8, 3), relu(), nn.ConvTranspose2d(8, 8, 3, 2), relu(), conv(8, 8, 3))",
    ),
    "depthwise convolutions, with shortcuts": Case(
        ("- {repeat: 2, do: [{add: [[conv f=1 d=32, relu, dwconv f=5 p=2, relu, conv f=1 d=8], []]}]}",),
        "chain(*[Sum(chain(conv(8, 32, 1), relu(), conv(32, 32, 5, groups=32), relu(), conv(32, 8, 1)), "
        "same()) for _ in range(2)])",
    ),
    # Variances of 2 / fan-out to twice the channels of the image: what is put in is normal with variance 1.
    "a smooth function, and a gate that is half open": Case(
        (
            "- add: [[conv f=5 p=2 d=16, silu, conv f=1 d=16, "
            "{mul: [[], [globalavgpool, conv f=1 d=16, sigmoid]]}], [conv f=3 p=1 d=16]]",
        ),
        "Sum(chain(conv(8, 16, 5), nn.SiLU(), conv(16, 16, 1), Gate(chain(nn.AdaptiveAvgPool2d(1), "
        "conv(16, 16, 1), nn.Sigmoid()))), conv(8, 16, 3))",
    ),
    "pixel shuffle": Case(
        ("- conv f=5 p=2 s=2 d=16", "- relu", "- pixelshuffle factor=2", "- conv f=3 p=1 d=8"),
        "chain(conv(8, 16, 5, stride=2), relu(), nn.PixelShuffle(2), conv(4, 8, 3))",
    ),
}


@pytest.fixture(scope="module")
def drawn(torch_python: str) -> dict[str, Array]:
    """For each case a row of squared gradients over the input's rows for each draw of its weights."""
    script = Path(__file__).with_name("gradients_torch.py")
    asked = json.dumps([DRAWS, {name: case.code for name, case in CASES.items()}])
    run = subprocess.run([torch_python, script], input=asked, capture_output=True, text=True, check=True)
    return {name: np.array(rows) for name, rows in json.loads(run.stdout).items()}


def figures_of(energies: Array) -> DensityFigures:
    found = Density(0, (Phase(0, energies.tolist()),)).figures
    assert found is not None
    return found


# To draw the weights so often takes half a minute.
@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_squared_gradients_lie_as_is_said(name: str, drawn: dict[str, Array]) -> None:
    network = analyze(read_text(described("40x40x8", *CASES[name].layers)))
    last = len(network.graph.nodes) - 1
    unit = [size // 2 for size in network.graph.nodes[last].facts.output.axes if isinstance(size, int)]
    expected = energy_map(network.fields, last, unit).figures(0)
    assert expected is not None
    rows = drawn[name]
    found = figures_of(rows.mean(axis=0))
    random = np.random.default_rng(0)
    others = [figures_of(rows[random.integers(len(rows), size=len(rows))].mean(axis=0)) for _ in range(AGAIN)]
    error = np.std([each.sigma[0] for each in others])
    place = SHARES.index(95)
    widths = [each.widths[place][0] for each in others]
    print(
        f"{name}: σ {expected.sigma[0]:.3f}, of {DRAWS} draws {found.sigma[0]:.3f} ± {error:.3f} "
        f"({(found.sigma[0] - expected.sigma[0]) / error:+.1f} standard errors); "
        f"95 % {expected.widths[place][0]}, drawn {min(widths)} to {max(widths)}"
    )
    assert (
        abs(found.sigma[0] - expected.sigma[0]) <= MOST_ERRORS * error + CASES[name].off * expected.sigma[0]
    )
    assert error <= MOST_PERCENT / 100 * expected.sigma[0]
    assert min(widths) - 1 <= expected.widths[place][0] <= max(widths) + 1
