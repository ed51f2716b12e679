"""Running a program once and measuring it: wall-clock time and, where it tells, its peak memory."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from typing import NamedTuple

_COLUMNS = 100

# Appended to a program, makes it end its output with its peak memory in KiB.  Linux alone tells the
# peak of the program itself; what a parent is told of a child holds the parent's own memory as well.
PEAK_MARK = b"peak KiB: "
PEAK_CODE = """
import sys
sys.stdout.flush()
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print(f"\\npeak KiB: {peak}")
"""


class Run(NamedTuple):
    """One run: seconds from start to end, and what it printed."""

    seconds: float
    output: bytes

    @property
    def peak(self) -> int | None:
        """The peak resident memory in bytes, where the program ended with `PEAK_CODE`."""
        _, mark, peak = self.output.rpartition(PEAK_MARK)
        return int(peak) * 1024 if mark else None


def run(command: Sequence[str], *, terminal: bool = False) -> Run:
    """Run a program to its end, its output read through a pipe or, as a user's is, through a terminal.

    Raises RuntimeError, with the output, when it fails.
    """
    reading, writing = _terminal() if terminal else os.pipe()
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, env=_environment(terminal)
    )
    os.close(writing)
    output = _read_all(reading)
    process.wait()
    seconds = time.perf_counter() - start
    os.close(reading)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output.decode(errors='replace')}")
    return Run(seconds, output)


def _environment(terminal: bool) -> dict[str, str]:
    """The environment of a program: a terminal's size; compiled modules are kept, as they are by default."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | ({"TERM": "xterm-256color", "COLUMNS": str(_COLUMNS)} if terminal else {})


def _terminal() -> tuple[int, int]:
    """The two ends of a terminal that is 100 columns wide: ours and the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _COLUMNS, 0, 0))
    return ours, theirs


def _read_all(descriptor: int) -> bytes:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError as error:
            # A terminal whose other end is closed says so with an error instead of an end of file.
            if error.errno != errno.EIO:
                raise
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)
