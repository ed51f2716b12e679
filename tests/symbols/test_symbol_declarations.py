"""What an error says about how to declare a symbol: for the whole network, in the writer's own names."""

from __future__ import annotations

import re

import pytest

from rfcalc.description import Description
from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, load, read_expression, read_text

# Three poolings by 2: sizes must be multiples of 8.
POOLED = "input: HxWx3\nlayers: [conv f=3 p=1 d=4, maxpool f=2 s=2, maxpool f=2 s=2, maxpool f=2 s=2]\n"


def mistakes(
    description: Description, input: str | None = None, params: dict[str, object] | None = None
) -> list[tuple[str, str]]:
    with pytest.raises(DescriptionError) as raised:
        analyze(description, input=input, params=params)
    return [(diagnostic.message, diagnostic.hint) for diagnostic in raised.value.diagnostics]


def advice(
    description: Description, input: str | None = None, params: dict[str, object] | None = None
) -> str:
    (hint,) = {hint for _, hint in mistakes(description, input, params)}
    return hint


def test_nothing_is_advised_where_every_division_is_exact() -> None:
    analyze(read_text("symbols: {H: 8*h, W: 16*w}\n" + POOLED))
    analyze(read_expression("conv f=3 p=1 d=C; relu"), input="HxWxC")


def test_a_bare_symbol_is_told_the_multiple_that_the_whole_network_needs() -> None:
    text = "symbols: [H, W]\n" + POOLED
    assert advice(read_text(text)) == "declare `symbols: {H: 8*h, W: 8*w}`"


def test_a_multiple_that_is_too_small_is_told_as_its_declaration_with_the_right_one() -> None:
    assert advice(read_text("symbols: {H: 2*h, W: 64}\n" + POOLED)) == "declare `symbols: {H: 8*h}`"
    assert advice(read_text("symbols: {H: 2*h, W: 64}\n" + POOLED), params={"h": "2*k"}) == (
        "say params={'h': '4*k'}"
    )


def test_two_sizes_of_one_symbol_are_told_together() -> None:
    text = "symbols: {H: 2*n, W: 4*n}\n" + POOLED
    assert advice(read_text(text)) == "declare `symbols: {H: 8*n, W: 16*n}`"


def test_an_offset_stays() -> None:
    text = "symbols: {H: 2*h + 1, W: 64}\n" + POOLED
    assert advice(read_text(text)) == "declare `symbols: {H: 8*h + 1}`"


@pytest.mark.parametrize(
    ("name", "written", "told"),
    [
        ("vgg16", "HxWx3", "(32*h)x(32*w)x3"),
        ("vgg16", "HxHx3", "(32*h)x(32*h)x3"),
        ("vgg16", "(2*h)x224x3", "(32*h)x224x3"),
        ("vgg16", "224xnx3", "224x(32*k)x3"),
        ("resnet50", "hxwx3", "(32*k)x(32*m)x3"),
        ("unet", "HxWx3", "(16*h)x(16*w)x3"),
        ("resnet20", "HxWx3", "(4*h)x(4*w)x3"),
    ],
)
def test_an_input_given_from_outside_is_told_as_it_is_to_be_given(name: str, written: str, told: str) -> None:
    hint = advice(load(name), input=written)
    assert hint == f"say input='{told}'"
    # What is advised works.
    assert analyze(load(name), input=told)


def test_a_setting_is_told_as_it_is_to_be_set() -> None:
    groups = read_text("params: {C: 64}\ninput: 8x8xC\nlayers: [conv f=3 d=C g=16]\n")
    assert advice(groups, params={"C": "C"}) == "say params={'C': '16*c'}"
    assert advice(load("mobilenet-v1"), params={"alpha": "a/64"}) == "say params={'alpha': '0.03125*a'}"
    declared = read_text("symbols: [C]\ninput: 8x8xC\nlayers: [conv f=3 d=C g=16]\n")
    assert advice(declared, params={"C": "2*C"}) == "say params={'C': '16*C'}"


def test_halved_channels_are_told_too() -> None:
    text = "symbols: [C]\ninput: 8x8xC\nlayers: [conv f=1 d=C//2, conv f=1 d=cin//2]\n"
    assert advice(read_text(text)) == "declare `symbols: {C: 4*c}`"


def test_a_condition_on_a_remainder_is_told_too() -> None:
    text = "symbols: [C]\ninput: 8x8xC\nlayers: [{when: C % 3 == 0, do: [relu]}]\n"
    assert advice(read_text(text)) == "declare `symbols: {C: 3*c}`"


def test_bins_need_no_multiple_since_they_may_overlap() -> None:
    layers = read_expression("maxpool f=2 s=2; adaptiveavgpool size=7")
    assert advice(layers, input="HxHx4") == "say input='(2*h)x(2*h)x4'"


def test_the_message_names_the_layer_and_the_division_and_not_the_advice() -> None:
    ((message, _),) = mistakes(load("vgg16"), input="HxWx3")
    assert message == "the number of windows: (H - 2) // 2 is not exact for every H"
    with pytest.raises(DescriptionError, match=r"vgg16\.yaml:\d+:\d+: error"):
        analyze(load("vgg16"), input="HxWx3")


