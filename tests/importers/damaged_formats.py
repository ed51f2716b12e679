"""Damaged files of each format that is read, each made again by its number."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import caffe_networks
import damage
import detector_rows
import wrong_plans
from damaged_containers import archive, bomb, damaged_archive, hdf5
from damaged_json import damaged_value, written
from damaged_texts import TextGrammar, damaged_bytes, damaged_text

DATA = Path(__file__).parents[1] / "data"


class DamagedFile(NamedTuple):
    """A file, how it is asked for, and what stands beside it.

    files: by name, the model first.  part: behind its path.  inputs, settings: what is said besides.
    """

    files: Mapping[str, bytes]
    part: str = ""
    inputs: Mapping[str, tuple[int, ...]] = {}
    settings: Mapping[str, str] = {}


def damaged_file(format: str, seed: int) -> DamagedFile:
    """The damaged file of a format that has this number; the same on every machine."""
    return FORMATS[format](Random(f"{format} {seed}"))


def _bytes(text: str, random: Random) -> bytes:
    """A text as bytes, seldom with damage that no text has."""
    data = text.encode("utf-8", "surrogatepass")
    return damaged_bytes(data, random) if random.random() < 0.05 else data


# Keras


@cache
def _keras_models() -> list[str]:
    layers = json.loads(gzip.decompress((DATA / "keras" / "layers.json.gz").read_bytes()))
    models = [json.dumps(one["config"]) for one in layers.values()]
    models += [(DATA / "keras" / f"{name}.json").read_text("utf-8") for name in ("lenet", *["old"] * 4)]
    return models


_JSON = TextGrammar(
    re.compile(r'"(?:[^"\\\n]|\\.)*"(?! *:)|-?\d[\d.e+-]*|true|false|null|NaN'),
    re.compile(r'"(?:[^"\\\n]|\\.)*"(?= *:)'),
    (
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        "//",
        "/*",
        "\\",
        "\\u12",
        "'",
        "NaN",
        "Infinity",
        "True",
        "01",
        "+1",
    ),
    lambda items: f"[{', '.join(items)}]",
    (("[", "]"), ('{"config": ', "}"), ('{"a": [', "]}")),
)


def _json_of(models: list[str], random: Random) -> str:
    text = random.choice(models)
    if random.random() < 0.75:
        text = written(damaged_value(json.loads(text), random), random)
    if random.random() < 0.35:
        text = damaged_text(text, random, models, _JSON)
    return text


def keras(random: Random) -> DamagedFile:
    """The json of a model: by itself, in an archive, in a file of HDF5."""
    kind = random.random()
    if kind < 0.01:
        return DamagedFile({"model.keras": bomb("config.json", random)})
    if kind < 0.3 and random.random() < 0.5:
        # The archive is damaged, what it holds is whole.
        text = random.choice(_keras_models())
    else:
        text = _json_of(_keras_models(), random)
    if kind < 0.3:
        data = text.encode("utf-8", "surrogatepass")
        metadata = random.choice(
            (b'{"keras_version": "3.5.0"}', b"", b'{"keras_version": "\x1b[2J\xff"}', b"x" * 10**5)
        )
        data = archive({"metadata.json": metadata, "config.json": data}, random)
        if random.random() < 0.7:
            data = damaged_archive(data, random)
        files = {"model.keras": data}
    elif kind < 0.45:
        data = hdf5(text.encode("utf-8", "surrogatepass"), random)
        files = {"model.h5": damaged_bytes(data, random) if random.random() < 0.3 else data}
    else:
        files = {"model.json": _bytes(text, random)}
    inputs = (
        {}
        if random.random() < 0.8
        else {"": random.choice(((8, 8, 3), (16,), (7, 5), (4, 4, 4, 2), (1, 1, 1)))}
    )
    return DamagedFile(files, inputs=inputs)


# Darknet


@cache
def _configurations() -> list[str]:
    paths = [
        *sorted((DATA / "models" / "darknet").glob("*.cfg")) * 15,
        *sorted((DATA / "wrong-cfg").glob("*.cfg")),
    ]
    return [path.read_text("utf-8") for path in paths if path.stat().st_size < 3000]


_DARKNET = TextGrammar(
    re.compile(r"(?<==)[^\n]*|(?<=[,=])-?\d+"),
    re.compile(r"(?<=\[)\w+(?=\])|(?m:^\w+)(?= *=)"),
    (
        "[",
        "]",
        "=",
        ",",
        "#",
        ";",
        "[route]",
        "[shortcut]",
        "[net]",
        "layers=-1",
        "layers=0,0",
        "from=9",
        "[crnn]",
    ),
    ",".join,
    (("[", "]"), ("layers=", ""), ("-", "")),
)


def darknet(random: Random) -> DamagedFile:
    """A configuration of darknet."""
    whole = _configurations()
    text = damaged_text(random.choice(whole), random, whole, _DARKNET)
    inputs = {} if random.random() < 0.9 else {"": random.choice(((64, 32, 3), (1, 1, 3), (7,), (31, 33, 1)))}
    return DamagedFile({"model.cfg": _bytes(text, random)}, inputs=inputs)


# Ultralytics


@cache
def _detectors() -> list[str]:
    wrong = sorted((DATA / "ultralytics" / "wrong").glob("*.yaml"))
    return [*detector_rows.DETECTORS * 30, *[path.read_text("utf-8") for path in wrong]]


_ROWS = TextGrammar(
    re.compile(r"(?<=[\[ ])-?(?:\d+(?:\.\d+)?|[A-Za-z][\w.]*)(?=[\],\n])"),
    re.compile(rf"\b(?:{'|'.join(sorted(detector_rows.MODULES, key=len, reverse=True))})\b|(?m:^\w+)(?=:)"),
    (
        "[",
        "]",
        ",",
        ":",
        "- ",
        "[-1, 1, ",
        "&a [1]",
        "*a",
        "<<: *a",
        "? ",
        "!!int ",
        "!!python/name:os.system ",
        "|",
        "%",
    ),
    lambda items: f"[{', '.join(items)}]",
    (("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")),
)


def ultralytics(random: Random) -> DamagedFile:
    """A model of Ultralytics."""
    whole = _detectors()
    text = random.choice(whole)
    if random.random() < 0.02:
        text = (
            "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(
                f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
                for before, name in zip("abcdefg", "bcdefgh", strict=True)
            )
            + text.replace("[-1", "[*h", 1)
        )
    text = damaged_text(text, random, whole, _ROWS)
    settings = (
        {}
        if random.random() < 0.9
        else {random.choice(("scale", "nc", "ch")): random.choice(("n", "x", "1", "0", "80", "-1"))}
    )
    inputs = (
        {}
        if random.random() < 0.15
        else {"": random.choice((*[(64, 64, 3)] * 9, (32, 96, 3), (1, 1, 3), (33, 7, 4)))}
    )
    return DamagedFile({"model.yaml": _bytes(text, random)}, inputs=inputs, settings=settings)


# nnU-Net


@cache
def _plans() -> list[str]:
    paths = sorted((DATA / "nnunet").glob("*.plans.json"))
    return [*[wrong_plans.NEW, wrong_plans.FLAT] * 6, *[path.read_text("utf-8") for path in paths]]


@cache
def _datasets() -> list[str]:
    return [
        wrong_plans.DATASET,
        *[path.read_text("utf-8") for path in sorted((DATA / "nnunet").glob("*.dataset.json"))],
    ]


def nnunet(random: Random) -> DamagedFile:
    """Plans of nnU-Net, sometimes with the description of a dataset beside them, which is damaged too."""
    text = _json_of(_plans(), random)
    files = {"plans.json": _bytes(text, random)}
    if random.random() < 0.3:
        files["dataset.json"] = _bytes(_json_of(_datasets(), random), random)
    names = [name for name in ("2d", "3d_fullres", "2d_cascade", "3d_lowres") if f'"{name}"' in text]
    part = random.choice((*names * 3, "", "x"))
    inputs = (
        {}
        if random.random() < 0.8
        else {"": random.choice(((64, 64, 1), (8, 8, 8, 1), (1, 1, 1), (3, 2, 2, 4)))}
    )
    settings = (
        {}
        if random.random() < 0.8
        else {"deep_supervision": "yes", "classes": random.choice(("2", "1", "99999999"))}
    )
    return DamagedFile(files, part, inputs, settings)


# Caffe


@cache
def _prototxts() -> list[str]:
    made = [caffe_networks.squeezenet(), caffe_networks.lenet_train(), caffe_networks.alexnet(first=True)]
    made += [caffe_networks.mobilenet(), caffe_networks.fcn8s(64), caffe_networks.nin()]
    wrong = sorted((DATA / "models" / "caffe" / "wrong").glob("*.prototxt"))
    return [*made * 30, caffe_networks.ssd300(), *[path.read_text("utf-8") for path in wrong]]


_FIELDS = TextGrammar(
    re.compile(r"""(?<=: )(?:"[^"\n]*"|[^\s{}]+)|"[^"\n]*\""""),
    re.compile(r"""\b[a-z_0-9]+(?=:| *\{)|"[^"\n]*\"|\b[A-Z_]{3,}\b"""),
    (
        "{",
        "}",
        "<",
        ">",
        "[",
        "]",
        ":",
        '"',
        "'",
        "#",
        "\\",
        "layer {",
        "layers {",
        'top: "data"',
        'bottom: "data"',
        "group: 3",
        "axis: -1",
        "axis: 99",
        "dim: 0",
        "dim: -1",
        "num_output: 2000000000",
        "kernel_size: 2000000",
    ),
    lambda items: f"[{', '.join(items)}]",
    (("layer { ", "}"), ("a { ", "}"), ("a < ", ">"), ("[", "]")),
)


