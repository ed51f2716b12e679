"""A network and a layer of it as words of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfcalc.cli.options import NETWORK, OfferedWords, by_name, described, input_sizes

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class NetworkAndLayer(OfferedWords):
    """A network, then a layer of it; completes both."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        before = ctx.params.get("words") or ()
        if not before and not ctx.params.get("expression"):
            return NETWORK.shell_complete(ctx, param, incomplete)
        from rfcalc.description import build_graph
        from rfcalc.errors import RfcalcError
        from rfcalc.library import is_callable

        if any(map(is_callable, before[:1])):
            # Pressing a key runs no code of anybody's.
            return []
        try:
            given: dict[str, Any] = {
                "input": input_sizes(ctx.params.get("inputs") or ()),
                "params": by_name("--set", ctx.params.get("settings") or ()),
            }
            description = described(before[:1], ctx.params.get("expression"), **given)
            graph = build_graph(description, **given)
        except RfcalcError:
            # What cannot be read now is reported when the command runs.
            return []
        names = [*graph.scopes, *(node.name for node in graph.layers)]
        return OfferedWords("layer", lambda typed: dict.fromkeys(names, "")).shell_complete(
            ctx, param, incomplete
        )