def test_other_mistakes_are_reported_beside_it_and_keep_their_own_hints() -> None:
    text = "symbols: [H, W]\n" + POOLED.replace("conv f=3 p=1 d=4", "conv f=3 p=1 d=4, rellu")
    found = mistakes(read_text(text))
    assert any("rellu" in message and "relu" in hint for message, hint in found)


def test_where_no_multiple_helps_none_is_advised() -> None:
    # Half of an odd number of channels is no number of channels, whatever the multiple.
    odd = read_text("symbols: [c]\ninput: 8x8x(2*c + 1)\nlayers: [conv f=1 d=cin/2]\n")
    ((message, hint),) = mistakes(odd)
    assert re.search("expected a whole number|not exact", message)
    assert hint == ""


def test_sizes_that_never_divide_end_the_search() -> None:
    # Each layer asks for one factor more than the last, without end.
    layers = "; ".join(["conv f=1 s=2 d=1"] * 30)
    ((_, hint),) = mistakes(read_expression(layers), input="Hx4294967296x1")
    assert "declare the symbol as a multiple" in hint


def test_a_network_too_large_to_be_built_again_is_told_what_its_first_layer_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rfcalc.graph.build.MOST_EFFORT_OF_ADVICE", 1)
    assert advice(read_text("symbols: [H, W]\n" + POOLED)) == "declare `symbols: {H: 2*h}`"


def test_a_symbol_that_is_not_known_is_told_how_to_become_one() -> None:
    with pytest.raises(DescriptionError, match=r"params=\{'K': 'K'\}"):
        analyze(read_expression("conv f=3 d=K"), input="8x8x3")


SET = "symbols: {H: h, W: 2*w}\nparams: {k: 3, d: 2*k}\ninput: HxWx3\nlayers: [conv f=k d=d]\n"


@pytest.mark.parametrize(
    ("settings", "size", "layer"),
    [
        ({}, "hx(2w)x3", ("conv", 3, 6)),
        ({"H": "W", "W": 8}, "8x8x3", ("conv", 3, 6)),
        ({"H": "W", "w": 4}, "8x8x3", ("conv", 3, 6)),
        ({"H": "W"}, "(2w)x(2w)x3", ("conv", 3, 6)),
        # Its own name is a symbol.
        ({"H": "H+1", "W": "H"}, "(H + 1)x(H + 1)x3", ("conv", 3, 6)),
        ({"H": "d", "W": 9}, "6x9x3", ("conv", 3, 6)),
        ({"H": "d", "W": 9, "k": 4}, "8x9x3", ("conv", 4, 8)),
        ({"k": "d", "d": 5, "H": "k", "W": "k+1"}, "5x6x3", ("conv", 5, 5)),
        ({"d": "Q", "Q": "R+1", "R": 6, "H": 9, "W": 9}, "9x9x3", ("conv", 3, 7)),
    ],
)
def test_a_setting_may_name_what_another_sets(
    settings: dict[str, object], size: str, layer: tuple[str, int, int]
) -> None:
    for given in (settings, dict(reversed(settings.items()))):
        graph = analyze(read_text(SET), params=given).graph
        node = graph.nodes[1]
        assert str(graph.nodes[0].facts.output) == size
        assert (node.op, node.arguments["kernel"], node.arguments["out_channels"]) == (
            layer[0],
            (layer[1],) * 2,
            layer[2],
        )


def test_in_bare_layers_a_setting_may_name_another() -> None:
    settings: dict[str, object] = {"a": "b", "b": "c+1", "c": 5}
    for given in (settings, dict(reversed(settings.items()))):
        graph = analyze(read_expression("conv f=1 d=a"), input="4x4x3", params=given).graph
        assert str(graph.nodes[1].facts.output) == "4x4x6"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"H": "W", "W": "H"}, "H and W are given by each other"),
        # The description has d = 2k.
        ({"k": "d"}, "k and d are given by each other"),
        ({"H": "W", "W": "Q", "Q": "2*H"}, "Q, H and W are given by each other"),
    ],
)
def test_settings_in_a_circle_are_a_mistake(settings: dict[str, object], told: str) -> None:
    for given in (settings, dict(reversed(settings.items()))):
        (mistake,) = mistakes(read_text(SET), params=given)
        assert mistake == (told, "")


def test_a_setting_that_names_another_lets_no_parameter_name_what_stands_behind_it() -> None:
    text = "params: {a: b, b: 3, k: 1}\ninput: 8x8x3\nlayers: [conv f=3 d=a]\n"
    for given in ({}, {"k": "b"}):
        (mistake,) = mistakes(read_text(text), params=given)
        assert mistake[0] == "'b' is not known here"


def test_a_long_chain_of_settings_is_followed() -> None:
    chain: dict[str, object] = {f"a{n}": f"a{n + 1}" for n in range(2000)}
    graph = analyze(read_expression("conv f=1 d=a0"), input="4x4x3", params={**chain, "a2000": 7}).graph
    assert str(graph.nodes[1].facts.output) == "4x4x7"


def test_only_symbols_that_occur_can_be_set() -> None:
    with pytest.raises(DescriptionError, match="no parameter 'q'; it has classes"):
        analyze(load("vgg16"), input="(32*h)x(32*h)x3", params={"q": 3})
    with pytest.raises(DescriptionError, match="whole numbers of at least 1"):
        analyze(load("vgg16"), input="(32*h)x(32*h)x3", params={"h": 0})
