"""The json of a Keras model as records: its layers, and the tensors that each of their calls reads.

Keras 3 writes a call as `{"args": [...], "kwargs": {...}}` with tensors that name where they come from
(`keras_history`) and their size; Keras 2 as a list of `[name, node, tensor, arguments]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from rfcalc.errors import DescriptionError, Source, mistake, nearest, quoted
from rfcalc.importers.json_text import JsonValue
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple

# What holds layers: its `config` is a network.
NETWORKS = ("Functional", "Model", "Sequential")
# Layers of one network, and arguments within each other.
_DEEPEST_ARGUMENT = 16
# What stands where Keras 2 has the name of a layer, before a constant that a function is called on.
_CONSTANT = "_CONSTANT_VALUE"


class TensorReference(NamedTuple):
    """A tensor that a call reads: an output of a call of a layer.

    lengths: its size as the file states it, examples first, None for a length that is open; None for none.
    key: what it is called in an object of tensors, "" elsewhere.
    """

    layer: str
    call: int
    output: int
    value: JsonValue
    lengths: tuple[int | None, ...] | None = None
    key: str = ""


class SliceArgument(NamedTuple):
    """A part of a dimension, of which the ends may be tensors."""

    start: CallArgument
    stop: CallArgument
    step: CallArgument


# An argument of a call: a tensor, several, a part of a dimension, or a constant.
CallArgument: TypeAlias = "TensorReference | SliceArgument | list[CallArgument] | JsonValue"


class KerasCall(NamedTuple):
    """One call of a layer: its arguments in their order, and by name.

    stated: those with a name, as they stand in the file.
    """

    arguments: tuple[CallArgument, ...]
    named: Mapping[str, CallArgument]
    value: JsonValue
    stated: Mapping[str, JsonValue] = {}


class KerasLayer(NamedTuple):
    """A layer.  config: its arguments.  value: all of it.  build: the size it was built with, if stated."""

    name: str
    class_name: str
    module: str
    config: JsonValue
    calls: tuple[KerasCall, ...]
    value: JsonValue
    build: JsonValue | None = None

    @property
    def at(self) -> JsonValue:
        """Where messages about it stand: at its class, else all of it."""
        return self.value.members.get("class_name", self.value)


class KerasNetwork(NamedTuple):
    """Layers, the inputs and outputs among them; sequential: each reads the one before it."""

    name: str
    class_name: str
    layers: tuple[KerasLayer, ...]
    inputs: tuple[TensorReference, ...]
    outputs: tuple[TensorReference, ...]
    sequential: bool
    value: JsonValue


class ConfigReader:
    """Reads networks of one file, and notes what is wrong with them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems = Problems()

    def add(self, message: str, value: JsonValue, hint: str = "") -> None:
        """Note a mistake at a value."""
        self.problems.add(message, value.position(self.source), hint)

    def stop(self, message: str, value: JsonValue, hint: str = "") -> DescriptionError:
        """The error of a mistake after which nothing more can be read."""
        return mistake(message, value.position(self.source), hint)

    def network(self, value: JsonValue, outer: str = "") -> KerasNetwork:
        """What a `{"class_name": ..., "config": ...}` holds; outer: what it is called without a name."""
        if not isinstance(value.held, dict):
            raise self.stop(f"expected an object with class_name and config, got {value.shown}", value)
        class_name = self._text(value, "class_name")
        config = value.members.get("config")
        if config is None:
            raise self.stop("this model has no config", value)
        sequential = class_name == "Sequential"
        found = config if isinstance(config.held, tuple) else config.members.get("layers")
        if found is None or not isinstance(found.held, tuple):
            if class_name and class_name not in NETWORKS:
                hint = (
                    "a model that subclasses keras.Model is known by its code alone: only Functional and "
                    "Sequential models have layers in their configuration"
                )
                raise self.stop(
                    f"{class_name} states no layers", value.members.get("class_name", value), hint
                )
            raise self.stop("this model has no list of layers", found or config)
        layers = [layer for one in found.items if (layer := self._layer(one, sequential)) is not None]
        self._refuse_twins(layers)
        name = config.members.get("name")
        outputs = tuple(self._ends(config, "output_layers"))
        keras3 = any(_is_call_of_keras3(call.value) for layer in layers for call in layer.calls)
        ahead = _counted_from_1(layers, () if keras3 else outputs)
        if ahead:
            layers = [_renumbered(layer, ahead) for layer in layers]
        if keras3:
            # Keras 3 counts calls of models from 1 among the outputs, from 0 everywhere else.
            from_0 = {one.layer for one in outputs if one.call == 0}
            kinds = ("Functional", "Model")
            ahead = frozenset([layer.name for layer in layers if layer.class_name in kinds]) - from_0
        return KerasNetwork(
            name.held if name and isinstance(name.held, str) else outer,
            class_name,
            tuple(layers),
            tuple(self._ends(config, "input_layers")),
            tuple([_moved(one, ahead) for one in outputs]),
            sequential or "output_layers" not in config.members,
            value,
        )

    def _refuse_twins(self, layers: list[KerasLayer]) -> None:
        seen: dict[str, KerasLayer] = {}
        for layer in layers:
            if layer.name in seen:
                self.add(f"two layers are called {quoted(layer.name)}", layer.at)
            seen[layer.name] = layer

    def _layer(self, value: JsonValue, sequential: bool) -> KerasLayer | None:
        if not isinstance(value.held, dict):
            self.add(f"a layer is an object, not {value.shown}", value)
            return None
        class_name = self._text(value, "class_name")
        config = value.members.get("config", value._replace(held={}))
        name = value.members.get("name") or config.members.get("name")
        called = name.held if name and isinstance(name.held, str) else ""
        if not called and not sequential:
            self.add(f"this layer {class_name} has no name", value.members.get("class_name", value))
            return None
        module = value.members.get("module")
        nodes = value.members.get("inbound_nodes")
        calls = [] if nodes is None else self._calls(nodes)
        return KerasLayer(
            called or class_name.lower(),
            class_name,
            module.held if module and isinstance(module.held, str) else "",
            config,
            tuple(calls),
            value,
            value.members.get("build_config"),
        )

    def _text(self, value: JsonValue, key: str) -> str:
        found = value.members.get(key)
        if found is None:
            self.add(f"this object has no {key}", value, nearest(key, value.members))
            return ""
        if not isinstance(found.held, str):
            self.add(f"{key} is a text, not {found.shown}", found)
            return ""
        return found.held

    # Calls

    def _calls(self, nodes: JsonValue) -> Iterator[KerasCall]:
        if not isinstance(nodes.held, tuple):
            self.add(f"inbound_nodes is a list, not {nodes.shown}", nodes)
            return
        for node in nodes.items:
            if _is_call_of_keras3(node):
                arguments = node.members.get("args")
                named = node.members.get("kwargs")
                stated = named.members if named else {}
                yield KerasCall(
                    tuple([self._argument(one) for one in (arguments.items if arguments else ())]),
                    {key: self._argument(one) for key, one in stated.items()},
                    node,
                    stated,
                )
            else:
                yield self._old_call(node)

    def _old_call(self, node: JsonValue) -> KerasCall:
        """A call as Keras 2 writes it: of several tensors a list or an object of them, else one alone."""
        alone = _is_old(node) or _is_constant(node)
        entries = [("", one) for one in ((node,) if alone else node.items)] or sorted(node.members.items())
        found: list[CallArgument] = []
        stated: dict[str, JsonValue] = {}
        for key, entry in entries:
            if _is_constant(entry):
                found.append(self._argument(entry.items[2]))
            elif _is_old(entry):
                found.append(self._old(entry)._replace(key=key))
            else:
                self.add("expected [layer, node, tensor, arguments]", entry)
                continue
            # The arguments of a call stand beside each of its tensors.
            stated.update(entry.items[3].members if len(entry.items) > 3 else {})
        several: tuple[CallArgument, ...] = (found,) if len(found) > 1 else tuple(found)
        named = {key: self._argument(one) for key, one in stated.items()}
        return KerasCall(several, named, node, stated)

    def _old(self, entry: JsonValue) -> TensorReference:
        name, call, output = (one.held for one in entry.items[:3])
        assert isinstance(name, str) and isinstance(call, int) and isinstance(output, int)
        return TensorReference(name, call, output, entry)

    def _argument(self, value: JsonValue, depth: int = 0) -> CallArgument:
        if depth > _DEEPEST_ARGUMENT:
            raise self.stop("arguments nest too deeply", value)
        history = _history(value)
        if history is not None:
            name, call, output = history
            stated = value.members["config"].members.get("shape")
            return TensorReference(name, call, output, value, lengths_of(stated))
        if _is_old(value):
            return self._old(value)
        ends = _ends_of_slice(value)
        if ends is not None:
            return SliceArgument(*[self._argument(ends[key], depth + 1) for key in SliceArgument._fields])
        if isinstance(value.held, tuple) and value.items:
            return [self._argument(one, depth + 1) for one in value.items]
        if isinstance(value.held, dict) and value.members and "class_name" not in value.members:
            # Keras orders the tensors of an object by their names, wherever it counts them.
            found = [(key, self._argument(one, depth + 1)) for key, one in sorted(value.members.items())]
            return [one._replace(key=key) if isinstance(one, TensorReference) else one for key, one in found]
        return value

    def _ends(self, config: JsonValue, key: str) -> Iterator[TensorReference]:
        """The references in input_layers or output_layers, which may be one, a list or an object of them."""
        pending = [config.members[key]] if key in config.members else []
        while pending:
            one = pending.pop()
            if _is_old(one):
                yield self._old(one)
            elif isinstance(one.held, tuple):
                pending += reversed(one.items)
            elif isinstance(one.held, dict):
                pending += [value for _, value in sorted(one.members.items(), reverse=True)]
            elif one.held is not None:
                self.add(f"{key} has [layer, node, tensor], not {one.shown}", one)


