"""`rfcalc check --against`: what a branch changed, since it began and whatever its files were called then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from check_runs import Runner, commit, git, runner, write

from rfcalc.cli.revision import Base
from rfcalc.errors import UsageError
from rfcalc.spec.document_text import LONGEST_TEXT

# 3 · 3 · 16 · 16 weights and 16 biases: 2,320 parameters; with 24 channels 3,480.
NET = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16 as one\n  - relu\n"
GROWN = NET.replace("d=16", "d=24")
# 1 · 1 · 16 · 200 + 200 = 3,400 parameters.
OTHER = "input: 8x8x16\nlayers:\n  - maxpool f=2 s=2\n  - fc d=200\n  - softmax\n"
GROWTH = 'select = ["RF3"]\n[[budgets]]\nnetwork = "nets/*.yaml"\nmax_increase = {params = "2%"}\n'


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose one commit holds a network and its budget of growth; it is the current folder."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write({"rfcalc.toml": GROWTH, "nets/a.yaml": NET})
    git("init", "-q", "-b", "main")
    commit()
    return folder


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys, "--format", "concise")


def diverge() -> None:
    """A branch that makes the network larger, while main makes it smaller; the branch is checked out."""
    git("checkout", "-qb", "topic")
    write({"nets/a.yaml": NET.replace("relu", "elu")})
    commit()
    git("checkout", "-q", "main")
    write({"nets/a.yaml": NET.replace("d=16", "d=8"), "nets/new.yaml": NET})
    commit()
    git("checkout", "-q", "topic")


# The merge base


def test_what_main_has_changed_since_is_neither_blamed_on_the_branch_nor_hides_its_growth(
    check: Runner,
) -> None:
    diverge()
    # Against the tip of main the same network is twice as large.
    assert check("--against", "main").found() == []
    assert check("--against", "main..").found() == ["nets/a.yaml RF304"]
    git("checkout", "-q", "main")
    write({"nets/a.yaml": GROWN})
    commit()
    git("checkout", "-q", "topic")
    write({"nets/a.yaml": GROWN})
    ran = check("--against", "main")
    assert ran.found() == ["nets/a.yaml RF304"]
    base = git("merge-base", "main", "HEAD")[:8]
    assert f"from 2,320 to 3,480 against main (merge base {base}): 1,160 more" in ran.out
    assert check("--against", "main..").found() == []


@pytest.mark.parametrize("revision", ["main...", "main...topic", "...main", "main...HEAD", "topic...main"])
def test_three_dots_mean_the_merge_base_of_both(check: Runner, revision: str) -> None:
    diverge()
    write({"nets/a.yaml": GROWN})
    ran = check("--against", revision)
    assert (ran.code, ran.found()) == (1, ["nets/a.yaml RF304"])
    assert f"from 2,320 to 3,480 against {revision} (merge base " in ran.out


def test_a_revision_that_head_comes_from_is_compared_with_itself(check: Runner) -> None:
    write({"nets/a.yaml": GROWN})
    commit()
    assert "from 2,320 to 3,480 against HEAD~1: 1,160 more" in check("--against", "HEAD~1").out


def test_two_dots_between_revisions_are_answered_with_what_can_be_meant(check: Runner) -> None:
    ran = check("--against", "main..HEAD")
    assert (ran.code, ran.out) == (2, "")
    assert "'main..' is main itself, 'main...HEAD' the merge base of both" in ran.err
    assert "'..' is HEAD itself, '...main' the merge base of both" in check("--against", "..main").err


@pytest.mark.parametrize(
    "revision", ["main...-x", "-x...main", "main...:a.yaml", "main...HEAD:x", "...^main"]
)
def test_each_side_has_to_name_a_commit(revision: str) -> None:
    with pytest.raises(UsageError, match="is no revision; expected a commit"):
        Base(revision)


def test_dots_within_braces_are_part_of_a_name(check: Runner) -> None:
    git("commit", "-q", "--allow-empty", "-m", "and so on... and on")
    assert check("--against", "HEAD^{/on... and}").code == 0


def test_histories_without_a_common_commit_are_told(check: Runner) -> None:
    git("checkout", "-q", "--orphan", "lone")
    # Otherwise it would be the first commit again, if it is made in the same second.
    write({"nets/b.yaml": OTHER})
    commit()
    ran = check("--against", "main")
    assert (ran.code, ran.out) == (2, "")
    assert "'main' and 'HEAD' have no commit in common; 'main..' is main itself" in ran.err
    assert check("--against", "main..").code == 0


def test_one_of_several_merge_bases_is_said_to_be_one(check: Runner) -> None:
    diverge()
    # Each side merges what the other was: two bases, neither of which comes from the other.
    topic, main = git("rev-parse", "topic").strip(), git("rev-parse", "main").strip()
    git("merge", "-q", "-X", "ours", "-m", "one", main)
    git("checkout", "-q", "main")
    git("merge", "-q", "-X", "ours", "-m", "two", topic)
    git("checkout", "-q", "topic")
    write({"nets/a.yaml": GROWN})
    assert ", one of 2): " in check("--against", "main").out


def test_what_a_merge_in_progress_brings_in_is_no_change_of_the_branch(check: Runner) -> None:
    git("checkout", "-qb", "topic")
    git("commit", "-q", "--allow-empty", "-m", "nothing")
    git("checkout", "-q", "main")
    write({"nets/a.yaml": GROWN})
    commit()
    git("checkout", "-q", "topic")
    git("merge", "-q", "--no-commit", "--no-ff", "main")
    assert check("--against", "main").found() == []
    # A tag of that name is none.
    git("tag", "MERGE_HEAD", "main~1")
    assert check("--against", "main").found() == []
    write({"nets/a.yaml": GROWN.replace("d=24", "d=32")})
    assert "from 3,480 to 4,640 against main" in check("--against", "main").out


def test_a_branch_or_a_tag_called_like_the_merge_in_progress_is_none(check: Runner) -> None:
    git("checkout", "-qb", "topic")
    write({"nets/a.yaml": GROWN})
    commit()
    git("checkout", "-q", "main")
    git("commit", "-q", "--allow-empty", "-m", "nothing")
    git("tag", "MERGE_HEAD", "topic")
    git("branch", "MERGE_HEAD", "topic")
    git("checkout", "-q", "topic")
    assert check("--against", "main").found() == ["nets/a.yaml RF304"]


def test_a_shallow_clone_that_lacks_the_merge_base_is_told_how_to_get_it(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverge()
    git("clone", "-q", "--depth=1", "--no-single-branch", repository.as_uri(), "../shallow")
    monkeypatch.chdir(repository.parent / "shallow")
    ran = check("--against", "origin/main")
    assert (ran.code, ran.out) == (2, "")
    assert "'origin/main' and 'HEAD' have no commit in common; it is a shallow clone" in ran.err
    assert "`git fetch --unshallow`" in ran.err
    assert "`fetch-depth: 0`" in ran.err
    assert "`GIT_DEPTH: 0`" in ran.err
    git("fetch", "-q", "--unshallow")
    assert check("--against", "origin/main").code == 0


def test_a_branch_that_a_shallow_clone_lacks_is_fetched_as_it_says(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverge()
    git("clone", "-q", "--depth=1", repository.as_uri(), "../shallow")
    monkeypatch.chdir(repository.parent / "shallow")
    ran = check("--against", "origin/main")
    assert "has no revision 'origin/main'; it is a shallow clone" in ran.err
    command = ran.err.partition("`git ")[2].partition("`")[0]
    git(*(word.strip("'") for word in command.split()))
    assert check("--against", "origin/main").code == 0


def test_the_merge_commit_of_a_pull_request_is_compared_with_its_first_parent(
    check: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverge()
    git("checkout", "-qb", "merge", "main")
    git("merge", "-q", "-X", "theirs", "-m", "merge", "topic")
    git("clone", "-q", "--depth=2", "--branch", "merge", repository.as_uri(), "../shallow")
    monkeypatch.chdir(repository.parent / "shallow")
    write({"nets/a.yaml": GROWN})
    assert "from 1,160 to 3,480 against HEAD^: " in check("--against", "HEAD^").out


# Files of other names


@pytest.mark.parametrize("how", ["git mv", "mv", "committed"])
def test_a_network_that_is_renamed_and_larger_is_compared_with_what_it_was(check: Runner, how: str) -> None:
    if how == "mv":
        Path("nets/a.yaml").rename("nets/b.yaml")
    else:
        git("mv", "nets/a.yaml", "nets/b.yaml")
    assert check("--against", "main").found() == []
    write({"nets/b.yaml": GROWN})
    if how == "committed":
        git("checkout", "-qb", "topic")
        commit()
    ran = check("--against", "main")
    assert (ran.code, ran.found()) == (1, ["nets/b.yaml RF304"])
    assert "from 2,320 to 3,480 against main, where it was nets/a.yaml: " in ran.out


def test_a_folder_that_is_renamed_is_followed_file_by_file(check: Runner) -> None:
    write({f"old/{name}.yaml": text for name, text in (("a", NET), ("b", OTHER), ("c", GROWN))})
    commit()
    git("rm", "-q", "nets/a.yaml")
    Path("nets").mkdir()
    for name in "abc":
        git("mv", f"old/{name}.yaml", f"nets/{name}.yaml")
    write({"nets/b.yaml": OTHER.replace("200", "400")})
    ran = check("--against", "main")
    assert ran.found() == ["nets/b.yaml RF304"]
    assert "where it was old/b.yaml" in ran.out


def test_a_new_network_beside_one_that_is_renamed_is_new(check: Runner) -> None:
    git("mv", "nets/a.yaml", "nets/z.yaml")
    write({"nets/b.yaml": GROWN})
    assert check("--against", "main").found() == ["nets/b.yaml RF305"]


def test_a_network_that_is_nothing_like_what_is_gone_is_new(check: Runner) -> None:
    Path("nets/a.yaml").unlink()
    write({"nets/b.yaml": OTHER})
    ran = check("--against", "main")
    assert (ran.code, ran.found()) == (0, ["nets/b.yaml RF305"])


def test_a_network_that_kept_its_name_is_not_what_another_was_renamed_to(check: Runner) -> None:
    write({"nets/twin.yaml": NET})
    commit()
    git("mv", "nets/twin.yaml", "nets/z.yaml")
    write({"nets/z.yaml": GROWN})
    assert check("--against", "main").found() == ["nets/z.yaml RF304"]


def test_a_copy_is_new(check: Runner) -> None:
    write({"nets/b.yaml": GROWN})
    assert check("--against", "main").found() == ["nets/b.yaml RF305"]


def test_what_a_renamed_network_was_and_could_not_be_built_is_told(check: Runner) -> None:
    write({"nets/a.yaml": NET.replace("relu", "rely")})
    commit()
    git("mv", "nets/a.yaml", "nets/b.yaml")
    write({"nets/b.yaml": NET})
    ran = check("--against", "main")
    assert (ran.code, ran.found()) == (1, ["nets/b.yaml RF305"])
    assert "could not be built (nets/a.yaml:4:5: " in ran.out


def test_where_too_much_is_gone_that_is_told_and_no_pass(
    check: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"nets/c.yaml": OTHER})
    commit()
    git("mv", "nets/a.yaml", "nets/b.yaml")
    Path("nets/c.yaml").unlink()
    for limit in ("_MOST_FILES", "_MOST_BYTES"):
        with monkeypatch.context() as changed:
            changed.setattr(f"rfcalc.cli.renamed_files.{limit}", 1)
            ran = check("--against", "main")
        assert (ran.code, ran.found()) == (1, ["nets/b.yaml RF305"])
        assert "too many files are gone" in ran.out
    assert check("--against", "main").found() == []


def test_what_was_too_long_to_be_a_description_was_none(check: Runner) -> None:
    write({"nets/a.yaml": NET + "#" * (LONGEST_TEXT - len(NET) + 1)})
    commit()
    git("mv", "nets/a.yaml", "nets/b.yaml")
    write({"nets/b.yaml": NET})
    assert check("--against", "main").found() == ["nets/b.yaml RF305"]


def test_a_renamed_network_is_found_in_a_baseline_too(check: Runner) -> None:
    write({"rfcalc.toml": f'baseline = "figures.json"\n{GROWTH}', "nets/c.yaml": OTHER})
    assert check("--update-baseline").code == 0
    Path("nets/a.yaml").rename("nets/b.yaml")
    assert check().found() == ["figures.json RF305"]
    write({"nets/b.yaml": GROWN})
    ran = check("--fail-on", "error")
    assert (ran.code, ran.found()) == (1, ["nets/b.yaml RF304", "figures.json RF305"])
    assert "from 2,320 to 3,480 against figures.json, where it was nets/a.yaml: " in ran.out
    accept = "rfcalc check nets/b.yaml --update-baseline"
    hint = f"it is nets/b.yaml now; to accept that with its new figures: {accept}\n"
    assert hint in check("--format", "full").out
    assert check(*accept.split()[2:]).code == 0
    assert check().found() == []


# What networks are built with


def test_what_is_given_on_the_command_line_holds_for_both_sides(check: Runner) -> None:
    write({"rfcalc.toml": GROWTH.replace("params", "macs"), "nets/a.yaml": f"params: {{w: 16}}\n{NET}"})
    write({"nets/a.yaml": Path("nets/a.yaml").read_text(encoding="utf-8").replace("d=16", "d=w")})
    commit()
    assert check("--against", "HEAD", "--input", "64x64x16").found() == []
    assert check("--against", "HEAD", "--set", "w=24").found() == []
    # A parameter that was not there then has no value to take.
    assert "from 2,359,296 to 3,538,944" in check("--against", "HEAD~1", "--set", "w=24").out


def test_a_parameter_that_was_changed_is_the_cause_and_not_the_layers(check: Runner) -> None:
    text = "input: 32x32x16\nparams: {width: 1, dropped: 0.5}\nlayers:\n" + "".join(
        f"  - conv f=3 p=1 d=16*width as c{place}\n  - dropout rate=dropped\n" for place in range(4)
    )
    write({"nets/a.yaml": text})
    commit()
    write({"nets/a.yaml": text.replace("width: 1,", "width: 2,").replace("0.5", "0.25")})
    (finding,) = [line for line in check("--against", "HEAD").out.splitlines() if "RF304" in line]
    assert finding.startswith("nets/a.yaml:2:10: RF304 error params grows from 9,280 to 32,384")
    assert finding.endswith("; width: 1 → 2 makes all of it")
    # A line of its own that has grown more comes first.
    stem = text.replace("layers:\n", "layers:\n  - conv f=11 p=5 d=16 as stem\n")
    write({"nets/a.yaml": stem.replace("width: 1,", "width: 2,")})
    out = check("--against", "HEAD", "--format", "full").out
    assert "; stem: 30,992, new\n" in out
    assert "nets/a.yaml:2:10: note: width: 1 → 2 makes 23,104 of it\n" in out


def test_a_size_of_the_input_that_was_changed_is_the_cause(check: Runner) -> None:
    write({"rfcalc.toml": GROWTH.replace("params", "macs"), "nets/a.yaml": NET.replace("32x32", "64x64")})
    (finding,) = [line for line in check("--against", "HEAD").out.splitlines() if "RF304" in line]
    assert finding.startswith("nets/a.yaml:1:8: RF304 error macs grows")
    assert finding.endswith("; input: 32x32x16 → 64x64x16 makes all of it")


# Growth that is meant


def test_growth_is_accepted_where_the_description_states_the_new_figure(check: Runner) -> None:
    write({"nets/a.yaml": GROWN})
    full = check("--against", "main", "--format", "full").out
    assert "help: to accept it, state the new figure under `check:`: params == 3480\n" in full
    accepted = f"{GROWN}check: [params == 3480 and depth == 1]\n"
    write({"nets/a.yaml": accepted})
    assert check("--against", "main").found() == []
    # After the merge it is a promise like any other, which holds.
    commit()
    assert check("--against", "main", "--select", "RF3,RF9").found() == []
    # The next growth needs another word.
    write({"nets/a.yaml": accepted.replace("d=24", "d=32")})
    assert check("--against", "main").found() == ["nets/a.yaml RF304", "nets/a.yaml RF301"]


@pytest.mark.parametrize(
    "promise",
    [
        "params <= 3480",
        "params == 3480 or macs == 1",
        "not params != 3480",
        "params(one) == 3480",
        "3480 <= params <= 3480",
        "layers == 2",
        "params == 2*1740",
    ],
)
def test_what_is_no_statement_of_the_figure_accepts_no_growth(check: Runner, promise: str) -> None:
    write({"nets/a.yaml": f"{GROWN}check: [{promise}]\n"})
    assert check("--against", "main").found() == ["nets/a.yaml RF304"]
