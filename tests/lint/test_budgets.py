"""Budgets: absolute limits, and limits of growth against what was accepted before."""

from __future__ import annotations

import pytest

from rfcalc.analysis.figures import network_count
from rfcalc.errors import DescriptionError, Source
from rfcalc.library import analyze, read_text
from rfcalc.lint.budgets.baseline import BaselineEntry, Previous, entry_of
from rfcalc.lint.budgets.budget import Budget
from rfcalc.lint.checking import run_rules
from rfcalc.lint.configuration.reader import read_configuration
from rfcalc.lint.finding import Finding
from rfcalc.lint.rule import Subject

CODES = ("RF301", "RF302", "RF303", "RF304", "RF305")
# 448 and 2,320 parameters; 388,800 and 1,806,336 MACs; 30x30x16 and 28x28x16 elements.
NET = "input: 32x32x3\nlayers:\n  - conv f=3 d=16 as one\n  - conv f=3 d=16 as two\n"
# One output channel more in the second: 9 · 16 + 1 parameters and 28 · 28 · 144 MACs more.
GROWN = NET.replace("d=16 as two", "d=17 as two")
# Three layers of one line, 4 · 4 · 9 + 4 = 148 parameters each.
TURNS = "input: 16x16x4\nlayers:\n  - {repeat: 3, do: [conv f=3 p=1 d=4], as: stage}\n  - conv f=3 p=1 d=8\n"


def budgets(*lines: str) -> tuple[Budget, ...]:
    """The budgets of a configuration with one entry for all networks."""
    text = "\n".join(['[[budgets]]\nnetwork = "nets/*"', *lines])
    found = read_configuration(Source("rfcalc.toml", text), pyproject=False)
    assert found is not None
    return found.budgets


def previous(text: str) -> Previous:
    return Previous(
        entry_of(analyze(read_text(text))), "base.json", "rfcalc check --update-baseline nets/a.yaml"
    )


def findings(text: str, held: tuple[Budget, ...], before: Previous | None = None) -> tuple[Finding, ...]:
    description = read_text(text, "nets/a.yaml")
    subject = Subject(description.network, analyze(description), held, before)
    return run_rules(subject, CODES)


def line(finding: Finding) -> int:
    assert finding.position is not None
    assert finding.position.source.name == "nets/a.yaml"
    return finding.position.line


def notes(finding: Finding) -> list[tuple[str, str, int]]:
    return [(note.position.source.name, note.message, note.position.line) for note in finding.related]


# Absolute limits


@pytest.mark.parametrize(
    "require",
    ["params <= 2768", "params <= 3K and macs < 3M", "share(one, params) < 20%", "receptive_field >= 5"],
)
def test_a_network_within_its_budget_is_silent(require: str) -> None:
    assert findings(NET, budgets(f'require = ["{require}"]')) == ()


def test_a_figure_past_its_budget_is_told_at_the_line_that_has_most_of_it() -> None:
    (finding,) = findings(NET, budgets('require = ["macs <= 3M", "params <= 2K"]'))
    assert (finding.code, finding.severity, finding.layer) == ("RF303", "error", "two")
    assert line(finding) == 4
    assert finding.message == "params <= 2K does not hold: params is 2,768, 768 more (+38.4 %)"
    assert finding.promise == "params <= 2K"
    assert finding.hint == "the largest part is in two: 2,320 parameters"
    # The budget's own line, and the further layers.
    assert notes(finding) == [
        ("rfcalc.toml", "a budget of nets/*", 3),
        ("nets/a.yaml", "one: 448 parameters", 3),
    ]
    budget = finding.related[0].position
    assert budget.source.line(budget.line)[budget.column - 1 : budget.end - 1] == "params <= 2K"


