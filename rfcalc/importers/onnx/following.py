"""An ONNX graph followed node by node, from its inputs to the steps that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.errors import DescriptionError, cut, nearest, quoted
from rfcalc.importers.onnx.call import OPERATORS, NodeCall
from rfcalc.importers.onnx.elements import COMPUTED, element_types
from rfcalc.importers.onnx.folding import folded, known_of, shape_of
from rfcalc.importers.onnx.model import (
    AttributeReference,
    AttributeValue,
    Function,
    Model,
    ModelGraph,
    ModelNode,
    StoredTensor,
    TensorInfo,
)
from rfcalc.importers.onnx.operators import load
from rfcalc.importers.onnx.order import ordered
from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.attention import FollowedTensor
from rfcalc.importers.tracing.bins import GatheredBins
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import as_several
from rfcalc.importers.tracing.tracer import MOST_CALLS, StepTracer, attempt
from rfcalc.importers.tracing.views import Caller, Dimension, TensorView

# Functions and branches within each other.
_DEEPEST = 32
# Layers whose second and third operand are learned, if anything of them is.
_TAUGHT = frozenset({"Conv", "ConvTranspose", "Gemm", "PRelu"})

Environment = dict[str, FollowedTensor]


class Follower:
    """Follows the nodes of one model.

    batch: the digit of the examples, () where there is one.
    trusted: whether the file states sizes for the inputs that there are.
    """

    def __init__(self, model: Model, *, trusted: bool) -> None:
        self.model = model
        self.tracer = StepTracer()
        self.batch: Dimension = ()
        self._trusted = self._compared = trusted
        self._depth = 0
        self._followed_so_far = 0
        # The element types of tensors by their names.
        self._elements: Mapping[str, str] = {}
        # How many convolutions hold a batch normalisation.
        self.folded = 0

    def graph(self, graph: ModelGraph, given: Mapping[str, FollowedTensor]) -> Environment:
        """Every tensor of a graph by its name; given: those that it is entered with."""
        tensors: Environment = dict(given)
        # A layer of one channel learns tensors of one element.
        taught = {name for node in graph.nodes if node.operator in _TAUGHT for name in node.inputs[1:3]}
        for name, stored in graph.stored.items():
            learned = is_learned(stored) or (name in taught and stored.lengths and _is_decimal(stored))
            tensors[name] = known_of(stored, learned=bool(learned))
        nodes = ordered(graph)
        self._elements = element_types(graph, nodes, self._elements)
        self.nodes(nodes, tensors, graph.known)
        return tensors

    def nodes(
        self, nodes: Sequence[ModelNode], tensors: Environment, known: Mapping[str, TensorInfo]
    ) -> None:
        """Follow nodes in their order; tensors: what is there, to which their outputs are added.

        known: what the file says of the tensors.
        """
        for node in nodes:
            operands = [self._tensor(node, name, tensors) for name in node.inputs]
            self.tracer.caller = _caller(node, operands)
            self.folded += _is_folded(node)
            results = self._followed(node, operands, tensors, known)
            for name, result in zip(node.outputs, results, strict=False):
                if name and result is not None:
                    placed = self.tracer.moved(result, operands) if isinstance(result, TensorView) else result
                    tensors[name] = placed
                    if isinstance(placed, TensorView):
                        self.tracer.stated(placed.step, self._elements.get(name, ""))
                    self._compare(result, known.get(name))

    def _tensor(self, node: ModelNode, name: str, tensors: Environment) -> FollowedTensor | None:
        if not name:
            return None
        found = tensors.get(name)
        if found is None:
            self.tracer.caller = _caller(node, ())
            hint = nearest(name, list(tensors)[-500:])
            raise self.tracer.mistake(f"it reads {quoted(name)}, which no node before it gives", hint)
        return found

    def _followed(
        self,
        node: ModelNode,
        operands: list[FollowedTensor | None],
        tensors: Environment,
        known: Mapping[str, TensorInfo],
    ) -> Sequence[FollowedTensor | None]:
        domain = node.operator.partition("::")[0] if "::" in node.operator else ""
        call = NodeCall(self.tracer, self.batch, node, operands, self.model.versions.get(domain, 1))
        self._followed_so_far += 1
        if self._followed_so_far > MOST_CALLS:
            raise call.fail(f"more than {MOST_CALLS:,} nodes run, those of functions each time")
        there = [one for one in operands if one is not None]
        if node.operator == "Shape" and len(there) == 1:
            return [shape_of(call, there[0].lengths)]
        constants = [one for one in there if isinstance(one, Known)]
        if len(constants) == len(there) and node.operator not in ("If", "Loop", "Scan"):
            found = attempt(self.tracer, lambda: folded(call, constants))
            if found is not None:
                return as_several(found)
        if node.operator == "If":
            return self._chosen(call, tensors)
        function = self.model.functions.get(node.operator)
        load(node.operator)
        follow = OPERATORS.get(node.operator)
        if follow is None and function is not None:
            return self._called(call, function, operands)
        if follow is not None:
            try:
                return as_several(attempt(self.tracer, lambda: follow(call)))
            except DescriptionError as error:
                stated = self._stated(node, known) if self._trusted else None
                if stated is None or not there:
                    raise
                self.tracer.remark(error.diagnostics[0].message)
                return self._opaque(call, stated)
        stated = self._stated(node, known) if self._trusted else None
        if stated is None:
            raise call.fail(
                f"the operator {node.operator} is not known, and the file does not state its output's size",
                "a file with sizes is written by onnx.shape_inference.infer_shapes",
            )
        return self._opaque(call, stated)

    def _opaque(
        self, call: NodeCall, stated: Sequence[tuple[int, ...] | None]
    ) -> list[FollowedTensor | None]:
        """The outputs of a node of which only the sizes are known."""
        depending = [one for one in call.operands if one is not None and not isinstance(one, Known)]
        views = [one.x if isinstance(one, GatheredBins) else call.as_view(one) for one in depending]
        domain, _, kind = call.node.operator.rpartition("::")
        # The operators of ONNX have no weights but those that they read; what others keep is not known.
        weights = None if domain else [one for one in call.operands if isinstance(one, Known)]
        return [
            None
            if lengths is None
            # What it learns is counted once.
            else parts.opaque(self.tracer, kind, views, lengths, self.batch, () if number else weights)
            for number, lengths in enumerate(stated)
        ]

    @staticmethod
    def _stated(node: ModelNode, known: Mapping[str, TensorInfo]) -> list[tuple[int, ...] | None] | None:
        """The sizes that the file states of a node's outputs; None where it states none."""
        found: list[tuple[int, ...] | None] = []
        for name in node.outputs:
            info = known.get(name)
            lengths = info.lengths if info else None
            whole = lengths is not None and all(isinstance(one, int) and one > 0 for one in lengths)
            found.append(tuple([one for one in lengths or () if isinstance(one, int)]) if whole else None)
        return found if found and found[0] is not None else None

    def _chosen(self, call: NodeCall, tensors: Environment) -> Sequence[FollowedTensor | None]:
        """The outputs of the branch that a condition decides."""
        condition = next(iter(call.operands), None)
        decided = condition.scalar if isinstance(condition, Known) else None
        if decided is None:
            raise call.fail("which branch runs depends on the input; only one that is decided can be read")
        branch = call.node.attributes.get("then_branch" if decided else "else_branch")
        if not isinstance(branch, ModelGraph):
            raise call.fail("the branch that runs is missing")
        with _Deeper(self):
            inner = self.graph(branch, tensors)
        return [inner.get(output.name) for output in branch.outputs]

    def _called(
        self, call: NodeCall, function: Function, operands: Sequence[FollowedTensor | None]
    ) -> Sequence[FollowedTensor | None]:
        """The outputs of a function that the file defines."""
        given = {name: one for name, one in zip(function.inputs, operands, strict=False) if one is not None}
        attributes = {**function.defaults, **call.node.attributes}
        caller = self.tracer.caller
        nodes = [_with_attributes(node, attributes) for node in ordered(function)]
        tensors: Environment = dict(given)
        with _Deeper(self):
            for node in nodes:
                one = [self._tensor(node, name, tensors) for name in node.inputs]
                self.tracer.caller = caller
                results = self._followed(node, one, tensors, {})
                tensors.update(
                    {
                        name: result
                        for name, result in zip(node.outputs, results, strict=False)
                        if name and result is not None
                    }
                )
        return [tensors.get(name) for name in function.outputs]

    def _compare(self, result: FollowedTensor, info: TensorInfo | None) -> None:
        """Say where the file states another size than its operators give, and not what follows from that."""
        if not self._compared or info is None or info.lengths is None or isinstance(result, Known):
            return
        found = result.lengths
        agree = len(found) == len(info.lengths) and all(
            not isinstance(stated, int) or stated in (one, 0)
            for one, stated in zip(found[1:], info.lengths[1:], strict=False)
        )
        if not agree:
            stated = "x".join(map(str, info.lengths))
            message = f"the file says that {quoted(info.name)} is {stated}, its operators give "
            self.tracer.remark(message + "x".join(map(str, found)), self.tracer.caller.place)
            self._compared = False


