"""The classes that plans name by their paths: networks, and layers of PyTorch as layers of the language."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.errors import (
    listed,
    nearest,
    of_axes,
)
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.nnunet.fields import Fields
from rfcalc.ops.attributes import Value, Word
from rfcalc.records import NamedTuple

_DIMENSIONS = (1, 2, 3)
CONVOLUTIONS = {f"Conv{axes}d": axes for axes in _DIMENSIONS}
# Of each, its operator and its axes, 0 for any.
_NORMS = {
    **{f"InstanceNorm{axes}d": ("in", axes) for axes in _DIMENSIONS},
    **{f"BatchNorm{axes}d": ("bn", axes) for axes in _DIMENSIONS},
    "SyncBatchNorm": ("bn", 0),
}
_NORM_ARGUMENTS = ("eps", "momentum", "affine", "track_running_stats")
_DROPOUTS = {"Dropout": 0, **{f"Dropout{axes}d": axes for axes in _DIMENSIONS}, "AlphaDropout": 0}
_DROPOUT_ARGUMENTS = ("p", "inplace")


class UnitLayer(NamedTuple):
    """A layer that every block has: its class, its operator, attributes, and where it is said."""

    kind: str
    operator: str
    values: Mapping[str, Value] = {}
    place: str = ""


class _ActivationClass(NamedTuple):
    """An activation as an operator; numbers: its arguments that are attributes, by their names here."""

    operator: str
    of: str = ""
    numbers: Mapping[str, str] = {}
    others: tuple[str, ...] = ("inplace",)


_ACTIVATIONS = {
    "LeakyReLU": _ActivationClass("leakyrelu", numbers={"negative_slope": "slope"}),
    "ReLU": _ActivationClass("relu"),
    "ReLU6": _ActivationClass("relu6"),
    "PReLU": _ActivationClass("prelu", others=("init",)),
    "ELU": _ActivationClass("elu", numbers={"alpha": "alpha"}),
    "GELU": _ActivationClass("gelu", others=()),
    "SiLU": _ActivationClass("silu"),
    "Hardswish": _ActivationClass("hardswish"),
    "SELU": _ActivationClass("function", "selu"),
    "Mish": _ActivationClass("function", "mish"),
    "Identity": _ActivationClass("identity"),
}
_DEFAULTS = {"slope": "1/100", "alpha": "1"}


def normalisation(
    fields: Fields, value: JsonValue | None, given: JsonValue | None, axes: int
) -> UnitLayer | None:
    """The normalisation of a block; None for none.  given: its arguments."""
    if value is None or value.held is None:
        return None
    kind = fields.class_name(value, "norm_op", tuple(_NORMS))
    if not kind:
        return None
    operator, own = _NORMS[kind]
    _refuse_axes(fields, value, "norm_op", kind, own, axes)
    arguments = _arguments(fields, given, "norm_op_kwargs", kind, _NORM_ARGUMENTS)
    affine = operator == "bn"
    values: dict[str, Value] = {}
    if "affine" in arguments:
        wanted = fields.flag(arguments["affine"], "affine")
        if wanted != affine:
            values["affine"] = wanted
    return UnitLayer(kind, operator, values, fields.place(value))


def dropout(fields: Fields, value: JsonValue | None, given: JsonValue | None, axes: int) -> UnitLayer | None:
    """The dropout of a block; None for none.  given: its arguments."""
    if value is None or value.held is None:
        return None
    kind = fields.class_name(value, "dropout_op", tuple(_DROPOUTS))
    if not kind:
        return None
    _refuse_axes(fields, value, "dropout_op", kind, _DROPOUTS[kind], axes)
    arguments = _arguments(fields, given, "dropout_op_kwargs", kind, _DROPOUT_ARGUMENTS)
    values: dict[str, Value] = {}
    if "p" in arguments:
        rate = fields.real(arguments["p"], "p")
        if not 0 <= rate <= 1:
            fields.add(f"p is a probability, not {arguments['p'].shown}", arguments["p"])
        elif rate * 2 != 1:
            values["rate"] = rate
    return UnitLayer(kind, "dropout", values, fields.place(value))


def activation(fields: Fields, value: JsonValue | None, given: JsonValue | None) -> UnitLayer | None:
    """The activation of a block; None for none.  given: its arguments."""
    if value is None or value.held is None:
        return None
    kind = fields.class_name(value, "nonlin", tuple(_ACTIVATIONS))
    if not kind:
        return None
    found = _ACTIVATIONS[kind]
    arguments = _arguments(fields, given, "nonlin_kwargs", kind, (*found.numbers, *found.others))
    values: dict[str, Value] = {"of": Word(found.of)} if found.of else {}
    for name, ours in found.numbers.items():
        if name in arguments:
            number = fields.real(arguments[name], name)
            if str(number) != _DEFAULTS[ours]:
                values[ours] = number
    return UnitLayer(kind, found.operator, values, fields.place(value))


def _arguments(
    fields: Fields, given: JsonValue | None, name: str, kind: str, known: tuple[str, ...]
) -> Mapping[str, JsonValue]:
    """Arguments of a class, none of which it does not take."""
    if given is None or given.held is None:
        return {}
    found = fields.members(given, name)
    for key, value in found.items():
        if key not in known:
            hint = nearest(key, known) or (f"it takes {listed(known)}" if known else "it takes none")
            fields.problems.add(f"{kind} takes no {key!r}", fields.key(value), hint)
    return found


def _refuse_axes(fields: Fields, value: JsonValue, name: str, kind: str, own: int, axes: int) -> None:
    if own and own != axes:
        fields.add(
            f"{name} is {kind}, and the convolutions have {of_axes(axes)}",
            value,
            f"{kind.replace(str(own), str(axes))} is for them",
        )
