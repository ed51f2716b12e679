"""What units really see at their input size, as `rfcalc locate` has it, against measured gradients."""

from __future__ import annotations

import measured
import pytest
from test_cases import CASES, GLOBAL, located
from test_cases import network as case_network
from test_model_fields import units
from test_models import network as model_network

from rfcalc.analysis.fields.visible import VisibleFields


@pytest.mark.parametrize("name", CASES)
def test_every_unit_sees_the_pixels_whose_gradient_torch_measured(name: str) -> None:
    analysis = case_network(name)
    index = {layer.name: number for number, layer in enumerate(analysis.layers, len(analysis.graph.inputs))}
    compared = 0
    for variant, measured_units in measured.case(name).fields.items():
        visible = VisibleFields(analysis.fields, strict=variant == "with_gate" or name in GLOBAL)
        for unit in measured_units:
            layer = located(name, unit.module)
            if layer is None:
                continue
            found = visible.of(index[layer.name], unit.position, 0)
            assert (found.reason, found.box, found.positions) == ("", unit.box, unit.pixels), unit
            compared += 1
    assert compared


@pytest.mark.parametrize("name", measured.names("rf"))
def test_units_of_whole_models_see_the_measured_pixels(name: str) -> None:
    analysis = model_network(name)
    index = {layer.name: number for number, layer in enumerate(analysis.layers, len(analysis.graph.inputs))}
    compared = 0
    for run in measured.runs(name):
        if run.kind != "natural" or run.input != analysis.inputs[0].axes:
            continue
        visible = VisibleFields(analysis.fields, strict=run.variant == "with_gate")
        for unit, layer in units(name, run):
            if len(unit.position) != len(layer.output.axes):
                continue
            found = visible.of(index[layer.name], unit.position, 0)
            assert (found.reason, found.box, found.positions) == ("", unit.box, unit.pixels), unit
            compared += 1
    assert compared
