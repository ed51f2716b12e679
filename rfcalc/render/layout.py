"""How a run of the check is laid out, for all of its formats."""

from __future__ import annotations

from rfcalc.records import NamedTuple
from rfcalc.report.findings.repository import NOWHERE, Checkout


class Layout(NamedTuple):
    """How a run is laid out; a format takes what means something to it.

    statistics: with how often each rule fired.  colour: with the codes of a terminal.  encoding: that of the
    output; what it cannot hold is transliterated.  width: the cells of a line, where source lines must fit.
    checkout: where the names of files start, for what a repository's host reads.
    """

    statistics: bool = False
    colour: bool = False
    encoding: str = "utf-8"
    width: int | None = None
    checkout: Checkout = NOWHERE
