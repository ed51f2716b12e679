"""Layers that other programs write as several calls, recognised by what the last one reads.

The steps that a layer is made of are absorbed: they go where nothing else reads them.
"""

from __future__ import annotations

import math

from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import Value, Word

_NEARLY = 1e-3


def recognised(tracer: StepTracer, x: TensorView) -> TensorView:
    """The tensor, as what the layer leaves that the last steps make, if they make one."""
    if tracer.layered:
        return x
    operator = tracer[x.step].operator
    name = _function(tracer, x.step)
    done = None
    if operator == "mul" or name in ("mul", "div"):
        done = _gated(tracer, x.step)
    elif operator == "div":
        done = _normalised(tracer, x.step) or _response_normalised(tracer, x.step)
    return x if done is None else x._replace(step=done)


def _function(tracer: StepTracer, step: int) -> str:
    """The function that a step applies; "" where it is another layer."""
    found = tracer[step]
    return str(found.values["of"]) if found.operator == "function" else ""


def _factors(tracer: StepTracer, step: int) -> tuple[list[int], float, list[int]]:
    """The steps whose outputs a product is made of, its constant factor, and the steps that make it."""
    pending, constant = [step], 1.0
    found: list[int] = []
    made: list[int] = []
    while pending:
        one = pending.pop()
        name = _function(tracer, one)
        if name in ("mul", "div") and one in tracer.constants and len(made) < 8:
            number = tracer.constants[one]
            constant = constant * number if name == "mul" else constant / number if number else math.nan
            pending.extend(tracer[one].operands)
            made.append(one)
        elif tracer[one].operator == "mul" and len(tracer[one].operands) == 2 and len(made) < 8:
            pending.extend(tracer[one].operands)
            made.append(one)
        else:
            found.append(one)
    return found, constant, made


def _gated(tracer: StepTracer, step: int) -> int | None:
    """An activation that is its input times a function of it."""
    factors, constant, made = _factors(tracer, step)
    if len(factors) == 1 and len(made) == 1 and math.isclose(constant, 1 / 6, rel_tol=_NEARLY):
        return _hard(tracer, factors[0], made)
    if len(factors) != 2:
        return None
    for x, gate in (factors, factors[::-1]):
        name, inner = tracer[gate].operator, [gate]
        if constant == 1 and tracer[gate].operands == (x,) and name in ("sigmoid", "hardsigmoid"):
            tracer.absorb(*made, gate)
            return tracer.add({"sigmoid": "silu", "hardsigmoid": "hardswish"}[name], [x])
        if constant == 1 and name == "tanh" and tracer[tracer[gate].operands[0]].operator == "softplus":
            soft = tracer[gate].operands[0]
            if tracer[soft].operands == (x,):
                tracer.absorb(*made, gate, soft)
                return tracer.add("function", [x], {"of": Word("mish")})
        if name == "relu6" and math.isclose(constant, 1 / 6, rel_tol=_NEARLY):
            shifted = tracer[gate].operands[0]
            if _adds(tracer, shifted, 3) and tracer[shifted].operands == (x,):
                tracer.absorb(*made, gate, shifted)
                return tracer.add("hardswish", [x])
        if _adds(tracer, gate, 1) and math.isclose(constant, 0.5, rel_tol=_NEARLY):
            curve = tracer[gate].operands[0]
            kind = "erf" if _function(tracer, curve) == "erf" else tracer[curve].operator
            inner = _between(tracer, curve, x) if kind in ("erf", "tanh") else []
            if inner:
                tracer.absorb(*made, gate, *inner)
                return tracer.add("gelu", [x])
    return None


def _hard(tracer: StepTracer, clipped: int, made: list[int]) -> int | None:
    if tracer[clipped].operator != "relu6":
        return None
    shifted = tracer[clipped].operands[0]
    if not _adds(tracer, shifted, 3):
        return None
    tracer.absorb(*made, clipped, shifted)
    return tracer.add("hardsigmoid", tracer[shifted].operands)


def _adds(tracer: StepTracer, step: int, number: float) -> bool:
    return _function(tracer, step) == "add" and tracer.constants.get(step) == number


def _between(tracer: StepTracer, end: int, start: int) -> list[int]:
    """The few steps from one to another, all of which read nothing else; [] where there are others."""
    found: list[int] = []
    pending = [end]
    while pending:
        step = pending.pop()
        if step == start or step in found:
            continue
        allowed = bool(_function(tracer, step)) or tracer[step].operator in ("tanh", "mul", "add")
        if not allowed or len(found) > 10:
            return []
        found.append(step)
        pending.extend(tracer[step].operands)
    return found


