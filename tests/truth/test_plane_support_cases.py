"""What units see at borders and behind branches, pixel by pixel, against the gradients torch measured."""

from __future__ import annotations

import measured
import pytest
from test_cases import CASES, GLOBAL, located, network

from rfcalc.analysis.fields.plane import support

# One unit in so many is compared; together they touch every border and every phase.
EVERY = 5


@pytest.mark.parametrize("name", CASES)
def test_units_see_the_pixels_whose_gradient_torch_measured_borders_included(name: str) -> None:
    analysis = network(name)
    index = {layer.name: number for number, layer in enumerate(analysis.layers, len(analysis.graph.inputs))}
    compared = 0
    for variant, units in measured.case(name).fields.items():
        for unit in units[::EVERY]:
            layer = located(name, unit.module)
            if layer is None:
                continue
            everything = variant == "with_gate" or name in GLOBAL
            found = support(
                analysis.fields, index[layer.name], [unit.position], clipped=True, everything=everything
            )
            assert (found.box, found.size) == (unit.box, unit.pixels), unit
            compared += 1
    assert compared
