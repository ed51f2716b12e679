"""What the texts of commands share: the form of help and of examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

HELP_OPTIONS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_GAP = 2


class WithExamples(click.Command):
    """A command whose help ends in examples: pairs of a command and of what it gives."""

    def __init__(self, *given: Any, examples: Sequence[tuple[str, str]] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples; where they do not fit side by side, what a long command gives stands below it."""
        longest, widest = (max(map(len, column)) for column in zip(*self.examples, strict=True))
        with formatter.section("Examples"):
            fits = formatter.current_indent + longest + _GAP + widest <= formatter.width
            formatter.write_dl(self.examples, longest if fits else formatter.width // 3, _GAP)


def command(
    name: str, about: str, *lines: tuple[str, str], cls: type[WithExamples] = WithExamples
) -> Callable[[Callable[..., Any]], click.Command]:
    """A function as the command of a name; about: what a list of commands says of it; lines: its examples."""
    return click.command(name, cls, context_settings=HELP_OPTIONS, short_help=about, examples=lines)
