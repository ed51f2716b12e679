"""`rfcalc explain` as data: what is computed, where numbers come from, how fields come about."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rfcalc.cli.main import main
from rfcalc.graph.asked import AskedLayer
from rfcalc.library import analyze, load, shipped_names
from rfcalc.report.explanation.data import explanation_data
from rfcalc.report.explanation.figures import Explained
from rfcalc.report.explanation.words import SUBJECTS
from rfcalc.symbolic.polynomial import Polynomial

HERE = Path(__file__).parent
CASES = HERE.parent / "data" / "cases"
VALIDATOR = Draft202012Validator(
    json.loads(files("rfcalc.report").joinpath("explain.schema.json").read_text("utf-8"))
)


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What `rfcalc explain … --format json` prints, each explanation by its subject."""
    assert main(["explain", *arguments, "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    data = json.loads(captured.out)
    VALIDATOR.validate(data)
    return {**data, **{part["what"]: part for part in data["explanations"]}}


def figures(part: dict[str, Any]) -> dict[str, tuple[str, str, Any]]:
    """Formula, numbers and value of each figure."""
    return {each["name"]: (each["formula"], each["numbers"], each["value"]) for each in part["figures"]}


def origins(part: dict[str, Any]) -> dict[str, tuple[list[Any], str, str]]:
    return {
        each["name"]: (each["values"], each["origin"]["kind"], each["origin"]["text"])
        for each in part["variables"]
    }


def adds(field: dict[str, Any], end: str = "both") -> list[tuple[str, Any]]:
    """The layers of a chain that add something."""
    (chain,) = (chain for chain in field["chains"] if chain["end"] == end)
    return [(step["layer"], step["adds"]) for step in chain["steps"] if step["adds"]]


def given(part: dict[str, Any], name: str) -> list[tuple[str, int | None]]:
    """What was written for the names in the attribute that a variable comes from, and in which lines."""
    (origin,) = [each["origin"] for each in part["variables"] if each["name"] == name]
    return [(step["text"], step["line"]) for step in origin.get("given", [])]


CALLS = """
input: 8x8x4
params: {width: 16}
blocks:
  unit(d, f=3, p=f//2): [conv f=f p=p d=d]
  pair(wide, narrow=wide//2):
    - unit d=wide
    - unit d=narrow f=1
layers:
  - let: {twice: 2*width}
  - repeat: 2
    index: i
    do:
      - pair wide=twice+i
    as: body
  - each: {d: [4, 8]}
    do: [unit d=d]
  - conv f=1 d=6
"""


@pytest.fixture
def calls(tmp_path: Path) -> str:
    path = tmp_path / "calls.yaml"
    path.write_text(CALLS, "utf-8")
    return str(path)


def test_a_number_in_the_line_itself_leads_nowhere(capsys: pytest.CaptureFixture[str], calls: str) -> None:
    found = explained(capsys, calls, "conv1", "--what", "size")
    assert found["calls"] == []
    assert given(found["size"], "d") == []


def test_a_number_is_followed_through_calls_defaults_and_named_values(
    capsys: pytest.CaptureFixture[str], calls: str
) -> None:
    found = explained(capsys, calls, "body.1.unit2.conv1", "--what", "size")
    assert [(call["name"], call["line"], call["text"]) for call in found["calls"]] == [
        ("body.1.unit2", 8, "unit d=narrow f=1"),
        ("body.1", 14, "pair wide=twice+i"),
    ]
    assert given(found["size"], "d") == [
        ("d=narrow", 8),
        ("narrow=wide//2", 6),
        ("wide=twice+i", 14),
        ("twice=2*width", 10),
        ("i=1", 12),
        ("width=16", 3),
    ]
    assert given(found["size"], "p0") == [("p=f//2", 5), ("f=1", 8)]


def test_a_value_of_a_loop_is_told_from_the_parameter_of_the_same_name(
    capsys: pytest.CaptureFixture[str], calls: str
) -> None:
    found = explained(capsys, calls, "each1.1.conv1", "--what", "size")
    assert given(found["size"], "d") == [("d=d", 17), ("d=8", 16)]


def test_a_value_from_outside_is_named_as_it_was_given(
    capsys: pytest.CaptureFixture[str], calls: str
) -> None:
    found = explained(capsys, calls, "each1.1.conv1", "--what", "size", "--set", "width=3")
    assert given(found["size"], "d") == [("d=d", 17), ("d=8", 16)]
    found = explained(capsys, calls, "body.0.unit1.conv1", "--what", "size", "--set", "width=3")
    (origin,) = [each["origin"] for each in found["size"]["variables"] if each["name"] == "d"]
    assert origin["given"][-1] == {"text": "width=3", "file": "<command line>", "line": 1}


def test_every_layer_of_a_shipped_network_is_led_back_to_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, "resnet50", "layer4.2.conv2", "--what", "size")
    assert [(call["name"], call["text"]) for call in found["calls"]] == [
        ("layer4.2", "bottleneck d=512 s=max(1, 2-i)")
    ]
    assert [text for text, _ in given(found["size"], "d")] == ["d=512"]
    assert [text for text, _ in given(found["size"], "s")] == ["s=max(1, 2-i)", "i=2"]


def test_misprints_of_the_book_are_told_where_they_are_and_nowhere_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert explained(capsys, "vgg16", "pool4")["notes"] == []
    for network, layer, column in (
        ("alexnet", "fc8", "parameters"),
        ("vgg16", "pool5", "parameters"),
        ("vgg16", "fc6", "input"),
        ("vgg16", "fc8", "parameters"),
    ):
        (note,) = explained(capsys, network, layer)["notes"]
        assert (note["layer"], note["column"]) == (layer, column)
        assert note["text"].startswith("the book prints ")


def remarks(capsys: pytest.CaptureFixture[str], layers: str, layer: str, size: str = "8x8x16") -> list[str]:
    found: list[str] = explained(capsys, "-e", layers, layer, "--input", size, "--what", "size")["remarks"]
    return found


def test_the_numbers_of_alexnet_make_no_other_normalisation(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, "alexnet", "norm1")["remarks"] == []


@pytest.mark.parametrize("wrong", ["k=1", "alpha=0.5", "beta=0.75"])
def test_another_constant_makes_no_l2_normalisation(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    name = wrong.partition("=")[0]
    numbers = {"k": "k=0", "n": "n=16", "alpha": "alpha=1", "beta": "beta=0.5", name: wrong}
    assert remarks(capsys, f"lrn {' '.join(numbers.values())}", "lrn1") == []


def test_an_lrn_is_told_to_be_the_l2_normalisation_of_formula_3_2(capsys: pytest.CaptureFixture[str]) -> None:
    # 解析卷积神经网络 section 3.2.1: k = 0, n = N, α = 1, β = 0.5.
    (text,) = remarks(capsys, "lrn k=0 n=16 alpha=1 beta=0.5", "lrn1")
    assert "this is L2 normalisation" in text and "formula 3.2" in text and "2N − 2" in text
    (text,) = remarks(capsys, "lrn k=0 n=30 alpha=1 beta=1/2", "lrn1")
    assert "this is L2 normalisation" in text and "2N − 2" not in text
    (text,) = remarks(capsys, "lrn k=0 n=5 alpha=1 beta=0.5", "lrn1")
    assert "this is L2 normalisation" not in text and "n = N = 16" in text
    (text,) = remarks(capsys, "lrn k=0 n=C alpha=1 beta=0.5", "lrn1", "8x8xC")
    assert "this is L2 normalisation" in text


def test_the_windows_of_formula_3_1_hold_every_channel_from_2n_minus_2_on() -> None:
    def every(window: int, channels: int) -> bool:
        return all(
            max(0, d - window // 2) == 0 and min(channels - 1, d + window // 2) == channels - 1
            for d in range(channels)
        )

    assert every(30, 16) and not every(29, 16)


def test_a_join_of_no_known_form_is_its_arithmetic_alone(capsys: pytest.CaptureFixture[str]) -> None:
    layers = "[conv f=1 d=4 as a, {mul: [[], [globalavgpool as g]]}]"
    assert remarks(capsys, layers, "mul1") == ["mul1 = a · g"]
    # A sum that F does not come from is no residual block: the branches are beside each other.
    layers = "[{add: [[conv f=1 d=4 as a], [conv f=1 d=4 as b]]}]"
    assert remarks(capsys, layers, "add1") == ["add1 = a + b"]
    # The second gate is another one.
    layers = "[{add: [[{mul: [[relu as F], [sigmoid as T]]}], [{mul: [[], [sigmoid as U, oneminus as C]]}]]}]"
    assert remarks(capsys, layers, "add1") == ["add1 = F · T + input · (1 − U)"]


def test_a_highway_block_is_told_with_formulas_3_4_and_3_5(capsys: pytest.CaptureFixture[str]) -> None:
    formula, kind = explained(capsys, "highway19", "layer48", "--what", "size")["remarks"]
    assert formula == "layer48.add1 = layer48.relu1 · layer48.T + plain2.relu1 · (1 − layer48.T)"
    assert "y = F(x) · T(x) + x · C(x), formula 3.4" in kind
    assert "y = F(x) · T(x) + x · (1 − T(x)), formula 3.5" in kind
    assert "F ends in layer48.relu1" in kind and "T in layer48.T" in kind and "x is plain2.relu1" in kind


def test_a_residual_block_is_told_behind_its_last_activation(capsys: pytest.CaptureFixture[str]) -> None:
    formula, kind = explained(capsys, "resnet18", "layer1.1", "--what", "size")["remarks"]
    assert formula.startswith("layer1.1.add1 = ")
    assert kind.startswith("a residual block: y = F(x) + x")


def test_the_size_of_a_strided_convolution(capsys: pytest.CaptureFixture[str]) -> None:
    # AlexNet's first layer: floor((227 − 11) / 4) + 1 = 55.
    size = explained(capsys, "alexnet", "conv1")["size"]
    assert figures(size) == {
        "length": (
            "floor((n + p0 + p1 − r · (f − 1) − 1) / s) + 1",
            "floor((227 + 0 + 0 − 1 · (11 − 1) − 1) / 4) + 1",
            55,
        ),
        "channels": ("d", "96", 96),
    }
    assert size["figures"][0]["axes"] == [0, 1]
    assert size["figures"][0]["latex"] == (
        r"\left\lfloor \frac{n + p_0 + p_1 - r \cdot \left(f - 1\right) - 1}{s} \right\rfloor + 1"
    )


def test_where_the_numbers_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    found = origins(explained(capsys, "alexnet", "conv1")["size"])
    assert found["n"] == ([[227, 227]], "inputs", "")
    assert found["s"] == ([[4, 4]], "written", "s=4")
    assert found["r"] == ([[1, 1]], "default", "dilation")
    assert found["p0"] == ([[0, 0]], "default", "padding")


def test_a_block_parameter_is_told_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    found = origins(explained(capsys, "resnet50", "layer3.0.conv2")["size"])
    assert found["s"] == ([[2, 2]], "written", "s=s")
    assert found["d"] == ([[256]], "written", "d=d")


@pytest.mark.parametrize("written", ["d=max(2, (1+1)*4)", "d=(8)", "d=2*(1+3)"])
def test_an_attribute_is_told_with_all_of_its_parentheses(
    capsys: pytest.CaptureFixture[str], written: str
) -> None:
    size = explained(capsys, "-e", f"conv f=3 {written} p=1", "--input", "9x9x2", "conv1")["size"]
    assert origins(size)["d"] == ([[8]], "written", written)


def test_what_the_sizes_decide_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    network = ("-e", "maxpool f=3; conv f=3 p=same s=2 d=4", "--input", "14x14x2")
    found = origins(explained(capsys, *network, "maxpool1")["size"])
    assert found["s"] == ([[3, 3]], "decided", "stride")
    # TensorFlow's same on 4 positions: 2 outputs, (2 − 1) · 2 + 3 − 4 = 1 position of padding, after.
    found = origins(explained(capsys, *network, "conv1")["size"])
    assert (found["p0"], found["p1"]) == (
        ([[0, 0]], "written", "p=same"),
        ([[1, 1]], "written", "p=same"),
    )


def test_axes_that_differ_have_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    size = explained(capsys, "-e", "conv f=1x7 p=0x3 s=1x2 d=4", "--input", "9x20x2", "conv1")["size"]
    assert [(each["value"], each.get("axes")) for each in size["figures"]] == [(9, [0]), (10, [1]), (4, None)]
    assert origins(size)["f"][0] == [[1, 7]]


def test_parameters_tensor_by_tensor(capsys: pytest.CaptureFixture[str]) -> None:
    # 96 kernels of 11 · 11 · 3 weights and 96 biases.
    params = explained(capsys, "alexnet", "conv1")["params"]
    assert figures(params) == {
        "weight": ("d · (c / g) · Πf", "96 · (3 / 1) · 11 · 11", 34_848),
        "bias": ("d", "96", 96),
        "params": ("weight + bias", "34848 + 96", 34_944),
    }
    assert params["figures"][0]["dimensions"] == [96, 3, 11, 11]


def test_a_tensor_the_layer_does_not_have_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(figures(explained(capsys, "resnet50", "conv1")["params"])) == {"weight"}


def test_multiply_adds(capsys: pytest.CaptureFixture[str]) -> None:
    macs = explained(capsys, "alexnet", "conv1", "--batch", "2")["macs"]
    assert figures(macs) == {
        "macs": (
            "Πo · d · (c / g) · Πf · batch",
            "55 · 55 · 96 · (3 / 1) · 11 · 11 · 2",
            2 * 55 * 55 * 96 * 363,
        )
    }


def test_the_bytes_of_parameters_and_activations(capsys: pytest.CaptureFixture[str]) -> None:
    memory = explained(capsys, "alexnet", "conv1", "--dtype", "fp16", "--batch", "3")["memory"]
    assert figures(memory) == {
        "params_bytes": ("params · bytes_per_parameter", "34944 · 2", 69_888),
        "activations_bytes": (
            "Πo · channels · batch · bytes_per_activation",
            "55 · 55 · 96 · 3 · 2",
            55 * 55 * 96 * 6,
        ),
    }


def test_a_join_puts_in_the_sizes_of_all_its_operands(capsys: pytest.CaptureFixture[str]) -> None:
    # inception3a: 64, 128, 32 and 32 channels.
    size = explained(capsys, "googlenet", "inception3a.concat1")["size"]
    assert figures(size)["channels"] == ("Σc", "64 + 128 + 32 + 32", 256)
    assert origins(size)["c"][0] == [[64], [128], [32], [32]]


def test_shared_parameters_name_their_owner_and_take_no_memory(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, str(CASES / "shared_weights.yaml"), "c_1")
    assert figures(found["params"])["params"][2] == 38
    assert any("c, counted there; here 0" in remark for remark in found["params"]["remarks"])
    assert "params_bytes" not in figures(found["memory"])


def test_a_layer_without_parameters_or_multiply_adds_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, "vgg16", "relu1")
    assert found["params"]["figures"] == found["macs"]["figures"] == []
    assert found["params"]["remarks"] == ["The layer learns nothing: 0 parameters."]


def test_a_loss_passes_nothing_on(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, "vgg16", "loss")
    assert found["output"] is None
    assert found["memory"]["figures"] == []


def test_the_chain_of_vgg16(capsys: pytest.CaptureFixture[str]) -> None:
    (field,) = explained(capsys, "vgg16")["field"]["fields"]
    assert (field["size"], field["axes"], field["first"], field["last"]) == (212, [0, 1], -90, 121)
    assert [each for _, each in adds(field)] == [
        *(2, 2, 1),
        *(4, 4, 2),
        *(8, 8, 8, 4),
        *(16, 16, 16, 8),
        *(32, 32, 32, 16),
    ]


def test_without_a_layer_the_field_of_the_network_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    data = explained(capsys, "resnet50")
    assert (data["layer"], data["asked"]["how"]) == ("layer4.2.relu3", "network")
    assert [part["what"] for part in data["explanations"]] == ["field"]
    assert data["field"]["fields"][0]["size"] == 427


def test_a_block_stands_for_its_last_layer(capsys: pytest.CaptureFixture[str]) -> None:
    data = explained(capsys, "resnet50", "layer3")
    assert (data["layer"], data["asked"]) == ("layer3.5.relu3", {"how": "scope", "text": "layer3"})


def test_a_glob_that_matches_one_layer_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, "vgg16", "*5_3")["layer"] == "conv5_3"


def test_joins_tell_what_the_other_branches_see(capsys: pytest.CaptureFixture[str]) -> None:
    (field,) = explained(capsys, "resnet50", "layer1.0")["field"]["fields"]
    # The stem sees 11; a 3x3 at stride 4 adds 8; the shortcut is a 1x1.
    assert field["joins"] == [
        {
            "layer": "layer1.0.add1",
            "takes": "layer1.0.bn3",
            "field": 19,
            "others": {"layer1.0.downsample.bn1": 11},
        }
    ]


def test_a_join_that_is_off_centre_shows_both_paths(capsys: pytest.CaptureFixture[str]) -> None:
    # 3x3 s2 p1 sees −1 … 1 at unit 0, 2x2 s2 sees 0 … 1.
    (field,) = explained(capsys, str(CASES / "branch_misaligned.yaml"))["field"]["fields"]
    meeting = field["meeting"]
    assert (meeting["layer"], meeting["kind"], meeting["since"], meeting["more"]) == (
        *("add1", "off-centre"),
        *(None, 0),
    )
    assert [
        (branch["layer"], branch["size"], branch["centre"], [step["adds"] for step in branch["steps"]])
        for branch in meeting["branches"]
    ] == [("a", 3, 0, [2]), ("b", 2, 0.5, [1])]
    assert adds(field) == [("a", 2), ("post", 4)]


def test_an_upsampled_branch_is_off_centre_where_the_mean_of_its_phases_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Pooled and upsampled again a map stands where it stood, though its unit 0 is centred at 0.5; the window
    # of two columns stands half a column further on.
    path = tmp_path / "net.yaml"
    lines = "- {concat: [[conv f=1x2 p=same d=4], [avgpool f=2 s=2, upsample scale=2]]}"
    path.write_text(f"input: 16x16x4\nlayers:\n  {lines}\n")
    height, width = explained(capsys, str(path), "concat1", "--what", "field")["explanations"][0]["fields"]
    assert height["meeting"] is None
    assert width["meeting"]["kind"] == "off-centre"
    assert [branch["mean_centre"] for branch in width["meeting"]["branches"]] == [0.5, 0]
    assert main(["explain", str(path), "concat1", "--what", "field"]) == 0
    table = capsys.readouterr().out.partition("off-centre")[2]
    assert [line.split()[-1] for line in table.splitlines() if line.startswith(("conv1 ", "upsample1 "))][
        -2:
    ] == [
        "0.5",
        "0",
    ]


def test_a_join_of_branches_with_another_padding_shows_every_path(capsys: pytest.CaptureFixture[str]) -> None:
    (field,) = explained(capsys, str(CASES / "branch_stride_mismatch.yaml"))["field"]["fields"]
    # Two 3x3 s2 p1: −3 … 3; 5x5 s4 p1: −1 … 3; 4x4 s4: 0 … 3.
    assert [
        (branch["layer"], branch["size"], branch["centre"]) for branch in field["meeting"]["branches"]
    ] == [
        *(("a1", 7, 0), ("b", 5, 1), ("c", 4, 1.5)),
    ]


def test_branches_of_different_strides_are_explained_at_one_position(
    capsys: pytest.CaptureFixture[str],
) -> None:
    layers = "[{concat: [[conv f=3 s=2 d=2 as a], [conv f=7 d=2 as b]]}, conv f=3 d=2 as c]"
    (field,) = explained(capsys, "-e", layers, "--input", "11x11x2", "c")["field"]["fields"]
    assert (field["status"], field["meeting"]["kind"], field["meeting"]["layer"]) == (
        *("per-position", "rates"),
        "concat1",
    )
    assert [(branch["layer"], branch["stride"]) for branch in field["meeting"]["branches"]] == [
        ("a", 2),
        ("b", 1),
    ]
    assert adds(field) == [("b", 6), ("c", 2)]


def test_ends_by_different_branches_have_a_chain_each(capsys: pytest.CaptureFixture[str]) -> None:
    layers = "[{concat: [[pad p=2:0, conv f=3 d=2], [pad p=0:2, conv f=3 d=2]]}, conv f=3 d=2]"
    (field,) = explained(capsys, "-e", layers, "--input", "16x2", "conv3")["field"]["fields"]
    assert adds(field, "low") == [("pad1", 2)]
    assert adds(field, "high") == [("conv2", 2), ("conv3", 2)]
    assert (field["first"], field["last"], field["size"]) == (-2, 4, 7)


def test_unet_is_explained_at_the_position_that_sees_the_most(capsys: pytest.CaptureFixture[str]) -> None:
    (field,) = explained(capsys, "unet")["field"]["fields"]
    assert field["size"] == [188, 204]
    assert field["last"] - field["first"] + 1 == 204
    assert field["sizes"][field["unit"]] == 204
    assert sum(step["adds"] for step in field["chains"][0]["steps"]) == 203


def test_the_gate_of_squeeze_and_excitation_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, str(CASES / "se_block.yaml"), "b")["field"]
    (field,) = found["fields"]
    assert (field["global"], field["size"]) == (True, 5)
    assert adds(field) == [("a", 2), ("b", 2)]
    assert any("At mul1 a path over the whole map" in remark for remark in found["remarks"])
    assert field["joins"] == []


