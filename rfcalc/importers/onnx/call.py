"""One call of an ONNX operator, as the functions that follow it see it."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.errors import DescriptionError, listed
from rfcalc.importers.onnx.model import ModelNode, StoredTensor
from rfcalc.importers.tracing.attention import FollowedTensor, settled
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import Followers
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import Dimension, TensorView


class NodeCall:
    """A node, its operands, and what the network has so far.

    version: that of the operator set the node's operator is of.  batch: the digit of the examples.
    """

    def __init__(
        self,
        tracer: StepTracer,
        batch: Dimension,
        node: ModelNode,
        operands: Sequence[FollowedTensor | None],
        version: int,
    ) -> None:
        self.tracer = tracer
        self.batch = batch
        self.node = node
        self.operands = operands
        self.version = version

    def fail(self, message: str, hint: str = "") -> DescriptionError:
        """The error that this call cannot be read."""
        return self.tracer.mistake(message, hint)

    # Operands

    def given(self, place: int) -> bool:
        """Whether there is an operand at a place."""
        return place < len(self.operands) and self.operands[place] is not None

    def tensor(self, place: int) -> FollowedTensor:
        """An operand of any kind."""
        found = self.operands[place] if place < len(self.operands) else None
        if found is None:
            raise self.fail(f"operand {place} is missing")
        return found

    def view(self, place: int) -> TensorView:
        """An operand that depends on the input."""
        return self.as_view(self.tensor(place))

    def as_view(self, tensor: FollowedTensor) -> TensorView:
        """A tensor as the output of a step, a known one as a learned tensor."""
        return settled(self.tracer, tensor)

    def known(self, place: int) -> Known:
        """An operand that does not depend on the input."""
        found = self.tensor(place)
        if not isinstance(found, Known):
            raise self.fail(f"operand {place} depends on the input, where a constant was expected")
        return found

    def optional(self, place: int) -> Known | None:
        """A known operand that may be left out."""
        return self.known(place) if self.given(place) else None

    def numbers(self, place: int, attribute: str = "") -> list[int] | None:
        """Whole numbers that an operand holds, or before that an attribute; None where neither is there."""
        if self.given(place):
            found = self.known(place).whole()
            if found is None:
                raise self.fail(f"operand {place} is to hold whole numbers that are known")
            return list(found)
        return self.ints(attribute)

    # Attributes

    def ints(self, name: str) -> list[int] | None:
        """An attribute of whole numbers; None where it is left out."""
        found = self.node.attributes.get(name)
        if found is None:
            return None
        if isinstance(found, tuple) and all(isinstance(one, int) for one in found):
            return [one for one in found if isinstance(one, int)]
        raise self.fail(f"the attribute {name} is to hold whole numbers")

    def integer(self, name: str, default: int) -> int:
        """An attribute that is a whole number."""
        found = self.node.attributes.get(name, default)
        if not isinstance(found, int):
            raise self.fail(f"the attribute {name} is to be a whole number")
        return found

    def decimal(self, name: str, default: float) -> float:
        """An attribute that is a number."""
        found = self.node.attributes.get(name, default)
        if not isinstance(found, int | float):
            raise self.fail(f"the attribute {name} is to be a number")
        return float(found)

    def word(self, name: str, default: str) -> str:
        """An attribute that is a text."""
        found = self.node.attributes.get(name, default)
        if not isinstance(found, str):
            raise self.fail(f"the attribute {name} is to be a text")
        return found

    def stored(self, name: str) -> StoredTensor | None:
        """An attribute that is a tensor; None where it is left out."""
        found = self.node.attributes.get(name)
        return found if isinstance(found, StoredTensor) else None

    def axis(self, default: int, rank: int) -> int:
        """The attribute `axis`, counted from the front."""
        found = self.integer("axis", default)
        if not -rank <= found < max(rank, 1):
            raise self.fail(f"axis {found} of a tensor of {rank} dimensions")
        return found % rank if rank else 0

    def places(self, axes: Sequence[int], rank: int) -> list[int]:
        """Axes that are given, each once, counted from the front."""
        if wrong := [axis for axis in axes if not -rank <= axis < rank]:
            raise self.fail(f"axis {wrong[0]} of a tensor of {rank} dimensions")
        found = [axis % rank for axis in axes]
        if len(set(found)) < len(found):
            raise self.fail(f"an axis is given twice: {listed(map(str, axes))}")
        return found


# The functions that follow calls, and how one says which it follows.
OPERATORS: Followers[NodeCall] = Followers()
operator = OPERATORS.operator
