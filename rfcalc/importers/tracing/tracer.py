"""The steps found so far, and how to add one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import TypeVar

from rfcalc.errors import (
    DescriptionError,
    UsageError,
    cut,
    quoted,
)
from rfcalc.importers.steps import ElementTypes, ImportedNetwork, ImportedStep, of_steps
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.movement import Arrangement, movement
from rfcalc.importers.tracing.naming import named
from rfcalc.importers.tracing.views import Caller, Dimension, TensorView, digit, length, own
from rfcalc.ops.attributes import PerAxis, Value
from rfcalc.shapes import Shape

MOST_AXES = 3
# Calls that are followed, those within functions each time.
MOST_CALLS = 200_000
# Parts that a tensor is cut into.
MOST_PARTS = 10_000

T = TypeVar("T")


def attempt(tracer: StepTracer, follow: Callable[[], T]) -> T:
    """What a function returns that follows a call; steps that it made before it failed go.

    It reads operands and attributes as they ought to be; those of a damaged file may be fewer, or none that
    numbers can be made of.  Raises DescriptionError.
    """
    before = tracer.count
    try:
        return follow()
    except (ArithmeticError, LookupError, ValueError, DescriptionError) as error:
        tracer.absorb(*range(before, tracer.count))
        if isinstance(error, DescriptionError):
            raise
        raise tracer.mistake("its operands and attributes do not fit each other") from None


def examples(inputs: Iterable[Sequence[object]]) -> Dimension:
    """The digit of the examples: as many as the first input has that has several.  inputs: their lengths."""
    firsts = [lengths[0] for lengths in inputs if len(lengths) > 1]
    return next((digit(first, "batch") for first in firsts if isinstance(first, int) and first > 1), ())


class StepTracer(StepCollector):
    """Collects the steps of a network whose tensors are followed, element by element where need be.

    layered: whether the file names layers, so that each is a step as it stands there, and what has equal
    names is shared; else it has calls, of which several may be a layer.
    """

    def __init__(
        self, text: str = "", *, sharing: bool = False, layered: bool = False, most: int = MOST_CALLS
    ) -> None:
        super().__init__(text, sharing=sharing or layered, most=most)
        self.layered = layered
        # Steps that another has taken in, and which go where nothing else reads them.
        self._absorbed: set[int] = set()
        self._arranged: dict[object, int] = {}
        # The steps that learn a stored tensor, or count its elements, by its name.
        self._counting: dict[str, set[int]] = {}
        # The element type in which the output of a step is kept, by its number.
        self._elements: dict[int, str] = {}
        # Products that are steps by now, each once however many read it.
        self.products: dict[object, TensorView] = {}
        # Tensors of the file that are steps of their own, by name and size.
        self.stored: dict[tuple[str, object], int] = {}
        # The number of a step that computes with one.
        self.constants: dict[int, float] = {}

    def fresh_parameters(self, weights: Iterable[Known]) -> int:
        """How many learned numbers tensors are made of that no layer has counted so far.

        The next step that is added counts them.
        """
        stored = {name: size for one in weights if one.learned for name, size in one.parts}
        fresh = {
            name: size
            for name, size in stored.items()
            if self._absorbed.issuperset(self._counting.get(name, ()))
        }
        self.counted_by(self.count, fresh)
        return sum(fresh.values())

    def counted_by(self, step: int, names: Iterable[str]) -> None:
        """Note which stored tensors a step counts."""
        for name in names:
            self._counting.setdefault(name, set()).add(step)

    def add(
        self,
        operator: str,
        operands: Iterable[int],
        values: Mapping[str, Value] = {},
        learned: Mapping[str, str] = {},
        caller: Caller | None = None,
    ) -> int:
        """The number of a new step, which counts what it learns; see `StepCollector.add`."""
        step = super().add(operator, operands, values, learned, caller)
        self.counted_by(step, learned.values())
        return step

    def input(
        self, name: str, lengths: tuple[int, ...], element: str, batch: Dimension, *, alone: bool
    ) -> TensorView:
        """A new input: examples, channels and axes; whole numbers without channels are indices of words.

        batch: the digit of the examples.  alone: whether it is the only one, which needs no name.
        Raises UsageError where it has too many axes.
        """
        axes, channels = lengths[2:], lengths[1] if len(lengths) > 1 else lengths[0]
        dimensions: list[str | int] = ["batch", -1, *range(len(axes))] if len(lengths) > 1 else [-1]
        if len(lengths) <= 2 and element.startswith(("int", "uint")):
            axes, channels = lengths[-1:], 1
            dimensions = ["batch", 0] if len(lengths) == 2 else [0]
        if len(axes) > MOST_AXES:
            raise UsageError(
                f"the input {quoted(name)} is {cut('x'.join(map(str, lengths)))}; a description has "
                f"examples, channels and at most {MOST_AXES} axes"
            )
        shape = Shape(axes, channels)
        called = "input" if alone else name
        self._steps.append(ImportedStep(operator="input", operands=(), values={}, shape=shape, name=called))
        entering = self.view(len(self._steps) - 1, dimensions, batch)
        self.stated(entering.step, element)
        return entering

    def stated(self, step: int, element: str) -> None:
        """Note an element type that the output of a step has in the file.

        A tensor that is quantised, or rounded, is kept as that; what computes with it widens it again.
        """
        bits = _bits(element)
        known = self._elements.get(step)
        if bits and (known is None or bits < _bits(known)):
            self._elements[step] = element

    def absorb(self, *steps: int) -> None:
        """Let steps go where nothing but each other reads them: another does what they did."""
        self._absorbed.update(steps)

    # Views of steps

    def view(self, step: int, dimensions: Sequence[str | int], batch: Dimension = ()) -> TensorView:
        """A tensor that is a step's output, with fresh digits.

        dimensions: for each of its dimensions `batch`, or the number of an axis of the output, from 0; the
        channels are number -1.
        """
        base = tuple([digit(int(size)) for size in _plain(self._steps[step].shape)])
        return TensorView(
            step, base, tuple([batch if each == "batch" else base[int(each)] for each in dimensions])
        )

    def arranged(self, view: TensorView, groups: Arrangement, *, in_order: bool = False) -> TensorView:
        """The same tensor as the output of a step whose axes and channels are these groups of digits.

        A group without digits is an axis of size 1.  More than three axes are made fewer, the first ones put
        together.  in_order: whether the digits of a plain vector must stand as they do in the groups; else
        the elements of a map stand in it in the order of the language.
        """
        if len(groups) == 1 and len(view.base) > 1 and not in_order:
            step = self._arrange(view, "flatten", {})
            return view._replace(step=step, base=(tuple([one for group in view.base for one in group]),))
        *axes, channels = groups
        while len(axes) > MOST_AXES:
            axes = [axes[0] + axes[1], *axes[2:]]
        wanted = (*axes, channels)
        moved = movement(view.base, wanted)
        if moved is None:
            return view._replace(base=wanted)
        operator, values = moved
        return view._replace(step=self._arrange(view, operator, values), base=wanted)

    def _arrange(self, view: TensorView, operator: str, values: Mapping[str, Value]) -> int:
        """The step that arranges the output of another in one way, made once for all who need it."""
        key = (view.step, operator, tuple(values.items()))
        if key not in self._arranged:
            self._arranged[key] = self.add(operator, [view.step], values, caller=view.caller)
            self.absorb(self._arranged[key])
        return self._arranged[key]

    def moved(self, result: TensorView, operands: Iterable[object]) -> TensorView:
        """What the call being followed leaves; the call is remembered where it only arranged an operand."""
        for one in operands:
            if (
                isinstance(one, TensorView)
                and one.step == result.step
                and one.dimensions != result.dimensions
            ):
                return result._replace(caller=self.caller)
        return result

    def with_channels(self, view: TensorView, dimension: int) -> TensorView:
        """The same tensor as an output whose channels are a dimension, positions arranged in any way."""
        view = self.spelled(view, [dimension])
        channels = view.own(dimension)
        if view.channels == channels and (channels or self._is_one(view)):
            return view
        return self.by_dimension(view, dimension)

    def by_dimension(
        self, view: TensorView, channels: int, axes: Sequence[int] | None = None, *, in_order: bool = False
    ) -> TensorView:
        """The same tensor as an output whose channels are one dimension and whose axes are others, in order.

        axes: None for all others that have digits of their own.  in_order: see `arranged`.
        """
        places = (
            [
                place
                for place in range(len(view.dimensions))
                if place != channels % len(view.dimensions) and view.own(place)
            ]
            if axes is None
            else axes
        )
        groups = (*[view.own(place) for place in places], view.own(channels))
        return self.arranged(view, groups, in_order=in_order)

    def by_groups(self, view: TensorView, channels: int, axes: Iterable[Sequence[int]]) -> TensorView:
        """As `by_dimension`, in order, with axes that several dimensions are put together in."""
        own_of = [tuple([one for place in group for one in view.own(place)]) for group in axes]
        return self.arranged(view, (*own_of, view.own(channels)), in_order=True)

    def spelled(self, view: TensorView, dimensions: Iterable[int] | None = None) -> TensorView:
        """The same tensor with what is repeated along dimensions, None for all, as elements of its own."""
        places = range(len(view.dimensions)) if dimensions is None else dimensions
        repeated = [one for place in places for one in view.dimensions[place] if one.kind == "repeated"]
        if not repeated:
            return view
        placed = self.arranged(view, (*[group for group in view.base[:-1] if group], (), view.channels))
        fresh = {one: digit(one.size) for one in repeated}
        axis = tuple([one for each in fresh.values() for one in each])
        base = (*placed.base[:-2], axis, placed.channels)
        sizes = per_axis([length(group) for group in base[:-1]])
        step = self.add("upsample", [placed.step], {"size": sizes}, caller=view.caller)
        spelled = [
            tuple([part for one in each for part in fresh.get(one, (one,))]) for each in placed.dimensions
        ]
        return placed._replace(step=step, base=base, dimensions=tuple(spelled))

    @staticmethod
    def _is_one(view: TensorView) -> bool:
        return not any(view.base[:-1])

    # The whole

    def _leaving(self, view: TensorView) -> int:
        """The step that leaves an output: what is only another form of a layer's output is that layer."""
        step = view.step
        if len(view.base) == 1 or not view.dimensions or view.channels in map(own, view.dimensions):
            done = step
        elif len([one for one in view.dimensions if own(one)]) == 1:
            done = self.add("flatten", [step], caller=view.caller)
        else:
            done = self.by_dimension(view, 1 if len(view.dimensions) > 3 else -1).step
        if self._steps[done].operator == "input":
            done = self.add("identity", [done])
        return done

    def network(
        self, name: str, source: str, outputs: Iterable[TensorView], learned: Iterable[tuple[str, int]]
    ) -> ImportedNetwork:
        """What was found; outputs: the tensors that leave the network.

        learned: the element types of what it learns, each with how many elements have it.
        """
        ends = list(dict.fromkeys(self._leaving(view) for view in outputs))
        read = set(ends)
        kept: list[int] = []
        for number in range(len(self._steps) - 1, -1, -1):
            step = self._steps[number]
            if number in self._absorbed and number not in read:
                continue
            read.update(step.operands)
            kept.append(number)
        kept.reverse()
        taught = [
            one for number in kept if self._steps[number].learned for one in self._steps[number].operands
        ]
        passed = [one for one in dict.fromkeys(taught or kept) if one in self._elements]
        elements = ElementTypes(
            _most_common(learned),
            _most_common((self._elements[one], prod(_plain(self._steps[one].shape))) for one in passed),
        )
        steps, remarks = tuple(self._steps), self.remarks
        whole = ImportedNetwork(name, steps, tuple(ends), source, remarks, elements, self.text)
        network = of_steps(whole, kept)
        return network._replace(steps=named(network.steps))


def _bits(element: str) -> int:
    """How many bits a number of an element type has; 0 for types that no layer passes on."""
    digits = re.match(r"(?:u?int|b?float)(\d+)", element)
    return int(digits[1]) if digits and element not in ("int32", "int64", "uint32", "uint64") else 0


def _most_common(elements: Iterable[tuple[str, int]]) -> str:
    """The element type that most elements have, of types with numbers of elements; "" for none."""
    counts: Counter[str] = Counter()
    for element, count in elements:
        counts[element] += count
    return max(counts, key=counts.__getitem__, default="")


def _plain(shape: Shape) -> Iterable[int]:
    # Sizes of a file are numbers.
    return [size for size in shape.sizes() if isinstance(size, int)]


def per_axis(values: Sequence[Value]) -> Value:
    """A value for each axis as it is written: one where all are equal."""
    return values[0] if all(value == values[0] for value in values) else PerAxis(values)
