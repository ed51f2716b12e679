"""What files hold that are no models of a kind that is read: by their first bytes, and by their suffix."""

from __future__ import annotations

import re
from collections.abc import Callable

from rfcalc.records import NamedTuple


class Content(NamedTuple):
    """A format that is not read: its name, and how to get one that is, with `{file}` for the path.

    suffixes: of its files.  begins: whether a file holds it for sure, by its first bytes.
    """

    name: str
    way: str
    suffixes: tuple[str, ...] = ()
    begins: Callable[[bytes], bool] = lambda head: False


# The name of the first member of a zip.
_MEMBER = re.compile(rb"PK\x03\x04.{22}(..)..(?P<name>.{0,300})", re.DOTALL)
# A web page, often in place of a file that needs a login.
_PAGE = re.compile(rb"\s*<(?:!doctype html|html|head)\b", re.IGNORECASE)
_ONNX_TEXT = re.compile(rb"(?:ir_version|producer_name|domain)\s*:|(?:graph|opset_import)\s*\{")
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_PICKLED = re.compile(rb"(?:.*/)?(?:data\.pkl|constants\.pkl|code/.*)", re.DOTALL)
_DATASET = re.compile(rb'\s*\{(?:.*[{,])?\s*"(?:channel_names|numTraining)"\s*:', re.DOTALL)
_IMAGES = (re.compile(rb"(?m)^train *:"), re.compile(rb"(?m)^val *:"))
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def is_text(head: bytes) -> bool:
    """Whether a file that begins so may be text: it has no control characters."""
    return _CONTROLS.isdisjoint(head)


def first_member(head: bytes) -> bytes:
    """The name of the first member of a zip; empty where it is none."""
    found = _MEMBER.match(head)
    return found["name"][: int.from_bytes(found[1], "little")] if found else b""


def other_content(head: bytes) -> Content | None:
    """What a file that begins so holds for sure, if that is no model of a kind that is read."""
    return next((content for content in CONTENTS if content.begins(head)), None)


def _starting(*marks: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: head[at:].startswith(marks)


def _packed(program: str, undo: str, *marks: bytes, suffixes: tuple[str, ...]) -> Content:
    return Content(f"compressed by {program}", f"`{undo}` unpacks it", suffixes, _starting(*marks))


_EXPORT = 'torch.export.save(torch.export.export(model.eval(), (x,)), "model.pt2")'
_FROM_PYTORCH = (
    f"with the model in Python, {_EXPORT} writes what can be read, and "
    "`rfcalc package.module:callable --input 3,224,224` reads the code that makes it"
)
_FROM_TENSORFLOW = "python -m tf2onnx.convert"

# What is beside networks, and no file that somebody takes for one when a pattern fits it.
DATA_SETS = (
    Content(
        "about a data set of nnU-Net",
        "the network is in its plans: nnUNetPlans.json, beside it where nnU-Net preprocesses",
        begins=lambda head: _DATASET.match(head) is not None,
    ),
    Content(
        "about a data set of Ultralytics",
        "the network is in the YAML file of a model, with rows below backbone and head",
        begins=lambda head: all(key.search(head) for key in _IMAGES) and b"\nbackbone:" not in head,
    ),
)
CONTENTS = (
    Content(
        "a pointer of Git LFS: the file itself was not fetched",
        "git lfs pull fetches it",
        begins=_starting(b"version https://git-lfs"),
    ),
    Content(
        "a web page, as comes in place of a file that needs a login",
        "fetch the file itself, not the page about it",
        begins=lambda head: _PAGE.match(head) is not None,
    ),
    Content(
        "an ONNX model written as text",
        'onnx.save(onnx.load("{file}", format="textproto"), "model.onnx") writes the binary form',
        begins=lambda head: _ONNX_TEXT.match(head) is not None,
    ),
    *DATA_SETS,
    _packed("gzip", "gunzip {file}", b"\x1f\x8b", suffixes=(".gz",)),
    _packed("bzip2", "bunzip2 {file}", b"BZh", suffixes=(".bz2",)),
    _packed("xz", "unxz {file}", b"\xfd7zXZ\0", suffixes=(".xz",)),
    _packed("zstd", "unzstd {file}", b"\x28\xb5\x2f\xfd", suffixes=(".zst",)),
    _packed("7z", "7z x {file}", b"7z\xbc\xaf\x27\x1c", suffixes=(".7z",)),
    Content("a tar archive", "`tar xf {file}` unpacks it", (".tar",), _starting(b"ustar", at=257)),
    Content("a program", "read the model that it runs", begins=_starting(b"\x7fELF")),
    Content(
        "a model of ONNX Runtime in its own format",
        "read the ONNX file that it was made from",
        (".ort",),
        _starting(b"ORTM", at=4),
    ),
    Content(
        "a TensorFlow Lite model",
        f"{_FROM_TENSORFLOW} --tflite {{file}} --output model.onnx makes an ONNX file of it",
        (".tflite",),
        _starting(b"TFL3", at=4),
    ),
    Content(
        "an engine of TensorRT, which is compiled for one device",
        "read the ONNX file that it was built from",
        (".engine", ".plan", ".trt"),
        _starting(b"ftrt", b"ptrt"),
    ),
    Content(
        "weights without a network (safetensors)",
        _FROM_PYTORCH,
        (".safetensors",),
        _starting(b'{"', at=8),
    ),
    Content("weights without a network (GGUF)", _FROM_PYTORCH, (".gguf",), _starting(b"GGUF")),
    Content(
        "arrays of numpy, without a network",
        "read what the network itself is in, such as an ONNX or .pt2 file",
        (".npz", ".npy"),
        lambda head: head.startswith(b"\x93NUMPY") or first_member(head).endswith(b".npy"),
    ),
    Content(
        "a pickle of PyTorch: weights, TorchScript or objects of Python, which only the code they come from "
        "makes a network",
        _FROM_PYTORCH,
        (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".torchscript", ".ptl"),
        lambda head: bool(_PICKLE.match(head) or _PICKLED.fullmatch(first_member(head))),
    ),
    Content(
        "a Core ML model",
        "export the model that it was converted from: torch.onnx.export or tf2onnx make an ONNX file",
        (".mlmodel", ".mlpackage"),
    ),
    Content(
        "a frozen graph of TensorFlow",
        f"{_FROM_TENSORFLOW} --graphdef {{file}} --inputs x:0 --outputs y:0 --output model.onnx makes an "
        "ONNX file of it",
        (".pb",),
    ),
    Content(
        "weights of Caffe",
        "the network itself is read from its .prototxt, deploy.prototxt beside it",
        (".caffemodel",),
    ),
    Content(
        "an OpenVINO model",
        "read the ONNX file that it was converted from",
        (".xml",),
    ),
    Content(
        "source of Python",
        "`rfcalc package.module:callable --input 3,224,224` runs the callable that makes the network",
        (".py", ".ipynb"),
    ),
)
SAVED_MODEL = Content(
    "a SavedModel of TensorFlow",
    f"{_FROM_TENSORFLOW} --saved-model {{file}} --output model.onnx makes an ONNX file of it",
)
