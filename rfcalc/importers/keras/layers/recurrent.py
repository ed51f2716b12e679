"""Recurrent layers, in one direction or both, and a layer at each step of a sequence."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.config import KerasLayer
from rfcalc.importers.tracing import elementwise, parts
from rfcalc.importers.tracing.attention import FollowedTensor
from rfcalc.importers.tracing.results import FollowedResults, as_several
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value

_KINDS: Mapping[str, str] = {
    "LSTM": "lstm",
    "CuDNNLSTM": "lstm",
    "GRU": "gru",
    "CuDNNGRU": "gru",
    "SimpleRNN": "rnn",
}
_CELLS: Mapping[str, str] = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}
# What recurrent layers return behind their output, with `return_state`.
_STATES: Mapping[str, int] = {"lstm": 2, "gru": 1, "rnn": 1}


def _biases(call: LayerFollowing, kind: str) -> int:
    """How many biases a gate has: of the input alone, or of the state too."""
    if not call.flag("use_bias", default=True):
        return 0
    if call.layer.class_name.startswith("CuDNN"):
        return 2
    return 2 if kind == "gru" and call.flag("reset_after", default=True) else 1


def _all_steps(call: LayerFollowing, kind: str, units: int, *, both: bool) -> TensorView:
    """The outputs at all steps; both: of two directions, side by side."""
    x = call.view()
    if len(x.dimensions) != 3:
        raise call.fail(f"it works on 3 dimensions, the tensor is {call.sizes(x)}")
    placed = call.tracer.by_dimension(call.tracer.spelled(x), 2, [1])
    values: dict[str, Value] = {"out_channels": units}
    if both:
        values["bidirectional"] = True
    biases = _biases(call, kind)
    if biases != 1:
        values["biases"] = biases
    learned = {"weight": f"{call.path}/kernel", "hidden": f"{call.path}/recurrent_kernel"}
    step = call.tracer.add(kind, [placed.step], values, learned)
    channels = digit(units * (2 if both else 1))
    return TensorView(step, (*placed.base[:-1], channels), (*x.dimensions[:-1], channels))


def _at(call: LayerFollowing, x: TensorView, step: int) -> TensorView:
    """The output at one step, 0 or -1."""
    made = parts.selected(call.tracer, x, 1, step)
    return call.natural(made)


@layer(*_KINDS)
def recurrent(call: LayerFollowing) -> FollowedResults:
    """A recurrent layer; of its outputs the last one is left, unless all are asked for."""
    kind = _KINDS[call.layer.class_name]
    units, whole = call.integer("units", "output_dim"), call.flag("return_sequences", default=False)
    if not whole:
        call.at(".steps", call.layer.class_name)
    done = _all_steps(call, kind, units, both=False)
    call.at("" if whole else ".last", call.layer.class_name)
    last = _at(call, done, -1)
    result = done if whole else last
    call.tracer.absorb(last.step)
    if call.flag("return_state", default=False):
        return [result, *[last] * _STATES[kind]]
    return result


@layer("RNN")
def of_cells(call: LayerFollowing) -> FollowedResults:
    """A recurrent layer of a cell, or of several one on the other."""
    entry = call.entry("cell")
    cells = () if entry is None else entry.items or (entry,)
    if len(cells) == 1 and cells[0].members.get("class_name", cells[0]).held == "StackedRNNCells":
        inner = cells[0].members.get("config")
        found = inner.members.get("cells") if inner else None
        cells = found.items if found else ()
    if not cells:
        raise call.fail("its config has no cell", entry)
    x: FollowedTensor = call.view()
    states: list[FollowedTensor] = []
    for number, cell in enumerate(cells):
        name = cell.members.get("class_name", cell)
        if not isinstance(name.held, str) or name.held not in _CELLS:
            raise call.fail(f"the cell {name.shown} is not known", name, f"known are {', '.join(_CELLS)}")
        config = cell.members.get("config", cell)
        last = number == len(cells) - 1
        members = {**config.members, "return_state": cell._replace(held=True)}
        sequences = call.layer.config.members.get("return_sequences")
        flag = cell._replace(held=True) if not last else sequences
        if flag is not None:
            members["return_sequences"] = flag
        own = KerasLayer(
            call.layer.name, _CELLS[name.held], "", config._replace(held=members), (), call.layer.value
        )
        path = call.path if len(cells) == 1 else f"{call.path}.cell{number}"
        follow = LayerFollowing(call.tracer, call.source, own, [x], path, keras2=call.keras2)
        if len(cells) > 1:
            call.at(f".cell{number}", name.held)
        x, *more = [one for one in as_several(recurrent(follow)) if one is not None]
        states += more
    return [x, *states] if call.flag("return_state", default=False) else x


@layer("Bidirectional")
def bidirectional(call: LayerFollowing) -> FollowedResults:
    """A recurrent layer in both directions; of the backward one the last output is that at the first step."""
    entry = call.entry("layer")
    if entry is None:
        raise call.fail("its config has no layer")
    if str(entry.members.get("class_name", entry).held).startswith("ConvLSTM"):
        return _apart(call, entry)
    name, config = _layer_of_cell(entry)
    if not isinstance(name.held, str) or name.held not in _KINDS:
        raise call.fail(f"the layer {name.shown} is none that runs in both directions here", name)
    inner = LayerFollowing(
        call.tracer,
        call.source,
        KerasLayer(call.layer.name, name.held, "", config, (), call.layer.value),
        call.tensors,
        call.path,
        keras2=call.keras2,
    )
    kind, units = _KINDS[name.held], inner.integer("units", "output_dim")
    _refuse_unlike(call, name.held, config)
    whole = inner.flag("return_sequences", default=False)
    at_once = whole and _is_concatenated(call)
    if not at_once:
        call.at(".steps", name.held)
    both = _all_steps(inner, kind, units, both=True)
    merge = call.word("merge_mode", default="none" if _is_null(call, "merge_mode") else "concat")
    if merge not in ("concat", "sum", "mul", "ave", "none"):
        raise call.fail(f"merge_mode {merge!r} is not known", call.entry("merge_mode"))
    call.at("" if at_once else ".merged", "Bidirectional")
    if at_once:
        result: list[TensorView] = [both]
    else:
        last = len(both.dimensions) - 1
        forward, backward = parts.cut(call.tracer, both, last, (units, units))
        if not whole:
            forward, backward = _at(call, forward, -1), _at(call, backward, 0)
        result = _merged(call, merge, forward, backward)
    if inner.flag("return_state", default=False):
        last = len(both.dimensions) - 1
        halves = parts.cut(call.tracer, both, last, (units, units))
        for half, step in zip(halves, (-1, 0), strict=True):
            state = _at(call, half, step)
            call.tracer.absorb(state.step)
            result = [*result, *[state] * _STATES[kind]]
    return result if len(result) > 1 else result[0]


def _layer_of_cell(entry: JsonValue) -> tuple[JsonValue, JsonValue]:
    """The class of a recurrent layer and its config; of a layer of a cell, those of the layer that it is."""
    name, config = entry.members.get("class_name", entry), entry.members.get("config", entry)
    cell = config.members.get("cell")
    inner = cell.members.get("class_name") if name.held == "RNN" and cell else None
    if cell is None or inner is None or inner.held not in _CELLS:
        return name, config
    told = cell.members.get("config", cell)
    return inner._replace(held=_CELLS[str(inner.held)]), config._replace(
        held={**config.members, **told.members}
    )


def _apart(call: LayerFollowing, entry: JsonValue) -> FollowedResults:
    """The two directions as layers beside each other, where what an output reads is not known anyway."""
    assert call.inner is not None
    ways = [call.inner(entry, call.tensors, f"{call.path}.{way}") for way in ("forward", "backward")]
    (one, *states), (two, *others) = ways
    assert isinstance(one, TensorView) and isinstance(two, TensorView)
    call.at(".merged", "Bidirectional")
    merge = call.word("merge_mode", default="none" if _is_null(call, "merge_mode") else "concat")
    return [*_merged(call, merge, one, two), *states, *others]


def _refuse_unlike(call: LayerFollowing, name: str, config: JsonValue) -> None:
    """Raise where the layer of the other direction is another than that of this one."""
    backward = call.entry("backward_layer")
    if backward is None:
        return
    other, told = _layer_of_cell(backward)
    if other.held != name:
        raise call.fail(f"its layers are {name} and {other.shown}, which is not read", other)
    for key in ("units", "use_bias", "reset_after", "return_sequences", "return_state"):
        one, two = config.members.get(key), told.members.get(key)
        if one is not None and two is not None and one.held != two.held:
            raise call.fail(f"its layers differ in {key}, which is not read", two)


def _is_concatenated(call: LayerFollowing) -> bool:
    return call.word("merge_mode", default="none" if _is_null(call, "merge_mode") else "concat") == "concat"


def _is_null(call: LayerFollowing, name: str) -> bool:
    found = call.layer.config.members.get(name)
    return found is not None and found.held is None


def _merged(call: LayerFollowing, how: str, one: TensorView, two: TensorView) -> list[TensorView]:
    if how == "none":
        return [one, two]
    if how == "concat":
        return [parts.concatenated(call.tracer, [one, two], len(one.dimensions) - 1)]
    done = elementwise.joined(call.tracer, "mul" if how == "mul" else "add", one, two)
    return [elementwise.function(call.tracer, "mul", done, 0.5) if how == "ave" else done]


@layer("TimeDistributed")
def time_distributed(call: LayerFollowing) -> FollowedResults:
    """A layer at each step, as if the steps were examples."""
    entry, x = call.entry("layer"), call.view()
    if entry is None or call.inner is None:
        raise call.fail("its config has no layer")
    if len(x.dimensions) < 3:
        raise call.fail(f"it works on 3 dimensions at least, the tensor is {call.sizes(x)}")
    n, steps, *sizes = x.lengths
    together = parts.reshaped(call.tracer, x, (n * steps, *sizes))
    (done,) = call.inner(entry, [together], call.path)
    assert isinstance(done, TensorView)
    return parts.reshaped(call.tracer, done, (n, steps, *done.lengths[1:]))


@layer("SpectralNormalization")
def spectral(call: LayerFollowing) -> FollowedResults:
    """A layer whose weight is divided by its largest singular value, at inference a layer like any other."""
    entry: JsonValue | None = call.entry("layer")
    if entry is None or call.inner is None:
        raise call.fail("its config has no layer")
    # The vector that it keeps for the singular value is as long as the last dimension of the weight.
    kind, config = entry.members.get("class_name"), entry.members.get("config", entry)
    name = str(kind.held) if kind else ""
    count = config.members.get("depth_multiplier") if name.startswith("Depthwise") else None
    for key in ("filters", "units", "output_dim"):
        count = count or config.members.get(key)
    size = call.whole(count, "filters") if count else 1
    if name.endswith("Transpose"):
        size = call.a_tensor().lengths[1 if call.channels_first else -1]
    call.beside("vector", size, learned=False)
    return call.inner(entry, call.tensors, call.path)
