"""One call of a PyTorch function, as the functions that follow it see it."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

from rfcalc.errors import DescriptionError
from rfcalc.importers.torch.program import ArgumentValue, FunctionCall, Named
from rfcalc.importers.torch.signatures import bound
from rfcalc.importers.tracing.attention import FollowedTensor, Scores, settled
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import Followers
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import Dimension, TensorView
from rfcalc.records import NamedTuple


class NotFollowed(NamedTuple):
    """A tensor of whole numbers or truth values that is computed of the input: nothing is known of it."""

    name: str


# An argument with the tensors that it names.
GivenArgument: TypeAlias = (
    "FollowedTensor | NotFollowed | int | float | bool | str | tuple[GivenArgument, ...] | None"
)


class Following:
    """A call, its arguments, and what the network has so far.

    batch: the digit of the examples.  tensors: those so far, by name.
    """

    def __init__(
        self, tracer: StepTracer, call: FunctionCall, tensors: dict[str, FollowedTensor], batch: Dimension
    ) -> None:
        self.tracer = tracer
        self.call = call
        self.batch = batch
        self._tensors = tensors
        given = bound(call.function, call.arguments)
        self.arguments = {name: self._resolved(value) for name, value in given.items()}

    def _resolved(self, value: ArgumentValue) -> GivenArgument:
        if isinstance(value, Named):
            return self._tensors.get(value.name, NotFollowed(value.name))
        if type(value) is tuple:
            return tuple([self._resolved(one) for one in value])
        return value

    def fail(self, message: str, hint: str = "") -> DescriptionError:
        """The error that this call cannot be read."""
        return self.tracer.mistake(message, hint)

    @property
    def stated(self) -> list[tuple[int, ...] | None]:
        """The sizes of its results; None for one that is not stated."""
        return [
            tuple([size for size in one.lengths if isinstance(size, int)])
            if all(isinstance(size, int) for size in one.lengths)
            else None
            for one in self.call.results
        ]

    # Arguments

    def get(self, *names: str) -> GivenArgument:
        """The argument of one of these names; None where none is given."""
        return next((self.arguments[name] for name in names if name in self.arguments), None)

    def first(self) -> FollowedTensor:
        """The tensor that a function is applied to."""
        return self.a_tensor(self.get("input"))

    def a_tensor(self, value: GivenArgument) -> FollowedTensor:
        """An argument that is a tensor."""
        if isinstance(value, TensorView | Known | Scores):
            return value
        if isinstance(value, int | float):
            return Known((), "int64" if isinstance(value, int) else "float32", (value,))
        raise self._other(value, "a tensor")

    def _other(self, value: GivenArgument, expected: str) -> DescriptionError:
        if isinstance(value, NotFollowed):
            return self.fail(f"it reads {value.name!r}, which no layer leaves")
        return self.fail(f"expected {expected}")

    def view(self) -> TensorView:
        """The first argument, which depends on the input."""
        return self.as_view(self.first())

    def as_view(self, tensor: FollowedTensor) -> TensorView:
        """A tensor as the output of a step, a known one as a learned tensor."""
        return settled(self.tracer, tensor)

    def known(self, *names: str) -> Known | None:
        """An argument that is a weight; None where none is given."""
        found = self.get(*names)
        if found is None:
            return None
        if isinstance(found, Known):
            return found
        if isinstance(found, NotFollowed):
            raise self._other(found, "weights")
        raise self.fail(f"{names[0]} depends on the input, where weights were expected")

    def weight(self, *names: str) -> Known:
        """An argument that is a weight."""
        found = self.known(*names)
        if found is None:
            raise self.fail(f"{names[0]} is missing")
        return found

    def number(self, default: float, *names: str) -> float:
        """An argument that is a number."""
        found = self._plain(self.get(*names))
        return default if found is None else float(found)

    def integer(self, default: int, *names: str) -> int:
        """An argument that is a whole number."""
        found = self._plain(self.get(*names))
        return default if found is None else int(found)

    def flag(self, default: bool, *names: str) -> bool:
        """An argument that is true or false."""
        found = self.get(*names)
        return bool(found) if isinstance(found, bool | int) else default

    def word(self, default: str, *names: str) -> str:
        """An argument that is a text."""
        found = self.get(*names)
        return found if isinstance(found, str) else default

    def _plain(self, value: GivenArgument) -> float | None:
        if isinstance(value, Known):
            value = value.scalar
        if value is None or isinstance(value, int | float):
            return value
        raise self._other(value, "a number that is known")

    def integers(self, *names: str) -> list[int] | None:
        """An argument of whole numbers; one alone is a list of one."""
        found = self.get(*names)
        if isinstance(found, Known) and len(found.lengths) == 1:
            whole = found.whole()
            return None if whole is None else list(whole)
        if is_list(found):
            return [int(self._plain(one) or 0) for one in found]
        plain = self._plain(found)
        return None if plain is None else [int(plain)]

    def sizes(self, *names: str) -> list[int]:
        """Whole numbers."""
        found = self.integers(*names)
        if found is None:
            raise self.fail("a size is missing")
        return found

    def axis(self, default: int, *names: str) -> int:
        """A dimension of the first argument, counted from the front."""
        rank = len(self.first().lengths)
        found = self.integer(default, *names)
        if not -max(rank, 1) <= found < max(rank, 1):
            raise self.fail(f"dimension {found} of a tensor of {rank}")
        return found % max(rank, 1)

    def tensors(self, *names: str) -> list[FollowedTensor]:
        """An argument that is several tensors."""
        found = self.get(*names)
        if not is_list(found):
            raise self.fail("expected several tensors")
        return [self.a_tensor(one) for one in found]


def is_list(value: GivenArgument) -> TypeGuard[tuple[GivenArgument, ...]]:
    """Whether an argument is several; tensors are named tuples."""
    return type(value) is tuple


# The functions that follow calls, and how one says which it follows.
OPERATORS: Followers[Following] = Followers()
operator = OPERATORS.operator
