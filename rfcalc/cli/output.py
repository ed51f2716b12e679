"""Where output goes: the terminal, a pipe, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

import click

from rfcalc.cli.interrupts import Tidied
from rfcalc.errors import DescriptionError, UsageError
from rfcalc.file_writing import write_whole, writing
from rfcalc.files import refuse_kept
from rfcalc.records import NamedTuple
from rfcalc.report.cells import Units
from rfcalc.report.words import Language
from rfcalc.units import is_digits

# A terminal counts its columns in 16 bits.
_WIDEST = 2**16 - 1


class OutputClosed(Exception):
    """Whoever read the output has gone away: there is nothing left to say, and nobody to say it to."""


class Output(NamedTuple):
    """The output options; format: asked for by name or by the file's suffix, None leaves it to the output."""

    format: str | None
    file: str | None
    units: Units
    language: Language | None
    no_color: bool


def is_terminal(output: str | None) -> bool:
    """Whether the output is read on a terminal."""
    # There is no stream where a process was started with its output closed.
    return output is None and sys.stdout is not None and sys.stdout.isatty()


def encoding_of(output: str | None, *, errors: bool = False) -> str:
    """The encoding of the output, or of standard error; files are written in UTF-8."""
    if output is not None:
        return "utf-8"
    return getattr(sys.stderr if errors else sys.stdout, "encoding", None) or "utf-8"


def book_language(output: str | None) -> Language:
    """The language of the book's tables where none is asked for: Chinese, if the output can show it."""
    from rfcalc.render.characters import holds

    return "zh" if holds(encoding_of(output), "操作类型") else "en"


def wants_colour(no_color: bool) -> bool:
    """Whether a terminal should show colours: not with --no-color, NO_COLOR or a dumb terminal."""
    return not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """The terminal's width in cells: COLUMNS where it is set to one, else what the terminal says, else 80."""
    # As shutil.get_terminal_size, whose module loads every compressor there is.
    columns = os.environ.get("COLUMNS", "").lstrip("0")
    if is_digits(columns) and len(columns) <= len(str(_WIDEST)) and int(columns) <= _WIDEST:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (AttributeError, OSError, ValueError):
        return 80


def terminal_height() -> int | None:
    """The terminal's height in lines: LINES where it is set, else what the terminal says, else None."""
    text = os.environ.get("LINES", "")
    if is_digits(text) and 0 < int(text[:6]) <= _WIDEST:
        return int(text[:6])
    try:
        return os.get_terminal_size(sys.stdout.fileno()).lines or None
    except (AttributeError, OSError, ValueError):
        return None


def emit(text: str | bytes | Iterator[bytes], output: str | None = None) -> None:
    """Write text, or data, to standard output or a file; UsageError when it cannot be written.

    text: data may also come in pieces, which are not kept.
    No file takes the place of one that this run reads.  Raises OutputClosed when whoever read the output has
    gone away.
    """
    if output is not None:
        refuse_kept(output)
        write_file(output, text)
        return
    if sys.stdout is None:
        raise UsageError("cannot write to standard output: it is closed")
    if not isinstance(text, str) and is_terminal(output):
        raise UsageError("a terminal cannot show what is no text: write to a file, -o FILE, or to a pipe")
    try:
        # The text holds colours only where they are wanted: nothing is left to strip.
        for piece in (text,) if isinstance(text, str | bytes) else text:
            click.echo(piece, nl=False, color=True)
    except BrokenPipeError:
        _discard_output()
        raise OutputClosed from None
    except OSError as error:
        _discard_output()
        raise UsageError(f"cannot write to standard output: {error.strerror or error}") from None


def write_file(path: str, text: str | bytes | Iterator[bytes]) -> None:
    """Write a file whole or not at all, also one that was read; raises what `emit` raises."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        write_whole(path, (data,) if isinstance(data, bytes) else data, Tidied())
    except BrokenPipeError:
        raise OutputClosed from None


def append_file(path: str, text: str) -> None:
    """Add text to the end of a file that others write too; raises what `emit` raises."""
    refuse_kept(path)
    data = text.encode("utf-8")
    with writing(path), open(path, "ab") as file:
        file.write(data)


def say(text: str) -> None:
    """Write lines to standard error, in its characters; no name in them commands the terminal."""
    from rfcalc.render.characters import legible

    encoding = encoding_of(None, errors=True)
    click.echo("\n".join(legible(line, encoding) for line in text.split("\n")), err=True)


def say_all(error: DescriptionError) -> None:
    """Write the mistakes of a description to standard error, each with its source lines."""
    from rfcalc.render.characters import transliterate

    encoding = encoding_of(None, errors=True)
    for diagnostic in error.diagnostics:
        say(diagnostic.laid_out(written=lambda part: transliterate(part, encoding)))


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere instead of failing as the write before it did."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
