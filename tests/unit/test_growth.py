"""How fields grow: the trunk and its depth, what is not known, what lies behind, and the picture."""

from __future__ import annotations

import pytest

import rfcalc
from rfcalc.errors import UsageError
from rfcalc.report.cells import Style
from rfcalc.report.chart import Chart, Curve, Guide, Panel
from rfcalc.report.growth.chart import growth_chart
from rfcalc.report.growth.points import Growth, InputGrowth, Reached, growth_of
from rfcalc.report.growth.selection import chosen_points
from rfcalc.report.growth.table import GrowthView, growth_tables

# Two blocks of two convolutions with a gate, a shortcut and a projection.
GATED = """
name: gated
input: 64x64x3
blocks:
  unit(s):
    - add:
        - - conv f=3 p=1 s=s d=8
          - conv f=3 p=1 d=8
          - mul: [[], [globalavgpool, conv f=1 d=2, conv f=1 d=8, sigmoid]]
        - [conv f=1 s=s d=8]
layers: [conv f=3 p=1 d=8 as stem, unit s=1 as one, unit s=2 as two, globalavgpool, fc d=10]
"""


def described(text: str, **given: object) -> Growth:
    return growth_of(rfcalc.analyze(rfcalc.read_text(text), **given))  # type: ignore[arg-type]


def layers(line: str, size: str = "32x32x3") -> Growth:
    items = ", ".join(f'"{item.strip()}"' for item in line.split(";"))
    return described(f"name: chain\ninput: {size}\nlayers: [{items}]\n")


def only(growth: Growth) -> InputGrowth:
    (along,) = growth.inputs
    return along


def reached(growth: Growth, field: str, axis: int = 0) -> Reached:
    return next(each for each in only(growth).reached if (each.field, each.axis) == (field, axis))


def names(growth: Growth, points: object) -> list[str]:
    assert isinstance(points, tuple)
    return [growth.node(point).name for point in points]


def curves(panel: Panel, stroke: str = "solid") -> list[Curve]:
    return [mark for mark in panel.marks if isinstance(mark, Curve) and mark.stroke == stroke and mark.points]


# The trunk and its depth.


def test_a_gate_adds_nothing_to_the_depth() -> None:
    growth = described(GATED)
    assert only(growth).depth == 1 + 2 + 2 + 1
    assert not any("conv4" in name or "sigmoid" in name for name in names(growth, only(growth).trunk[:-1]))


def test_every_depth_is_a_step_and_the_map_that_is_covered_whole_is_one_of_its_own() -> None:
    steps = only(described(GATED)).steps
    assert [(point.depth, point.whole) for point in steps] == [
        *[(depth, False) for depth in range(6)],
        (5, True),
        (6, True),
    ]


def test_a_step_is_the_layer_that_changes_something_and_counts_what_follows_it() -> None:
    growth = layers("conv f=3 d=8; bn; relu; conv f=3 d=8; relu")
    _, first, second = only(growth).steps
    assert names(growth, (first, second)) == ["conv1", "conv2"]
    # 3x3x3x8 weights and as many biases as channels, and the two vectors of the normalisation.
    assert first.spent.params.known == 3 * 3 * 3 * 8 + 8 + 2 * 8


def test_of_branches_the_deepest_is_the_trunk() -> None:
    growth = described(
        "name: n\ninput: 16x16x3\nlayers:\n"
        "  - concat: [[conv f=5 p=2 d=4 as wide], [conv f=3 p=1 d=4 as a, conv f=3 p=1 d=4 as b]]\n"
    )
    assert names(growth, only(growth).trunk)[1:3] == ["a", "b"]


def test_each_input_has_a_trunk_of_its_own() -> None:
    growth = growth_of(rfcalc.analyze("siamese"))
    assert [along.name for along in growth.inputs] == ["one", "other"]
    assert [along.depth for along in growth.inputs] == [6, 6]


# What lies behind.


def test_nothing_lies_behind_a_field_that_is_smaller_than_the_input() -> None:
    found = reached(layers("conv f=3 d=8; conv f=3 d=8"), "theoretical")
    assert (found.largest, found.at, found.layers, found.spent.macs.known) == (5, None, 0, 0)


