"""`[[ignores]]` of a configuration: what is meant in networks whose files hold no comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_runs import Runner, runner, write

# The biases of both units are cancelled; the kernel is large.
NET = """
input: 64x64x3
layers:
  - {do: [conv f=3 p=1 d=64, bn, relu], as: first}
  - {do: [conv f=3 p=1 d=64, bn, relu], as: second}
  - conv f=5 p=2 d=64
"""


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    monkeypatch.chdir(tmp_path)
    write({"nets/a.yaml": NET, "nets/b.yaml": NET})
    return runner(capsys, "--format", "concise", "--select", "RF401,RF501,RF901")


def stated(network: str = "nets/a.yaml", rules: str = '["RF501"]', more: str = "") -> None:
    write({"rfcalc.toml": f'[[ignores]]\nnetwork = "{network}"\nrules = {rules}\n{more}\n'})


def test_what_is_not_named_is_found(check: Runner) -> None:
    ran = check("nets/a.yaml")
    assert ran.found() == ["nets/a.yaml RF501", "nets/a.yaml RF401"]
    assert "the biases of 2 layers of 2 lines" in ran.out


@pytest.mark.parametrize(
    ("layer", "left", "ignored"),
    [
        ("", ["RF401"], 2),
        ('layer = "first"', ["RF501", "RF401"], 1),
        ('layer = "first.conv1"', ["RF501", "RF401"], 1),
        ('layer = "*.conv1"', ["RF401"], 2),
        ('layer = "**"', ["RF401"], 2),
    ],
)
def test_an_entry_holds_for_its_network_and_layers(
    check: Runner, layer: str, left: list[str], ignored: int
) -> None:
    stated(more=layer)
    ran = check("nets/a.yaml")
    assert ran.found() == [f"nets/a.yaml {code}" for code in left]
    assert f"; {ignored} ignored" in ran.out
    # Of one finding about both units what stands in the other one is left.
    assert ("nets/a.yaml:5:" in ran.out, "RF501 warning the bias is" in ran.out) == (ignored == 1,) * 2
    assert check("nets/b.yaml").found() == ["nets/b.yaml RF501", "nets/b.yaml RF401"]


def test_a_comment_and_an_entry_each_take_away_their_own_part(check: Runner) -> None:
    stated(more='layer = "second"')
    write({"nets/a.yaml": NET.replace("as: first}", "as: first}  # rfcalc: ignore[RF501] as published")})
    ran = check("nets/a.yaml")
    assert ran.found() == ["nets/a.yaml RF401"]
    assert "; 2 ignored" in ran.out


def test_rules_are_named_by_name_too_and_with_a_reason(check: Runner) -> None:
    stated(rules='["cancelled-bias", "RF401"]', more='reason = "the weights were trained so"')
    assert check("nets/a.yaml").found() == []


@pytest.mark.parametrize(
    ("network", "paths", "idle"),
    [
        ("nets/a.yaml", ["nets/a.yaml"], True),
        ("nets/a.yaml", ["nets/b.yaml"], False),
        ("nets/*.yaml", ["nets/a.yaml"], False),
        ("nets/*.yaml", ["nets/a.yaml", "nets/b.yaml"], True),
        ("*.yaml", ["nets"], True),
        ("nets/*", ["nets/a.yaml"], False),
        ("vgg16", ["nets/a.yaml"], False),
    ],
)
def test_one_that_ignores_nothing_in_all_its_files_is_found(
    check: Runner, network: str, paths: list[str], idle: bool
) -> None:
    stated(network, '["RF501"]', 'layer = "third"')
    ran = check(*paths)
    assert ("rfcalc.toml RF901" in ran.found()) is idle
    if idle:
        assert "rfcalc.toml:3:10: RF901 warning this ignore of RF501 ignores nothing" in ran.out


def test_it_is_not_said_of_rules_that_were_not_looked_for_nor_of_a_part(check: Runner) -> None:
    stated(rules='["RF502"]')
    assert "RF901" not in check("nets/a.yaml").out
    stated(more='layer = "second"')
    assert "RF901" not in check("nets/a.yaml", "--output", "first").out
    write({"nets/a.yaml": "layers: [cnov]\n"})
    assert "RF901" not in check("nets/a.yaml").out


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("[ignores]\n", "`ignores` is written as tables"),
        ('[[ignores]]\nrules = ["RF401"]\n', "an ignore names its networks"),
        ('[[ignores]]\nnetwork = "a"\n', "this ignore does not name the rules it ignores"),
        ('[[ignores]]\nnetwork = "a"\nrules = []\n', "this ignore does not name the rules it ignores"),
        ('[[ignores]]\nnetwork = "a"\nrules = ["RF4"]\n', "no rule is called 'RF4'"),
        ('[[ignores]]\nnetwork = "a"\nrules = ["RF900"]\n', "RF900 cannot be ignored"),
        ('[[ignores]]\nnetwork = "a"\nrules = ["RF401"]\nlayers = "b"\n', "an ignore has no key 'layers'"),
    ],
)
def test_a_wrong_entry_is_reported_with_its_place(check: Runner, entry: str, message: str) -> None:
    write({"rfcalc.toml": entry})
    ran = check("nets/a.yaml")
    assert ran.code == 2
    assert message in ran.err
    assert "rfcalc.toml:" in ran.err
