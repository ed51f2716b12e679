"""Reading a file: a regular one, without waiting for what never comes, no more of it than is wanted, as text.

A path may lead to anything: a link in somebody's repository to a pipe, a terminal or an endless device.
"""

from __future__ import annotations

import os
import re
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK

from rfcalc.errors import DescriptionError, Diagnostic, Position, Source, UsageError, quoted

# How a path names what a process was given when it was started, `<(command)` of a shell included.
_GIVEN = re.compile(r"/dev/stdin|(?:/dev|/proc/self)/fd/([0-9]{1,9})")
_KINDS = (
    (S_ISDIR, "Is a directory"),
    (S_ISFIFO, "it is a named pipe, not a file"),
    (S_ISCHR, "it is a device, not a file"),
    (S_ISBLK, "it is a device, not a file"),
    (S_ISSOCK, "it is a socket, not a file"),
)
# Where there are such: what is no regular file any more is not waited for, and no terminal of the process.
_READ_ONLY = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
_CHUNK = 2**20
_MARK = "\ufeff".encode()
# So much of a text that is too long is kept to show its beginning.
_SHOWN = 200


class NoSuchFile(UsageError):
    """There is no file of this path."""


def read_file(path: str, most: int, *, given: bool = False) -> bytes:
    """The bytes of a regular file: at most `most`, and one more where it is longer.

    given: whether a user named the path, not a file or a folder that came from elsewhere.  Then it may also
    be what the process was given (`/dev/stdin`, `/dev/fd/63`) or the empty file `/dev/null`.
    Raises UsageError when it cannot be read, NoSuchFile when it is not there.
    """
    try:
        found = _GIVEN.fullmatch(path) if given else None
        if found:
            # Opened once more a named pipe would wait for another writer.
            return _read(int(found[1] or 0), most)
        descriptor = _opened(path, given)
        try:
            return _read(descriptor, most)
        finally:
            os.close(descriptor)
    except OSError as error:
        kind = NoSuchFile if isinstance(error, FileNotFoundError) else UsageError
        raise kind(f"cannot read {quoted(path)}: {error.strerror or error}") from None
    except ValueError:
        raise UsageError(f"{quoted(path)} is no path") from None


def text_of(data: bytes, name: str, most: int, what: str, hint: str = "") -> str:
    """The text that bytes from `read_file` are in UTF-8, without a byte order mark.

    name: of the source in errors; what: what it is a text of, such as "a description".
    Raises DescriptionError for other bytes, at the first of them, and for more than `most`.
    """
    text = data.removeprefix(_MARK)
    if len(data) > most:
        start = Source(name, text[:_SHOWN].decode("utf-8", "replace"))
        message = f"larger than {most // 2**20} MiB, the limit for {what}"
        raise DescriptionError([Diagnostic(message, Position(start, 1, 1, 2), hint=hint)])
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Source(name, text[: error.start + 1].decode("utf-8", "replace"))
        lines = before.text.splitlines()
        place = Position(before, len(lines), len(lines[-1]), len(lines[-1]) + 1)
        byte = error.start + 1 + len(data) - len(text)
        raise DescriptionError([Diagnostic(f"not a text in UTF-8 (byte {byte})", place)]) from None


def _opened(path: str, given: bool) -> int:
    """The descriptor of a regular file; raises OSError, for what is none too."""
    # A device may begin to do something when it is opened.
    _require_regular(path, os.stat(path), given)
    descriptor = os.open(path, _READ_ONLY)
    try:
        # By now the path may lead elsewhere.
        _require_regular(path, os.fstat(descriptor), given)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _require_regular(path: str, status: os.stat_result, given: bool) -> None:
    if not S_ISREG(status.st_mode) and not (given and path == os.devnull):
        reasons = (reason for holds, reason in _KINDS if holds(status.st_mode))
        raise OSError(0, next(reasons, "it is no file"))


def _read(descriptor: int, most: int) -> bytes:
    chunks: list[bytes] = []
    left = most + 1
    while left and (chunk := os.read(descriptor, min(left, _CHUNK))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)
