"""One call of a layer, as the functions that follow layers see it: its tensors and what its config says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias

from rfcalc.errors import DescriptionError, Source, counted, mistake, nearest, quoted
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.config import CallArgument, KerasLayer, SliceArgument, TensorReference
from rfcalc.importers.tracing.attention import FollowedTensor, settled
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import Followers
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import Caller, Dimension, TensorView, digit
from rfcalc.ops.attributes import PerAxis, Value

# Numbers of a config: lengths, channels, steps.
MOST = 2**40

# What a constant argument may be.
Constant: TypeAlias = "int | float | bool | str | tuple[Constant, ...] | None"


class LayerFollowing:
    """A call of a layer.

    layer: with its config.  tensors: what it is called on.  given: the arguments as they stand, tensors
    among them.  path: of the layer.  keras2: whether the rules of Keras 2 hold.
    channels_first: the order of sizes where the config does not say.  examples: how many the file has
    in a batch, 1 where it leaves that open.
    """

    def __init__(
        self,
        tracer: StepTracer,
        source: Source,
        layer: KerasLayer,
        tensors: Sequence[FollowedTensor],
        path: str,
        *,
        keras2: bool = False,
        channels_first: bool = False,
        examples: int = 1,
    ) -> None:
        self.tracer = tracer
        self.source = source
        self.layer = layer
        self.tensors = tensors
        self.path = path
        self.keras2 = keras2
        self.examples = examples
        # The number of the first step that following it may add.
        self.first_step = tracer.count
        self._first = channels_first
        # The names of entries that were looked for.
        self._asked: set[str] = set()
        # The arguments of the call, for operators and for layers with several, and what stands for a tensor.
        self.arguments: Sequence[CallArgument] = ()
        self.named: dict[str, CallArgument] = {}
        self.tensor_of: Callable[[TensorReference], FollowedTensor] = _no_tensors
        # Where the call stands, and how many tensors stand in it without a name.
        self.at_call: JsonValue | None = None
        self.positional = len(tensors)
        # What follows a layer that holds another; None without.
        self.inner: Callable[[JsonValue, Sequence[FollowedTensor], str], list[FollowedTensor]] | None = None

    # Messages

    def fail(self, message: str, value: JsonValue | None = None, hint: str = "") -> DescriptionError:
        """The error that this layer cannot be read, at a value of it or at its class."""
        place = (value or self.layer.at).position(self.source)
        return mistake(f"{self.layer.class_name} {quoted(self.layer.name)}: {message}", place, hint)

    def entry(self, *names: str) -> JsonValue | None:
        """An entry of the config by one of its names; None for none and for null."""
        self._asked.update(names)
        for name in names:
            found = self.layer.config.members.get(name)
            if found is not None and found.held is not None:
                return found
        return None

    def missing(self, name: str) -> DescriptionError:
        """The error that an entry is not there."""
        near = nearest(name, self.layer.config.members).removeprefix("did you mean ").rstrip("?")
        return self.fail(f"its config has no {name}", None, f"is {near} meant to be it?" if near else "")

    def remark(self, message: str, value: JsonValue | None = None) -> None:
        """Say something of how the layer was read."""
        place = (value or self.layer.at).position(self.source).span
        self.tracer.remark(f"{self.layer.class_name} {quoted(self.layer.name)}: {message}", place)

    def remark_misspelled(self) -> None:
        """Say where an entry that nobody looked for is called nearly like one that is not there."""
        members = self.layer.config.members
        absent = [name for name in sorted(self._asked) if name not in members and len(name) > 3]
        for name, value in members.items():
            near = name not in self._asked and nearly_called(name, absent)
            if near:
                place = value.key_position(self.source).span
                told = f"{self.layer.class_name} {quoted(self.layer.name)}: {quoted(name)} is passed over"
                self.tracer.remark(f"{told}; is {near!r} meant?", place)

    # Entries of the config

    def integer(self, *names: str, default: int | None = None, least: int = 1) -> int:
        """A whole number; raises where it is missing without a default, and where it is none."""
        found = self.entry(*names)
        if found is None:
            if default is not None:
                return default
            raise self.missing(names[0])
        return self.whole(found, names[0], least)

    def whole(self, value: JsonValue, name: str, least: int = 1) -> int:
        """A value that has to be a whole number."""
        held = value.held
        if isinstance(held, float) and held.is_integer() and abs(held) < MOST:
            held = int(held)
        if not isinstance(held, int) or isinstance(held, bool) or not least <= held <= MOST:
            raise self.fail(f"{name} is a whole number of at least {least}, not {value.shown}", value)
        return held

    def each(self, *names: str, axes: int, default: int | None = None, least: int = 1) -> tuple[int, ...]:
        """A whole number for each axis; one stands for all."""
        found = self.entry(*names)
        if found is None:
            if default is None:
                raise self.missing(names[0])
            return (default,) * axes
        if not isinstance(found.held, tuple):
            return (self.whole(found, names[0], least),) * axes
        if len(found.items) == 1 and axes > 1 and names[0] != "target_shape":
            return (self.whole(found.items[0], names[0], least),) * axes
        if len(found.items) != axes:
            there = counted(len(found.items), "number")
            raise self.fail(f"{names[0]} has {there} for {axes} axes", found)
        return tuple([self.whole(one, names[0], least) for one in found.items])

    def number(self, *names: str, default: float = 0.0) -> float:
        """A number."""
        found = self.entry(*names)
        if found is None:
            return default
        held = found.held
        if isinstance(held, dict) and "config" in held:
            # A number of NumPy, as Keras writes it.
            inner = found.members["config"].members.get("value")
            held = inner.held if inner else None
        if not isinstance(held, int | float) or isinstance(held, bool) or not abs(held) < 1e300:
            raise self.fail(f"{names[0]} is a number, not {found.shown}", found)
        return float(held)

    def flag(self, *names: str, default: bool) -> bool:
        """A truth value."""
        found = self.entry(*names)
        if found is None:
            return default
        if isinstance(found.held, bool) or found.held in (0, 1):
            return bool(found.held)
        raise self.fail(f"{names[0]} is true or false, not {found.shown}", found)

    def word(self, *names: str, default: str, of: Sequence[str] = ()) -> str:
        """A text, one of these where they are given."""
        found = self.entry(*names)
        if found is None:
            return default
        if not isinstance(found.held, str):
            raise self.fail(f"{names[0]} is a text, not {found.shown}", found)
        word = found.held.casefold() if of else found.held
        if of and word not in of:
            hint = nearest(word, of) or f"{names[0]} is one of {', '.join(of)}"
            raise self.fail(f"{names[0]} {found.shown} is not known", found, hint)
        return word

    @property
    def channels_first(self) -> bool:
        """The order of the dimensions that the layer works with."""
        word = self.word("data_format", default="", of=("channels_first", "channels_last"))
        return word == "channels_first" if word else self._first

    # Tensors

    def a_tensor(self, place: int = 0) -> FollowedTensor:
        """One of the tensors that it is called on."""
        if place >= len(self.tensors):
            there = counted(len(self.tensors), "tensor")
            raise self.fail(f"it is called on {there}, expected {place + 1} at least")
        return self.tensors[place]

    def view(self, place: int = 0) -> TensorView:
        """One of the tensors, as the output of a step."""
        return settled(self.tracer, self.a_tensor(place))

    def axis(self, value: int, x: TensorView, entry: JsonValue | None = None, *, more: int = 0) -> int:
        """A dimension, counted from either end, that is not that of the examples."""
        rank = len(x.dimensions) + more
        if not -rank <= value < rank:
            raise self.fail(f"axis {value} of a tensor of {rank} dimensions", entry)
        return value % rank

    def ordered(self, x: TensorView, axes: int) -> TensorView:
        """A tensor of examples, channels and axes, whatever its order."""
        if len(x.dimensions) != axes + 2:
            sizes = self.sizes(x)
            hint = "examples are the first dimension, which may be null"
            raise self.fail(f"it works on {axes + 2} dimensions, the tensor is {sizes}", None, hint)
        if self.channels_first:
            return x
        return x.permuted([0, axes + 1, *range(1, axes + 1)])

    def reordered(self, x: TensorView) -> TensorView:
        """A tensor of examples, channels and axes in the order of the layer; see `ordered`."""
        if self.channels_first:
            return x
        return x.permuted([0, *range(2, len(x.dimensions)), 1])

    @staticmethod
    def sizes(x: FollowedTensor) -> str:
        """The size of a tensor as Keras shows it."""
        return f"({', '.join(['None', *map(str, x.lengths[1:])])})"

    def weight(self, role: str, lengths: Sequence[int]) -> Known:
        """A weight of this layer: the same for all of its calls."""
        size = prod(lengths)
        return Known(tuple(lengths), "float32", None, f"{self.path}/{role}", True, size)

    def beside(self, part: str, size: int, *, learned: bool) -> None:
        """Count numbers that the layer has beside those of its steps, once however often it is called."""
        key = (f"{self.path}/{part}", size)
        if key in self.tracer.stored:
            return
        before = self.tracer.caller
        self.at(f"_{part}")
        values: dict[str, Value] = {"size": size, "training": True}
        named = {"weight": key[0]} if learned else {}
        self.tracer.stored[key] = self.tracer.add(
            "learned", [], values if learned else {**values, "learned": False}, named
        )
        self.tracer.caller = before

    def at(self, part: str, class_name: str = "") -> None:
        """Let the steps that follow stand in a part of this layer, `.depthwise`, or beside it, `_count`."""
        caller = self.tracer.caller
        classes = (*caller.classes[:-1], class_name) if not part.startswith(".") else caller.classes
        self.tracer.caller = Caller(
            caller.place, f"{self.path}{part}", (*classes, class_name) if part.startswith(".") else classes
        )

    def batch_of(self, x: TensorView) -> Dimension:
        """The digits of the examples of a tensor."""
        return x.dimensions[0] if x.dimensions else ()

    def natural(self, x: TensorView, *, in_order: bool = True) -> TensorView:
        """A tensor whose dimensions are axes in order, then the channels; itself where there are many."""
        if not 2 <= len(x.dimensions) <= 5:
            return x
        x = self.tracer.spelled(x)
        places = list(range(1, len(x.dimensions)))
        if self.channels_first and len(places) > 2:
            places = [*places[1:], 1]
        # Examples that are made of positions are an axis of their own.
        if x.own(0):
            if len(places) > 3:
                return x
            places = [0, *places]
        return self.tracer.arranged(x, tuple([x.own(place) for place in places]), in_order=in_order)

    def placed(self, step: int, like: TensorView) -> TensorView:
        """What a step leaves that reads tensors in natural order; like: a tensor of these examples."""
        shape = self.tracer[step].shape
        base = tuple([digit(int(size)) if isinstance(size, int) else () for size in shape.sizes()])
        count = len(base)
        order = [*range(count)]
        if self.channels_first and count > 2:
            order = [count - 1, *range(count - 1)]
        return TensorView(step, base, (self.batch_of(like), *[base[place] for place in order]))

    def constant(self, argument: CallArgument | None) -> Constant:
        """An argument that does not depend on the input, as Python's value; None for null."""
        if argument is None:
            return None
        if isinstance(argument, TensorReference):
            tensor = self.tensor_of(argument)
            if not isinstance(tensor, Known) or tensor.values is None or len(tensor.lengths) > 1:
                raise self.fail("a tensor stands where a constant was expected", argument.value)
            return tensor.values if tensor.lengths else tensor.values[0]
        if isinstance(argument, SliceArgument):
            raise self.fail("a part of a dimension stands where a constant was expected", self.at_call)
        if isinstance(argument, list):
            return tuple([self.constant(one) for one in argument])
        held = argument.held
        if isinstance(held, tuple):
            return tuple([self.constant(one) for one in argument.items])
        if isinstance(held, dict):
            inner = argument.members.get("config")
            if inner is not None and "value" in inner.members:
                return self.constant(inner.members["value"])
            return None
        return held if isinstance(held, int | float | str) else None

    @staticmethod
    def along_sizes(sizes: Sequence[int]) -> Value:
        """A size as an attribute: one number for a plain vector."""
        return PerAxis(sizes) if len(sizes) > 1 else sizes[0]


def nearly_called(name: str, known: Sequence[str]) -> str:
    """The known name with a letter more or less, in other case or order of letters; "" for none."""
    for one in known:
        longer, shorter = (name, one) if len(name) > len(one) else (one, name)
        if len(longer) == len(shorter) + 1 and any(
            longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
        ):
            return one
        if name.casefold() == one.casefold() or (len(name) == len(one) and sorted(name) == sorted(one)):
            return one
    return ""


def _no_tensors(reference: TensorReference) -> FollowedTensor:
    raise LookupError(reference.layer)


# The functions that follow layers by their class, and how one says which it follows.
LAYERS: Followers[LayerFollowing] = Followers()
layer = LAYERS.operator
# Those of the operators of keras.ops, by their class; they stand in `keras.src.ops`.
OPERATORS: Followers[LayerFollowing] = Followers()
keras_operator = OPERATORS.operator
# The same of operators that are called on nothing but constants, such as lengths.
CONSTANTS: Followers[LayerFollowing] = Followers()
of_constants = CONSTANTS.operator
