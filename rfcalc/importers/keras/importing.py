"""A model of Keras as a network of steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rfcalc.errors import Source, UsageError, counted, cut, option, quoted
from rfcalc.importers.inputs import by_input, other_lengths
from rfcalc.importers.json_text import JsonValue, read_json
from rfcalc.importers.keras.call import MOST
from rfcalc.importers.keras.config import (
    NETWORKS,
    ConfigReader,
    KerasLayer,
    KerasNetwork,
    TensorReference,
    lengths_of,
    references,
)
from rfcalc.importers.keras.container import model_text
from rfcalc.importers.keras.following import KerasFollower
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.tracing.attention import FollowedTensor, settled
from rfcalc.importers.tracing.views import Caller
from rfcalc.records import NamedTuple

# What a length is taken for that the file leaves open.
_SUPPOSED = 224
# Layers that look a whole number up.
_LOOKS_UP = ("Embedding", "TextVectorization", "StringLookup", "IntegerLookup")


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network in a file, called `name`.

    inputs: sizes of its inputs by name, "" for the only one: spatial axes, then channels.
    Raises UsageError for inputs that it does not have, DescriptionError for a file that cannot be read.
    """
    found = model_text(path)
    source = Source("", found.text)
    root = read_json(source)
    reader = ConfigReader(source)
    network = reader.network(root, name)
    reader.problems.raise_any()
    if not network.layers:
        raise reader.stop("this model has no layers", root)
    version = found.version or _version_of(root)
    if version.startswith("1."):
        raise reader.stop(
            f"this model was written by Keras {cut(version, 20)}, whose layers have other arguments",
            root.members.get("keras_version", root),
            "Keras 2 reads it: load it there and save it again",
        )
    keras2 = version.startswith("2.") if version else not _is_keras3(network)
    first = _channels_first(network)
    entries = _entries(reader, network)
    sizes = by_input([one.name for one in entries], inputs)
    follower = KerasFollower(
        source,
        reader,
        keras2=keras2,
        channels_first=first,
        trusted=not sizes,
        examples=_examples(entries),
    )
    given: list[FollowedTensor] = []
    words = {one.layer for layer in network.layers if layer.class_name in _LOOKS_UP for one in _read(layer)}
    for entry in entries:
        looked_up = entry.name in words or (network.sequential and _looks_up_first(network))
        lengths = _lengths(follower, entry, sizes.get(entry.name), first=first)
        given.append(_entering(follower, entry, lengths, looked_up, first=first, alone=len(entries) == 1))
    outputs = follower.network(network, given, "", ())
    follower.problems.raise_any()
    if not outputs:
        raise UsageError("it has no outputs")
    tracer = follower.tracer
    _remark_frozen(follower, network)
    tracer.caller = Caller("")
    ends = [settled(tracer, one) for one in outputs]
    label = f"Keras {version}" if version else "Keras"
    made = tracer.network(name, f"{network.name}, {label}" if network.name != name else label, ends, ())
    return made._replace(text=source.text)


class _Entry(NamedTuple):
    """An input: its name, the size that the file states, examples first, and where it stands."""

    name: str
    lengths: tuple[int | None, ...] | None
    value: JsonValue


def _entries(reader: ConfigReader, network: KerasNetwork) -> list[_Entry]:
    layers = {layer.name: layer for layer in network.layers}
    if network.sequential:
        first = network.layers[0]
        stated, value = _sequential_size(network)
        name = first.name if first.class_name == "InputLayer" else "input"
        return [_Entry(name, stated, value)]
    ends = network.inputs or [
        TensorReference(layer.name, 0, 0, layer.value)
        for layer in network.layers
        if layer.class_name == "InputLayer"
    ]
    found = []
    for one in ends:
        layer = layers.get(one.layer)
        if layer is None:
            raise reader.stop(f"there is no layer {quoted(one.layer)}", one.value)
        members = layer.config.members
        size = members.get("batch_shape", members.get("batch_input_shape"))
        found.append(_Entry(one.layer, lengths_of(size), size or layer.at))
    if not found:
        raise reader.stop("this model has no inputs", network.value)
    return found


def _examples(entries: Iterable[_Entry]) -> int:
    """How many examples a batch has, where all inputs state one number of them; 1 where they do not."""
    found = {entry.lengths[0] for entry in entries if entry.lengths}
    (count,) = found if len(found) == 1 else (None,)
    return count if count is not None and 1 <= count <= MOST else 1


