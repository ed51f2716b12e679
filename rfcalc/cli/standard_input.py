"""Standard input, which a process may be started without."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from rfcalc.errors import UsageError
from rfcalc.files import keep

if TYPE_CHECKING:
    from rfcalc.library import Description


def standard_input() -> BinaryIO:
    """The bytes of standard input; raises UsageError where there is none."""
    # Python has no stream where the descriptor is closed, whatever the types say.
    if sys.stdin is None:
        raise UsageError("standard input is closed: there is nothing to read")
    with suppress(OSError):
        keep(sys.stdin.fileno())
    return sys.stdin.buffer


def load_word(word: str) -> Description:
    """The description that a word of a command line means: see `library.load`."""
    from rfcalc.library import STANDARD_INPUT, load

    return load(word, stdin=standard_input() if word == STANDARD_INPUT else None)
