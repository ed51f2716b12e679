"""What the texts of commands share: the form of help and of examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

HELP_OPTIONS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def command(
    name: str, about: str, *lines: tuple[str, str], cls: type[click.Command] = click.Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """A function as the command of a name; about: what a list of commands says of it; lines: its examples."""
    return click.command(name, cls, context_settings=HELP_OPTIONS, short_help=about, epilog=examples(*lines))


def examples(*lines: tuple[str, str]) -> str:
    """The examples at the end of a help text: a command, and what it gives."""
    width = max(len(command) for command, _ in lines)
    # click leaves a paragraph that begins with this mark as it is.
    return "\b\nExamples:\n" + "\n".join(f"  {command:<{width}}  {about}" for command, about in lines)
