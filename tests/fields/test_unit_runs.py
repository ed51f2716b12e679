"""What all units see, in runs: each unit looked up in them sees what it is located to see."""

from __future__ import annotations

import random

import pytest

import rfcalc
from rfcalc.analysis.effective import EffectiveFields
from rfcalc.analysis.fields.visible import VisibleFields
from rfcalc.report.location.places import effective_box
from rfcalc.report.location.runs import SHARE, FieldRuns, LayerRuns, RowsAlong, UnitRun, field_runs

NETWORKS = (
    "alexnet context-module crnn deeplabv3-resnet50 densenet121 googlenet mobilenet-v2 resnet18 resnet152 "
    "siamese swin-t unet unet-3d vgg16"
).split()


def looked_up(runs: FieldRuns, along: RowsAlong, unit: tuple[int, ...]) -> list[tuple[int, int]]:
    place = 0 if along.axis is None else unit[along.axis]
    for run in runs.rows[along.rows]:
        if place < run.number:
            first, last = run.step
            return [(low + place * first, high + place * last) for low, high in run.stretches]
        place -= run.number
    raise AssertionError(f"there is no unit {unit} in {along}")


def positions(runs: FieldRuns, layer: LayerRuns, unit: tuple[int, ...]) -> set[tuple[int, int]]:
    """All positions of a plane that a unit sees, one by one."""
    seen: set[tuple[int, int]] = set()
    for product in layer.products or ():
        rows, columns = [
            [place for low, high in looked_up(runs, along, unit) for place in range(low, high + 1)]
            for along in product
        ]
        seen.update((row, column) for row in rows for column in columns)
    return seen


def units(layer: LayerRuns, seed: int) -> list[tuple[int, ...]]:
    generator = random.Random(seed)
    middle = tuple([length // 2 for length in layer.shape])
    last = tuple([length - 1 for length in layer.shape])
    anywhere = tuple([generator.randrange(length) for length in layer.shape])
    return [*dict.fromkeys([(0,) * len(last), middle, last, anywhere])]


@pytest.mark.parametrize("name", NETWORKS)
def test_units_see_what_they_are_located_to_see(name: str) -> None:
    network = rfcalc.analyze(name)
    effective = EffectiveFields(network.graph)
    runs = field_runs(network, effective)
    visible = VisibleFields(network.fields)
    # The first layers, where many units see less than the border leaves them, and the last.
    for layer in (*runs.layers[:4], *runs.layers[4 :: max(1, len(runs.layers) // 12)], *runs.layers[-1:]):
        node, source = layer.node, layer.source
        for unit in units(layer, node):
            field = visible.of(node, unit, source)
            theoretical = [along and looked_up(runs, along, unit) for along in layer.theoretical]
            assert theoretical == [None if ends is None else [ends] for ends in field.theoretical]
            if layer.products is None:
                assert layer.reason
                continue
            products = [[looked_up(runs, along, unit) for along in product] for product in layer.products]
            full = [product for product in products if all(product)]
            assert field.box == tuple(
                [
                    (min(rows[0][0] for rows in along), max(rows[-1][1] for rows in along))
                    for along in zip(*full, strict=True)
                ]
            )
            if len(field.size) == 2 and field.positions is not None and field.positions < 20_000:
                assert len(positions(runs, layer, unit)) == field.positions
            if layer.effective is not None:
                along = effective.of(node, source) or ()
                known = network.fields.nodes[node]
                ends = [looked_up(runs, each, unit) for each in layer.effective]
                assert ends == [[box] for box in effective_box(known, along, unit, source, SHARE)]


def test_without_numbers_there_is_nothing_to_look_up() -> None:
    network = rfcalc.analyze("conv7x7")
    assert field_runs(network, EffectiveFields(network.graph)) == FieldRuns((), ())


def test_along_an_even_layer_the_border_alone_makes_runs() -> None:
    network = rfcalc.analyze(
        rfcalc.read_text("input: 9x9x1\nlayers:\n  - conv f=3 p=1 d=1\n  - conv f=3 r=2 p=2 d=1\n")
    )
    runs = field_runs(network, EffectiveFields(network.graph))
    first = runs.layers[1].products
    assert first is not None
    assert runs.rows[first[0][0].rows] == (
        UnitRun(2, ((0, 1),), (0, 1)),
        UnitRun(6, ((1, 3),), (1, 1)),
        UnitRun(1, ((7, 8),), (0, 0)),
    )
    dilated = runs.layers[2].products
    assert dilated is not None
    # Of the middle unit: three taps, two apart, of three positions each.
    assert looked_up(runs, dilated[0][0], (4, 4)) == [(1, 7)]
