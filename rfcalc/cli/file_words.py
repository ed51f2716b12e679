"""Words that a shell offers because files that were named hold them: parts of a file, scales, settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from rfcalc.errors import RfcalcError
from rfcalc.importers.formats import SCALE
from rfcalc.models import part_of, settings_of, values_in

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def parts_of_files(ctx: click.Context, typed: str) -> list[CompletionItem]:
    """The parts of the file that a word names before a colon: `plans.json:` with each configuration.

    A shell may take the colon for a word of its own, and then only wants what stands behind it.
    """
    path, colon, part = typed.rpartition(":")
    networks = _words(ctx)
    if colon and path:
        return _offered(_of_files([path], values_in), part, f"{path}:")
    if colon and networks:
        return _offered(_of_files(networks[-1:], values_in), part, "")
    return _offered(_of_files(networks[-2:-1], values_in), typed, "") if networks[-1:] == [":"] else []


def scales_of_files(ctx: click.Context, typed: str) -> list[CompletionItem]:
    """The scales of the models before; for one of several networks its letter may stand before."""
    letter, colon, scale = typed.rpartition(":")
    found = _of_files(_networks(ctx), lambda path: values_in(path, SCALE))
    return _offered(found, scale, f"{letter}{colon}")


def settings_of_files(ctx: click.Context, typed: str) -> list[CompletionItem]:
    """What can be said of the models before: `nc=`, and of scales and configurations which there are."""
    name, equals, value = typed.partition("=")
    if equals:
        return _offered(_of_files(_networks(ctx), lambda path: values_in(path, name)), value, f"{name}=")
    names = _of_files(_networks(ctx), settings_of)
    return _offered({f"{one}=": about for one, about in names.items()}, typed, "")


def _words(ctx: click.Context) -> list[str]:
    """The networks that have been typed; behind an option without its value they are left over."""
    named = next((found for name in ("networks", "words", "paths") if (found := ctx.params.get(name))), ())
    return [str(one) for one in (*named, *ctx.args)]


def _networks(ctx: click.Context) -> list[str]:
    return [part_of(one)[0] for one in _words(ctx)]


def _of_files(paths: Sequence[str], words: Callable[[str], Mapping[str, str]]) -> dict[str, str]:
    """The words of some files; what cannot be read now is told when the command runs."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            found |= words(path)
        except RfcalcError:
            continue
    return found


def _offered(words: Mapping[str, str], typed: str, before: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(f"{before}{word}", help=about or None)
        for word, about in words.items()
        if word.casefold().startswith(typed.casefold())
    ]
