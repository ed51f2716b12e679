"""What operators refuse: the message, and the attribute or operand to blame."""

from __future__ import annotations

import pytest
from operator_calls import bound, facts, shape, size

from rfcalc.ops.attributes import PerAxis, SizeReference, SpanValue, Value, Word, format_value
from rfcalc.ops.facts import OperatorProblem
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.shapes import Shape
from rfcalc.symbolic.polynomial import Polynomial

# operator, operands, attributes, attribute to blame, operand to blame, message.
REFUSED = [
    # Attributes of the wrong kind or out of range.
    ("conv", "8x8x4", "f=3", "", None, "conv needs out_channels=… (or d=…): number of kernels"),
    ("conv", "8x8x4", "d=3", "", None, "conv needs kernel=… (or f=…): kernel size"),
    ("conv", "8x8x4", "f=0 d=3", "kernel", None, "kernel: expected a whole number of at least 1"),
    (
        "conv",
        "8x8x4",
        "f=1.5 d=3",
        "kernel",
        None,
        "kernel: expected a whole number of at least 1, or one per",
    ),
    ("conv", "8x8x4", "f=3x3x3 d=3", "kernel", None, "3x3x3 has 3 entries, but the input has 2 spatial axes"),
    ("conv", "8x4", "f=3x3 d=3", "kernel", None, "3x3 has 2 entries, but the input has 1 spatial axis"),
    ("conv", "4", "f=3x3 d=3", "kernel", None, "3x3 has 2 entries, but the input has no spatial axis"),
    ("conv", "8x8x4", "f=3 d=0", "out_channels", None, "expected a whole number of at least 1, got 0"),
    ("conv", "8x8x4", "f=3 d=1x2", "out_channels", None, "expected a whole number of at least 1, got 1x2"),
    ("conv", "8x8x4", "f=3 d=3 p=-1", "padding", None, "padding: expected a whole number, before:after"),
    ("conv", "8x8x4", "f=3 d=3 p=1:", "padding", None, "before:after (0:1), or one per axis (1x0:1)"),
    ("conv", "8x8x4", "f=3 d=3 p=full", "padding", None, "causal, same, same_lower, valid, got full"),
    ("conv", "8x8x4", "f=3 d=3 bias=2", "bias", None, "expected yes or no, got 2"),
    (
        "conv",
        "8x8x4",
        "f=3 d=3 padding_mode=mirror",
        "padding_mode",
        None,
        "one of zeros, reflect, replicate",
    ),
    ("conv", f"8x8x{4}", f"f=3 d={2**64}", "out_channels", None, "a length or count may not pass 2^63"),
    ("dropout", "8x8x4", "rate=1.5", "rate", None, "a number of at least 0 and at most 1, got 1.5"),
    ("dropout", "8x8x4", "rate=half", "rate", None, "got half"),
    (
        "upsample",
        "8x8x4",
        "scale=0",
        "scale",
        None,
        "expected a positive number, or one per axis (2x1.5), got 0",
    ),
    ("slice", "8x8x4", "h=3", "h", None, "expected start:stop or start:stop:step, got 3"),
    ("crop", "8x8x4", "like=4", "like", None, "expected the name of an earlier layer, got 4"),
    # Inputs without the axes an operator works along.
    *(
        (op, "4", written, "", 0, f"{op} needs an input of one to three spatial axes, but it is 4")
        for op, written in [
            ("conv", "f=3 d=3"),
            ("dwconv", "f=3"),
            ("deconv", "f=3 d=3"),
            ("deformconv", "f=3 d=3"),
            ("maxpool", "f=3"),
            ("avgpool", "f=3"),
            ("globalavgpool", ""),
            ("globalmaxpool", ""),
            ("adaptiveavgpool", "size=1"),
            ("adaptivemaxpool", "size=1"),
            ("crop", "size=1"),
            ("upsample", "scale=2"),
            ("pixelshuffle", "factor=2"),
            ("pixelunshuffle", "factor=2"),
            ("attention", ""),
        ]
    ),
    # Windows.
    (
        "conv",
        "2x8x4",
        "f=3 d=3",
        "kernel",
        None,
        "the window spans 3 positions, but the padded input has only 2",
    ),
    (
        "conv",
        "8x8x4",
        "f=3 r=4 d=3",
        "kernel",
        None,
        "the window spans 9 positions, but the padded input has only 8",
    ),
    (
        "maxpool",
        "2x2x4",
        "f=4 s=2 ceil=yes",
        "kernel",
        None,
        "spans 4 positions, but the padded input has only 2",
    ),
    ("conv", "HxHx4", "f=3 s=2 d=3", "stride", None, "declare the symbol as a multiple"),
    ("conv", "HxHx4", "f=3 s=S d=3", "stride", None, "a symbolic stride leaves the output size undecided"),
    ("conv", "HxHx4", "f=3 s=2 p=same d=3", "padding", None, "padding same at stride 2: "),
    ("conv", "2HxHx4", "f=Fx1 s=2x1 p=same d=3", "padding", None, "depends on a symbol"),
    ("conv", "8x8x4", "f=Fx1 p=same d=3", "padding", None, "padding same: (F - 1) // 2 is not exact"),
    ("conv", "8x8x4", "f=3 s=S p=same d=3", "padding", None, "padding same needs a stride that is a number"),
    ("maxpool", "HxHx4", "f=2 s=2 ceil=yes", "stride", None, "declare the symbol as a multiple"),
    ("conv", "3x8x4", "f=3 p=3 d=1 padding_mode=reflect", "padding", None, "3 can fill; the most is 2"),
    ("conv", "3x8x4", "f=3 p=4 d=1 padding_mode=circular", "padding", None, "3 can fill; the most is 3"),
    (
        "pad",
        "3x8x4",
        "padding=0:3 mode=reflect",
        "padding",
        None,
        "reflect padding of 3 is more than an axis of 3",
    ),
    # Groups.
    ("conv", "8x8x4", "f=3 d=6 g=3", "groups", None, "4 input channels do not divide into 3 groups"),
    ("conv", "8x8x6", "f=3 d=4 g=3", "groups", None, "4 output channels do not divide into 3 groups"),
    ("conv", "8x8xC", "f=3 d=4 g=2", "groups", None, "declare the symbol as a multiple"),
    ("deconv", "8x8x4", "f=3 d=6 g=3", "groups", None, "4 input channels do not divide into 3 groups"),
    ("gn", "8x8x4", "g=3", "groups", None, "4 channels do not divide into 3 groups"),
    ("channelshuffle", "8x8x4", "g=3", "groups", None, "4 channels do not divide into 3 groups"),
    (
        "deformconv",
        "8x8x4",
        "f=3 d=4 offset_groups=3",
        "offset_groups",
        None,
        "4 input channels do not divide",
    ),
    ("attention", "8x8x4", "heads=3", "heads", None, "4 inner channels do not divide into 3 heads"),
    ("pixelshuffle", "8x8x6", "factor=2", "factor", None, "6 channels do not divide into 4 groups"),
    # One operator each.
    ("fc", "14x14x512", "f=7 d=4096", "kernel", None, "f = 7 cannot be: the map is 14x14"),
    ("fc", "7x8x512", "f=7x7 d=4096", "kernel", None, "f = 7 cannot be: the map is 7x8"),
    ("fc", "7x8x512", "f=8x7 d=4096", "kernel", None, "f = 8x7 cannot be: the map is 7x8"),
    ("fc", "4096", "f=7 d=4096", "kernel", None, "f = 7 cannot be: the input is a plain vector of 4096"),
    ("fc", "7x7x512", "s=2 d=4096", "stride", None, "fc has one window, so its stride is 1"),
    (
        "deconv",
        "1x1x4",
        "f=2 p=1 d=3",
        "padding",
        None,
        "padding 1:1 cuts the whole output off; it would be 0 long",
    ),
    (
        "deconv",
        "4x4x4",
        "f=2 s=2 output_padding=2 d=3",
        "output_padding",
        None,
        "less than the stride (2) or the",
    ),
    ("deconv", "4x4x4", "f=2 p=same output_padding=1 d=3", "output_padding", None, "decides the output size"),
    (
        "deformconv",
        "8x8x4 8x8x17",
        "f=3 p=1 d=4",
        "",
        1,
        "17 channels, but 18 are needed: 2 for each of 9 taps",
    ),
    (
        "deformconv",
        "8x8x4 8x8x18",
        "f=3 d=4",
        "",
        1,
        "the offsets are 8x8x18, but the output has 6x6 positions",
    ),
    ("adaptiveavgpool", "8x8x4", "size=H", "size", None, "must be a number, or the size of the input"),
    ("adaptiveavgpool", "7Hx7x4", "size=7xW", "size", None, "7 positions divided into W are undecided"),
    ("reshape", "4x4x4", "to=4x4x5", "to", None, "4x4x5 holds 80 elements, but the input 4x4x4 has 64"),
    ("reshape", "4x4x4", "to=2x2x2x2x4", "to", None, "2x2x2x2x4 has 4 spatial axes; the most is 3"),
    (
        "permute",
        "4x5x6",
        "order=0x1",
        "order",
        None,
        "expected each of 0x1x2 once (the input is 4x5x6), got 0x1",
    ),
    ("permute", "4x5x6", "order=0x1x1", "order", None, "got 0x1x1"),
    (
        "permute",
        "4x6",
        "split=2x2x6 order=0x1",
        "order",
        None,
        "once (the split is 2x2x6), got",
    ),
    (
        "permute",
        "4x6",
        "split=2x2x5 order=0x1x2",
        "split",
        None,
        "2x2x5 holds 20 elements, but the input 4x6",
    ),
    ("permute", "4x6", "order=1x0 to=5x5", "to", None, "5x5 holds 25 elements"),
    ("permute", "4x6", "split=2x2x2x3x1 order=4x0x1x2x3", "order", None, "1x2x2x2x3 has 4 spatial axes"),
    ("permute", "4x6", f"split={'1x' * 12}24 order=0", "split", None, "13 lengths; the most is 12"),
    ("pad", "4", "padding=1", "padding", None, "a plain vector of 4 has channels alone to pad"),
    ("pad", "4x4x6", "padding=-2", "padding", None, "cutting off 4 leaves nothing of 4"),
    ("pad", "4x4x6", "padding=-5:9", "padding", None, "cutting off 5 leaves nothing of 4"),
    ("crop", "4x4x6", "", "", None, "crop needs one of padding=…, size=… or like=…"),
    ("crop", "4x4x6", "p=1 size=2", "size", None, "crop takes padding=… or size=…, not both"),
    ("crop", "4x4x6", "size=2x5", "size", None, "an axis of 4 cannot be cropped to 5"),
    ("crop", "4x4x6", "like=skip@4x5x1", "like", None, "an axis of 4 cannot be cropped to 5"),
    ("crop", "4x4x6", "like=skip@4x1", "like", None, "skip is 4x1, but the input is 4x4x6"),
    ("crop", "HxHx6", "size=4", "size", None, "depends on H"),
    ("crop", "4x4x6", "p=2", "padding", None, "cutting off 4 leaves nothing of 4"),
    ("slice", "4x4x6", "", "", None, "slice needs one of channels=…, t=…, h=… or w=…"),
    ("slice", "4x4x6", "t=0:1", "t", None, "the input 4x4x6 has no axis t; it has channels, h, w"),
    ("slice", "4x6", "t=0:1 w=0:1", "t", None, "the input 4x6 has no axis t; it has channels, w"),
    ("slice", "6", "h=0:1", "h", None, "the input 6 has no axis h; it has channels"),
    ("slice", "4x4x6", "h=3:1", "h", None, "3:1 leaves nothing of 4"),
    ("slice", "4x4x6", "channels=6:", "channels", None, "6: leaves nothing of 6"),
    ("slice", "4x4x6", "w=::-1", "w", None, "w: the step must be a whole number of at least 1"),
    ("slice", "4x4x6", "w=::0", "w", None, "w: the step must be a whole number of at least 1"),
    ("slice", "HxHx6", "w=0:5", "w", None, "depends on H"),
    ("slice", "HxHx6", "w=::2", "w", None, "declare the symbol as a multiple"),
    ("upsample", "4x4x6", "", "", None, "upsample needs one of scale=…, size=… or like=…"),
    (
        "upsample",
        "4x4x6",
        "scale=2 like=skip@8x8x1",
        "like",
        None,
        "upsample takes scale=… or like=…, not both",
    ),
    ("upsample", "4x4x6", "like=skip@8x1", "like", None, "skip is 8x1, but the input is 4x4x6"),
    ("upsample", "4x4x6", "scale=0.2", "scale", None, "scaling by 0.2 leaves nothing of an axis of 4"),
    ("upsample", "HxHx6", "scale=1.5", "scale", None, "declare the symbol as a multiple"),
    ("upsample", "4x4x6", "scale=2 align_corners=yes", "align_corners", None, "no meaning for mode nearest"),
    ("pixelunshuffle", "4x5x6", "factor=2", "factor", None, "an axis of 5 does not divide into pieces of 2"),
    ("attention", "8x9x4", "window=4", "window", None, "an axis of 9 does not divide into pieces of 4"),
    ("attention", "HxHx4", "window=4", "window", None, "declare the symbol as a multiple"),
    (
        "attention",
        "8x8x4",
        "d=8 projections=no",
        "out_channels",
        None,
        "without projections out_channels can only",
    ),
    ("attention", "8x8x4", "key_channels=8 projections=no", "key_channels", None, "key_channels can only be"),
    ("attention", "8x4 6x4 5x4", "projections=no", "", 2, "keys at 6 positions, but values at 5"),
    (
        "attention",
        "8x4 6x3 6x4",
        "projections=no",
        "projections",
        None,
        "query and key have as many channels",
    ),
    (
        "attention",
        "8x4 6x4 6x9",
        "projections=no value_channels=4",
        "value_channels",
        None,
        "value_channels can",
    ),
    ("attention", "8x4 8x4 2x4x4", "window=4", "window", None, "there is one of 8x4, and one of 2x4x4"),
    ("attention", "8x4 8x4", "window=4", "window", None, "there is a second tensor"),
    (
        "matmul",
        "4x5x6 3x6x8",
        "batch=1",
        "batch",
        1,
        "the leading axes of 4x5x6 and 3x6x8 are to be the same",
    ),
    (
        "matmul",
        "4x5x6 4x7x8",
        "batch=1",
        "",
        1,
        "the second tensor 7x8 needs as many positions as the first has",
    ),
    ("matmul", "5x6 6x8", "batch=2", "batch", None, "5x6 has 1 axes; the batch takes 2"),
    ("opaque", "4x4", "size=4", "", None, "opaque needs type=…"),
    ("opaque", "4x4", "type=3 size=4", "type", None, "expected a word, got 3"),
    ("opaque", "4x4", "type=nms", "", None, "opaque needs size=…, its output size"),
    ("opaque", "4x4 4x4", "type=nms reads=each", "", None, "opaque needs size=…"),
    ("opaque", "4x4 5x4", "type=nms reads=each size=4x9", "reads", 1, "the output is 4x9 and an input 5x4"),
    ("opaque", "4x4", "type=nms size=1x2x3x4x5", "size", None, "has 4 spatial axes"),
    # Joins.
    ("add", "56x56x64 28x28x64", "", "", 1, "the branches added here are 56x56x64 and 28x28x64"),
    ("sub", "56x56x64 56x56x32", "", "", 1, "the branches subtracted here are 56x56x64 and 56x56x32"),
    ("mul", "8x8x4 8x8x4 8x8x5", "", "", 2, "the branches multiplied here are 8x8x4 and 8x8x5"),
    ("max", "8x8x4 8x4", "", "", 1, "the branches compared here are 8x8x4 and 8x4"),
    ("add", "HxWx4 WxHx4", "", "", 1, "the branches added here are HxWx4 and WxHx4"),
    ("concat", "8x8x4 8x8x9 8x7x4", "", "", 2, "the branches concatenated here are 8x8x4 and 8x7x4"),
    ("concat", "8x8x4 1x1x4", "", "", 1, "the branches concatenated here are 8x8x4 and 1x1x4"),
]


