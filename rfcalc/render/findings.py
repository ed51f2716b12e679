"""What `rfcalc check` found as text, in every format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rfcalc.render.finding_formats import FORMATS
from rfcalc.render.layout import Layout

if TYPE_CHECKING:
    from rfcalc.lint.outcome import Outcome

_PLAIN = Layout()


def render_outcome(outcome: Outcome, format_name: str, layout: Layout = _PLAIN) -> str:
    """A run as text that ends in a line break, in a format of `finding_formats.FORMATS`."""
    if format_name not in FORMATS:
        raise ValueError(f"there is no format {format_name!r}")
    module, _, function = FORMATS[format_name].function.partition(":")
    text: str = getattr(import_module(module), function)(outcome, layout)
    return text


def step_summary(outcome: Outcome, layout: Layout = _PLAIN) -> str:
    """A run as the summary of a step on GitHub: markdown, within the size that GitHub takes."""
    from rfcalc.render.findings_markdown import render_step_summary

    return render_step_summary(outcome, layout)
