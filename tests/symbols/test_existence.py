"""For which values of a symbol a network exists is said exactly: it is built with each of the first forty."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.analysis.existence import MOST_RANGES, ValueRange, existence
from rfcalc.description import Description, build_graph
from rfcalc.errors import DescriptionError
from rfcalc.library import read_text, solve
from rfcalc.report.network_table.symbols import symbol_notes

VALUES = range(1, 41)

small = st.integers(0, 6)
signed = st.integers(-6, 6)
positive = st.integers(1, 6)
# What depends on the symbol: below some value, above some, and between two it is less than 1.
symbolic = st.one_of(
    st.builds("h-{}".format, small),
    st.builds("{}-h".format, st.integers(3, 30)),
    st.builds("2*h-{}".format, st.integers(1, 20)),
    st.builds("(h-{})*(h-{})".format, st.integers(1, 9), st.integers(1, 20)),
)
either = st.one_of(symbolic, signed.map(str))
LINES = st.one_of(
    st.builds("pad p={}:{}".format, either, either),
    st.builds("pad p={} mode={}".format, small, st.sampled_from(["reflect", "circular", "replicate"])),
    st.builds("pad p={}:{} mode=reflect".format, symbolic, signed),
    st.builds("pad channels={}:{}".format, symbolic, small),
    st.builds("crop p={}:{}".format, either, small),
    st.builds("crop size={}".format, either),
    st.builds("conv f={} p={} d={}".format, positive, small, positive),
    st.builds("conv f={} p={} d={}".format, positive, symbolic, symbolic),
    st.builds("conv f={} p=same d=2 r={}".format, positive, either),
    st.builds("conv f=3 p={} d=4 padding_mode={}".format, small, st.sampled_from(["reflect", "circular"])),
    st.builds("dwconv f={} p={} m={}".format, positive, small, either),
    st.builds("deformconv f={} p={} d=3".format, positive, either),
    st.builds("deconv f={} s={} p={} d=2".format, positive, positive, either),
    st.builds("deconv f=3 s=3 d=2 output_padding={}".format, either),
    st.builds("maxpool f={} s=1 p={}".format, either, small),
    st.builds("avgpool f={} s=1 ceil=yes".format, either),
    st.builds("maxpool f={} s=1 r={}".format, positive, either),
    st.builds("adaptiveavgpool size={}".format, either),
    st.builds("upsample scale={}".format, positive),
    st.builds("upsample size={}".format, symbolic),
    st.builds("lrn n={}".format, either),
    st.builds("attention key_channels={}".format, symbolic),
    st.builds("slice channels=0:{}".format, positive),
    st.builds("conv f=1 d=2*({}); channelshuffle g=2; gn g=2".format, symbolic),
    st.builds("fc d={}".format, either),
    st.sampled_from(["relu", "globalavgpool", "flatten", "pixelunshuffle factor=1", "bn"]),
)
INPUTS = st.sampled_from(["hxhx3", "(2*h-3)x(h+1)x3", "8x8xh", "(h-2)x8x4", "h"])
DECLARED = st.sampled_from(["[h]", "[h]", "{h: h}", "{h: k-4}", "{h: 25-k}", "{h: 2*k-7}"])


def described(declared: str, size: str, lines: list[str], *rest: str) -> Description:
    layers = "".join(f"  - {part}\n" for line in lines for part in line.split("; "))
    return read_text("\n".join((f"symbols: {declared}", f"input: {size}", *rest, f"layers:\n{layers}")))


def builds(description: Description, params: dict[str, object]) -> bool:
    try:
        build_graph(description, params=params)
    except DescriptionError:
        return False
    return True


def said(description: Description) -> list[int]:
    """The values of the one symbol among the first that the network is said to exist for."""
    (found,) = existence(build_graph(description)).values()
    return [value for value in VALUES if within(value, found.ranges)]


def within(value: int, ranges: tuple[ValueRange, ...] | None) -> bool:
    assert ranges is not None
    return any(one.meet(ValueRange(value, value)) for one in ranges)


def built(description: Description) -> list[int]:
    """Those with which it can be built, a number in place of the symbol."""
    (symbol,) = build_graph(description).symbols
    return [value for value in VALUES if builds(description, {symbol: value})]


# Networks of one symbol


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(DECLARED, INPUTS, st.lists(LINES, min_size=1, max_size=4))
@example("[h]", "hxhx3", ["pad p=2:-2"])
@example("[h]", "hxhx3", ["pad p=h-5:-2"])
@example("[h]", "hxhx3", ["pad p=9-h:-2"])
@example("[h]", "hxhx3", ["pad p=3 mode=reflect", "pad p=40 mode=circular"])
@example("[h]", "hxhx3", ["conv f=3 p=2 d=4 padding_mode=reflect"])
@example("[h]", "hxhx3", ["crop p=h-5"])
@example("[h]", "hxhx3", ["maxpool f=h-3 s=1"])
@example("[h]", "hxhx3", ["conv f=3 r=5-h p=same d=2"])
@example("[h]", "hxhx3", ["lrn n=h-4"])
@example("[h]", "h", ["pad channels=h-1:0"])
@example("[h]", "hxhx3", ["conv f=1 d=h**2-10*h+24"])
@example("{h: k-4}", "8x8x3", ["conv f=1 d=h+9"])
@example("{h: 5-k}", "8x8x3", ["relu"])
@example("{h: 1-k}", "8x8x3", ["relu"])
def test_a_network_is_said_to_exist_for_the_values_with_which_it_can_be_built(
    declared: str, size: str, lines: list[str]
) -> None:
    kept: list[str] = []
    for line in lines:
        # A line that symbols leave undecided says nothing of the others.
        if builds(described(declared, size, [*kept, line]), {}):
            kept.append(line)
    description = described(declared, size, kept or ["relu"])
    if builds(description, {}):
        assert said(description) == built(description)


def test_all_that_is_declared_must_be_possible() -> None:
    seen = described("[h]", "64x64x3", ["relu"], "object_size: h-5")
    assert said(seen) == built(seen) == list(range(6, 41))
    # A symbol that nothing uses is given a value that depends on another one.
    graph = build_graph(described("{h: 32+k}", "hxhx3", ["relu"]), params={"k": "j-3"})
    assert existence(graph)["j"].range == ValueRange(4, None)


# Networks of two symbols: what is said of each holds with every value of the other


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3), st.lists(LINES, min_size=1, max_size=3))
def test_what_is_said_of_two_symbols_holds_for_each_with_every_value_of_the_other(
    lines: list[str], others: list[str]
) -> None:
    kept: list[str] = []
    for line in [*lines, *(line.replace("h-", "w-").replace("*h", "*w") for line in others)]:
        if builds(described("[h, w]", "hxwx3", [*kept, line]), {}):
            kept.append(line)
    description = described("[h, w]", "hxwx3", kept or ["relu"])
    found = existence(build_graph(description))
    values = range(1, 13)
    if any(one.ranges is None for one in found.values()):
        return
    for h in values:
        for w in values:
            expected = within(h, found["h"].ranges) and within(w, found["w"].ranges)
            assert builds(description, {"h": h, "w": w}) == expected, (h, w)


def test_values_that_depend_on_each_other_are_said_to_do_so() -> None:
    found = existence(build_graph(described("[h, w]", "hxwx3", ["conv f=1 d=h-w", "pad p=-1"])))
    assert [one.ranges for one in found.values()] == [None, None]
    # Together with what one alone needs they need not depend on each other.
    found = existence(build_graph(described("[h, w]", "hxwx3", ["pad p=0:-2x0:-3", "flatten", "fc d=3"])))
    assert [one.range for one in found.values()] == [ValueRange(3, None), ValueRange(4, None)]


# The words


@pytest.mark.parametrize(
    ("line", "words", "chinese"),
    [
        ("relu", "any whole number from 1 up", "不小于1的任意整数"),
        (
            "pad p=-2",
            "any whole number from 5 up; with others the network cannot be built",
            "不小于5的任意整数；取其他值时网络无法构建",
        ),
        (
            "conv f=1 d=7-h",
            "any whole number from 1 to 6; with others the network cannot be built",
            "1到6的任意整数；取其他值时网络无法构建",
        ),
        (
            "conv f=1 d=(h-4)*(h-6)+1",
            "any whole number from 1 to 4 or from 6 up; with others the network cannot be built",
            "1到4或不小于6的任意整数；取其他值时网络无法构建",
        ),
        (
            "conv f=1 d=7-h; pad p=-4",
            "the network cannot be built with any whole number",
            "取任何整数时网络都无法构建",
        ),
    ],
)
def test_a_note_says_for_which_values_the_network_exists(line: str, words: str, chinese: str) -> None:
    graph = build_graph(described("[h]", "hxhx3", [line]))
    assert list(symbol_notes(graph, "en")) == [f"h: {words}"]
    assert list(symbol_notes(graph, "zh")) == [f"h：{chinese}"]


def test_many_ranges_are_not_listed_and_too_many_not_known() -> None:
    def waves(first: int, count: int) -> str:
        factors = "*".join(f"(h-{place})" for place in range(first, first + 4 * count, 2))
        return f"conv f=1 d={factors}+1"

    graph = build_graph(described("[h]", "hxhx3", [waves(3, 5)]))
    assert len(existence(graph)["h"].ranges or ()) == 6
    assert list(symbol_notes(graph, "en")) == [
        "h: any whole numbers from 1 up with which the network can be built"
    ]
    lines = [waves(3 + 24 * place, 6) for place in range(MOST_RANGES // 6 + 2)]
    assert existence(build_graph(described("[h]", "hxhx3", lines)))["h"].ranges is None


def test_values_that_take_too_long_to_find_are_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build_graph(described("[h]", "hxhx3", ["conv f=1 d=h**9-10**4*h**7+1"]))
    assert existence(graph)["h"].ranges == (ValueRange(100, None),)
    monkeypatch.setattr("rfcalc.symbolic.signs.MOST_WORK", 500)
    assert existence(graph)["h"].ranges is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv f=1 d=(h-4)*(h-6)+1", "the values of h for which the network exists are no range: "),
        ("conv f=1 d=7-h; pad p=-4", "the network exists for no value of h: "),
        (
            "lrn n=h-w",
            "depend on w as well: h - w must be at least 1",
        ),
    ],
)
def test_what_has_no_range_of_values_cannot_be_solved_for(line: str, message: str) -> None:
    symbols = "[h, w]" if "w" in line else "[h]"
    description = described(symbols, "hxhx3", [line, "globalavgpool", "conv f=1 d=h"])
    with pytest.raises(DescriptionError) as raised:
        solve(description, "params <= 1000")
    assert message in raised.value.diagnostics[0].message


def test_what_is_solved_for_is_built_at_both_ends() -> None:
    description = described("[h]", "hxhx1", ["pad p=3 mode=reflect", "conv f=1 d=1 bias=no"])
    found = solve(description, "macs <= 200")
    # (h + 6)² ≤ 200 up to h = 8; reflection by 3 needs 4 positions.
    assert (found.exists, found.holds) == (ValueRange(4, None), ValueRange(4, 8))
    assert all(one.analysed for one in found.certificates)
    assert not builds(description, {"h": 3})
