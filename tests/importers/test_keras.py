"""Keras: containers, what is said of wrong files, Keras 2, Lambdas, and damaged json."""

from __future__ import annotations

import gzip
import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rfcalc import AnalysedNetwork, analyze, load
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError, RfcalcError

DATA = Path(__file__).parents[1] / "data" / "keras"
LAYERS: dict[str, Any] = json.loads(gzip.decompress((DATA / "layers.json.gz").read_bytes()))
FUNCTIONS: dict[str, Any] = json.loads(gzip.decompress((DATA / "functions.json.gz").read_bytes()))
OF_KERAS2: dict[str, Any] = json.loads(gzip.decompress((DATA / "keras2.json.gz").read_bytes()))

# A model as Keras 2 writes it: a model within that is called twice, its calls counted from 1.
KERAS2 = (DATA / "old.json").read_text("utf-8")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> str:
        Path("model.json").write_text(text, "utf-8")
        return "model.json"

    return write


def names(network: AnalysedNetwork) -> list[str]:
    return [layer.name for layer in network.layers]


def test_a_model_of_keras_2_with_a_model_within_that_is_called_twice(written: Callable[[str], str]) -> None:
    network = analyze(load(written(KERAS2)))
    # 3·3·3·16 + 16, then 3·3·16 + 16 and 2·16 once, and 16·10 + 10.
    assert network.totals.params == 448 + 160 + 32 + 170
    assert network.totals.buffers == 32
    assert network.totals.macs == 432 * 256 + 2 * 144 * 256 + 160
    assert names(network) == [
        "conv1_conv",
        *["conv1_conv_hard_sigmoid", "conv1_conv_hard_sigmoid_1", "conv1_conv_hard_sigmoid_2"],
        *["inner.dw", "inner.bn", "inner.leaky", "add", "inner.dw_1", "inner.bn_1", "inner.leaky_1"],
        *["tf_math_multiply", "gap", "fc", "fc_softmax"],
    ]


def test_a_sequence_may_be_a_bare_list(written: Callable[[str], str]) -> None:
    config = [{"class_name": "Dense", "config": {"name": "d", "batch_input_shape": [None, 20], "units": 3}}]
    network = analyze(load(written(json.dumps({"class_name": "Sequential", "config": config}))))
    assert network.totals.params == 63


def test_the_same_model_in_every_file_that_holds_one(tmp_path: Path) -> None:
    text = json.dumps(LAYERS["unet"]["config"])
    expected = analyze(load(_saved(tmp_path / "model.json", text.encode()))).totals
    with zipfile.ZipFile(tmp_path / "model.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", bytes(1000))
    # The text of an attribute stands in one piece, between whatever HDF5 keeps beside it.
    optimiser = b'{"class_name": "Adam", "config": {"learning_rate": 0.001}}'
    around = b"\x89HDF\r\n\x1a\n" + bytes(90) + optimiser + struct.pack("<QQ", 1, len(text))
    _saved(tmp_path / "model.h5", around + text.encode() + bytes(500))
    for name in ("model.keras", "model.h5"):
        assert analyze(load(tmp_path / name)).totals == expected
    assert "Keras 3.15.1" in load(tmp_path / "model.keras").source.text


