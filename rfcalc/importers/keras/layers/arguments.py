"""Arguments of operators, which stand in the call, in the config, or partly here and there."""

from __future__ import annotations

from rfcalc.importers.keras.call import Constant, LayerFollowing
from rfcalc.importers.keras.config import CallArgument, TensorReference, references
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
    found = argument(call, place, *names)
    if isinstance(found, TensorReference):
        return settled(call.tracer, call.tensor_of(found))
    value = call.constant(found)
    if isinstance(value, int | float):
        return Known((), "float32", (value,))
    if isinstance(value, tuple):
        return Known(_lengths_of(value), "float32")
    raise call.fail("a tensor or a number was expected", call.at_call)


def _lengths_of(value: Constant) -> tuple[int, ...]:
    found = []
    while isinstance(value, tuple):
        found.append(len(value))
        value = value[0] if value else None
    return tuple(found)


def several(call: LayerFollowing) -> list[TensorView]:
    """The tensors of the first argument."""
    first = argument(call, 0, "xs", "arrays", "values", "x")
    found = [] if first is None else list(references(first))
    return [settled(call.tracer, call.tensor_of(one)) for one in found]


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
