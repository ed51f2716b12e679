"""The network while its layers are added: which step each layer leaves, and the steps that several make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rfcalc.errors import DescriptionError, Related, mistake
from rfcalc.importers.darknet.options import ACTIVATIONS
from rfcalc.importers.darknet.values import DarknetLayer
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.tracing.tracer import per_axis
from rfcalc.importers.tracing.views import Caller
from rfcalc.ops.attributes import SpanValue, Value, Word
from rfcalc.shapes import LARGEST_SIZE, Shape

# Layers that are one step where nothing is said of normalisation and activation.
_SINGLE = ("convolutional", "deconvolutional", "local", "connected")


class Unfinished(Exception):
    """What a layer reads could not be made, which has been told."""


class LayerInputs:
    """A layer that is being added, what it reads, and the steps that it makes.

    steps: those that the layers before it have left, None for one that is wrong.  before: what stands before
    it.  number: of the layer, as routes count.
    """

    def __init__(
        self,
        collector: StepCollector,
        layer: DarknetLayer,
        layers: list[DarknetLayer],
        steps: list[int | None],
        before: int | None,
    ) -> None:
        self.collector = collector
        self.layer = layer
        self.layers = layers
        self.steps = steps
        self.number = len(steps)
        self._before = before
        self.path = f"{layer.kind}{self.number}".replace("convolutional", "conv", 1)

    @property
    def alone(self) -> bool:
        """Whether a layer that multiplies by weights is that and nothing else."""
        whole, word = self.layer.whole, self.layer.words.get("activation")
        others = any(whole.get(option) for option in ("batch_normalize", "antialiasing"))
        return self.layer.kind in _SINGLE and word == "linear" and not others

    @property
    def before(self) -> int:
        """The step that stands before the layer."""
        if self._before is None:
            raise Unfinished
        return self._before

    def shape(self, step: int) -> Shape:
        """The size of what a step leaves."""
        return self.collector[step].shape

    def size(self, step: int) -> tuple[int, int, int]:
        """Height, width and channels of what a step leaves."""
        height, width, channels = (1, 1, *self.shape(step).sizes())[-3:]
        assert isinstance(height, int) and isinstance(width, int) and isinstance(channels, int)
        return height, width, channels

    def add(
        self,
        operator: str,
        operands: Iterable[int],
        values: Mapping[str, Value] = {},
        *,
        part: str = "",
        beside: str = "",
        option: str = "",
        learned: Mapping[str, str] = {},
    ) -> int:
        """The number of a new step.

        part: what it is called within the layer where that makes several.  beside: what it is called where
        it stands beside the step that the layer is, as what it does to its operands.  option: whose place it
        has, where that is written.
        """
        layer = self.layer
        within = bool(part) and not self.alone
        path = f"{self.path}.{part}" if within else f"{self.path}_{beside}" if beside else self.path
        caller = Caller(layer.at(option).span, path, (layer.kind, operator) if within else (operator,))
        self.collector.caller = caller
        step = self.collector.add(operator, operands, values, learned)
        if max(self.size(step)) > LARGEST_SIZE:
            raise self.mistake("its output is larger than any tensor can be")
        return step

    def remark(self, text: str, option: str = "") -> None:
        """Note what has to be said of the layer."""
        self.collector.remark(text, self.layer.at(option).span)

    def referred(self, option: str = "from") -> list[int]:
        """The numbers of the layers that an option names; raises DescriptionError where there are none."""
        layer, number = self.layer, self.number
        indices = layer.lists[option]
        if not indices:
            raise layer.mistake(
                f"[{layer.kind}] does not say which layers it reads: {option}= is missing",
                hint=f"{option}=-1 is the layer before it",
            )
        found = []
        for index, where in zip(indices, layer.number_places[option], strict=True):
            place = index if index >= 0 else number + index
            if place >= number:
                message = "this layer itself" if place == number else "a layer that comes later"
            elif place < 0:
                message = "no layer"
            else:
                found.append(place)
                continue
            there = f"0 to {number - 1}, or -1 to -{number} counted back from it"
            if number < 2:
                there = "0, or -1 counted back from it" if number else "none of them"
            hint = f"this is layer {number}: it reads {there}"
            raise mistake(f"{option}={index} is {message}", where, hint)
        return found

    def left_by(self, number: int) -> int:
        """The step that a layer has left."""
        step = self.steps[number]
        if step is None:
            raise Unfinished
        return step

    def sized(self, number: int) -> Related:
        """What another layer is and how large, for a message."""
        other = self.layers[number]
        return Related(f"layer {number}, [{other.kind}], is {self.shape(self.left_by(number))}", other.place)

    def mistake(
        self, message: str, option: str = "", hint: str = "", related: tuple[Related, ...] = ()
    ) -> DescriptionError:
        """The error that the layer cannot be made."""
        return self.layer.mistake(message, option, hint, related)

    def normalised(self, step: int, part: str = "bn") -> int:
        """The batch normalisation of a step where the layer has one."""
        if not self.layer.whole.get("batch_normalize"):
            return step
        return self.add("bn", [step], part=part, option="batch_normalize")

    def activated(self, step: int, part: str = "", beside: str = "") -> int:
        """The activation of the layer behind a step; the step itself where it is linear."""
        steps = ACTIVATIONS[self.layer.words["activation"]]
        for place, (operator, written) in enumerate(steps):
            values: dict[str, Value] = {name: value_of(text) for name, text in written.items()}
            if operator == "opaque":
                values |= {"params": 0, "macs": 0}
            # What is several operators has the name at the last.
            behind = "" if place == len(steps) - 1 else f"_{operator}"
            within, outside = part and part + behind, beside and beside + behind
            if behind and not part and not beside:
                outside = operator
            step = self.add(operator, [step], values, part=within, beside=outside, option="activation")
        return step


def value_of(text: str) -> Value:
    """An attribute as the language has it: a fraction where it is one, else a word."""
    from fractions import Fraction

    return Fraction(text) if text[0].isdigit() else Word(text)


def windows(
    kernel: int,
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: int = 1,
) -> dict[str, Value]:
    """The attributes of windows over height and width, defaults left out; padding before and after each."""
    found: dict[str, Value] = {"kernel": kernel}
    if stride != (1, 1):
        found["stride"] = per_axis(stride)
    before, after = padding
    if before or after:
        found["padding"] = before if before == after else SpanValue(before, after)
    if dilation != 1:
        found["dilation"] = dilation
    return found
