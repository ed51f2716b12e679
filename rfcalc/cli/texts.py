"""What all help texts share: their options and the form of their examples."""

from __future__ import annotations

from typing import Any

HELP_OPTIONS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def examples(*lines: tuple[str, str]) -> str:
    """The examples at the end of a help text: a command, and what it gives."""
    width = max(len(command) for command, _ in lines)
    # click leaves a paragraph that begins with this mark as it is.
    return "\b\nExamples:\n" + "\n".join(f"  {command:<{width}}  {about}" for command, about in lines)
