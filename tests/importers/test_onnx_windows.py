"""Layers that slide, with any attributes: sizes, work and the positions read are those that ONNX specifies.

The specification's formulas are written down here a second time, one axis at a time, without padding as a
value: of a layer it is asked which positions an element reads.  (`onnx.reference` cannot carry out many of
these nodes.)
"""

from __future__ import annotations

import math
import random
from typing import Any, NamedTuple

import onnx
import pytest
from built import imported, model, node, weight
from onnx import shape_inference
from steps_of import graph_of

from rfcalc.importers.writing.flat import flat
from rfcalc.ops.axis_maps import taps_of
from rfcalc.ops.reads import Along


class Axis(NamedTuple):
    """One axis of a layer: its size, and what the attributes say of it.

    stated: the size that a transposed convolution is to have, 0 where it is to follow from the rest.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    extra: int
    stated: int

    @property
    def length(self) -> int:
        """How long a window is, its gaps included."""
        return (self.kernel - 1) * self.dilation + 1

    def slid(self, automatic: str, *, ceil: bool) -> list[set[int]]:
        """What each position of the output reads, by the formulas of Conv and MaxPool."""
        before, after = self.before, self.after
        if automatic.startswith("SAME"):
            count = -(-self.size // self.stride)
            total = max((count - 1) * self.stride + self.length - self.size, 0)
            before = total // 2 if automatic == "SAME_UPPER" else total - total // 2
        else:
            room = self.size + before + after - self.length
            count = (-(-room // self.stride) if ceil else room // self.stride) + 1
            # A window that would start in the padding behind is left out.
            count -= ceil and (count - 1) * self.stride >= self.size + before
        starts = [place * self.stride - before for place in range(count)]
        return [self.within({start + tap * self.dilation for tap in range(self.kernel)}) for start in starts]

    def spread(self, automatic: str) -> list[set[int]]:
        """The same by the formulas of ConvTranspose, where each position of the input writes a window."""
        before, after, extra = self.before, self.after, self.extra
        count = self.stride * (self.size - 1) + extra + self.length - before - after
        if self.stated or automatic.startswith("SAME"):
            wanted = self.stated or self.size * self.stride
            total = self.stride * (self.size - 1) + extra + self.length - wanted
            half = max(total, 0) // 2
            before = half if automatic == "SAME_UPPER" else max(total, 0) - half
            count = wanted
        found: list[set[int]] = [set() for _ in range(count)]
        for place in range(self.size):
            for tap in range(self.kernel):
                at = place * self.stride - before + tap * self.dilation
                if 0 <= at < count:
                    found[at].add(place)
        return found

    def within(self, places: set[int]) -> set[int]:
        return {place for place in places if 0 <= place < self.size}


class Drawn(NamedTuple):
    """A node with attributes that are drawn, its weight, and what each position along each axis reads."""

    made: onnx.ModelProto
    weight: list[int]
    reads: list[list[set[int]]]


def drawn(operator: str, seed: int) -> Drawn:
    """A random layer."""
    choose = random.Random(f"{operator} {seed}")
    rank = choose.choice([1, 2, 2, 3])
    pooling, back = operator.endswith("Pool"), operator == "ConvTranspose"
    automatic = choose.choice(["NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"])
    padded = automatic == "NOTSET" and choose.random() < 0.8
    ceil = pooling and automatic == "NOTSET" and choose.random() < 0.5
    states = back and choose.random() < 0.4
    gaps = operator != "AveragePool" and choose.random() < 0.6
    axes: list[Axis] = []
    for _ in range(rank):
        kernel, stride = choose.randint(1, 4), choose.randint(1, 3)
        before, after = [choose.randrange(kernel) if padded and not states else 0 for _ in range(2)]
        dilation = choose.randint(1, 2) if gaps else 1
        extra = choose.randrange(stride) if back and automatic == "NOTSET" and not states else 0
        one = Axis(choose.randint(8, 12), kernel, stride, dilation, before, after, extra, 0)
        if states:
            widest = (one.size - 1) * stride + one.length
            one = one._replace(stated=widest - choose.randrange(one.length))
        axes.append(one)
    given: dict[str, Any] = {name: [getattr(one, name) for one in axes] for name in ("stride", "dilation")}
    given = {f"{name}s": values for name, values in given.items() if any(one != 1 for one in values)}
    if pooling or choose.random() < 0.5:
        given["kernel_shape"] = [one.kernel for one in axes]
    if automatic != "NOTSET":
        given["auto_pad"] = automatic
    if padded and not states:
        given["pads"] = [*[one.before for one in axes], *[one.after for one in axes]]
    if ceil:
        given["ceil_mode"] = 1
    if any(one.extra for one in axes):
        given["output_padding"] = [one.extra for one in axes]
    if states:
        given["output_shape"] = [one.stated for one in axes]
    groups, inner, outer = choose.choice([1, 2, 3]), choose.choice([1, 2]), choose.choice([1, 3])
    kernel_sizes = [one.kernel for one in axes]
    lengths = (
        [] if pooling else [groups * (inner if back else outer), outer if back else inner, *kernel_sizes]
    )
    if not pooling:
        given["group"] = groups
    made = model(
        [node(operator, "x" if pooling else "x w", "y", **given)],
        [] if pooling else [weight("w", *lengths)],
        x=(1, groups * inner, *[one.size for one in axes]),
        version=19,
    )
    reads = [one.spread(automatic) if back else one.slid(automatic, ceil=ceil) for one in axes]
    return Drawn(made, lengths, reads)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("operator", ["Conv", "ConvTranspose", "MaxPool", "AveragePool"])
def test_a_layer_that_slides_reads_what_it_reads_in_onnx(operator: str, seed: int) -> None:
    made, lengths, wanted = drawn(operator, seed)
    graph = graph_of(flat(imported(made)).text)
    entering, layer = graph.nodes
    sizes = [int(one) for one in entering.facts.output.axes]
    assert layer.facts.output.axes == tuple(map(len, wanted))
    if lengths:
        elements = math.prod(lengths)
        assert layer.own_params == elements
        # Each of its weights is multiplied once for each position of what a convolution leaves, and of what a
        # transposed one reads.
        at = math.prod(sizes) if operator == "ConvTranspose" else math.prod(map(len, wanted))
        assert layer.facts.macs == at * elements
        channels = shape_inference.infer_shapes(made).graph.output[0].type.tensor_type.shape.dim[1]
        assert layer.facts.output.channels == channels.dim_value
    assert layer.facts.reads
    (axes,) = layer.facts.reads
    for each, size, along in zip(axes, sizes, wanted, strict=True):
        assert isinstance(each, Along)
        found = [{at for at in taps_of(each.taps, place) if 0 <= at < size} for place in range(len(along))]
        assert found == along