def test_a_layer_lies_behind_only_if_all_that_enters_it_is_large() -> None:
    large = "conv f=3 p=1 d=8, conv f=3 p=1 d=8, conv f=3 p=1 d=8, conv f=3 p=1 d=8"
    text = "name: n\ninput: 9x9x8\nlayers:\n  - add: [[{}], [{}]]\n  - conv f=3 p=1 d=8 as last\n"
    both = reached(described(text.format(large, large)), "theoretical")
    # The sum of both branches is as large as the input; neither is past it within.
    assert (both.layers, both.spent.params.known) == (1, 9 * 8 * 8 + 8)
    shortcut = reached(described(text.format(large, "identity")), "smallest")
    assert (shortcut.at is not None, shortcut.layers) == (True, 0)


def test_a_layer_with_a_large_and_a_small_operand_does_not_lie_behind() -> None:
    text = (
        "name: n\ninput: 9x9x8\nlayers:\n  - conv f=1 d=8 as stem\n  - {repeat: 4, do: [conv f=3 p=1 d=8]}\n"
        "  - opaque type=pair size=9x9x8 params=5 macs=7 reads=each from=repeat1+stem\n"
    )
    assert reached(described(text), "theoretical").spent.params.known == 0
    both = described(text.replace("repeat1+stem", "repeat1+repeat1"))
    assert reached(both, "theoretical").spent.params.known == 5


def test_the_layers_of_a_gate_lie_behind_with_what_they_gate() -> None:
    growth = described(GATED.replace("64x64", "8x8"))
    # Fields 3 5 7 9 13: the second convolution of the second block and its gate read 9 and 13.
    at = reached(growth, "theoretical").at
    assert at is not None and growth.node(at).name == "two.conv1"
    found = reached(growth, "theoretical")
    gate = 8 * 2 + 2 + 2 * 8 + 8
    assert found.spent.params.known == 3 * 3 * 8 * 8 + 8 + gate
    assert found.layers == 3


def test_the_head_counts_for_the_whole_map_alone() -> None:
    growth = layers("conv f=5 p=2 d=8; conv f=5 p=2 d=8; conv f=5 p=2 d=8; globalavgpool; fc d=10", "8x8x3")
    assert reached(growth, "theoretical").layers == 1
    whole = reached(growth, "whole")
    assert whole.at is not None and growth.node(whole.at).name == "globalavgpool1"
    assert (whole.layers, whole.spent.params.known) == (1, 8 * 10 + 10)


def test_axes_of_different_lengths_are_reached_apart() -> None:
    growth = layers("conv f=3 p=1 d=8; conv f=3 p=1 d=8; conv f=3 p=1 d=8", "5x32x3")
    at = reached(growth, "theoretical", 0).at
    assert at is not None and growth.node(at).name == "conv2"
    assert reached(growth, "theoretical", 1).at is None


# What is not known.


def test_a_global_path_is_no_number_and_nothing_lies_behind_it() -> None:
    growth = layers("conv f=4 s=4 d=8; attention heads=2; conv f=3 p=1 d=8")
    found = reached(growth, "theoretical")
    assert (found.at, found.largest, found.sees_all) == (None, None, True)
    assert found.where is not None and growth.node(found.where).name == "attention1"
    assert found.spent.macs.known == 0


def test_a_field_that_depends_on_data_is_lost_from_there_on() -> None:
    growth = growth_of(rfcalc.analyze("deformable"))
    found = reached(growth, "theoretical")
    assert found.lost is not None and found.largest is None and not found.sees_all


def test_what_layers_without_known_work_take_is_not_known_behind_them() -> None:
    growth = described(
        "name: n\ninput: 8x8x3\nlayers:\n  - conv f=3 d=4\n  - opaque type=nms size=6x6x4\n  - conv f=3 d=4\n"
    )
    assert [point.spent.macs.complete for point in only(growth).points] == [True, True, False, False]
    assert not growth.whole.macs.complete


def test_where_a_symbolic_input_is_reached_is_not_known_and_it_has_no_picture() -> None:
    growth = described("name: n\nsymbols: {H: H}\ninput: HxHx3\nlayers: [conv f=3 d=4]\n")
    found = reached(growth, "theoretical")
    assert (found.largest, found.at, found.layers) == (3, None, 0)
    table = growth_tables([growth], GrowthView(summary=True))[0]
    cells = dict(zip([heading.name for heading in table.headings], table.rows[0], strict=True))
    assert {cells[name].text(Style()) for name in ("reached", "behind", "macs_behind")} == {"?"}
    with pytest.raises(UsageError, match="give numbers with input and params"):
        growth_chart([growth])


# What the table shows.


