"""Arguments of operators, which stand in the call, in the config, or partly here and there."""

from __future__ import annotations

from math import prod

from rfcalc.importers.keras.call import Constant, LayerFollowing
from rfcalc.importers.keras.config import CallArgument, TensorReference, references
from rfcalc.importers.tracing import known
from rfcalc.importers.tracing.attention import settled
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value, Word


def argument(call: LayerFollowing, place: int, *names: str) -> CallArgument | None:
    """An argument by its place in the call or by its name there; None where it is not."""
    if 0 <= place < len(call.arguments):
        return call.arguments[place]
    return next((call.named[name] for name in names if name in call.named), None)


def given(call: LayerFollowing, place: int, *names: str) -> Constant:
    """A constant from the call or the config; None where neither has it."""
    found = argument(call, place, *names)
    if found is not None and (constant := call.constant(found)) is not None:
        return constant
    entry = call.entry(*names)
    return None if entry is None else call.constant(entry)


def whole_numbers(call: LayerFollowing, value: Constant, name: str) -> list[int]:
    """A constant that has to be a whole number, or several."""
    items = value if isinstance(value, tuple) else (value,)
    found = []
    for one in items:
        if isinstance(one, bool) or not isinstance(one, int) or abs(one) > 2**40:
            raise call.fail(f"{name} is a whole number, or several, not {one!r:.30}", call.at_call)
        found.append(one)
    return found


def axes_of_call(call: LayerFollowing, x: TensorView, place: int, name: str = "axis") -> list[int]:
    """The dimensions that an argument names; all but that of the examples where there is none."""
    value = given(call, place, name)
    if value is None:
        return list(range(1, len(x.dimensions)))
    return [call.axis(one, x, call.at_call) for one in whole_numbers(call, value, name)]


def operand(call: LayerFollowing, place: int, *names: str) -> TensorView | Known:
    """An argument that is a tensor, or a constant."""
    return _operand(call, argument(call, place, *names))


def _operand(call: LayerFollowing, found: CallArgument | None) -> TensorView | Known:
    if isinstance(found, TensorReference):
        tensor = call.tensor_of(found)
        return tensor if isinstance(tensor, Known) else settled(call.tracer, tensor)
    if isinstance(found, list) and any(True for _ in references(found)):
        # Numbers of which some are computed, such as lengths.
        return known.vector(whole_numbers(call, call.constant(found), "a length"))
    value = call.constant(found)
    if isinstance(value, int | float):
        return Known((), "float32", (value,))
    if isinstance(value, tuple):
        return _of_numbers(value)
    raise call.fail("a tensor or a number was expected", call.at_call)


def _of_numbers(value: Constant) -> Known:
    """A constant of numbers in lists, with its elements where they are few."""
    lengths = []
    level: list[Constant] = [value]
    while level and isinstance(level[0], tuple):
        lengths.append(len(level[0]))
        level = [one for each in level if isinstance(each, tuple) for one in each]
    few = len(level) == prod(lengths) <= known.MOST_ELEMENTS
    numbers = [one for one in level if isinstance(one, int | float)] if few else []
    whole = few and len(numbers) == len(level)
    return Known(tuple(lengths), "float32", tuple(numbers) if whole else None)


def operands(call: LayerFollowing) -> list[TensorView | Known]:
    """The tensors of the first argument, constants among them."""
    first = argument(call, 0, "xs", "arrays", "values", "x")
    if first is None:
        return []
    return [_operand(call, one) for one in (first if isinstance(first, list) else [first])]


def several(call: LayerFollowing) -> list[TensorView]:
    """The tensors of the first argument, a constant as a layer that leaves it."""
    return [settled(call.tracer, one) for one in operands(call)]


def of_size(
    call: LayerFollowing, x: TensorView, lengths: list[int], params: int | None, *, moves: bool = True
) -> TensorView:
    """An opaque layer of this size, examples first; params: None where they are not known."""
    whole = list(lengths[1:]) or [1]
    sizes = list(whole)
    while len(sizes) > 4:
        sizes = [sizes[0] * sizes[1], *sizes[2:]]
    kind = "".join(one if one.isalnum() else "_" for one in call.layer.class_name) or "layer"
    values: dict[str, Value] = {"type": Word(kind), "size": call.along_sizes(sizes)}
    if params is not None:
        values["params"] = params
    if moves:
        values["macs"] = 0
    operands = [settled(call.tracer, one).step for one in call.tensors] or [x.step]
    step = call.tracer.add("opaque", list(dict.fromkeys(operands)), values)
    base = tuple([digit(size) for size in sizes])
    flat = TensorView(step, base, (call.batch_of(x), *base))
    found = flat.reshaped((x.lengths[0] if x.dimensions else 1, *whole))
    return flat if found is None else found
