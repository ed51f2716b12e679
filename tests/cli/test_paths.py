"""Which files the paths of a command mean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from check_runs import write
from effort import lines_run

from rfcalc.cli.main import main
from rfcalc.cli.paths import Search, has_layers
from rfcalc.errors import UsageError
from rfcalc.lint.checking import check_data

NET = "input: 8x8x3\nlayers: [relu]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_all(*names: str, text: str = NET) -> None:
    write(dict.fromkeys(names, text))


def found(*words: str, search: Search | None = None) -> list[str]:
    return [one.name for one in (search or Search()).checkables(words)]


# Folders


def test_what_git_ignores_is_no_part_of_a_folder() -> None:
    write_all("a.yaml", "b.tmp.yaml", "out/c.yaml", "nets/d.yaml", "nets/out/e.yaml")
    Path(".git").mkdir()
    write_all(".gitignore", text="*.tmp.yaml\n/out/\n")
    search = Search()
    assert found(".", search=search) == ["a.yaml", "nets/d.yaml", "nets/out/e.yaml"]
    assert search.left_out == 2


def test_a_file_or_a_folder_that_is_named_is_taken_although_git_ignores_it() -> None:
    write_all("b.yaml", "out/c.yaml")
    Path(".git").mkdir()
    write_all(".gitignore", text="b.yaml\nout/\n")
    assert found("b.yaml", "out") == ["b.yaml", "out/c.yaml"]


def test_a_folder_whose_descriptions_are_all_left_out_is_no_problem() -> None:
    write_all("out/c.yaml")
    Path(".git").mkdir()
    write_all(".gitignore", text="out\n")
    search = Search()
    assert found(".", search=search) == []
    assert (search.problems, search.left_out) == ([], 1)


def test_a_virtual_environment_is_no_part_of_a_folder_unless_it_is_named() -> None:
    write_all("a.yaml", "venv/lib/b.yaml")
    write_all("venv/pyvenv.cfg", text="home = /usr/bin\n")
    assert found(".") == ["a.yaml"]
    assert found("venv") == ["venv/lib/b.yaml"]


def test_an_excluded_folder_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    write_all("a.yaml", "old/b.yaml", "old/older/c.yaml")
    read: list[str] = []
    scandir = os.scandir

    def watched(path: str) -> object:
        read.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", watched)
    assert found(".", search=Search(lambda path: "old" in path)) == ["a.yaml"]
    assert [path for path in read if not os.path.isabs(path)] == ["."]


# Patterns


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.yaml", ["a.yaml"]),
        ("./*.yaml", ["a.yaml"]),
        ("**/*.yaml", ["a.yaml", "n/b.yaml", "n/m/c.yaml", "n/o/d.yaml"]),
        ("n/**", ["n/b.yaml", "n/m/c.yaml", "n/o/d.yaml"]),
        ("n/*/[cd].yaml", ["n/m/c.yaml", "n/o/d.yaml"]),
        ("n/**/c.yaml", ["n/m/c.yaml"]),
        ("?/**/*/c.yaml", ["n/m/c.yaml"]),
        ("n/m*", ["n/m/c.yaml"]),
        ("n/.h*/*", ["n/.hidden/e.yaml"]),
        ("*.json", ["j.json"]),
        ("n/m/../o/*.yaml", ["n/o/d.yaml"]),
        ("[ab].yaml", ["a.yaml"]),
        ("[!b].yaml", ["a.yaml"]),
    ],
)
def test_a_pattern_means_what_it_means_in_a_shell(pattern: str, expected: list[str]) -> None:
    write_all("a.yaml", "n/b.yaml", "n/m/c.yaml", "n/o/d.yaml", "n/.hidden/e.yaml", "j.json", "n/notes.txt")
    assert found(pattern) == expected


def test_a_pattern_may_be_absolute(folder: Path) -> None:
    write_all("n/b.yaml")
    assert found(f"{folder}/*/b.yaml") == [f"{folder}/n/b.yaml"]


@pytest.mark.parametrize("pattern", ["*.yml", "no/*.yaml", "a.yaml/*"])
def test_a_pattern_that_matches_nothing_is_a_problem(pattern: str) -> None:
    write_all("a.yaml")
    search = Search()
    assert found(pattern, search=search) == []
    assert [problem.split(":")[0] for problem in search.problems] == [f"no description matches '{pattern}'"]


def test_links_to_folders_are_followed_by_name_and_not_by_two_asterisks() -> None:
    write_all("d/a.yaml")
    os.symlink("d", "link")
    assert found("**/*.yaml") == ["d/a.yaml"]
    assert found("link/*.yaml") == ["link/a.yaml"]
    assert found("*/a.yaml") == ["d/a.yaml"]


def test_two_asterisks_do_not_leave_the_tree_by_a_link() -> None:
    write_all("here/a.yaml", "there/b.yaml")
    os.symlink("../there", "here/link")
    assert found("here/**/*.yaml") == ["here/a.yaml"]
    assert found("here/*/*.yaml") == ["here/link/b.yaml"]


def test_links_that_lead_in_circles_cost_no_more_than_their_number() -> None:
    write_all("d/a.yaml")
    os.symlink(".", "d/one")
    os.symlink(".", "d/two")
    for pattern in ("**/*.yaml", "d/**/*.yaml", "d/" + "*/" * 30 + "*.yaml"):
        names, _ = lines_run(lambda pattern=pattern: found(pattern), limit=200_000)
        assert len(names) == 1


def test_a_folder_that_cannot_be_read_is_a_problem_for_patterns_too(monkeypatch: pytest.MonkeyPatch) -> None:
    write_all("a/n.yaml", "locked/m.yaml")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    for word in (".", "**/*.yaml", "*/*.yaml"):
        search = Search()
        assert found(word, search=search) == ["a/n.yaml"]
        (problem,) = search.problems
        assert problem.startswith("cannot read the folder ")
        assert problem.endswith("locked': Permission denied")


# Single files


def test_a_file_is_meant_once_whatever_way_it_is_named() -> None:
    write_all("d/a.yaml")
    os.symlink("d", "link")
    assert found("d/a.yaml", "d", "./d/../d/a.yaml", "link/a.yaml", "d/*.yaml") == ["d/a.yaml"]


def test_an_empty_path_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="a path is empty"):
        list(Search().files(""))


def test_a_very_deeply_indented_file_may_be_a_description() -> None:
    spaces = b" " * 2**20
    assert has_layers(spaces + b"input: 1\n" + spaces + b"layers: []\n")
    assert not has_layers(spaces + b"input: 1\n" + spaces + b" layers: []\n")
    assert not has_layers(spaces)


def test_what_rfcalc_has_printed_as_json_is_no_description() -> None:
    # A description may be called so, or have a key that is not known.
    assert has_layers(b'{"source": "rfcalc.report/1", "layers": []}')
    assert has_layers(b'{"schema": "mine", "layers": []}')
    assert not has_layers(b'{\n  "schema": "rfcalc.report/1",\n  "layers": []}')


@pytest.mark.parametrize(
    "command",
    [
        "show net.yaml",
        "explain net.yaml conv1",
        "compare net.yaml relu.yaml",
        "check net.yaml",
        "list",
        "ops",
        "rules",
        "check net.yaml --update-baseline --baseline",
    ],
)
def test_a_report_is_told_where_it_is_named_and_passed_over_where_it_is_found(command: str) -> None:
    write_all("net.yaml", "net.json", text='{"input": "8x8x3", "layers": ["conv f=3 d=4"]}')
    write_all("relu.yaml")
    written = "--format json -o".split() if "baseline" not in command else []
    main([*command.split(), *written, "report.json"])
    search = Search()
    assert found("*.json", search=search) == ["net.json"]
    assert search.passed_over == 1
    (finding,) = check_data(Path("report.json").read_bytes(), "report.json", ()).findings
    assert finding.message.startswith("this is what rfcalc has printed as json, 'rfcalc.")
