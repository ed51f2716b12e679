"""A file as it was at a revision of its git repository: the one place that runs another program.

Git is run with a fixed list of arguments, without a shell.  A revision is resolved to the name of a commit
first, so nothing that a user writes can be taken for an option, and what is read is a stored object, which no
filter or setting of the repository changes.  Which repository a file belongs to is decided by where it lies.
A repository may come from anywhere, so nothing that its configuration names is run: of all that git could run
the commands used here come to the monitor of the file system (where they read the index) and to fetching what
a partial clone lacks; both are switched off, and hooks with them.  The content of the work tree, for which
git would run the filters that attributes name, git is never asked about: renames are found without it.

Only what git does not list at a commit was not there; all else that git cannot say is an error, so that a
comparison that could not be made never looks like one that found nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from shutil import which

from rfcalc.cli.paths import shown
from rfcalc.errors import UsageError, quoted
from rfcalc.files import HEAD, bytes_of
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import LONGEST_TEXT

# Git answers from its own files; what takes longer waits for something that will not come.
_SECONDS = 60
# What ties git to one repository, as `git rev-parse --local-env-vars` (2.39) lists it; hooks inherit it.  As
# where git itself enters another repository, the configuration of the command line is kept
# (`prepare_submodule_repo_env` in git's submodule.c): it is how a folder of another owner is allowed.
_OF_ONE_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
)
_SETTINGS = {
    # It neither asks for a password nor fetches what a partial clone lacks: no protocol is allowed, since
    # git before 2.45 does not know of the other.  It writes nothing,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_OPTIONAL_LOCKS": "0",
    # takes no character of a path for a pattern, and speaks the language of the other messages.
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# These override the configuration of the repository.
_SWITCHED_OFF = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
# What is in braces may be anything: `HEAD^{/fix: pads}`, `main@{10:00}`.
_BRACED = re.compile(r"\{[^{}]*\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# With these git warns that it took another commit than may be meant.
_DOUBT = re.compile(rb"^warning: ((?:log for|refname) .*)", re.MULTILINE)
# What git says where there is no more to say than that there is none.
_NO_REVISION = "Needed a single revision"
# A file in a listing of `git ls-tree`: its mode, its object and its path.
_LISTED = re.compile(r"100\d{3} blob ([0-9a-f]+)\t(.+)", re.DOTALL)
_IDENTITY = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OBJECT = re.compile(rb"([0-9a-f]+) (\w+) ([0-9]+)\n")
# What `git cat-file --follow-symlinks` says of a link that leads to no object.
_LINKS = {
    b"symlink": "it is reached by a link that leads out of the repository",
    b"loop": "it is reached by a link that leads to itself",
    b"dangling": "it is a link to what is not there",
    b"notdir": "it is a link to what is not there",
}


# How much of a commit's name tells it from others for a reader.
_SHORT = 8
_HEAD = "HEAD"
# The file of what a merge that is being made will bring into HEAD.
_MERGED = "MERGE_HEAD"
_UNSHALLOW = (
    "; it is a shallow clone, which has few commits and branches: fetch the rest with `{}`, in a workflow of "
    "GitHub with `fetch-depth: 0`, in one of GitLab with `GIT_DEPTH: 0`"
)


class NotAtRevision(UsageError):
    """There was no such file at the revision."""


class TooMuch(Exception):
    """More was asked for than is read."""


class _Refusal(UsageError):
    """What git says when it says no."""


class Commit(NamedTuple):
    """A commit of one repository: its name, and what messages call it."""

    identity: str
    called: str


class Revision:
    """Files as they were at a revision: a commit, a branch, a tag, `HEAD~2`.

    Each folder is looked up once, and the revision once in each repository.  Raises UsageError for a text
    that cannot name one commit.
    """

    def __init__(self, name: str) -> None:
        # With a colon it would be a file, of a commit or of the index, which other things can be done with.
        named = bool(name) and not name.startswith(("-", "^")) and ":" not in _BRACED.sub("", name)
        if not named or _CONTROL.search(name):
            raise UsageError(
                f"{quoted(name)} is no revision; expected a commit, a branch or a tag, without the path of a "
                "file, such as main, v1.0 or HEAD~2"
            )
        self.name = name
        self._commits: dict[str, Commit] = {}
        self._folders: dict[str, tuple[str, str]] = {}

    def content(self, path: str) -> bytes:
        """The content that a file had, which may have been reached by links within the repository.

        Raises NotAtRevision when there was no such file, and UsageError as `look_up` does, or when it cannot
        be read or was longer than a description may be.
        """
        folder, _ = _parted(path)
        commit = self.look_up(path).identity
        path_from_top = self.path_from_top(path)
        asked = os.fsencode(f"{commit}:{path_from_top}\n")
        try:
            answer = _git(folder, "cat-file", "--batch-check", "--follow-symlinks", asked=asked)
            found = _OBJECT.fullmatch(answer)
            if found is None:
                listed = _git(folder, "ls-tree", "-z", "--full-tree", commit, "--", path_from_top)
                if not listed and not answer.startswith((b"symlink ", b"loop ")):
                    raise self._absent(path)
                reason = _LINKS.get(answer.partition(b" ")[0], "the object that holds it is missing")
                raise self._unreadable(path, reason)
            identity, kind, size = found[1].decode("ascii"), found[2], int(found[3])
            if kind != b"blob":
                raise self._absent(path)
            if size > LONGEST_TEXT:
                message = f"{_called(path)} has {size:,} bytes at revision {quoted(self.name)}"
                raise UsageError(f"{message}; at most {LONGEST_TEXT:,} are read")
            return _git(folder, "cat-file", "blob", identity)
        except _Refusal as refusal:
            raise self._unreadable(path, str(refusal)) from None

    def files(self, path: str) -> dict[str, str]:
        """The files that the repository of a file had, by their paths from its top, and their objects' names.

        Links and submodules are left out.  Raises UsageError as `content` does.
        """
        folder, _ = _parted(path)
        try:
            listed = _git(folder, "ls-tree", "-r", "-z", "--full-tree", self.look_up(path).identity)
        except _Refusal as refusal:
            raise self._unreadable(path, str(refusal)) from None
        found = (_LISTED.fullmatch(os.fsdecode(entry)) for entry in listed.split(b"\0"))
        return {entry[2]: entry[1] for entry in found if entry}

    def contents(self, path: str, objects: Iterable[str], longest: int) -> dict[str, bytes]:
        """The contents of objects, by their names, without those that are longer than a description may be.

        path: a file in their repository.  longest: how much they may hold together; raises TooMuch where it
        is more, and UsageError as `content` does.
        """
        folder, _ = _parted(path)
        names = list(dict.fromkeys(objects))
        try:
            asked = "".join(f"{name}\n" for name in names).encode("ascii")
            answers = _git(folder, "cat-file", "--batch-check", asked=asked).splitlines(keepends=True)
            sizes = {}
            for name, answer in zip(names, answers, strict=True):
                found = _OBJECT.fullmatch(answer)
                if found is None:
                    raise self._unreadable(path, f"object {name} is missing, which may be what it was")
                sizes[name] = int(found[3])
            wanted = [name for name in names if sizes[name] <= LONGEST_TEXT]
            if sum(sizes[name] for name in wanted) > longest:
                raise TooMuch
            told = _git(folder, "cat-file", "--batch", asked="".join(f"{name}\n" for name in wanted).encode())
        except _Refusal as refusal:
            raise self._unreadable(path, str(refusal)) from None
        place, contents = 0, {}
        for name in wanted:
            # A line about the object, its bytes, and the end of a line.
            start = told.index(b"\n", place) + 1
            contents[name] = told[start : start + sizes[name]]
            place = start + sizes[name] + 1
        return contents

    def _absent(self, path: str) -> NotAtRevision:
        return NotAtRevision(f"there is no file {_called(path)} at revision {quoted(self.name)}")

    def _unreadable(self, path: str, reason: str) -> UsageError:
        return UsageError(f"git cannot read {_called(path)} at revision {quoted(self.name)}: {reason}")

    def look_up(self, path: str) -> Commit:
        """The commit that the revision is in the repository of a file.

        Raises UsageError when there is no git, no repository with a work tree around the file or no such
        revision in it.
        """
        return self._commits[self._place(path)[0]]

    def top(self, path: str) -> str:
        """The folder of the repository of a file; raises as `look_up` does."""
        return self._place(path)[0]

    def path_from_top(self, path: str) -> str:
        """The path of a file from the top of its repository, `a/b.yaml`; raises as `look_up` does."""
        found = f"{self._place(path)[1]}{_parted(path)[1]}"
        if "\n" in found:
            raise UsageError(f"git cannot be asked about {_called(path)}, whose path has a line break")
        return found

    def _place(self, path: str) -> tuple[str, str]:
        """The top of the repository of a file, and the path of the file's folder from there, as "a/b/"."""
        folder, name = _parted(path)
        if not name:
            raise UsageError(f"{quoted(path)} is a folder, not a file")
        if folder not in self._folders:
            if not os.path.isdir(folder):
                raise UsageError(f"there is no folder {quoted(folder)}")
            try:
                places = os.fsdecode(_git(folder, "rev-parse", "--show-toplevel", "--show-prefix"))
            except _Refusal as refusal:
                raise UsageError(f"no git repository can be read around {_called(path)}: {refusal}") from None
            if places.count("\n") != 2:
                raise UsageError(f"git cannot be asked about {_called(path)}, whose path has a line break")
            top, prefix, _ = places.split("\n")
            if top not in self._commits:
                self._commits[top] = self._commit(folder, path)
            self._folders[folder] = top, prefix
        return self._folders[folder]

    def _commit(self, folder: str, path: str) -> Commit:
        """The commit that the revision means in the repository of a folder."""
        return Commit(_resolved(folder, self.name, path), self.name)