def test_layers_of_one_line_are_one_place_to_mend() -> None:
    # The line in the repeat has 3 · 148 = 444 parameters, the last one 4 · 8 · 9 + 8 = 296.
    (finding,) = findings(TURNS, budgets('require = ["params <= 500"]'))
    assert line(finding) == 3
    assert finding.hint == "the largest part is in stage.0.conv1 and 2 more of its line: 444 parameters"
    assert notes(finding)[1] == ("nets/a.yaml", "conv1: 296 parameters", 4)


def test_what_has_little_of_a_figure_is_not_told() -> None:
    # 20,000 of 20,448 and 448, which is 2.2 %.
    text = "input: 32x32x3\nlayers:\n  - conv f=3 d=16 as one\n  - conv f=1 d=1176 as two\n"
    (finding,) = findings(text, budgets('require = ["params <= 1K"]'))
    assert finding.hint == "the largest part is in two: 19,992 parameters"
    assert [message for _, message, _ in notes(finding)] == ["a budget of nets/*"]
    # Many that have little each may have much together, and are counted.
    small = "".join(f"  - conv f=1 d=3 as c{place}\n" for place in range(40))
    text = f"input: 8x8x3\nlayers:\n{small}  - conv f=1 d=100 as big\n  - conv f=1 d=1 as end\n"
    (finding,) = findings(text, budgets('require = ["params <= 10"]'))
    assert finding.hint == "the largest part is in big: 400 parameters"
    assert [message for _, message, _ in notes(finding)][1:] == ["end: 101 parameters; and 40 more"]


def test_a_twentieth_of_a_figure_is_told_and_less_is_not_counted() -> None:
    # 95 of 100 and 5; then 90, 10, and 4 of 104.
    text = "input: 8x8x4\nlayers:\n  - conv f=1 d=19 as big\n  - conv f=1 d=1 as end from=input\n"
    (finding,) = findings(text, budgets('require = ["params <= 10"]'))
    assert [message for _, message, _ in notes(finding)][1:] == ["end: 5 parameters"]
    text = "input: 8x8x4\nlayers:\n  - conv f=1 d=18 as big\n  - conv f=1 d=2 as mid from=input\n"
    (finding,) = findings(
        f"{text}  - conv f=1 d=1 bias=no from=input\n", budgets('require = ["params <= 10"]')
    )
    assert [message for _, message, _ in notes(finding)][1:] == ["mid: 10 parameters"]


def test_a_promise_that_is_broken_names_the_largest_part_too() -> None:
    (finding,) = findings(f"{NET}check: [params <= 2K]\n", ())
    assert (finding.code, line(finding)) == ("RF301", 5)
    assert notes(finding) == [("nets/a.yaml", "the largest part is in two: 2,320 parameters", 4)]
    # Of what is too little none is the cause, and of one layer all is.
    (finding,) = findings(f"{NET}check: [params >= 5K]\n", ())
    assert notes(finding) == []
    (finding,) = findings(f"{NET}check: [params(one) <= 5]\n", ())
    assert [message for _, message, _ in notes(finding)] == ["the largest part is in one: 448 parameters"]


def test_at_most_five_further_lines_are_told_and_how_many_more_there_are() -> None:
    text = "input: 64x64x4\nlayers:\n" + "  - conv f=1 d=4\n" * 9
    (finding,) = findings(text, budgets('require = ["params <= 1"]'))
    assert len(finding.related) == 6
    assert finding.related[-1].message == "conv6: 20 parameters; and 3 more"


def test_a_share_is_blamed_on_the_layers_it_is_of() -> None:
    (finding,) = findings(NET, budgets('require = ["share(one, params) < 10%"]'))
    assert (finding.layer, line(finding)) == ("one", 3)
    assert "share(one, params) is 16.2 %, 6.2 percentage points more" in finding.message


def test_a_figure_that_is_too_small_is_blamed_on_no_layer() -> None:
    (finding,) = findings(NET, budgets('require = ["params >= 3K"]'))
    assert (finding.code, finding.layer, finding.hint) == ("RF303", "", "")


