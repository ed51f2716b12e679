"""Which units see positions of the input, in one pass: against each unit followed back by itself."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from random_networks import random_network

import rfcalc
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.plane import support
from rfcalc.analysis.fields.seeing import units_seeing

CASES = sorted((Path(__file__).parents[1] / "data" / "cases").glob("*.yaml"))
# So many units of a layer are followed back one by one.
MOST_UNITS = 40


def compared(found: rfcalc.AnalysedNetwork, node: int, source: int, random: Random, strict: bool) -> int:
    """How many units of a layer were compared for some box of the input."""
    graph = found.graph
    sizes = [size for size in graph.nodes[node].facts.output.axes if isinstance(size, int)]
    lengths = [size for size in graph.nodes[graph.inputs[source]].facts.output.axes if isinstance(size, int)]
    units = [*product(*map(range, sizes))]
    if found.fields.nodes[node].inputs[source] is None:
        return 0
    units = random.sample(units, min(len(units), MOST_UNITS))
    box = []
    for length in lengths:
        low = random.randrange(length)
        box.append((low, min(length - 1, low + random.choice((0, 0, 1, 5)))))
    positions = [
        np.array([low <= at <= high for at in range(n)]) for (low, high), n in zip(box, lengths, strict=True)
    ]
    try:
        seen = units_seeing(found.fields, node, positions, source, everything=strict)
        sets = [
            support(found.fields, node, [unit], source, clipped=True, everything=strict) for unit in units
        ]
    except OutOfReachError:
        return 0
    for unit, one in zip(units, sets, strict=True):
        inside = tuple(
            slice(max(low - start, 0), max(high + 1 - start, 0))
            for (low, high), start in zip(box, one.origin, strict=True)
        )
        assert bool(seen[unit]) == bool(one.seen.size and one.seen[inside].any()), (
            graph.nodes[node].name,
            unit,
            box,
        )
    return len(units)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_units_that_see_a_box_are_those_whose_support_touches_it(path: Path) -> None:
    found = rfcalc.analyze(str(path))
    random = Random(path.stem)
    number = 0
    for node in range(len(found.graph.nodes)):
        if node in found.graph.inputs:
            continue
        for strict in (False, True):
            for source in range(len(found.graph.inputs)):
                number += compared(found, node, source, random, strict)
    assert number


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_agree_with_their_supports(seed: int) -> None:
    random = Random(seed)
    found = rfcalc.analyze(rfcalc.read_text(random_network(random).written()))
    for node in range(len(found.graph.inputs), len(found.graph.nodes)):
        for strict in (False, True):
            compared(found, node, 0, random, strict)


def test_channels_that_are_shuffled_are_told_apart_in_time() -> None:
    """Each unit by itself took more than 5 seconds for all of them."""
    found = rfcalc.analyze("shufflenet-v2-x1.0", input=(96, 96, 3))
    index = {node.name: number for number, node in enumerate(found.graph.nodes)}
    random = Random(7)
    assert sum(compared(found, index["stage2.1.concat1"], 0, random, False) for _ in range(3)) == 120
    (inside,) = (each for each in found.locate("stage2", pixel=(40, 40)).regions)
    assert inside.number


@pytest.mark.parametrize(("channels", "radius"), [("0:3:2", 0), ("1:2", 4), ("0:2", 4), ("2:3", 0)])
def test_of_channels_that_are_picked_those_count(channels: str, radius: int) -> None:
    found = rfcalc.analyze(
        rfcalc.read_text(
            "input: 20x20x1\nlayers:\n  - conv f=1 d=1 as one\n  - conv f=9 p=4 d=1 from=input as wide\n"
            "  - conv f=1 d=1 from=input as two\n  - {tensors: [], from: one+wide+two}\n  - concat\n"
            f"  - slice channels={channels} as picked\n"
        )
    )
    (seen, _) = found.locate("picked", pixel=(10, 10), box=((10, 10), (10, 10))).regions[:2]
    assert seen.box == ((10 - radius, 10 + radius),) * 2
    assert seen.number == (2 * radius + 1) ** 2
