"""The calls of a model in an order in which each stands behind those that it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rfcalc.errors import DescriptionError, Source, counted, mistake, nearest, quoted
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.config import KerasLayer, KerasNetwork, TensorReference, tensors_of
from rfcalc.problems import Problems

# Among so many layers one of a similar name is looked for.
_MOST_NAMES = 2000


def ordered(
    network: KerasNetwork,
    layers: Mapping[str, KerasLayer],
    entering: Iterable[tuple[str, int]],
    failed: set[tuple[str, int]],
    problems: Problems,
    source: Source,
) -> Iterator[tuple[str, int]]:
    """The calls of a network, each after those that it reads, else as they stand in the file.

    entering: the calls that are there.  Those that read what is not there are noted and failed.
    Raises DescriptionError for a circle.
    """
    done, open_ = set(entering), set[tuple[str, int]]()
    for first in network.layers:
        for number in range(len(first.calls)):
            pending = [(first.name, number)]
            while pending:
                name, at = pending[-1]
                if (name, at) in done:
                    pending.pop()
                    continue
                call = layers[name].calls[at]
                missing = []
                for one in tensors_of(call):
                    if (one.layer, one.call) in done:
                        continue
                    with problems:
                        check(one, layers, source)
                        missing.append((one.layer, one.call))
                        continue
                    failed.add((name, at))
                if not missing:
                    pending.pop()
                    done.add((name, at))
                    open_.discard((name, at))
                    if layers[name].class_name != "InputLayer" or tensors_of(call):
                        yield name, at
                    continue
                if (name, at) in open_:
                    raise _stop(
                        f"{layers[name].class_name} {quoted(name)} reads what is made of its own output",
                        layers[name].at,
                        source,
                    )
                open_.add((name, at))
                pending += reversed(missing)


def check(one: TensorReference, layers: Mapping[str, KerasLayer], source: Source) -> None:
    """Raise where a reference leads to no call of a layer."""
    layer = layers.get(one.layer)
    if layer is None:
        hint = nearest(one.layer, list(layers)[:_MOST_NAMES])
        raise _stop(f"there is no layer {quoted(one.layer)}", place_of(one), source, hint)
    if not 0 <= one.call < len(layer.calls):
        message = f"{quoted(one.layer)} has {counted(len(layer.calls), 'call')}, there is no call {one.call}"
        if layer.class_name == "InputLayer":
            message = f"the input {quoted(one.layer)} is not among the inputs of the model"
        raise _stop(message, place_of(one), source)


def place_of(one: TensorReference) -> JsonValue:
    """Where the name of the layer of a reference stands."""
    history = one.value
    config = one.value.members.get("config")
    if config is not None and "keras_history" in config.members:
        history = config.members["keras_history"]
    return history.items[0] if history.items else history


def _stop(message: str, value: JsonValue, source: Source, hint: str = "") -> DescriptionError:
    return mistake(message, value.position(source), hint)
