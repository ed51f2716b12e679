"""Files of PyTorch's exporters against what was measured of the same models in PyTorch.

Sizes, counts and fields of every module that is a layer here are those measured; what differs has its reason.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import measured
import pytest
from intervals import axes_of, interval, reaches_a_border
from measured import DATA, TRUTH, Leaf, Unit
from test_model_fields import WINDOWS

from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.importers.formats import importer_of
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.writing.flat import flat
from rfcalc.library import analyze, read_text

ARCHIVES = {"onnx-dynamo": ".onnx", "onnx-legacy": ".onnx", "pt2": ".pt2"}
# What an exporter has left out since nothing reads it: parameters and multiply-adds.
UNREAD = {"wavenet_1d": (20, 1600)}
# A fixed filter is a weight like others in an ONNX file: what is counted for it.
FIXED = {"blurpool": 2 * 3 * 3}
# Sizes that windows or tokens have in PyTorch, where they are part of the batch or have no axes.
OTHER_LAYOUT = {("window_attention", "qkv"), ("window_attention", "o")}
# Units whose box an attention or a statistic widens, or a border that holds other positions once more.
OTHER_FIELDS = {"nonlocal", "reflect_padding", "circular_padding", "groupnorm_real", "se_block"}


class Imported(NamedTuple):
    """A model of an archive, read, and its analysis."""

    network: ImportedNetwork
    analysis: NetworkAnalysis

    def layers(self) -> dict[str, LayerAnalysis]:
        """Its layers by the names that the importer gives them."""
        steps = [step for step in self.network.steps if step.operator != "input"]
        return {step.name: layer for step, layer in zip(steps, self.analysis.layers, strict=True)}


def members(archive: str) -> list[str]:
    with zipfile.ZipFile(DATA / "models" / f"{archive}.zip") as packed:
        return sorted(name.rpartition(".")[0] for name in packed.namelist())


MODELS = [(archive, name) for archive in ARCHIVES for name in members(archive)]


@cache
def imported(archive: str, name: str) -> Imported:
    with (
        TemporaryDirectory() as folder,
        zipfile.ZipFile(DATA / "models" / f"{archive}.zip") as packed,
    ):
        path = Path(packed.extract(name + ARCHIVES[archive], folder))
        importer = importer_of(str(path), path.read_bytes()[:300])
        assert importer is not None
        network = importer.reader().read(str(path), name, {}, {})
    return Imported(network, analyze(read_text(flat(network).text)))


def record(name: str) -> tuple[int, int, tuple[Leaf, ...]]:
    """The parameters, multiply-adds and leaf modules of a model or a case."""
    if (TRUTH / "models" / f"{name}.json").exists():
        model = measured.model(name)
        return model.params, model.macs, model.leaves
    case = measured.case(name)
    return case.params, case.macs, case.leaves


def called(leaves: tuple[Leaf, ...]) -> Iterator[tuple[str, Leaf]]:
    """The leaf modules with the names of their layers: a module that is called again has a number."""
    calls: dict[str, int] = {}
    for leaf in leaves:
        count = calls[leaf.name] = calls.get(leaf.name, -1) + 1
        yield f"{leaf.name}_{count}" if count else leaf.name, leaf


def test_every_measured_model_has_a_file_of_each_exporter() -> None:
    assert len(MODELS) == 151
    assert {name for _, name in MODELS} >= set(measured.names("cases"))


@pytest.mark.parametrize(("archive", "name"), MODELS)
def test_parameters_and_multiply_adds_are_those_measured(archive: str, name: str) -> None:
    model = imported(archive, name)
    params, macs, leaves = record(name)
    steps = {step.name: step for step in model.network.steps}
    if archive != "pt2":
        for layer, leaf in called(leaves):
            step = steps.get(layer)
            if leaf.type.startswith("BatchNorm") and step is None:
                # It is folded into the convolution before it, which has a bias for that.
                params -= leaf.params
            elif step is not None and "weight" in step.learned:
                own = sum(map(math.prod, _weights(model, layer)))
                params += own - leaf.params if leaf.params else 0
        unread = UNREAD.get(name, (0, 0))
        params, macs = params - unread[0] + FIXED.get(name, 0), macs - unread[1]
    assert (model.analysis.totals.params, model.analysis.totals.macs) == (params, macs)


def _weights(model: Imported, layer: str) -> list[tuple[int, ...]]:
    weights = model.layers()[layer].node.facts.weights or {}
    return [tuple(int(size) for size in sizes if isinstance(size, int)) for sizes in weights.values()]


@pytest.mark.parametrize(("archive", "name"), MODELS)
def test_every_module_that_computes_has_a_layer_of_its_name_and_size(archive: str, name: str) -> None:
    model = imported(archive, name)
    layers = model.layers()
    compared = 0
    for layer, leaf in called(record(name)[2]):
        if layer not in layers or (name, layer) in OTHER_LAYOUT:
            learns = leaf.params and not leaf.type.startswith("BatchNorm")
            assert not learns or name in UNREAD or (name, layer) in OTHER_LAYOUT, layer
            continue
        sizes = [size for size in layers[layer].output.sizes() if size != 1]
        assert sizes == [size for size in leaf.output if size != 1], layer
        compared += 1
    assert compared or not record(name)[2] or name == "window_attention"


@pytest.mark.parametrize(("archive", "name"), MODELS)
def test_nothing_is_unknown_and_little_has_to_be_said(archive: str, name: str) -> None:
    model = imported(archive, name)
    assert not any(step.operator == "opaque" for step in model.network.steps)
    folded = [text for text, _ in model.network.remarks if text.startswith("BatchNorm folded")]
    bns = any(leaf.type.startswith("BatchNorm") for leaf in record(name)[2])
    assert bool(folded) == (bns and archive != "pt2")


@pytest.mark.parametrize(
    ("archive", "name"), [(archive, name) for archive, name in MODELS if name in measured.names("rf")]
)
def test_unclipped_fields_have_the_measured_size_and_place(archive: str, name: str) -> None:
    layers = imported(archive, name).layers()
    compared = 0
    for run in measured.runs(name):
        for unit in run.units if run.kind.startswith("unclipped") else ():
            layer = layers.get(unit.module) or layers.get(f"backbone.{unit.module}")
            if layer is None or unit.box is None or not WINDOWS.fullmatch(unit.type):
                continue
            for number in run.clear_axes:
                low, high = unit.box[number]
                if low > 0 and high < run.input[number] - 1:
                    assert interval(axes_of(layer)[number], unit.position[number]) == (low, high), unit.module
                    compared += 1
    assert compared >= 10


@pytest.mark.parametrize(
    ("archive", "name"),
    [one for one in MODELS if one[1] in measured.names("cases") and one[1] not in OTHER_FIELDS],
)
def test_interior_units_see_the_measured_interval(archive: str, name: str) -> None:
    model = imported(archive, name)
    for variant, unit, layer in _interior(model, name):
        axes = axes_of(layer)
        seen = [interval(axis, place) for axis, place in zip(axes, unit.position, strict=True)]
        if unit.box is None:
            assert None in seen, unit
            continue
        for number, box in enumerate(unit.box):
            if not (axes[number].everything and variant == "with_gate"):
                assert seen[number] == box, unit


def _interior(model: Imported, name: str) -> Iterator[tuple[str, Unit, LayerAnalysis]]:
    """The units of layers that no border cuts, each with the variant it was measured in."""
    layers = model.layers()
    first = len(model.analysis.graph.inputs)
    places = {layer: number for number, layer in enumerate(layers, first)}
    for variant, units in measured.case(name).fields.items():
        for unit in units:
            module = unit.module.replace("#", "_")
            layer = layers.get(module)
            if layer is None or (name, module) in OTHER_LAYOUT or len(axes_of(layer)) != len(unit.position):
                continue
            if any(axis.collapsed for axis in axes_of(layer)):
                continue
            if not any(
                reaches_a_border(model.analysis.graph, places[module], axis, place)
                for axis, place in enumerate(unit.position)
            ):
                yield variant, unit, layer
