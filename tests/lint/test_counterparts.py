"""Which layer of an earlier state of a network each of its layers was."""

from __future__ import annotations

from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.lint.budgets.counterparts import LayerFigures, counterparts, layers_of

NAMES = st.lists(st.sampled_from(["conv", "relu", "stage.0.conv", "head"]), max_size=12)


def numbered(stems: list[str], params: dict[int, int] | None = None) -> tuple[LayerFigures, ...]:
    """Unnamed layers as they are numbered; those at the places of `params` have so many parameters."""
    seen: dict[str, int] = {}
    figures: dict[str, dict[str, int]] = {}
    for place, stem in enumerate(stems):
        seen[stem] = seen.get(stem, 0) + 1
        figures[f"{stem}{seen[stem]}"] = {"params": (params or {}).get(place, 10)}
    return layers_of(figures)


def names(before: tuple[LayerFigures, ...], now: tuple[LayerFigures, ...]) -> dict[str, str]:
    return {now[index].name: layer.name for index, layer in counterparts(before, now).items()}


@given(NAMES)
def test_an_unchanged_network_corresponds_to_itself(stems: list[str]) -> None:
    layers = numbered(stems)
    assert names(layers, layers) == {layer.name: layer.name for layer in layers}


@given(NAMES, NAMES)
def test_no_layer_was_two_and_only_names_with_other_numbers_correspond(
    one: list[str], two: list[str]
) -> None:
    before, now = numbered(one), numbered(two)
    found = counterparts(before, now)
    assert len({layer.name for layer in found.values()}) == len(found)
    assert all(layer.stem == now[index].stem for index, layer in found.items())


@given(NAMES, st.data())
def test_a_layer_that_is_put_in_is_the_only_new_one(stems: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(stems)))
    before = numbered(stems, {index: 100 + index for index in range(len(stems))})
    kept = [index for index in range(len(stems) + 1) if index != place]
    longer = [*stems[:place], "conv", *stems[place:]]
    now = numbered(longer, {index: 100 + number for number, index in enumerate(kept)})
    found = counterparts(before, now)
    assert {index: layer.figures["params"] for index, layer in found.items()} == {
        index: 100 + number for number, index in enumerate(kept)
    }


def test_a_layer_that_has_grown_is_what_it_was() -> None:
    before = numbered(["conv", "relu", "conv"])
    assert names(before, numbered(["conv", "relu", "conv"], {0: 99})) == {
        "conv1": "conv1",
        "relu1": "relu1",
        "conv2": "conv2",
    }


def test_a_layer_that_has_moved_is_found_by_its_name() -> None:
    one, two = layers_of({"a": {"params": 1}, "b": {"params": 2}}), layers_of({"b": {}, "a": {}})
    assert names(one, two) == {"a": "a", "b": "b"}


def figures(*values: int) -> dict[str, int]:
    return dict(zip(("params", "macs", "other_ops", "activations"), values, strict=False))


def test_as_many_layers_as_can_correspond_do_though_less_is_equal() -> None:
    # Two pairs of wholly equal layers, or three in which nothing is.
    before = layers_of({f"conv{place}": figures(*[place] * 4) for place in (1, 2, 3)})
    now = layers_of({f"conv{place + 3}": figures(*[place + 1] * 4) for place in (1, 2, 3)})
    assert names(before, now) == {"conv4": "conv1", "conv5": "conv2", "conv6": "conv3"}


def test_the_same_name_outweighs_one_equal_figure_and_not_two() -> None:
    before = layers_of({"conv1": figures(1, 1, 1), "conv2": figures(2, 2, 2)})
    assert names(before, layers_of({"conv2": figures(1, 8, 9)})) == {"conv2": "conv2"}
    assert names(before, layers_of({"conv2": figures(1, 1, 9)})) == {"conv2": "conv1"}


def test_very_many_and_very_different_layers_correspond_by_their_names() -> None:
    before = layers_of({f"conv{place}": {"params": place % 7} for place in range(5000)})
    now = layers_of({f"conv{place}": {"params": place * place % 11} for place in range(5000)})
    found, _ = lines_run(lambda: counterparts(before, now), limit=10**7)
    assert all(layer.name == now[index].name for index, layer in found.items())
    assert len(found) == 5000
