"""Which file is of which format: the importers, and what is refused with the way to what can be read.

A file is known by what it begins with, and by its suffix where that says more. An importer is one record,
and its module is loaded when a file of its format is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from rfcalc.errors import UsageError, quoted
from rfcalc.files import HEAD
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.importers.steps import ImportedNetwork


class Reader(Protocol):
    """The module of an importer."""

    def read(self, path: str, name: str, inputs: Mapping[str, tuple[int, ...]]) -> ImportedNetwork:
        """The network in a file; name: what the network is called.

        inputs: sizes that are asked for, spatial axes then channels, by the name of the input ("" for the
        only one).  Raises DescriptionError, with the place in the file, and UsageError.
        """


class Importer(NamedTuple):
    """A format that is read.

    name: with its article.  suffixes: of its files.  begins: whether a file is one by its first bytes,
    whatever its suffix.  module: the name of its `Reader`.
    """

    name: str
    suffixes: tuple[str, ...]
    begins: Callable[[bytes], bool]
    module: str

    def reader(self) -> Reader:
        """Its module, loaded."""
        return cast("Reader", import_module(self.module))


class _Refused(NamedTuple):
    """A format that is not read: what it is, how to get what is, how it is known."""

    name: str
    way: str
    suffixes: tuple[str, ...] = ()
    begins: Callable[[bytes], bool] = lambda head: False


# The version of the format (3 or more since the first release), then another field: that of its producer is a
# text, where files of other kinds that begin alike have a message.
_ONNX = re.compile(rb"\x08[\x03-\x40](?:\x12.[\x20-\x7e]|[\x1a\x22\x28\x32\x3a\x42])", re.DOTALL)
# The name of the first member of a zip.
_MEMBER = re.compile(rb"PK\x03\x04.{22}(..)..(?P<name>.{0,300})", re.DOTALL)
_PROGRAM = re.compile(rb"(?:[^/]+/)?(?:data/(?:weights|constants)/|models/|archive_\w+|serialized_\w+\.json)")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _starting(*marks: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: head[at:].startswith(marks)


def _member(head: bytes) -> bytes:
    """The name of the first member of a zip; empty where it is none."""
    found = _MEMBER.match(head)
    return found["name"][: int.from_bytes(found[1], "little")] if found else b""


# In the order in which they are tried.
IMPORTERS = (
    Importer(
        "an ONNX model",
        (".onnx",),
        lambda head: _ONNX.match(head) is not None,
        "rfcalc.importers.onnx.importing",
    ),
    Importer(
        "an exported PyTorch program",
        (".pt2",),
        lambda head: _PROGRAM.match(_member(head)) is not None,
        "rfcalc.importers.torch.importing",
    ),
)

_EXPORT = 'torch.export.save(torch.export.export(model.eval(), (x,)), "model.pt2")'
_FROM_PYTORCH = (
    f"with the model in Python, {_EXPORT} writes what can be read, and "
    "`rfcalc package.module:callable --input 3,224,224` reads the code that makes it"
)
_FROM_TENSORFLOW = "python -m tf2onnx.convert"

_REFUSED = (
    _Refused(
        "a pointer of Git LFS: the file itself was not fetched",
        "git lfs pull fetches it",
        begins=_starting(b"version https://git-lfs"),
    ),
    _Refused(
        "a web page, as a download that failed leaves it",
        "fetch the file itself, not the page about it",
        begins=lambda head: re.match(rb"\s*<(?:!doctype html|html)\b", head, re.IGNORECASE) is not None,
    ),
    _Refused(
        "compressed with gzip",
        "gunzip it first",
        (".gz",),
        _starting(b"\x1f\x8b"),
    ),
    _Refused(
        "a TensorFlow Lite model",
        f"{_FROM_TENSORFLOW} --tflite {{file}} --output model.onnx makes an ONNX file of it",
        (".tflite",),
        _starting(b"TFL3", at=4),
    ),
    _Refused(
        "an engine of TensorRT, which is compiled for one device",
        "read the ONNX file that it was built from",
        (".engine", ".plan", ".trt"),
        _starting(b"ftrt", b"ptrt"),
    ),
    _Refused(
        "weights without a network (safetensors)",
        _FROM_PYTORCH,
        (".safetensors",),
        _starting(b'{"', at=8),
    ),
    _Refused("weights without a network (GGUF)", _FROM_PYTORCH, (".gguf",), _starting(b"GGUF")),
    _Refused(
        "arrays of numpy, without a network",
        "read the network itself from an ONNX or .pt2 file",
        (".npz", ".npy"),
        lambda head: head.startswith(b"\x93NUMPY") or _member(head).endswith(b".npy"),
    ),
    _Refused(
        "a Keras model",
        f'model.export("saved") and {_FROM_TENSORFLOW} --saved-model saved --output model.onnx make an ONNX '
        "file of it",
        (".h5", ".hdf5", ".keras"),
        lambda head: head.startswith(b"\x89HDF") or _member(head) in (b"metadata.json", b"config.json"),
    ),
    _Refused(
        "a pickle of PyTorch: weights, TorchScript or objects of Python, which only the code they come from "
        "makes a network",
        _FROM_PYTORCH,
        (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".torchscript", ".ptl"),
        lambda head: (
            re.match(rb"\x80[\x02-\x05]", head) is not None
            or re.search(rb"(?:^|/)(?:data\.pkl|constants\.pkl|code/)", _member(head)) is not None
        ),
    ),
    _Refused(
        "a Core ML model",
        "export the model that it was converted from: torch.onnx.export or tf2onnx make an ONNX file",
        (".mlmodel", ".mlpackage"),
    ),
    _Refused(
        "a frozen graph of TensorFlow",
        f"{_FROM_TENSORFLOW} --graphdef {{file}} --inputs x:0 --outputs y:0 --output model.onnx makes an "
        "ONNX file of it",
        (".pb",),
    ),
    _Refused(
        "a configuration of darknet",
        "tools such as pytorch-YOLOv4 (demo_darknet2onnx.py) make an ONNX file of it and its weights",
        (".cfg",),
    ),
    _Refused(
        "a Caffe model",
        "caffe2onnx makes an ONNX file of it",
        (".prototxt", ".caffemodel"),
    ),
    _Refused(
        "an OpenVINO model",
        "read the ONNX file that it was converted from",
        (".xml",),
    ),
    _Refused(
        "source of Python",
        "`rfcalc package.module:callable --input 3,224,224` runs the callable that makes the network",
        (".py", ".ipynb"),
    ),
)
# A folder that is a model, by the file that it holds, and what that file's refusal says.
_FOLDERS = (
    _Refused(
        "a SavedModel of TensorFlow",
        f"{_FROM_TENSORFLOW} --saved-model {{file}} --output model.onnx makes an ONNX file of it",
        ("saved_model.pb",),
    ),
    _Refused(
        "a Core ML model",
        "export the model that it was converted from: torch.onnx.export or tf2onnx make an ONNX file",
        ("Manifest.json",),
    ),
)


def importer_of(path: str, head: bytes) -> Importer | None:
    """What reads a file; None for one that is no model file, but a description if anything.

    head: its first bytes, of which HEAD are looked at.
    Raises UsageError for a format that is not read, with what it is and how to get one that is.
    """
    suffix = os.path.splitext(path)[1].casefold()
    head = head[:HEAD]
    for refused in _REFUSED:
        if refused.begins(head):
            raise _refusal(path, refused)
    for importer in IMPORTERS:
        if importer.begins(head):
            return importer
    text = bool(head) and not _CONTROL.search(head)
    for importer in IMPORTERS:
        # A description that is called like a model is one all the same.
        if suffix in importer.suffixes and not text:
            return importer
    for refused in _REFUSED:
        if suffix in refused.suffixes:
            raise _refusal(path, refused)
    return None


def refuse_folder(path: str) -> None:
    """Raise UsageError for a folder that is a model, as some programs write it."""
    for refused in _FOLDERS:
        if any(os.path.isfile(os.path.join(path, name)) for name in refused.suffixes):
            raise _refusal(path, refused)


def _refusal(path: str, refused: _Refused) -> UsageError:
    return UsageError(f"{quoted(path)} is {refused.name}; {refused.way.format(file=path)}")