def test_a_field_past_its_budget_is_told_at_its_layer() -> None:
    (finding,) = findings(NET, budgets('require = ["receptive_field(*) <= 4"]'))
    assert (finding.layer, line(finding)) == ("two", 4)


def test_a_budget_that_cannot_be_evaluated_is_an_error() -> None:
    found = findings(NET, budgets('require = ["params(fc*) < 50", "parms < 3"]'))
    assert [(finding.code, finding.severity) for finding in found] == [("RF302", "error")] * 2
    told = {finding.message for finding in found}
    assert "params(fc*) < 50 cannot be evaluated: no layer fits 'fc*'" in told
    assert all(notes(finding)[0][:2] == ("rfcalc.toml", "a budget of nets/* says so") for finding in found)


def test_a_promise_of_the_description_is_no_budget() -> None:
    found = findings(f"{NET}check: [params <= 2K]\n", budgets('require = ["params <= 2K"]'))
    assert sorted(finding.code for finding in found) == ["RF301", "RF303"]


# Growth


@pytest.mark.parametrize(
    ("increase", "text"),
    [
        ('"0%"', NET),
        # 145 of 2,768 parameters are 5.24 %; 112,896 of 2,195,136 MACs are 5.14 %; 784 of 26,944 elements.
        ('"6%"', GROWN),
        ('{params = "145", macs = "112896"}', GROWN),
        ('{layers = 0, depth = "0%"}', GROWN),
    ],
)
def test_growth_within_its_limit_is_silent(increase: str, text: str) -> None:
    assert findings(text, budgets(f"max_increase = {increase}"), previous(NET)) == ()


def test_shrinking_is_allowed() -> None:
    assert findings(NET, budgets('max_increase = "0%"'), previous(GROWN)) == ()


def test_growth_past_its_limit_is_told_with_old_new_limit_and_cause() -> None:
    (finding,) = findings(GROWN, budgets('max_increase = {params = "5%"}'), previous(NET))
    assert (finding.code, finding.severity, finding.layer) == ("RF304", "error", "two")
    # 2,768 · 1.05 = 2,906.4.
    assert finding.message == (
        "params grows from 2,768 to 2,913 against base.json: 145 more (+5.2 %), where 2,906 are allowed "
        "(+5%); two: 2,320 → 2,465"
    )
    assert finding.hint == "to accept the new figures: rfcalc check --update-baseline nets/a.yaml"
    assert finding.promise == "max_increase of params: 5%"
    assert (finding.figures["before"], finding.figures["after"], finding.figures["allowed"]) == (
        2768,
        2913,
        2906,
    )
    assert notes(finding) == [("rfcalc.toml", "a budget of nets/*", 3)]


def test_a_share_of_growth_is_exact() -> None:
    # 20 · 5 = 100 weights, and one for each factor: 29 % of 100 are 29, though 100 · 0.29 is 28.999…
    text = "input: 20\nlayers:\n  - fc d=5 bias=no\n"
    held = budgets('max_increase = {params = "29%"}')
    grown = {count: text + "  - scale shared=yes\n" * count for count in (29, 30)}
    assert network_count("params", analyze(read_text(grown[29]))) == 129
    assert findings(grown[29], held, previous(text)) == ()
    (finding,) = findings(grown[30], held, previous(text))
    assert (
        "from 100 to 130 against base.json: 30 more (+30.0 %), where 129 are allowed (+29%)"
        in finding.message
    )


def test_an_absolute_limit_of_growth_is_exact() -> None:
    assert findings(GROWN, budgets("max_increase = {params = 145}"), previous(NET)) == ()
    (finding,) = findings(GROWN, budgets('max_increase = {params = "144"}'), previous(NET))
    assert "2,912 are allowed (+144)" in finding.message


def test_new_layers_are_told_as_new_and_the_one_that_grew_most_comes_first() -> None:
    text = f"{GROWN}  - conv f=1 d=100 as three\n"
    (finding,) = findings(text, budgets('max_increase = {params = "0%"}'), previous(NET))
    # 17 · 100 + 100 parameters of the new layer, 145 of the second.
    assert (finding.layer, line(finding)) == ("three", 5)
    assert finding.message.endswith("; three: 1,800, new")
    assert notes(finding)[1] == ("nets/a.yaml", "two: 2,320 → 2,465", 4)


