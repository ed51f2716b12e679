"""A layer of which only is known what is said of it."""

from collections.abc import Mapping
from typing import Annotated, Literal, cast, get_args

from rfcalc.ops.attributes import Choice, CountKind, Dimensions, Kind, Value, Word
from rfcalc.ops.axes import shape_of
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import AxisReads, identity
from rfcalc.ops.windows import read_by_all
from rfcalc.shapes import Shape, Size

ReadsWord = Literal["each", "all", "unknown"]


class AnyWord(Kind):
    """A word of the user's own."""

    any_word = True
    expects = "a word"

    def convert(self, value: Value, rank: int) -> str:
        """The word; raises OperatorProblem for any other value."""
        if isinstance(value, Word):
            return str(value)
        raise self.refuse(value)


def _sizes(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    *axes, channels = cast("tuple[Size, ...]", arguments["size"] or inputs[0].sizes())
    return {"m": tuple(axes), "d": channels}


@operator(
    label="opaque layer",
    chinese="未知层",
    operands=(0, None),
    formulas=Formulas(
        "m",
        "d",
        {"weight": "params if params and params > 0"},
        "macs if macs",
        derive=_sizes,
        meanings={
            "m": (
                "the length `size` gives the axis; else the input's",
                "`size`为该轴给出的长度；未给出时为输入的长度",
            ),
            "d": (
                "the last number of `size`; else the input's channels",
                "`size`的末项；未给出时为输入通道数",
            ),
            "params": ("the parameters that are stated", "所给出的参数量"),
            "macs": ("the multiply-accumulates that are stated", "所给出的乘加数"),
        },
        remarks={"params": "unknown where `params` is left out", "macs": "unknown where `macs` is left out"},
    ),
)
def opaque(
    inputs: tuple[Shape, ...],
    *,
    type: Annotated[str, AnyWord("what it is called where it comes from (NonMaxSuppression)")],
    size: Annotated[
        tuple[Size, ...] | None,
        Dimensions(
            "its output size: spatial axes, then channels (100x4); with reads=each it may be the input's"
        ),
    ] = None,
    params: Annotated[
        Size | None,
        CountKind("its learned parameters, if it keeps nothing else; unknown when left out", minimum=0),
    ] = None,
    macs: Annotated[
        Size | None, CountKind("its multiply-accumulates; unknown when left out", minimum=0)
    ] = None,
    reads: Annotated[
        ReadsWord,
        Choice(
            "what an output reads: its own position, everything, or that is not known", get_args(ReadsWord)
        ),
    ] = "unknown",
) -> Facts:
    """A layer that nobody knows: what is not stated of it is unknown, and so are the totals that need it.

    It reads the tensors that `from=` names, any number of them, or else what stands before it.

    Other work: unknown.
    Source: none: a convention of this tool.
    """
    if size is not None:
        output = shape_of(size, "size")
    elif reads == "each" and len(inputs) == 1:
        output = inputs[0]
    else:
        raise OperatorProblem("opaque needs size=…, its output size; with reads=each one input gives it")
    seen: tuple[tuple[AxisReads | None, ...], ...] | None = None
    if reads == "each":
        for number, shape in enumerate(inputs):
            if shape.axes != output.axes:
                message = f"each position is to read its own, but the output is {output} and an input {shape}"
                raise OperatorProblem(message, "reads", number)
        seen = (identity(len(output.axes)),) * len(inputs)
    elif reads == "all":
        seen = tuple(read_by_all(shape.axes, output.axes) for shape in inputs)
    return Facts(
        output=output,
        reads=seen if inputs else (),
        weights=None if params is None else {"weight": (params,)} if params != 0 else {},
        buffers=None if params is None else {},
        macs=macs,
        channels="all" if reads == "all" else None,
    )
