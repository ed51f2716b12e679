"""Models of Keras against what Keras says of them: each layer's size and parameters, trained and not.

The applications were made with Keras 3.15.1 and 2.15.0; so were the models of single layers, which have
beside their configuration what `count_params`, `output` and the weights of the model are, and of some which
positions of the input the middle unit of an output has a gradient at, with positive weights and inputs.
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


def _models(name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((DATA / "keras" / name).read_bytes()))
    return found


LAYERS = _models("layers.json.gz")
# Of Keras 2.15, whose functions are those of TensorFlow, and functions and quantised layers of Keras 3.
KERAS2, FUNCTIONS = _models("keras2.json.gz"), _models("functions.json.gz")
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
        # A name with a dot is one part of a path; that of a layer in a model within has dots between parts.
        plain = name.replace(".", "_").replace("/", "_")
        layers = of_layer(found, name) or of_layer(found, plain)
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


# Numbers that stand in the call of a function, which Keras counts nowhere, as kernels of these sizes.
IN_CALLS: Mapping[str, int] = {
    "tfop_conv_const": 2 * (3 * 3 * 3 * 4) + 3 * 3 * 3,
    "tfop_matmul_t": 16 * 3,
    "tfop_misc": 3,
    "zeros": 16 * 12 * 2,
    "conv": 2 * (3 * 3 * 6 * 4) + 6 * 4 + 5 * 3 * 6 * 4,
    "conv1": 3 * 6 * 4 + 3 * 6 * 2,
    "dw": 3 * 3 * 6 + 2 * (3 * 3 * 6 * 2) + 12 * 5,
    "img": 3,
}
# What is no longer trained, but has learned, counts among the parameters.
UNTRAINED = ("bn_variants", *[name for name in FUNCTIONS if name.endswith("_int8")])
# What Keras 2 writes no operands of; what is refused at any size; what has no whole count in the file.
NOT_WHOLE = (
    "tfop_matmul",
    "convt",
    "own_layer",
    *["quantised_dense_int4", "quantised_dense_float8", "quantised_mha_int8", "quantised_gqa_int8"],
)
EVERY = {
    **{(2, name): one for name, one in KERAS2.items()},
    **{(3, name): one for name, one in FUNCTIONS.items()},
}


def _called(key: tuple[int, str]) -> str:
    return f"{key[1]} of Keras {key[0]}"


@pytest.mark.parametrize("key", sorted(key for key in EVERY if key[1] not in NOT_WHOLE), ids=_called)
def test_models_of_functions_and_of_keras_2_are_what_keras_makes_of_them(
    key: tuple[int, str], tmp_path: Path
) -> None:
    truth, name = EVERY[key], key[1]
    found = network(tmp_path, truth["config"])
    buffers = int(found.totals.buffers) - IN_CALLS.get(name, 0)
    if name in UNTRAINED:
        both = truth["params_trainable"] + truth["params_non_trainable"]
        assert int(found.totals.params) + buffers == both
    else:
        assert found.totals.params == truth["params_trainable"]
        assert buffers == truth["params_non_trainable"]
    for output, stated in zip(found.outputs, truth["outputs"], strict=True):
        if None not in stated[1:]:
            alike = sorted if name == "bn_two_axes" else list
            assert alike(sizes(output.sizes())) == alike(sizes(stated[1:]))


# A gradient is not what a field is: of the largest element only one is seen for each input that was tried,
# statistics of a whole map and factors made of them are no part of a field, and Keras 2 turns images in a
# model within another that is not trained.
SAMPLED = ("seq_nested", "tfop_reduce")
OF_WHOLE_MAPS = ("bn_variants", "pixel_attention", "se_block", "se_op", "attention_cbam")
TURNED = ("pre_augment_seq",)
WITH_FIELDS = [
    (key, place)
    for key, truth in sorted(EVERY.items())
    if key[1] not in (*NOT_WHOLE, *OF_WHOLE_MAPS, *TURNED)
    for place, one in enumerate(truth.get("fields") or ())
    if one is not None
]


@pytest.mark.parametrize("key", list(dict.fromkeys(key for key, _ in WITH_FIELDS)), ids=_called)
def test_a_unit_sees_the_positions_at_which_keras_has_a_gradient(
    key: tuple[int, str], tmp_path: Path
) -> None:
    truth = EVERY[key]
    found = network(tmp_path, truth["config"])
    for place in [place for other, place in WITH_FIELDS if other == key]:
        measured = truth["fields"][place]
        node = found.graph.nodes[found.graph.outputs[place]]
        if list(found.layer(node.name).output.sizes()) != truth["outputs"][place][1:]:
            # Dimensions of 1 are axes here.
            continue
        (layer,) = found.locate(node.name, tuple(measured["unit"][:-1])).to_dict()["layers"]
        visible = layer["units"][0]["fields"][0]["visible"]
        if visible is None:
            # Not known, which is said.
            continue
        ends = (measured["first"][:-1], measured["last"][:-1])
        if key[1] in SAMPLED:
            assert all(a <= b for a, b in zip(visible["first"], ends[0], strict=True))
            assert all(a >= b for a, b in zip(visible["last"], ends[1], strict=True))
        else:
            assert ([*visible["first"]], [*visible["last"]]) == ends, node.name


def test_an_h5_file_of_keras_2_is_the_model_that_its_json_is(tmp_path: Path) -> None:
    of_json = network(tmp_path, KERAS2["fpn"]["config"])
    of_h5 = analyze(load(DATA / "keras" / "pyramid.h5"))
    assert of_h5.outputs == of_json.outputs
    assert of_h5.totals == of_json.totals
    assert of_h5.totals.params == KERAS2["fpn"]["params_trainable"]


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