class _Deeper:
    """One level of functions and branches more; raises where there are too many."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def __enter__(self) -> None:
        self._follower._depth += 1
        if self._follower._depth > _DEEPEST:
            raise self._follower.tracer.mistake(f"functions and branches nest deeper than {_DEEPEST}")

    def __exit__(self, *error: object) -> None:
        self._follower._depth -= 1


def _with_attributes(node: ModelNode, given: Mapping[str, AttributeValue]) -> ModelNode:
    """A node of a function with the attributes of a call in it."""
    attributes = {
        name: given.get(value.attribute) if isinstance(value, AttributeReference) else value
        for name, value in node.attributes.items()
    }
    return node._replace(attributes={name: value for name, value in attributes.items() if value is not None})


def _is_decimal(stored: StoredTensor) -> bool:
    return stored.element.startswith(COMPUTED)


def is_learned(stored: StoredTensor) -> bool:
    """Whether a tensor of the file is learned: numbers of a network, not its indices and single constants."""
    if not _is_decimal(stored):
        return False
    return any(size != 1 for size in stored.lengths) or "." in stored.name


def _is_folded(node: ModelNode) -> bool:
    """Whether an exporter has put the batch normalisation behind a convolution into its weights."""
    names = node.inputs[1:3]
    return node.operator in ("Conv", "ConvTranspose") and any(
        name.startswith("onnx::Conv_") or name.endswith(".weight_bias") or "fused_bn" in name
        for name in names
    )


def _caller(node: ModelNode, operands: Sequence[FollowedTensor | None]) -> Caller:
    """Where a node stands: its place, and the module whose weight it reads or that the file names."""
    name = node.name or next(iter(node.outputs), "")
    place = f"node {quoted(name)} ({cut(node.operator)})"
    path = node.scopes[-1] if node.scopes else ""
    for one in operands:
        if isinstance(one, Known) and one.learned and len(one.lengths) > 1:
            module, dot, last = one.name.rpartition(".")
            if dot and last.startswith("weight") and "::" not in module and "/" not in module:
                path = module
    return Caller(place, path)
