"""Plans of nnU-Net: what is read of them, what can be said besides, and what is said where they are wrong."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from wrong_plans import CASES, DATASET, EXPECTED, FLAT, NEW, all_messages, messages

from rfcalc import analyze, check, load
from rfcalc.analysed import AnalysedNetwork
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError, RfcalcError, UsageError


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("nnUNetPlans.json")
    path.write_text(NEW, "utf-8")
    path.with_name("dataset.json").write_text(DATASET, "utf-8")
    return path


def read(target: object, **params: str) -> AnalysedNetwork:
    return analyze(load(str(target), params=params))


def sizes(target: object, **params: str) -> tuple[str, str]:
    found = read(target, **params)
    return str(found.inputs[0]), " ".join(map(str, found.outputs))


def remarks(target: object, **params: str) -> str:
    imported = load(str(target), params=params).imported
    assert imported is not None
    return "\n".join(map(str, imported.remarks()))


def test_channels_and_classes_are_those_of_the_dataset_beside_the_plans(plans: Path) -> None:
    assert sizes(f"{plans}:2d") == ("64x96x1", "64x96x3")
    assert "taken" not in remarks(f"{plans}:2d")
    plans.with_name("dataset.json").write_text(DATASET.replace('"0": "MRI"', '"0": "CT", "1": "PET"'))
    assert sizes(f"{plans}:2d") == ("64x96x2", "64x96x3")
    assert "normalization_schemes are 1, and 'dataset.json' names 2 channels" in remarks(f"{plans}:2d")


def test_a_dataset_of_the_same_name_comes_first(plans: Path) -> None:
    Path("small.plans.json").write_text(NEW)
    Path("small.dataset.json").write_text(DATASET.replace('"tumour": 2', '"tumour": 2, "vessel": 3'))
    assert sizes("small.plans.json:2d")[1] == "64x96x4"
    Path("small.dataset.json").unlink()
    assert sizes("small.plans.json:2d")[1] == "64x96x3"


def test_without_a_dataset_classes_are_taken_and_that_is_said(plans: Path) -> None:
    plans.with_name("dataset.json").unlink()
    assert sizes(f"{plans}:2d") == ("64x96x1", "64x96x2")
    assert "no dataset.json stands beside the plans: 2 classes are taken" in remarks(f"{plans}:2d")
    assert sizes(f"{plans}:2d", channels="4", classes="7") == ("64x96x4", "64x96x7")
    assert "classes are taken" not in remarks(f"{plans}:2d", classes="7")


@pytest.mark.parametrize(
    ("labels", "classes", "cascade"),
    [
        ('{"background": 0, "organ": 1}', 2, 2),
        ('{"background": 0, "organ": 1, "ignore": 2}', 2, 2),
        ('{"background": 0, "whole": [1, 2, 3], "core": [2, 3], "inner": [3]}', 3, 4),
        ('{"background": 0, "whole": [1, 2], "core": 2, "ignore": 3}', 2, 3),
        ('{"background": 0, "one": 1, "the same": 1}', 2, 2),
    ],
)
def test_labels_and_regions_are_counted_as_nnunet_does(
    plans: Path, labels: str, classes: int, cascade: int
) -> None:
    plans.with_name("dataset.json").write_text(f'{{"channel_names": {{"0": "x"}}, "labels": {labels}}}')
    assert sizes(f"{plans}:2d")[1] == f"64x96x{classes}"
    assert sizes(f"{plans}:2d_cascade") == (f"128x192x{cascade}", f"128x192x{classes}")


def test_the_second_stage_of_a_cascade_reads_a_segmentation_too(plans: Path) -> None:
    assert sizes(f"{plans}:2d_cascade") == ("128x192x3", "128x192x3")
    said = remarks(f"{plans}:2d_cascade")
    assert (
        "nnUNetPlans.json:30:67: note: the input has 1 channel of an image and 2 of the segmentation of 2d"
        in said
    )
    assert sizes(f"{plans}:2d_cascade", channels="2", classes="5")[0] == "128x192x6"


def test_configurations_inherit_what_they_do_not_say(plans: Path) -> None:
    assert read(f"{plans}:2d_large").totals.params == read(f"{plans}:2d").totals.params
    assert read(f"{plans}:2d_large").totals.macs == 4 * read(f"{plans}:2d").totals.macs


def test_the_usual_configuration_is_taken_where_none_is_named(plans: Path) -> None:
    with pytest.raises(
        UsageError, match=r"there are '2d', '2d_large' and '2d_cascade': which one is meant\?"
    ):
        load(plans)
    plans.write_text(NEW.replace('"2d_large"', '"3d_fullres"'))
    assert sizes(plans)[0] == "128x192x1"
    assert "nnUNetPlans.json:29:5: note: 3d_fullres is taken, of 2d, 3d_fullres and 2d_cascade" in remarks(
        plans
    )
    plans.write_text(FLAT)
    assert sizes(plans)[0] == "32x64x64x1"
    assert " is taken" not in remarks(plans)


def test_another_size_can_be_asked_for(plans: Path) -> None:
    assert [str(size) for size in analyze(load(f"{plans}:2d", input="32x32x5")).inputs] == ["32x32x5"]
    with pytest.raises(UsageError, match="a patch has 2 axes, then channels: expected 3 lengths, got 4"):
        load(f"{plans}:2d", input="32x32x32x1")
    with pytest.raises(DescriptionError, match="has to be a multiple of 8: not 36, but 32 or 40"):
        load(f"{plans}:2d", input="36x32x1")
    with pytest.raises(UsageError, match="has 5 channels, and .* says 4"):
        load(f"{plans}:2d", input="32x32x5", params={"channels": "4"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"classes": "0"}, "classes is a whole number of at least 1"),
        ({"channels": "1" * 5000}, "channels is a whole number of at least 1"),
        ({"deep_supervision": "perhaps"}, "deep_supervision is yes or no"),
        ({"clases": "3"}, "did you mean 'classes'?"),
    ],
)
def test_settings_are_held_to_what_they_are(plans: Path, given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(f"{plans}:2d", params=given)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("{", "dataset.json:1:1: error: the text ends here"),
        ('{"labels": {"a": 0}}', "dataset.json:1:1: error: the dataset has no channel_names"),
        ('{"channel_names": {"0": "x"}}', "the dataset has no labels"),
        ('{"channel_names": {}, "labels": {"a": 0}}', "dataset.json:1:19: error: there are no channels"),
        ('{"channel_names": ["x"], "labels": {"a": 0}}', "channel_names is an object, not a list of 1"),
        (
            '{"modality": {"0": "CT"}, "labels": {"0": "background"}}',
            "dataset.json:1:43: error: the label '0' is a whole number, for a region a list of them, not "
            "'background'",
        ),
    ],
)
def test_a_wrong_dataset_is_told_where_it_stands(dataset: str, message: str) -> None:
    assert message in messages(NEW, "2d", dataset)


def test_other_layers_of_pytorch_are_read(plans: Path) -> None:
    text = NEW.replace("instancenorm.InstanceNorm2d", "batchnorm.BatchNorm2d").replace(
        '"affine": true', '"momentum": 0.1'
    )
    text = text.replace("nn.LeakyReLU", "nn.SiLU").replace(
        '"dropout_op": null', '"dropout_op": "torch.nn.Dropout2d"'
    )
    text = text.replace('"dropout_op_kwargs": null', '"dropout_op_kwargs": {"p": 0.25}')
    plans.write_text(text.replace('"conv_bias": true', '"nonlin_first": true'))
    first = read(f"{plans}:2d").layers[:4]
    assert [layer.op for layer in first] == ["conv", "dropout", "silu", "bn"]
    assert [layer.name.rpartition(".")[2] for layer in first] == ["conv", "dropout", "nonlin", "norm"]
    assert (first[0].params, first[3].params) == (32 * 9, 64)


@pytest.mark.parametrize("numbers", ['"bottleneck_channels": 8', '"bottleneck_channels": [8, 16, 32, 64]'])
def test_bottlenecks_and_residual_decoders_are_read(plans: Path, numbers: str) -> None:
    block = f'"block": "dynamic_network_architectures.building_blocks.residual.BottleneckD", {numbers}, '
    text = NEW.replace("PlainConvUNet", "ResidualUNet").replace(
        '"n_conv_per_stage":', '"n_blocks_per_stage":'
    )
    plans.write_text(
        text.replace('"conv_bias"', f'{block}"stem_channels": 16, "conv_bias"').replace(
            '["conv_op"', '["block", "conv_op"'
        )
    )
    names = {layer.name: layer for layer in read(f"{plans}:2d").layers}
    narrow = names["encoder.stages.0.blocks.0.conv2.conv"]
    assert narrow.output is not None and narrow.output.channels == 8
    skip = names["encoder.stages.0.blocks.0.skip.0.conv"]
    # From the 16 channels of the stem, without bias.
    assert skip.params == 16 * 32
    # A decoder's blocks are basic, with a projection of what is joined.
    assert names["decoder.stages.0.blocks.0.skip.0.conv"].params == 2 * 128 * 128
    assert "decoder.stages.0.blocks.0.conv2.norm" in names


def test_mistakes_are_told_where_they_stand_and_how_to_mend_them() -> None:
    assert all_messages() == EXPECTED.read_text("utf-8")
    assert len(CASES) >= 30


@pytest.mark.parametrize("text", [NEW, FLAT])
def test_what_is_right_has_no_mistakes(text: str) -> None:
    assert "error" not in messages(text, "2d" if text is NEW else "3d_fullres")


def test_findings_stand_in_the_plans(plans: Path) -> None:
    # That layers have a bias is said once, by conv_bias; the norm is the one other place that matters.
    (found,) = check(f"{plans}:2d")
    assert (found.code, found.file, found.line, found.column) == ("RF501", "nnUNetPlans.json", 18, 24)
    assert found.message.startswith("the biases of 14 of the 17 layers that get one here are cancelled")
    assert [related.position.written.line for related in found.related] == [19]
    assert "bias=no" not in found.hint


def test_patterns_find_plans_and_pass_over_datasets(plans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans.write_text(FLAT)
    main(["check", "*.json"])
    assert "in 1 description" in capsys.readouterr().out


def test_a_description_in_json_is_none(plans: Path) -> None:
    plans.write_text(json.dumps({"name": "configurations", "input": "8x8x1", "layers": ["relu"]}))
    assert sizes(plans)[0] == "8x8x1"


@pytest.mark.parametrize("sort_keys", [False, True])
def test_plans_are_known_whatever_the_order_of_their_keys(plans: Path, sort_keys: bool) -> None:
    whole = {"foreground_intensity_properties_per_channel": {"0": {"mean": 1.0}}, **json.loads(FLAT)}
    plans.write_text(json.dumps(whole, indent=1, sort_keys=sort_keys))
    assert sizes(plans)[0] == "32x64x64x1"


_TOKEN = re.compile(r'"[^"]*"|-?[0-9.e-]+|true|false|null|[\[\]{},:]')
_VALUES = (
    *("0", "1", "-1", "2", "3", "7", "64", "65", "1000000", "99999999999999999999", "1e308", "0.5", "NaN"),
    *(
        "true",
        "null",
        "[]",
        "{}",
        "[1]",
        "[2, 2]",
        "[[3, 3]]",
        '""',
        '"2d"',
        '"x.ResidualEncoderUNet"',
        '"\\ud800"',
    ),
)


def damaged(text: str, seed: int) -> str:
    """Plans with some of their parts changed, taken away, moved or doubled."""
    choice = random.Random(seed)
    for _ in range(choice.randint(1, 3)):
        tokens = list(_TOKEN.finditer(text))
        if not tokens:
            return text
        one, other = choice.choice(tokens), choice.choice(tokens)
        way = choice.random()
        if way < 0.5 and one[0] not in "[]{},:":
            part = choice.choice(_VALUES)
        elif way < 0.7:
            part = other[0]
        elif way < 0.8:
            part = ""
        elif way < 0.9:
            part = one[0] + other[0]
        else:
            part = choice.choice(("\t", "\0", "é", "\\", "'", "//", "\n"))
        text = text[: one.start()] + part + text[one.end() :]
    return text


@pytest.mark.parametrize("part", range(4))
def test_damaged_plans_are_read_or_refused(tmp_path: Path, part: int) -> None:
    path = tmp_path / "plans.json"
    refused = 0
    for seed in range(part * 75, part * 75 + 75):
        kind, configuration = ((NEW, "2d_cascade"), (FLAT, "3d_fullres"))[seed % 2]
        path.write_text(damaged(kind, seed), "utf-8")
        try:
            load(f"{path}:{configuration}")
        except RfcalcError:
            refused += 1
    assert 20 < refused < 75
