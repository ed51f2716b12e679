"""Where output goes: the terminal, a pipe, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from rfcalc.errors import UsageError, printable, quoted


class OutputClosed(Exception):
    """Whoever read the output has gone away: there is nothing left to say, and nobody to say it to."""


def is_terminal(output: str | None) -> bool:
    """Whether the output is read on a terminal."""
    # There is no stream where a process was started with its output closed.
    return output is None and sys.stdout is not None and sys.stdout.isatty()


def encoding_of(output: str | None) -> str:
    """The encoding of the output; files are written in UTF-8."""
    if output is not None:
        return "utf-8"
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def book_language(output: str | None) -> str:
    """The language of the book's tables where none is asked for: Chinese, if the output can show it."""
    try:
        "操作类型".encode(encoding_of(output))
    except (UnicodeEncodeError, LookupError):
        return "en"
    return "zh"


def wants_colour(no_color: bool) -> bool:
    """Whether a terminal should show colours: not with --no-color, NO_COLOR or a dumb terminal."""
    return not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """The terminal's width in cells: COLUMNS where it is set, else what the terminal says, else 80."""
    # As shutil.get_terminal_size, whose module loads every compressor there is.
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (AttributeError, OSError, ValueError):
        return 80


def emit(text: str, output: str | None = None) -> None:
    """Write text to standard output, or to a file; raises UsageError when it cannot be written.

    Raises OutputClosed when whoever read standard output has gone away.
    """
    if output is None:
        if sys.stdout is None:
            raise UsageError("cannot write to standard output: it is closed")
        try:
            # The text holds colours only where they are wanted: nothing is left to strip.
            click.echo(text, nl=False, color=True)
        except BrokenPipeError:
            _discard_output()
            raise OutputClosed from None
        except OSError as error:
            _discard_output()
            raise UsageError(f"cannot write to standard output: {error.strerror or error}") from None
    else:
        try:
            _write_whole(output, text.encode("utf-8"))
        except OSError as error:
            raise UsageError(f"cannot write {quoted(output)}: {error.strerror or error}") from None
        except ValueError:
            raise UsageError(f"{quoted(output)} is no path") from None


def say(text: str) -> None:
    """Write lines to standard error; whatever names they hold, none commands the terminal."""
    click.echo("\n".join(map(printable, text.split("\n"))), err=True)


def keep_input(output: str | None, path: str) -> None:
    """Raise UsageError where the output would take the place of a file that is read."""
    if output is None or not path:
        return
    with suppress(OSError, ValueError):
        if os.path.isfile(path) and os.path.samefile(output, path):
            raise UsageError(f"{quoted(output)} is read by this command, and is not replaced by its output")


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere instead of failing as the write before it did."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_whole(path: str, data: bytes) -> None:
    """Replace the file by one with this content, or leave it as it was; its permissions stay.

    A link is followed.  What is no regular file (a device, a named pipe) is written to directly.
    """
    target = os.path.realpath(path)
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not os.path.isfile(target):
        with open(target, "wb") as device:
            device.write(data)
        return
    from tempfile import mkstemp

    descriptor, temporary = mkstemp(dir=os.path.dirname(target), prefix=".rfcalc-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _new_mode() if mode is None else mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _new_mode() -> int:
    """The permissions of a new file: what the user's mask leaves."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