STRIPS = """
input: 20x20x8
layers:
  - conv f=3 p=1 d=8 as c
  - add: [[{}], [{}]]
"""


@pytest.mark.parametrize(
    ("column", "row", "taken", "left"),
    [
        ("avgpool f=1x20", "avgpool f=20x1", "avgpool1", "avgpool2"),
        (
            "adaptiveavgpool size=20x1, upsample size=20",
            "adaptiveavgpool size=1x20, upsample size=20",
            "upsample1",
            "upsample2",
        ),
    ],
)
def test_a_branch_over_the_whole_axis_is_left_out_and_not_compared(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, column: str, row: str, taken: str, left: str
) -> None:
    (tmp_path / "net.yaml").write_text(STRIPS.format(column, row))
    field = explained(capsys, str(tmp_path / "net.yaml"), "add1")["field"]
    height, width = field["fields"]
    assert height["joins"] == [{"layer": "add1", "takes": taken, "field": 3, "others": {left: None}}]
    assert width["joins"] == [{"layer": "add1", "takes": left, "field": 3, "others": {taken: None}}]
    remarks = "\n".join(field["remarks"])
    assert f"at add1 {taken} (3), leaving out {left} over the whole axis" in remarks
    # Each unit sees a cross, not everything.
    assert "lets units see 20 positions along height." in remarks
    assert "everything" not in remarks


