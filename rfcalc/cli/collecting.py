"""Checking the descriptions of a run, each with the rules, budgets and figures that apply to it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from rfcalc.cli.configuration import Configurations, RuleSelection
from rfcalc.cli.history import Histories
from rfcalc.cli.paths import Checkable
from rfcalc.cli.standard_input import say_remarks
from rfcalc.errors import DescriptionError, UsageError, quoted
from rfcalc.library import analyze, shipped_names
from rfcalc.lint.checking import Built, check_built, unbuilt
from rfcalc.lint.finding import Finding
from rfcalc.lint.outcome import Checked
from rfcalc.records import NamedTuple

_FEW = 16


class Given(NamedTuple):
    """What networks are built with; python: what runs a callable, "" for the interpreter that runs."""

    max_layers: int
    input: str | Mapping[str, str] | None = None
    params: Mapping[str, str] = {}
    python: str = ""


class Collected(NamedTuple):
    """What was found.

    problems: the descriptions that could not be read, each a sentence.  limited: whether a budget limits
    the growth of one of them.  held: for the folder of each configuration the globs of the budgets that hold
    for one of them.
    """

    checked: tuple[Checked, ...]
    problems: tuple[str, ...]
    limited: bool
    held: Mapping[str, Set[str]]


def collect(
    checkables: Iterable[Checkable],
    configurations: Configurations,
    selection: RuleSelection,
    histories: Histories,
    given: Given,
) -> Collected:
    """Check every description."""
    checked: list[Checked] = []
    problems: list[str] = []
    limited = False
    held: dict[str, set[str]] = {}
    for one in checkables:
        nearest = configurations.of(one.folder)
        path = nearest.relative(one.file) if nearest and one.file else one.name
        if len(checked) == _FEW:
            # A run of a moment leaves cycles uncollected (see `main.run_process`); a long one must not.
            gc.enable()
        budgets = nearest.configuration.budgets_for(path) if nearest else ()
        limited = limited or any(budget.increase for budget in budgets)
        if nearest:
            held.setdefault(nearest.folder, set()).update(budget.network for budget in budgets)
        codes = selection.codes(nearest, path)
        try:
            described = one.described(*given)
            say_remarks(described)
            analysis = analyze(described, input=given.input, params=given.params)
        except UsageError as error:
            problems.append(str(error))
            continue
        except DescriptionError as error:
            checked.append(unbuilt(one.name, error.diagnostics, codes))
            continue
        model = described.imported is not None
        previous = histories.previous(nearest, one, analysis, budgets, model=model)
        built = Built(described.source, described.network, analysis)
        checked.append(check_built(built, one.name, codes, budgets, previous))
    return Collected(tuple(checked), tuple(problems), limited, held)


def idle_budgets(
    configurations: Configurations, held: Mapping[str, Set[str]], words: Sequence[str]
) -> Iterator[str]:
    """The budgets that hold for no network, a sentence each: a name in them is wrong, or is so no more.

    That is known where the whole folder of their configuration was searched, and of those alone that are for
    no shipped network.
    """
    searched = [os.path.join(os.path.abspath(word), "") for word in words if os.path.isdir(word)]
    for nearest in configurations.in_use():
        if not os.path.join(nearest.folder, "").startswith(tuple(searched)):
            continue
        known = held.get(nearest.folder, frozenset())
        for budget in nearest.configuration.budgets:
            if budget.network not in known and not any(map(budget.covers, shipped_names())):
                source = nearest.configuration.source.name
                yield f"{source}: no network that was found fits {quoted(budget.network)}, which has a budget"


def stale_entries(
    configurations: Configurations, selection: RuleSelection, histories: Histories
) -> Iterator[Finding]:
    """A finding for each entry of a baseline whose network is gone, where that is looked for."""
    for recorded in histories.recorded():
        nearest = configurations.of(os.path.dirname(recorded.path))
        path = nearest.relative(recorded.path) if nearest else recorded.path
        codes = selection.codes(nearest, path)
        yield from (finding for finding in recorded.stale() if finding.code in codes)
