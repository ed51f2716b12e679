"""A file as it was at a revision of its git repository: the one place that runs another program.

Git is run with a fixed list of arguments, without a shell.  A revision is resolved to the name of a commit
first, so nothing that a user writes can be taken for an option, and what is read is a stored object, which no
filter or setting of the repository changes.
"""

from __future__ import annotations

import os
import subprocess
from shutil import which

from rfcalc.errors import UsageError, quoted

# Git answers from its own files; what takes longer waits for something that will not come.
_SECONDS = 60


class NotAtRevision(UsageError):
    """There was no such file at the revision."""


def file_at(revision: str, path: str) -> bytes:
    """The content that a file had at a revision: a commit, a branch, a tag, `HEAD~2`.

    Raises UsageError when there is no git, no repository or no such revision, NotAtRevision when there was no
    such file in it.
    """
    return file_in(commit_of(revision, path), revision, path)


def commit_of(revision: str, path: str) -> str:
    """The name of the commit that a revision means in the repository of a file; raises UsageError."""
    folder, name = _parted(path)
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder {quoted(folder)}")
    if not name:
        raise UsageError(f"{quoted(path)} is a folder, not a file")
    if _git(folder, "rev-parse", "--git-dir") is None:
        raise UsageError(f"{quoted(path)} is in no git repository")
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not commit:
        raise UsageError(f"the repository of {quoted(path)} has no revision {quoted(revision)}")
    return commit.decode("ascii").strip()


def file_in(commit: str, revision: str, path: str) -> bytes:
    """The content that a file had in a commit, which a revision names; raises NotAtRevision."""
    folder, name = _parted(path)
    content = _git(folder, "cat-file", "blob", f"{commit}:./{name}")
    if content is None:
        raise NotAtRevision(f"there is no file {quoted(path)} at revision {quoted(revision)}")
    return content


def _parted(path: str) -> tuple[str, str]:
    """The folder and the name of a file."""
    folder, name = os.path.split(path)
    return folder or os.curdir, name


def _git(folder: str, *arguments: str) -> bytes | None:
    """What git prints; None when it says no."""
    # The full path: on some systems a bare name is looked for in the current folder first.
    program = which("git")
    if program is None:
        raise UsageError("reading a revision needs git, which is not installed")
    # It neither asks for a password nor fetches what a partial clone lacks.
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # always git, from a list that no shell reads; see this module's head
            [program, "-C", folder, "--no-pager", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"git gave no answer in {_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"git cannot be run: {error}") from None
    return done.stdout if done.returncode == 0 else None
