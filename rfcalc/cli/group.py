"""The lazy command group: a command's module is imported when the command is asked for.

A command is one function and one line of `COMMANDS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from rfcalc import __version__
from rfcalc.cli.command_words import command_hint
from rfcalc.cli.exit_codes import MISTAKE
from rfcalc.cli.texts import HELP_OPTIONS, WithExamples
from rfcalc.errors import UsageError, quoted

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Every command, and where it is; no shipped network may be called like one of them.
COMMANDS = {
    "show": "rfcalc.cli.show:show",
    "explain": "rfcalc.cli.explain:explain",
    "locate": "rfcalc.cli.locate:locate",
    "tile": "rfcalc.cli.tile:tile",
    "sizes": "rfcalc.cli.sizes:sizes",
    "field": "rfcalc.cli.field:field",
    "draw": "rfcalc.cli.draw:draw",
    "compare": "rfcalc.cli.compare:compare",
    "report": "rfcalc.cli.report:report",
    "check": "rfcalc.cli.check:check",
    "rule": "rfcalc.cli.reference:rule",
    "rules": "rfcalc.cli.reference:rules",
    "list": "rfcalc.cli.reference:networks",
    "spec": "rfcalc.cli.spec:spec",
    "convert": "rfcalc.cli.convert:convert",
    "export": "rfcalc.cli.export:export",
    "init": "rfcalc.cli.init:init",
    "fmt": "rfcalc.cli.fmt:fmt",
    "ops": "rfcalc.cli.reference:operators",
    "schema": "rfcalc.cli.reference:schema",
    "completion": "rfcalc.cli.reference:completion",
}

# What runs when the first argument is no command.
DEFAULT_COMMAND = "show"
_OWN_OPTIONS = frozenset({"-h", "--help", "--version"})


class LazyGroup(WithExamples, click.Group):
    """Commands by name, each loaded on use; a first argument that is none of them starts the default one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, attribute = target.split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit(MISTAKE)
        if args and args[0] == "help":
            # As other programs have it.
            known = [word for word in args[1:2] if word in COMMANDS]
            if args[1:] and not known:
                hint = command_hint(args[1], COMMANDS) or "see rfcalc -h"
                message = f"no command is called {quoted(args[1])}; {hint}"
                raise UsageError(message)
            args = [*known, "--help"]
        if args and args[0] not in COMMANDS and args[0] not in _OWN_OPTIONS:
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and whatever could follow the default command."""
        default = self.get_command(ctx, DEFAULT_COMMAND)
        assert default is not None
        items = super().shell_complete(ctx, incomplete)
        with default.make_context(DEFAULT_COMMAND, [], parent=ctx, resilient_parsing=True) as inner:
            if incomplete.startswith("-"):
                items += default.shell_complete(inner, incomplete)
            else:
                for parameter in default.get_params(inner):
                    if isinstance(parameter, click.Argument):
                        items += parameter.shell_complete(inner, incomplete)
        return items


@click.command(
    cls=LazyGroup,
    no_args_is_help=False,
    context_settings=HELP_OPTIONS,
    options_metavar="",
    subcommand_metavar="NETWORK [OPTIONS]\n       rfcalc COMMAND ...",
    examples=(
        ("rfcalc vgg16", "the table of a shipped network"),
        ("rfcalc net.yaml --input 320x320x3", "your own description at another input size"),
        ("rfcalc model.onnx", "a model: ONNX, .pt2 of PyTorch, .cfg of darknet, .prototxt of Caffe"),
        ("rfcalc -e 'conv f=3 d=64; relu' --input 224x224x3", "layers on the command line"),
        ("rfcalc resnet50 --depth 2 --format markdown", "blocks folded, for a README"),
        ("rfcalc explain resnet50", "where its receptive field comes from"),
        ("rfcalc list", "which networks there are"),
        ("rfcalc show -h", "every option of the table"),
    ),
)
@click.version_option(__version__, message="rfcalc %(version)s", help="Print the version and leave.")
def program() -> None:
    """Sizes, receptive fields, parameters and multiply-adds of a convolutional network.

    NETWORK is the name of a shipped network, the path of a description or of a model (ONNX, exported PyTorch,
    Keras, Ultralytics, darknet, Caffe, plans of nnU-Net; it contains a slash or ends in a suffix),
    package.module:callable, which RUNS THE CODE of that module, or - for standard input. `rfcalc NETWORK` is
    short for `rfcalc show NETWORK`.
    """
