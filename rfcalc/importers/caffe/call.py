"""A layer that is followed: its parameters, the tensors that it reads, what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NoReturn

from rfcalc.errors import DescriptionError, Position, Related, counted, mistake, quoted
from rfcalc.importers.caffe.values import MessageValues
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import Followers
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import Dimension, TensorView
from rfcalc.records import NamedTuple

# Most blobs have four dimensions; caffe.proto allows as many as this.
MOST_DIMENSIONS = 32


class CaffeLayer(NamedTuple):
    """A layer of the file.

    kind: its type by the second form.  place: of its name, or of the layer where it has none.
    type_place: of its type.  shared: the names of its tensors, "" for one that has none.
    """

    name: str
    kind: str
    place: Position
    type_place: Position
    values: MessageValues
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    shared: tuple[str, ...]

    def bottom_place(self, number: int) -> Position:
        """Where the name of a tensor that it reads stands."""
        return self.values.at("bottom", number)


class LayerCall(NamedTuple):
    """A layer with what it reads.

    makers: where each of the tensors that it reads is made.  owners: of the tensors that have names to be
    shared by, the first layer that learns each, and their lengths.
    """

    tracer: StepTracer
    layer: CaffeLayer
    bottoms: Sequence[TensorView]
    makers: Sequence[Position]
    batch: Dimension
    owners: dict[str, tuple[CaffeLayer, tuple[int, ...]]]

    @property
    def x(self) -> TensorView:
        """The first tensor that it reads."""
        return self.bottom(0)

    def bottom(self, number: int) -> TensorView:
        """One of the tensors that it reads; raises DescriptionError where there is none."""
        if number >= len(self.bottoms):
            self.fail(
                f"{self.layer.kind} reads {counted(number + 1, 'bottom')} at least, this layer has "
                f"{len(self.bottoms)}"
            )
        return self.bottoms[number]

    def each(self) -> list[LayerCall]:
        """The same layer on each of the tensors that it reads by itself."""
        return [
            self._replace(layer=self.layer._replace(bottoms=(name,)), bottoms=(view,), makers=(maker,))
            for name, view, maker in zip(self.layer.bottoms, self.bottoms, self.makers, strict=True)
        ]

    def parameter(self, name: str) -> MessageValues:
        """The message of its parameters with this name."""
        return self.layer.values.message(name)

    def fail(
        self, message: str, place: Position | None = None, hint: str = "", *related: Related
    ) -> NoReturn:
        """Raise DescriptionError; place: None for the layer as a whole."""
        raise self.mistake(message, place, hint, *related)

    def mistake(
        self, message: str, place: Position | None = None, hint: str = "", *related: Related
    ) -> DescriptionError:
        """The error that something is wrong with it."""
        return mistake(message, place or self.layer.place, hint, related)

    def axis(self, values: MessageValues, name: str, default: int, rank: int) -> int:
        """The number of a dimension, of those that a parameter names; negative ones count from the end."""
        number = values.whole(name, default)
        if not -rank <= number < rank:
            self.fail(
                f"{name} {number} is none of the {counted(rank, 'dimension')} of "
                f"{quoted(self.layer.bottoms[0])}, {sizes(self.x.lengths)}",
                values.at(name),
                "they count from 0, the examples",
            )
        return number % rank

    def learned(self, number: int, what: str, lengths: tuple[int, ...]) -> Known:
        """A tensor that it learns; number: which of its blobs it is.  One with a name is shared by that."""
        shared = self.layer.shared
        name = shared[number] if number < len(shared) else ""
        if name:
            owner, theirs = self.owners.setdefault(name, (self.layer, lengths))
            if theirs != lengths:
                self.fail(
                    f"{quoted(name)} is {sizes(theirs)} in {quoted(owner.name)} and {sizes(lengths)} here",
                    self.layer.values.at("param", number),
                    "layers of one shape share what they learn",
                    Related(f"{quoted(owner.name)} learns it", owner.place),
                )
        elif number and shared and self.owners.get(shared[0], (self.layer, ()))[0].place != self.layer.place:
            self.remark(
                f"the {what} of {quoted(self.layer.name)} is counted with the shared {quoted(shared[0])}"
            )
        # Layers may have one name, which shares nothing.
        own = f"{self.layer.name}.{what} at {self.layer.place.span}"
        return Known(lengths, "float32", name=name or own, learned=True, stored=math.prod(lengths))

    def named_size(self, number: int = 0) -> str:
        """A tensor that it reads, with its size, for messages."""
        return f"{quoted(self.layer.bottoms[number])} is {sizes(self.bottoms[number].lengths)}"

    def remark(self, text: str, place: Position | None = None) -> None:
        """Note what has to be said of how it is read."""
        self.tracer.remark(text, (place or self.layer.place).span)


def sizes(lengths: Sequence[int]) -> str:
    """The lengths of a tensor as Caffe orders them, for messages."""
    return "x".join(map(str, lengths)) or "a single number"


LAYERS: Followers[LayerCall] = Followers()
operator = LAYERS.operator
