"""Where a field is said to be exact, what is seen in the plane is what the axes say, by the exact set."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.analysis.fields.plane import support
from rfcalc.library import analyze, load, read_text

layers = st.sampled_from(
    [
        *("conv f=3 p=1 d=8", "conv f=1x5 p=0x2 d=8", "conv f=5x1 p=2x0 d=8", "conv f=3 p=2 r=2 d=8"),
        *("conv f=3 p=1x2 r=1x2 d=8", "conv f=2 p=0:1 d=8", "conv f=1 d=8", "relu", "bn"),
    ]
)


def bodies(depth: int) -> st.SearchStrategy[str]:
    """Layers, and joins of branches, that keep the size of a map."""
    if not depth:
        return st.lists(layers, min_size=1, max_size=2).map(", ".join)
    branch = bodies(depth - 1).map(lambda body: f"[{body}]")
    join = st.lists(branch | st.just("[]"), min_size=2, max_size=3).map(", ".join)
    item = layers | join.map(lambda branches: f"{{add: [{branches}]}}")
    return st.lists(item, min_size=1, max_size=3).map(", ".join)


@settings(max_examples=150, deadline=None)
@given(bodies(2))
def test_a_field_that_is_exact_is_the_product_of_what_its_axes_see(body: str) -> None:
    fields = analyze(read_text(f"input: 64x64x8\nlayers: [{body}]\n")).fields
    for node, field in enumerate(fields.nodes):
        assert field.inputs[0] is not None
        if any(axis.status != "exact" for axis in field.inputs[0]):
            assert {axis.status for axis in field.inputs[0]} == {"extent"}
            continue
        expected = 1
        for axis in field.inputs[0]:
            assert axis.size is not None
            assert axis.holes is not None
            expected *= axis.size[0] - axis.holes[0]
        assert support(fields, node, [(3, 4)]).size == expected


@pytest.mark.parametrize(
    ("join", "status"),
    [
        # One branch holds the other: a residual, branches of an inception module.
        ("add: [[], [conv f=3 p=1 d=8]]", "exact"),
        ("add: [[conv f=1 d=8], [conv f=3 p=1 d=8], [conv f=5 p=2 d=8]]", "exact"),
        # They differ along one axis alone.
        ("add: [[conv f=1x3 p=0x1 d=8], [conv f=1x3 p=0x2 r=1x2 d=8]]", "exact"),
        ("add: [[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8]]", "extent"),
        ("add: [[conv f=1 d=8], [conv f=3 p=2 r=2 d=8]]", "exact"),
        ("add: [[conv f=3 p=1 d=8], [conv f=3 p=2 r=2 d=8]]", "extent"),
        # A third branch fills what the other two leave.
        ("add: [[conv f=1x3 p=0x1 d=8], [conv f=3x1 p=1x0 d=8], [conv f=3 p=1 d=8]]", "exact"),
    ],
)
def test_branches_of_unequal_shape_leave_the_inside_uncounted(join: str, status: str) -> None:
    analysis = analyze(read_text(f"input: 64x64x8\nlayers:\n  - {join}\n  - relu\n"))
    assert analysis.layers[-1].field.inputs[0] is not None
    assert {axis.status for axis in analysis.layers[-1].field.inputs[0]} == {status}


def pyramid(*rates: int) -> str:
    """A 1x1 convolution beside 3x3 ones at some rates, as in DeepLab."""
    branches = ", ".join(f"[conv f=3 r={rate} p={rate} d=8]" for rate in rates)
    return f"concat: [[conv f=1 d=8], {branches}]"


@pytest.mark.parametrize(
    ("join", "seen", "box"),
    [
        ("add: [[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8]]", 13, 49),
        (pyramid(2, 4, 6), 25, 169),
        (pyramid(6, 12, 18), 25, 1369),
    ],
)
def test_what_a_cross_sees_is_counted_in_the_plane(join: str, seen: int, box: int) -> None:
    fields = analyze(read_text(f"input: 64x64x8\nlayers:\n  - {join}\n")).fields
    found = support(fields, len(fields.nodes) - 1, [(20, 20)])
    assert (found.size, found.seen.size) == (seen, box)


def test_the_fields_of_shipped_networks_fill_their_boxes() -> None:
    for name in ("resnet50", "googlenet", "densenet121", "squeezenet1.1", "vgg16", "convnext-tiny"):
        fields = analyze(load(name)).fields
        found = fields.nodes[fields.network].inputs[0]
        assert found is not None
        assert {axis.status for axis in found} == {"exact"}
