"""No output takes the place of a file that the run reads, whatever name the output has."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from check_runs import write

from rfcalc.cli.main import main
from rfcalc.files import refuse_kept
from rfcalc.library import load
from rfcalc.render.formats import content_of_file

NET = "name: net\ninput: 32x32x3\nlayers:\n  - conv f=3 p=1 d=8 as stem\n  - relu\n"
BASELINE = '{"schema": "rfcalc.baseline/1", "networks": {}}'
FILES = {
    "net.yaml": NET,
    "nets/other.yaml": NET.replace("name: net", "name: other"),
    "nets/more/third.yml": NET.replace("name: net", "name: third"),
    "nets/.gitignore": "build/\n",
    ".gitignore": "*.tmp\n",
    ".git/info/exclude": "*.orig\n",
    "rfcalc.toml": 'baseline = "figures.json"\n',
    "figures.json": BASELINE,
    "nets/pyproject.toml": "[project]\nname = 'theirs'\n",
    "ci/rules.toml": 'fail-on = "error"\n',
    "ci/figures.json": BASELINE,
    "list.yaml": "- a list\n- and no description\n",
}
# Commands, and the files that each reads.
COMMANDS = {
    "show net.yaml": {"net.yaml"},
    "./nets/../net.yaml": {"net.yaml"},
    "net.yaml --solve params<=1M --input 32x32xC": {"net.yaml"},
    "explain net.yaml stem": {"net.yaml"},
    "locate net.yaml stem": {"net.yaml"},
    "tile net.yaml": {"net.yaml"},
    "field net.yaml nets/other.yaml": {"net.yaml", "nets/other.yaml"},
    "compare net.yaml nets/other.yaml": {"net.yaml", "nets/other.yaml"},
    "compare vgg16 net.yaml": {"net.yaml"},
    "check net.yaml": {"net.yaml", "rfcalc.toml", "figures.json"},
    "check nets/*/*.yml": {"nets/more/third.yml", "rfcalc.toml", "figures.json"},
    "check": {name for name in FILES if not name.startswith("ci/")} - {"list.yaml"},
    "check nets/other.yaml": {"nets/other.yaml", "nets/pyproject.toml", "rfcalc.toml", "figures.json"},
    "check --config ci/rules.toml --baseline ci/figures.json net.yaml": {"ci/rules.toml", "ci/figures.json"},
    "check --baseline ci/figures.json --update-baseline net.yaml": {"ci/figures.json"},
    "check --update-baseline": {"figures.json"},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(FILES)
    return tmp_path


def texts() -> dict[str, str]:
    return {name: Path(name).read_text("utf-8") for name in FILES}


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The files of the current folder that are opened meanwhile, by their paths from it."""
    found: set[str] = set()
    ours = builtins.open

    def watched(file: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(file, str):
            found.add(os.path.relpath(os.path.realpath(file)))
        return ours(file, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", watched)
        yield found


# What may be written


def test_a_report_may_replace_the_one_of_an_earlier_run_where_descriptions_are_searched_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.symlink("list.yaml", "list.txt")
    for report in ("nets/report.txt", "list.txt"):
        for _ in range(2):
            assert main(["check", ".", "--no-config", "-o", report]) == 0
            assert "no findings in 3 descriptions" in Path(report).read_text("utf-8")
    assert "is not replaced" not in capsys.readouterr().err


def test_a_file_that_only_another_run_has_read_may_be_written() -> None:
    assert main(["show", "net.yaml", "-o", "table.txt"]) == 0
    assert main(["spec", "vgg16", "-o", "net.yaml"]) == 0
    assert "VGG-16" in Path("net.yaml").read_text("utf-8")


def test_what_a_program_reads_with_the_library_is_not_kept() -> None:
    load("./net.yaml")
    refuse_kept("net.yaml")


def test_a_description_that_is_excluded_is_not_read_and_may_be_written() -> None:
    write({"rfcalc.toml": 'exclude = ["net.yaml"]\n'})
    os.symlink("net.yaml", "net.txt")
    assert main(["check", "-o", "net.txt"]) == 0
    assert "no findings" in Path("net.yaml").read_text("utf-8")


def test_fmt_and_an_update_replace_what_they_read(capsys: pytest.CaptureFixture[str]) -> None:
    write({"net.yaml": NET.replace("f=3 p=1", "p=1   f=3")})
    os.symlink("net.yaml", "link.yaml")
    assert main(["fmt", "link.yaml"]) == 0
    assert Path("link.yaml").is_symlink()
    assert "conv f=3 p=1" in Path("net.yaml").read_text("utf-8")
    assert main(["check", "net.yaml", "--update-baseline"]) == 0
    assert '"net.yaml"' in Path("figures.json").read_text("utf-8")
    capsys.readouterr()


def test_a_device_that_is_read_may_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", os.devnull, "--no-config", "-o", os.devnull]) == 1
    assert "is not replaced" not in capsys.readouterr().err


# What may not


def reached_as(name: str) -> Iterator[str]:
    """Names of a file: its own, by a detour, of a link to it, of a link to its folder, of the file itself."""
    yield name
    yield os.path.join("ci", os.pardir, name)
    yield os.path.abspath(name)
    for number, make in enumerate((os.symlink, os.link)):
        alias = f"alias{number}.txt"
        make(os.path.abspath(name), alias)
        yield alias
        Path(alias).unlink()
    Path("around").symlink_to(os.path.dirname(os.path.abspath(name)))
    yield os.path.join("around", os.path.basename(name))
    Path("around").unlink()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_output_replaces_a_file_that_the_command_reads(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = command.split()
    with opened(monkeypatch) as seen:
        main([*arguments, "-o", "/dev/null"])
    capsys.readouterr()
    write(FILES)
    # Whatever it opens it must keep, also what nobody has thought of in the list above.
    kept = {name for name in seen if name in FILES} - {"list.yaml"}
    assert kept >= COMMANDS[command]
    for name in sorted(kept):
        for alias in reached_as(name):
            assert main([*arguments, "-o", alias]) == 2, (name, alias)
            said = capsys.readouterr().err
            assert repr(alias if len(alias) <= 60 else f"{alias[:59]}…") in said
            if content_of_file(alias) not in (None, "text", "json"):
                # A report is no description and no configuration, whatever is read.
                assert "which this command does not write" in said
            else:
                assert "is not replaced by its output" in said
                assert ("is the baseline of" if "figures" in name else "is read by") in said
            assert texts() == FILES, (name, alias)


def test_a_shipped_description_is_not_replaced_by_its_own_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"specs/mine.yaml": NET})
    monkeypatch.setattr("rfcalc.library._shipped_folder", lambda: str(tmp_path / "specs"))
    os.symlink(tmp_path / "specs" / "mine.yaml", "mine.txt")
    for arguments in (["mine"], ["check", "mine"], ["spec", "mine"], ["list"], ["compare", "mine", "mine"]):
        assert main([*arguments, "-o", "specs/mine.yaml" if arguments[0] == "spec" else "mine.txt"]) == 2
        assert "is read by this command" in capsys.readouterr().err
    assert Path("specs/mine.yaml").read_text("utf-8") == NET


@pytest.mark.parametrize("arguments", [["-"], ["check", "-"], ["explain", "-"], ["compare", "-", "vgg16"]])
def test_the_file_that_standard_input_comes_from_is_not_replaced(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    os.symlink("net.yaml", "net.txt")
    with open("net.yaml", encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        assert main([*arguments, "-o", "net.txt"]) == 2
    assert "'net.txt' is standard input, which is read by this command" in capsys.readouterr().err
    assert texts() == FILES


def test_the_file_that_an_editor_holds_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    os.symlink("net.yaml", "net.txt")
    assert main(["check", "-", "--stdin-filename", "net.yaml", "-o", "net.txt"]) == 2
    assert "is read by this command" in capsys.readouterr().err
    assert texts() == FILES


def test_a_baseline_that_is_yet_to_be_written_is_not_replaced_by_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.symlink(".", "here")
    for alias in ("new.json", "here/new.json"):
        assert main(["check", "net.yaml", "--baseline", "new.json", "--update-baseline", "-o", alias]) == 2
        assert "the baseline of this command, and is not replaced by its output" in capsys.readouterr().err
        assert not Path("new.json").exists()
    write({"rfcalc.toml": 'baseline = "later.json"\n'})
    assert main(["check", "net.yaml", "--update-baseline", "-o", "later.json"]) == 2
    assert not Path("later.json").exists()


def test_the_baseline_of_a_configuration_is_not_replaced_where_another_is_compared_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["check", "net.yaml", "--baseline", "ci/figures.json", "-o", "figures.json"]
    assert main(arguments) == 2
    assert "'figures.json' is the baseline of this command" in capsys.readouterr().err
    assert texts() == FILES


def test_the_summary_of_a_workflow_is_added_to_no_file_that_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "net.yaml")
    assert main(["check", "net.yaml", "--format", "github"]) == 2
    assert "is read by this command" in capsys.readouterr().err
    assert texts() == FILES


def test_what_is_refused_is_refused_before_a_baseline_is_updated(capsys: pytest.CaptureFixture[str]) -> None:
    os.symlink("rfcalc.toml", "configuration.txt")
    assert main(["check", "net.yaml", "--update-baseline", "-o", "configuration.txt"]) == 2
    assert "is read by this command" in capsys.readouterr().err
    assert texts() == FILES
