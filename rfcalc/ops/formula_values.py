"""The value of an operator's formula for one layer, and the formula with the layer's numbers put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from rfcalc.ops.attributes import Padding, Reference
from rfcalc.ops.formula_parser import (
    Call,
    Choice,
    Constant,
    Given,
    Name,
    Over,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Tree,
    parse,
)
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import Operator
from rfcalc.shapes import Shape
from rfcalc.symbolic.polynomial import equals, exact_quotient, maximum, minimum

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact, Number


class Values(NamedTuple):
    """What the names in an operator's formulas stand for in one layer.

    operands: the inputs' sizes, of which n and c are made.  names: all else; a tuple is per axis, None
    is not given.  where: the names that have a formula of their own.
    """

    operands: tuple[Shape, ...]
    names: Mapping[str, object]
    where: Mapping[str, Tree]


def values_of(
    operator: Operator, inputs: tuple[Shape, ...], output: Shape, arguments: Mapping[str, object]
) -> Values:
    """The values for a layer; `arguments` are all attributes, those the sizes decide included."""
    names: dict[str, object] = {"o": output.axes, "a": len(inputs[0].axes), "k": len(inputs)}
    for name, attribute in operator.attributes.items():
        value = arguments.get(name)
        if isinstance(value, Reference):
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
    return Values(inputs, names, {name: parse(text) for name, text in formulas.where.items()})


def applicable(tree: Tree, values: Values, axis: int = 0) -> Tree | None:
    """The formula without its conditions, as it holds for these values; None when none of it does."""
    if not isinstance(tree, Choice):
        return tree
    holds = all(_holds(test, values, axis) for test in tree.tests)
    chosen = tree.body if holds else tree.otherwise
    return None if chosen is None else applicable(chosen, values, axis)


def put_in(tree: Tree, values: Values, axis: int = 0) -> Tree:
    """The formula with a number for every name; products and sums over axes or operands are written out."""
    return _Substitution(values, axis, 0).put(tree)


def value_of(tree: Tree, values: Values, axis: int = 0) -> Exact | None:
    """The formula's value; None when no part of it applies.  Raises SymbolicError where symbols forbid it."""
    chosen = applicable(tree, values, axis)
    return None if chosen is None else evaluate(put_in(chosen, values, axis))


def names_in(tree: Tree) -> Iterator[str]:
    """Every name a formula computes with, in the order they stand in it; those of conditions left out."""
    if isinstance(tree, Name):
        yield tree.text
    for part in parts_of(tree):
        yield from names_in(part)


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """The formulas a formula is made of, conditions left out."""
    match tree:
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Product(factors):
            return factors
        case Quotient(one, two) | Power(one, two):
            return (one, two)
        case Over(_, body):
            return (body,)
        case Call(_, arguments):
            return arguments
        case Choice(body, _, otherwise):
            return (body,) if otherwise is None else (body, otherwise)
        case _:
            return ()


def evaluate(tree: Tree) -> Exact:
    """The value of a formula in which no name is left."""
    match tree:
        case Constant(value):
            return value
        case Sum(terms):
            total: Exact = 0
            for sign, term in terms:
                total = total + sign * evaluate(term)
            return total
        case Product(factors):
            result: Exact = 1
            for factor in factors:
                result = result * evaluate(factor)
            return result
        case Quotient(dividend, divisor):
            return exact_quotient(evaluate(dividend), evaluate(divisor))
        case Power(base, exponent):
            power = evaluate(exponent)
            assert isinstance(power, int)
            return evaluate(Product((base,) * power))
        case Call(function, arguments):
            return _called(function, [evaluate(argument) for argument in arguments])
        case _:
            raise ValueError(f"{tree} holds a name")


