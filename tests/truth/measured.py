"""What was measured by running real networks in PyTorch, read from tests/data/truth (see its README)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parents[1] / "data"
TRUTH = DATA / "truth"


class Leaf(NamedTuple):
    """One call of a module without children; output: spatial sizes, then channels."""

    name: str
    type: str
    output: tuple[int, ...]
    params: int
    macs: int


class Model(NamedTuple):
    """A whole model: totals, and its leaf modules in call order."""

    name: str
    params: int
    macs: int
    activations: int
    leaves: tuple[Leaf, ...]


class Unit(NamedTuple):
    """One output position of a module, and the input it sees.

    box: first and last index seen along each axis, None when nothing is seen; pixels: how many are seen.
    read: the box that the unmodified module reads where its gradient is narrower (normalisation over space).
    """

    module: str
    type: str
    position: tuple[int, ...]
    box: tuple[tuple[int, int], ...] | None
    pixels: int
    read: tuple[tuple[int, int], ...] | None = None


class Run(NamedTuple):
    """Units of one model at one input size."""

    kind: str
    variant: str
    backbone_only: bool
    input: tuple[int, ...]
    clear_axes: tuple[int, ...]
    units: tuple[Unit, ...]


class Case(NamedTuple):
    """A small network that is hard to analyse; fields: units by variant, with or without gates."""

    name: str
    input: tuple[int, ...]
    outputs: tuple[tuple[int, ...], ...]
    params: int
    macs: int
    leaves: tuple[Leaf, ...]
    outputs_of: dict[str, tuple[int, ...]]
    fields: dict[str, tuple[Unit, ...]]


def names(kind: str) -> list[str]:
    """The names of the records of one kind: "models", "rf" or "cases"."""
    return sorted(path.stem for path in (TRUTH / kind).glob("*.json"))


@cache
def model(name: str) -> Model:
    """The record of a whole model."""
    record = _read("models", name)
    leaves = tuple(_leaf(leaf) for leaf in record["leaves"])
    return Model(name, record["params"], record["macs"], record["activations"], leaves)


@cache
def runs(name: str) -> tuple[Run, ...]:
    """The receptive fields of a whole model, at its own input size and without clipping."""
    return tuple(
        Run(
            run["kind"],
            run["variant"],
            "part" in run,
            tuple(run["input"][2:]),
            tuple(run.get("clear_axes", range(len(run["input"]) - 2))),
            tuple(
                _unit(module, kind, *unit) for module, kind, _, *unit in run["units"] if unit[0] is not None
            ),
        )
        for run in _read("rf", name)["runs"]
    )


@cache
def case(name: str) -> Case:
    """The record of a hard case."""
    record = _read("cases", name)
    fields: dict[str, tuple[Unit, ...]] = {}
    outputs: dict[str, tuple[int, ...]] = {}
    for variant, measured in record["fields"].items():
        units: list[Unit] = []
        for module, entry in measured["modules"].items():
            outputs[module] = tuple(entry["output"])
            units += [_unit(module, "", *unit) for unit in entry["units"] if unit[0] is not None]
        fields[variant] = tuple(units)
    return Case(
        name,
        tuple(record["input"][2:]),
        tuple(_sizes(shape) for shape in record["output"]),
        record["params"],
        record["macs"],
        tuple(_leaf(leaf) for leaf in record["leaves"]),
        outputs,
        fields,
    )


def _read(kind: str, name: str) -> Any:
    return json.loads((TRUTH / kind / f"{name}.json").read_text(encoding="utf-8"))


def _leaf(record: dict[str, Any]) -> Leaf:
    return Leaf(
        record["name"], record["type"], _sizes(record["output"]), record["params"], record.get("macs", 0)
    )


def _sizes(shape: list[int]) -> tuple[int, ...]:
    """A batch of one, channels first, as spatial sizes, then channels."""
    return (*shape[2:], shape[1])


def _unit(
    module: str,
    kind: str,
    position: list[int],
    box: list[int] | None,
    pixels: int,
    read: list[int] | None = None,
    read_pixels: int = 0,
) -> Unit:
    return Unit(module, kind, tuple(position), _box(box), pixels, _box(read))


def _box(ends: list[int] | None) -> tuple[tuple[int, int], ...] | None:
    return None if ends is None else tuple(zip(ends[::2], ends[1::2], strict=True))