def test_lines_may_move_and_layers_keep_their_names() -> None:
    moved = "# a comment\n\n" + GROWN.replace(
        "  - conv f=3 d=16 as one\n", "  - conv f=3 d=16 as one\n  - relu\n"
    )
    (finding,) = findings(moved, budgets('max_increase = {params = "0%"}'), previous(NET))
    assert (finding.layer, line(finding)) == ("two", 7)


UNNAMED = "input: 32x32x4\nlayers:\n" + "".join(f"  - conv f=3 p=1 d={d}\n  - relu\n" for d in (4, 8, 8, 16))


def test_a_new_unnamed_layer_is_the_cause_though_it_renumbers_those_behind_it() -> None:
    text = UNNAMED.replace(
        "  - conv f=3 p=1 d=8\n", "  - conv f=5 p=2 d=4\n  - relu\n  - conv f=3 p=1 d=8\n", 1
    )
    (finding,) = findings(text, budgets('max_increase = {params = "0%"}'), previous(UNNAMED))
    # 5 · 5 · 4 · 4 weights and 4 biases; conv3 to conv5 are what conv2 to conv4 were.
    assert finding.figures["layers"] == {"conv2": 404}
    assert (finding.layer, line(finding)) == ("conv2", 5)
    assert finding.message.endswith("; conv2: 404, new")


def test_a_layer_that_has_grown_behind_a_new_one_is_told_with_what_it_was() -> None:
    text = UNNAMED.replace("d=16", "d=32").replace("layers:\n", "layers:\n  - conv f=1 d=4\n")
    (finding,) = findings(text, budgets('max_increase = {params = "0%"}'), previous(UNNAMED))
    # 9 · 8 · 16 + 16 = 1,168 and 2,336; 4 · 4 + 4 = 20.
    assert finding.figures["layers"] == {"conv5": 1168, "conv1": 20}
    assert "conv5: 1,168 → 2,336" in finding.message
    # 20 of 1,188 are no cause worth a word.
    assert [message for _, message, _ in notes(finding)][1:] == []


def test_another_input_changes_every_layer_and_each_is_told_against_itself() -> None:
    text = UNNAMED.replace("32x32x4", "64x64x4")
    (finding,) = findings(text, budgets('max_increase = {activations = "0%"}'), previous(UNNAMED))
    # A conv and a relu of 32 x 32 x 16 elements have four times as many; the first cause is the earlier.
    assert "conv4: 16,384 → 65,536" in finding.message


def test_layers_that_change_places_are_what_they_were() -> None:
    text = (
        NET.replace("d=16 as one", "d=16 as 1")
        .replace("d=16 as two", "d=16 as one")
        .replace("as 1", "as two")
    )
    swapped = budgets('max_increase = {layers = 0, params = "0%"}')
    assert findings(text, swapped, previous(NET)) == ()


def test_a_deeper_network_is_told_at_the_new_layers_of_its_longest_path() -> None:
    text = f"{NET}  - conv f=1 d=4 as three\n"
    found = findings(text, budgets("max_increase = {depth = 0, layers = 0}"), previous(NET))
    by_figure = {finding.figures["figure"]: finding for finding in found}
    assert "depth grows from 2 to 3 against base.json: 1 more (+50.0 %)" in by_figure["depth"].message
    assert by_figure["depth"].message.endswith("where 2 are allowed (+0); three: 1 new")
    assert (by_figure["depth"].layer, line(by_figure["depth"])) == ("three", 5)
    assert by_figure["layers"].message.endswith("three: 1 new")


