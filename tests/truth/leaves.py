"""Which layer of ours is which module call of PyTorch: two sequences in execution order, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from measured import Leaf

from rfcalc.analysis.network import LayerAnalysis

# The operators that state what a module class of PyTorch does.
OPERATORS = {
    "Conv1d": {"conv", "dwconv"},
    "Conv2d": {"conv", "dwconv"},
    "Conv3d": {"conv", "dwconv"},
    "Conv3DSimple": {"conv"},
    "ConvTranspose2d": {"deconv"},
    "Linear": {"fc"},
    "BatchNorm2d": {"bn"},
    "BatchNorm3d": {"bn"},
    "GroupNorm": {"gn"},
    "LocalResponseNorm": {"lrn"},
    "MaxPool1d": {"maxpool"},
    "MaxPool2d": {"maxpool"},
    "MaxPool3d": {"maxpool"},
    "AvgPool2d": {"avgpool"},
    "AdaptiveAvgPool2d": {"globalavgpool", "adaptiveavgpool"},
    "AdaptiveAvgPool3d": {"globalavgpool", "adaptiveavgpool"},
    "ReLU": {"relu"},
    "ReLU6": {"relu6"},
    "SiLU": {"silu"},
    "Hardswish": {"hardswish"},
    "Hardsigmoid": {"hardsigmoid"},
    "Sigmoid": {"sigmoid"},
    "Dropout": {"dropout"},
    "StochasticDepth": {"droppath"},
    "Flatten": {"flatten"},
    "PixelShuffle": {"pixelshuffle"},
    "Upsample": {"upsample"},
    "ZeroPad2d": {"pad"},
}

# What a model does by a function call leaves no module behind: these layers of ours may stand between.
FUNCTIONS = frozenset(
    {"relu", "tanh", "sigmoid", "add", "mul", "concat", "slice", "pad", "channelshuffle", "flatten"}
    | {"upsample", "identity", "globalavgpool", "dropout", "softmaxloss"}
)


class Pair(NamedTuple):
    """A module call and the layer that does the same, with its place among all layers."""

    leaf: Leaf
    layer: LayerAnalysis
    place: int


def pair_up(leaves: Sequence[Leaf], layers: Sequence[LayerAnalysis]) -> list[Pair]:
    """Every leaf with its layer; raises AssertionError where the two sequences part.

    A pooling to the size that the map has already (torchvision's VGG has one) does nothing: it has no layer.
    """
    pairs: list[Pair] = []
    place = 0
    for leaf in leaves:
        if leaf.type.startswith("Adaptive") and pairs and leaf.output == pairs[-1].leaf.output:
            continue
        wanted = OPERATORS[leaf.type]
        while place < len(layers) and layers[place].op not in wanted:
            assert _is_function(layers[place]), (
                f"the model calls {leaf.name} ({leaf.type}) where {layers[place].name} stands"
            )
            place += 1
        assert place < len(layers), f"no layer is left for {leaf.name} ({leaf.type})"
        pairs.append(Pair(leaf, layers[place], place))
        place += 1
    for layer in layers[place:]:
        assert _is_function(layer), f"the model has no module for {layer.name}"
    return pairs


def _is_function(layer: LayerAnalysis) -> bool:
    return layer.op in FUNCTIONS and layer.params == 0 and layer.macs == 0


def sizes(layer: LayerAnalysis) -> tuple[object, ...]:
    """A layer's output, a 1x1xC map as the vector it is to a framework after flattening."""
    assert layer.output is not None
    return layer.output.sizes()


def same_sizes(leaf: Leaf, layer: LayerAnalysis) -> bool:
    """Whether the outputs agree; a vector of C and a map of 1x1xC are the same tensor."""
    ours = sizes(layer)
    if len(leaf.output) == 1:
        return ours[-1] == leaf.output[0] and all(size == 1 for size in ours[:-1])
    return ours == leaf.output
