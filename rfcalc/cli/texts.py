"""What the texts of commands share: the options of help, the form of examples, the width of a page."""

from __future__ import annotations

from typing import Any

HELP_OPTIONS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def examples(*lines: tuple[str, str]) -> str:
    """The examples at the end of a help text: a command, and what it gives."""
    width = max(len(command) for command, _ in lines)
    # click leaves a paragraph that begins with this mark as it is.
    return "\b\nExamples:\n" + "\n".join(f"  {command:<{width}}  {about}" for command, about in lines)


def wrapped(text: str) -> str:
    """A page of a reference with lines of at most 100 characters; examples stay as they are."""
    from textwrap import fill

    lines = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        indent = "  " if line.startswith("- ") else ""
        lines.append(line if fenced else fill(line, 100, subsequent_indent=indent))
    return "".join(f"{line}\n" for line in lines)
