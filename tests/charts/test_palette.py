"""Colours: legible on their ground, told apart without some of the eye's cones, even from nothing to all."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from rfcalc.render.charts.palette import DARK, LIGHT, MARKERS, Theme, channels, marker_of, mixed

# How linear RGB looks without one kind of cones: Machado, Oliveira and Fernandes (2009), severity 1.
BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = (value / 255 for value in channels(colour))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """As the Web Content Accessibility Guidelines 2.1 define it."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    """CIE 1976 L*a*b* of linear RGB, for the white of daylight."""
    rows = (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.072175),
        (0.0193339, 0.119192, 0.9503041),
    )
    xyz = [sum(factor * part for factor, part in zip(row, rgb, strict=True)) for row in rows]
    roots = [
        value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116
        for value in (part / white for part, white in zip(xyz, (0.95047, 1.0, 1.08883), strict=True))
    ]
    return 116 * roots[1] - 16, 500 * (roots[0] - roots[1]), 200 * (roots[1] - roots[2])


def seen(colour: str, blindness: str) -> tuple[float, float, float]:
    rgb = linear(colour)
    rows = BLINDNESS.get(blindness, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    return lab(tuple(min(max(sum(f * p for f, p in zip(row, rgb, strict=True)), 0.0), 1.0) for row in rows))


def distance(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, two, strict=True)) ** 0.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_marks_and_texts_are_legible_on_their_ground(theme: Theme) -> None:
    assert all(contrast(colour, theme.ground) >= 3 for colour in theme.series)
    assert contrast(theme.ink, theme.ground) >= 7
    assert contrast(theme.muted, theme.ground) >= 4.5
    # What lies behind the marks stays behind.
    assert contrast(theme.grid, theme.ground) < 1.6


def test_lines_in_a_terminal_are_legible_on_white_and_on_black() -> None:
    for colour in LIGHT.series:
        assert contrast(colour, "ffffff") >= 3
        assert contrast(colour, "000000") >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", ["none", *BLINDNESS])
def test_the_first_series_are_told_apart_by_everybody(theme: Theme, blindness: str) -> None:
    colours = [seen(colour, blindness) for colour in theme.series]
    # A difference of 2.3 is just seen, side by side; lines are thin and far from each other.
    assert min(distance(one, two) for one, two in combinations(colours[:4], 2)) > 25
    assert min(distance(one, two) for one, two in combinations(colours, 2)) > 15


def test_series_of_one_colour_have_different_markers() -> None:
    series = range(len(LIGHT.series) * len(MARKERS))
    assert len({(LIGHT.colour(each), marker_of(each)) for each in series}) == len(series)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("series", range(8))
def test_amounts_go_evenly_from_the_ground_to_their_colour(theme: Theme, series: int) -> None:
    shades = [mixed(theme.colour(series), theme.ground, step / 10) for step in range(11)]
    assert shades[0] == theme.ground
    assert shades[-1] == theme.colour(series)
    lightness = [lab(linear(shade))[0] for shade in shades]
    steps = [abs(after - before) for before, after in pairwise(lightness)]
    assert all((after - before) * (lightness[-1] - lightness[0]) > 0 for before, after in pairwise(lightness))
    assert max(steps) < 2.5 * min(steps)
