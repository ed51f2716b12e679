"""The colours of the page and of the pictures in it, for light ground and for dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from rfcalc.render.charts.palette import DARK, LIGHT, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.render.charts.palette import Theme

# In a notebook what is no series has the colour of its texts, more or less of it.
_INHERITED = {
    "ink": "currentColor",
    "muted": "color-mix(in srgb,currentColor 68%,transparent)",
    "grid": "color-mix(in srgb,currentColor 18%,transparent)",
    "ground": "transparent",
}
# How JupyterLab, Visual Studio Code and Colab say what they show, whatever the reader prefers elsewhere.
_SHOWS_LIGHT = '[data-jp-theme-light="true"],.vscode-light,html[theme="light"]'
_SHOWS_DARK = '[data-jp-theme-light="false"],.vscode-dark,.vscode-high-contrast,html[theme="dark"]'
_PROPERTIES = ("fill", "stroke", "stop-color")


def colour_rules() -> str:
    """A style sheet: the colours as properties, and the classes by which pictures use them.

    On paper they are those for light ground, whatever the reader prefers.
    """
    return (
        f":root{{{_properties(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_properties(DARK)}}}}}{_classes()}"
    )


def notebook_colours(scope: str, *, charts: bool) -> str:
    """A style sheet for what a selector of one class means: texts and ground are those of the notebook.

    charts: whether there are pictures, too, whose series are those for dark ground where the reader prefers
    dark, or the program around says that it shows that.
    """
    # A picture has properties of its own where it stands by itself, too.
    both = f"{scope},{scope} .rfcalc-chart"
    rules = f"{both}{{{''.join(f'--rfcalc-{role}:{colour};' for role, colour in _INHERITED.items())}}}"
    if not charts:
        return rules
    light, dark = (_properties(theme, inherited=True) for theme in (LIGHT, DARK))
    around = ((_SHOWS_LIGHT, light), (_SHOWS_DARK, dark))
    said = "".join(
        f":is({where}) :is({scope}){{{colours}}}:is({where}) :is({scope} .rfcalc-chart){{{colours}}}"
        for where, colours in around
    )
    preferred = f"@media screen and (prefers-color-scheme:dark){{{both}{{{dark}}}}}"
    return f"{rules}{both}{{{light}}}{preferred}{said}{scope}{{{_classes()}}}"


def _classes() -> str:
    """The classes by which pictures use the colours."""
    return "".join(
        f".rfcalc-chart .{what[:3]}-{name}{{{what}:var(--rfcalc-{name})}}"
        for what in _PROPERTIES
        for name, _ in _colours(LIGHT)
    )


def _properties(theme: Theme, *, inherited: bool = False) -> str:
    left_out = _INHERITED if inherited else ()
    return "".join(f"--rfcalc-{name}:#{colour};" for name, colour in _colours(theme) if name not in left_out)


def _colours(theme: Theme) -> Iterator[tuple[str, str]]:
    for role in get_args(Role):
        yield role, theme.colour(role)
    for number, colour in enumerate(theme.series):
        yield str(number), colour
