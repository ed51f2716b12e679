"""What git ignores, against git itself."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from effort import lines_run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.cli.gitignore import Gitignore

FILES = (
    *("a", "b", "ab", "a.yaml", "b.yaml", "#a", "!a", "a b", "x y ", "[a]", "a*b"),
    *("é", "é.yaml", "a:", "]", "-", "\\", "ab ba"),
    *("d/a", "d/b.yaml", "d/e/a", "d/e/f/a.yaml", "e/a", "e/d/b", "build/a.yaml", "d/build/b.yaml"),
)
# Texts that are patterns more often than not, and lines that are hardly any.
ATOMS = st.sampled_from(
    [*"abdef-./?!#[] ", "/", "*", "**", "**/", "/**", "build", "yaml", "x y", "[ab]", "[!a]", "[^b]"]
    + ["[a-d]", "[]a]", "[[:alpha:]]", "[a", "\\", "\\*", "\\#", "\\!", "[\\]]", "\\/"]
    + [
        "é",
        "[é]",
        "??.yaml",
        "[[:foo:]a]",
        "[a[:foo:]]",
        "[[:]",
        "[[::]]",
        "[:",
        ":]",
        "[a-",
        "[b-a]",
        "[]-a]",
    ]
    + [f"[{sign}[:{name}:]]" for sign in ("", "!") for name in ("alnum", "punct", "space", "print", "graph")]
)
# Left out: a slash within brackets, which makes one part of two, and two asterisks that are not a whole part,
# which git's documentation calls regular ones though they may pass over slashes.
ODD = re.compile(r"\[.*/|[^/!]\*\*|\*\*[^/]")
LINES = st.lists(ATOMS, max_size=5).map("".join).filter(lambda line: not ODD.search(line))
FILES_OF_RULES = st.lists(LINES, max_size=4).map("\n".join)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("", encoding="utf-8")
    git(root, "init", "--quiet")
    return root


def git(root: Path, *words: str, text: str = "") -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(root), *words],
        input=text.encode(),
        capture_output=True,
        check=False,
        env=environment,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.decode()


def ignored_by_git(root: Path) -> set[str]:
    names = "".join(f"{name}\0" for name in FILES)
    out = git(root, "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin", "-z", text=names)
    return set(out.split("\0")) - {""}


def ignored(root: Path) -> set[str]:
    rules = Gitignore()
    found = set()
    for name in FILES:
        parts = name.split("/")
        ways = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        if any(rules.ignores(str(root / way), is_folder=way != name) for way in ways):
            found.add(name)
    return found


@settings(max_examples=150, deadline=None)
@given(FILES_OF_RULES, FILES_OF_RULES)
@example("*.yaml\n!b.yaml", "")
@example("build/", "")
@example("/a\n# b\n\\#a\n\\!a", "!a")
@example("d/**\n!d/e", "")
@example("**/e/**/a.yaml", "/a")
@example("a\\ \nx y\\ ", "a ")
@example("a/**b", "[!]a]")
@example("a*", "e/f/a*\\")
def test_the_same_is_ignored_as_git_ignores(repository: Path, root_rules: str, inner_rules: str) -> None:
    (repository / ".gitignore").write_text(root_rules, encoding="utf-8")
    (repository / "d" / ".gitignore").write_text(inner_rules, encoding="utf-8")
    assert ignored(repository) == ignored_by_git(repository)


def test_the_repository_s_own_excludes_count_after_its_gitignore(repository: Path) -> None:
    (repository / ".gitignore").write_text("!a.yaml\nb\n", encoding="utf-8")
    (repository / "d" / ".gitignore").write_text("", encoding="utf-8")
    excludes = repository / ".git" / "info" / "exclude"
    excludes.write_text("*.yaml\n!b\n", encoding="utf-8")
    try:
        assert ignored(repository) == ignored_by_git(repository)
        assert {"b", "b.yaml"} < ignored(repository)
        assert "a.yaml" not in ignored(repository)
    finally:
        excludes.unlink()


def test_outside_a_repository_nothing_is_ignored(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n", encoding="utf-8")
    assert not Gitignore().ignores(str(tmp_path / "a.yaml"), is_folder=False)


def test_a_repository_within_another_has_rules_of_its_own(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "inner"):
        (folder / ".git").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*.yaml\n", encoding="utf-8")
    rules = Gitignore()
    assert rules.ignores(str(tmp_path / "a.yaml"), is_folder=False)
    assert not rules.ignores(str(tmp_path / "inner" / "a.yaml"), is_folder=False)


# Files that nobody wrote


HOSTILE = {
    "brackets": "[" * 50_000,
    "escaped slashes": "\\/" * 300_000,
    "spaces": "a" + " " * 500_000,
    "escaped spaces": "\\ " * 250_000,
    "spaces between": "a " * 250_000 + "b",
    "backslashes": "\\" * 500_001,
    "any folders": "**/" * 150_000 + "x",
    "folders": "a/" * 250_000 + "x",
    "any names": "*/" * 250_000 + "x",
    "asterisks": "*" * 500_000,
    "asterisks between": "*a" * 200_000 + "b",
    "classes": "[[:" * 100_000 + "x",
    "negations": "!" * 500_000,
    "lines": "*a*\n" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.slow
def test_a_hostile_file_is_read_in_time_that_grows_with_its_length(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    text = HOSTILE[name]
    # What stands before it and behind it counts all the same.
    (tmp_path / ".gitignore").write_text(f"a.yaml\n{text}\nb.yaml\n!a\n", encoding="utf-8")
    rules = Gitignore()
    # A longest name, in folders so deep.
    deep = tmp_path.joinpath(*"aaaa", "a" * 250)
    ignored_deep, first = lines_run(lambda: rules.ignores(str(deep), is_folder=False))
    assert first <= 25 * len(text) + 20_000
    # Each line takes a few steps for each part of the path, however long it is.
    lines = text.count("\n") + 5
    for path, ignored_here in ((deep, ignored_deep), (tmp_path / "a.yaml", True), (tmp_path / "a", False)):
        again, ran = lines_run(lambda path=path: rules.ignores(str(path), is_folder=False))
        assert ran <= 60 * lines + 1_000
        assert again == ignored_here


def test_what_hostile_lines_ignore_git_ignores_too(repository: Path) -> None:
    (repository / "d" / ".gitignore").write_text("", encoding="utf-8")
    for text in HOSTILE.values():
        (repository / ".gitignore").write_text(f"a.yaml\n{text[:20_001]}\nb.yaml\n!a\n", encoding="utf-8")
        assert ignored(repository) == ignored_by_git(repository)


def test_a_link_is_not_followed_as_git_does_not(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("*.yaml\n", encoding="utf-8")
    path = repository / ".gitignore"
    path.unlink(missing_ok=True)
    path.symlink_to(tmp_path / "rules")
    try:
        assert ignored(repository) == ignored_by_git(repository) == set()
    finally:
        path.unlink()
    # The file of the repository itself is another matter.
    excludes = repository / ".git" / "info" / "exclude"
    excludes.unlink(missing_ok=True)
    excludes.symlink_to(tmp_path / "rules")
    try:
        assert ignored(repository) == ignored_by_git(repository) != set()
    finally:
        excludes.unlink()


def test_a_file_that_is_too_long_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    line = "*.yaml\n"
    (tmp_path / ".gitignore").write_text(line * (2**20 // len(line) + 1), encoding="utf-8")
    rules = Gitignore()
    assert not rules.ignores(str(tmp_path / "a.yaml"), is_folder=False)
    assert not rules.ignores(str(tmp_path / "b.yaml"), is_folder=False)
    (problem,) = rules.problems
    assert problem.endswith(
        ".gitignore:1:1: larger than 1 MiB, the limit for a file of patterns; it is not read"
    )