def _sequential_size(network: KerasNetwork) -> tuple[tuple[int | None, ...] | None, JsonValue]:
    """The size of the input of a sequence as the first place states it that does, and where."""
    pending: list[JsonValue] = [network.value]
    for layer in network.layers[:1]:
        for key in ("batch_shape", "batch_input_shape"):
            value = layer.config.members.get(key)
            if value is not None and lengths_of(value) is not None:
                return lengths_of(value), value
        if layer.class_name in NETWORKS:
            pending.append(layer.value)
    config = network.value.members.get("config", network.value)
    for holder, key in (
        (config, "build_input_shape"),
        (network.value.members.get("build_config", network.value), "input_shape"),
        (network.layers[0].build or network.value, "input_shape"),
    ):
        value = holder.members.get(key)
        if value is not None and lengths_of(value) is not None:
            return lengths_of(value), value
    if len(pending) > 1:
        inner = pending[1].members.get("config")
        found = inner.members.get("layers") if inner else None
        for one in found.items[:1] if found else ():
            members = one.members.get("config", one).members
            value = members.get("batch_shape") or members.get("batch_input_shape")
            if value is not None:
                return lengths_of(value), value
    first = network.layers[0]
    return None, first.at


def _lengths(
    follower: KerasFollower, entry: _Entry, size: tuple[int, ...] | None, *, first: bool
) -> tuple[int, ...]:
    """The size of an input as the file orders its dimensions, without that of the examples."""
    stated = entry.lengths
    if size is not None:
        if stated is None or len(stated) == len(size) + 1:
            return (size[-1], *size[:-1]) if first and len(size) > 1 else tuple(size)
        if len(stated) == len(size) == 2 and size[-1] == 1:
            return tuple(size[:-1])
        raise other_lengths(entry.name, stated, size)
    if stated is None:
        raise UsageError(
            f"it does not say how large the input {quoted(entry.name)} is; say {option('input')}"
        )
    found = []
    channels = 1 if first else len(stated) - 1
    for place, one in enumerate(stated[1:], 1):
        if one is not None:
            if not 1 <= one <= 2**40:
                raise follower.reader.stop(f"a length of {one}", entry.value)
            found.append(one)
        elif place == channels and len(stated) > 2:
            raise UsageError(
                f"it does not say how many channels the input {quoted(entry.name)} has; say {option('input')}"
            )
        else:
            found.append(_SUPPOSED)
            follower.tracer.remark(
                f"the file leaves the size of the input {quoted(entry.name)} open; {_SUPPOSED} is taken, "
                f"{option('input')} says another",
                entry.value.position(follower.source).span,
            )
    return tuple(found)


def _entering(
    follower: KerasFollower, entry: _Entry, lengths: tuple[int, ...], words: bool, *, first: bool, alone: bool
) -> FollowedTensor:
    """A new input, in the order of the file."""
    tracer = follower.tracer
    if len(lengths) <= 1:
        element = "int32" if words else "float32"
        return tracer.input(entry.name, (1, *(lengths or (1,))), element, (), alone=alone)
    channels_first = lengths if first else (lengths[-1], *lengths[:-1])
    view = tracer.input(entry.name, (1, *channels_first), "float32", (), alone=alone)
    if first:
        return view
    rank = len(lengths)
    return view.permuted([0, *range(2, rank + 1), 1])


def _read(layer: KerasLayer) -> Iterator[TensorReference]:
    for call in layer.calls:
        for argument in (*call.arguments, *call.named.values()):
            yield from references(argument)


def _looks_up_first(network: KerasNetwork) -> bool:
    rest = [layer for layer in network.layers if layer.class_name != "InputLayer"]
    return bool(rest) and rest[0].class_name in _LOOKS_UP


def _version_of(root: JsonValue) -> str:
    found = root.members.get("keras_version")
    return found.held if found is not None and isinstance(found.held, str) else ""


def _is_keras3(network: KerasNetwork) -> bool:
    return any(layer.module or layer.build is not None for layer in network.layers)


def _every(network: KerasNetwork) -> Iterator[JsonValue]:
    """The configs of all layers, those of models within included."""
    pending = [layer.value for layer in network.layers]
    while pending:
        value = pending.pop()
        config = value.members.get("config")
        if config is None:
            continue
        yield config
        inner = config.members.get("layers") if isinstance(config.held, dict) else config
        if inner is not None and isinstance(inner.held, tuple):
            pending += inner.items


def _channels_first(network: KerasNetwork) -> bool:
    """Whether the network has channels before axes: as the first layer says that says it."""
    for layer in network.layers:
        entry = layer.config.members.get("data_format")
        if entry is not None and entry.held in ("channels_first", "channels_last"):
            return entry.held == "channels_first"
    return any(
        entry.held == "channels_first"
        for config in _every(network)
        if (entry := config.members.get("data_format")) is not None
    )


def _remark_frozen(follower: KerasFollower, network: KerasNetwork) -> None:
    """Say how many layers are not trained, whose parameters count all the same."""
    frozen = [
        config
        for config in _every(network)
        if (entry := config.members.get("trainable")) is not None and entry.held is False
    ]
    if frozen:
        follower.tracer.remark(
            f"{counted(len(frozen), 'layer')} {'is' if len(frozen) == 1 else 'are'} not trained (trainable: "
            "false); what they have learned counts among the parameters",
            frozen[0].members["trainable"].position(follower.source).span,
        )