def test_a_field_whose_layers_are_not_followed_has_its_axes_and_its_sizes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    layers = "conv f=16 s=16 d=8; reshape to=196x8; attention heads=2"
    field = explained(capsys, "-e", layers, "--input", "224x224x3", "attention1")["field"]
    assert [each["strict"] for each in field["fields"]] == [224, 224]
    size, path, _source = field["remarks"]
    assert size.startswith("Along height and width the field is 16.")
    assert "attention1 a path over the whole map" in path
    assert "see 224 positions along height and width." in path


def test_the_taps_of_upsampling_are_counted_and_its_stride_has_one_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "conv f=3 p=1 d=4; upsample scale=2 mode=bilinear; upsample scale=2; conv f=3 p=1 d=4"
    assert main(["explain", "-e", text, "--input", "16x16x3", "conv2", "--what", "field"]) == 0
    out = capsys.readouterr().out
    assert "2-tap bilinear resampling, 1 to 2" in out
    assert "1-tap nearest resampling, 1 to 2" in out
    assert "0.25" in out
    assert "1/4" not in out


def test_symbols_give_polynomials(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, "-e", "conv f=7 p=3 d=C bias=no", "--input", "HxWxC", "conv1")
    assert figures(found["params"])["weight"][:2] == ("d · (c / g) · Πf", "C · (C / 1) · 7 · 7")
    assert figures(found["params"])["weight"][2]["text"] == "49C²"
    assert figures(found["macs"])["macs"][2]["text"] == "49C²HW"
    assert [(each["axes"], each["value"]["text"]) for each in found["size"]["figures"][:2]] == [
        *(([0], "H"), ([1], "W")),
    ]
    assert found["field"]["fields"][0]["size"] == 7


