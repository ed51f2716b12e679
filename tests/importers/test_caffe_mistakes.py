"""Mistakes in prototxt files, each with the whole message that is printed of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfcalc import load
from rfcalc.errors import RfcalcError
from rfcalc.importers.caffe.importing import imported

WRONG = Path(__file__).parents[1] / "data" / "models" / "caffe" / "wrong"
CASES = sorted(path.stem for path in WRONG.glob("*.prototxt"))


def message(case: str) -> str:
    with pytest.raises(RfcalcError) as raised:
        load(f"{case}.prototxt")
    return f"{raised.value}\n"


def test_there_are_as_many_messages_as_mistakes() -> None:
    assert sorted(path.stem for path in WRONG.glob("*.expected")) == CASES
    assert len(CASES) > 40


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_with_its_place_and_what_is_right(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(WRONG)
    assert message(case) == (WRONG / f"{case}.expected").read_text()


HEAD = 'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\n'
LAYER = 'layer { name: "a" type: "ReLU" bottom: "data" top: "a" %s }'
# What Caffe reads, though it looks odd.
RIGHT = {
    "brackets, colons, commas": "layer: < name: 'a', type: \"ReLU\"; bottom: 'data' top: \"a\" >",
    "text in parts": 'layer { name: "a" "b" type: "Re" \'LU\' bottom: "da" "ta" top: "a" }',
    "comments": '# a {\nlayer { # b }\n name: "a#b" type: "ReLU" bottom: "data" top: "a" }  # end',
    "escapes": 'layer { name: "\\"\\x41\\101\\n" type: "ReLU" bottom: "data" top: "a" }',
    "lists": LAYER % "loss_weight: [1, 0]",
    "numbers": LAYER % "power_param { scale: 1e-3f shift: .5 }",
    "hexadecimal": LAYER % "softmax_param { axis: 0x1 }",
    "one line": 'layer{name:"a"type:"ReLU"bottom:"data"top:"a"}',
    "in place": 'layer { type: "ReLU" bottom: "data" top: "data" }',
    "fields of no consequence": LAYER % "blobs { shape { dim: 1 } }",
    "windows line ends": (LAYER % "").replace(" ", "\r\n"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_caffe_reads_is_read(case: str) -> None:
    network = imported(HEAD + RIGHT[case], "x", {}, {})
    assert [step.operator for step in network.steps] == ["input", "relu"]
    assert not network.remarks


def test_a_field_that_nobody_knows_is_remarked_on() -> None:
    body = 'layer { name: "a" type: "ReLU" bottom: "data" top: "a" quantise_me: 8 }'
    found = imported(HEAD + body, "x", {}, {}).remarks
    assert found == (("a layer has no field 'quantise_me'; it is passed over", "2:56:67"),)


def test_a_layer_that_nobody_knows_is_left_out_at_the_end_alone() -> None:
    body = 'layer { name: "a" type: "ReLU" bottom: "data" top: "a" }\n'
    end = 'layer { name: "z" type: "Zoom" bottom: "a" top: "z" }\n'
    network = imported(HEAD + body + end, "x", {}, {})
    assert [step.operator for step in network.steps] == ["input", "relu"]
    assert "layers of type 'Zoom' are not known" in network.remarks[0][0]
    with pytest.raises(RfcalcError, match="layers of type 'Zoom' are not known, nor how large"):
        imported(HEAD + body + end + 'layer { type: "ReLU" bottom: "z" top: "b" }', "x", {}, {})


def test_comments_may_be_in_any_encoding(tmp_path: Path) -> None:
    path = tmp_path / "deploy.prototxt"
    text = (HEAD + LAYER % "").replace("layer {", "# 第一层\nlayer {")
    for encoding in ("utf-8", "utf-8-sig", "gbk"):
        path.write_bytes(text.encode(encoding))
        load(str(path))
    path.write_bytes(b"\x89PNG\r\n\0\0")
    with pytest.raises(RfcalcError, match="not a text in UTF-8"):
        load(str(path))
