"""Writing files: whole, or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from errno import EISDIR
from functools import partial
from stat import S_IMODE, S_ISREG

from rfcalc.errors import UsageError, quoted


def write_whole(path: str, data: Iterable[bytes], held: AbstractContextManager[object] | None = None) -> None:
    """Replace a file by one with this content, or leave it as it was; its permissions stay.

    A link is followed.  What is no regular file (a device, a named pipe) is written to directly, and so is
    the file behind /dev/stdout, which others write to before and after.
    held: what is entered while there is half a file.
    Raises UsageError when it cannot be written, BrokenPipeError when whoever reads it has gone away.
    """
    with writing(path):
        _write_whole(path, data, held or nullcontext())


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Say of a file that cannot be written why, by a UsageError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write {quoted(path)}: {_reason(path, error)}") from None
    except ValueError:
        raise UsageError(f"{quoted(path)} is no path") from None


def _reason(path: str, error: OSError) -> str:
    """Why, and where a folder on the way is missing which, and what to do."""
    folder = os.path.dirname(path)
    if isinstance(error, FileNotFoundError) and folder and not os.path.lexists(folder):
        return f"there is no folder {quoted(folder)}; make it first, or name another"
    return error.strerror or str(error)


def _write_whole(path: str, data: Iterable[bytes], held: AbstractContextManager[object]) -> None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        found = None
    stream = found and _stream_to(found)
    if found and (stream is not None or not S_ISREG(found.st_mode)):
        with open(path if stream is None else stream, "wb", closefd=stream is None) as device:
            device.writelines(data)
        return
    target = os.path.realpath(path)
    if not os.path.basename(path):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    # Hidden, and of no kind that is searched for: a run that is killed leaves it behind.
    temporary = os.path.join(os.path.dirname(target), f".rfcalc-{os.urandom(8).hex()}.tmp")
    with held:
        try:
            # Nobody else reads it before it has the permissions of the one that it replaces.
            private = partial(os.open, mode=0o600) if found else None
            with open(temporary, "xb", opener=private) as file:
                file.writelines(data)
                file.flush()
                os.fsync(file.fileno())
            if found:
                os.chmod(temporary, S_IMODE(found.st_mode))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _stream_to(file: os.stat_result) -> int | None:
    """The descriptor of the standard stream that goes to a file, if one does."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            if os.path.samestat(file, os.fstat(stream.fileno())):
                stream.flush()
                return stream.fileno()
    return None