def test_each_input_has_a_field_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    fields = explained(capsys, str(HERE / "two_inputs.yaml"), "c")["field"]["fields"]
    assert [(field["input"], field["size"]) for field in fields] == [("left", 5), ("right", 7)]


def test_a_field_that_depends_on_the_data_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    remarks = explained(capsys, "deformable", "relu1")["field"]["remarks"]
    assert any(remark.startswith("At deformed the positions read depend on the data") for remark in remarks)


def test_an_unknown_field_says_from_where_on_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    network = ("-e", "reshape to=4x4x2; conv f=3 d=2", "--input", "8x2x2")
    found = explained(capsys, *network, "conv1")["field"]
    assert found["fields"][0]["chains"] == []
    assert found["remarks"][0] == (
        "The field along height is not known from conv1 on: it reads along an axis that is several put "
        "together."
    )


def test_a_bound_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    # 9973 is prime: 8191 positions resampled to so many repeat after 9973, past the cap of 8192 phases.
    layers = "upsample size=9973; conv f=3 d=2"
    found = explained(capsys, "-e", layers, "--input", "8191x2", "conv1")["field"]
    assert (found["fields"][0]["status"], found["fields"][0]["chains"]) == ("bound", [])
    assert found["remarks"][0].startswith("From upsample1 on the field is an upper bound")


