"""How a layer's figures come about: formulas, the numbers put in, results; no words and no layout.

What is said about them in words is made in `text`, what programs read in `data`; the receptive field is
explained in `field`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from rfcalc.graph.origins import WrittenFor, given_for
from rfcalc.ops.formula_parser import Tree, constant, parse
from rfcalc.ops.formula_values import (
    FormulaValues,
    applicable,
    evaluate,
    formula,
    names_in,
    put_in,
    values_of,
)
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.spec.syntax import Formula
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.graph.asked import AskedLayer
    from rfcalc.ops.operator import Operator
    from rfcalc.shapes import Size
    from rfcalc.symbolic.polynomial import Exact


class Origin(NamedTuple):
    """Where a number comes from.

    kind: "inputs" or "output" (the size of a tensor), "written" (the layer's line gives the attribute),
    "default", "decided" (the attribute is left out; sizes or other attributes decide it), "formula",
    "derived" (the attributes say it together), "figure" (explained under its own name), or "option".
    text: the attribute as it is written, the attribute's name, or the option.  tree: the formula.
    given: what was written for the names in an attribute, through the calls of blocks.
    """

    kind: str
    text: str = ""
    tree: Tree | None = None
    given: tuple[WrittenFor, ...] = ()


class Variable(NamedTuple):
    """A name in a formula.

    values: one entry per operand where they differ, else one in all; each has one number per axis, or
    one number.
    """

    name: str
    values: tuple[tuple[Exact, ...], ...]
    origin: Origin


class Derived(NamedTuple):
    """A figure: how it is computed, the same with the numbers put in, and its value.

    name: "length" (along `axes`), "channels", the name of a weight tensor, "params", "macs",
    "params_bytes" or "activations_bytes".  dimensions: of a weight tensor.
    """

    name: str
    tree: Tree
    numbers: Tree
    value: Exact
    axes: tuple[int, ...] = ()
    dimensions: tuple[Size, ...] = ()


class Derivation(NamedTuple):
    """All figures of one subject, and the variables of their formulas."""

    figures: tuple[Derived, ...]
    variables: tuple[Variable, ...]


class Explained(NamedTuple):
    """A layer that is explained, in its network; dtype: the formats of numbers that take bytes."""

    analysis: NetworkAnalysis
    found: AskedLayer
    dtype: NumberFormats = FP32

    @property
    def layer(self) -> LayerAnalysis:
        """The layer's figures."""
        return self.analysis.layer_at(self.found.node)

    @property
    def operator(self) -> Operator:
        """The layer's operator."""
        return find_operator(self.layer.op)


def derivation(explained: Explained, subject: str) -> Derivation:
    """How "size", "params", "macs" or "memory" of a layer come about."""
    values = _values(explained)
    figures = tuple(_MAKERS[subject](explained, values))
    names: dict[str, None] = {}
    for figure in figures:
        if figure.name != "params":
            names.update(dict.fromkeys(names_in(figure.tree)))
    for name in list(names):
        # A name with a formula of its own brings the names in that.
        if name in values.where and (chosen := applicable(values.where[name], values)) is not None:
            names.update(dict.fromkeys(names_in(chosen)))
    return Derivation(figures, tuple(_variable(explained, values, name) for name in names))


def _values(explained: Explained) -> FormulaValues:
    """The values of all names: the operator's, and those of memory."""
    layer = explained.layer
    output = layer.node.facts.output
    values = values_of(explained.operator, layer.inputs, output, layer.node.arguments)
    more = {
        "batch": explained.analysis.batch,
        "bytes_per_parameter": explained.dtype.length("params"),
        "bytes_per_activation": explained.dtype.length("activations"),
        "params": layer.params or 0,
        "channels": output.channels,
    }
    return values._replace(names={**more, **values.names, "channels": output.channels})


def _size(explained: Explained, values: FormulaValues) -> Iterator[Derived]:
    formulas = explained.operator.formulas
    length = formula(formulas, "length")
    if length is not None:
        alike: dict[Derived, list[int]] = {}
        for axis in range(len(explained.layer.node.facts.output.axes)):
            alike.setdefault(_derived("length", length, values, axis), []).append(axis)
        yield from (figure._replace(axes=tuple(axes)) for figure, axes in alike.items())
    yield _derived("channels", parse(formulas.channels), values)


def _params(explained: Explained, values: FormulaValues) -> Iterator[Derived]:
    weights = explained.layer.node.facts.weights or {}
    formulas = explained.operator.formulas.params
    tensors = [
        _derived(name, parse(formulas[name]), values)._replace(dimensions=sizes)
        for name, sizes in weights.items()
    ]
    yield from tensors
    if len(tensors) > 1:
        names = Tree("sum", tuple(Tree("name", value=figure.name) for figure in tensors))
        numbers = Tree("sum", tuple(constant(figure.value) for figure in tensors))
        yield Derived("params", names, numbers, evaluate(numbers))


def _macs(explained: Explained, values: FormulaValues) -> Iterator[Derived]:
    chosen = applicable(parse(explained.operator.formulas.macs), values)
    if chosen is None or chosen.kind == "constant":
        return
    if explained.analysis.batch > 1:
        factors = chosen.parts if chosen.kind == "product" else (chosen,)
        chosen = Tree("product", (*factors, Tree("name", value="batch")))
    yield _derived("macs", chosen, values)


def _memory(explained: Explained, values: FormulaValues) -> Iterator[Derived]:
    layer = explained.layer
    if layer.params:
        yield _derived("params_bytes", parse("params · bytes_per_parameter"), values)
    if layer.output is not None:
        factors = ["Πo"] if layer.output.axes else []
        factors += ["channels", *(["batch"] if explained.analysis.batch > 1 else []), "bytes_per_activation"]
        yield _derived("activations_bytes", parse(" · ".join(factors)), values)


_MAKERS = {"size": _size, "params": _params, "macs": _macs, "memory": _memory}


def _derived(name: str, tree: Tree, values: FormulaValues, axis: int = 0) -> Derived:
    chosen = applicable(tree, values, axis)
    # Whoever asks knows that the figure exists.
    assert chosen is not None
    numbers = put_in(chosen, values, axis)
    return Derived(name, chosen, numbers, evaluate(numbers))


def _variable(explained: Explained, values: FormulaValues, name: str) -> Variable:
    """A name in a formula, with its value and where that comes from."""
    if name in ("n", "c"):
        each = tuple(shape.axes if name == "n" else (shape.channels,) for shape in values.operands)
        return Variable(name, each[:1] if len(set(map(repr, each))) == 1 else each, Origin("inputs"))
    if name in values.where:
        chosen = applicable(values.where[name], values)
        number = put_in(Tree("name", value=name), values)
        return Variable(name, ((evaluate(number),),), Origin("formula", "", chosen))
    value = values.names[name]
    numbers = cast("tuple[Exact, ...]", value if isinstance(value, tuple) else (value,))
    return Variable(name, (numbers,), _origin(explained, name))


def _origin(explained: Explained, name: str) -> Origin:
    """Where the value of a name comes from that is an attribute's, or no operator's."""
    fixed = {
        "o": Origin("output"),
        "channels": Origin("output"),
        "a": Origin("inputs"),
        "k": Origin("inputs"),
        "params": Origin("figure"),
        "bytes_per_parameter": Origin("option", f"--dtype {explained.dtype}"),
        "bytes_per_activation": Origin("option", f"--dtype {explained.dtype}"),
        "batch": Origin("option", f"--batch {explained.analysis.batch}"),
    }
    if name in fixed:
        return fixed[name]
    operator = explained.operator
    attribute = operator.spellings.get(name) or operator.spellings.get(name.rstrip("01"))
    if attribute is None or name in operator.formulas.meanings:
        return Origin("derived")
    node = explained.layer.node
    written = node.argument(attribute)
    if written is not None:
        named = written.value if isinstance(written.value, Formula) else None
        given = given_for(explained.analysis.graph, node.name, named) if named else ()
        return Origin("written", written.text, given=given)
    return Origin("decided" if attribute in node.arguments.decided else "default", attribute)
