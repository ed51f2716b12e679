"""Random programs that move elements, followed and carried out: each tensor has the elements it has in ONNX.

The steps that are made are carried out on numbers, and the view's digits say where the elements of a tensor
stand in the output of its step.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pytest
from built import constant, node
from carried_out import Array, carried_out
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from rfcalc.importers.onnx.following import Follower
from rfcalc.importers.onnx.reading import model_of
from rfcalc.importers.tracing.attention import settled
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.views import IndexDigit, TensorView, digit, length


def _elements(view: TensorView, output: Array) -> Array:
    """The elements of a tensor by those of its step's output."""
    digits = [one for group in view.base for one in group]
    apart = output.reshape([one.size for one in digits])
    wanted = [one for each in view.dimensions for one in each]
    own = [one for one in wanted if one.kind == "own"]
    assert {one.number for one in own} == {one.number for one in digits}, "each digit stands in one dimension"
    assert len(own) == len(digits)
    numbers = [one.number for one in digits]
    moved = apart.transpose([numbers.index(one.number) for one in own])
    spread = moved.reshape([one.size if one.kind == "own" else 1 for one in wanted])
    return np.broadcast_to(spread, [one.size for one in wanted]).reshape(view.lengths)


def compare(
    nodes: Sequence[Any],
    stored: Sequence[Any],
    inputs: Mapping[str, tuple[int, ...]],
) -> None:
    """Follow nodes and carry them out; raises DescriptionError where they are not read."""
    names = [name for each in nodes for name in each.output if name]
    infos = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, size) for name, size in inputs.items()]
    ends = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in names]
    graph = helper.make_graph(list(nodes), "test", infos, ends, list(stored))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    given = {
        name: (np.arange(math.prod(size)) * 7 % 101 + place).astype(np.float64).reshape(size)
        for place, (name, size) in enumerate(inputs.items())
    }
    expected = dict(zip(names, ReferenceEvaluator(made).run(None, given), strict=True))

    data = made.SerializeToString()
    model = model_of(lambda start, count: data[start : start + count], len(data))
    follower = Follower(model, trusted=False)
    tracer = follower.tracer
    batch = max(size[0] for size in inputs.values())
    follower.batch = digit(batch, "batch")
    entering: dict[str, TensorView] = {}
    outputs: dict[int, list[Array]] = {}
    for name, size in inputs.items():
        examples = follower.batch if size[0] > 1 else ()
        entering[name] = tracer.input(name, size, "float32", examples, alone=False)
        outputs[entering[name].step] = [
            np.moveaxis(given[name][min(one, size[0] - 1)], 0, -1) for one in range(batch)
        ]
    try:
        found = follower.graph(model.graph, cast("Any", entering))
        views = {
            name: settled(tracer, tensor) for name in names if not isinstance(tensor := found[name], Known)
        }
    finally:
        for number in range(tracer.count):
            if number not in outputs:
                done = tracer[number]
                columns = [outputs[one] for one in done.operands]
                outputs[number] = [carried_out(done, column) for column in zip(*columns, strict=True)]
                assert all(one.shape == tuple(done.shape.sizes()) for one in outputs[number]), done
    for name, view in views.items():
        assert view.lengths == expected[name].shape, f"{name}: {view.lengths}, not {expected[name].shape}"
        counted = [one for each in view.dimensions for one in each if one.kind == "batch"]
        for one in range(batch):
            elements = _elements(view, outputs[view.step][one])
            wanted = expected[name]
            for place, each in enumerate(view.dimensions):
                if each and any(one.kind == "batch" for one in each):
                    # The example's own elements.
                    assert len(counted) == 1
                    at = _example(each, one)
                    wanted = np.take(wanted, at, place)
                    elements = np.take(elements, at, place)
            np.testing.assert_array_equal(elements, wanted, err_msg=name)


