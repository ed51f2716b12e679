"""Recurrent layers."""

from __future__ import annotations

from rfcalc.importers.onnx.call import NodeCall, NodeResults, operator
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@operator("LSTM", "GRU", "RNN")
def recurrent(call: NodeCall) -> NodeResults:
    """A recurrent layer of steps, examples and channels; the last states are not followed."""
    x, weight = call.view(0), call.known(1)
    hidden = call.integer("hidden_size", 0)
    both = call.word("direction", "forward") == "bidirectional"
    first = call.integer("layout", 0)
    if weight.lengths != (2 if both else 1, _GATES[call.node.operator] * hidden, x.lengths[2]):
        raise call.fail(f"the weight is {weight.lengths}, for {hidden} channels of an input of {x.lengths}")
    steps = 1 if first else 0
    placed = call.tracer.by_dimension(x, 2, [steps])
    values: dict[str, Value] = {"out_channels": hidden}
    if both:
        values["bidirectional"] = True
    learned = {"weight": weight.name, "recurrent_weight": call.known(2).name}
    if call.given(3):
        learned["bias"] = call.known(3).name
    else:
        values["biases"] = 0
    step = call.tracer.add(call.node.operator.lower(), [placed.step], values, learned)
    directions, channels = digit(2 if both else 1), digit(hidden)
    base = (*placed.base[:-1], directions + channels)
    steps_of, examples = x.dimensions[steps], x.dimensions[1 - steps]
    dimensions = (
        (examples, steps_of, directions, channels) if first else (steps_of, directions, examples, channels)
    )
    return [TensorView(step, base, dimensions), None, None]
