"""Entries of a baseline whose network is gone."""

from __future__ import annotations

from collections.abc import Callable

from rfcalc.errors import quoted
from rfcalc.lint.budgets.baseline import Baseline
from rfcalc.lint.finding import Finding
from rfcalc.lint.rules.rf305_stale_baseline import find as stale_baseline


def stale(baseline: Baseline, exists: Callable[[str], bool], hint: str = "") -> tuple[Finding, ...]:
    """A finding for each entry of which there is no network any more, in the order of the paths.

    exists: whether there is a network of this path.  hint: how such entries are dropped.
    """
    gone = [path for path in sorted(baseline.entries) if not exists(path)]
    places = baseline.places() if gone else {}
    return tuple(
        stale_baseline.finding(
            f"the baseline has an entry of {quoted(path)}, where there is no network any more",
            places.get(path, baseline.source.at(0)),
            hint,
        )
        for path in gone
    )