def _saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(4000), "it holds weights and no configuration"),
        ("cut.h5", b'\x89HDF\r\n\x1a\n\0{"class_name": "Model", "config": {"layers": [', "no configuration"),
        ("cut.keras", b"PK\x03\x04" + bytes(22) + b"\x0b\0\0\0config.json", "a damaged archive"),
    ],
)
def test_a_file_without_a_model_is_told(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(RfcalcError) as refused:
        load(_saved(tmp_path / name, data))
    assert message in str(refused.value)


def test_the_code_of_a_lambda_is_not_loaded_and_its_size_is_that_of_its_reader(
    written: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(json.dumps(LAYERS["lambda"]["config"]))
    layer = analyze(load(path)).layer("lambda")
    assert layer.op == "opaque" and str(layer.output) == "3x6x4"
    assert main([path]) == 0
    assert "Lambda 'lambda': its code is not loaded" in capsys.readouterr().err
    # At another size nobody knows what it leaves.
    with pytest.raises(DescriptionError, match="its code is not loaded, and its output's size is not stated"):
        load(path, input="3,20,20")


def test_a_lambda_may_state_its_own_size(written: Callable[[str], str]) -> None:
    network = analyze(load(written(json.dumps(LAYERS["lambdas"]["config"]))))
    assert [str(shape) for shape in network.outputs] == ["13x14x4"]


def test_a_layer_of_ones_own_whose_size_nothing_states_is_refused_with_advice(
    written: Callable[[str], str],
) -> None:
    text = KERAS2.replace('"class_name": "Dense"', '"class_name": "Mine"')
    with pytest.raises(DescriptionError) as found:
        load(written(text))
    (told,) = found.value.diagnostics
    assert "none of Keras' layers that are known, and its output's size is not stated" in told.message
    assert told.hint.startswith(
        "nothing behind it in the file states what it reads: let the model end before"
    )


def test_a_function_of_ones_own_as_activation_is_told_from_a_name(written: Callable[[str], str]) -> None:
    own = '"activation": {"class_name": "__lambda__", "config": {"value": "4wEAAA"}}'
    with pytest.raises(DescriptionError, match="a function of your own, whose code is not loaded"):
        load(written(KERAS2.replace('"activation": "softmax"', own)))


def test_what_lora_learns_is_counted_beside_the_weight(
    written: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    truth = LAYERS["lora_config"]
    path = written(json.dumps(truth["config"]))
    network = analyze(load(path))
    assert network.totals.params == truth["params_trainable"] + truth["params_non_trainable"]
    assert network.totals.macs == 8 * 16 + 16 * 4
    main([path])
    assert "what LoRA adds to its weight is counted as parameters, not as work" in capsys.readouterr().err


def test_a_product_of_tensors_with_more_dimensions_puts_rows_and_columns_together(
    written: Callable[[str], str],
) -> None:
    # (4, 5, 8) with (6, 8) along the 8.
    network = analyze(load(written(json.dumps(LAYERS["dot4"]["config"]))))
    assert network.totals.macs == 4 * 5 * 6 * 8
    assert [str(shape) for shape in network.outputs] == ["20x6"]


def test_attention_along_one_axis_stays_in_it(written: Callable[[str], str]) -> None:
    network = analyze(load(written(json.dumps(LAYERS["mha_axis"]["config"]))))
    layer = network.layer("d.attention")
    # Of a map of 4x5 each position sees the 5 of its row, in queries, keys and values.
    assert layer.macs == 20 * 5 * 2 * 32
    assert network.totals.params == 4 * (32 * 32 + 32)


# (model, unit, first and last position of the input whose gradient is not 0 in Keras, kernels of ones)
TRANSPOSED = [
    ("t2a", (7, 8), (3, 3), (3, 4)),
    ("t2b", (6, 7), (3, 3), (3, 4)),
    ("t2h", (0, 0), (0, 0), (0, 0)),
    ("t2h", (6, 7), (2, 3), (3, 4)),
]


@pytest.mark.parametrize(("name", "unit", "first", "last"), TRANSPOSED)
def test_a_transposed_convolution_with_output_padding_stands_where_that_of_keras_does(
    name: str,
    unit: tuple[int, ...],
    first: tuple[int, ...],
    last: tuple[int, ...],
    written: Callable[[str], str],
) -> None:
    network = analyze(load(written(json.dumps(LAYERS[name]["config"]))))
    (layer,) = network.locate("t", unit).to_dict()["layers"]
    visible = layer["units"][0]["fields"][0]["visible"]
    assert (tuple(visible["first"]), tuple(visible["last"])) == (first, last)


def test_layers_that_differ_in_both_directions_are_refused(written: Callable[[str], str]) -> None:
    text = json.dumps(LAYERS["bi_backward_same"]["config"])
    assert '"units": 5' in text
    place = text.rindex('"units": 5')
    with pytest.raises(DescriptionError, match="its layers differ in units, which is not read"):
        load(written(text[:place] + '"units": 6' + text[place + 10 :]))


def test_tensors_of_an_object_go_to_the_inputs_of_their_names(written: Callable[[str], str]) -> None:
    # The inner model is called on {"aa": 4 numbers, "zz": 8}, its inputs are zz, then aa.
    network = analyze(load(written(json.dumps(LAYERS["nested_by_name"]["config"]))))
    assert network.layer("inner.o").params == 8 * 2 + 2
    assert network.layer("inner.v").params == 4 * 7 + 7


def test_a_size_that_the_file_states_and_its_layers_do_not_give_is_said(
    written: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps(LAYERS["seqbuilt"]["config"]).replace('"strides": [1, 1]', '"strides": [2, 2]', 1)
    main([written(text), "--depth", "1"])
    assert "the file says that" in capsys.readouterr().err


def test_an_entry_that_is_nearly_called_like_one_that_is_not_there_is_said(
    written: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([written(KERAS2)]) == 0
    assert "passed over" not in capsys.readouterr().err
    main([written(KERAS2.replace('"strides"', '"stride"'))])
    assert "'stride' is passed over; is 'strides' meant?" in capsys.readouterr().err


def diagnosed(text: str, written: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """Of each mistake in a model what is said, the help, and the text at its place."""
    with pytest.raises(DescriptionError) as found:
        load(written(text))
    told = []
    for one in found.value.diagnostics:
        assert one.position is not None
        position = one.position.written
        told.append((one.message, one.hint, position.source.line(position.line)[position.column - 1 :]))
    return told


def test_lengths_that_a_model_takes_of_its_tensors_follow_the_size_that_is_asked_for(
    written: Callable[[str], str],
) -> None:
    path = written(json.dumps(OF_KERAS2["open_shape"]["config"]))
    for size in ("48x64", "33x50"):
        assert [str(shape) for shape in analyze(load(path, input=f"{size}x3")).outputs] == [f"{size}x7"]


def test_a_batch_of_which_the_file_states_the_size_is_no_dimension_of_an_example(
    written: Callable[[str], str],
) -> None:
    text = json.dumps(OF_KERAS2["fixed_batch"]["config"])
    assert [str(shape) for shape in analyze(load(written(text))).outputs] == ["3", "16x48"]
    # Of batches of 5 there is no such form.
    ((message, _, _),) = diagnosed(text.replace("[4, 16, 16, 3]", "[5, 16, 16, 3]"), written)
    assert message.endswith("(4, 16, 48) has parts of 5 examples, which the file has in a batch")


def test_steps_of_a_sequence_that_are_examples_for_a_while_are_steps_again(
    written: Callable[[str], str],
) -> None:
    folded = analyze(load(written(json.dumps(OF_KERAS2["td_fold"]["config"]))))
    # 5 maps of 14x14, each position 3·3·3·4 multiply-adds, then 5 steps of an LSTM of 6 units.
    assert folded.layer("conv2d").macs == 5 * 14 * 14 * 108
    assert folded.totals.macs == 5 * 14 * 14 * 108 + 5 * 4 * 6 * (4 + 6)


def test_attention_of_windows_that_are_examples_stays_in_them(written: Callable[[str], str]) -> None:
    network = analyze(load(written(json.dumps(OF_KERAS2["swin"]["config"]))))
    layer = network.layer("multi_head_attention.attention")
    # Each of 256 positions reads the 64 of its window, in products with keys and with values of 8 channels.
    assert layer.macs == 256 * 64 * 2 * 8


def test_elements_at_indices_are_slices_of_those_that_follow_each_other(
    written: Callable[[str], str],
) -> None:
    text = json.dumps(OF_KERAS2["tfop_slice"]["config"])
    assert '"indices": [0, 2, 4]' in text
    network = analyze(load(written(text.replace('"indices": [0, 2, 4]', '"indices": [0, 1, 5]'))))
    parts = [layer for layer in network.layers if layer.name.startswith("tf_compat_v1_gather.slice")]
    assert [str(layer.output) for layer in parts] == ["16x12x2", "16x12x1"]
    assert [str(shape) for shape in network.outputs][6] == "16x12x3"


@pytest.mark.parametrize("function", ["signal.dct", "strings.split", "sparse.add"])
def test_a_function_that_is_not_known_is_named(function: str, written: Callable[[str], str]) -> None:
    text = json.dumps(OF_KERAS2["se_op"]["config"]).replace('"math.reduce_mean"', f'"{function}"')
    text = text.replace('"build_config"', '"unbuilt"')
    ((message, hint, place), *_) = diagnosed(text, written)
    assert f"tf.{function} is none of TensorFlow's functions that are known" in message
    assert "model.to_json()" in hint and place.startswith('"TFOpLambda"')


def test_operands_that_keras_2_has_not_written_are_missed_at_their_place(
    written: Callable[[str], str],
) -> None:
    ((message, _, place),) = diagnosed(json.dumps(OF_KERAS2["tfop_matmul"]["config"]), written)
    assert message.endswith("Keras 2 does not write the operands of an einsum: the file has none")
    assert place.startswith('"TFOpLambda", "config": {"name": "tf.einsum"')


def test_a_model_of_keras_1_is_refused_by_name(written: Callable[[str], str]) -> None:
    text = KERAS2.replace("2.4.0", "1.2.2")
    ((message, hint, place),) = diagnosed(text, written)
    assert message == "this model was written by Keras 1.2.2, whose layers have other arguments"
    assert hint == "Keras 2 reads it: load it there and save it again" and place.startswith('"1.2.2"')
    assert analyze(load(written(text.replace("1.2.2", "2.2.4")))).totals.params


def test_a_kernel_that_stands_in_a_call_is_no_parameter_and_works(written: Callable[[str], str]) -> None:
    network = analyze(load(written(json.dumps(FUNCTIONS["conv"]["config"]))))
    layer = network.layer("conv")
    assert (layer.params, layer.buffers, layer.macs) == (0, 216, 8 * 6 * 216)
    assert str(layer.output) == "8x6x4"
    # Kernels of 5 channels for a map of 6.
    values = FUNCTIONS["conv"]["config"]["config"]["layers"][1]["inbound_nodes"][0]["args"][1]
    text = json.dumps(FUNCTIONS["conv"]["config"])
    less = [[row[:5] for row in rows] for rows in values["config"]["value"]]
    wrong = text.replace(json.dumps(values["config"]["value"]), json.dumps(less), 1)
    ((message, _, _), *_) = diagnosed(wrong, written)
    assert message == "Conv 'conv': kernels that read 5 channels do not fit (None, 16, 12, 6)"


def test_a_function_whose_kernel_is_no_layer_here_keeps_its_size_alone(
    written: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(json.dumps(FUNCTIONS["convt"]["config"]))
    assert str(analyze(load(path)).layer("conv_transpose").output) == "16x16x4"
    main([path])
    told = capsys.readouterr().err
    assert "ConvTranspose 'conv_transpose': it is none of Keras' operators that are known" in told


def test_scales_of_int8_are_counted_and_of_other_ways_it_is_said_that_they_are_not(
    written: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([written(json.dumps(FUNCTIONS["quantised_dense_int8"]["config"]))])
    assert "quantised" not in capsys.readouterr().err
    path = written(json.dumps(FUNCTIONS["quantised_dense_int4"]["config"]))
    assert main([path]) == 0
    told = capsys.readouterr().err
    assert "it is quantised in the way 'int4/128': its weight is counted as it was before" in told
    assert analyze(load(path)).totals.params == 16 * 8 + 8 + 8 * 3


WRONG = [
    # (what is replaced, with what, where the caret stands, what is said, the help)
    ('"Conv2D"', '"Conv2d"', '"Conv2d"', "none of Keras' layers", "did you mean 'Conv2D'?"),
    ('"filters": 16', '"filters": 0', "0,", "filters is a whole number of at least 1, not 0", ""),
    ('"filters": 16', '"filter": 16', '"Conv2D"', "its config has no filters", "is 'filter' meant to be it?"),
    ('"units": 10', '"units": "ten"', '"ten"', "units is a whole number of at least 1, not 'ten'", ""),
    ('[3, 3], "strides"', '[3, 3, 3], "strides"', "[3, 3, 3]", "kernel_size has 3 numbers for 2 axes", ""),
    ('"same", "activation"', '"sane", "activation"', '"sane"', "padding 'sane' is not known", "'same'"),
    ('"hard_sigmoid"', '"hard_sigmod"', '"hard_sigmod"', "is not known", "did you mean 'hard_sigmoid'?"),
    ('[[["gap", 0', '[[["gapp", 0', '"gapp"', "there is no layer 'gapp'", "did you mean 'gap'?"),
    ('["gap", 0, 0', '["gap", 3, 0', '"gap", 3', "'gap' has 1 call, there is no call 3", ""),
    ('["gap", 0, 0', '["gap", 0, 2', '"gap", 0, 2', "'gap' has 1 output, there is no output 2", ""),
    ('"axis": [3]', '"axis": [7]', "7]", "axis 7 of a tensor of 4 dimensions", ""),
    ('["inner", 1, 0, {}]]]', '["in", 0, 0, {}]]]', '"Add"', "its inputs do not fit each other", ""),
    ('[["in", 0, 0, {}]]', '[["fc", 0, 0, {}]]', '"', "reads what is made of its own output", ""),
    ('"units": 10,', '"units": 10,,', ",", "expected a key", "double quotes"),
    ('"name": "gap", "class', '"name": "fc", "class', '"Dense"', "two layers are called 'fc'", ""),
    ('"kernel_size": [3, 3], "strides": [2, 2], ', "", '"Conv2D"', "its config has no kernel_size", ""),
]


@pytest.mark.parametrize(("old", "new", "caret", "message", "hint"), WRONG)
def test_what_is_wrong_is_told_at_its_place(
    old: str, new: str, caret: str, message: str, hint: str, written: Callable[[str], str]
) -> None:
    text = KERAS2.replace('"filters": 16,\n   ', '"filters": 16, ')
    assert old in text
    with pytest.raises(DescriptionError) as found:
        load(written(text.replace(old, new, 1)))
    told = [one for one in found.value.diagnostics if message in one.message]
    assert told, str(found.value)
    position = told[0].position
    assert position is not None
    line = position.written.source.line(position.line)
    assert line[position.column - 1 :].startswith(caret), str(found.value)
    assert hint in told[0].hint


def test_all_mistakes_are_told_at_once_and_none_that_follows(written: Callable[[str], str]) -> None:
    text = KERAS2.replace('"Conv2D"', '"Conv2d"').replace('[[["gap", 0', '[[["gapp", 0')
    with pytest.raises(DescriptionError) as found:
        load(written(text))
    assert [one.position.line for one in found.value.diagnostics if one.position] == [3, 20]


def test_a_model_that_is_known_by_its_code_alone_is_refused(written: Callable[[str], str]) -> None:
    text = json.dumps(
        {"module": "net", "class_name": "Net", "config": {"name": "net"}, "registered_name": "Net"}
    )
    with pytest.raises(DescriptionError, match="Net states no layers"):
        load(written(text))


def test_damaged_models_are_refused_without_a_traceback(written: Callable[[str], str]) -> None:
    chosen = random.Random(5)
    of_keras2 = (
        "tfop_reshape_shape",
        "tfop_slice",
        "tfop_conv_const",
        "const_left",
        "swin",
        "graph_operations",
    )
    texts = [KERAS2, *[json.dumps(LAYERS[name]["config"]) for name in ("vit", "rnn", "ops", "shared", "td")]]
    texts += [json.dumps(OF_KERAS2[name]["config"]) for name in of_keras2]
    values = ["null", "-1", "0", "7", "1e999", '"relu"', "[]", "{}", "[1, 2]", "true", "10" * 12, "NaN"]
    for _ in range(500):
        text = chosen.choice(texts)
        for _ in range(chosen.choice((1, 1, 2, 4))):
            begin = chosen.randrange(120, len(text))
            end = min(begin + chosen.randrange(12), len(text))
            colon = text.find(": ", begin)
            if colon > 0 and chosen.random() < 0.7:
                begin = colon + 2
                end = min([at for sign in ",}]" if (at := text.find(sign, begin)) > 0] or [begin])
            text = text[:begin] + chosen.choice(values) + text[end:]
        try:
            analyze(load(written(text)))
        except RfcalcError as error:
            assert str(error)