def _called(function: str, arguments: list[Exact]) -> Exact:
    first = arguments[0]
    if function == "floor":
        return first // 1
    if function == "ceil":
        return -(-first // 1)
    for other in arguments[1:]:
        one, two = cast("Number", first), cast("Number", other)
        first = maximum(one, two) if function == "max" else minimum(one, two)
    return first


def _holds(test: Given | Relation, values: Values, axis: int) -> bool:
    if isinstance(test, Given):
        value = values.names.get(test.name)
        return (value is not None and value is not False) == test.wanted
    left, right = (evaluate(put_in(side, values, axis)) for side in (test.left, test.right))
    match test.sign:
        case "=":
            return equals(left, right)
        case "<":
            return left < right
        case "≤":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


class _Substitution:
    """Puts numbers in along one axis and for one operand."""

    def __init__(self, values: Values, axis: int, operand: int) -> None:
        self.values = values
        self.axis = axis
        self.operand = operand

    def put(self, tree: Tree) -> Tree:
        match tree:
            case Name(text):
                return self.name(text)
            case Sum(terms):
                return Sum(tuple((sign, self.put(term)) for sign, term in terms))
            case Product(factors):
                return _flat([self.put(factor) for factor in factors])
            case Quotient(one, two):
                return Quotient(self.put(one), self.put(two))
            case Power(one, two):
                return Power(self.put(one), self.put(two))
            case Over(sign, body):
                return self.over(sign, body)
            case Call("max" | "min" as function, (only,)):
                each = tuple(self.put_for(only, operand) for operand in range(len(self.values.operands)))
                return each[0] if len(each) == 1 else Call(function, each)
            case Call(function, arguments):
                return Call(function, tuple(map(self.put, arguments)))
            case Choice():
                chosen = applicable(tree, self.values, self.axis)
                assert chosen is not None
                return self.put(chosen)
            case _:
                return tree

    def put_for(self, body: Tree, operand: int) -> Tree:
        return _Substitution(self.values, self.axis, operand).put(body)

    def over(self, sign: str, body: Tree) -> Tree:
        if sign == "Σ":
            terms = tuple((1, self.put_for(body, operand)) for operand in range(len(self.values.operands)))
            return terms[0][1] if len(terms) == 1 else Sum(terms)
        axes = range(max((self.length(name) for name in names_in(body)), default=0))
        return _flat([_Substitution(self.values, axis, self.operand).put(body) for axis in axes])

    def length(self, name: str) -> int:
        """The number of axes a name has a value for."""
        if name == "n":
            return len(self.values.operands[self.operand].axes)
        value = self.values.names.get(name)
        return len(value) if isinstance(value, tuple) else 0

    def name(self, name: str) -> Tree:
        shape = self.values.operands[self.operand]
        if name == "c":
            return Constant(shape.channels)
        if name == "n":
            # A plain vector stands for size 1 along every axis.
            return Constant(shape.axes[self.axis] if shape.axes else 1)
        if name in self.values.where:
            # What has a formula of its own goes in as its value, and is explained by itself.
            found = value_of(self.values.where[name], self.values, self.axis)
            assert found is not None
            return Constant(found)
        value = self.values.names[name]
        if isinstance(value, tuple):
            value = value[self.axis]
        return Constant(cast("Exact", value))


def _flat(factors: list[Tree]) -> Tree:
    """The product of some factors; products among them are written out."""
    flat: list[Tree] = []
    for factor in factors:
        flat += factor.factors if isinstance(factor, Product) else (factor,)
    return Constant(1) if not flat else flat[0] if len(flat) == 1 else Product(tuple(flat))


def formula(formulas: Formulas, part: str) -> Tree | None:
    """The tree of "length", "channels" or "macs"; None when there is none, as for the length of no axis."""
    text = getattr(formulas, part)
    return parse(text) if text else None


def same_formula(one: Tree, two: Tree) -> bool:
    """Whether two formulas are the same; records of two kinds can be equal as tuples."""
    parts, others = parts_of(one), parts_of(two)
    if type(one) is not type(two) or len(parts) != len(others):
        return False
    if isinstance(one, Sum) and isinstance(two, Sum):
        return [sign for sign, _ in one.terms] == [sign for sign, _ in two.terms] and all(
            map(same_formula, parts, others)
        )
    return all(map(same_formula, parts, others)) if parts else one == two
