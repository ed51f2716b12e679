"""The action for GitHub and the hooks for pre-commit, as far as a machine without network can run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from rfcalc.cli.group import program
from rfcalc.cli.main import main

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
INSTALL, CHECK = ACTION["runs"]["steps"]

# A network of vectors: rules about fields and sizes have nothing to say of it.
GOOD = "input: 16\nlayers:\n  - fc d=8 bias=no\n  - bn\n  - relu\n"
BAD = GOOD.replace(" bias=no", "")
# A file of YAML that is no description, as every repository has some.
OTHER = "on: push\njobs: {}\n"


def options_of(command: str) -> set[str]:
    """Every option that a command takes."""
    found = program.get_command(click.Context(program), command)
    assert found is not None
    return {name for parameter in found.params for name in parameter.opts}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder of temporary files in which the action's first step has installed rfcalc."""
    folder = tmp_path / "a runner's files"
    commands = folder / "rfcalc-action" / "bin"
    commands.mkdir(parents=True)
    rfcalc = commands / "rfcalc"
    rfcalc.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rfcalc "$@"\n', encoding="utf-8")
    rfcalc.chmod(0o755)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A checked out repository."""
    folder = tmp_path / "work"
    (folder / "nets").mkdir(parents=True)
    (folder / "ci.yml").write_text(OTHER, encoding="utf-8")
    (folder / "nets" / "good.yaml").write_text(GOOD, encoding="utf-8")
    return folder


def run_check(programs: Path, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The action's second step, as a runner starts it."""
    given = {name: settings["default"] for name, settings in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() == ACTION["inputs"].keys()
    environment = {
        variable: given[re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", r"\1", value)]
        for variable, value in CHECK["env"].items()
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "COV"))}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", CHECK["run"]],
        cwd=folder / given["working-directory"],
        env={
            **kept,
            **environment,
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(programs / "summary.md"),
            "RUNNER_TEMP": str(programs),
            "PYTHONUTF8": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


# The action


def test_the_action_is_a_composite_one_whose_inputs_are_described_and_used() -> None:
    assert ACTION["runs"]["using"] == "composite"
    text = yaml.safe_dump(CHECK)
    for name, settings in ACTION["inputs"].items():
        assert settings["description"]
        assert f"${{{{ inputs.{name} }}}}" in text


def test_no_input_becomes_part_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]


def test_every_option_of_the_action_is_one_of_the_command() -> None:
    script = CHECK["run"]
    assert '"$programs/rfcalc" check' not in script.replace('("$programs/rfcalc" check)', "")
    used = set(re.findall(r"--[a-z][a-z-]*", script))
    assert {"--format", "--fail-on", "--baseline", "--against"} <= used
    assert used <= options_of("check")


def test_the_scripts_are_bash() -> None:
    for step in ACTION["runs"]["steps"]:
        subprocess.run(["bash", "-n", "-c", step["run"]], check=True)


def test_the_first_step_asks_for_the_python_that_the_package_needs() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'requires-python = ">=3.11"' in project
    assert "(3, 11)" in INSTALL["run"]
    assert "Python 3.11" in INSTALL["run"]


