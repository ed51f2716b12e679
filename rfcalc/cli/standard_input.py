"""Standard input, which a process may be started without."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

import click

from rfcalc.cli.output import say
from rfcalc.errors import UsageError
from rfcalc.files import STANDARD_INPUT, keep
from rfcalc.graph.effort import MOST_LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.description import Description


def standard_input() -> BinaryIO:
    """The bytes of standard input; raises UsageError where there is none."""
    # Python has no stream where the descriptor is closed, whatever the types say.
    if sys.stdin is None:
        raise UsageError("standard input is closed: there is nothing to read")
    with suppress(OSError):
        keep(sys.stdin.fileno())
    return sys.stdin.buffer


def load_word(
    word: str,
    max_layers: int = MOST_LAYERS,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    python: str | None = None,
) -> Description:
    """The description that a word of a command line means: see `library.load`."""
    from rfcalc.library import load

    stdin = standard_input() if word == STANDARD_INPUT else None
    found = load(word, stdin=stdin, max_layers=max_layers, input=input, params=params, python=python or "")
    say_remarks(found)
    return found


def say_remarks(description: Description) -> None:
    """Say on standard error what has to be said of how a model was read."""
    # While a shell completes there is no command that runs.
    if description.imported and click.get_current_context(silent=True):
        for remark in description.imported.remarks():
            say(f"rfcalc: {remark.position}: note: {remark.message}")
