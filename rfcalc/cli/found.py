"""What `rfcalc check` finds in networks that another command has analysed, as configurations have it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rfcalc.cli.collecting import Given, StatedIgnores, check_one, standards
from rfcalc.cli.configuration import Configurations, RuleSelection
from rfcalc.cli.history import Histories
from rfcalc.cli.paths import Checkable, shown
from rfcalc.files import STANDARD_INPUT
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.lint.finding import DEFAULT_THRESHOLD, SEVERITIES
from rfcalc.lint.outcome import Outcome
from rfcalc.spec.given import settings_as_text, sizes_by_name

if TYPE_CHECKING:
    from rfcalc.analysed import AnalysedNetwork
    from rfcalc.lint.finding import Finding


class ConfiguredCheck:
    """A check of some networks, named as `words` name them; each configuration is read once."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._configurations = Configurations()
        self._selection = RuleSelection((), (), ())
        # What is compared with is a baseline that a configuration names: nothing is built from earlier texts.
        self._histories = Histories(
            None, None, None, words, MOST_LAYERS, (), Given(MOST_LAYERS).built, update=False
        )
        self._stated = StatedIgnores()

    def findings(self, word: str, analysis: AnalysedNetwork) -> tuple[Finding, ...]:
        """What is found in a network, and is shown; raises UsageError and DescriptionError.

        word: what it was named by; "" for an expression.
        """
        one = _checkable(word)
        stands = standards(one, self._configurations, self._selection)
        described, sizes, values = analysis.resizable
        given = Given(described.max_layers, sizes_by_name(sizes) or None, settings_as_text(values))
        checked = check_one(one, stands, described, analysis, given, self._histories, self._stated)
        said = stands.nearest.configuration if stands.nearest else None
        outcome = Outcome((checked,), (), (said and said.fail_on) or DEFAULT_THRESHOLD)
        return tuple(outcome.showing((said and said.show) or SEVERITIES[-1]).findings())


def _checkable(word: str) -> Checkable:
    """What the check would take a word for."""
    from rfcalc.library import is_callable, is_path, shipped_names

    if word in ("", STANDARD_INPUT):
        return Checkable("<expression>" if not word else "<stdin>", "input")
    if not is_path(word) and not os.path.lexists(word):
        return Checkable(word, "callable" if word not in shipped_names() and is_callable(word) else "shipped")
    return Checkable(shown(word), "file", word)
