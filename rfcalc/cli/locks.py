"""A lock on a file that several runs may update at the same time.

The operating system releases it however a process ends, so none is ever stale.  It is on a file of its own,
beside the one that is updated, since each update replaces that one by another; it is removed afterwards.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from stat import S_ISREG

from rfcalc.cli.interrupts import Tidied
from rfcalc.errors import UsageError, quoted

# An update takes milliseconds; whoever has the lock for longer has been stopped.
_SECONDS = 60
_PAUSE = 0.02
# Where there is such: a link that takes the lock's place after it was looked at is not followed.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)

if sys.platform == "win32":
    from msvcrt import LK_NBLCK, locking

    def _lock(descriptor: int) -> None:
        locking(descriptor, LK_NBLCK, 1)

    def _release(path: str, descriptor: int) -> None:
        # A file that is open cannot be removed, neither by this run nor under another that waits for it.
        ours = _is_empty(descriptor)
        os.close(descriptor)
        with suppress(OSError):
            if ours:
                os.unlink(path)

else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    def _lock(descriptor: int) -> None:
        flock(descriptor, LOCK_EX | LOCK_NB)

    def _release(path: str, descriptor: int) -> None:
        # Removed while it is locked: afterwards it might be the lock of another run.
        with suppress(OSError):
            if _is_empty(descriptor):
                os.unlink(path)
        os.close(descriptor)


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Update a file while no other run does; raises UsageError when that cannot be had within a minute."""
    folder, name = os.path.split(os.path.realpath(path))
    name = f".rfcalc-{name}.lock"
    lock = os.path.join(folder, name)
    with Tidied():
        try:
            descriptor = _taken(lock)
        except OSError as error:
            raise UsageError(f"cannot write {quoted(path)}: {error.strerror or error}") from None
        if descriptor is None:
            raise UsageError(
                f"{quoted(path)} is being updated by another run, which has had the lock {quoted(name)} in "
                f"its folder for {_SECONDS} seconds"
            )
        try:
            yield
        finally:
            _release(lock, descriptor)


def _is_empty(descriptor: int) -> bool:
    """Whether a file is a lock and nothing else: one that somebody has written to is not removed."""
    return os.fstat(descriptor).st_size == 0


def _taken(lock: str) -> int | None:
    """The descriptor of the lock; None where another run has it all the time.

    Raises OSError where it cannot be had.  What stands in its place in somebody's repository may lead to
    anywhere, and is not opened unless it is a regular file.
    """
    end = time.monotonic() + _SECONDS
    while True:
        with suppress(FileNotFoundError):
            if not S_ISREG(os.lstat(lock).st_mode):
                raise OSError(0, f"its lock {quoted(os.path.basename(lock))} is a link or no file")
        descriptor = os.open(lock, _FLAGS, 0o666)
        try:
            _lock(descriptor)
            # Whoever had the lock before has removed its file: one on a file that is gone locks nobody out.
            if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                return descriptor
        except (BlockingIOError, PermissionError, FileNotFoundError):
            # It is taken: by flock, by msvcrt, or it was.
            pass
        os.close(descriptor)
        if time.monotonic() > end:
            return None
        time.sleep(_PAUSE)