def test_the_first_step_says_so_when_there_is_no_python(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", INSTALL["run"]],
        env={"PATH": str(tmp_path), "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.startswith("::error::rfcalc needs Python 3.11 or newer")


def test_the_action_passes_what_is_clean(programs: Path, work: Path) -> None:
    done = run_check(programs, work)
    assert (done.returncode, done.stdout) == (0, "no findings in 1 description\n")


def test_the_action_annotates_what_it_finds_and_fails(programs: Path, work: Path) -> None:
    (work / "nets" / "bad.yaml").write_text(BAD, encoding="utf-8")
    done = run_check(programs, work)
    assert done.returncode == 1
    assert done.stdout.startswith("::warning file=nets/bad.yaml,line=3,col=5,endColumn=11,title=RF501 ")
    assert "RF501 cancelled-bias | nets/bad.yaml:3 |" in (programs / "summary.md").read_text("utf-8")


def test_the_action_writes_sarif_and_fails_all_the_same(programs: Path, work: Path) -> None:
    (work / "nets" / "bad.yaml").write_text(BAD, encoding="utf-8")
    done = run_check(programs, work, sarif_file="out.sarif", format="concise")
    assert done.returncode == 1
    assert "nets/bad.yaml:3:5: RF501 warning" in done.stdout
    (found,) = json.loads((work / "out.sarif").read_text("utf-8"))["runs"]
    assert [result["ruleId"] for result in found["results"]] == ["RF501"]


def test_the_action_shows_and_writes_what_it_found_though_not_everything_could_be_read(
    programs: Path, work: Path
) -> None:
    (work / "nets" / "bad.yaml").write_text(BAD, encoding="utf-8")
    done = run_check(programs, work, paths="nets\ngone.yaml", sarif_file="out.sarif")
    assert done.returncode == 2
    assert "::error title=rfcalc check::cannot read 'gone.yaml'" in done.stdout
    assert "::warning file=nets/bad.yaml,line=3," in done.stdout
    (found,) = json.loads((work / "out.sarif").read_text("utf-8"))["runs"]
    assert [result["ruleId"] for result in found["results"]] == ["RF501"]
    assert found["invocations"][0]["executionSuccessful"] is False


def test_the_action_fails_where_the_file_cannot_be_written(programs: Path, work: Path) -> None:
    (work / "nets" / "bad.yaml").write_text(BAD, encoding="utf-8")
    done = run_check(programs, work, sarif_file="none/out.sarif")
    assert done.returncode == 2
    assert "::warning file=nets/bad.yaml,line=3," in done.stdout
    assert "cannot write 'none/out.sarif'" in done.stderr


def test_the_action_passes_its_inputs_on(programs: Path, work: Path) -> None:
    (work / "nets" / "bad.yaml").write_text(BAD, encoding="utf-8")
    assert run_check(programs, work, fail_on="error").returncode == 0
    assert run_check(programs, work, args="--ignore=RF501\n--statistics\n").returncode == 0
    assert run_check(programs, work, working_directory="nets", paths="good.yaml").returncode == 0
    assert run_check(programs, work, paths="nets/good.yaml\nvgg16", args="--select=RF501").returncode == 0
    assert run_check(programs, work, paths="nets/good.yaml\nnets/bad.yaml\n").returncode == 1


def test_the_action_tells_a_mistake_from_a_finding(programs: Path, work: Path) -> None:
    for inputs in ({"paths": "absent.yaml"}, {"fail_on": "never"}, {"args": "--no-such-option"}):
        for sarif in ({}, {"sarif_file": "out.sarif"}):
            done = run_check(programs, work, **inputs, **sarif)
            assert done.returncode == 2, inputs
            assert "error" in done.stderr


@pytest.mark.parametrize(
    "hostile",
    [
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned",
        '"; touch pwned; "',
        "' touch pwned '",
        "a && touch pwned",
    ],
)
@pytest.mark.slow
def test_no_input_runs_anything(programs: Path, work: Path, hostile: str) -> None:
    for name in ("paths", "format", "fail_on", "show", "baseline", "against", "args", "sarif_file"):
        run_check(programs, work, **{name: hostile})
        assert not (work / "pwned").exists(), name


def test_a_path_with_spaces_is_one_path(programs: Path, work: Path) -> None:
    (work / "my nets").mkdir()
    (work / "my nets" / "bad.yaml").write_text(BAD, encoding="utf-8")
    done = run_check(programs, work, paths="my nets")
    assert done.stdout.startswith("::warning file=my nets/bad.yaml,line=3,")


# The hooks


def words_of(hook: dict[str, Any]) -> list[str]:
    """The words after `rfcalc` that pre-commit starts a hook with; it names no files."""
    assert hook["pass_filenames"] is False
    program_name, *words = shlex.split(hook["entry"])
    assert program_name == "rfcalc"
    return [*words, *hook.get("args", ())]


WORDS = {hook["id"]: words_of(hook) for hook in HOOKS}


def test_the_hooks_are_described() -> None:
    assert list(WORDS) == ["rfcalc-check", "rfcalc-fmt"]
    for hook in HOOKS:
        assert hook["language"] == "python"
        assert "yaml" in (hook.get("types") or hook["types_or"])
        for key in ("name", "description", "minimum_pre_commit_version"):
            assert isinstance(hook[key], str)


@pytest.mark.parametrize("hook", WORDS)
def test_a_hook_passes_over_yaml_that_is_no_description(
    hook: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work)
    assert main(WORDS[hook]) == 0
    assert (work / "ci.yml").read_text("utf-8") == OTHER
    assert (work / "nets" / "good.yaml").read_text("utf-8") == GOOD


def test_the_check_hook_fails_for_a_finding_in_any_folder(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work)
    (work / "bad.yaml").write_text(BAD, encoding="utf-8")
    assert main(WORDS["rfcalc-check"]) == 1
    # What a user's `args` may add.
    assert main([*WORDS["rfcalc-check"], "--fail-on=error"]) == 0
    assert main([*WORDS["rfcalc-check"], "nets/"]) == 0


def test_the_check_hook_shows_what_fails_and_nothing_else(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(work)
    large = "input: 32x32x16\nlayers:\n  - conv f=5 p=2 d=16\n  - bn\n"
    (work / "bad.yaml").write_text(large, encoding="utf-8")
    assert main([*WORDS["rfcalc-check"], "--select=RF401,RF501", "--format=concise"]) == 1
    shown = capsys.readouterr().out
    assert ("RF501 warning" in shown, "RF401" in shown, "1 not shown" in shown) == (True, False, True)


def test_a_commit_of_the_baseline_or_of_the_configuration_alone_starts_the_check_hook(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hook,) = (hook for hook in HOOKS if hook["id"] == "rfcalc-check")
    assert {"json", "toml", "yaml"} <= set(hook["types_or"])
    monkeypatch.chdir(work)
    budget = 'baseline = "figures.json"\n[[budgets]]\nnetwork = "nets/*"\nmax_increase = "0%"\n'
    (work / "rfcalc.toml").write_text(budget, encoding="utf-8")
    assert main([*WORDS["rfcalc-check"], "--update-baseline"]) == 0
    assert main(WORDS["rfcalc-check"]) == 0
    # A smaller figure is written by hand, and the network itself does not change.
    figures = work / "figures.json"
    figures.write_text(figures.read_text("utf-8").replace('"params": 144', '"params": 14'), encoding="utf-8")
    assert main(WORDS["rfcalc-check"]) == 1
    # So it is where the files of a commit are named.
    assert main(["check", "figures.json"]) == 1


def test_the_format_hook_writes_the_canonical_form(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)
    (work / "nets" / "other.yaml").write_text(GOOD.replace("d=8", "out_channels=8"), encoding="utf-8")
    assert main(WORDS["rfcalc-fmt"]) == 0
    assert (work / "nets" / "other.yaml").read_text("utf-8") == GOOD


# The recipes

GUIDE = (ROOT / "docs" / "ci.md").read_text("utf-8")
RECIPES = re.findall(r"^```yaml\n(# \.(?:.*\n)*?)^```$", GUIDE, re.MULTILINE)


def steps_in(recipe: Any) -> list[dict[str, Any]]:
    """Every step of a workflow, or of a part of one."""
    if isinstance(recipe, list):
        return recipe
    return [step for job in recipe.get("jobs", {}).values() for step in job["steps"]]


def test_the_recipes_give_the_action_inputs_that_it_has() -> None:
    uses = [
        step.get("with", {})
        for recipe in RECIPES
        for step in steps_in(yaml.safe_load(recipe))
        if "rfcalc" in step.get("uses", "")
    ]
    assert len(uses) == 4
    for given in uses:
        assert given.keys() <= ACTION["inputs"].keys()


def test_the_guide_names_every_input_of_the_action() -> None:
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.MULTILINE)) == sorted(ACTION["inputs"])


def test_the_recipes_use_commands_and_options_that_there_are() -> None:
    lines = re.findall(r"\brfcalc (check|fmt)( [^`\n]*)", "\n".join(RECIPES))
    assert len(lines) >= 4
    for command, words in lines:
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", words)) - {"-eq"} <= options_of(command)


def test_the_recipe_for_pre_commit_names_the_hooks() -> None:
    (recipe,) = (yaml.safe_load(recipe) for recipe in RECIPES if recipe.startswith("# .pre-commit-config"))
    hooks = recipe["repos"][0]["hooks"]
    assert {hook["id"] for hook in hooks} == {hook["id"] for hook in HOOKS}
    for hook in hooks:
        options = {word.partition("=")[0] for word in hook.get("args", ())}
        assert options <= options_of(WORDS[hook["id"]][0])
