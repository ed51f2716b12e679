"""Small networks that are hard to analyse, against PyTorch: sizes, counts, and what every interior unit sees.

Each stands in tests/data/cases in our language; tests/data/truth/cases has its PyTorch code and what was
measured.  A module called "0" there is the layer m0 here, its second call pad#1 is pad_1, and a module
with children is the last layer of a scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import measured
import pytest
from intervals import axes_of, interval, positions_seen, reaches_a_border
from leaves import pair_up, same_sizes
from measured import Unit

from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.library import analyze, load

CASES = measured.names("cases")

# Modules whose measured output has another layout than a map: the tokens of patches, windows as a batch.
OTHER_LAYOUT = {
    "patch_embed": {"<output>"},
    "window_attention": {"qkv", "o"},
    # The projections of one attention operator are no layers of their own.
    "nonlocal": {"q", "k", "v", "o"},
}
# Attention is no gate that could be left out: the one measured variant has it.
GLOBAL = {"nonlocal"}
# At a border these see pixels once more that lie further inside.
FOLDED = {"reflect_padding", "circular_padding", "blurpool"}
# Modules that are named otherwise here; a block of the WaveNet returns two tensors.
ALIASES = {
    "branch_stride_mismatch": {"a.0": "a0", "a.1": "a1", "a": "a1"},
    "wavenet_1d": {
        f"blocks.{turn}[{index}]": f"blocks.{turn}.{layer}"
        for turn in range(6)
        for index, layer in enumerate(("sum", "skip"))
    },
}


@cache
def network(name: str) -> NetworkAnalysis:
    return analyze(load(str(measured.DATA / "cases" / f"{name}.yaml")))


@pytest.mark.parametrize("name", CASES)
def test_the_input_and_outputs_have_the_measured_sizes(name: str) -> None:
    case = measured.case(name)
    assert network(name).inputs[0].axes == case.input
    if "<output>" not in OTHER_LAYOUT.get(name, ()):
        assert [shape.sizes() for shape in network(name).outputs] == list(case.outputs)


@pytest.mark.parametrize("name", CASES)
def test_parameters_and_multiply_accumulates_are_those_measured(name: str) -> None:
    case, totals = measured.case(name), network(name).totals
    # A fixed blur is a buffer to torch; here it can only be a convolution with 2 · 3 · 3 weights.
    fixed = 2 * 3 * 3 if name == "blurpool" else 0
    assert (totals.params, totals.macs) == (case.params + fixed, case.macs)


@pytest.mark.parametrize(
    "name", [name for name in CASES if name not in ("fpn", "nonlocal", "window_attention")]
)
def test_every_module_has_its_layer_with_the_same_size_and_parameters(name: str) -> None:
    layers = network(name).layers
    if name == "blurpool":
        layers = layers[:1]
    if name == "wavenet_1d":
        # The layer that comes last in the text is called before the residual convolution.
        leaves = {leaf.name: leaf for leaf in measured.case(name).leaves}
        for leaf in leaves.values():
            layer = network(name).layer(leaf.name)
            assert (same_sizes(leaf, layer), layer.params) == (True, leaf.params)
        return
    shared = {layer.node.shared for layer in layers} - {None}
    for leaf, layer, _ in pair_up(measured.case(name).leaves, layers):
        assert same_sizes(leaf, layer), leaf.name
        if not shared:
            assert layer.params == leaf.params, leaf.name


@pytest.mark.parametrize("name", CASES)
def test_interior_units_see_the_measured_interval(name: str) -> None:
    case = measured.case(name)
    compared = 0
    for variant, unit, layer in interior_units(name):
        axes = axes_of(layer)
        seen = [interval(axis, place) for axis, place in zip(axes, unit.position, strict=True)]
        compared += len(axes)
        if unit.box is None:
            assert None in seen, unit
            continue
        for number, (low, high) in enumerate(unit.box):
            if axes[number].everything and (variant == "with_gate" or name in GLOBAL):
                assert (low, high) == (0, case.input[number] - 1), unit
            else:
                assert seen[number] == (low, high), unit
    assert compared >= 2


@pytest.mark.parametrize("name", CASES)
def test_interior_units_see_the_measured_number_of_positions(name: str) -> None:
    for variant, unit, layer in interior_units(name):
        axes = axes_of(layer)
        if any(axis.everything for axis in axes) and (variant == "with_gate" or name in GLOBAL):
            continue
        fewest = most = 1
        for axis, position in zip(axes, unit.position, strict=True):
            low, high = positions_seen(axis, position)
            fewest *= low
            most *= high
        assert fewest <= unit.pixels <= most, unit


def interior_units(name: str) -> Iterator[tuple[str, Unit, LayerAnalysis]]:
    """The units that no border cuts, each with the variant it was measured in and its layer."""
    analysis = network(name)
    index = {layer.name: number for number, layer in enumerate(analysis.layers, len(analysis.graph.inputs))}
    for variant, units in measured.case(name).fields.items():
        for unit in units:
            layer = located(name, unit.module)
            if layer is None or any(axis.collapsed for axis in axes_of(layer)):
                continue
            node = index[layer.name]
            if not any(
                reaches_a_border(analysis.graph, node, axis, place)
                for axis, place in enumerate(unit.position)
            ):
                yield variant, unit, layer


def located(name: str, module: str) -> LayerAnalysis | None:
    """The layer that a module of a case is; None when its output has another layout."""
    analysis = network(name)
    if module in OTHER_LAYOUT.get(name, ()):
        return None
    if module.startswith("<output>"):
        number = int(module[len("<output>") :].strip("[]") or 0)
        return analysis.layers[analysis.graph.outputs[number] - len(analysis.graph.inputs)]
    known = {layer.name: layer for layer in analysis.layers}
    written = ALIASES.get(name, {}).get(module, module.replace("#", "_"))
    for candidate in (
        written,
        ".".join("m" + part if part.isdigit() else part for part in written.split(".")),
    ):
        if candidate in known:
            return known[candidate]
        inside = [layer for layer in analysis.layers if layer.name.startswith(candidate + ".")]
        if inside:
            return inside[-1]
    raise KeyError(module)


@pytest.mark.parametrize("name", [name for name in CASES if name not in FOLDED | GLOBAL])
def test_no_unit_sees_a_pixel_outside_its_theoretical_field(name: str) -> None:
    for variant, units in measured.case(name).fields.items():
        for unit in units:
            layer = located(name, unit.module)
            if layer is None or unit.box is None:
                continue
            for number, axis in enumerate(axes_of(layer)):
                if axis.everything and variant == "with_gate":
                    continue
                seen = interval(axis, unit.position[number])
                assert seen is not None
                assert seen[0] <= unit.box[number][0], unit
                assert unit.box[number][1] <= seen[1], unit


def test_group_normalisation_sees_the_whole_map_and_its_own_position_locally() -> None:
    case = measured.case("groupnorm_real")
    for unit in case.fields["plain"]:
        layer = located("groupnorm_real", unit.module)
        assert layer is not None
        normalised = unit.module != "0"
        assert [axis.everything for axis in axes_of(layer)] == [normalised] * 2
        if normalised:
            assert unit.read == ((0, 15), (0, 15))


@pytest.mark.parametrize("name", ["nonlocal"])
def test_global_attention_sees_the_whole_image(name: str) -> None:
    case = measured.case(name)
    output = located(name, "<output>")
    assert output is not None
    assert {unit.box for unit in case.fields["plain"] if unit.module == "<output>"} == {((0, 15), (0, 15))}
    assert [(axis.everything, axis.status) for axis in axes_of(output)] == [(True, "global")] * 2


def test_a_transposed_convolution_with_gaps_has_units_that_see_nothing() -> None:
    unseen = [unit for unit in measured.case("tconv_k2s3_gaps").fields["plain"] if unit.box is None]
    layer = located("tconv_k2s3_gaps", "0")
    assert unseen
    assert layer is not None
    for unit in unseen:
        assert None in [
            interval(axis, place) for axis, place in zip(axes_of(layer), unit.position, strict=True)
        ]


def test_shared_weights_count_their_parameters_once_and_their_work_each_time() -> None:
    layers = [layer for layer in network("shared_weights").layers if layer.op == "conv"]
    assert [layer.params for layer in layers] == [38, 0, 0]
    assert [layer.macs for layer in layers] == [14_400, 14_400, 14_400]
