"""The value of an operator's formula for one layer, and the formula with the layer's numbers put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from operator import add, ge, gt, le, lt, mul
from typing import TYPE_CHECKING, Literal, cast

from rfcalc.ops.attributes import Padding, SizeReference
from rfcalc.ops.formula_parser import Tree, constant, parse, product_of
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import Operator
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape
from rfcalc.symbolic.polynomial import equals, exact_quotient, maximum, minimum

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact, Number


_RELATIONS: Mapping[str, Callable[[Exact, Exact], object]] = {
    "=": equals,
    "<": lt,
    "≤": le,
    ">": gt,
    "≥": ge,
}


class FormulaValues(NamedTuple):
    """What the names in an operator's formulas stand for in one layer.

    operands: the inputs' sizes, of which n and c are made.  names: all else; a tuple is per axis, None
    is not given.  where: the names that have a formula of their own.
    """

    operands: tuple[Shape, ...]
    names: Mapping[str, object]
    where: Mapping[str, Tree]


def values_of(
    operator: Operator, inputs: tuple[Shape, ...], output: Shape, arguments: Mapping[str, object]
) -> FormulaValues:
    """The values for a layer; `arguments` are all attributes, those the sizes decide included."""
    names: dict[str, object] = {
        "o": output.axes,
        "a": len(output.axes if not inputs else inputs[0].axes),
        "k": len(inputs),
    }
    for name, attribute in operator.attributes.items():
        value = arguments.get(name)
        if isinstance(value, SizeReference):
            value = value.shape.axes
        letter = attribute.kind.letter
        if isinstance(attribute.kind, Padding) and isinstance(value, tuple) and letter:
            names[f"{letter}0"] = tuple(before for before, _ in value)
            names[f"{letter}1"] = tuple(after for _, after in value)
        for spelling in {name, letter} - {"", "n", "c", *names}:
            names[spelling] = value
    formulas = operator.formulas
    if formulas.derive is not None:
        names.update(formulas.derive(inputs, arguments))
    return FormulaValues(inputs, names, {name: parse(text) for name, text in formulas.where.items()})


def applicable(tree: Tree, values: FormulaValues, axis: int = 0) -> Tree | None:
    """The formula without its conditions, as it holds for these values; None when none of it does."""
    if tree.kind != "if":
        return tree
    body, condition, *otherwise = tree.parts
    holds = all(_holds(test, values, axis) for test in condition.parts)
    chosen = [body] if holds else otherwise
    return applicable(chosen[0], values, axis) if chosen else None


def put_in(tree: Tree, values: FormulaValues, axis: int = 0) -> Tree:
    """The formula with a number for every name; products and sums over axes or operands are written out."""
    return _Substitution(values, axis, 0).put(tree)


def value_of(tree: Tree, values: FormulaValues, axis: int = 0) -> Exact | None:
    """The formula's value; None when no part of it applies.  Raises SymbolicError where symbols forbid it."""
    chosen = applicable(tree, values, axis)
    return None if chosen is None else evaluate(put_in(chosen, values, axis))


def names_in(tree: Tree) -> Iterator[str]:
    """Every name a formula computes with, in the order they stand in it; those of conditions left out."""
    if tree.kind == "name":
        yield str(tree.value)
    for place, part in enumerate(tree.parts):
        if tree.kind != "if" or place != 1:
            yield from names_in(part)


def evaluate(tree: Tree) -> Exact:
    """The value of a formula in which no name is left."""
    values = [evaluate(part) for part in tree.parts]
    match tree.kind:
        case "constant" if not isinstance(tree.value, str):
            return tree.value
        case "sum":
            return reduce(add, values)
        case "minus":
            return -values[0]
        case "product":
            return reduce(mul, values)
        case "quotient":
            return exact_quotient(*values)
        case "power":
            base, power = values
            assert isinstance(power, int)
            return reduce(mul, [base] * power, 1)
        case "floor":
            return values[0] // 1
        case "ceil":
            return -(-values[0] // 1)
        case "max" | "min" as function:
            return reduce(maximum if function == "max" else minimum, cast("list[Number]", values))
    raise ValueError(f"{tree} holds a name")


def _holds(test: Tree, values: FormulaValues, axis: int) -> bool:
    if not test.parts:
        value = values.names.get(str(test.value))
        return (value is not None and value is not False) == (test.kind == "given")
    left, right = (evaluate(put_in(side, values, axis)) for side in test.parts)
    return bool(_RELATIONS[test.kind](left, right))


class _Substitution:
    """Puts numbers in along one axis and for one operand."""

    def __init__(self, values: FormulaValues, axis: int, operand: int) -> None:
        self.values = values
        self.axis = axis
        self.operand = operand

    def put(self, tree: Tree) -> Tree:
        match tree.kind:
            case "name":
                return self.name(str(tree.value))
            case "product":
                return _flat(map(self.put, tree.parts))
            case "Π" | "Σ" as sign:
                return self.over(sign, tree.parts[0])
            case "max" | "min" if len(tree.parts) == 1:
                each = self.put_for_all(tree.parts[0])
                return each[0] if len(each) == 1 else tree._replace(parts=each)
            case "if":
                chosen = applicable(tree, self.values, self.axis)
                assert chosen is not None
                return self.put(chosen)
        return tree._replace(parts=tuple(map(self.put, tree.parts)))

    def put_for_all(self, body: Tree) -> tuple[Tree, ...]:
        """What a part is for each of the operands."""
        operands = range(len(self.values.operands))
        return tuple(_Substitution(self.values, self.axis, operand).put(body) for operand in operands)

    def over(self, sign: str, body: Tree) -> Tree:
        if sign == "Σ":
            terms = self.put_for_all(body)
            return terms[0] if len(terms) == 1 else Tree("sum", terms)
        axes = range(max((self.length(name) for name in names_in(body)), default=0))
        return _flat(_Substitution(self.values, axis, self.operand).put(body) for axis in axes)

    def length(self, name: str) -> int:
        """The number of axes a name has a value for."""
        if name == "n":
            return len(self.values.operands[self.operand].axes)
        value = self.values.names.get(name)
        return len(value) if isinstance(value, tuple) else 0

    def name(self, name: str) -> Tree:
        if name == "c":
            return constant(self.values.operands[self.operand].channels)
        if name == "n":
            shape = self.values.operands[self.operand]
            # A plain vector stands for size 1 along every axis.
            return constant(shape.axes[self.axis] if shape.axes else 1)
        if name in self.values.where:
            # What has a formula of its own goes in as its value, and is explained by itself.
            found = value_of(self.values.where[name], self.values, self.axis)
            assert found is not None
            return constant(found)
        value = self.values.names[name]
        if isinstance(value, tuple):
            value = value[self.axis]
        return constant(cast("Exact", value))


def _flat(factors: Iterable[Tree]) -> Tree:
    """The product of some factors; products among them are written out."""
    flat: list[Tree] = []
    for factor in factors:
        flat += factor.parts if factor.kind == "product" else (factor,)
    return product_of(flat) if flat else constant(1)


def formula(formulas: Formulas, part: Literal["length", "channels", "macs"]) -> Tree | None:
    """The tree of one of the formulas; None when there is none, as for the length of no axis."""
    text = getattr(formulas, part)
    return parse(text) if text else None
