"""The arguments of PyTorch's functions by name, whichever way they were given."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

import pytest

from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.torch.following import imported
from rfcalc.importers.torch.program import ArgumentValue, FunctionCall, Named, Program, ProgramTensor, Stored
from rfcalc.importers.torch.signatures import SIGNATURES, bound
from rfcalc.ops.attributes import SpanValue

# Asks PyTorch for the names in its schemas of the functions that it reads.
SCHEMAS = """
import json, sys, torch
found = {}
for name in json.loads(sys.argv[1]):
    packet = getattr(torch.ops.aten, name, None)
    if hasattr(packet, "overloads"):
        schemas = [getattr(packet, overload)._schema for overload in packet.overloads()]
        found[name] = [[argument.name for argument in schema.arguments] for schema in schemas]
print(json.dumps(found))
"""


def network(
    function: str,
    arguments: Mapping[str, ArgumentValue],
    size: tuple[int, ...],
    *stored: Stored,
) -> ImportedNetwork:
    """The network of one call on an input `x`."""
    made = ProgramTensor("made", size, "float32")
    program = Program(
        "net",
        "2.13",
        (ProgramTensor("x", (1, 6, 8, 8), "float32"),),
        {each.tensor.name: each for each in stored},
        (FunctionCall(function, "", arguments, (made,), (), "call 1"),),
        ("made",),
    )
    return imported(program, "net")


def test_places_become_names_and_names_become_one() -> None:
    x, weight = Named("x"), Named("weight")
    named = bound("conv2d", {"0": x, "1": weight, "2": None, "3": (2, 2), "padding": (1, 1)})
    assert named == {"input": x, "weight": weight, "bias": None, "stride": (2, 2), "padding": (1, 1)}
    assert bound("conv_transpose2d", {"0": x, "5": 1, "6": 2, "7": 3}) == {
        "input": x,
        "output_padding": 1,
        "groups": 2,
        "dilation": 3,
    }
    assert (
        bound("relu", {"self": x}) == bound("relu", {"0": x}) == bound("relu", {"input": x}) == {"input": x}
    )
    assert bound("mean", {"0": x, "axis": 1, "keepdims": True}) == {"input": x, "dim": 1, "keepdim": True}
    assert bound("of_nobody", {"0": x, "1": 5, "name": 6}) == {"input": x, "1": 5, "name": 6}


def test_sizes_may_stand_one_by_one_or_as_one_argument() -> None:
    x = Named("x")
    for given in ({"0": x, "1": 1, "2": -1}, {"0": x, "1": (1, -1)}, {"self": x, "size": (1, -1)}):
        assert bound("view", given) == {"input": x, "size": (1, -1)}
    assert bound("view", {"0": x, "1": 7}) == {"input": x, "size": (7,)}
    assert bound("einsum", {"0": "ab,bc->ac", "1": x, "2": x}) == {"equation": "ab,bc->ac", "tensors": (x, x)}
    assert bound("einsum", {"equation": "ab->ba", "tensors": (x,)}) == {"equation": "ab->ba", "tensors": (x,)}


def test_the_places_are_those_of_pytorch(torch_python: str) -> None:
    done = subprocess.run(
        [torch_python, "-W", "ignore", "-c", SCHEMAS, json.dumps(list(SIGNATURES))],
        capture_output=True,
        text=True,
        check=True,
    )
    known = json.loads(done.stdout)
    # Methods of Python's operators are no functions of ATen, nor is what has a name for each number of axes.
    python = {"getitem", "mod", "truediv", "floordiv", "dropout1d", "dropout2d", "dropout3d"}
    ours = set(SIGNATURES) - python
    assert {name for name in ours - known.keys() if not name.startswith(("r", "i"))} == set()
    wrong = {}
    for name in ours & known.keys():
        names = [each.lstrip("*") for each in SIGNATURES[name]]
        if name == "avg_pool1d":
            # Its divisor cannot be chosen.
            names.remove("divisor_override")
        schemas = [list(bound("of_nobody", dict.fromkeys(schema))) for schema in known[name]]
        if not any(schema[: len(names)] == names for schema in schemas):
            wrong[name] = schemas
    assert not wrong


FULL = ("slice", None, None, None)


@pytest.mark.parametrize(
    ("index", "size", "values"),
    [
        (("slice", 0, 1, None), (1, 6, 8, 8), []),
        ((FULL, ("slice", 1, 4, None)), (1, 3, 8, 8), [{"channels": SpanValue(1, 4)}]),
        ((FULL, ("slice", None, None, 2)), (1, 3, 8, 8), [{"channels": SpanValue(0, 5, 2)}]),
        (("...", ("slice", 2, -1, None)), (1, 6, 8, 5), [{"w": SpanValue(2, 7)}]),
        (("...", ("slice", 1, None, 3), FULL), (1, 6, 3, 8), [{"h": SpanValue(1, 8, 3)}]),
        ((FULL, 2), (1, 8, 8), [{"channels": SpanValue(2, 3)}]),
        ((FULL, -1, None), (1, 1, 8, 8), [{"channels": SpanValue(5, 6)}]),
        ((FULL, Named("chosen")), (1, 2, 8, 8), [{"channels": SpanValue(1, 3)}]),
    ],
)
def test_what_stands_in_brackets(
    index: ArgumentValue, size: tuple[int, ...], values: list[dict[str, object]]
) -> None:
    chosen = Stored(ProgramTensor("chosen", (2,), "int64"), "chosen", False, (1, 2))
    found = network("__getitem__", {"0": Named("x"), "1": index}, size, chosen)
    assert found.remarks == ()
    assert [dict(step.values) for step in found.steps if step.operator == "slice"] == values


def test_a_word_may_be_the_padding_of_a_convolution() -> None:
    weight = Stored(ProgramTensor("w", (4, 6, 3, 3), "float32"), "w", True)
    given = {"0": Named("x"), "1": Named("w"), "2": None, "3": (1, 1), "4": "same", "5": (1, 1), "6": 1}
    (_, conv) = network("conv2d", given, (1, 4, 8, 8), weight).steps
    assert str(conv.values["padding"]) == "same"
    assert conv.shape.sizes() == (8, 8, 4)


def test_the_places_of_a_transposed_convolution() -> None:
    weight = Stored(ProgramTensor("w", (6, 4, 3, 3), "float32"), "w", True)
    given = {
        "0": Named("x"),
        "1": Named("w"),
        "2": None,
        "3": (2, 2),
        "4": (1, 1),
        "5": (1, 1),
        "6": 1,
        "7": (1, 1),
    }
    found = network("conv_transpose2d", given, (1, 4, 16, 16), weight)
    assert found.remarks == ()
    assert found.steps[-1].shape.sizes() == (16, 16, 4)
    assert found.steps[-1].values["output_padding"] == 1
