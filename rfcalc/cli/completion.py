"""`rfcalc completion`: the script that teaches a shell to complete."""

from __future__ import annotations

import click

from rfcalc.cli.options import OneOf
from rfcalc.cli.output import emit
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError


@command(
    "completion",
    "Print a script for shell completion.",
    ('eval "$(rfcalc completion bash)"', "for this bash; in ~/.bashrc for every one"),
    ('eval "$(rfcalc completion zsh)"', "for zsh"),
    ("rfcalc completion fish | source", "for fish"),
)
@click.argument("shell", type=OneOf(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the script that completes commands, networks, files, columns and formats in SHELL."""
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    if complete is None:
        raise UsageError(f"no completion for {shell}")
    emit(
        complete(click.get_current_context().find_root().command, {}, "rfcalc", "_RFCALC_COMPLETE").source()
        + "\n"
    )
