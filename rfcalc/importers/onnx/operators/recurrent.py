"""Recurrent layers."""

from __future__ import annotations

from rfcalc.importers.onnx.call import NodeCall, operator
from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@operator("LSTM", "GRU", "RNN")
def recurrent(call: NodeCall) -> FollowedResults:
    """A recurrent layer of steps, examples and channels; what its cells hold at the end is not followed."""
    x, weight = call.view(0), call.known(1)
    hidden = call.integer("hidden_size", call.known(2).lengths[-1])
    both = call.word("direction", "forward") == "bidirectional"
    first = call.integer("layout", 0)
    if weight.lengths != (2 if both else 1, _GATES[call.node.operator] * hidden, x.lengths[2]):
        raise call.fail(f"the weight is {weight.lengths}, for {hidden} channels of an input of {x.lengths}")
    steps = 1 if first else 0
    if x.own(1 - steps):
        raise call.fail("a recurrent layer of many sequences, which are parts of one example, is not read")
    if any(one.kind == "batch" for one in x.dimensions[steps]):
        raise call.fail(
            "the steps of a recurrent layer are what counts examples in the input",
            "the first dimension of an input counts examples: export the model with them in front",
        )
    x = call.tracer.spelled(x)
    placed = call.tracer.by_dimension(x, 2, [steps])
    values: dict[str, Value] = {"out_channels": hidden}
    if both:
        values["bidirectional"] = True
    learned = {"weight": weight.name, "recurrent_weight": call.known(2).name}
    if call.given(3):
        bias = call.known(3)
        learned["bias"] = bias.name
        # Those of the input and those of what the step before has left.
        biases = sum(dict(bias.parts).values()) // max(weight.size // weight.lengths[-1], 1)
        if biases != 1:
            values["biases"] = biases
    else:
        values["biases"] = 0
    step = call.tracer.add(call.node.operator.lower(), [placed.step], values, learned)
    directions, channels = digit(2 if both else 1), digit(hidden)
    base = (*placed.base[:-1], directions + channels)
    steps_of, examples = x.dimensions[steps], x.dimensions[1 - steps]
    dimensions = (
        (examples, steps_of, directions, channels) if first else (steps_of, directions, examples, channels)
    )
    done = TensorView(step, base, dimensions)
    return [done, _last(call, done, steps), None]


def _last(call: NodeCall, done: TensorView, steps: int) -> TensorView | None:
    """What the last step leaves, of the other direction the first; None where nothing reads it."""
    if len(call.node.outputs) < 2 or not call.node.outputs[1]:
        return None
    place = steps
    count = done.lengths[place]
    backwards = {"forward": [False], "reverse": [True]}.get(call.word("direction", "forward"), [False, True])
    ends = []
    for number, back in enumerate(backwards):
        at = 2 if steps else 1
        one = parts.part_of(call.tracer, done, at, range(number, number + 1)) if len(backwards) > 1 else done
        ends.append(parts.selected(call.tracer, one, place, 0 if back else count - 1))
    # Directions, examples, channels; with examples in front these come first.
    return parts.concatenated(call.tracer, ends, 1 if steps else 0)
