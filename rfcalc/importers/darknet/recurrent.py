"""The recurrent layers of darknet, each written out for one step of time.

Its state is a tensor that nothing here computes: what the step before has left.
"""

from __future__ import annotations

from rfcalc.importers.darknet.layers import convolved, dense, layer, sizes_value
from rfcalc.importers.darknet.network import LayerInputs
from rfcalc.ops.attributes import Word


def _state(it: LayerInputs, size: tuple[int, int, int], part: str = "state") -> int:
    return it.add("learned", [], {"size": sizes_value(size), "learned": Word("no")}, part=part)


def _connected(it: LayerInputs, x: int, outputs: int, part: str) -> int:
    return it.normalised(dense(it, x, outputs, part), f"{part}_bn")


@layer("rnn")
def rnn(it: LayerInputs) -> int:
    """What enters and the state, each behind a matrix, are the new state, and a third matrix its output."""
    whole = it.layer.whole
    outputs = whole["output"]
    hidden = whole.get("hidden", outputs)
    x = it.activated(_connected(it, it.before, hidden, "input_layer"), part="input_act")
    state = it.activated(_connected(it, _state(it, (1, 1, hidden)), hidden, "self_layer"), part="self_act")
    total = it.add("add", [x, state], part="add")
    return it.activated(_connected(it, total, outputs, "output_layer"), part="output_act")


@layer("crnn")
def crnn(it: LayerInputs) -> int:
    """The same with convolutions in place of matrices."""
    whole, x = it.layer.whole, it.before
    outputs, stride = whole["output"], whole["stride"]
    hidden = whole.get("hidden", outputs)
    x = it.normalised(convolved(it, x, hidden, "input_layer", (stride, stride)), "input_bn")
    x = it.activated(x, part="input_act")
    state = _state(it, (*it.size(x)[:2], hidden))
    state = it.normalised(convolved(it, state, hidden, "self_layer"), "self_bn")
    state = it.activated(state, part="self_act")
    if it.size(state) != it.size(x):
        raise it.mistake("the state changes its size from step to step", "size", "pad=1 keeps it")
    total = it.add("add", [x, state], part="add")
    total = it.normalised(convolved(it, total, outputs, "output_layer"), "output_bn")
    return it.activated(total, part="output_act")


@layer("gru")
def gru(it: LayerInputs) -> int:
    """Two gates and a candidate, each of what enters and of the state."""
    outputs, x = it.layer.whole["output"], it.before
    state = _state(it, (1, 1, outputs))
    gates = {}
    for gate in "zr":
        both = [_connected(it, state, outputs, f"w{gate}"), _connected(it, x, outputs, f"u{gate}")]
        gates[gate] = it.add("sigmoid", [it.add("add", both, part=f"{gate}_add")], part=gate)
    forgotten = it.add("mul", [state, gates["r"]], part="forgotten")
    both = [_connected(it, forgotten, outputs, "wh"), _connected(it, x, outputs, "uh")]
    candidate = it.add("add", both, part="h_add")
    candidate = it.add("tanh" if it.layer.whole["tanh"] else "sigmoid", [candidate], part="h")
    kept = it.add("mul", [state, gates["z"]], part="kept")
    new = it.add("mul", [candidate, it.add("oneminus", [gates["z"]], part="carry")], part="new")
    return it.add("add", [kept, new], part="add")


@layer("lstm")
def lstm(it: LayerInputs) -> int:
    """Three gates and a candidate, each of what enters and of the state, beside a second state."""
    outputs, x = it.layer.whole["output"], it.before
    state, cell = _state(it, (1, 1, outputs)), _state(it, (1, 1, outputs), "cell")
    gates = {}
    for gate in "figo":
        both = [_connected(it, state, outputs, f"w{gate}"), _connected(it, x, outputs, f"u{gate}")]
        total = it.add("add", both, part=f"{gate}_add")
        gates[gate] = it.add("tanh" if gate == "g" else "sigmoid", [total], part=gate)
    new = it.add("mul", [gates["i"], gates["g"]], part="new")
    cell = it.add("add", [it.add("mul", [cell, gates["f"]], part="kept"), new], part="cell_add")
    return it.add("mul", [it.add("tanh", [cell], part="cell_tanh"), gates["o"]], part="mul")


@layer("conv_lstm")
def conv_lstm(it: LayerInputs) -> int:
    """Of it nothing but the size is told."""
    whole, x = it.layer.whole, it.before
    height, width, _ = it.size(x)
    stride = whole["stride"]
    size = sizes_value(((height - 1) // stride + 1, (width - 1) // stride + 1, whole["output"]))
    return it.add("opaque", [x], {"type": Word("conv_lstm"), "size": size})