@pytest.mark.parametrize("name", ["vgg16", "resnet152", "densenet121", "unet", "inception-v3", "swin-t"])
@pytest.mark.parametrize("most", [10, 24])
def test_the_layers_shown_are_few_and_hold_all_that_reach_the_input(name: str, most: int) -> None:
    growth = growth_of(rfcalc.analyze(name))
    along = only(growth)
    chosen = [point.node for point in chosen_points(growth, along, most)]
    marked = {each.where.node for each in along.reached if each.where}
    assert marked <= set(chosen)
    assert len(set(chosen) - marked) <= most
    assert chosen == sorted(chosen)
    assert along.steps[-1].node == chosen[-1]


def test_every_stride_has_a_layer_in_the_table() -> None:
    growth = growth_of(rfcalc.analyze("resnet152"))
    shown = [point.axes[0].stride for point in chosen_points(growth, only(growth), 10)]
    assert [stride for stride in dict.fromkeys(shown) if stride] == [4, 8, 16, 32]


# The picture.


def picture(*networks: str) -> Chart:
    return growth_chart([growth_of(rfcalc.analyze(name), name) for name in networks])


def test_one_network_has_its_fields_by_name_with_the_size_of_the_input() -> None:
    fields, strides, spent = picture("resnet50").panels
    assert [mark.label for mark in fields.marks if isinstance(mark, Curve) and mark.label] == [
        "theoretical",
        "effective",
        "smallest",
    ]
    guides = [(mark.along, mark.value, mark.label) for mark in fields.marks if isinstance(mark, Guide)]
    assert sorted(guides) == [("x", 36, "layer3.4.conv2"), ("y", 224, "input 224")]
    assert curves(fields)[0].points[0] == (1, 11)
    assert curves(fields)[0].points[-1] == (49, 427)
    assert curves(strides)[0].points[-1] == (49, 7)
    assert curves(spent)[0].points[-1] == (50, 100)


def test_the_layer_at_which_a_field_reaches_the_input_is_a_dot() -> None:
    fields = picture("resnet50").panels[0]
    dots = [mark.points for mark in fields.marks if isinstance(mark, Curve) and mark.dots]
    assert dots == [((36, 235),)]


def test_without_branches_the_smallest_field_is_not_drawn_again() -> None:
    assert not curves(picture("vgg16").panels[0], "dotted")


def test_several_networks_have_a_panel_for_each_figure_and_a_colour_each() -> None:
    chart = picture("vgg16", "resnet50")
    assert [panel.title for panel in chart.panels] == [
        "theoretical field",
        "effective field (95 %)",
        "smallest field still to come",
        "stride",
        "MACs so far",
        "parameters so far",
    ]
    for panel in chart.panels:
        assert [(mark.label, mark.series) for mark in curves(panel)] == [("vgg16", 0), ("resnet50", 1)]


def test_the_smallest_field_is_drawn_as_what_later_layers_still_see() -> None:
    # Of ResNet-50 every shortcut hands on 11 pixels, which fields within blocks exceed.
    ((_, resnet),) = [[mark.points for mark in curves(picture("vgg16", "resnet50").panels[2])]]
    assert {height for _, height in resnet} == {11}


def test_curves_end_where_a_path_sees_all_and_a_note_says_why() -> None:
    chart = picture("vit-b16")
    assert curves(chart.panels[0])[0].points == ((1, 16),)
    assert any("encoder.0.attention1" in note and "global path" in note for note in chart.notes)
    assert curves(chart.panels[2])[0].points[-1] == (38, 100)


def test_axes_that_differ_have_panels_of_their_own() -> None:
    chart = picture("crnn", "vgg16")
    titles = [panel.title for panel in chart.panels]
    assert titles[:2] == ["theoretical field, height", "theoretical field, width"]
    assert titles[-3:] == ["stride, width", "MACs so far", "parameters so far"]
    assert chart.columns == 2
    alone = picture("crnn")
    assert [panel.title for panel in alone.panels[:2]] == [
        "receptive field, height",
        "receptive field, width",
    ]
    height, width = (
        [mark.value for mark in panel.marks if isinstance(mark, Guide)] for panel in chart.panels[:2]
    )
    assert sorted(height) == [32, 224] and sorted(width) == [100, 224]


def test_axes_that_are_alike_share_a_panel() -> None:
    assert [panel.title for panel in picture("r3d-18").panels[:2]] == [
        "receptive field, depth",
        "receptive field, height and width",
    ]


def test_inputs_of_one_network_are_drawn_apart() -> None:
    fields = picture("siamese").panels[0]
    assert [mark.label for mark in curves(fields)] == ["siamese one", "siamese other"]
