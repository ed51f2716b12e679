"""Reading files, and which files a run must not replace by what it writes.

Every file of a user is opened for reading here, and while a command runs, each that was read is kept; what
writes (`cli/output.py`) asks before it replaces one.  So no command can forget a file that it reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from stat import S_ISREG

from rfcalc.errors import UsageError, quoted

_READ = "is read by this command"


# The path of each file that is kept, None for standard input, and why.  By the resolved path, and by device
# and number: a file may have several names, and gets another number where it is replaced.  None while no
# command runs: a program that reads with the library writes what it likes.
_kept: dict[str | tuple[int, int], tuple[str | None, str]] | None = None


@contextmanager
def keeping() -> Iterator[None]:
    """Keep what is read from now on, and only that, until the run of a command ends."""
    global _kept  # noqa: PLW0603  # one run at a time; it would else be an argument of every function that reads
    before, _kept = _kept, {}
    try:
        yield
    finally:
        _kept = before


def keep(file: str | int, reason: str = _READ) -> None:
    """Let nothing that this run writes replace a file: a path, or the descriptor of an open file.

    A path may be that of a file that is yet to be written.  What is no regular file is not kept: a device is
    written to, not replaced.
    """
    if _kept is None:
        return
    path = file if isinstance(file, str) else None
    with suppress(OSError, ValueError):
        found = os.stat(file)
        if not S_ISREG(found.st_mode):
            return
        _kept[found.st_dev, found.st_ino] = path, reason
    if path is not None:
        with suppress(OSError, ValueError):
            _kept[os.path.realpath(path)] = path, reason


def refuse_kept(output: str) -> None:
    """Raise UsageError where a file that is to be written is one that is kept, under whatever name."""
    kept = None
    with suppress(OSError, ValueError):
        kept = (_kept or {}).get(os.path.realpath(output))
        found = os.stat(output)
        kept = kept or (_kept or {}).get((found.st_dev, found.st_ino))
    if kept is None:
        return
    path, reason = kept
    which = ""
    if path is None:
        which = "is standard input, which "
    elif os.path.abspath(path) != os.path.abspath(output):
        which = f"is {quoted(path)}, which "
    raise UsageError(f"{quoted(output)} {which}{reason}, and is not replaced by its output")


def bytes_of(path: str, longest: int, *, kept: bool = True) -> bytes:
    """The bytes of a file, one more at most than `longest`; raises UsageError when it cannot be read.

    kept: whether it is a file that the run depends on, which is kept.
    """
    try:
        with open(path, "rb") as file:
            if kept:
                keep(path)
            return file.read(longest + 1)
    except OSError as error:
        raise UsageError(f"cannot read {quoted(path)}: {error.strerror or error}") from None
    except ValueError:
        raise UsageError(f"{quoted(path)} is no path") from None
