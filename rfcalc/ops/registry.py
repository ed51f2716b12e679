"""Every operator by name, loaded when it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Literal

from rfcalc.errors import UsageError, nearest
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.operator import Operator
from rfcalc.shapes import Shape

_MODULES = {
    "conv": "conv dwconv",
    "deconv": "deconv",
    "deform": "deformconv",
    "dense": "fc",
    "product": "matmul unfold fold",
    "local": "localconv",
    "embedding": "embedding",
    "recurrent": "lstm gru rnn",
    "pool": "maxpool avgpool",
    "reduce": "reducemean reducesum reducemax",
    "learned": "learned",
    "opaque": "opaque",
    "adaptive": "adaptiveavgpool adaptivemaxpool globalavgpool globalmaxpool",
    "lrn": "lrn",
    "norm": "bn gn ln in grn scale",
    "activation": "relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax oneminus",
    "leaky": "leakyrelu prelu",
    "functions": "function",
    "regularisation": "dropout droppath",
    "loss": "softmaxloss",
    "reshape": "flatten reshape permute identity",
    "crop": "pad crop slice roll",
    "region": "roipool",
    "resize": "upsample",
    "shuffle": "pixelshuffle pixelunshuffle channelshuffle",
    "attention": "attention",
    "join": "add sub mul div max min concat",
}
MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}
OPERATOR_NAMES = tuple(MODULE_OF)

# What the language has keys for, so that reading a description need not load the operators:
# those that take branches, the one whose branches may share the channels out, and what takes such a share.
JOINS = tuple(_MODULES["join"].split())
PART = "slice"


@cache
def find_operator(name: str) -> Operator:
    """The operator of this name; raises UsageError, with the nearest name, when there is none."""
    module = MODULE_OF.get(name)
    if module is None:
        raise UsageError(" ".join(filter(None, [f"no operator is called {name!r};", suggest_operator(name)])))
    # `in` and `max` are taken in Python; their functions carry a trailing underscore.
    found = import_module(f"rfcalc.ops.{module}")
    operator = getattr(found, name, None)
    if not isinstance(operator, Operator):
        operator = getattr(found, f"{name}_")
    assert isinstance(operator, Operator)
    return operator


def applied(name: str, inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Facts | None:
    """The facts of an operator applied to shapes that need not be any layer's; None where it cannot be."""
    try:
        facts = find_operator(name).function(inputs, **arguments)
    except (OperatorProblem, ValueError, IndexError):
        # Shapes of another number of axes than the arguments are for, among others.
        return None
    sizes = facts.output.sizes()
    return facts if all(size >= 1 for size in sizes if isinstance(size, int)) else None


def suggest_operator(name: str) -> str:
    """A hint at the operator a wrong name may mean; "" when nothing is near."""
    # Few descriptions are wrong.
    from rfcalc.ops.foreign import FOREIGN_OPERATORS

    foreign = FOREIGN_OPERATORS.get(name.casefold())
    if foreign:
        return f"did you mean {foreign!r}?"
    return nearest(name, OPERATOR_NAMES)


@cache
def spellings(name: str, fact: Literal["per_axis", "refers"]) -> frozenset[str]:
    """The attributes of an operator, by every spelling, whose kind states a fact; none for a block.

    fact: "per_axis" (the value may be a list per axis) or "refers" (it names an earlier layer).
    """
    if name not in MODULE_OF:
        return frozenset()
    found = find_operator(name)
    return frozenset(
        spelling for spelling, full in found.spellings.items() if getattr(found.attributes[full].kind, fact)
    )


def is_word(name: str) -> bool:
    """Whether some attribute of some operator accepts this bare word.

    Operators in use are asked first: asking the others loads them, which no valid description needs.
    """
    in_use = [operator for operator in OPERATOR_NAMES if _is_loaded(operator)]
    return any(name in _words(operator) for operator in (*in_use, *OPERATOR_NAMES))


def _is_loaded(name: str) -> bool:
    return f"rfcalc.ops.{MODULE_OF[name]}" in sys.modules


@cache
def _words(name: str) -> frozenset[str]:
    """The bare words that the attributes of an operator accept."""
    return frozenset().union(*(attribute.kind.words for attribute in find_operator(name).attributes.values()))