class Base(Revision):
    """Files as they were where a branch began: at the merge base of a revision and HEAD.

    What has changed at the revision since is no change of the branch: it would be blamed for what the other
    side took away, and what it adds would be hidden by what the other side added.  `A...B` is the merge base
    of A and B, and `A..` is A itself.  While a merge is being made, what it brings in counts as part of HEAD.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        dots, start, end = _dots(name)
        self._exact = dots == ".."
        self._names = name[:start] or _HEAD, name[end:] or _HEAD
        if self._exact and name[end:]:
            raise UsageError(
                f"{quoted(name)} is no revision to compare files with as they are: {quoted(name[:end])} is "
                f"{self._names[0]} itself, {quoted(f'{name[:start]}...{name[end:]}')} the merge base of both"
            )
        for each in self._names:
            Revision(each)

    def _commit(self, folder: str, path: str) -> Commit:
        left, right = self._names
        identity = _resolved(folder, left, path)
        if self._exact:
            return Commit(identity, left)
        others = [_resolved(folder, right, path)]
        if right == _HEAD:
            others += _merged(folder)
        try:
            bases = _git(folder, "merge-base", "--all", identity, *others).decode("ascii").split()
        except _Refusal as refusal:
            if str(refusal):
                raise UsageError(f"git finds no merge base of {left} and {right}: {refusal}") from None
            message = f"{quoted(left)} and {quoted(right)} have no commit in common"
            shallow = _shallow_advice(folder, "git fetch --unshallow")
            raise UsageError(message + (shallow or f"; {quoted(f'{left}..')} is {left} itself")) from None
        called = self.name
        if bases[0] != identity:
            several = f", one of {len(bases)}" if len(bases) > 1 else ""
            called += f" (merge base {bases[0][:_SHORT]}{several})"
        return Commit(bases[0], called)


def revision_of(name: str) -> Revision:
    """The revision of a name, which with dots is a merge base; raises UsageError as `Base` does."""
    return Base(name) if _dots(name)[0] else Revision(name)


def _dots(name: str) -> tuple[str, int, int]:
    """The dots between two names, "" for one name, and where these end and begin."""
    shape = _BRACED.sub(lambda braced: "_" * len(braced[0]), name)
    for dots in ("...", ".."):
        if dots in shape:
            return dots, shape.index(dots), shape.index(dots) + len(dots)
    return "", len(name), len(name)


def _resolved(folder: str, name: str, path: str) -> str:
    """The name of the commit that a revision is in the repository of a folder."""
    try:
        arguments = ("--verify", "--end-of-options", f"{name}^{{commit}}")
        return _git(folder, "rev-parse", *arguments).decode("ascii").strip()
    except _Refusal as refusal:
        reason = "" if str(refusal) == _NO_REVISION else f": {refusal}"
    message = f"the repository of {_called(path)} has no revision {quoted(name)}{reason}"
    # A shallow clone has one branch alone unless it is told otherwise.
    branches = "git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'"
    raise UsageError(message + _shallow_advice(folder, branches))


def _merged(folder: str) -> list[str]:
    """The commits that a merge in progress merges into HEAD.

    Of the file that git keeps them in: asked for by name, a branch or a tag of that name would be taken too.
    """
    file = os.fsdecode(_git(folder, "rev-parse", "--git-path", _MERGED)).removesuffix("\n")
    try:
        found = bytes_of(os.path.join(folder, file), HEAD, kept=False)
    except UsageError:
        return []
    return [line.decode("ascii") for line in found.splitlines() if _IDENTITY.fullmatch(line)]


def _shallow_advice(folder: str, fetch: str) -> str:
    """How to get what a shallow clone lacks; "" in one that is none."""
    shallow = _git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"
    return _UNSHALLOW.format(fetch) if shallow else ""


def _parted(path: str) -> tuple[str, str]:
    """The folder and the name of a file."""
    folder, name = os.path.split(path)
    return folder or os.curdir, name


def _called(path: str) -> str:
    """A file as errors call it."""
    return quoted(shown(path))


def _git(folder: str, *arguments: str, asked: bytes = b"") -> bytes:
    """What git prints, which is given some input; raises _Refusal when it says no."""
    # The full path: on some systems a bare name is looked for in the current folder first.
    program = which("git")
    if program is None:
        raise UsageError("reading a revision needs git, which is not installed")
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_ONE_REPOSITORY}
    try:
        done = subprocess.run(  # noqa: S603  # always git, from a list that no shell reads; see this module's head
            [program, "-C", folder, "--no-pager", *_SWITCHED_OFF, *arguments],
            input=asked,
            capture_output=True,
            env=inherited | _SETTINGS,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"git gave no answer in {_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"git cannot be run: {error}") from None
    doubt = _DOUBT.search(done.stderr)
    if done.returncode or doubt:
        lines = (doubt[1] if doubt else done.stderr).decode("utf-8", "replace").splitlines()
        # What it warns of comes before the line with which it refuses.
        grave = [line for line in lines if not line.startswith("warning:")]
        raise _Refusal(next(iter(grave or lines), "").removeprefix("fatal: ").removeprefix("error: "))
    return done.stdout