def _example(dimension: Sequence[IndexDigit], example: int) -> list[int]:
    """The indices of a dimension that belong to one example."""
    place = next(place for place, one in enumerate(dimension) if one.kind == "batch")
    inner = length(dimension[place + 1 :])
    return [at for at in range(length(dimension)) if at // inner % dimension[place].size == example]


Size = tuple[int, ...]


class _Programs:
    """Random programs: nodes, constants, and the size of each tensor so far."""

    def __init__(self, seed: int, inputs: Mapping[str, tuple[int, ...]]) -> None:
        self.choose = random.Random(seed)
        self.sizes = dict(inputs)
        self.nodes: list[Any] = []
        self.stored: list[Any] = []
        self.batch = max(size[0] for size in inputs.values())

    def numbers(self, *values: int) -> str:
        name = f"c{len(self.stored)}"
        self.stored.append(constant(name, list(values)))
        return name

    def number(self, value: int) -> str:
        """A stored single number."""
        name = f"c{len(self.stored)}"
        self.stored.append(constant(name, value))
        return name

    def add(self, operator: str, inputs: str, size: Sequence[int], **attributes: Any) -> None:
        name = f"t{len(self.nodes)}"
        self.nodes.append(node(operator, inputs, name, **attributes))
        self.sizes[name] = tuple(size)

    def free(self, size: Sequence[int]) -> list[int]:
        """The dimensions that do not count examples."""
        return [place for place in range(len(size)) if self.batch == 1 or place]

    def step(self) -> None:
        """One more node, where the kind that is drawn fits the tensor that is drawn."""
        name = self.choose.choice(list(self.sizes)[-4:])
        size = self.sizes[name]
        _KINDS[self.choose.randrange(len(_KINDS))](self, name, size, self.free(size))

    def transpose(self, name: str, size: Size, free: list[int]) -> None:
        order = self.choose.sample(free, len(free))
        self.transposed(name, order if self.batch == 1 else [0, *order])

    def reshape(self, name: str, size: Size, free: list[int]) -> None:
        head = size[:1] if self.batch > 1 else ()
        target = [*head, *self.factors(math.prod(size) // math.prod(head))]
        self.add("Reshape", f"{name} {self.numbers(*target)}", target)

    def squeeze(self, name: str, size: Size, free: list[int]) -> None:
        ones = [place for place in free if size[place] == 1]
        if ones and len(size) > 2:
            place = self.choose.choice(ones)
            left = [one for at, one in enumerate(size) if at != place]
            self.add("Squeeze", f"{name} {self.numbers(place - len(size))}", left)

    def unsqueeze(self, name: str, size: Size, free: list[int]) -> None:
        if len(size) < 6:
            place = self.choose.randint(1, len(size))
            self.add("Unsqueeze", f"{name} {self.numbers(place)}", [*size[:place], 1, *size[place:]])

    def expand(self, name: str, size: Size, free: list[int]) -> None:
        if math.prod(size) < 400:
            grown = [
                self.choose.choice([2, 3]) if one == 1 and place in free else one
                for place, one in enumerate(size)
            ]
            self.add("Expand", f"{name} {self.numbers(*grown)}", grown)

    def tile(self, name: str, size: Size, free: list[int]) -> None:
        if math.prod(size) < 400:
            times = [self.choose.choice([1, 1, 2]) if place in free else 1 for place in range(len(size))]
            left = [a * b for a, b in zip(size, times, strict=True)]
            self.add("Tile", f"{name} {self.numbers(*times)}", left)

    def slice(self, name: str, size: Size, free: list[int]) -> None:
        place = self.choose.choice(free)
        start = self.choose.randrange(size[place])
        stop = self.choose.randint(start + 1, size[place])
        step = self.choose.choice([1, 1, 2])
        numbers = " ".join([self.numbers(one) for one in (start, stop, place - len(size), step)])
        left = [*size[:place], len(range(start, stop, step)), *size[place + 1 :]]
        self.add("Slice", f"{name} {numbers}", left)

    def gather(self, name: str, size: Size, free: list[int]) -> None:
        if len(size) > 2:
            place = self.choose.choice(free)
            index = self.number(self.choose.randrange(-size[place], size[place]))
            self.add("Gather", f"{name} {index}", [*size[:place], *size[place + 1 :]], axis=place)

    def pad(self, name: str, size: Size, free: list[int]) -> None:
        if math.prod(size) < 400:
            place = self.choose.choice(free)
            before, after = self.choose.choice([(1, 1), (0, 1), (2, 0)])
            pads = [0] * (2 * len(size))
            pads[place], pads[len(size) + place] = before, after
            left = [*size[:place], before + size[place] + after, *size[place + 1 :]]
            self.add("Pad", f"{name} {self.numbers(*pads)}", left)

    def split(self, name: str, size: Size, free: list[int]) -> None:
        long = [one for one in free if size[one] > 1]
        if long:
            place = self.choose.choice(long)
            first = self.choose.randrange(1, size[place])
            sizes = (first, size[place] - first)
            names = [f"t{len(self.nodes)}", f"u{len(self.nodes)}"]
            self.nodes.append(node("Split", f"{name} {self.numbers(*sizes)}", " ".join(names), axis=place))
            for one, part in zip(names, sizes, strict=True):
                self.sizes[one] = (*size[:place], part, *size[place + 1 :])

    def reduce(self, name: str, size: Size, free: list[int]) -> None:
        if len(free) > 1:
            kind, keep = self.choose.choice(["ReduceSum", "ReduceMax"]), self.choose.choice([0, 1])
            places = self.choose.sample(free, self.choose.randint(1, len(free) - 1))
            left = [1 if at in places else one for at, one in enumerate(size) if keep or at not in places]
            self.add(kind, f"{name} {self.numbers(*places)}", left, keepdims=keep)

    def activate(self, name: str, size: Size, free: list[int]) -> None:
        self.add("Relu", name, size)

    def concat(self, name: str, size: Size, free: list[int]) -> None:
        place = self.choose.choice(free)
        fits = [
            other
            for other, its in self.sizes.items()
            if len(its) == len(size)
            and [*its[:place], *its[place + 1 :]] == [*size[:place], *size[place + 1 :]]
        ]
        other = self.choose.choice(fits)
        left = [*size[:place], size[place] + self.sizes[other][place], *size[place + 1 :]]
        self.add("Concat", f"{name} {other}", left, axis=place - len(size))

    def join(self, name: str, size: Size, free: list[int]) -> None:
        fits = []
        for other, its in self.sizes.items():
            pairs = list(zip(reversed(size), reversed(its), strict=False))
            if all(a == b or 1 in (a, b) for a, b in pairs) and (self.batch == 1 or len(its) == len(size)):
                fits.append(other)
        other = self.choose.choice(fits)
        left = np.broadcast_shapes(size, self.sizes[other])
        if math.prod(left) < 2000:
            self.add(self.choose.choice(["Add", "Mul"]), f"{name} {other}", left)

    def product(self, name: str, size: Size, free: list[int]) -> None:
        """Of rows with those of another tensor, as queries with keys; some turned or cut otherwise."""
        if len(size) not in (3, 4):
            return
        fits = [
            other
            for other, its in self.sizes.items()
            if len(its) == len(size) and (*its[:-2], its[-1]) == (*size[:-2], size[-1])
        ]
        other = self.choose.choice(fits)
        columns = self.sizes[other][-2]
        if math.prod(size[:-1]) * columns > 2000:
            return
        last = len(size) - 1
        order = [*range(last - 1), last, last - 1]
        self.transposed(other, order)
        self.add("MatMul", f"{name} t{len(self.nodes) - 1}", [*size[:-1], columns])
        scores = f"t{len(self.nodes) - 1}"
        if self.choose.random() < 0.7:
            self.transposed(scores, order)
        if self.choose.random() < 0.7 and self.batch == 1:
            tail = self.sizes[scores][-2:]
            target = [*self.factors(math.prod(size[:-2])), *tail]
            self.add("Reshape", f"{scores} {self.numbers(*target)}", target)

    def transposed(self, name: str, order: list[int]) -> None:
        self.add("Transpose", name, [self.sizes[name][one] for one in order], perm=order)

    def factors(self, total: int) -> list[int]:
        """Sizes that make a total."""
        found: list[int] = []
        while total > 1 and len(found) < 4:
            one = self.choose.choice([n for n in range(1, total + 1) if total % n == 0])
            found.append(one)
            total //= one
        return [*found, total] if total > 1 or not found else found


_KINDS = [
    *[_Programs.transpose, _Programs.reshape, _Programs.slice, _Programs.concat, _Programs.join] * 2,
    *[_Programs.squeeze, _Programs.unsqueeze, _Programs.expand, _Programs.tile, _Programs.gather],
    *[_Programs.pad, _Programs.split, _Programs.reduce, _Programs.reduce, _Programs.activate],
    *[_Programs.product] * 2,
]
_INPUTS: list[dict[str, tuple[int, ...]]] = [
    {"x": (1, 4, 6, 2), "z": (1, 1, 6, 1)},
    {"x": (1, 3, 5, 7), "z": (1, 3, 1, 1)},
    {"x": (1, 12, 8), "z": (1, 12, 1)},
    {"x": (1, 6), "z": (1, 1)},
    {"x": (1, 2, 3, 4, 2), "z": (1, 2, 1, 1, 1)},
    {"x": (3, 4, 6, 2), "z": (3, 1, 6, 2)},
]


def program(seed: int) -> tuple[list[Any], list[Any], dict[str, tuple[int, ...]]]:
    """A random program: nodes, constants and inputs."""
    inputs = _INPUTS[seed % len(_INPUTS)]
    made = _Programs(seed, inputs)
    for _ in range(3 + seed % 7):
        made.step()
    return made.nodes, made.stored, inputs


@pytest.mark.parametrize("seed", range(400))
def test_elements_stand_where_the_file_puts_them(seed: int) -> None:
    nodes, stored, inputs = program(seed)
    compare(nodes, stored, inputs)
