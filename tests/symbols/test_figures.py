"""The figures of a network: one record each, and their values."""

from __future__ import annotations

import pytest

from rfcalc.analysis.analyze import totals_of
from rfcalc.analysis.depth import longest_path
from rfcalc.analysis.field_values import Views
from rfcalc.analysis.figures import COUNTS, FIGURES, FieldFigure, ShapeFigure, network_count
from rfcalc.library import analyze, load, read_expression
from rfcalc.units import number_formats


def test_names_are_unique_and_every_figure_is_explained() -> None:
    every = [*FIGURES.values(), *(kind for count in COUNTS.values() for kind in count.kinds)]
    assert len({figure.name for figure in every}) == len(every)
    assert all(figure.about[0].endswith(".") and figure.about[1].endswith("。") for figure in every)


def test_counts_are_those_of_the_totals() -> None:
    network = analyze(load("resnet50"))
    totals = network.totals
    assert network_count("params", network) == totals.params == 25_557_032
    assert network_count("macs", network) == totals.macs == 4_089_184_256
    assert network_count("flops", network) == totals.flops
    assert network_count("activations", network) == totals.activations
    assert network_count("other_ops", network) == sum(totals.work)
    assert network_count("layers", network) == len(network.layers)


def test_bytes_are_those_of_the_number_format() -> None:
    network = analyze(read_expression("conv f=1 d=2 bias=no"), input="3x3x5")
    # 10 weights and 18 outputs.
    assert network_count("params_bytes", network, number_formats("fp32")) == 40
    assert network_count("activations_bytes", network, number_formats("int8/fp16")) == 36
    assert network_count("memory", network, number_formats("int8/fp16")) == 10 + 36


@pytest.mark.parametrize(
    ("name", "layers"),
    [("vgg16", 16), ("vgg19", 19), ("alexnet", 8), ("resnet34", 34), ("resnet50", 50), ("resnet152", 152)]
    + [("plain34", 34), ("googlenet", 22), ("resnet110", 110), ("lenet5", 5), ("densenet121", 121)],
)
def test_depth_is_the_number_in_the_name(name: str, layers: int) -> None:
    assert len(longest_path(analyze(load(name)).graph)) == layers


def test_a_layer_with_an_unknown_part_makes_the_figure_unknown() -> None:
    network = analyze(load("lenet5"))
    layers = (network.layers[0]._replace(macs=None), *network.layers[1:])
    broken = network._replace(layers=layers, totals=totals_of([[layer] for layer in layers]))
    assert network_count("macs", broken) is None
    assert network_count("flops", broken) is None
    assert network_count("params", broken) is not None


def test_what_is_no_count_is_not_taken_for_one() -> None:
    network = analyze(load("vgg16"))
    for name in ("output", "receptive_field", "nothing"):
        with pytest.raises(KeyError):
            network_count(name, network)
    output, field = FIGURES["output"], FIGURES["receptive_field"]
    assert isinstance(output, ShapeFigure)
    assert isinstance(field, FieldFigure)
    assert output.of_network(network) == network.outputs
    ((_, along),) = Views(network).of(network.fields.network)
    assert [field.value(view)[:2] for view in along] == [(212, 212), (212, 212)]
