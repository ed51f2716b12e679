"""`rfcalc check` with a configuration and a baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from check_runs import Runner, runner, write

# 3 · 3 · 16 · 16 weights and 16 biases: 2,320 parameters; with 24 channels 3,480.
NET = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16 as one\n  - relu\n"
GROWN = NET.replace("d=16", "d=24")
LARGE = "input: 32x32x16\nlayers:\n  - conv f=5 p=2 d=16\n  - relu\n"
BIAS = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n  - bn\n"
GROWTH = '[[budgets]]\nnetwork = "nets/*.yaml"\nmax_increase = {params = "2%"}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys, "--format", "concise")


# Which configuration holds


def test_the_nearest_configuration_holds_for_each_file(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": 'select = ["RF401"]\n',
            "a.yaml": LARGE,
            "sub/deep/b.yaml": LARGE,
            "other/pyproject.toml": '[tool.rfcalc]\nselect = ["RF501"]\n',
            "other/c.yaml": LARGE,
            "other/d.yaml": BIAS,
        }
    )
    assert check().found() == ["a.yaml RF401", "other/d.yaml RF501", "sub/deep/b.yaml RF401"]


def test_a_pyproject_without_the_table_is_passed_by_and_rfcalc_toml_comes_first(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": 'select = ["RF401"]\n',
            "one/pyproject.toml": '[project]\nname = "rfcalc-nets"\n',
            "one/a.yaml": LARGE,
            "two/pyproject.toml": "not toml at all\n",
            "two/b.yaml": LARGE,
            "three/pyproject.toml": '[tool.rfcalc]\nselect = ["RF501"]\n',
            "three/rfcalc.toml": 'select = ["RF401"]\n',
            "three/c.yaml": LARGE,
        }
    )
    assert check().found() == ["one/a.yaml RF401", "three/c.yaml RF401", "two/b.yaml RF401"]


def test_a_configuration_that_is_named_holds_for_everything_and_none_may_be_read(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": 'select = ["RF401"]\n',
            "else/x.toml": 'select = ["RF501"]\n',
            "a.yaml": LARGE,
            "b.yaml": BIAS,
        }
    )
    assert check("--config", "else/x.toml").found() == ["b.yaml RF501"]
    assert {"a.yaml RF401", "b.yaml RF501"} <= set(check("--no-config").found())


def test_a_shipped_network_and_standard_input_have_the_configuration_of_the_current_folder(
    check: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    write({"rfcalc.toml": 'select = ["RF402"]\n', "sub/rfcalc.toml": 'select = ["RF401"]\n'})
    assert check("vgg16").found() == ["vgg16 RF402"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LARGE.encode())))
    assert check("-").found() == []
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LARGE.encode())))
    assert check("-", "--stdin-filename", "sub/net.yaml").found() == ["sub/net.yaml RF401"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selects = []\n", "rfcalc.toml:1:1: error: "),
        ('select = ["RF499"]\n', "no rule is selected by 'RF499'"),
        ("select = [\n", "this is no TOML"),
    ],
)
def test_a_mistake_in_a_configuration_stops_the_run(check: Runner, text: str, message: str) -> None:
    write({"rfcalc.toml": text, "a.yaml": LARGE})
    ran = check()
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_a_configuration_that_is_no_text_or_says_nothing_is_told(check: Runner) -> None:
    write({"a.yaml": LARGE, "pyproject.toml": "[project]\n"})
    assert "has no table [tool.rfcalc]" in check("--config", "pyproject.toml").err
    Path("rfcalc.toml").write_bytes(b"select = []\n# \xc3\xa9\xff")
    ran = check()
    assert (ran.code, "rfcalc.toml:2:4: error: not a text in UTF-8" in ran.err) == (2, True)
    Path("rfcalc.toml").write_bytes(b"#" * (2**20 + 1))
    assert "rfcalc.toml:1:1: error: larger than 1 MiB, the limit for a configuration" in check().err


def test_a_baseline_that_is_no_text_is_told(check: Runner) -> None:
    write({"a.yaml": LARGE})
    Path("figures.json").write_bytes(b'{\n  "\xff')
    for option in ((), ("--update-baseline",)):
        ran = check("--baseline", "figures.json", *option)
        assert (ran.code, ran.out) == (2, "")
        assert "figures.json:2:4: error: not a text in UTF-8 (byte 6)" in ran.err


# What it says


def test_the_command_line_outdoes_the_configuration(check: Runner) -> None:
    write({"rfcalc.toml": 'select = ["RF4"]\nignore = ["RF401"]\n', "a.yaml": LARGE, "b.yaml": BIAS})
    assert check().found() == []
    assert check("--extend-select", "RF401").found() == ["a.yaml RF401"]
    assert check("--extend-select", "RF5").found() == ["b.yaml RF501"]
    assert check("--select", "RF401,RF501").found() == ["a.yaml RF401", "b.yaml RF501"]
    assert check("--select", "RF401,RF501", "--ignore", "RF4").found() == ["a.yaml RF401", "b.yaml RF501"]
    assert check("--extend-select", "RF5", "--ignore", "RF501").found() == []


def test_rules_are_ignored_by_path_also_where_the_command_line_selects(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": 'select = ["RF401"]\n[per-path-ignores]\n"old/*.yaml" = ["RF401"]\n',
            "old/a.yaml": LARGE,
            "new/b.yaml": LARGE,
        }
    )
    assert check().found() == ["new/b.yaml RF401"]
    assert check("--select", "RF4").found() == ["new/b.yaml RF401"]


def test_what_is_excluded_is_passed_over_unless_it_is_named(check: Runner) -> None:
    write({"rfcalc.toml": 'select = ["RF401"]\nexclude = ["old"]\n', "old/a.yaml": LARGE, "b.yaml": LARGE})
    assert check().found() == ["b.yaml RF401"]
    assert check("old/*.y*ml").code == 2
    assert check("old/a.yaml").found() == ["old/a.yaml RF401"]
    ran = check("old")
    assert (ran.code, ran.out) == (2, "nothing could be checked (1 problem)\n")
    assert "all that was found is left out by .gitignore or the configuration" in ran.err


def test_the_threshold_is_that_of_the_command_line_then_the_strictest_configuration(check: Runner) -> None:
    write({"rfcalc.toml": 'select = ["RF401"]\nfail-on = "info"\n', "a.yaml": LARGE})
    assert check().code == 1
    assert check("--fail-on", "warning").code == 0
    write({"sub/rfcalc.toml": 'select = ["RF401"]\nfail-on = "error"\n', "sub/b.yaml": LARGE})
    assert check("sub").code == 0
    assert check().code == 1


def test_paths_in_a_configuration_are_relative_to_its_folder(
    check: Runner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        {
            "rfcalc.toml": '[[budgets]]\nnetwork = "nets/*.yaml"\nrequire = ["params <= 2k"]\n',
            "nets/a.yaml": NET,
            "a.yaml": NET,
        }
    )
    assert check("--select", "RF3").found() == ["nets/a.yaml RF303"]
    monkeypatch.chdir(here / "nets")
    assert check("--select", "RF3").found() == ["a.yaml RF303"]
    monkeypatch.chdir("/")
    assert check("--select", "RF3", str(here)).found() == [f"{here}/nets/a.yaml RF303"]


# Baselines


def test_a_baseline_is_written_compared_with_and_brought_up_to_date(check: Runner) -> None:
    write({"rfcalc.toml": f'select = ["RF3"]\n{GROWTH}', "nets/a.yaml": NET, "nets/b.yaml": NET})
    options = ("--baseline", "figures.json")
    assert "`rfcalc check . --baseline figures.json --update-baseline` writes it" in check(*options).err
    first = check(*options, "--update-baseline")
    assert (first.code, first.err) == (0, "figures.json holds the figures of 2 networks\n")
    recorded = Path("figures.json").read_text(encoding="utf-8")
    assert json.loads(recorded)["networks"]["nets/a.yaml"]["figures"]["params"] == 2320
    assert check(*options).found() == []
    write({"nets/a.yaml": GROWN})
    ran = check(*options)
    assert (ran.code, ran.found()) == (1, ["nets/a.yaml RF304"])
    assert "from 2,320 to 3,480 against figures.json" in ran.out
    full = check(*options, "--format", "full").out
    accept = "rfcalc check nets/a.yaml --baseline figures.json --update-baseline"
    assert accept in full
    assert check(*accept.split()[2:]).code == 0
    assert check(*options).found() == []
    assert "nets/b.yaml" in Path("figures.json").read_text(encoding="utf-8")
    # Shrinking is allowed.
    write({"nets/a.yaml": NET})
    assert check(*options).found() == []


def test_an_entry_whose_network_is_gone_is_told_and_dropped(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": f'select = ["RF3"]\nbaseline = "figures.json"\n{GROWTH}',
            "nets/a.yaml": NET,
            "nets/b.yaml": NET,
        }
    )
    assert check("--update-baseline").code == 0
    Path("nets/a.yaml").unlink()
    ran = check()
    assert (ran.code, ran.found()) == (1, ["figures.json RF305"])
    assert check("--ignore", "RF305").found() == []
    assert check("--update-baseline", "nets").code == 0
    assert check().found() == []


def test_the_baseline_of_a_configuration_lies_beside_it_wherever_the_check_is_run(
    check: Runner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"rfcalc.toml": f'select = ["RF3"]\nbaseline = "figures.json"\n{GROWTH}', "nets/a.yaml": NET})
    monkeypatch.chdir(here / "nets")
    assert check("--update-baseline").code == 0
    monkeypatch.chdir(here)
    write({"nets/a.yaml": GROWN})
    assert check("nets").found() == ["nets/a.yaml RF304"]
    # What drops an entry is what was run, so that it finds the same configuration.
    Path("nets/a.yaml").unlink()
    write({"nets/b.yaml": BIAS})
    monkeypatch.chdir(here.parent)
    out = check(here.name, "--format", "full").out
    accept = f"rfcalc check {here.name} --update-baseline"
    assert f"to drop it, and to accept what this run checked as it is now: {accept}\n" in out
    assert check(*accept.split()[2:]).code == 0
    assert check(here.name).found() == []


def test_the_command_that_drops_an_entry_accepts_no_growth_where_that_can_be(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": f'select = ["RF3"]\nbaseline = "figures.json"\n{GROWTH}',
            "nets/a.yaml": NET,
            "nets/b.yaml": NET,
            "nets/c.yaml": NET,
        }
    )
    assert check("--update-baseline").code == 0
    Path("nets/c.yaml").unlink()
    write({"nets/a.yaml": GROWN})
    assert check().found() == ["nets/a.yaml RF304", "figures.json RF305"]
    accept = "rfcalc check nets/b.yaml --update-baseline"
    assert f"to drop it and leave the others as they are: {accept}\n" in check("--format", "full").out
    assert check(*accept.split()[2:]).code == 0
    assert check().found() == ["nets/a.yaml RF304"]


def test_what_an_editor_holds_is_not_taken_for_the_file(
    check: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    write({"rfcalc.toml": 'select = ["RF3"]\nbaseline = "figures.json"\n', "a.yaml": NET, "b.yaml": NET})
    assert check("--update-baseline").code == 0
    Path("b.yaml").unlink()
    # As it was recorded; the file, which the command would read, is not.
    write({"a.yaml": GROWN})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    out = check("-", "--stdin-filename", "a.yaml", "--format", "full").out
    assert "RF305" in out
    assert "leave the others" not in out


def test_the_command_that_accepts_is_that_of_the_run(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": f'select = ["RF3"]\nbaseline = "other.json"\n{GROWTH}',
            "other.json": '{"schema": "rfcalc.baseline/1", "networks": {}}\n',
            "cfg/my own.toml": 'select = ["RF3"]\nbaseline = "figures.json"\n'
            '[[budgets]]\nnetwork = "**"\nmax_increase = {params = "2%"}\n',
            "nets/a.yaml": NET,
        }
    )
    options = ("nets/a.yaml", "--config", "cfg/my own.toml")
    accept = "rfcalc check nets/a.yaml --config 'cfg/my own.toml' --update-baseline"
    assert f"`{accept}` writes it" in check(*options).err
    assert check(*options, "--update-baseline").code == 0
    write({"nets/a.yaml": GROWN})
    assert f"to accept the new figures: {accept}\n" in check(*options, "--format", "full").out


def test_the_command_that_accepts_a_network_takes_its_name_for_no_option(check: Runner) -> None:
    write({"rfcalc.toml": f'select = ["RF3"]\n{GROWTH}'.replace("nets/*", "*"), "-n.yaml": NET})
    baseline = ("--baseline", "figures.json")
    assert "`rfcalc check ./-n.yaml --baseline figures.json" in check(*baseline, "--", "-n.yaml").err
    assert check(*baseline, "--update-baseline").code == 0
    write({"-n.yaml": GROWN})
    accept = "rfcalc check ./-n.yaml --baseline figures.json --update-baseline"
    assert f"to accept the new figures: {accept}\n" in check(*baseline, "--format", "full").out
    assert check(*accept.split()[2:]).code == 0
    assert check(*baseline).found() == []


def test_a_file_that_is_no_description_any_more_leaves_a_stale_entry(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": f'select = ["RF3"]\nbaseline = "figures.json"\n{GROWTH}',
            "nets/a.yaml": NET,
            "nets/b.yaml": NET,
            "nets/c.yaml": NET,
        }
    )
    assert check("--update-baseline").code == 0
    # One that cannot be built is one all the same.
    write({"nets/b.yaml": NET.replace("layers", "stages"), "nets/c.yaml": "layers: [relu\n"})
    ran = check("nets/a.yaml")
    assert (ran.code, ran.found()) == (1, ["figures.json RF305"])
    assert "an entry of 'nets/b.yaml', where there is no network any more" in ran.out
    assert check("nets/a.yaml", "--update-baseline").code == 0
    assert check("nets/a.yaml").found() == []
    assert "nets/c.yaml" in Path("figures.json").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_leaves_no_stale_entry(
    check: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rfcalc.errors import UsageError
    from rfcalc.files import bytes_of

    write({"rfcalc.toml": 'select = ["RF3"]\nbaseline = "figures.json"\n', "a.yaml": NET, "b.yaml": NET})
    assert check("--update-baseline").code == 0

    def read(path: str, longest: int, *, kept: bool = True) -> bytes:
        if path.endswith("b.yaml"):
            raise UsageError(f"cannot read {path}")
        return bytes_of(path, longest, kept=kept)

    monkeypatch.setattr("rfcalc.cli.paths.bytes_of", read)
    assert check("a.yaml").found() == []


def test_the_entry_of_a_shipped_network_is_not_stale(check: Runner) -> None:
    write({"a.yaml": NET})
    baseline = ("--select", "RF305", "--baseline", "figures.json")
    assert check("vgg16", "a.yaml", *baseline, "--update-baseline").code == 0
    assert check("a.yaml", *baseline).found() == []
    # Nor does an update that checks another network drop it.
    assert check("a.yaml", *baseline, "--update-baseline").code == 0
    assert '"vgg16"' in Path("figures.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--no-config", "--config=rfcalc.toml"])
def test_an_update_without_a_baseline_is_refused_before_anything_is_checked(
    check: Runner, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    write({"rfcalc.toml": GROWTH, "a.yaml": NET})

    def never(*arguments: object) -> None:
        raise AssertionError("something was checked")

    monkeypatch.setattr("rfcalc.cli.collecting.analyze", never)
    ran = check("a.yaml", "--update-baseline", option)
    assert (ran.code, ran.out) == (2, "")
    assert "which baseline?" in ran.err


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other"}', "\0"])
def test_a_baseline_that_cannot_be_read_is_told(check: Runner, text: str) -> None:
    write({"figures.json": text, "a.yaml": NET})
    ran = check("--baseline", "figures.json")
    assert (ran.code, ran.out) == (2, "")
    assert "figures.json" in ran.err


def test_a_baseline_is_left_as_it_is_when_nothing_changed(check: Runner) -> None:
    write({"a.yaml": NET})
    check("--baseline", "figures.json", "--update-baseline")
    before = Path("figures.json").stat().st_mtime_ns, Path("figures.json").read_bytes()
    check("--baseline", "figures.json", "--update-baseline")
    assert (Path("figures.json").stat().st_mtime_ns, Path("figures.json").read_bytes()) == before


# Budgets that hold for nothing


IDLE = '[[budgets]]\nnetwork = "{}"\nrequire = ["params < 1M"]\n'


@pytest.mark.parametrize("glob", ["*.yaml", "nets/*", "vgg*", "**"])
def test_a_budget_for_a_network_that_was_found_or_is_shipped_is_no_warning(check: Runner, glob: str) -> None:
    write({"rfcalc.toml": 'select = ["RF401"]\n' + IDLE.format(glob), "nets/a.yaml": NET, "b.yaml": NET})
    assert check().err == ""


def test_a_budget_may_hold_for_networks_that_were_not_looked_at(check: Runner) -> None:
    write(
        {"rfcalc.toml": 'select = ["RF401"]\n' + IDLE.format("nets/*"), "nets/a.yaml": NET, "old/b.yaml": NET}
    )
    assert check("old").err == ""
    assert check("old/b.yaml").err == ""


@pytest.mark.parametrize("glob", ["net/*", "net", "nets/b.yaml", "b.*", "nets/*.onnx", "nets/b/../*"])
def test_a_budget_that_fits_no_network_is_found(check: Runner, glob: str) -> None:
    write({"sub/rfcalc.toml": 'select = ["RF3"]\n' + IDLE.format(glob), "sub/nets/a.yaml": NET})
    for words in ((), ("sub",), ("sub/nets",), ("sub/nets/*.yaml",)):
        ran = check(*words)
        # What lies elsewhere is not looked for.
        if ".." in glob:
            assert (ran.code, ran.found()) == (0, [])
        else:
            assert (ran.code, ran.found()) == (1, ["sub/rfcalc.toml RF306"])
            assert f"toml:3:11: RF306 warning no network fits '{glob}', which has a budget" in ran.out
    # An editor, which looks at one file, is not told of others.
    assert check("sub/nets/a.yaml").found() == []
    assert check("--ignore", "RF306").found() == []


def test_a_budget_for_what_git_ignores_may_hold_for_what_comes_and_goes(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": 'select = ["RF3"]\n' + IDLE.format("models/*.onnx") + IDLE.format("*.pt2"),
            ".gitignore": "models/\n*.pt2\n",
            ".git/HEAD": "",
            "nets/a.yaml": NET,
        }
    )
    assert check().found() == []
    write({".gitignore": ""})
    assert check().found() == ["rfcalc.toml RF306", "rfcalc.toml RF306"]


def test_a_glob_of_ignores_that_fits_no_network_is_found(check: Runner) -> None:
    write(
        {
            "rfcalc.toml": 'select = ["RF9"]\n[per-path-ignores]\n"old/*" = ["RF4"]\n"nets/*" = ["RF4"]\n'
            '[[ignores]]\nnetwork = "old/a.yaml"\nrules = ["RF401", "RF402"]\n',
            "nets/a.yaml": NET,
        }
    )
    ran = check()
    assert ran.found() == ["rfcalc.toml RF901"] * 2
    assert "rfcalc.toml:3:1: RF901 warning no network fits 'old/*', for which rules are ignored" in ran.out
    assert "rfcalc.toml:7:10: RF901 warning no network fits 'old/a.yaml', for which rules" in ran.out


# What is shown


def test_what_is_shown_is_said_apart_from_what_fails(check: Runner) -> None:
    write({"rfcalc.toml": 'select = ["RF401", "RF501"]\n', "a.yaml": LARGE, "b.yaml": BIAS})
    assert check().found() == ["a.yaml RF401", "b.yaml RF501"]
    ran = check("--show", "warning")
    assert (ran.code, ran.found()) == (1, ["b.yaml RF501"])
    assert ran.out.endswith("in 1 of 2 descriptions; 1 not shown (--show info)\n")
    # What fails is shown in any case.
    assert check("--show", "error").found() == ["b.yaml RF501"]
    assert check("--show", "error", "--fail-on", "info").found() == ["a.yaml RF401", "b.yaml RF501"]
    ran = check("--show", "error", "--fail-on", "error")
    assert (ran.code, ran.out) == (0, "no findings shown in 2 descriptions; 2 not shown (--show info)\n")
    counts = json.loads(check("--show", "warning", "--format", "json").out)["counts"]
    assert (counts["findings"], counts["info"], counts["not_shown"]) == (1, 0, 1)


def test_a_configuration_says_what_is_shown_and_the_command_line_outdoes_it(check: Runner) -> None:
    write({"rfcalc.toml": 'select = ["RF401"]\nshow = "warning"\n', "a.yaml": LARGE})
    assert check().found() == []
    assert check("--show", "info").found() == ["a.yaml RF401"]
    # Of several configurations one wants to see it.
    write({"sub/rfcalc.toml": 'select = ["RF401"]\nshow = "info"\n', "sub/b.yaml": LARGE})
    assert check().found() == ["a.yaml RF401", "sub/b.yaml RF401"]
