"""What is asked of a layer that is to be written, and how the functions that write them are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import NoReturn, TypeAlias, TypeVar

from rfcalc.errors import DescriptionError, Diagnostic
from rfcalc.exporting.torch.program import Construction, Export, Literal, Named
from rfcalc.graph.ir import Node
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

# Which module has the function of an operator; what is not here is refused by name.
_MODULES = {
    "windows": "conv dwconv deconv maxpool avgpool adaptiveavgpool adaptivemaxpool globalavgpool globalmaxpool",
    "elements": "relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax oneminus leakyrelu "
    "prelu dropout droppath softmaxloss identity bn gn ln in grn scale lrn",
    "dense": "fc embedding lstm gru attention matmul learned",
    "arranging": "flatten reshape permute pad crop slice upsample pixelshuffle pixelunshuffle channelshuffle "
    "reducemean reducesum reducemax roll",
    "joins": "add sub mul div max min concat",
}
MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}
EXPORTED = tuple(MODULE_OF)


class Layer(NamedTuple):
    """A layer with the shapes of its operands; flat: which of them come without axes."""

    node: Node
    inputs: tuple[Shape, ...]
    flat: tuple[bool, ...]

    @property
    def arguments(self) -> Mapping[str, object]:
        """Its attributes in effect."""
        return self.node.arguments

    @property
    def output(self) -> Shape:
        """The size of its output."""
        return self.node.facts.output

    @property
    def rank(self) -> int:
        """The number of spatial axes of its first operand."""
        return len(self.inputs[0].axes)

    @property
    def channels(self) -> int:
        """The channels of its first operand."""
        return number(self.inputs[0].channels)

    def integer(self, name: str) -> int:
        """An attribute that is a whole number."""
        return number(self.arguments[name])

    def lengths(self, name: str) -> tuple[int, ...]:
        """An attribute that has a number for each axis."""
        value = self.arguments[name]
        assert isinstance(value, tuple)
        return tuple(number(each) for each in value)

    def pads(self, name: str = "padding") -> tuple[tuple[int, int], ...]:
        """An attribute that has an amount before and one after for each axis."""
        value = self.arguments[name]
        assert isinstance(value, tuple)
        return tuple((number(before), number(after)) for before, after in value)

    def has(self, name: str) -> bool:
        """Whether a flag is set."""
        return bool(self.arguments[name])

    def real(self, name: str) -> float | int:
        """An attribute that is any number, as Python writes it."""
        value = self.arguments[name]
        exact = float(value)  # type: ignore[arg-type]
        return int(exact) if exact.is_integer() else exact

    def refuse(self, why: str) -> NoReturn:
        """Raise DescriptionError: this layer cannot be written."""
        raise refusal(self.node, why)


def refusal(node: Node, why: str) -> DescriptionError:
    """The error that a layer cannot be exported, at its line."""
    return DescriptionError(
        (Diagnostic(f"{node.name} ({node.op}) cannot be exported to PyTorch: {why}", node.position),)
    )


def number(value: object) -> int:
    """A size that is a plain number, which it is where a network has no symbols."""
    assert isinstance(value, int)
    return value


Exporter: TypeAlias = Callable[[Layer], Export]
_Function = TypeVar("_Function", bound=Exporter)
_FLAT_TOO: set[str] = set()


def keeps_flat(*names: str) -> None:
    """Say of operators that they take tensors without axes as well."""
    _FLAT_TOO.update(names)


@cache
def exporter_of(op: str) -> Exporter | None:
    """The function that writes layers of an operator; None where there is none."""
    module = MODULE_OF.get(op)
    if module is None:
        return None
    loaded = import_module(f"rfcalc.exporting.torch.operators.{module}")
    function: Exporter = loaded.EXPORTERS[op]
    return function


def takes_flat(op: str) -> bool:
    """Whether layers of an operator read (N, C) as it is."""
    exporter_of(op)
    return op in _FLAT_TOO


def made(callee: str, *places: Literal, **named: Literal) -> Construction:
    """A construction; what stands by its place comes first."""
    return Construction(
        callee,
        (*(Named("", value) for value in places), *(Named(name, value) for name, value in named.items())),
    )