def _ends_of_slice(value: JsonValue) -> dict[str, JsonValue] | None:
    """The ends and the step of a slice, as Keras 3 writes one or as Keras 2 does; None of what is none."""
    kind = value.members.get("class_name")
    if kind is not None:
        value = value.members.get("config", value) if kind.held == "__slice__" else value._replace(held=None)
    return dict(value.members) if value.members.keys() == set(SliceArgument._fields) else None


def _is_call_of_keras3(value: JsonValue) -> bool:
    """Whether a call has its arguments as Keras 3 writes them; one of Keras 2 may have tensors by name."""
    return not value.members.keys().isdisjoint(("args", "kwargs"))


def _is_constant(value: JsonValue) -> bool:
    """Whether a value is `["_CONSTANT_VALUE", -1, constant]`, with arguments behind it or not."""
    return 3 <= len(value.items) <= 4 and value.items[0].held == _CONSTANT


def _is_old(value: JsonValue) -> bool:
    """Whether a value is `[name, node, tensor]`, with arguments behind it or not."""
    kinds = [one.held for one in value.items[:3]]
    return (
        3 <= len(value.items) <= 4
        and isinstance(kinds[0], str)
        and kinds[0] != _CONSTANT
        and all(isinstance(one, int) and not isinstance(one, bool) for one in kinds[1:])
        and (len(value.items) == 3 or isinstance(value.items[3].held, dict))
    )


