"""Models of Keras against what Keras says of them: each layer's size and parameters, trained and not.

The applications were made with Keras 3.15.1; so were the models of single layers, which have beside their
configuration what `count_params`, `output` and the weights of the model are.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from measured import DATA

from rfcalc import AnalysedNetwork, analyze, load
from rfcalc.conversion import converted
from rfcalc.library import read_text

APPLICATIONS = sorted((DATA / "keras" / "applications").glob("*.json.gz"))
LAYERS: Mapping[str, Any] = json.loads(gzip.decompress((DATA / "keras" / "layers.json.gz").read_bytes()))
# Of a model without a layer of its own in the language.
HOLDERS = ("InputLayer", "Sequential", "Functional")
# Where some layer works on another dimension than the last, which stands last here, or on several, which are
# one here.
REARRANGED = ("act_layers", "adaptive_cf", "einsum_dense", "norms", "op_shape")
# Models that are tested for what they are: open sizes, rows and columns put together, what LoRA adds.
APART = ("discr", "dot4", "lora_config", "none", "textnone")


def network(folder: Path, config: object, **given: str) -> AnalysedNetwork:
    path = folder / "model.json"
    path.write_text(json.dumps(config), "utf-8")
    return analyze(load(path, **given))


def sizes(lengths: Sequence[int | None]) -> list[int]:
    """The lengths of an example: those that are 1 are axes of a map here and there none."""
    return [length for length in lengths if length not in (None, 1)]


def of_layer(found: AnalysedNetwork, name: str) -> list[Any]:
    """The layers that a layer of Keras is made of, as its name has them, those of models within included."""
    inner = f".{name}"
    return [
        layer
        for layer in found.layers
        if layer.name == name
        or layer.name.startswith(f"{name}.")
        or layer.name.endswith(inner)
        or f"{inner}." in layer.name
    ]


@pytest.mark.parametrize("path", APPLICATIONS, ids=lambda path: path.name.partition(".")[0])
def test_every_layer_has_the_size_and_the_parameters_that_keras_gives(path: Path, tmp_path: Path) -> None:
    truth = json.loads(gzip.decompress(path.read_bytes()))
    found = network(tmp_path, truth["config"])
    assert found.totals.params == truth["params_trainable"]
    assert found.totals.buffers == truth["params_non_trainable"]
    for stated in truth["layers"]:
        if stated["cls"] in HOLDERS:
            continue
        name = stated["name"]
        layers = of_layer(found, name)
        assert layers, name
        # Of how many examples the statistics of the input are.
        beside = of_layer(found, f"{name}_count") if stated["cls"] == "Normalization" else []
        held = sum(int(layer.params) + int(layer.buffers) for layer in layers + beside)
        assert held == stated["count_params"], name
        if None not in stated["output_shape"][1:]:
            assert sizes(layers[-1].output.sizes()) == sizes(stated["output_shape"]), name


@pytest.mark.parametrize("name", sorted(set(LAYERS) - set(APART)))
def test_models_of_single_layers_are_what_keras_makes_of_them(name: str, tmp_path: Path) -> None:
    truth = LAYERS[name]
    found = network(tmp_path, truth["config"])
    assert found.totals.params == truth["params_trainable"]
    assert found.totals.buffers == truth["params_non_trainable"]
    for output, stated in zip(found.outputs, truth["outputs"], strict=True):
        if None not in stated[1:]:
            alike = sorted if name in REARRANGED else list
            assert alike(sizes(output.sizes())) == alike(sizes(stated))
    own = {layer.name: layer for layer in found.layers}
    for stated in truth["layers"]:
        shape = stated["output_shape"]
        layer = own.get(stated["name"])
        if layer is not None and shape and None not in shape[1:] and stated["cls"] not in HOLDERS:
            # Here the channels stand last, whatever the file has.
            alike = math.prod if name in REARRANGED else sorted
            assert alike(sizes(layer.output.sizes())) == alike(sizes(shape)), stated["name"]


@pytest.mark.parametrize("name", ["shared", "sharednested", "vit", "unet", "rnn", "td2", "resid_bcast", "cf"])
def test_what_is_converted_is_the_same_network(name: str, tmp_path: Path) -> None:
    found = network(tmp_path, LAYERS[name]["config"])
    again = analyze(read_text(converted(load(tmp_path / "model.json")).text))
    assert again.outputs == found.outputs
    assert again.totals.params == found.totals.params
    assert again.totals.macs == found.totals.macs


def test_lengths_that_are_open_are_taken_for_224_unless_they_are_given(tmp_path: Path) -> None:
    open_ = network(tmp_path, LAYERS["none"]["config"])
    assert [str(shape) for shape in open_.inputs] == ["224x224x3"]
    given = network(tmp_path, LAYERS["none"]["config"], input="3,64,96")
    assert [str(shape) for shape in given.inputs] == ["64x96x3"]
    assert given.totals.params == open_.totals.params == LAYERS["none"]["params_trainable"]
