"""Writing a chart the way the output options ask for: in characters, as SVG, as png or pdf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.cli.output import (
    Output,
    emit,
    encoding_of,
    is_terminal,
    say,
    terminal_height,
    terminal_width,
    wants_colour,
)
from rfcalc.render.formats import CHART_CONTENTS, CONTENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfcalc.report.chart import Chart
    from rfcalc.report.words import Language

CHART_FORMATS = frozenset(CHART_CONTENTS)
# Of a command that has a chart beside its tables.
WITH_CHARTS: Mapping[str, str] = {**CONTENTS, **CHART_CONTENTS}

# What is written to a pipe or a file, whatever the terminal beside it is: the same in every run.
_COLUMNS = 80
# So many characters without a glyph are named.
_NAMED = 8
# A chart above a table has so many lines at least, and below both is a prompt.
_LEAST_LINES, _PROMPT = 12, 2


def write_chart(chart: Chart | Callable[[Language], Chart], output: Output) -> None:
    """Write a chart in the format of charts that the output options name.

    chart: one, or what makes it in a language: then words for which no font is installed are written in
    English.  Raises UsageError for png and pdf where matplotlib is not installed, and on a terminal.
    """
    language = output.language or "en"
    made = chart(language) if callable(chart) else chart
    if output.format == "svg":
        from rfcalc.render.charts.svg import chart_svg, in_encoding

        emit(in_encoding(chart_svg(made), encoding_of(output.file)), output.file)
    elif output.format == "chart":
        from rfcalc.render.charts.terminal import chart_text

        shown = is_terminal(output.file)
        emit(
            chart_text(
                made,
                terminal_width() if shown else _COLUMNS,
                terminal_height() if shown else None,
                colour=shown and wants_colour(output.no_color),
                encoding=encoding_of(output.file),
            ),
            output.file,
        )
    else:
        from rfcalc.render.charts.matplotlib import chart_file, without_glyphs

        if missing := without_glyphs(made):
            in_english = callable(chart) and language != "en"
            made = chart("en") if callable(chart) and in_english else made
            say_missing(missing, in_english=in_english)
        emit(chart_file(made, output.format or "png"), output.file)


def say_missing(characters: str, *, in_english: bool, lacking: str = "no installed font has") -> None:
    """Say which characters no font has, and what is done about it; lacking: how their place is called."""
    more = len(characters) - _NAMED
    some = characters if more <= 0 else f"{characters[:_NAMED]} and {more} more"
    instead = "the words are in English" if in_english else "they are shown as ?"
    say(f"rfcalc: note: {lacking} {some}: {instead}")


def chart_above(chart: Callable[[Language], Chart], text: str, output: Output) -> str:
    """A chart in characters for what stands above a text on a terminal; "" where both have no room.

    chart: makes it in a language.
    """
    height = terminal_height()
    left = 0 if height is None else height - text.count("\n") - _PROMPT
    if output.format is not None or not is_terminal(output.file) or left < _LEAST_LINES:
        return ""
    from rfcalc.render.charts.terminal import chart_text

    colour, encoding = wants_colour(output.no_color), encoding_of(output.file)
    drawn = chart_text(
        chart(output.language or "en"), terminal_width(), left, colour=colour, encoding=encoding
    )
    return f"{drawn}\n" if drawn.count("\n") < left else ""
