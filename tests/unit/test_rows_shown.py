"""Which rows a table shows: --only, --hide, and what a terminal that is too short leaves out."""

from __future__ import annotations

import pytest

from rfcalc import analyze, load, read_expression, read_text
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.errors import UsageError
from rfcalc.report.cells import Style
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.table import Table, View

RESNET50 = analyze(load("resnet50"))


def names(network: NetworkAnalysis, *, only: tuple[str, ...] = (), hide: tuple[str, ...] = ()) -> list[str]:
    return shown(build_table(network, View(only=only, hide=hide)))


def shown(table: Table) -> list[str]:
    return [row[0].text(Style()) for row in table.rows]


def of(layers: str, size: str = "16x16x4") -> NetworkAnalysis:
    return analyze(read_expression(layers), input=size)


def test_an_operator_is_shown_or_hidden_by_its_name() -> None:
    network = of("conv f=3 p=1 d=4; bn; relu; maxpool f=2; relu")
    assert names(network, only=("relu",)) == ["relu1", "relu2"]
    assert names(network, hide=("relu", "bn")) == ["conv1", "maxpool1"]


def test_a_kind_of_operators_is_shown_or_hidden() -> None:
    network = of("conv f=3 p=1 d=4; bn; relu; maxpool f=2; gelu; avgpool f=2")
    assert names(network, only=("pooling",)) == ["maxpool1", "avgpool1"]
    assert names(network, hide=("activation", "normalisation")) == ["conv1", "maxpool1", "avgpool1"]


def test_words_of_both_options_go_together() -> None:
    assert names(RESNET50, only=("layer3.0", "fc1"), hide=("normalisation", "relu", "add")) == [
        *("layer3.0.conv1", "layer3.0.conv2", "layer3.0.conv3", "layer3.0.downsample.conv1", "fc1")
    ]


def test_the_layers_with_weights_are_those_that_are_counted_as_such() -> None:
    assert len(names(RESNET50, only=("weighted",))) == 54


def test_a_layer_that_is_called_like_an_operator_is_found_by_either() -> None:
    network = analyze(read_text("input: 8x8x3\nlayers: [conv f=1 d=2 as bn, relu, bn as norm]"))
    assert names(network, only=("bn",)) == ["bn", "norm"]


def test_a_word_that_fits_nothing_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="no layer matches 'conw'; did you mean 'conv'"):
        names(RESNET50, only=("conw",))
    with pytest.raises(UsageError, match="no row is 'deconv'"):
        names(RESNET50, only=("deconv",))
    with pytest.raises(UsageError, match="no layer matches 'rellu'; did you mean 'relu'"):
        names(RESNET50, hide=("rellu",))
    # What is to be hidden need not be there.
    assert len(names(RESNET50, hide=("deconv", "dropout"))) == 174


CARRYING = (
    ("size", "conv f=3 d=4; crop p=1; identity", "crop1"),
    ("field", "conv f=3 p=1 d=4; maxpool f=3 s=1 p=1; identity", "maxpool1"),
    ("channels", "conv f=3 p=1 d=4; slice channels=0:2; identity", "slice1"),
    ("weights", "conv f=3 p=1 d=4; conv f=1 d=4; identity", "conv2"),
    ("a gate over the map", "conv f=3 p=1 d=4; gn g=2; identity", "gn1"),
    ("multiply-adds without weights", "conv f=3 p=1 d=4; attention heads=1; identity", "attention1"),
    ("what is not known", "conv f=3 p=1 d=4; opaque type=odd size=16x16x4; identity", "opaque1"),
    ("the output", "conv f=3 p=1 d=4; relu", "relu1"),
)


@pytest.mark.parametrize(("what", "layers", "name"), CARRYING, ids=[each[0] for each in CARRYING])
def test_what_carries_something_is_not_neutral(what: str, layers: str, name: str) -> None:
    assert name in names(of(layers), hide=("neutral",))


@pytest.mark.parametrize(
    "layer", ["relu", "bn", "dropout rate=0.5", "prelu", "scale", "identity", "add from=conv1"]
)
def test_what_changes_neither_size_nor_field_is_neutral(layer: str) -> None:
    assert names(of(f"conv f=3 p=1 d=4; {layer}; conv f=3 p=1 d=4"), hide=("neutral",)) == ["conv1", "conv2"]


def test_a_join_whose_field_is_that_of_no_operand_is_not_neutral() -> None:
    text = """
input: 16x16x4
layers:
  - add:
    - [conv f=3x1 p=1x0 d=4]
    - [conv f=1x3 p=0x1 d=4]
    as: both
  - add: [[conv f=3 p=1 d=4], []]
    as: residual
  - conv f=1 d=4
"""
    left = names(analyze(read_text(text)), hide=("neutral",))
    assert "both" in left
    assert "residual" not in left


def test_what_has_no_room_is_left_out_if_it_carries_nothing_and_that_is_told() -> None:
    table = build_table(RESNET50, View(height=50))
    assert len(table.rows) == 56
    assert table.notes[0].text == (
        "56 of 174 rows shown, as the terminal has 50 lines: left out are 53 bn, 49 relu and 16 add, "
        "without MACs and any change of size or field; --all shows them"
    )
    # Totals are those of the whole network.
    whole = build_table(RESNET50, View())
    assert table.totals[-1] == whole.totals[-1]
    assert table.totals[0][0].text(Style()) == "shown"


@pytest.mark.parametrize("height", [None, 174, 500])
def test_a_table_that_has_room_is_whole(height: int | None) -> None:
    table = build_table(RESNET50, View(height=height))
    assert len(table.rows) == 174
    assert not any("rows shown" in note.text for note in table.notes)


def test_a_short_network_is_whole_on_any_terminal_that_has_room_for_it() -> None:
    assert shown(build_table(of("conv f=3 d=8; relu"), View(height=24))) == ["conv1", "relu1"]
