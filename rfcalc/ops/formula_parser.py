"""Reads the notation of formulas into a tree.

It is the notation of Python's expressions with the signs of mathematics: − · ^ for - * **, = ≤ ≥ for
== <= >=, Π and Σ as signs before a factor (over all axes, over all operands), the functions floor, ceil,
min and max, and `x if condition else y`.  A condition is a comparison, the name of an attribute, or `not`
a name, or several of these with `and`.  A whole formula may leave the else out: where its condition fails
it has no value.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

FormulaFunction: TypeAlias = Literal["floor", "ceil", "min", "max"]
FUNCTIONS: tuple[FormulaFunction, ...] = get_args(FormulaFunction)
FormulaTest: TypeAlias = Literal["and", "=", "<", "≤", ">", "≥", "given", "not given"]
Arithmetic: TypeAlias = Literal["constant", "name", "sum", "minus", "product", "quotient", "power", "Π", "Σ"]
TreeKind: TypeAlias = Arithmetic | FormulaFunction | FormulaTest | Literal["if"]

_SIGNS = {"−": "-", "·": "*", "^": "**", "=": "==", "≤": "<=", "≥": ">=", "Π": "~", "Σ": "+"}
_TO_PYTHON = str.maketrans(_SIGNS)
_BEFORE: dict[type[ast.unaryop], TreeKind] = {ast.USub: "minus", ast.Invert: "Π", ast.UAdd: "Σ"}
_RELATIONS: dict[type[ast.cmpop], FormulaTest] = {
    ast.Eq: "=",
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
}


class Tree(NamedTuple):
    """A formula or a part of one.

    kind, with the parts: "constant" and "name" have a value alone, a name standing for a number, for one per
    axis or for one per operand; "sum", whose terms are taken away where they are a "minus"; "product";
    "quotient"; "power"; "Π" (over all axes) and "Σ" (over all operands); the functions by their names; "if":
    what holds where a test does, the test, and what holds otherwise, where anything does.
    A test is "and" of several, a relation of two sums by its sign, or "given": whether an attribute, its
    value, is given and not "no"; "not given" is the opposite.
    """

    kind: TreeKind
    parts: tuple[Tree, ...] = ()
    value: Exact | str = ""


def constant(value: Exact) -> Tree:
    """A number."""
    return Tree("constant", value=value)


@cache
def parse(text: str) -> Tree:
    """The tree of a formula; raises ValueError for what is none, since only operators write formulas."""
    whole = text if text.count(" if ") == text.count(" else ") else f"{text} else None"
    try:
        return _tree(ast.parse(whole.translate(_TO_PYTHON), mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"{text!r}: {error.msg}") from None


def _tree(node: ast.expr) -> Tree:
    match node:
        case ast.Constant(value=int() as number):
            return constant(number)
        case ast.Name(id=name):
            return Tree("name", value=name)
        case ast.UnaryOp(op=sign, operand=part) if type(sign) in _BEFORE:
            return Tree(_BEFORE[type(sign)], (_tree(part),))
        case ast.BinOp(left=left, op=sign, right=right):
            return _joined(_tree(left), sign, _tree(right))
        case ast.Call(func=ast.Name(id=function), args=arguments) if function in FUNCTIONS and arguments:
            return Tree(function, tuple(map(_tree, arguments)))
        case ast.IfExp(test=test, body=body, orelse=other):
            tests = [test]
            if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
                tests = test.values
            otherwise = () if isinstance(other, ast.Constant) and other.value is None else (_tree(other),)
            return Tree("if", (_tree(body), Tree("and", tuple(map(_test, tests))), *otherwise))
    raise ValueError(f"{ast.unparse(node)!r} is no part of a formula")


def _joined(one: Tree, sign: ast.operator, two: Tree) -> Tree:
    """Two parts with a sign between them; what follows in a sum or a product stands in one."""
    match sign:
        case ast.Add() | ast.Sub():
            term = two if isinstance(sign, ast.Add) else Tree("minus", (two,))
            return Tree("sum", (*_parts(one, "sum"), term))
        case ast.Mult() | ast.Div() if one.kind == "minus":
            # A sign before a product is that of the whole.
            return Tree("minus", (_joined(one.parts[0], sign, two),))
        case ast.Mult():
            return Tree("product", (*_parts(one, "product"), two))
        case ast.Div():
            return Tree("quotient", (one, two))
        case ast.Pow():
            return Tree("power", (one, two))
    raise ValueError(f"{sign} is no sign of a formula")


def _parts(tree: Tree, kind: TreeKind) -> tuple[Tree, ...]:
    return tree.parts if tree.kind == kind else (tree,)


def _test(node: ast.expr) -> Tree:
    match node:
        case ast.Name(id=name):
            return Tree("given", value=name)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return Tree("not given", value=name)
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _RELATIONS:
            return Tree(_RELATIONS[type(sign)], (_tree(left), _tree(right)))
    raise ValueError(f"{ast.unparse(node)!r}: a condition is a name or compares two sums")


def product_of(factors: list[Tree]) -> Tree:
    """The product of some factors; one by itself where it is the only one."""
    return factors[0] if len(factors) == 1 else Tree("product", tuple(factors))
