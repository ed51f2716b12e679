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
            instead = "they are shown as ?"
            if callable(chart) and language != "en":
                made, instead = chart("en"), "the words are in English"
            say(f"rfcalc: note: no installed font has {missing}: {instead}")
        emit(chart_file(made, output.format or "png"), output.file)
