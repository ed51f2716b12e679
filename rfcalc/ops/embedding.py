"""The embedding: a learned vector for each of some words."""

from typing import Annotated

from rfcalc.ops.attributes import CountKind
from rfcalc.ops.conv import OutChannels
from rfcalc.ops.elementwise import in_place
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import format_number


@operator(
    label="embedding",
    chinese="嵌入层",
    formulas=Formulas(
        "n", "d", {"weight": "words · d"}, remarks={"macs": "a row is looked up, not multiplied"}
    ),
)
def embedding(
    inputs: tuple[Shape, ...],
    *,
    out_channels: OutChannels,
    words: Annotated[Size, CountKind("the number of rows of the table")],
) -> Facts:
    """A row of a learned table for each index; the input holds one index at each position.

    Other work: none.
    Source: Bengio et al. 2003; PyTorch Embedding.
    """
    shape = inputs[0]
    if shape.channels != 1:
        raise OperatorProblem(
            f"embedding reads one index at each position, but the input {shape} has "
            f"{format_number(shape.channels)} channels",
            operand=0,
        )
    facts = in_place(shape, weights={"weight": (words, out_channels)}, channels="all")
    return facts._replace(output=Shape(shape.axes, out_channels))
