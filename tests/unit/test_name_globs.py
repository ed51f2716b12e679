"""Globs for the names of layers mean the same wherever a layer is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.conditions.judgement import judge
from rfcalc.conditions.measures import Measures
from rfcalc.errors import UsageError
from rfcalc.graph.asked import find_layer
from rfcalc.library import analyze, read_expression
from rfcalc.report.cells import Text
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.table import View
from rfcalc.wildcards import name_glob

NAMES = (
    "conv1",
    "conv12",
    "pool1",
    "stage",
    "stage.conv1",
    "stage.0.conv1",
    "stage.1.conv12",
    "stage.0.a.conv1",
)
FITS = {
    "conv1": ("conv1",),
    "conv": (),
    "conv*": ("conv1", "conv12"),
    "conv?": ("conv1",),
    "*1": ("conv1", "pool1"),
    "*o*1": ("conv1", "pool1"),
    "c*v*1*": ("conv1", "conv12"),
    "*": ("conv1", "conv12", "pool1", "stage"),
    # Neither mark stands for a dot.
    "stage*conv1": (),
    "stage?conv1": (),
    "stage.?.conv1": ("stage.0.conv1",),
    "stage.*": ("stage.conv1",),
    "stage.*.conv*": ("stage.0.conv1", "stage.1.conv12"),
    "**": NAMES,
    "**.conv1": ("conv1", "stage.conv1", "stage.0.conv1", "stage.0.a.conv1"),
    "stage.**": ("stage", "stage.conv1", "stage.0.conv1", "stage.1.conv12", "stage.0.a.conv1"),
    "stage.**.conv1": ("stage.conv1", "stage.0.conv1", "stage.0.a.conv1"),
    "**.a.**": ("stage.0.a.conv1",),
    "**.*.*": ("stage.conv1", "stage.0.conv1", "stage.1.conv12", "stage.0.a.conv1"),
    # Two stars are parts only where they are the whole part.
    "stage**conv1": (),
    "**1": ("conv1", "pool1"),
    "conv[1-3]": ("conv1",),
    # A bracket ends with its part; no other sign means anything but itself.
    "stage[.]conv1": (),
    "conv1|pool1": (),
    "": (),
}


@pytest.mark.parametrize("glob", FITS)
def test_a_glob_fits_these_names_and_no_others(glob: str) -> None:
    assert tuple(filter(name_glob(glob), NAMES)) == FITS[glob]


def fits_by_trying(glob: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether parts of a glob fit those of a name, by trying every length of every star."""
    if not glob:
        return not name
    if glob[0] == "**":
        return any(fits_by_trying(glob[1:], name[count:]) for count in range(len(name) + 1))
    return bool(name) and part_fits(glob[0], name[0]) and fits_by_trying(glob[1:], name[1:])


def part_fits(glob: str, part: str) -> bool:
    if not glob:
        return not part
    if glob[0] == "*":
        return any(part_fits(glob[1:], part[count:]) for count in range(len(part) + 1))
    return bool(part) and glob[0] in ("?", part[0]) and part_fits(glob[1:], part[1:])


@given(
    st.lists(st.text("ab*?", min_size=1, max_size=5) | st.just("**"), min_size=1, max_size=5).map(tuple),
    st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=6).map(tuple),
)
def test_a_glob_fits_what_trying_every_length_finds(glob: tuple[str, ...], name: tuple[str, ...]) -> None:
    assert name_glob(".".join(glob))(".".join(name)) is fits_by_trying(glob, name)


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("*a" * 2_000 + "b", "a" * 5_000),
        ("**.a." * 1_000 + "b", "a." * 5_000 + "c"),
        ("**." * 1_000 + "b", "a." * 5_000 + "c"),
        ("**.*a*a*a*a*a*b." * 20 + "c", "aaaaaaaaaaaa." * 1_000 + "d"),
    ],
)
def test_no_number_of_stars_keeps_a_glob_from_an_answer(glob: str, name: str) -> None:
    assert not name_glob(glob)(name)


LAYERS = "[{repeat: 3, do: [conv f=3 p=1 d=4 as a0x, relu], as: a}, conv f=1 d=4 as b]"


@pytest.fixture(scope="module")
def nested() -> NetworkAnalysis:
    return analyze(read_expression(LAYERS), input="8x8x4")


# The layers of the network above that a glob fits.
MEANT = {
    "a.?.a0x": ["a.0.a0x", "a.1.a0x", "a.2.a0x"],
    "**.a0x": ["a.0.a0x", "a.1.a0x", "a.2.a0x"],
    "a.**.a?x": ["a.0.a0x", "a.1.a0x", "a.2.a0x"],
    "a.1.*": ["a.1.a0x", "a.1.relu1"],
}


@pytest.mark.parametrize("glob", MEANT)
def test_every_place_that_takes_a_glob_means_the_same(nested: NetworkAnalysis, glob: str) -> None:
    names = MEANT[glob]
    table = build_table(nested, View(("name",), only=(glob,)))
    assert [row[0] for row in table.rows] == [Text(name) for name in names]
    measures = Measures(nested)
    summed = " + ".join(f"params({name})" for name in names)
    assert judge(f"params({glob}) == {summed}", measures).holds is True
    joined = analyze(read_expression(f"{LAYERS[:-1]}, {{add: [], from: '{glob}'}}]"), input="8x8x4").graph
    assert [joined.nodes[operand].name for operand in joined.nodes[-1].inputs] == names
    with pytest.raises(UsageError, match=f"matches {len(names)} layers, {', '.join(names)}"):
        find_layer(nested.graph, glob)


def test_a_glob_that_fits_only_further_down_is_answered_with_the_one_that_reaches(
    nested: NetworkAnalysis,
) -> None:
    answer = r"'\*a0x'; a star stays within one part of a name: did you mean '\*\*\.\*a0x'\?"
    with pytest.raises(UsageError, match=answer):
        build_table(nested, View(only=("*a0x",)))
    with pytest.raises(UsageError, match=answer):
        find_layer(nested.graph, "*a0x")
    with pytest.raises(UsageError, match=r"'\*a1x'; did you mean 'a\.1\.a0x'\?|the first is"):
        build_table(nested, View(only=("*a1x",)))