def _history(value: JsonValue) -> tuple[str, int, int] | None:
    """Where a tensor of Keras 3 comes from; None of what is none."""
    kind = value.members.get("class_name")
    if kind is None or kind.held != "__keras_tensor__" or "config" not in value.members:
        return None
    found = value.members["config"].members.get("keras_history")
    if found is None or not _is_old(found):
        return None
    name, call, output = (one.held for one in found.items[:3])
    assert isinstance(name, str) and isinstance(call, int) and isinstance(output, int)
    return name, call, output


def lengths_of(value: JsonValue | None) -> tuple[int | None, ...] | None:
    """A size as json has it, `[null, 224, 224, 3]`; None for what is none."""
    if value is None or not isinstance(value.held, tuple):
        return None
    found = [one.held for one in value.items]
    if not all(one is None or (isinstance(one, int) and not isinstance(one, bool)) for one in found):
        return None
    return tuple([one if isinstance(one, int) else None for one in found])


def _counted_from_1(layers: Iterable[KerasLayer], outputs: Iterable[TensorReference]) -> frozenset[str]:
    """The models among layers whose calls are counted from 1: their own making is call 0, and is left out."""
    calls = {layer.name: len(layer.calls) for layer in layers if layer.class_name in NETWORKS}
    if not calls:
        return frozenset()
    read: dict[str, list[int]] = {}
    every = [one for layer in layers for call in layer.calls for one in tensors_of(call)]
    for one in [*every, *outputs]:
        if one.layer in calls:
            read.setdefault(one.layer, []).append(one.call)
    return frozenset(name for name, found in read.items() if min(found) >= 1 and max(found) == calls[name])


