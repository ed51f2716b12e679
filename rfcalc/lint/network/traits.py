"""What kind of layer a node is: rules ask for traits and facts, never for the name of an operator."""

from __future__ import annotations

from rfcalc.graph.ir import Node
from rfcalc.ops.operator import Trait
from rfcalc.ops.registry import MODULE_OF, find_operator


def has(node: Node, trait: Trait) -> bool:
    """Whether a layer's operator has this trait; never so for an input of the network."""
    return node.op in MODULE_OF and trait in find_operator(node.op).traits
