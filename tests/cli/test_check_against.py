"""`rfcalc check --against`: growth against a revision of git; what cannot be compared is never a pass."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from check_runs import Runner, commit, git, runner, write

from rfcalc.cli.revision import _OF_ONE_REPOSITORY, NotAtRevision, Revision, _git
from rfcalc.errors import UsageError
from rfcalc.spec.document_text import LONGEST_TEXT

# 3 · 3 · 16 · 16 weights and 16 biases: 2,320 parameters; with 24 channels 3,480.
NET = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16 as one\n  - relu\n"
GROWN = NET.replace("d=16", "d=24")
GROWTH = '[[budgets]]\nnetwork = "nets/*.yaml"\nmax_increase = {params = "2%"}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys, "--format", "concise")


@pytest.fixture
def repository(here: Path) -> Path:
    """A repository whose one commit holds a network and its budget of growth."""
    write({"rfcalc.toml": f'select = ["RF3"]\n{GROWTH}', "nets/a.yaml": NET})
    git("init", "-q", "-b", "main")
    commit()
    return here


@pytest.mark.usefixtures("repository")
def test_growth_against_a_revision_is_a_finding(check: Runner) -> None:
    assert check("--against", "HEAD").found() == []
    write({"nets/a.yaml": GROWN})
    ran = check("--against", "main")
    assert (ran.code, ran.found()) == (1, ["nets/a.yaml RF304"])
    assert "from 2,320 to 3,480 against main" in ran.out
    # In another process, or in this one, a revision is what it is now.
    commit()
    assert check("--against", "main").found() == []
    assert check("--against", "HEAD~1").found() == ["nets/a.yaml RF304"]


@pytest.mark.usefixtures("repository")
def test_a_file_that_a_revision_does_not_have_is_new_and_no_mistake(check: Runner) -> None:
    write({"nets/b.yaml": NET})
    ran = check("--against", "HEAD")
    assert (ran.code, ran.found()) == (0, ["nets/b.yaml RF305"])
    assert "nothing is compared" not in ran.err
    assert " info " in ran.out


@pytest.mark.usefixtures("repository")
def test_a_file_that_could_not_be_built_then_is_told_with_the_mistake(check: Runner) -> None:
    write({"nets/a.yaml": "input: 32x32x16\nlayers:\n  - rely\n"})
    commit()
    write({"nets/a.yaml": NET})
    ran = check("--against", "HEAD")
    assert (ran.code, ran.found()) == (1, ["nets/a.yaml RF305"])
    assert "at HEAD this network could not be built (nets/a.yaml:3:5: " in ran.out
    assert "'rely'" in ran.out
    # Each way out that the hint names.
    assert check("--against", "HEAD~1").code == 0
    assert check("--against", "HEAD", "--ignore", "RF305").code == 0


@pytest.mark.usefixtures("repository")
def test_without_git_nothing_passes(check: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ran = check("--against", "HEAD")
    assert (ran.code, "needs git, which is not installed" in ran.err) == (2, True)


@pytest.mark.usefixtures("repository")
def test_a_revision_is_looked_up_though_nothing_is_compared_with_it(check: Runner) -> None:
    write({"rfcalc.toml": 'select = ["RF3"]\n'})
    ran = check("--against", "HEAD")
    assert (ran.code, "warning: nothing is compared with HEAD" in ran.err) == (0, True)
    ran = check("--against", "origin/none")
    assert (ran.code, "has no revision 'origin/none'" in ran.err) == (2, True)


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~7", "HEAD^!"])
@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_not_there_is_told(check: Runner, revision: str) -> None:
    ran = check(f"--against={revision}")
    assert (ran.code, ran.out) == (2, "")
    assert f"has no revision '{revision}'" in ran.err


def test_a_folder_without_a_repository_is_told(check: Runner) -> None:
    write({"rfcalc.toml": GROWTH, "nets/a.yaml": NET})
    ran = check("--against", "HEAD")
    assert (ran.code, ran.out) == (2, "")
    assert "no git repository can be read around 'nets/a.yaml': not a git repository" in ran.err


@pytest.mark.usefixtures("repository")
def test_an_ignore_of_growth_is_no_finding_where_nothing_is_compared(check: Runner) -> None:
    write({"nets/a.yaml": GROWN.replace("as one", "as one  # rfcalc: ignore[RF304] wanted")})
    options = ("--extend-select", "RF901")
    assert check(*options).found() == ["nets/a.yaml RF305"]
    assert check(*options, "--against", "HEAD").found() == []
    write({"nets/a.yaml": NET.replace("as one", "as one  # rfcalc: ignore[RF304] wanted")})
    assert check(*options, "--against", "HEAD").found() == ["nets/a.yaml RF901"]


# Repositories of other kinds


def test_the_repository_that_a_hook_inherits_is_not_taken_for_that_of_the_file(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("worktree", "add", "-q", "../linked")
    linked = repository.parent / "linked"
    (linked / "nets" / "a.yaml").write_text(GROWN, encoding="utf-8")
    monkeypatch.chdir(linked)
    assert check("--against", "HEAD").found() == ["nets/a.yaml RF304"]
    # What git exports to a hook of a linked work tree.
    monkeypatch.setenv("GIT_DIR", str(repository / ".git" / "worktrees" / "linked"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / ".git" / "worktrees" / "linked" / "index"))
    monkeypatch.setenv("GIT_PREFIX", "")
    assert check("--against", "HEAD").found() == ["nets/a.yaml RF304"]


def test_all_that_ties_git_to_one_repository_is_dropped_but_the_configuration_of_the_command_line() -> None:
    kept = {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}
    assert set(git("rev-parse", "--local-env-vars").split()) - kept <= set(_OF_ONE_REPOSITORY)
    assert not kept & set(_OF_ONE_REPOSITORY)


def test_a_repository_without_a_work_tree_is_told(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("clone", "-q", "--bare", ".", "../bare")
    monkeypatch.chdir(repository.parent / "bare")
    write({"rfcalc.toml": GROWTH, "nets/a.yaml": GROWN})
    ran = check("nets/a.yaml", "--against", "HEAD")
    assert (ran.code, "must be run in a work tree" in ran.err) == (2, True)


def test_what_a_partial_clone_lacks_is_told_and_not_fetched(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("config", "uploadpack.allowFilter", "true")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    git("clone", "-q", "--no-checkout", "--filter=blob:none", repository.as_uri(), "../partial")
    monkeypatch.chdir(repository.parent / "partial")
    write({"rfcalc.toml": GROWTH, "nets/a.yaml": GROWN})
    lacking = git("rev-list", "--objects", "--missing=print", "HEAD")
    asked = ("git", "cat-file", "-e", "HEAD:nets/a.yaml")
    refused = subprocess.run(asked, env=os.environ | {"GIT_NO_LAZY_FETCH": "1"}, check=False)
    if refused.returncode == 0:
        pytest.skip("this git fetches what is lacking, whatever it is told")
    ran = check("--against", "HEAD")
    assert (ran.code, ran.out) == (2, "")
    assert "git cannot read 'nets/a.yaml' at revision 'HEAD': could not fetch" in ran.err
    assert "promisor remote" in ran.err
    assert git("rev-list", "--objects", "--missing=print", "HEAD") == lacking


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("lost", ["a" * 40, "nothing"])
def test_a_revision_that_a_partial_clone_lacks_is_told_without_a_cause_that_is_none(
    check: Runner, lost: str
) -> None:
    git("config", "remote.origin.promisor", "true")
    git("config", "remote.origin.url", "/nowhere")
    ran = check("--against", lost)
    assert ran.code == 2
    assert ran.err.endswith(f"has no revision {lost!r}\n")


@pytest.mark.usefixtures("repository")
def test_a_revision_of_which_git_warns_that_it_may_be_another_is_refused(check: Runner) -> None:
    assert check("--against", "HEAD@{0}").code == 0
    ran = check("--against", "HEAD@{2 years ago}")
    assert (ran.code, ran.out) == (2, "")
    assert "has no revision 'HEAD@{2 years ago}': log for 'HEAD' only goes back to " in ran.err
    git("tag", "twice")
    assert check("--against", "twice").code == 0
    git("branch", "twice")
    ran = check("--against", "twice")
    assert (ran.code, "refname 'twice' is ambiguous" in ran.err) == (2, True)


def test_a_shallow_clone_is_told_to_be_one(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_again = ("commit", "-q", "--allow-empty", "-m", "nothing")
    git(*commit_again)
    assert "shallow" not in check("--against", "HEAD~7").err
    git("clone", "-q", "--depth=1", repository.as_uri(), "../shallow")
    monkeypatch.chdir(repository.parent / "shallow")
    assert check("--against", "HEAD").code == 0
    ran = check("--against", "HEAD~1")
    assert ran.code == 2
    assert "has no revision 'HEAD~1'" in ran.err
    assert "shallow clone" in ran.err
    assert "fetch-depth: 0" in ran.err


def test_a_folder_of_another_owner_is_told_in_the_words_of_git(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How the tests of git itself pretend to it.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    ran = check("--against", "HEAD")
    assert (ran.code, "detected dubious ownership in repository at" in ran.err) == (2, True)
    # What is allowed on the command line of git, as jobs of CI do by these variables, stays allowed.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(repository))
    assert check("--against", "HEAD").code == 0


@pytest.mark.usefixtures("repository")
def test_git_is_asked_to_speak_the_language_of_the_other_messages(
    check: Runner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = here / "bin" / "git"
    write({"bin/git": '#!/bin/sh\necho "fatal: locale $LC_ALL" >&2\nexit 1\n'})
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert "around 'nets/a.yaml': locale C\n" in check("nets", "--against", "HEAD").err


# Objects


def _delete_object(revision: str) -> None:
    name = git("rev-parse", revision).strip()
    path = Path(".git", "objects", name[:2], name[2:])
    path.chmod(0o600)
    path.unlink()


@pytest.mark.parametrize("revision", ["HEAD:nets/a.yaml", "HEAD:nets", "HEAD^{tree}"])
@pytest.mark.usefixtures("repository")
def test_an_object_that_is_missing_is_no_file_that_was_not_there(check: Runner, revision: str) -> None:
    write({"nets/a.yaml": GROWN})
    _delete_object(revision)
    ran = check("--against", "HEAD")
    assert (ran.code, ran.out) == (2, "")
    assert "git cannot read 'nets/a.yaml' at revision 'HEAD'" in ran.err


@pytest.mark.usefixtures("repository")
def test_an_object_that_is_damaged_is_told(check: Runner) -> None:
    name = git("rev-parse", "HEAD:nets/a.yaml").strip()
    path = Path(".git", "objects", name[:2], name[2:])
    path.chmod(0o600)
    path.write_bytes(b"nothing")
    ran = check("--against", "HEAD")
    assert (ran.code, "at revision 'HEAD'" in ran.err) == (2, True)


@pytest.mark.usefixtures("repository")
def test_links_are_followed_as_they_were_then(check: Runner) -> None:
    write({"real/r.yaml": NET})
    Path("nets/link.yaml").symlink_to("../real/r.yaml")
    Path("nets/twice.yaml").symlink_to("link.yaml")
    Path("folder").symlink_to("nets")
    commit()
    write({"real/r.yaml": GROWN})
    assert check("--against", "HEAD").found() == ["nets/link.yaml RF304", "nets/twice.yaml RF304"]
    # A folder that was a link, and is none now.
    Path("folder").unlink()
    write({"folder/a.yaml": GROWN})
    assert Revision("HEAD").content("folder/a.yaml") == NET.encode()
    write({"folder/new.yaml": NET})
    with pytest.raises(NotAtRevision):
        Revision("HEAD").content("folder/new.yaml")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/etc/passwd", "leads out of the repository"),
        ("../../x.yaml", "leads out of the repository"),
        ("link.yaml", "leads to itself"),
        ("nowhere.yaml", "a link to what is not there"),
        ("a.yaml/x", "a link to what is not there"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_a_link_that_led_to_no_file_of_the_repository_is_told(
    check: Runner, target: str, message: str
) -> None:
    Path("nets/link.yaml").symlink_to(target)
    commit()
    Path("nets/link.yaml").unlink()
    write({"nets/link.yaml": NET})
    ran = check("--against", "HEAD")
    assert (ran.code, ran.out) == (2, "")
    assert "git cannot read 'nets/link.yaml' at revision 'HEAD': it is " in ran.err
    assert message in ran.err


@pytest.mark.parametrize(("target", "message"), [("../out", "out of the repository"), ("in", "to itself")])
@pytest.mark.usefixtures("repository")
def test_a_folder_that_was_a_link_to_no_folder_of_the_repository_is_told(target: str, message: str) -> None:
    Path("in").symlink_to(target)
    commit()
    Path("in").unlink()
    write({"in/a.yaml": NET})
    with pytest.raises(UsageError, match=f"it is reached by a link that leads {message}"):
        Revision("HEAD").content("in/a.yaml")


@pytest.mark.usefixtures("repository")
def test_a_folder_that_is_a_file_now_and_a_file_that_is_a_folder_now_are_files_of_other_names(
    check: Runner,
) -> None:
    write({"nets/b.yaml/c.yaml": NET, "nets/d.yaml": NET})
    commit()
    shutil.rmtree("nets/b.yaml")
    Path("nets/d.yaml").unlink()
    write({"nets/b.yaml": NET, "nets/d.yaml/e.yaml": NET})
    ran = check("nets/b.yaml", "nets/d.yaml/e.yaml", "--against", "HEAD")
    assert (ran.code, ran.found()) == (0, [])
    for path in ("nets/b.yaml", "nets/d.yaml/e.yaml"):
        with pytest.raises(NotAtRevision):
            Revision("HEAD").content(path)


@pytest.mark.usefixtures("repository")
def test_what_is_longer_than_a_description_may_be_is_not_read(check: Runner) -> None:
    write({"nets/a.yaml": NET + "#" * (LONGEST_TEXT - len(NET) + 1)})
    write({"nets/b.yaml": NET + "#" * (LONGEST_TEXT - len(NET))})
    commit()
    assert len(Revision("HEAD").content("nets/b.yaml")) == LONGEST_TEXT
    write({"nets/a.yaml": NET})
    ran = check("nets/a.yaml", "--against", "HEAD")
    assert (ran.code, "'nets/a.yaml' has 8,388,609 bytes at revision 'HEAD'" in ran.err) == (2, True)


@pytest.mark.parametrize("name", ["[a].yaml", "-x.yaml", ":(top)y.yaml", "sp ce\u00fc.yaml", '"q".yaml'])
@pytest.mark.parametrize("folder", ["", "nets/"])
@pytest.mark.usefixtures("repository")
def test_a_path_is_no_pattern_and_no_option(folder: str, name: str) -> None:
    path = f"{folder}{name}"
    write({path: NET})
    with pytest.raises(NotAtRevision):
        Revision("HEAD").content(path)
    commit()
    assert Revision("HEAD").content(path) == NET.encode()
    # All networks here are alike and so one object.
    _delete_object("HEAD:nets/a.yaml")
    with pytest.raises(UsageError, match="the object that holds it is missing"):
        Revision("HEAD").content(path)


@pytest.mark.usefixtures("repository")
def test_a_model_is_not_taken_from_git_and_that_is_no_pass(check: Runner) -> None:
    model = Path(__file__).parents[1] / "data" / "onnx" / "alexnet-legacy.onnx"
    Path("nets/a.onnx").write_bytes(model.read_bytes())
    write({"rfcalc.toml": f'select = ["RF3"]\n{GROWTH.replace("*.yaml", "*")}'})
    commit()
    ran = check("nets/a.onnx", "--against", "HEAD")
    assert ran.code == 1
    assert "RF305 warning" in ran.out
    assert "models are not read from git; a baseline keeps figures" in ran.out


@pytest.mark.usefixtures("repository")
def test_a_path_with_a_line_break_is_refused() -> None:
    write({"nets/a.yaml\nb": NET})
    with pytest.raises(UsageError, match="line break"):
        Revision("HEAD").content("nets/a.yaml\nb")


@pytest.mark.usefixtures("repository")
def test_each_folder_and_the_revision_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write({f"nets/{folder}/{name}.yaml": NET for folder in "abc" for name in "xyz"})
    commit()
    ran: list[str] = []

    def counted(folder: str, *arguments: str, asked: bytes = b"") -> bytes:
        ran.append(arguments[0])
        return _git(folder, *arguments, asked=asked)

    monkeypatch.setattr("rfcalc.cli.revision._git", counted)
    revision = Revision("HEAD")
    for folder in "abc":
        for name in "xyz":
            revision.content(f"nets/{folder}/{name}.yaml")
    # A look-up for each folder and one for the revision; what is there and its content for each file.
    assert (ran.count("rev-parse"), ran.count("cat-file"), len(ran)) == (3 + 1, 2 * 9, 22)
