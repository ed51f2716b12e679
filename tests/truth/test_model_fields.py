"""Theoretical receptive fields against the pixels that a gradient reaches in the same models in PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterator

import measured
import pytest
from intervals import axes_of, interval
from measured import Run, Unit
from test_models import DESCRIPTIONS, network, pairs

from rfcalc.analysis.network import LayerAnalysis

WINDOWS = re.compile(r"Conv[123]d|Conv3DSimple|MaxPool[123]d|AvgPool[123]d")
# Modules with children that end in one line of ours: a block, or a stage of them.
BLOCKS = frozenset(
    {"AnyStage", "BasicBlock", "BasicStem", "Bottleneck", "Conv2dNormActivation", "Fire", "Inception"}
    | {"InvertedResidual", "SimpleStemIN", "_DenseBlock", "_Transition"}
)
STAGE = re.compile(r"(?:backbone\.)?(?:layer|stage|features\.)\d+|conv\d")


def test_every_model_with_measured_fields_is_compared() -> None:
    assert set(measured.names("rf")) <= set(DESCRIPTIONS)


@pytest.mark.parametrize("name", measured.names("rf"))
def test_unclipped_fields_have_the_measured_size_and_place(name: str) -> None:
    compared = 0
    for run in measured.runs(name):
        if run.kind.startswith("unclipped"):
            for unit, layer in units(name, run):
                assert unit.box is not None
                for number in run.clear_axes:
                    low, high = unit.box[number]
                    if low > 0 and high < run.input[number] - 1:
                        assert interval(axes_of(layer)[number], unit.position[number]) == (low, high), (
                            unit.module
                        )
                        compared += 1
    assert compared >= 10


@pytest.mark.parametrize("name", measured.names("rf"))
def test_at_its_own_input_size_no_unit_sees_a_pixel_outside_its_theoretical_field(name: str) -> None:
    for run in measured.runs(name):
        if run.kind != "natural" or run.variant == "with_gate":
            continue
        for unit, layer in units(name, run):
            assert unit.box is not None
            for number, axis in enumerate(axes_of(layer)):
                # The image branch of DeepLab's pyramid stays in every measured variant.
                if axis.everything and name.startswith("deeplab"):
                    assert unit.box[number] == (0, run.input[number] - 1), unit.module
                    continue
                if axis.size is None or axis.collapsed:
                    continue
                seen = interval(axis, unit.position[number])
                assert seen is not None
                low, high = seen
                assert max(low, 0) <= unit.box[number][0], unit.module
                assert unit.box[number][1] <= min(high, run.input[number] - 1), unit.module


@pytest.mark.parametrize("name", ["efficientnet_b0", "mobilenet_v3_small", "regnet_y_400mf"])
def test_a_layer_sees_everything_exactly_where_a_gate_lies_before_it(name: str) -> None:
    gated = next(run for run in measured.runs(name) if run.variant == "with_gate")
    plain = next(run for run in measured.runs(name) if run.variant == "no_gate")
    without = {(unit.module, unit.position): unit.box for unit in plain.units}
    compared = set()
    for unit, layer in units(name, gated):
        axes = axes_of(layer)
        if any(axis.collapsed for axis in axes):
            continue
        everything = unit.box == tuple((0, size - 1) for size in gated.input)
        if everything and without[unit.module, unit.position] == unit.box:
            continue  # It sees the whole image without a gate as well.
        assert [axis.everything for axis in axes] == [everything] * len(axes), unit.module
        compared.add(everything)
    assert compared == {True, False}


@pytest.mark.parametrize("name", ["efficientnet_b0", "regnet_y_400mf", "resnet50", "googlenet"])
def test_dense_supports_have_no_holes(name: str) -> None:
    for run in measured.runs(name):
        for unit, layer in units(name, run):
            if unit.box is not None and run.kind == "unclipped" and unit.pixels == _area(unit):
                assert {axis.holes for axis in axes_of(layer)} == {(0, 0)}, unit.module


def units(name: str, run: Run) -> Iterator[tuple[Unit, LayerAnalysis]]:
    """The units of convolutions, poolings and block ends, each with its layer."""
    layers = network(name).layers
    own = pairs(name)
    by_leaf = {pair.leaf.name: pair.layer for pair in own}
    for unit in run.units:
        if WINDOWS.fullmatch(unit.type):
            # The size of a map follows that of the image: units are compared by their place alone.
            yield unit, by_leaf[_full_name(unit.module, by_leaf)]
        elif unit.type in BLOCKS or (unit.type == "Sequential" and STAGE.fullmatch(unit.module)):
            inside = [pair.place for pair in own if _within(pair.leaf.name, unit.module)]
            following = [pair.place for pair in own if pair.place > inside[-1]]
            # What joins the branches of a block has no module; it stands before the next module.  So does
            # the pooling over the whole map where it is a mere function: no part of the last block.
            last = following[0] - 1
            yield unit, layers[last - 1 if layers[last].op == "globalavgpool" else last]


def _within(leaf: str, module: str) -> bool:
    return leaf.startswith((module + ".", "backbone." + module + "."))


def _full_name(module: str, known: dict[str, LayerAnalysis]) -> str:
    """A backbone run by itself leaves its own name out."""
    return module if module in known else "backbone." + module


def _area(unit: Unit) -> int:
    assert unit.box is not None
    area = 1
    for low, high in unit.box:
        area *= high - low + 1
    return area