def _moved(one: TensorReference, ahead: frozenset[str]) -> TensorReference:
    return one._replace(call=one.call - 1) if one.layer in ahead else one


def _renumbered(layer: KerasLayer, ahead: frozenset[str]) -> KerasLayer:
    """A layer whose references to the calls of some models are counted from 0."""

    def moved(argument: CallArgument) -> CallArgument:
        if isinstance(argument, TensorReference):
            return _moved(argument, ahead)
        if isinstance(argument, SliceArgument):
            return SliceArgument(*[moved(one) for one in argument])
        return [moved(one) for one in argument] if isinstance(argument, list) else argument

    calls = [
        call._replace(
            arguments=tuple([moved(one) for one in call.arguments]),
            named={key: moved(one) for key, one in call.named.items()},
        )
        for call in layer.calls
    ]
    return layer._replace(calls=tuple(calls))


def tensors_of(call: KerasCall) -> list[TensorReference]:
    """All tensors that a call reads."""
    every = [*call.arguments, *call.named.values()]
    return [one for argument in every for one in references(argument)]


def references(argument: CallArgument) -> Iterator[TensorReference]:
    """The tensors in an argument, in their order."""
    pending: list[CallArgument] = [argument]
    while pending:
        one = pending.pop()
        if isinstance(one, TensorReference):
            yield one
        elif isinstance(one, list | SliceArgument):
            pending += reversed(one)


def positional(call: KerasCall) -> list[TensorReference]:
    """The tensors that a call is made on: those without a name, else all."""
    found = [one for argument in call.arguments for one in references(argument)]
    return found or tensors_of(call)


def is_first_alone(call: KerasCall) -> bool:
    """Whether the first argument of a call is one tensor, and all that it reads."""
    first = [one for argument in call.arguments[:1] for one in references(argument)]
    return len(first) == 1 and first == tensors_of(call)


def stated_sizes(network: KerasNetwork) -> dict[tuple[str, int], list[tuple[int | None, ...] | None]]:
    """The sizes of the outputs of calls, as those who read them state them."""
    found: dict[tuple[str, int], dict[int, tuple[int | None, ...]]] = {}
    for layer in network.layers:
        build = lengths_of(layer.build.members.get("input_shape")) if layer.build else None
        for call in layer.calls:
            read = tensors_of(call)
            for one in read:
                size = one.lengths or (build if is_first_alone(call) else None)
                if size is not None:
                    found.setdefault((one.layer, one.call), {}).setdefault(one.output, size)
    return {key: [sizes.get(at) for at in range(min(max(sizes) + 1, 64))] for key, sizes in found.items()}
