"""A repository of somebody else: nothing that its configuration names is run, whatever is asked of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

import rfcalc.cli.revision
from rfcalc.cli.main import main
from rfcalc.cli.revision import NotAtRevision, Revision, _git
from rfcalc.errors import UsageError

NET = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n"
BUDGET = '[[budgets]]\nnetwork = "*.yaml"\nmax_increase = "2%"\n'
# Every key of git-config(1) whose value is a program, or the text of one.
PROGRAMS = """
    core.fsmonitor core.sshCommand core.pager core.editor core.askPass core.gitProxy
    core.alternateRefsCommand alias.rev-parse alias.cat-file alias.ls-tree alias.merge-base browser.x.cmd
    credential.helper credential.x.helper diff.external diff.x.command diff.x.textconv
    difftool.x.cmd filter.x.clean filter.x.smudge filter.x.process gpg.program gpg.openpgp.program
    gpg.ssh.program gpg.x509.program gpg.ssh.defaultKeyCommand guitool.x.cmd interactive.diffFilter
    man.x.cmd merge.x.driver mergetool.x.cmd pager.rev-parse pager.cat-file pager.ls-tree pager.merge-base
    remote.evil.receivepack remote.evil.uploadpack sendemail.sendmailCmd sequence.editor
    submodule.x.update tar.x.command trailer.x.cmd trailer.x.command uploadpack.packObjectsHook
    web.browser
""".split()
HOOKS = """
    fsmonitor-watchman post-checkout post-index-change post-merge pre-auto-gc pre-commit reference-transaction
    sendemail-validate update