def test_only_the_longest_path_makes_a_network_deeper() -> None:
    # Of two branches one grows from 1 layer with weights to 2, the other from 1 to 4; relu has none.
    text = "input: 8x8x4\nlayers:\n  - add:\n      - [conv f=1 d=4 as a{}]\n      - [conv f=1 d=4 as b{}]\n"
    more = ", relu as r, conv f=1 d=4 as b2, conv f=1 d=4 as b3, conv f=1 d=4 as b4"
    held = budgets("max_increase = {depth = 1}")
    assert findings(text.format(", conv f=1 d=4 as a2", ""), held, previous(text.format("", ""))) == ()
    (finding,) = findings(text.format(", conv f=1 d=4 as a2", more), held, previous(text.format("", "")))
    assert finding.figures["layers"] == {"b2": 1, "b3": 1, "b4": 1}
    assert (line(finding), finding.message.endswith("; b2: 1 new")) == (5, True)


def test_all_costs_are_limited_where_no_figure_is_named() -> None:
    found = findings(GROWN, budgets('max_increase = "1%"'), previous(NET))
    assert {finding.figures["figure"] for finding in found} == {"params", "macs", "other_ops", "activations"}


# What there is nothing to compare with


def test_a_network_without_an_entry_is_an_info_and_no_pass_in_silence() -> None:
    nothing = Previous(None, "base.json", "rfcalc check --update-baseline nets/a.yaml")
    (finding,) = findings(NET, budgets('max_increase = "0%"'), nothing)
    assert (finding.code, finding.severity) == ("RF305", "info")
    assert "base.json has nothing of this network" in finding.message
    assert finding.hint == "to record it: rfcalc check --update-baseline nets/a.yaml"


def test_limits_of_growth_without_a_baseline_are_an_info() -> None:
    (finding,) = findings(NET, budgets('max_increase = "0%"'))
    assert (finding.code, finding.severity) == ("RF305", "info")
    assert "there is no baseline to compare with" in finding.message


def test_a_figure_that_was_not_recorded_is_an_info() -> None:
    before = Previous(BaselineEntry({"params": 2768}, {}, ("macs",)), "base.json", "")
    (finding,) = findings(NET, budgets('max_increase = {params = "0%", macs = "0%"}'), before)
    assert finding.code == "RF305"
    assert "no figure of this network for macs: it was not known" in finding.message


def test_a_network_without_limits_needs_no_entry() -> None:
    assert findings(NET, (), Previous(None, "base.json", "")) == ()
    assert findings(NET, budgets('require = ["params < 3K"]')) == ()


def test_a_figure_with_a_symbol_cannot_be_limited_in_growth() -> None:
    text = "input: 8x8xC\nsymbols: [C]\nlayers:\n  - conv f=3 d=4\n"
    found = findings(text, budgets('max_increase = {params = "0%", depth = 0}'), previous(text))
    (finding,) = found
    assert finding.code == "RF302"
    assert finding.message == "max_increase of params: 0% cannot be evaluated: params depends on C"


def test_a_layer_that_uses_the_weights_of_another_adds_none() -> None:
    shared = f"{NET}  - conv f=3 d=16 weights=two\n"
    assert findings(shared, budgets('max_increase = {params = "0%"}'), previous(NET)) == ()


@pytest.mark.slow
def test_a_network_of_very_many_layers_is_compared_in_time() -> None:
    text = "input: 8x8x4\nlayers:\n  - {repeat: 20000, do: [conv f=3 p=1 d=4], as: stage}\n"
    analysis = analyze(read_text(text))
    assert network_count("params", analysis) == 20_000 * 148
    before = Previous(entry_of(analysis), "base.json", "")
    grown = text.replace("20000", "20001")
    (finding,) = findings(
        grown, budgets('max_increase = {params = "0%"}', 'require = ["layers(stage.*) > 3"]'), before
    )
    assert finding.message.endswith("stage.20000.conv1: 148, new")


def test_a_budget_with_a_mistake_is_no_budget() -> None:
    with pytest.raises(DescriptionError):
        budgets('require = ["params <="]')
