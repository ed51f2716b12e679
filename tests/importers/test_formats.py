"""Which file is of which format, by its first bytes and by its suffix; what is refused says what it holds."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from pathlib import Path

import pytest

from rfcalc.errors import UsageError
from rfcalc.files import begun
from rfcalc.importers.formats import IMPORTERS, importer_of, refuse_folder
from rfcalc.library import load, model_of

DATA = Path(__file__).parents[1] / "data"
ONNX = (DATA / "onnx" / "conv3d-legacy.onnx").read_bytes()
PROGRAM = next((DATA / "pt2").glob("*.pt2")).read_bytes()
NET = "input: 8x8x3\nlayers:\n  - conv f=3 d=4\n"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"content")
    return file.getvalue()


def format_of(path: str, data: bytes) -> str | None:
    found = importer_of(path, begun(data))
    return found.name if found else None


@pytest.mark.parametrize("path", sorted(DATA.glob("onnx/*.onnx")) + sorted(DATA.glob("pt2/*.pt2")), ids=str)
def test_every_model_is_known_by_its_content_whatever_it_is_called(path: Path) -> None:
    expected = next(one for one in IMPORTERS if path.suffix in one.suffixes)
    head = path.read_bytes()[:4096]
    for name in (path.name, "net.bin", "net.pt", "net.yaml", "net"):
        assert importer_of(name, head) is expected


@pytest.mark.parametrize("name", ["net.yaml", "net.onnx", "net.pt2", "net.txt", "net"])
def test_a_description_is_one_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    assert format_of(name, NET.encode()) is None
    path = tmp_path / name
    path.write_text(NET, "utf-8")
    assert load(path).source.text == NET


@pytest.mark.parametrize("name", ["net.onnx", "NET.ONNX", "net.pt2"])
def test_what_is_no_text_is_read_as_its_suffix_says(name: str) -> None:
    # Its reader says what is wrong with it.
    assert format_of(name, b"\0\1\2\3")
    assert format_of(name, b"")


@pytest.mark.parametrize("name", ["net.yaml", "net.cfg", "net.prototxt", "net.json"])
@pytest.mark.parametrize(
    "text",
    [
        "layers:\n- backbone\nblocks: {\nbackbone: [conv f=3 d=4],\nhead: [relu]}\ninput: 8x8x3\n",
        "# backbone:\nlayers: # head:\n  - conv f=3 d=4 as backbone\ninput: 8x8x3\n",
        '{"name": "configurations", "input": "8x8x3", "layers": ["conv f=3 d=4"]}',
    ],
)
def test_a_description_of_parts_that_models_have_is_one(text: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert load(path).source.text == text


MODELS = {
    "a configuration of darknet": "[net]\nwidth=8\nheight=8\nchannels=3\n[convolutional]\nfilters=2\n",
    "a prototxt of Caffe": 'layer {\n  name: "data"\n}\n',
    "a model of Ultralytics": "nc: 3\nbackbone:\n  - [-1, 1, Conv, [8, 3]]\nhead: []\n",
}


@pytest.mark.parametrize(("kind", "text"), MODELS.items())
@pytest.mark.parametrize(
    "before", ["", "\ufeff", "# of some licence \n" * 1000, "#" * 9000 + "\n", "\n" * 6000]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_a_text_is_known_behind_its_comments(
    kind: str, text: str, before: str, end: str, tmp_path: Path
) -> None:
    data = (before + text).replace("\n", end).encode()
    assert format_of("net", data) == kind
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    found = model_of(str(path))
    assert found is not None and found.kind == kind


# What may stand before the rows of a model, more of it than is looked at for most formats.
LONG = {
    "classes": "nc: 300\nnames:\n" + "".join(f"  {place}: a class of something\n" for place in range(300)),
    "comments": "nc: 3\n" + "# what somebody has tried\n" * 500,
    "comments behind values": "nc: 3 # classes\nscales: # all\n" + "  # no\n" * 900 + "  n: [1, 1, 64]\n",
}


@pytest.mark.parametrize("before", LONG.values(), ids=LONG)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_rows_of_a_model_are_found_behind_whatever_stands_before_them(before: str, end: str) -> None:
    model = f"{before}\nbackbone:\n  # rows\n  - [-1, 1, Conv, [8, 3]]\nhead: []\n".replace("\n", end)
    assert len(model.partition("backbone")[0]) > 4096
    assert format_of("mine.yaml", model.encode()) == "a model of Ultralytics"


def test_a_description_is_one_behind_whatever_stands_before_its_layers(tmp_path: Path) -> None:
    for layers in ("layers:\n  # first\n  - conv f=1 d=2\n", "layers: [conv f=1 d=2]\n"):
        text = (
            "name: backbone\n" + "# of a long story\n" * 500 + f"source: 'head: no'\ninput: 8x8x3\n{layers}"
        )
        assert format_of("net.yaml", text.encode()) is None
        path = tmp_path / "net.yaml"
        path.write_text(text, "utf-8")
        assert load(path).source.text == text


@pytest.mark.parametrize(("kind", "text"), MODELS.items())
@pytest.mark.parametrize("name", ["net.cfg", "net.prototxt"])
def test_a_text_that_is_called_like_another_is_what_it_holds(kind: str, text: str, name: str) -> None:
    assert format_of(name, text.encode()) == kind


@pytest.mark.parametrize("text", ["# \r\n" * 900, "# " * 2000, "; ;\r\n" * 700, "[a]\r\n" * 600, "{" * 4096])
def test_a_beginning_that_can_be_split_in_many_ways_is_looked_at_once(text: str) -> None:
    # Where each line is tried in two ways, this does not end.
    assert format_of("net", text.encode()) is None


REFUSED = {
    "weights.pt": (
        zipped("weights/data.pkl", "weights/byteorder"),
        "a pickle of PyTorch",
        "torch.export.save(",
    ),
    "script.pt": (zipped("script/code/__torch__.py"), "TorchScript", "torch.export.save("),
    "old.pth": (pickle.dumps({"weight": 1}), "a pickle of PyTorch", "rfcalc package.module:callable"),
    "pytorch_model.bin": (zipped("archive/data.pkl"), "a pickle of PyTorch", "torch.export.save("),
    "last.ckpt": (zipped("archive/data.pkl"), "a pickle of PyTorch", "torch.export.save("),
    "a.safetensors": (b"\x20\0\0\0\0\0\0\0" + b'{"weight":{"dtype":"F32"}}', "weights", "torch.export.save("),
    "a.tflite": (b"\x1c\0\0\0TFL3" + bytes(16), "TensorFlow Lite", "tf2onnx.convert --tflite a.tflite"),
    "a.engine": (b"ftrt" + bytes(16), "TensorRT", "ONNX file"),
    "a.plan": (bytes(16), "TensorRT", "ONNX file"),
    "a.mlmodel": (b"\x08\x04\x12\x1a\x0a\x08\x0a\x05input", "Core ML", "ONNX file"),
    "a.caffemodel": (b"\x0a\x07AlexNet", "weights of Caffe", "deploy.prototxt"),
    "a.xml": (b'<?xml version="1.0"?><net name="a">', "OpenVINO", "ONNX file"),
    "frozen.pb": (b"\x0a\x10\x0a\x05input\x12\x0bPlaceholder", "frozen graph", "--graphdef frozen.pb"),
    "a.npz": (zipped("weight.npy"), "numpy", "ONNX"),
    "a.onnx.gz": (gzip.compress(ONNX), "gzip", "gunzip a.onnx.gz"),
    "dataset.json": (b'{\n "channel_names": {"0": "CT"},\n "labels": {}\n}\n', "nnU-Net", "nnUNetPlans.json"),
    "coco8.yaml": (b"path: d\ntrain: a # 4\nval: b\nnames:\n  0: x\n", "Ultralytics", "backbone and head"),
    "model.py": (b"import torch\n", "Python", "rfcalc package.module:callable"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named_with_the_way_to_what_is_read(name: str) -> None:
    data, what, way = REFUSED[name]
    with pytest.raises(UsageError) as raised:
        importer_of(name, data)
    assert name in str(raised.value)
    assert what in str(raised.value)
    assert way in str(raised.value)


CONTENT = {
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n", "git lfs pull"),
    "web page": (b"<!DOCTYPE html><html>sign in</html>", "web page"),
    "gzip": (gzip.compress(ONNX), "gzip"),
    "pickle": (pickle.dumps([1]), "pickle"),
    "torch.save": (zipped("a/data.pkl"), "pickle"),
    "tflite": (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
}


@pytest.mark.parametrize("content", CONTENT)
@pytest.mark.parametrize("name", ["net.onnx", "net.pt2", "net"])
def test_what_a_file_holds_says_more_than_its_suffix(content: str, name: str) -> None:
    data, what = CONTENT[content]
    with pytest.raises(UsageError, match=what):
        importer_of(name, data)


def test_a_folder_that_is_a_model_is_refused_and_another_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_folder(str(tmp_path))
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\x00")
    with pytest.raises(UsageError, match=r"SavedModel.*--saved-model"):
        load(f"{tmp_path}/")
    with pytest.raises(UsageError, match="is a SavedModel of TensorFlow"):
        load(str(tmp_path / "saved_model.pb"))
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(UsageError, match=f"^'{tmp_path.name}' is a SavedModel"):
        load(tmp_path.name)
    with pytest.raises(UsageError, match="Core ML"):
        refuse_folder(str(tmp_path / "net.mlpackage"))


@pytest.mark.parametrize("data", [ONNX, PROGRAM], ids=["onnx", "pt2"])
def test_models_that_have_no_path_are_said_to_need_one(data: bytes) -> None:
    with pytest.raises(UsageError, match="give its path, models are read from files"):
        load("-", stdin=io.BytesIO(data))
