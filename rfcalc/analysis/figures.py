"""The registry: one record for every figure of a network or of its layers.

Columns, totals, json, promises, budgets, baselines, comparisons and `--solve` derive from it, so that whoever
adds a figure adds one record here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rfcalc.analysis.depth import depth, is_nonlinearity, weighted
from rfcalc.analysis.field_figures import FIELD_FIGURES
from rfcalc.analysis.field_values import FieldFigure, Words
from rfcalc.ops.facts import Work
from rfcalc.records import NamedTuple
from rfcalc.symbolic.polynomial import sum_of
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.shapes import Shape, Size


class Count(NamedTuple):
    """A number of things.

    unit: what is counted, in the plural.  title: what it is called; heading: over a column, where that is
    shorter.  about: its meaning, one sentence.
    of_layer: of one layer, None where it is not known.  Those of several layers add up.
    of_network: of a whole network, where it is no sum over layers, None where it is not known.
    taken_by: of bytes the counts of the numbers that take them.
    kinds: counts of its kinds, which together are this one; they are shown in columns and in json alone.
    cost: less of it is better.  Where it adds up it is a total, and is charged to the edits of a comparison.
    kept: a baseline keeps it, so that its growth can be limited; not where it is made of others that are,
        as all bytes are.
    compared: the summary of a comparison has a row of it; none where the number format is not given.
    """

    name: str
    unit: str
    title: Words
    about: Words
    of_layer: Callable[[LayerAnalysis], Size | None] | None = None
    of_network: Callable[[NetworkAnalysis], Size | None] | None = None
    taken_by: tuple[str, ...] = ()
    heading: Words | None = None
    kinds: tuple[Count, ...] = ()
    cost: bool = True
    kept: bool = True
    compared: bool = True

    @property
    def in_bytes(self) -> bool:
        """Whether it depends on the number formats."""
        return bool(self.taken_by)

    @property
    def adds_up(self) -> bool:
        """Whether it is one of layers, whose sum is that of a network."""
        return self.of_network is None and all(COUNTS[name].adds_up for name in self.taken_by)

    def value(self, layer: LayerAnalysis, dtype: NumberFormats = FP32) -> Size | None:
        """That of one layer, None where it is not known; dtype: the formats of numbers that take bytes."""
        if self.of_layer is not None:
            return self.of_layer(layer)
        return self._bytes(lambda count: count.value(layer), dtype)

    def value_of_all(self, network: NetworkAnalysis, dtype: NumberFormats = FP32) -> Size | None:
        """That of a whole network, where it does not add up; None where it is not known."""
        if self.of_network is not None:
            return self.of_network(network)
        return self._bytes(lambda count: network_count(count.name, network), dtype)

    def _bytes(self, number_of: Callable[[Count], Size | None], dtype: NumberFormats) -> Size | None:
        """What the numbers of some counts take."""
        parts = []
        for name in self.taken_by:
            number = number_of(COUNTS[name])
            if number is None:
                return None
            parts.append(number * dtype.length(name))
        return sum_of(parts)


class ShapeFigure(NamedTuple):
    """A size: spatial axes, then channels.  of_layer: None where none is passed on."""

    name: str
    title: Words
    about: Words
    of_layer: Callable[[LayerAnalysis], Shape | None]
    of_network: Callable[[NetworkAnalysis], tuple[Shape, ...]]


Figure = Count | ShapeFigure | FieldFigure


class Sum(NamedTuple):
    """A count as far as it is known; `complete` is false when unknown parts are missing from it."""

    known: Size
    complete: bool = True


_KINDS = (
    ("adds", "加减", "additions and subtractions"),
    ("multiplies", "乘法", "multiplications"),
    ("compares", "比较", "comparisons"),
    ("divides", "除法", "divisions and square roots"),
    ("exps", "指数", "exponentials and other transcendental functions"),
)


def _kind(place: int) -> Count:
    """The count of one kind of other operations."""
    title, chinese, about = _KINDS[place]
    return Count(
        name=Work._fields[place],
        unit="operations",
        title=(title, chinese),
        about=(f"The {about} among the other operations.", f"其他运算中的{chinese}次数。"),
        of_layer=lambda layer: None if layer.work is None else layer.work[place],
    )


def _peak(network: NetworkAnalysis) -> Size | None:
    # Loaded late: the table does not tell it.
    from rfcalc.analysis.liveness import peak_activations

    return peak_activations(network.graph, network.batch)


_FIGURES: tuple[Figure, ...] = (
    Count(
        name="params",
        unit="parameters",
        title=("parameters", "参数量"),
        about=(
            "Learned parameters; those shared with an earlier layer are counted there.",
            "可学习参数的个数；共享的参数只计一次。",
        ),
        of_layer=lambda layer: layer.params,
        heading=("params", "参数量"),
    ),
    Count(
        name="macs",
        unit="MACs",
        title=("MACs", "乘加数"),
        about=(
            "Multiply-adds of convolutions, fully connected layers and matrix products, of the whole batch.",
            "卷积、全连接与矩阵乘法的乘加次数（整批）。",
        ),
        of_layer=lambda layer: layer.macs,
    ),
    Count(
        name="flops",
        unit="FLOPs",
        title=("FLOPs", "浮点运算数"),
        about=("Floating-point operations: twice the MACs, exactly.", "浮点运算次数：恰为乘加数的两倍。"),
        of_layer=lambda layer: layer.flops,
        kept=False,
    ),
    Count(
        name="other_ops",
        unit="operations",
        title=("other operations", "其他运算"),
        about=(
            "All operations that are no MACs: biases, normalisation, activation, pooling, joins.",
            "乘加以外的全部运算：偏置、规范化、激活、汇合、逐元素运算。",
        ),
        of_layer=lambda layer: None if layer.work is None else layer.work.total,
        kinds=tuple(map(_kind, range(len(_KINDS)))),
        compared=False,
    ),
    Count(
        name="activations",
        unit="elements",
        title=("activations", "激活数"),
        about=("Elements of the outputs of layers, of the whole batch.", "各层输出的元素个数（整批）。"),
        of_layer=lambda layer: layer.activations,
    ),
    Count(
        name="buffers",
        unit="numbers",
        title=("buffers", "缓冲量"),
        about=(
            "Numbers that are kept and not learned: running statistics, fixed filters.",
            "保存而不学习的数：滑动统计量、固定滤波器。",
        ),
        of_layer=lambda layer: layer.buffers,
        kept=False,
        compared=False,
    ),
    Count(
        name="params_bytes",
        unit="bytes",
        title=("param bytes", "参数字节"),
        about=(
            "Bytes of the parameters in the number format --dtype names.",
            "按--dtype数值格式计的参数字节数。",
        ),
        taken_by=("params",),
    ),
    Count(
        name="activations_bytes",
        unit="bytes",
        title=("activation bytes", "激活字节"),
        about=(
            "Bytes of the outputs of layers in the number format --dtype names.",
            "按--dtype数值格式计的各层输出字节数。",
        ),
        taken_by=("activations",),
    ),
    Count(
        name="memory",
        unit="bytes",
        title=("memory", "内存"),
        about=("Bytes of parameters and activations together.", "参数与激活的字节数之和。"),
        taken_by=("params", "activations"),
    ),
    Count(
        name="peak_activations",
        unit="elements",
        title=("peak activations", "激活峰值"),
        about=(
            "The most elements held at once as layers run in order, each output kept until its last reader "
            "has run, of the whole batch.",
            "各层依次运行、每个输出保留到最后一个读取者运行完毕时，同时保存的元素个数的最大值（整批）。",
        ),
        of_network=_peak,
        kept=False,
    ),
    Count(
        name="peak_activations_bytes",
        unit="bytes",
        title=("peak activation bytes", "激活峰值字节"),
        about=(
            "Bytes of the peak activations in the number format --dtype names.",
            "按--dtype数值格式计的激活峰值字节数。",
        ),
        taken_by=("peak_activations",),
    ),
    Count(
        name="peak_memory",
        unit="bytes",
        title=("peak memory", "内存峰值"),
        about=(
            "Bytes of parameters and peak activations together: what inference needs but for workspace.",
            "参数与激活峰值的字节数之和：推断所需的内存，工作区除外。",
        ),
        taken_by=("params", "peak_activations"),
    ),
    Count(
        name="layers",
        unit="layers",
        title=("layers", "层数"),
        about=("Layers of all kinds.", "各类层的总数。"),
        of_layer=lambda layer: 1,
        cost=False,
        compared=False,
    ),
    Count(
        name="depth",
        unit="layers",
        title=("depth", "深度"),
        about=(
            "The most layers with weights on one path to an output.",
            "通往输出的一条路径上含权重的层的最大数目。",
        ),
        of_network=lambda network: depth(network.graph),
        cost=False,
    ),
    Count(
        name="weighted_layers",
        unit="layers",
        title=("weighted layers", "含权重的层"),
        about=(
            "Layers with weights of two or more dimensions: convolutions, fully connected layers.",
            "权重为二维及以上的层：卷积层与全连接层。",
        ),
        of_layer=lambda layer: None if layer.node.facts.weights is None else int(weighted(layer.node)),
        cost=False,
        kept=False,
    ),
    Count(
        name="nonlinearities",
        unit="layers",
        title=("non-linearities", "非线性层"),
        about=(
            "Element-wise layers that are not affine, such as ReLU.",
            "逐元素且非仿射的层，如ReLU。",
        ),
        of_layer=lambda layer: None if (found := is_nonlinearity(layer.node)) is None else int(found),
        cost=False,
        kept=False,
    ),
    ShapeFigure(
        "output",
        ("output", "输出"),
        (
            "The size of the output: spatial axes, then channels; - where nothing is passed on.",
            "输出的大小：空间维在前，通道数在后；-表示无输出。",
        ),
        lambda layer: layer.output,
        lambda network: network.outputs,
    ),
    *FIELD_FIGURES,
)


# By name: all of them, the counts, and those that a baseline keeps of a network and of each of its layers.
FIGURES = {figure.name: figure for figure in _FIGURES}
COUNTS = {figure.name: figure for figure in _FIGURES if isinstance(figure, Count)}
KEPT = {name: count for name, count in COUNTS.items() if count.kept and not count.in_bytes}
KEPT_BY_LAYER = {name: count for name, count in KEPT.items() if count.cost}


def total(count: Count, layers: Iterable[LayerAnalysis], dtype: NumberFormats = FP32) -> Sum:
    """A count of several layers; it must be one that adds up."""
    assert count.adds_up
    values = [count.value(layer, dtype) for layer in layers]
    known = [value for value in values if value is not None]
    return Sum(sum_of(known), len(known) == len(values))


def of_network(count: Count, network: NetworkAnalysis, dtype: NumberFormats = FP32) -> Sum:
    """A count of a whole network."""
    if not count.adds_up:
        found = count.value_of_all(network, dtype)
        return Sum(0, complete=False) if found is None else Sum(found)
    # What is known of all layers has been added up: a sum for each of many layers would take their square.
    totals = network.totals
    if not totals.unknown and count.name in totals.sums:
        return Sum(totals.sums[count.name])
    return total(count, network.layers, dtype)


def network_count(name: str, network: NetworkAnalysis, dtype: NumberFormats = FP32) -> Size | None:
    """A count of a whole network by its name; None when a part of it is not known."""
    found = of_network(COUNTS[name], network, dtype)
    return found.known if found.complete else None
