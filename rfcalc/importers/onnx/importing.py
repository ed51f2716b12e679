"""An ONNX file as a network of steps."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from rfcalc.errors import UsageError, counted, option, quoted
from rfcalc.importers.inputs import by_input, in_order
from rfcalc.importers.onnx.following import Follower, is_learned
from rfcalc.importers.onnx.model import Model, TensorInfo
from rfcalc.importers.onnx.reading import read_model
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.tracing.attention import settled
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.tracer import examples

# What a dynamic length is taken for where nothing else says.
_SUPPOSED = 224


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network in a file, called `name`.

    inputs: sizes of its inputs by name, "" for the only one: spatial axes, then channels.
    Raises UsageError for inputs that it does not have, DescriptionError for a file that cannot be read.
    """
    model = read_model(path, given=True)
    return imported(model, name, inputs)


def imported(model: Model, name: str, inputs: Mapping[str, tuple[int, ...]]) -> ImportedNetwork:
    """The network of a model; see `read`."""
    infos = model.graph.inputs
    sizes = by_input([info.name for info in infos], inputs)
    follower = Follower(model, trusted=not sizes)
    tracer = follower.tracer
    batch = follower.batch = examples([info.lengths or () for info in infos])
    given = {}
    for info in infos:
        lengths = _lengths(follower, info, sizes.get(info.name))
        given[info.name] = tracer.input(info.name, lengths, info.element, batch, alone=len(infos) == 1)
    tensors = follower.graph(model.graph, given)
    outputs = []
    for info in model.graph.outputs:
        found = tensors.get(info.name)
        if found is None:
            raise tracer.mistake(f"no node gives the output {quoted(info.name)}")
        if not isinstance(found, Known):
            outputs.append(settled(tracer, found))
    if not outputs:
        raise UsageError("no output of the network depends on its input")
    if follower.folded:
        tracer.remark(
            f"BatchNorm folded: {counted(follower.folded, 'convolution')} hold the factors and offsets of a "
            "batch normalisation, which are not counted apart"
        )
    source = f"{model.producer}" if model.producer else ""
    learned = [stored for stored in model.graph.stored.values() if is_learned(stored)]
    counts = [(stored.element, prod(stored.lengths)) for stored in learned]
    return tracer.network(name, source, outputs, counts)


def _lengths(follower: Follower, info: TensorInfo, size: tuple[int, ...] | None) -> tuple[int, ...]:
    """The size of an input as the file orders its dimensions, examples first."""
    stated = info.lengths
    if size is not None:
        return (1, *in_order(info.name, stated, size))
    if not stated and stated is not None:
        raise UsageError(f"the input {quoted(info.name)} is a single number, not a tensor")
    if stated is None:
        raise UsageError(f"it does not say how large the input {quoted(info.name)} is; say {option('input')}")
    found = []
    for place, one in enumerate(stated):
        if isinstance(one, int) and one > 0:
            found.append(one)
        elif place == 0:
            found.append(1)
        elif place == 1 and len(stated) > 2:
            raise UsageError(
                f"it does not say how many channels the input {quoted(info.name)} has; say {option('input')}"
            )
        else:
            found.append(_SUPPOSED)
            follower.tracer.remark(
                f"the file leaves the size of the input {quoted(info.name)} open; {_SUPPOSED} is taken, "
                f"{option('input')} says another"
            )
    return tuple(found)
