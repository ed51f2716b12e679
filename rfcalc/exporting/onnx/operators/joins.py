"""Several tensors that become one."""

from __future__ import annotations

from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter


def _chained(operator: str) -> LayerWriter:
    def writer(nodes: LayerNodes) -> str:
        x = nodes.x
        for operand in nodes.operands[1:]:
            x = nodes.node(operator, x, operand)
        return x

    return writer


def _concat(nodes: LayerNodes) -> str:
    axis = nodes.layer.arguments["axis"]
    operands = [nodes.as_many(place) for place in range(len(nodes.operands))]
    return nodes.node("Concat", *operands, axis=1 if axis is None else 2 + nodes.layer.integer("axis"))


WRITERS: dict[str, LayerWriter] = {
    "add": _chained("Add"),
    "sub": _chained("Sub"),
    "mul": _chained("Mul"),
    "div": _chained("Div"),
    "max": _chained("Max"),
    "min": _chained("Min"),
    "concat": _concat,
}
