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
from rfcalc.importers.contents import CONTENTS, SAVED_MODEL, Content, first_member, is_text, other_content
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.importers.steps import ImportedNetwork

# What a SavedModel folder holds its graph in.
_SAVED = "saved_model.pb"


# The setting that has an option of its own, and of it alone.
SCALE = "scale"


class Reader(Protocol):
    """The module of an importer."""

    def read(
        self, path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
    ) -> ImportedNetwork:
        """The network in a file; name: what the network is called.

        inputs: sizes that are asked for, spatial axes then channels, by the name of the input ("" for the
        only one).  settings: values of those that the importer takes, as text.
        Raises DescriptionError, with the place in the file, and UsageError.
        """


class Lister(Protocol):
    """The module of an importer whose files list the values of a setting."""

    def values_in(self, path: str) -> Mapping[str, str]:
        """The values, each with what is said of it; raises DescriptionError and UsageError."""


class Importer(NamedTuple):
    """A format that is read.

    name: with its article.  suffixes: of its files.  begins: whether a file is one by its first bytes (see
    `begun`), whatever its suffix.  module: the name of its `Reader`.
    settings: what else can be said of what is read, and what each is, by name.
    part: the setting whose value may stand behind a path, `file:value`, where a file has several networks.
    listed: the setting whose values a file lists; its module is a `Lister` then.
    texts: whether its files are text, so that one of these suffixes is one whatever it begins with.
    """

    name: str
    suffixes: tuple[str, ...]
    begins: Callable[[bytes], bool]
    module: str
    settings: Mapping[str, str] = {}
    part: str = ""
    listed: tuple[str, ...] = ()
    texts: bool = False

    def reader(self) -> Reader:
        """Its module, loaded."""
        return cast("Reader", import_module(self.module))

    def lister(self) -> Lister:
        """The same, where a setting is listed."""
        return cast("Lister", import_module(self.module))


# The version of the format (3 or more since the first release), then another field: that of its producer is a
# text, where files of other kinds that begin alike have a message.
_ONNX = re.compile(rb"\x08[\x03-\x40](?:\x12.[\x20-\x7e]|[\x1a\x22\x28\x32\x3a\x42])", re.DOTALL)
_PROGRAM = re.compile(rb"(?:[^/]+/)?(?:data/(?:weights|constants)/|models/|archive_\w+|serialized_\w+\.json)")
# What a description has and no other text but models of Keras: blocks, or layers in a list.
_DESCRIPTION = re.compile(
    rb"""(?m)(?:^|[{,]\s*)["']?(?:blocks["']?[ \t]*:|layers["']?[ \t]*:(?:\s|\#[^\n]*\n)*[-\[])"""
)
# Rows of modules, which stand below two keys.
_ROWS = re.compile(rb"^(?:backbone|head) *:", re.MULTILINE)
# Keys of plans.
_PLANS = re.compile(rb'\{(?:.*[{,])?\s*"(?:plans_name|configurations)"\s*:', re.DOTALL)

# The first key of the json of a model, which says its class soon: a description says none.
_KERAS_JSON = re.compile(
    rb'\s*\{\s*"(?:module|class_name|config|name|registered_name|backend|keras_version)"\s*:'
)
_KERAS_CLASS = re.compile(rb'"class_name"\s*:')


def _is_keras(head: bytes) -> bool:
    if head.startswith(b"\x89HDF") or first_member(head) in (b"metadata.json", b"config.json"):
        return True
    return _KERAS_JSON.match(head) is not None and _KERAS_CLASS.search(head) is not None


# A section first, or what stands before one by mistake; a name of darknet's sections somewhere.
_DARKNET = re.compile(
    rb"(?:\[[ \t]*(?:net|network)[ \t]*\]"
    rb"|(?=\[|\w+[ \t]*=)(?:[^\n]*\n)*?[ \t]*"
    rb"\[(?:net|network|convolutional|conv|connected|maxpool|avgpool|shortcut|route|upsample|yolo|region)\])"
    rb"[ \t]*(?:[#;][^\n]*|\r)?(?:\n|\Z)"
)

# A message, which no description has at the beginning of a line: a mapping of YAML has a colon before it.
_PROTOTXT = re.compile(rb"(?m)^\s*(?:name\s*:\s*[\"'][^\"'\n]*[\"']\s*)?(?:layers?|input_shape)\s*\{")

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
        lambda head: _PROGRAM.match(first_member(head)) is not None,
        "rfcalc.importers.torch.importing",
    ),
    Importer("a Keras model", (".keras", ".h5", ".hdf5"), _is_keras, "rfcalc.importers.keras.importing"),
    Importer(
        "a prototxt of Caffe",
        (".prototxt",),
        lambda head: _PROTOTXT.search(re.sub(rb"#[^\n]*", b"", head)) is not None,
        "rfcalc.importers.caffe.importing",
        {
            "phase": "TEST or TRAIN: which layers of include and exclude are built",
            "stage": "the stages that rules ask for, separated by commas",
        },
        texts=True,
    ),
    Importer(
        "a configuration of darknet",
        (".cfg",),
        lambda head: _DARKNET.match(head) is not None,
        "rfcalc.importers.darknet.importing",
        texts=True,
    ),
    Importer(
        "a model of Ultralytics",
        (),
        lambda head: _ROWS.search(head) is not None and is_text(head),
        "rfcalc.importers.ultralytics.importing",
        {SCALE: "a letter of its scales", "nc": "the number of classes", "ch": "the channels of the input"},
        listed=(SCALE,),
    ),
    Importer(
        "plans of nnU-Net",
        (),
        lambda head: _PLANS.match(head) is not None,
        "rfcalc.importers.nnunet.importing",
        {
            "configuration": "2d, 3d_fullres or another of the file",
            "channels": "the channels of an image",
            "classes": "the classes of the segmentation, with the background",
            "deep_supervision": "yes for an output at every resolution, as in training",
        },
        "configuration",
        ("configuration",),
    ),
)


def importer_of(path: str, head: bytes) -> Importer | None:
    """What reads a file; None for one that is no model file, but a description if anything.

    head: its first bytes, see `begun`.
    Raises UsageError for a format that is not read, with what it is and how to get one that is.
    """
    suffix = os.path.splitext(path)[1].casefold()
    if other := other_content(head):
        raise _refusal(path, other)
    # A description that is called like a model is one all the same.
    text = bool(head) and is_text(head)
    if text and _DESCRIPTION.search(head) and not _KERAS_CLASS.search(head):
        return None
    called = (one for one in IMPORTERS if suffix in one.suffixes and (one.texts or not text))
    found = next((one for one in IMPORTERS if one.begins(head)), None) or next(called, None)
    if found is None:
        _refuse_suffix(path)
    return found


def refuse_folder(path: str) -> None:
    """Raise UsageError for a folder that is a model, as some programs write it."""
    if os.path.isfile(os.path.join(path, _SAVED)):
        raise _refusal(path, SAVED_MODEL)
    _refuse_suffix(path.rstrip("/" + os.sep))


def _refuse_suffix(path: str) -> None:
    if os.path.basename(path) == _SAVED:
        raise _refusal(os.path.dirname(path) or os.curdir, SAVED_MODEL)
    suffix = os.path.splitext(path)[1].casefold()
    for content in CONTENTS:
        if suffix in content.suffixes:
            raise _refusal(path, content)


def _refusal(path: str, content: Content) -> UsageError:
    return UsageError(f"{quoted(path)} is {content.name}; {content.way.format(file=path)}")
