"""Losses, which end a network."""

from rfcalc.ops.elementwise import in_place
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import AS_INPUT
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape


@operator(
    label="loss",
    traits=("probabilities", "loss"),
    chinese="损失函数层",
    printed="Softmax loss",
    formulas=AS_INPUT,
)
def softmaxloss(inputs: tuple[Shape, ...]) -> Facts:
    """Cross-entropy of the softmax over channels: log Σ e^(x_j − max x) − (x_t − max x) for the class t.

    Other work: per position c − 1 comparisons, 2c additions, c exponentials, 1 logarithm (counted as exp).
    Source: 解析卷积神经网络 tables 3.1 and 3.2.
    """
    shape = inputs[0]
    classes = shape.channels
    work = Work(compare=classes - 1, add=2 * classes, exp=classes + 1).times(shape.positions)
    return in_place(shape, work, channels="all")._replace(sink=True)
