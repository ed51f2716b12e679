"""The baseline file: what it keeps, that it reads back, and what is wrong with a damaged one."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError, Source
from rfcalc.library import analyze, load, read_text
from rfcalc.lint.budgets.baseline import (
    Baseline,
    BaselineEntry,
    baseline_text,
    entry_of,
    read_baseline,
    updated,
)
from rfcalc.lint.checking import stale

EMPTY = '{"schema": "rfcalc.baseline/1", "networks": {}}'
# 27 · 16 + 16 parameters and 30 · 30 · 16 elements; bias and relu are other work of one operation each.
NET = "input: 32x32x3\nlayers:\n  - conv f=3 d=16 as stem\n  - relu as act\n  - dropout as drop\n"
STEM = {"params": 448, "macs": 388_800, "other_ops": 14_400, "activations": 14_400}
ACT = {"other_ops": 14_400, "activations": 14_400}


def baseline(text: str) -> Baseline:
    return read_baseline(Source("base.json", text))


def with_entry(entry: object, path: str = "a.yaml") -> str:
    return json.dumps({"schema": "rfcalc.baseline/1", "networks": {path: entry}})


def everything(path: str) -> bool:
    return True


# What is kept


def test_an_entry_keeps_the_figures_of_the_network_and_of_each_layer() -> None:
    entry = entry_of(analyze(read_text(NET)))
    assert entry.figures == {
        "params": 448,
        "macs": 388_800,
        "other_ops": 28_800,
        "activations": 43_200,
        "layers": 3,
        "depth": 1,
    }
    # What is 0 is left out, so that a layer without parameters has none in the file.
    assert entry.layers == {"stem": STEM, "act": ACT, "drop": {"activations": 14_400}}
    assert entry.missing == ()


def test_the_figures_of_the_layers_add_up_to_those_of_the_network() -> None:
    for name in ("vgg16", "resnet50", "unet", "wavenet"):
        entry = entry_of(analyze(load(name)))
        for figure in ("params", "macs", "other_ops", "activations"):
            assert sum(layer.get(figure, 0) for layer in entry.layers.values()) == entry.figures[figure]


def test_what_depends_on_a_symbol_is_left_out_and_said() -> None:
    entry = entry_of(analyze(load("conv7x7")))
    # 49C² weights, 49C²HW multiply-adds, and twice HWC elements, those of relu by one operation each.
    assert entry.missing == ("params", "macs", "other_ops", "activations")
    assert entry.figures == {"layers": 2, "depth": 1}
    text = baseline_text(Baseline(Source("", ""), {"conv7x7": entry}))
    assert baseline(text).entries["conv7x7"] == entry


# The file


def test_a_baseline_reads_back_and_is_written_the_same_again() -> None:
    entries = {name: entry_of(analyze(load(name))) for name in ("vgg16", "alexnet", "resnet18", "conv7x7")}
    text = baseline_text(Baseline(Source("base.json", ""), entries))
    again = baseline(text)
    assert again.entries == entries
    assert baseline_text(again) == text
    assert json.loads(text)["networks"]["alexnet"]["figures"]["params"] == 62_378_344


def test_paths_are_sorted_layers_stay_in_order_and_each_is_a_line_of_its_own() -> None:
    entry = entry_of(analyze(read_text(NET)))
    lines = baseline_text(Baseline(Source("", ""), {"b.yaml": entry, "a.yaml": entry})).splitlines()
    assert [line.strip() for line in lines if ".yaml" in line] == ['"a.yaml": {', '"b.yaml": {']
    assert [line.split(":")[0].strip() for line in lines[7:10]] == ['"stem"', '"act"', '"drop"']
    assert "\n".join(lines).isascii()


def test_an_empty_baseline_can_be_written_and_read() -> None:
    text = baseline_text(Baseline(Source("base.json", "")))
    assert baseline(text).entries == {}


def test_a_path_of_any_characters_reads_back() -> None:
    entries = {
        path: BaselineEntry({"params": 1}, {}) for path in ('a"b.yaml', "网.yaml", "a\nb", "\u2028", "")
    }
    assert baseline(baseline_text(Baseline(Source("", ""), entries))).entries == entries


def test_line_ends_and_a_byte_order_mark_are_no_difference() -> None:
    text = baseline_text(Baseline(Source("", ""), {"a.yaml": entry_of(analyze(read_text(NET)))}))
    for other in (text.replace("\n", "\r\n"), f"\ufeff{text}"):
        # What is written is what the file says, so that it is not written.
        assert baseline(other).source.text == text == baseline_text(baseline(other))
    with pytest.raises(DescriptionError) as caught:
        baseline("\ufeff{,}")
    place = caught.value.diagnostics[0].position
    assert place is not None
    assert place.source.line(place.line)[place.column - 1] == ","


# Updates


def test_an_update_keeps_what_was_not_checked_and_drops_what_is_gone() -> None:
    one, two = BaselineEntry({"params": 1}, {}), BaselineEntry({"params": 2}, {})
    before = Baseline(Source("", ""), {"checked.yaml": one, "other.yaml": one, "gone.yaml": one})
    after = updated(before, {"checked.yaml": two, "new.yaml": two}, lambda path: path == "other.yaml")
    assert after.entries == {"checked.yaml": two, "new.yaml": two, "other.yaml": one}


def test_an_entry_whose_network_is_there_is_not_stale() -> None:
    assert stale(baseline(with_entry({"figures": {}, "layers": {}})), everything) == ()


def test_an_entry_whose_network_is_gone_is_told_at_its_line_with_the_command_that_drops_it() -> None:
    entries = {
        path: entry_of(analyze(read_text(NET))) for path in ("nets/b.yaml", "nets/a.yaml", "kept.yaml")
    }
    written = baseline(baseline_text(Baseline(Source("", ""), entries)))
    found = stale(written, lambda path: path == "kept.yaml", lambda path: f"to drop {path}: rfcalc check")
    assert [finding.severity for finding in found] == ["warning"] * 2
    assert "'nets/a.yaml'" in found[0].message
    assert found[0].hint == "to drop nets/a.yaml: rfcalc check"
    place = found[1].position
    assert place is not None
    assert place.source.line(place.line)[place.column - 1 : place.end - 1] == '"nets/b.yaml"'


# Damage


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no JSON: expecting value"),
        ("{", "this is no JSON: "),
        (EMPTY + "x", "this is no JSON: extra data"),
        ("[]", "expected an object, got a list"),
        ("3", "expected an object, got a number"),
        ("{}", "expected a baseline with the schema 'rfcalc.baseline/1', found none"),
        ('{"schema": "rfcalc.baseline/2"}', "expected a baseline with the schema 'rfcalc.baseline/1', found"),
        ('{"schema": "rfcalc.baseline/1"}', "expected an object in 'networks', got nothing"),
        (EMPTY[:-1] + ', "netwroks": 3}', "unknown key 'netwroks'"),
        (with_entry([]), "expected an object in 'a.yaml', got a list"),
        (with_entry({}), "expected an object in 'a.yaml', got nothing"),
        (with_entry({"figures": {}, "layer": {}}), "unknown key 'layer' in the entry of 'a.yaml'"),
        (
            with_entry({"figures": {"parms": 3}, "layers": {}}),
            "unknown figure 'parms' in the entry of 'a.yaml'",
        ),
        (
            with_entry({"figures": {"params": -3}, "layers": {}}),
            "params in the entry of 'a.yaml' is no whole",
        ),
        (
            with_entry({"figures": {"params": 1.5}, "layers": {}}),
            "params in the entry of 'a.yaml' is no whole",
        ),
        (
            with_entry({"figures": {"params": True}, "layers": {}}),
            "params in the entry of 'a.yaml' is no whole",
        ),
        (
            with_entry({"figures": {}, "layers": {"a": {"macs": "1"}}}),
            "macs in the entry of 'a.yaml' is no whole",
        ),
        (with_entry({"figures": {}, "layers": {"a": 3}}), "expected an object in 'a.yaml', got a number"),
        (with_entry({"figures": {}, "layers": {}, "missing": ["x"]}), "the missing figures of 'a.yaml'"),
        (with_entry({"figures": {}, "layers": {}, "missing": [[]]}), "the missing figures of 'a.yaml'"),
        ('{"schema": 1, "schema": 2}', "'schema' is there twice"),
        ("[" * 200_000, "the baseline nests too deeply"),
        ('{"schema": NaN}', "a number in the baseline is none that a figure can be"),
        ('{"schema": ' + "9" * 5000 + "}", "a number in the baseline is none that a figure can be"),
    ],
)
def test_a_damaged_baseline_is_refused_with_a_place(text: str, message: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        baseline(text)
    (mistake,) = caught.value.diagnostics
    assert mistake.message.startswith(message)
    assert mistake.position is not None
    assert mistake.hint


def test_a_conflict_of_a_merge_is_told_at_its_line() -> None:
    lines = baseline_text(
        Baseline(Source("", ""), {"a.yaml": entry_of(analyze(read_text(NET)))})
    ).splitlines()
    lines.insert(5, "<<<<<<< ours")
    with pytest.raises(DescriptionError) as caught:
        baseline("\n".join(lines))
    (mistake,) = caught.value.diagnostics
    assert mistake.position is not None
    assert mistake.position.line == 6


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["schema", "networks", "figures", "layers", "missing", "params", "a"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.text() | VALUES.map(json.dumps) | VALUES.map(with_entry))
@example('{"schema": "rfcalc.baseline/1", "networks": {"\\ud800": {"figures": {}, "layers": {}}}}')
@settings(max_examples=400, deadline=None)
def test_no_text_is_more_than_a_baseline_or_a_mistake(text: str) -> None:
    try:
        found = baseline(text)
    except DescriptionError as error:
        assert str(error)
    else:
        assert baseline(baseline_text(found)).entries == found.entries
        stale(found, lambda path: False)
