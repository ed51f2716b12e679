"""Random programs that move elements, followed and carried out: each tensor has the elements that NumPy gives it.

The steps that are made are carried out on numbers, and the view's digits say where the elements of a tensor
stand in the output of its step.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pytest
from built import constant, node
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from rfcalc.errors import DescriptionError
from rfcalc.importers.onnx.following import Follower
from rfcalc.importers.onnx.reading import model_of
from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.products import settled
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import IndexDigit, TensorView, digit, length
from rfcalc.ops.attributes import PerAxis, SpanValue, Value
from rfcalc.shapes import Shape

Array = NDArray[Any]

# How the language carries out the steps.


def _each(value: Value, axes: int) -> list[Any]:
    return list(value) if isinstance(value, PerAxis) else [value] * axes


def _whole(value: Value) -> list[int]:
    return [int(cast("int", one)) for one in _each(value, 1)]


def _permute(x: Array, values: Mapping[str, Value]) -> Array:
    if "split" in values:
        x = x.reshape(_whole(values["split"]))
    x = x.transpose(_whole(values["order"]))
    return x.reshape(_whole(values["to"])) if "to" in values else x


def _slice(x: Array, values: Mapping[str, Value]) -> Array:
    axes = x.ndim - 1
    places = {"channels": axes, "w": axes - 1, "h": axes - 2, "t": axes - 3}
    chosen: list[Any] = [slice(None)] * x.ndim
    for name, value in values.items():
        assert isinstance(value, SpanValue)
        assert places[name] >= 0
        chosen[places[name]] = slice(value[0], value[1], value[2])
    return x[tuple(chosen)]


def _pad(x: Array, values: Mapping[str, Value]) -> Array:
    axes = x.ndim - 1
    amounts = [*_each(values.get("padding", 0), axes), values.get("channels", 0)]
    for place, one in enumerate(amounts):
        before, after = one[:2] if isinstance(one, SpanValue) else (one, one)
        mode = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}
        named = str(values.get("mode", "zeros"))
        pads = [(0, 0)] * x.ndim
        pads[place] = (max(before, 0), max(after, 0))
        x = np.pad(x, pads, mode=cast("Any", mode.get(named, named)))
        cut: list[Any] = [slice(None)] * x.ndim
        cut[place] = slice(max(-before, 0), x.shape[place] - max(-after, 0))
        x = x[tuple(cut)]
    return x


def _shuffled(x: Array, values: Mapping[str, Value]) -> Array:
    (groups,) = _whole(values["groups"])
    return x.reshape(*x.shape[:-1], groups, -1).swapaxes(-1, -2).reshape(x.shape)


def _to_space(x: Array, values: Mapping[str, Value]) -> Array:
    (r,), axes = _whole(values["factor"]), x.ndim - 1
    apart = x.reshape(*x.shape[:-1], x.shape[-1] // r**axes, *[r] * axes)
    order = [one for axis in range(axes) for one in (axis, axes + 1 + axis)]
    sizes = [size * r for size in x.shape[:-1]]
    return apart.transpose([*order, axes]).reshape(*sizes, -1)


def _to_channels(x: Array, values: Mapping[str, Value]) -> Array:
    (r,), axes = _whole(values["factor"]), x.ndim - 1
    sizes = [size // r for size in x.shape[:-1]]
    apart = x.reshape(*[one for size in sizes for one in (size, r)], x.shape[-1])
    order = [*range(0, 2 * axes, 2), 2 * axes, *range(1, 2 * axes, 2)]
    return apart.transpose(order).reshape(*sizes, -1)


def _over(values: Mapping[str, Value], x: Array) -> tuple[int, ...]:
    over = values["over"]
    named = {"channels": (x.ndim - 1,), "positions": tuple(range(x.ndim - 1)), "all": tuple(range(x.ndim))}
    return named[str(over)] if isinstance(over, str) else tuple(_whole(over))


def _upsample(x: Array, values: Mapping[str, Value]) -> Array:
    for axis, size in enumerate(_each(values["size"], x.ndim - 1)):
        x = np.take(x, [place * x.shape[axis] // size for place in range(size)], axis)
    return x


_CARRIED_OUT: dict[str, Callable[[Array, Mapping[str, Value]], Array]] = {
    "identity": lambda x, values: x,
    "flatten": lambda x, values: x.reshape(-1),
    "reshape": lambda x, values: x.reshape(_whole(values["to"])),
    "permute": _permute,
    "slice": _slice,
    "pad": _pad,
    "channelshuffle": _shuffled,
    "pixelshuffle": _to_space,
    "pixelunshuffle": _to_channels,
    "relu": lambda x, values: np.maximum(x, 0),
    "upsample": _upsample,
    "reducesum": lambda x, values: x.sum(axis=_over(values, x), keepdims=True),
    "reducemax": lambda x, values: x.max(axis=_over(values, x), keepdims=True),
    "globalmaxpool": lambda x, values: x.max(axis=tuple(range(x.ndim - 1)), keepdims=True),
}


def _carried_out(step: ImportedStep, operands: Sequence[Array], constants: Sequence[Array]) -> Array:
    if step.operator in ("add", "mul"):
        one, two = operands
        assert one.ndim == two.ndim
        return one + two if step.operator == "add" else one * two
    if step.operator == "concat":
        axis = _whole(step.values["axis"])[0] if "axis" in step.values else -1
        return np.concatenate(operands, axis)
    if step.operator == "matmul":
        return operands[0] @ operands[1]
    (x,) = operands
    return _CARRIED_OUT[step.operator](x, step.values)


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
    version: int = 18,
) -> list[str]:
    """Follow nodes and carry them out; the operators of the steps. A DescriptionError is passed on."""
    names = [name for each in nodes for name in each.output if name]
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in inputs.items()]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    graph = helper.make_graph(list(nodes), "test", infos, ends, list(stored))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=10)
    given = {
        name: (np.arange(math.prod(size)) * 7 % 101 + place).astype(np.float32).reshape(size)
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
        step = tracer.input(name, Shape(size[2:], size[1]))
        places = ["batch", -1, *range(len(size) - 2)]
        entering[name] = tracer.view(step, places, follower.batch if size[0] > 1 else ())
        outputs[step] = [np.moveaxis(given[name][min(one, size[0] - 1)], 0, -1) for one in range(batch)]
    try:
        found = follower.graph(model.graph, cast("Any", entering))
        views = {
            name: found[name] if isinstance(found[name], Known) else settled(tracer, cast("Any", found[name]))
            for name in names
        }
    finally:
        for number in range(tracer.count):
            if number not in outputs:
                done = tracer[number]
                columns = [outputs[one] for one in done.operands]
                outputs[number] = [_carried_out(done, column, ()) for column in zip(*columns, strict=True)]
                assert all(one.shape == tuple(done.shape.sizes()) for one in outputs[number]), done
    for name, view in views.items():
        if isinstance(view, Known):
            continue
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
    return [tracer[number].operator for number in range(tracer.count)]


def _example(dimension: Sequence[IndexDigit], example: int) -> list[int]:
    """The indices of a dimension that belong to one example."""
    place = next(place for place, one in enumerate(dimension) if one.kind == "batch")
    inner = length(dimension[place + 1 :])
    return [at for at in range(length(dimension)) if at // inner % dimension[place].size == example]


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

    def add(self, operator: str, inputs: str, size: Sequence[int], **attributes: Any) -> None:
        name = f"t{len(self.nodes)}"
        self.nodes.append(node(operator, inputs, name, **attributes))
        self.sizes[name] = tuple(size)

    def free(self, size: Sequence[int]) -> list[int]:
        """The dimensions that do not count examples."""
        return [place for place in range(len(size)) if self.batch == 1 or place]

    def step(self) -> None:
        choose = self.choose
        name = choose.choice(list(self.sizes)[-4:])
        size = self.sizes[name]
        free = self.free(size)
        kind = choose.choice(_KINDS)
        if kind == "Transpose":
            order = choose.sample(free, len(free))
            order = order if self.batch == 1 else [0, *order]
            self.add(kind, name, [size[one] for one in order], perm=order)
        elif kind == "Reshape":
            head = size[:1] if self.batch > 1 else ()
            target = [*head, *self.factors(math.prod(size) // math.prod(head))]
            self.add(kind, f"{name} {self.numbers(*target)}", target)
        elif kind == "Squeeze":
            ones = [place for place in free if size[place] == 1]
            if ones and len(size) > 2:
                place = choose.choice(ones)
                left = [one for at, one in enumerate(size) if at != place]
                self.add(kind, f"{name} {self.numbers(place - len(size))}", left)
        elif kind == "Unsqueeze" and len(size) < 6:
            place = choose.randint(1, len(size))
            self.add(kind, f"{name} {self.numbers(place)}", [*size[:place], 1, *size[place:]])
        elif kind in ("Expand", "Tile"):
            if math.prod(size) < 400:
                grown = [
                    choose.choice([2, 3]) if one == 1 and place in free else one
                    for place, one in enumerate(size)
                ]
                if kind == "Tile":
                    times = [choose.choice([1, 1, 2]) if place in free else 1 for place in range(len(size))]
                    self.add(
                        kind,
                        f"{name} {self.numbers(*times)}",
                        [a * b for a, b in zip(size, times, strict=True)],
                    )
                else:
                    self.add(kind, f"{name} {self.numbers(*grown)}", grown)
        elif kind == "Slice":
            place = choose.choice(free)
            start = choose.randrange(size[place])
            stop = choose.randint(start + 1, size[place])
            step = choose.choice([1, 1, 2])
            args = (self.numbers(one) for one in (start, stop, place - len(size), step))
            left = list(size)
            left[place] = len(range(start, stop, step))
            self.add(kind, f"{name} {' '.join(args)}", left)
        elif kind == "Gather" and len(size) > 2:
            place = choose.choice(free)
            index = self.numbers(choose.randrange(-size[place], size[place]))
            self.stored[-1] = constant(index, choose.randrange(-size[place], size[place]))
            self.add(kind, f"{name} {index}", [*size[:place], *size[place + 1 :]], axis=place)
        elif kind == "Pad" and math.prod(size) < 400:
            place = choose.choice(free)
            pads = [0] * (2 * len(size))
            pads[place], pads[len(size) + place] = choose.choice([(1, 1), (0, 1), (2, 0)])
            left = list(size)
            left[place] += pads[place] + pads[len(size) + place]
            self.add(kind, f"{name} {self.numbers(*pads)}", left)
        elif kind == "Split" and size[free[-1]] > 1:
            place = choose.choice([one for one in free if size[one] > 1])
            first = choose.randrange(1, size[place])
            count = self.numbers(first, size[place] - first)
            names = [f"t{len(self.nodes)}", f"u{len(self.nodes)}"]
            self.nodes.append(node(kind, f"{name} {count}", " ".join(names), axis=place))
            for one, part in zip(names, (first, size[place] - first), strict=True):
                self.sizes[one] = (*size[:place], part, *size[place + 1 :])
        elif kind in ("Concat", "Add", "Mul"):
            self.join(kind, name, size, free)
        elif kind in ("ReduceSum", "ReduceMax"):
            if len(free) > 1:
                places = choose.sample(free, choose.randint(1, len(free) - 1))
                keep = choose.choice([0, 1])
                left = [1 if at in places else one for at, one in enumerate(size) if keep or at not in places]
                self.add(kind, f"{name} {self.numbers(*places)}", left, keepdims=keep)
        elif kind == "Relu":
            self.add(kind, name, size)

    def factors(self, total: int) -> list[int]:
        found = []
        while total > 1 and len(found) < 4:
            one = self.choose.choice([n for n in range(1, total + 1) if total % n == 0])
            found.append(one)
            total //= one
        return [*found, total] if total > 1 or not found else found

    def join(self, kind: str, name: str, size: tuple[int, ...], free: list[int]) -> None:
        choose = self.choose
        fits = []
        place = choose.choice(free)
        for other, its in self.sizes.items():
            if kind == "Concat":
                if len(its) == len(size) and all(
                    a == b for at, (a, b) in enumerate(zip(size, its, strict=True)) if at != place
                ):
                    fits.append(other)
            else:
                try:
                    np.broadcast_shapes(size, its)
                except ValueError:
                    continue
                if self.batch == 1 or len(its) == len(size):
                    fits.append(other)
        other = choose.choice(fits)
        its = self.sizes[other]
        if kind == "Concat":
            left = list(size)
            left[place] += its[place]
            self.add(kind, f"{name} {other}", left, axis=place - len(size))
        else:
            left = list(np.broadcast_shapes(size, its))
            if math.prod(left) < 2000:
                self.add(kind, f"{name} {other}", left)


_KINDS = [
    *["Transpose", "Reshape", "Reshape", "Slice", "Concat", "Add", "Mul", "Relu"],
    *["Squeeze", "Unsqueeze", "Expand", "Tile", "Gather", "Pad", "Split", "ReduceSum", "ReduceMax"],
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
def test_elements_stand_where_numpy_puts_them(seed: int) -> None:
    nodes, stored, inputs = program(seed)
    try:
        compare(nodes, stored, inputs)
    except DescriptionError as refused:
        # What has no layer in the language is refused, not made into another thing.
        assert any(text in str(refused) for text in _REFUSED), refused


_REFUSED = ("at most 3 axes", "more than 3 axes")
