"""Recurrent layers: along one axis each step reads its input and what the step before has left."""

from collections.abc import Mapping
from typing import Annotated

from rfcalc.ops.attributes import CountKind, Flag
from rfcalc.ops.conv import OutChannels
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import AxisReads
from rfcalc.ops.windows import whole_map
from rfcalc.shapes import Shape, Size

StackedLayers = Annotated[Size, CountKind("layers, each of which reads what the one before leaves")]
Bidirectional = Annotated[
    bool, Flag("whether another one reads from the end; what both leave stands side by side")
]
Biases = Annotated[Size, CountKind("learned biases of each unit: 1, PyTorch's 2, or 0", minimum=0)]

# Elementary operations of a sigmoid and a tangent (see ops/activation.py).
_SIGMOID = Work(add=1, divide=1, exp=1)
_TANH = Work(add=2, multiply=1, divide=1, exp=1)


def _directions(_inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    return {"D": 2 if arguments["bidirectional"] else 1}


def _formulas(gates: str) -> Formulas:
    return Formulas(
        "n",
        "D · d",
        {
            "input": f"D · {gates}d · (c + (layers − 1) · D · d)",
            "hidden": f"layers · D · {gates}d · d",
            "bias": f"biases · layers · D · {gates}d if biases ≥ 1",
        },
        f"Πn · D · {gates}d · (c + (layers − 1) · D · d + layers · d)",
        derive=_directions,
        meanings={"D": ("directions, 1 or 2", "方向数，1或2")},
    )


@operator(label="LSTM", chinese="长短期记忆层", formulas=_formulas("4 · "))
def lstm(
    inputs: tuple[Shape, ...],
    *,
    out_channels: OutChannels,
    layers: StackedLayers = 1,
    bidirectional: Bidirectional = False,
    biases: Biases = 1,
) -> Facts:
    """Long short-term memory: four gates, each of the input and of what the step before has left.

    Other work: per unit and step 3 sigmoids, 2 tangents, 3 multiplications, 5 additions and those of biases.
    Source: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000; PyTorch LSTM.
    """
    each = _SIGMOID.times(3).plus(_TANH.times(2)).plus(Work(add=5, multiply=3))
    return _recurrent(inputs[0], 4, each, out_channels, layers, bidirectional, biases)


@operator(label="GRU", chinese="门控循环层", formulas=_formulas("3 · "))
def gru(
    inputs: tuple[Shape, ...],
    *,
    out_channels: OutChannels,
    layers: StackedLayers = 1,
    bidirectional: Bidirectional = False,
    biases: Biases = 1,
) -> Facts:
    """Gated recurrent unit: two gates and a candidate.

    Other work: per unit and step 2 sigmoids, 1 tangent, 3 multiplications, 5 additions and those of biases.
    Source: Cho et al. 2014; PyTorch GRU.
    """
    each = _SIGMOID.times(2).plus(_TANH).plus(Work(add=5, multiply=3))
    return _recurrent(inputs[0], 3, each, out_channels, layers, bidirectional, biases)


@operator(label="recurrent layer", chinese="循环层", formulas=_formulas(""))
def rnn(
    inputs: tuple[Shape, ...],
    *,
    out_channels: OutChannels,
    layers: StackedLayers = 1,
    bidirectional: Bidirectional = False,
    biases: Biases = 1,
) -> Facts:
    """A simple recurrent layer: the tangent of a map of the input and of what the step before has left.

    Other work: per unit and step 1 tangent, 1 addition and those of biases.
    Source: Elman 1990; PyTorch RNN.
    """
    each = _TANH.plus(Work(add=1))
    return _recurrent(inputs[0], 1, each, out_channels, layers, bidirectional, biases)


def _recurrent(
    shape: Shape, gates: int, each: Work, out_channels: Size, layers: Size, bidirectional: bool, biases: Size
) -> Facts:
    """The facts of a recurrent layer; each: the work of one unit in one step, without biases."""
    if len(shape.axes) > 1:
        raise OperatorProblem(f"a recurrent layer runs along one axis, but the input is {shape}", operand=0)
    directions = 2 if bidirectional else 1
    units = directions * gates * out_channels
    read = shape.channels + (layers - 1) * directions * out_channels
    weights: dict[str, tuple[Size, ...]] = {"input": (units, read), "hidden": (layers * units, out_channels)}
    if biases != 0:
        weights["bias"] = (biases * layers * units,)
    steps = shape.positions
    work = each.times(steps * layers * directions * out_channels)
    # What a step has seen are all before it: there is no window of any size; both directions see everything.
    reads: tuple[AxisReads | None, ...] = whole_map(shape.axes, "main") if bidirectional else (None,)
    return Facts(
        output=Shape(shape.axes, directions * out_channels),
        reads=(reads[: len(shape.axes)],),
        looks_back=not bidirectional,
        weights=weights,
        macs=steps * units * (read + layers * out_channels),
        work=work.plus(Work(add=biases * steps * layers * units)),
        # Of two directions in one layer each has channels of its own.
        channels="group" if bidirectional and layers == 1 else "all",
    )
