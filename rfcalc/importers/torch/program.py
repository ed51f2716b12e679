"""A PyTorch program: the calls of functions on tensors, in the order in which they ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rfcalc.records import NamedTuple

# A length: a number, or the name of a dynamic one.
ProgramLength: TypeAlias = int | str


class ProgramTensor(NamedTuple):
    """A tensor; lengths: its size.  element: its element type, such as `float32`."""

    name: str
    lengths: tuple[ProgramLength, ...]
    element: str


class Named(NamedTuple):
    """An argument that is a tensor (or a number that the program computes), by its name."""

    name: str


ArgumentValue: TypeAlias = "Named | int | float | bool | str | tuple[ArgumentValue, ...] | None"


class FunctionCall(NamedTuple):
    """One call.

    function: its name without namespace and overload: `conv2d`, `add_`, `getitem`; overload: what stood
    behind it (`Tensor` of `add.Tensor`), else "".  arguments: those that were given, by name where names are
    known, else by their number ("0", "1", …).
    results: the tensors it returns (and computed numbers, whose lengths are ()).
    modules: the modules it ran in, from the outermost: the path and the class of each
    (("layer1.0", "BasicBlock"), ("layer1.0.conv1", "Conv2d")).
    place: where it stands: a path within the json of a file, or its number among the calls.
    """

    function: str
    overload: str
    arguments: Mapping[str, ArgumentValue]
    results: tuple[ProgramTensor, ...]
    modules: tuple[tuple[str, str], ...]
    place: str


class Stored(NamedTuple):
    """A parameter, buffer or constant: its path in the module (`layer1.0.conv1.weight`).

    learned: whether it is a parameter.  values: the elements in row order where they are few and known.
    """

    tensor: ProgramTensor
    path: str
    learned: bool
    values: tuple[int | float | bool, ...] | None = None


class Program(NamedTuple):
    """A program; stored: by the name that calls use.

    Its functions are ATen's, as exported programs have them, or those of Python (`torch.nn.functional`).
    outputs: the names of the tensors it returns.  examples: the numbers that dynamic lengths of its inputs
    had when it was made, by their names, where that is known.
    """

    name: str
    version: str
    inputs: tuple[ProgramTensor, ...]
    stored: Mapping[str, Stored]
    calls: tuple[FunctionCall, ...]
    outputs: tuple[str, ...]
    examples: Mapping[str, int] = {}