def _normalised(tracer: StepTracer, step: int) -> int | None:
    """Layer normalisation: what is left of the mean, by the root of its mean square."""
    centred, root = tracer[step].operands
    if tracer[centred].operator != "sub" or _function(tracer, root) not in ("sqrt", "pow"):
        return None
    x, mean = tracer[centred].operands
    if tracer[mean].operator != "reducemean" or tracer[mean].operands != (x,):
        return None
    inner = [step, centred, root, mean]
    variance = tracer[root].operands[0]
    if _function(tracer, variance) == "add":
        inner.append(variance)
        (variance,) = tracer[variance].operands
    if tracer[variance].operator != "reducemean" or tracer[variance].values != tracer[mean].values:
        return None
    (square,) = tracer[variance].operands[:1]
    if not set(tracer[square].operands) <= {centred} and not _is_centred(tracer, square, x, inner):
        return None
    over = tracer[mean].values["over"]
    values: dict[str, Value] = {"affine": False}
    if over != "channels":
        values["over"] = over
    tracer.absorb(*inner, variance, square)
    return tracer.add("ln", [x], values)


def _response_normalised(tracer: StepTracer, step: int) -> int | None:
    """Local response normalisation: by a power of the mean square of neighbouring channels."""
    x, divisor = tracer[step].operands
    inner = [step]
    constants: dict[str, float] = {}
    number = 0
    at = divisor
    while at != x:
        found = tracer[at]
        name = _function(tracer, at)
        inner.append(at)
        if len(set(found.operands)) != 1 or len(inner) > 16:
            return None
        if name in ("pow", "add", "mul") and at in tracer.constants and name not in constants:
            constants[name] = tracer.constants[at]
        elif found.operator == "avgpool":
            kernel = found.values["kernel"]
            number = max(
                one for one in (kernel if isinstance(kernel, tuple) else (kernel,)) if isinstance(one, int)
            )
        elif name == "square" or (found.operator == "mul" and len(found.operands) == 2):
            constants["square"] = 2
        elif found.operator not in ("pad", "reshape", "permute"):
            return None
        at = found.operands[0]
    if constants.keys() != {"pow", "add", "mul", "square"} or not number:
        return None
    tracer.absorb(*inner)
    values = response_values(number, constants["add"], constants["mul"], constants["pow"])
    return tracer.add("lrn", [x], values)


def response_values(number: int, k: float, alpha: float, beta: float) -> dict[str, Value]:
    """Attributes of local response normalisation; elsewhere alpha is divided by the number of channels."""
    return {"n": number, "k": exact(k), "alpha": exact(alpha / number), "beta": exact(beta)}


def exact(number: float) -> Value:
    """A number of 32 bits as it was meant, with seven digits."""
    from fractions import Fraction

    found = Fraction(f"{number:.7g}")
    return found.numerator if found.denominator == 1 else found


def _is_centred(tracer: StepTracer, square: int, x: int, inner: list[int]) -> bool:
    """Whether a square is that of a second difference of the same tensors."""
    operands = set(tracer[square].operands)
    if len(operands) != 1:
        return False
    (other,) = operands
    if tracer[other].operator != "sub" or tracer[other].operands[0] != x:
        return False
    inner += [other, tracer[other].operands[1]]
    return True


# A factor and an offset for each channel


def _of_one_module(one: str, two: str) -> bool:
    """Whether two stored tensors are of one module, as far as their names say."""
    return one.partition(" of ")[0].rpartition(".")[0] == two.rpartition(".")[0]


def per_channel(
    tracer: StepTracer, operator: str, x: TensorView, dimension: int, other: Known
) -> TensorView | None:
    """A learned number for each channel, multiplied or added; None where no layer takes it."""
    step = tracer[x.step]
    if operator == "mul":
        return x._replace(step=tracer.add("scale", [x.step], {}, {"weight": other.name}))
    if step.operator in ("conv", "dwconv", "deconv", "fc") and step.values.get("bias") is False:
        values = {name: value for name, value in step.values.items() if name != "bias"}
        tracer.absorb(x.step)
        return x._replace(
            step=tracer.add(step.operator, step.operands, values, {**step.learned, "bias": other.name})
        )
    if step.operator == "scale" and not step.values and _of_one_module(step.learned["weight"], other.name):
        learned = {**step.learned, "bias": other.name}
        tracer.absorb(x.step)
        (source,) = step.operands
        before = tracer[source]
        if before.operator in ("ln", "gn", "in") and not before.values.get("affine", before.operator != "in"):
            values = {name: value for name, value in before.values.items() if name != "affine"}
            if before.operator == "in":
                values["affine"] = True
            tracer.absorb(source)
            return x._replace(step=tracer.add(before.operator, before.operands, values, learned))
        return x._replace(step=tracer.add("scale", [source], {"bias": True}, learned))
    return None
