"""Which rules are looked for: what selectors mean, and which of two that fit a rule decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rfcalc.cli.configuration import Nearest, RuleSelection
from rfcalc.errors import Source, UsageError
from rfcalc.library import analyze, check, load, read_text
from rfcalc.lint.configuration.reader import read_configuration
from rfcalc.lint.registry import MODULE_OF, find_rule, selected, selectors

ALL = frozenset(MODULE_OF)
ASKED = frozenset(code for code in ALL if find_rule(code).asked)
UNASKED = ALL - ASKED


def chosen(*select: str, ignore: tuple[str, ...] = ()) -> frozenset[str]:
    return selected(selectors(select), selectors(ignore))


def family(start: str) -> frozenset[str]:
    return frozenset(code for code in ALL if code.startswith(start))


def test_everything_is_selected_unless_something_is_but_what_must_be_asked_for() -> None:
    assert sorted(ASKED) == ["RF403"]
    assert selected() == UNASKED
    assert selected(None, ("RF4",)) == UNASKED - family("RF4")
    assert selected(None, selectors("ALL")) == {"RF900"}


@pytest.mark.parametrize("word", ["ALL", "all", "RF4", "RF403", "odd-channels"])
def test_every_selector_that_fits_a_rule_asks_for_it(word: str) -> None:
    assert "RF403" in chosen(word)
    assert selected(None, (), selectors(word)) == ALL
    assert selected(None, ("RF403",), selectors(word)) == UNASKED
    assert chosen("ALL") == ALL


def test_the_library_looks_for_what_must_be_asked_for_when_it_is_named() -> None:
    net = read_text("input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=60\n  - relu\n  - conv f=1 d=10\n")
    assert check(net) == ()
    assert [finding.code for finding in check(net, select="ALL")] == ["RF403"]
    assert [finding.code for finding in check(net, select="odd-channels")] == ["RF403"]


@pytest.mark.parametrize("word", ["RF4", "rf4", " RF4 ", "RF401,RF402,RF403,RF404,RF405"])
def test_a_selector_is_a_beginning_of_codes(word: str) -> None:
    assert chosen(word) == family("RF4") | {"RF900"}


@pytest.mark.parametrize("word", ["RF401", "rf401", "large-kernel", "Large-Kernel"])
def test_a_selector_is_a_code_or_a_name(word: str) -> None:
    assert chosen(word) == {"RF401", "RF900"}
    assert find_rule(word).code == "RF401"


def test_what_cannot_be_built_is_always_reported() -> None:
    assert chosen("RF401", ignore=("ALL", "RF900")) == {"RF401", "RF900"}
    assert chosen(ignore=("ALL", "RF900")) == {"RF900"}


def test_the_longer_selector_decides() -> None:
    assert chosen("RF4", ignore=("RF401",)) == family("RF4") - {"RF401"} | {"RF900"}
    assert chosen("RF401", ignore=("RF4",)) == {"RF401", "RF900"}
    assert chosen("ALL", ignore=("RF4", "RF5")) == ALL - family("RF4") - family("RF5")
    assert chosen("ALL", "RF40", ignore=("RF4",)) == ALL


def test_a_name_counts_as_its_code() -> None:
    assert chosen("large-kernel", ignore=("RF40",)) == {"RF401", "RF900"}


def test_of_two_that_are_equally_long_the_one_that_ignores_decides() -> None:
    assert chosen("RF401", ignore=("RF401",)) == {"RF900"}
    assert chosen("ALL", ignore=("ALL",)) == {"RF900"}


def test_one_word_is_one_selector() -> None:
    assert selectors("large-kernel, RF5") == ("RF401", "RF5") == selectors(["large-kernel", "RF5"])
    net = read_text("input: 32x32x3\nlayers:\n  - conv f=7 d=16 bias=no\n  - conv f=3 d=16\n  - bn\n")
    assert {finding.code for finding in check(net, select="RF501")} == {"RF501"}
    assert check(net, select="RF501", ignore="RF501") == ()


@pytest.mark.parametrize("function", [analyze, check])
@pytest.mark.parametrize("wrong", [7, None])
def test_what_is_no_description_is_told_with_what_makes_one(
    function: Callable[[Any], object], wrong: object
) -> None:
    with pytest.raises(
        TypeError, match=r"expected a description, such as load\(\) returns, or what load\(\)"
    ):
        function(wrong)


def test_what_is_named_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - bn\n", encoding="utf-8")
    assert [found.code for found in check(file, select="RF501")] == ["RF501"]
    assert check(str(file), select="RF501") == check(load(file), select="RF501")


def test_empty_words_select_nothing() -> None:
    assert selectors(["", " , "]) == ()


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("RF499", "RF4 has RF401, RF402"),
        ("large-kernal", "did you mean 'large-kernel'?"),
        ("W", "`rfcalc rules` lists them"),
        ("pylint", "`rfcalc rules` lists them"),
    ],
)
def test_an_unknown_word_is_told_with_the_nearest(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        selectors([f"RF401,{word}"])
    assert repr(word) in str(error.value)
    assert hint in str(error.value)


# What the command line says outdoes a configuration; without one, everything is looked for.


def on_the_command_line(*, select: str = "", ignore: str = "", extend: str = "") -> frozenset[str]:
    return RuleSelection([select], [ignore], [extend]).codes(None, "net.yaml")


def test_the_command_line_selects_of_everything() -> None:
    assert on_the_command_line() == UNASKED
    assert on_the_command_line(select="ALL") == on_the_command_line(extend="ALL") == ALL
    assert on_the_command_line(extend="RF403") == UNASKED | {"RF403"}
    assert on_the_command_line(select="RF4") == family("RF4") | {"RF900"}
    assert on_the_command_line(ignore="RF4") == UNASKED - family("RF4")
    assert on_the_command_line(ignore="RF4", extend="RF401") == UNASKED - family("RF4") | {"RF401"}
    assert on_the_command_line(select="RF4", extend="RF501") == family("RF4") | {"RF501", "RF900"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", False),
        ('ignore = ["RF403"]\nextend-select = ["RF4"]\n', False),
        ('select = ["RF403"]\n', True),
        ('select = ["ALL"]\n', True),
        ('extend-select = ["RF403"]\n', True),
    ],
)
def test_a_configuration_asks_for_what_must_be_asked_for(text: str, asked: bool) -> None:
    configuration = read_configuration(Source("rfcalc.toml", text), pyproject=False)
    assert configuration is not None
    nearest = Nearest(configuration, ".")
    assert ("RF403" in RuleSelection([], [], []).codes(nearest, "net.yaml")) is asked
    assert "RF403" in RuleSelection([], [], ["RF403"]).codes(nearest, "net.yaml")
    assert "RF403" not in RuleSelection([], ["RF403"], []).codes(nearest, "net.yaml")


@pytest.mark.parametrize(
    ("select", "extend", "there", "elsewhere"),
    [
        ("", "", {"RF402"}, {"RF401", "RF402"}),
        ("RF4", "", family("RF4") - {"RF401"}, family("RF4")),
        ("", "RF4", family("RF4") - {"RF401"}, family("RF4")),
        ("", "RF401", {"RF402"}, {"RF401", "RF402"}),
        ("RF5", "RF401", family("RF5"), family("RF5") | {"RF401"}),
    ],
)
def test_what_is_ignored_at_a_path_is_ignored_however_it_was_selected(
    select: str, extend: str, there: set[str], elsewhere: set[str]
) -> None:
    text = 'select = ["RF401", "RF402"]\n[per-path-ignores]\n"old/*" = ["RF401"]\n'
    configuration = read_configuration(Source("rfcalc.toml", text), pyproject=False)
    assert configuration is not None
    selection = RuleSelection([select], [], [extend])
    assert selection.codes(Nearest(configuration, "."), "old/a.yaml") == there | {"RF900"}
    assert selection.codes(Nearest(configuration, "."), "new/a.yaml") == elsewhere | {"RF900"}
