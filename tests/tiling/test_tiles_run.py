"""Networks run whole and in tiles with PyTorch: outputs are the same, no tile keeps less than it could."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tiled_networks import NETWORKS, random_network

import rfcalc
from rfcalc.library import read_expression

RUNNER = Path(__file__).parent / "run_tiles.py"


def case_of(layers: str, image: str, tile: str) -> dict[str, Any]:
    """A network at both sizes, and where its tiles lie."""
    network = rfcalc.analyze(read_expression(layers), input=image)
    tiled = network.tile(tile=tile)
    plan = tiled.tiling.chosen
    assert plan is not None
    *axes, channels = map(int, image.split("x"))
    size = "x".join(map(str, [*plan.lengths, channels]))
    record: Any = tiled.to_dict()
    return {
        "whole": network.to_dict()["layers"],
        "tile": rfcalc.analyze(read_expression(layers), input=size).to_dict()["layers"],
        "outputs": [network.graph.nodes[output].name for output in network.graph.outputs],
        "image": axes,
        "channels": channels,
        "along": record["tiles"]["along"],
        "exact": [[list(each) for each in along.exact] for along in plan.axes],
    }


def run(python: str, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, str(RUNNER)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def results(torch_python: str) -> dict[str, dict[str, Any]]:
    found = run(torch_python, [case_of(*each) for each in NETWORKS.values()])
    return dict(zip(NETWORKS, found, strict=True))


@pytest.mark.parametrize("name", NETWORKS)
def test_tiles_give_the_outputs_of_the_whole_image(name: str, results: dict[str, dict[str, Any]]) -> None:
    assert results[name]["wrong"] == [0] * len(results[name]["compared"])
    assert min(results[name]["compared"]) > 100
    # One unit more, before those that are kept or behind those that are exact, would be another.
    assert results[name]["needless"] == []


@pytest.mark.parametrize("most", [1, pytest.param(40, marks=pytest.mark.slow)])
def test_random_networks(most: int, torch_python: str) -> None:
    cases = []
    for seed in range(12 * most):
        layers, halved = random_network(seed)
        network = rfcalc.analyze(read_expression(layers), input=f"{24 * halved}x{26 * halved}x2")
        tiling = network.tile().tiling
        least = [facts.least for facts in tiling.facts]
        if None in least:
            continue
        step = [facts.step for facts in tiling.facts]
        image = [length + 5 * each for length, each in zip(least, step, strict=True)]
        tile = [length + each for length, each in zip(least, step, strict=True)]
        size, part = ("x".join(map(str, sides)) for sides in ((*image, 2), tile))
        cases.append(case_of(layers, size, part))
    assert len(cases) > 6 * most
    for each in run(torch_python, cases):
        assert not any(each["wrong"])
        assert each["needless"] == []
