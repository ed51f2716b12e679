"""Where a field is said to fill its box it does, by the exact set."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.analysis.fields.plane import support
from rfcalc.library import analyze, load, read_text
from rfcalc.lint.network.filled_boxes import filled
from rfcalc.lint.rule import Subject

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
def test_no_box_that_is_said_to_be_filled_has_a_hole(body: str) -> None:
    description = read_text(f"input: 64x64x8\nlayers: [{body}]\n")
    subject = Subject(description.network, analyze(description))
    for node, full in enumerate(filled(subject, 0)):
        if full:
            assert support(subject.graph, node, [(3, 4)]).holes == 0


def test_the_fields_of_shipped_networks_fill_their_boxes() -> None:
    for name in ("resnet50", "googlenet", "densenet121", "squeezenet1.1", "vgg16", "convnext-tiny"):
        description = load(name)
        subject = Subject(description.network, analyze(description))
        assert filled(subject, 0)[subject.analysis.fields.network]
