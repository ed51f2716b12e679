"""Reading files, and which files a run must not replace by what it writes.

Every file of a user is opened for reading here, and while a command runs, each that was read is kept; what
writes (`cli/output.py`) asks before it replaces one.  So no command can forget a file that it reads.

A path may lead to anything, as a link in somebody's repository to a pipe, a terminal or an endless device.
Regular files alone are read, without waiting for what never comes, and no more of them than is wanted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from itertools import islice
from stat import S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK

from rfcalc.errors import Source, UsageError, mistake, nearest, quoted

# What stands in place of a path.
STANDARD_INPUT = "-"
_READ = "is read by this command"
# How a path names what a process was given when it was started, `<(command)` of a shell included.
_GIVEN = re.compile(r"/dev/stdin|(?:/dev|/proc/self)/fd/([0-9]{1,9})")
# Where there are such: what is no regular file any more is not waited for, and no terminal of the process.
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_CHUNK = 2**20
# So much of a file is looked at to know what it is, behind the comments that it begins with: a licence may be
# long.  These are looked for in so much.
HEAD = 4096
_LONGEST_COMMENTS = 2**18
_MARK = "\ufeff".encode()
# Nothing may follow in it, so that its repetitions are never tried in another way.
_COMMENTS = re.compile(rb"(?:[ \t\r\n\f\v]+|[#;][^\n\0]*)*")
# A key at the beginning of a line, and a little of what follows it but comments.
_KEYS = re.compile(rb"(?m)^[\"']?[A-Za-z_]\w{0,40}[\"']?[ \t]*:[ \t]*(?:(?:#[^\n]*)?\r?\n[ \t]*)*[-\[{]?")
# How many files of a folder are looked through for the one that was meant.
_MOST_NAMES = 1000
# So much of a text that is too long is kept to show its beginning.
_SHOWN = 200


class NoSuchFile(UsageError):
    """There is no file of this path."""


# The path of each file that is kept, None for standard input, and why.  By the resolved path, and by device
# and number: a file may have several names, and gets another number where it is replaced.  One for each run
# of a command, the innermost last, and none while no command runs: a program that reads with the library
# writes what it likes.
_kept: list[dict[str | tuple[int, int], tuple[str | None, str]]] = []


@contextmanager
def keeping() -> Iterator[None]:
    """Keep what is read from now on, and only that, until the run of a command ends."""
    _kept.append({})
    try:
        yield
    finally:
        _kept.pop()


def keep(file: str | int, reason: str = _READ) -> None:
    """Let nothing that this run writes replace a file: a path, or the descriptor of an open file.

    A path may be that of a file that is yet to be written.  What is no regular file is not kept: a device is
    written to, not replaced.
    """
    if not _kept:
        return
    path = file if isinstance(file, str) else None
    with suppress(OSError, ValueError):
        found = os.stat(file)
        if not S_ISREG(found.st_mode):
            return
        _kept[-1][found.st_dev, found.st_ino] = path, reason
    if path is not None:
        with suppress(OSError, ValueError):
            _kept[-1][os.path.realpath(path)] = path, reason


def refuse_kept(output: str) -> None:
    """Raise UsageError where a file that is to be written is one that is kept, under whatever name."""
    kept = None
    of_this_run = _kept[-1] if _kept else {}
    with suppress(OSError, ValueError):
        kept = of_this_run.get(os.path.realpath(output))
        found = os.stat(output)
        kept = kept or of_this_run.get((found.st_dev, found.st_ino))
    if kept is None:
        return
    path, reason = kept
    which = ""
    if path is None:
        which = "is standard input, which "
    elif os.path.abspath(path) != os.path.abspath(output):
        which = f"is {quoted(path)}, which "
    raise UsageError(f"{quoted(output)} {which}{reason}, and is not replaced by its output")


def is_given(path: str) -> bool:
    """Whether a path names what this process was given when it was started, which can be read once."""
    return _GIVEN.fullmatch(path) is not None


def upwards(folder: str) -> Iterator[str]:
    """An absolute folder and all above it, the nearest first."""
    above = ""
    while above != folder:
        yield folder
        above, folder = folder, os.path.dirname(folder)


def bytes_of(path: str, longest: int, *, kept: bool = True, given: bool = False) -> bytes:
    """The bytes of a regular file, one more at most than `longest`.

    kept: whether it is a file that the run depends on, which is kept.  given: whether a user named the path,
    not a file or a folder that came from elsewhere.  Then it may also be what the process was given
    (`/dev/stdin`, `/dev/fd/63`), or the empty file `/dev/null`.
    Raises UsageError when it cannot be read, NoSuchFile when it is not there.
    """
    with opened(path, kept=kept, given=given) as file:
        chunks: list[bytes] = []
        left = longest + 1
        while left and (chunk := os.read(file.fileno(), min(left, _CHUNK))):
            chunks.append(chunk)
            left -= len(chunk)
        return b"".join(chunks)


def head_of(path: str, *, kept: bool = True) -> bytes:
    """What a regular file begins with, see `begun`; kept and errors as of `bytes_of`."""
    return begun(bytes_of(path, _LONGEST_COMMENTS, kept=kept))


def begun(data: bytes) -> bytes:
    """What a file is known by: its first bytes behind a byte order mark, blank lines and comments.

    Behind them stand the keys at the beginning of a line further on, with what begins the line after each: a
    list of classes may be long, too.
    """
    data = data[:_LONGEST_COMMENTS].removeprefix(_MARK)
    found = _COMMENTS.match(data)
    start = found.end() if found else 0
    head = data[start : start + HEAD]
    if len(data) <= start + HEAD:
        return head
    # A line that is cut is no beginning of the next.
    whole = head.rfind(b"\n") + 1 or HEAD
    return head[:whole] + b"\n".join(_KEYS.findall(data, start + whole))[:HEAD]


@contextmanager
def seekable(path: str, *, given: bool = False) -> Iterator[tuple[Callable[[int, int], bytes], int]]:
    """A regular file of any size, of which only parts are read, as `read(at, count)`, and its size in bytes.

    It is kept, and `read` returns fewer bytes at its end alone.  given and errors as of `bytes_of`.
    """
    with opened(path, given=given) as file:

        def read(at: int, count: int) -> bytes:
            file.seek(at)
            chunks: list[bytes] = []
            while count and (chunk := file.read(count)):
                chunks.append(chunk)
                count -= len(chunk)
            return b"".join(chunks)

        yield read, file.seek(0, os.SEEK_END)


@contextmanager
def opened(path: str, *, kept: bool = True, given: bool = False) -> Iterator[FileIO]:
    """A regular file, opened for reading parts of it; kept, given: as for `bytes_of`.

    Raises UsageError when it cannot be opened, or read while it is open, NoSuchFile when it is not there.
    """
    try:
        with _opened(path, given) as file:
            if kept:
                keep(path)
            yield file
    except OSError as error:
        kind = NoSuchFile if isinstance(error, FileNotFoundError) else UsageError
        raise kind(f"cannot read {quoted(path)}: {error.strerror or error}") from None


def text_of(data: bytes, name: str, longest: int, what: str, hint: str = "") -> str:
    """The text that some bytes are in UTF-8, without a byte order mark.

    name: of the source in errors.  what: what has at most so many bytes, such as "a description"; hint: what
    to do where it has more.  Raises DescriptionError, at the first byte that is no text.
    """
    text = data.removeprefix(_MARK)
    if len(data) > longest:
        start = Source(name, text[:_SHOWN].decode("utf-8", "replace"))
        message = f"larger than {longest // 2**20} MiB, the limit for {what}"
        raise mistake(message, start.at(0), hint=hint)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Source(name, text[: error.start + 1].decode("utf-8", "replace"))
        place = before.at(len(before.text) - 1)
        byte = error.start + 1 + len(data) - len(text)
        raise mistake(f"not a text in UTF-8 (byte {byte})", place) from None


def _opened(path: str, given: bool) -> FileIO:
    """A regular file, opened; raises OSError, for what is none too, and UsageError for what is no path."""
    found = _GIVEN.fullmatch(path) if given else None
    if found:
        # Opened by its path once more, a named pipe would wait for another writer.
        return open(int(found[1] or 0), "rb", buffering=0, closefd=False)

    def opener(name: str, flags: int) -> int:
        # A device may begin to do something when it is opened; once it is, the path may lead elsewhere.
        _require_regular(path, os.stat(name), given)
        descriptor = os.open(name, flags | _FLAGS)
        try:
            _require_regular(path, os.fstat(descriptor), given)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    try:
        return open(path, "rb", buffering=0, opener=opener)
    except ValueError:
        raise UsageError(f"{quoted(path)} is no path") from None


def _require_regular(path: str, status: os.stat_result, given: bool) -> None:
    if S_ISREG(status.st_mode) or (given and path == os.devnull):
        return
    kinds = {S_ISDIR: "folder", S_ISFIFO: "named pipe", S_ISCHR: "device", S_ISSOCK: "socket"}
    kind = next((name for holds, name in kinds.items() if holds(status.st_mode)), "device")
    raise OSError(0, f"it is a {kind}, not a file")


def nearest_file(path: str, suffixes: tuple[str, ...]) -> str:
    """The hint for a file that is not there: the nearest in its folder with its suffix or one of these."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder or os.curdir) as entries:
            stem, suffix = os.path.splitext(name)
            alike = (*suffixes, suffix)
            names = [
                entry.name
                for entry in islice(entries, _MOST_NAMES)
                if entry.name.endswith(alike) or nearest(suffix, [os.path.splitext(entry.name)[1]])
            ]
    except (OSError, ValueError):
        return ""
    # The suffix that all share must not make them alike.
    hint = nearest(name, [one for one in names if nearest(stem, [os.path.splitext(one)[0]])])
    return f"{hint[:-1]} in {quoted(folder)}?" if hint and folder else hint