def test_a_choice_of_channels_behind_a_join_is_a_bound_with_a_chain(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # A channel behind local response normalisation sees what those beside it see.
    layers = "[{concat: [[conv f=3 p=1 d=2], []]}, lrn, 'slice channels=2:4', conv f=3 p=1 d=2]"
    found = explained(capsys, "-e", layers, "--input", "8x8x2", "conv2")["field"]
    (field,) = found["fields"]
    assert (field["status"], adds(field)) == ("bound", [("conv1", 2), ("conv2", 2)])
    assert any("some channels are taken of a join" in remark for remark in found["remarks"])


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_every_layer_of_a_shipped_network_is_explained_by_its_own_figures(name: str) -> None:
    analysis = analyze(load(name))
    first = len(analysis.graph.inputs)
    # A look at one layer of each kind of a large network is enough.
    chosen = {(layer.op, layer.params == 0): index for index, layer in enumerate(analysis.layers, first)}
    for index in chosen.values():
        thing = Explained(analysis, AskedLayer(index, "name", analysis.graph.nodes[index].name))
        data = json.loads(json.dumps(explanation_data(thing, SUBJECTS)))
        VALIDATOR.validate(data)
        parts: dict[str, Any] = {part["what"]: part for part in data["explanations"]}
        layer = thing.layer
        if isinstance(layer.macs, int):
            assert sum(each["value"] for each in parts["macs"]["figures"]) == layer.macs
        if isinstance(layer.params, int):
            # What it shares with an earlier layer is shown and not counted.
            others = {"params"} | layer.node.shares
            each = [figure["value"] for figure in parts["params"]["figures"] if figure["name"] not in others]
            assert sum(each) == layer.params
        assert isinstance(layer.macs, int | Polynomial)
        for field in parts["field"]["fields"]:
            size = field["size"]
            if size is not None and field["unit"] is None:
                # As where the patches of an image stand in one row.
                assert "taken apart or put together" in " ".join(parts["field"]["remarks"])
            elif size is not None and field["status"] in ("exact", "global"):
                largest = size[1] if isinstance(size, list) else size
                assert field["last"] - field["first"] + 1 == largest
                (chain,) = field["chains"]
                assert chain["reach"] == largest - 1


def test_a_network_of_a_plain_vector_is_explained_at_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "-e", "fc d=10; relu", "--input", "784"]) == 0
    assert "relu1" in capsys.readouterr().out