""".split()
# What can name a commit, and what cannot.
COMMITS = [
    "HEAD",
    "main",
    "v1",
    "v2",
    "HEAD~1",
    "HEAD^",
    "@",
    "side",
    "origin/main",
    "HEAD^{/fix: one}",
    "HEAD@{0}",
]
OTHERS = [
    ":a.yaml",
    ":0:a.yaml",
    ":/fix",
    ":/",
    ":!a",
    "HEAD:a.yaml",
    "HEAD:",
    "HEAD:./a.yaml",
    "^HEAD",
    "-x",
    "--all",
]
OTHERS += ["", "HEAD\n", "HEAD\0", "\x1bHEAD", "HEAD^{/fix}:a.yaml", "main:x^{commit}"]
ABSENT = [
    "@{u}",
    "main@{upstream}",
    "@{push}",
    "nowhere",
    "HEAD~9",
    "main..HEAD",
    "HEAD^!",
    " HEAD",
    "HEAD^{tree}",
]


class Hostile(NamedTuple):
    """A repository with a mark that each program leaves, and a first and a last commit."""

    folder: Path
    marks: Path

    def left(self) -> list[str]:
        """The programs that were run since the last time."""
        found = self.marks.read_text(encoding="utf-8").split() if self.marks.exists() else []
        self.marks.unlink(missing_ok=True)
        return found


def git(*arguments: str, check: bool = True) -> str:
    name = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *name, *arguments), check=check, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    Path("a.yaml").write_text(NET, encoding="utf-8")
    # A file that a revision of a file, with `^{commit}` behind it, would name.
    Path("x^{commit}").write_text(NET, encoding="utf-8")
    Path(".gitattributes").write_text("* diff=x filter=x merge=x\n", encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "fix: one")
    git("tag", "v1")
    git("tag", "-a", "-m", "annotated", "v2")
    git("branch", "side")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("commit", "-q", "--allow-empty", "-m", "two")
    Path("rfcalc.toml").write_text(BUDGET, encoding="utf-8")
    marks = tmp_path / "marks"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho \"$1\" >> '{marks}'\n", encoding="utf-8")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in HOOKS:
        path = hooks / hook
        path.write_text(f"#!/bin/sh\necho {hook} >> '{marks}'\n", encoding="utf-8")
        path.chmod(0o755)
    values = {key: f"'{program}' {key}" for key in PROGRAMS}
    values |= {key: f"!{value}" for key, value in values.items() if key.startswith(("alias", "submodule"))}
    values |= {
        "core.hooksPath": str(hooks),
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": f"ext::{program} remote.evil.url",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
    }
    # Included, as a configuration may be spread over several files.
    included = tmp_path / "included"
    for key, value in values.items():
        git("config", "--file", str(included), key, value)
    git("config", "include.path", str(included))
    found = Hostile(folder, marks)
    found.left()
    return found


def lose(revision: str) -> None:
    name = git("rev-parse", revision)
    path = Path(".git", "objects", name[:2], name[2:])
    path.chmod(0o600)
    path.unlink()


def test_the_programs_of_the_repository_would_be_run_by_git(hostile: Hostile) -> None:
    git("rev-parse", ":a.yaml", check=False)
    assert "core.fsmonitor" in hostile.left()
    lose("HEAD:a.yaml")
    git("cat-file", "blob", "HEAD:a.yaml", check=False)
    assert "remote.evil.url" in hostile.left()


@pytest.mark.parametrize("revision", [*COMMITS, *OTHERS, *ABSENT])
@pytest.mark.slow
def test_no_revision_runs_a_program_of_the_repository(
    hostile: Hostile, capsys: pytest.CaptureFixture[str], revision: str
) -> None:
    codes = [
        main(["check", f"--against={revision}", "a.yaml"]),
        main(["compare", f"--git={revision}", "a.yaml"]),
    ]
    assert hostile.left() == []
    said = capsys.readouterr().err
    assert codes == ([0, 0] if revision in COMMITS else [2, 2]), said
    assert ("no revision" in said) == (revision not in COMMITS)


@pytest.mark.parametrize("revision", ["main...side", "side...", "...v1", "origin/main..", "-x...HEAD"])
def test_no_merge_base_runs_a_program_of_the_repository(hostile: Hostile, revision: str) -> None:
    git("update-ref", "refs/heads/side", git("commit-tree", "HEAD^{tree}", "-p", "side", "-m", "three"))
    hostile.left()
    assert main(["check", f"--against={revision}", "a.yaml"]) == (2 if "-x" in revision else 0)
    assert hostile.left() == []


@pytest.mark.parametrize("staged", [False, True])
def test_following_a_renamed_file_runs_no_filter_as_git_itself_would(
    hostile: Hostile, capsys: pytest.CaptureFixture[str], staged: bool
) -> None:
    Path("a.yaml").rename("b.yaml")
    Path("b.yaml").write_text(NET.replace("d=16", "d=32"), encoding="utf-8")
    if staged:
        git("-c", "filter.x.process=", "-c", "filter.x.clean=", "add", "-A")
    hostile.left()
    assert main(["check", "--against=HEAD", "--select=RF304", "b.yaml"]) == 1
    assert hostile.left() == []
    assert "where it was a.yaml" in capsys.readouterr().out
    git("add", "-A", check=False)
    git("diff", "-M", "--name-status", "HEAD", check=False)
    assert [left for left in hostile.left() if left.startswith(("filter.x", "core.fsmonitor"))]


@pytest.mark.parametrize("revision", [":a.yaml", ":/fix", "HEAD:a.yaml", "@{u}"])
def test_git_is_told_to_run_none_even_where_it_reads_the_index(hostile: Hostile, revision: str) -> None:
    with suppress(UsageError):
        _git(".", "rev-parse", "--verify", revision)
    assert hostile.left() == []


def test_looking_for_what_a_partial_clone_lacks_runs_nothing(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose("HEAD:a.yaml")
    hostile.left()
    settings = rfcalc.cli.revision._SETTINGS
    # Neither that nor, where git does not know the first of them, what else forbids it.
    for dropped in ((), ("GIT_NO_LAZY_FETCH",)):
        kept = {name: value for name, value in settings.items() if name not in dropped}
        monkeypatch.setattr("rfcalc.cli.revision._SETTINGS", kept)
        with pytest.raises(UsageError, match="git cannot read 'a.yaml' at revision 'HEAD'"):
            Revision("HEAD").content("a.yaml")
        assert hostile.left() == []


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("revision", COMMITS)
def test_a_commit_is_meant_however_it_is_named(revision: str) -> None:
    assert Revision(revision).content("a.yaml") == NET.encode()
    assert Revision(git("rev-parse", f"{revision}^{{commit}}")).content("a.yaml") == NET.encode()
    with pytest.raises(NotAtRevision):
        Revision(revision).content("rfcalc.toml")


@pytest.mark.parametrize("revision", OTHERS)
def test_what_is_no_revision_is_refused_before_git_is_asked(
    revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(UsageError, match="is no revision; expected a commit, a branch or a tag, without"):
        Revision(revision)