def caffe(random: Random) -> DamagedFile:
    """A prototxt of Caffe."""
    whole = _prototxts()
    text = damaged_text(random.choice(whole), random, whole, _FIELDS)
    settings = {} if random.random() < 0.9 else {"phase": random.choice(("TRAIN", "TEST", "x"))}
    inputs = {} if random.random() < 0.9 else {"": random.choice(((64, 64, 3), (227, 200, 3), (7,), (5, 5)))}
    return DamagedFile({"model.prototxt": _bytes(text, random)}, inputs=inputs, settings=settings)


# ONNX and PyTorch


@cache
def _onnx_files() -> list[bytes]:
    paths = sorted((DATA / "onnx").glob("*.onnx"))
    return [path.read_bytes() for path in paths if path.stat().st_size < 13_000]


def onnx(random: Random) -> DamagedFile:
    """An ONNX file, whose messages keep their lengths in half of the changes."""
    whole = _onnx_files()
    return DamagedFile({"model.onnx": damage.damaged(random.choice(whole), random, whole)})


@cache
def _programs() -> list[dict[str, bytes]]:
    found = []
    for path in sorted((DATA / "pt2").glob("*.pt2")):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as opened:
            found.append({name: opened.read(name) for name in opened.namelist()})
    return [one for one in found if sum(map(len, one.values())) < 150_000]


def pt2(random: Random) -> DamagedFile:
    """A program that PyTorch exported: an archive with its json."""
    members = dict(random.choice(_programs()))
    name = random.choice([one for one in members if one.endswith(".json")])
    if random.random() < 0.8:
        value: Any = damaged_value(json.loads(members[name]), random)
        text = written(value, random)
        members[name] = text.encode("utf-8", "surrogatepass")
    data = archive(members, random)
    return DamagedFile({"model.pt2": damaged_archive(data, random) if random.random() < 0.25 else data})


FORMATS: Mapping[str, Callable[[Random], DamagedFile]] = {
    "keras": keras,
    "darknet": darknet,
    "ultralytics": ultralytics,
    "nnunet": nnunet,
    "caffe": caffe,
    "onnx": onnx,
    "pt2": pt2,
}
