"""The formulas of the operators: each gives what its operator's function returns, and reads as stated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.ops.attributes import (
    AxisNumbers,
    ChannelPadding,
    Choice,
    CountKind,
    Dimensions,
    Factors,
    Flag,
    IndexRange,
    Kind,
    LayerReference,
    Lengths,
    Padding,
    PerAxis,
    Real,
    SizeReference,
    SpanValue,
    Value,
    Word,
)
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formula_parser import parse
from rfcalc.ops.formula_text import format_formula
from rfcalc.ops.formula_values import FormulaValues, formula, names_in, put_in, value_of, values_of
from rfcalc.ops.formulas import ATTRIBUTES, STANDARD, meaning_of
from rfcalc.ops.opaque import AnyWord
from rfcalc.ops.operator import Operator
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.render.characters import transliterate
from rfcalc.shapes import Shape, product
from rfcalc.symbolic.polynomial import Polynomial

C = Polynomial.symbol("C")
H = Polynomial.symbol("H")


def held(
    operator: Operator, inputs: tuple[Shape, ...], facts: Facts, arguments: Mapping[str, object]
) -> None:
    """Hold every formula of an operator to its facts."""
    formulas = operator.formulas
    values = values_of(operator, inputs, facts.output, arguments)
    length = formula(formulas, "length")
    axes = () if length is None else tuple(value_of(length, values, i) for i in range(len(facts.output.axes)))
    assert axes == facts.output.axes
    assert value_of(parse(formulas.channels), values) == facts.output.channels
    assert value_of(parse(formulas.macs), values) == facts.macs
    found = {name: value_of(parse(text), values) for name, text in formulas.params.items()}
    # Of a layer of which nothing is stated there is nothing to hold it to.
    assert facts.weights is not None or operator.name == "opaque"
    learned = {name: product(sizes) for name, sizes in (facts.weights or {}).items()}
    assert {name: value for name, value in found.items() if value is not None} == learned


# What the operands of most operators may be: none to three axes, few channels with many divisors.
lengths = st.integers(1, 12)
channels = st.sampled_from([1, 2, 3, 4, 6, 8, 12])


def shapes(ranks: tuple[int, ...]) -> st.SearchStrategy[Shape]:
    def of_rank(rank: int) -> st.SearchStrategy[Shape]:
        return st.builds(Shape, st.tuples(*[lengths] * rank), channels)

    return st.sampled_from(ranks).flatmap(of_rank)


def _each(entry: st.SearchStrategy[Value], rank: int) -> st.SearchStrategy[Value]:
    """One value for all axes, or one for each."""
    return entry if rank < 2 else st.one_of(entry, st.builds(PerAxis, st.tuples(*[entry] * rank)))


def written(kind: Kind, shape: Shape) -> st.SearchStrategy[Value]:
    """A value of a kind of attribute, as a description may write it."""
    rank = len(shape.axes)
    small = st.integers(1, 4)
    if isinstance(kind, ChannelPadding):
        return st.builds(SpanValue, st.integers(0, 3), st.integers(0, 3))
    if isinstance(kind, Padding):
        entry = st.one_of(st.integers(0, 3), st.builds(SpanValue, st.integers(0, 3), st.integers(0, 3)))
        numbers = _each(entry, rank)
        return st.one_of(numbers, st.sampled_from(sorted(kind.words)).map(Word)) if kind.words else numbers
    if isinstance(kind, Lengths):
        return _each(st.integers(kind.minimum, 4), rank)
    if isinstance(kind, AxisNumbers):
        words = st.sampled_from(sorted(kind.words)).map(Word)
        return st.one_of(words, st.integers(0, 2), st.permutations(range(max(rank, 1))).map(PerAxis))
    if isinstance(kind, CountKind):
        if kind.minimum == 0:
            return st.integers(0, 2)
        return st.sampled_from([1, 2, 3, 4, 6, 12])
    if isinstance(kind, Flag):
        return st.sampled_from(["yes", "no"]).map(Word)
    if isinstance(kind, Choice | AnyWord):
        return st.sampled_from(kind.order if isinstance(kind, Choice) else ["NonMaxSuppression"]).map(Word)
    if isinstance(kind, Factors):
        return _each(st.sampled_from([1, 2, 3, Fraction(1, 2), Fraction(3, 2), Fraction(4, 3)]), rank)
    if isinstance(kind, LayerReference):
        return st.tuples(*[small] * rank).map(lambda axes: SizeReference("other", Shape(axes, 1)))
    if isinstance(kind, IndexRange):
        ends = st.one_of(st.none(), st.integers(-6, 6))
        return st.builds(SpanValue, ends, ends, st.one_of(st.none(), st.integers(1, 3)))
    if isinstance(kind, Dimensions):
        if kind.minimum == 0:
            return st.permutations(range(rank + 1)).map(PerAxis)
        return st.sampled_from(
            [PerAxis((shape.positions, shape.channels)), PerAxis((*shape.axes, shape.channels))]
        )
    assert isinstance(kind, Real)
    return st.sampled_from([0, Fraction(1, 2), 1])


@st.composite
def calls(draw: st.DrawFn, op: str) -> tuple[Operator, tuple[Shape, ...], dict[str, object], Facts] | None:
    """An operator applied to sizes and attributes; None where it refuses them."""
    operator = find_operator(op)
    shape = draw(shapes((0, 1, 2, 3)))
    inputs = [shape]
    if operator.operands[1] != 1:
        # Operands of a join are alike but for sizes that are broadcast.
        for _ in range(draw(st.integers(max(1, operator.operands[0] - 1), 3)) if op != "deformconv" else 0):
            axes = tuple(draw(st.sampled_from([size, 1])) for size in shape.axes)
            inputs.append(
                Shape(shape.axes if op == "concat" else draw(st.sampled_from([axes, ()])), shape.channels)
            )
        inputs = inputs[: operator.operands[1]]
    values: dict[str, Value] = {}
    for name, attribute in operator.attributes.items():
        if attribute.required or draw(st.booleans()):
            values[name] = draw(written(attribute.kind, shape))
    try:
        if op == "fold":
            # Few maps that are drawn have the positions of the windows of a size that is drawn.
            rest = {name: value for name, value in values.items() if name != "size"}
            inputs = [find_operator("unfold").apply(rest, (shape,))[1].output]
            values["size"] = PerAxis(shape.axes)
        arguments, facts = operator.apply(values, tuple(inputs))
    except OperatorProblem:
        return None
    if any(not isinstance(size, int) or size < 1 for size in facts.output.sizes()):
        # The builder refuses such a size; the operator need not.
        return None
    return operator, tuple(inputs), arguments, facts


@pytest.mark.parametrize("op", OPERATOR_NAMES)
@pytest.mark.slow
def test_every_formula_gives_what_the_function_returns(op: str) -> None:
    applied = 0

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(calls(op))
    def holds(call: tuple[Operator, tuple[Shape, ...], dict[str, object], Facts] | None) -> None:
        nonlocal applied
        if call is not None:
            applied += 1
            operator, inputs, arguments, facts = call
            held(operator, inputs, facts, arguments)

    holds()
    assert applied >= 10, f"{op} was applied {applied} times"


def every_formula() -> list[tuple[str, str]]:
    found = []
    for op in OPERATOR_NAMES:
        formulas = find_operator(op).formulas
        texts = (formulas.length, formulas.channels, formulas.macs, *formulas.params.values())
        found += [(op, text) for text in dict.fromkeys((*texts, *formulas.where.values())) if text]
    return found


@pytest.mark.parametrize(("op", "text"), every_formula())
def test_a_formula_is_stated_as_it_is_printed(op: str, text: str) -> None:
    assert format_formula(parse(text)) == text


@pytest.mark.parametrize(("op", "text"), every_formula())
def test_a_formula_can_be_written_in_ascii_and_in_latex(op: str, text: str) -> None:
    assert "?" not in transliterate(format_formula(parse(text)), "ascii")
    latex = format_formula(parse(text), "latex")
    assert latex.isascii()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert not re.search(r"(?<!\\)_[a-z]{2}", latex), "a word with an underscore is escaped"


@pytest.mark.parametrize("op", OPERATOR_NAMES)
def test_every_name_in_a_formula_is_explained_in_both_languages(op: str) -> None:
    formulas = find_operator(op).formulas
    for _, text in [each for each in every_formula() if each[0] == op]:
        for name in names_in(parse(text)):
            for chinese in (False, True):
                assert meaning_of(formulas, name, chinese), name


def test_no_standard_name_is_an_attribute_too() -> None:
    assert not set(STANDARD) & set(ATTRIBUTES)


@pytest.mark.parametrize("op", OPERATOR_NAMES)
def test_the_reference_states_the_formulas(op: str) -> None:
    operator = find_operator(op)
    lines = [line.split(":")[0] for line in operator.documentation]
    place = [lines.index(heading) for heading in ("Output", "Parameters", "MACs", "Other work", "Source")]
    assert place == sorted(place)
    assert operator.source
    # They are stated in one place: the docstring does not repeat them.
    assert not re.search(r"^\s*(Output|Parameters|MACs):", operator.function.__doc__ or "", re.MULTILINE)


SYMBOLIC = [
    # 49C² weights and 49C²HW products: the chapter's 7x7 convolution.
    (
        "conv",
        Shape((H, H), C),
        "kernel=7 padding=3 out_channels=C bias=no",
        H,
        C,
        49 * C * C,
        49 * C * C * H * H,
    ),
    ("fc", Shape((7, 7), C), "out_channels=10", 1, 10, 490 * C + 10, 490 * C),
    ("bn", Shape((H, H), C), "", H, C, 2 * C, 0),
    ("maxpool", Shape((2 * H, 2 * H), C), "kernel=2", H, C, 0, 0),
]


@pytest.mark.parametrize(("op", "shape", "written_", "length", "out", "params", "macs"), SYMBOLIC)
def test_a_formula_works_with_symbols(
    op: str, shape: Shape, written_: str, length: object, out: object, params: object, macs: object
) -> None:
    operator = find_operator(op)
    known: dict[str, Value] = {"C": C, "no": Word("no"), "2": 2, "3": 3, "7": 7, "10": 10}
    given = {name: known[text] for name, text in (pair.split("=") for pair in written_.split())}
    arguments, facts = operator.apply(given, (shape,))
    held(operator, (shape,), facts, arguments)
    assert facts.output == Shape((length,) * 2, out)
    assert (facts.params, facts.macs) == (params, macs)


def value(text: str) -> object:
    """The value of a formula without names."""
    return value_of(
        parse(text), FormulaValues((Shape((2, 3), 4), Shape((2, 3), 5)), {"f": (7, 9), "yes": True}, {})
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Counted by hand; operands 2x3x4 and 2x3x5.
        ("1 + 2 · 3", 7),
        ("(1 + 2) · 3", 9),
        ("7 − 2 − 1", 4),
        ("7 − (2 − 1)", 6),
        ("−2 + 5", 3),
        ("12 / 3 / 2", 2),
        ("12 / (3 / 2)", 8),
        ("2 · 3^2", 18),
        ("floor(7 / 2)", 3),
        ("ceil(7 / 2)", 4),
        ("floor(−7 / 2)", -4),
        ("7 / 2", Fraction(7, 2)),
        ("min(4, 2, 3)", 2),
        ("Πn", 6),
        ("Σc", 9),
        ("max(c)", 5),
        ("Πn · c", 24),
        ("Πf", 63),
        ("1 if yes", 1),
        ("1 if not yes", None),
        ("1 if no else 2", 2),
        ("1 if c > 3 and c ≤ 4 else 2", 1),
        ("1 if c = 3 else 2 if c < 4 else 3", 3),
        ("2 · (1 if yes else 3)", 2),
    ],
)
def test_the_notation_means_what_it_looks_like(text: str, expected: object) -> None:
    assert value(text) == expected
    # Printed and read again it is the same formula.
    assert format_formula(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("floor((n + p0) / s) + 1", r"\left\lfloor \frac{n + p_0}{s} \right\rfloor + 1"),
        ("d · (c / g) · Πf", r"d \cdot \frac{c}{g} \cdot \prod_i f_i"),
        ("c / factor^a", r"\frac{c}{\mathrm{factor}^{a}}"),
        ("n + output_padding", r"n + \mathrm{output\_padding}"),
        ("max(n)", r"\max_j n_j"),
        ("Σc", r"\sum_j c_j"),
        ("d if bias", r"\begin{cases} d & \text{if } \mathrm{bias} \end{cases}"),
        ("n − (p0 + p1)", r"n - \left(p_0 + p_1\right)"),
    ],
)
def test_latex_reads_as_mathematics(text: str, latex: str) -> None:
    assert format_formula(parse(text), "latex") == latex


@pytest.mark.parametrize(
    "text", ["", "1 +", "(1", "1)", "1 2", "Π", "f(", "1 if", "1 if 2", "1 if a and", "a ? b", "if", "min(1,"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse(text)


def test_numbers_put_in_stand_in_parentheses_where_they_must() -> None:
    values = FormulaValues((Shape((4, 4), C + 1),), {"s": Fraction(2, 3), "p": -1, "b": (C, 2)}, {})
    for text, expected in (
        ("c · s", "(C + 1) · (2/3)"),
        ("n − p", "4 − (−1)"),
        ("c / 2", "(C + 1) / 2"),
        ("Πb · n", "C · 2 · 4"),
        ("c^2", "(C + 1)^2"),
    ):
        assert format_formula(put_in(parse(text), values)) == expected