@pytest.mark.parametrize(("op", "sizes", "written", "attribute", "operand", "message"), REFUSED)
def test_what_does_not_fit_is_refused_with_the_one_to_blame(
    op: str, sizes: str, written: str, attribute: str, operand: int | None, message: str
) -> None:
    with pytest.raises(OperatorProblem) as caught:
        facts(op, sizes, written)
    assert message in caught.value.message
    assert (caught.value.attribute, caught.value.operand) == (attribute, operand)


def test_what_no_polynomial_can_hold_is_a_problem_of_the_operator() -> None:
    many = size("C") ** 600
    with pytest.raises(OperatorProblem, match="limit of degree"):
        find_operator("flatten").function((Shape((many, 1), many),))


HOSTILE: list[Value] = [
    0,
    -1,
    10**30,
    Word("yes"),
    Word("nonsense"),
    PerAxis((1, 2, 3, 4)),
    PerAxis((Word("same"), SpanValue(None, None))),
    SpanValue(None, None),
    SpanValue(Word("a"), 2, 0),
    SpanValue(SpanValue(1, 2), PerAxis((1, 2))),
    Polynomial.symbol("N"),
    -Polynomial.symbol("N"),
    SizeReference("skip", shape("4x4x1")),
]


@pytest.mark.parametrize("op", OPERATOR_NAMES)
@pytest.mark.parametrize("sizes", ["7", "7x4", "7x7x4", "2x7x7x4", "HxWxC"])
def test_no_value_makes_anything_but_a_problem_of_the_operator(op: str, sizes: str) -> None:
    operator = find_operator(op)
    fitting: dict[str, Value] = {name: 1 for name, one in operator.attributes.items() if one.required}
    for name in operator.attributes:
        for value in HOSTILE:
            try:
                operands = (shape(sizes),) * operator.operands[0]
                arguments, found = operator.apply({**fitting, name: value}, operands)
            except OperatorProblem:
                continue
            assert isinstance(operator.parameter_text(arguments), str)
            assert found.params is not None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (3, "3"),
        (True, "yes"),
        (False, "no"),
        (Word("same"), "same"),
        (SpanValue(0, 1), "0:1"),
        (SpanValue(None, -1), ":-1"),
        (SpanValue(1, None, 2), "1::2"),
        (PerAxis((1, 7)), "1x7"),
        (PerAxis((SpanValue(0, 1), 2)), "0:1x2"),
        (2 * Polynomial.symbol("C"), "2C"),
        (SizeReference("enc1", shape("4x4x1")), "enc1"),
    ],
)
def test_a_value_is_shown_as_a_description_writes_it(written: object, shown: str) -> None:
    assert format_value(written) == shown


def test_a_value_for_every_axis_stands_for_all_of_them() -> None:
    assert bound("conv", "8x8x4", "f=3 d=1 p=1:2")[1]["padding"] == ((1, 2), (1, 2))
    assert bound("conv", "8x8x8x4", "f=3 d=1")[1]["kernel"] == (3, 3, 3)
    assert bound("conv", "8x8x4", "f=3 d=1 p=1x0:2")[1]["padding"] == ((1, 1), (0, 2))
    assert bound("upsample", "8x8x4", "scale=2x3")[1]["scale"] == (2, 3)
    assert bound("reshape", "8x8x4", "to=256")[1]["to"] == (256,)
