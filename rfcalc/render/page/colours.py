"""The colours of the page and of the pictures in it, for light ground and for dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from rfcalc.render.charts.palette import DARK, LIGHT, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.render.charts.palette import Theme

_PROPERTIES = ("fill", "stroke", "stop-color")


def colour_rules() -> str:
    """A style sheet: the colours as properties, and the classes by which pictures use them.

    On paper they are those for light ground, whatever the reader prefers.
    """
    named = "".join(
        f".rfcalc-chart .{what[:3]}-{name}{{{what}:var(--rfcalc-{name})}}"
        for what in _PROPERTIES
        for name, _ in _colours(LIGHT)
    )
    return (
        f":root{{{_properties(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_properties(DARK)}}}}}{named}"
    )


def _properties(theme: Theme) -> str:
    return "".join(f"--rfcalc-{name}:#{colour};" for name, colour in _colours(theme))


def _colours(theme: Theme) -> Iterator[tuple[str, str]]:
    for role in get_args(Role):
        yield role, theme.colour(role)
    for number, colour in enumerate(theme.series):
        yield str(number), colour
