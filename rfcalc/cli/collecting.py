"""Checking the descriptions of a run, each with the rules, budgets and figures that apply to it."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from rfcalc.cli.configuration import Configurations, Nearest, RuleSelection
from rfcalc.cli.history import Histories
from rfcalc.cli.paths import Checkable, Search
from rfcalc.cli.standard_input import say_remarks
from rfcalc.description import leading_to
from rfcalc.errors import DescriptionError, UsageError, quoted
from rfcalc.library import analyze, read_data
from rfcalc.lint.checking import Built, check_built, unbuilt
from rfcalc.lint.finding import Finding
from rfcalc.lint.ignores import StatedIgnore
from rfcalc.lint.outcome import Checked
from rfcalc.records import NamedTuple
from rfcalc.wildcards import is_glob

if TYPE_CHECKING:
    from rfcalc.analysed import AnalysedNetwork
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.description import Description
    from rfcalc.lint.budgets.budget import Budget

_FEW = 16
# The code of what is said of an ignore that ignores nothing.
_REPORTED = "RF901"


class Given(NamedTuple):
    """What networks are built with.

    python: what runs a callable, "" for the interpreter that runs.  layers: those that are asked for, with
    what they need; () for all.  rates: of inputs by name, "" for one of no name.
    """

    max_layers: int
    input: str | Mapping[str, str] | None = None
    params: Mapping[str, str] = {}
    python: str = ""
    layers: tuple[str, ...] = ()
    rates: Mapping[str, str] = {}

    @property
    def sizes(self) -> dict[str, str]:
        """The sizes of inputs by name, "" for one of no name."""
        return {"": self.input} if isinstance(self.input, str) else dict(self.input or {})

    def known_to(self, description: Description) -> Given:
        """What of it means something to a network: sizes of its inputs, values of its parameters and symbols.

        A symbol that a size or a value brings in may be given a value, too; a model says what it takes.
        """
        network = description.network
        if network.open or description.imported:
            return self
        inputs = ("", *description.input_names())
        sizes, rates = (
            {name: value for name, value in given.items() if name in inputs}
            for given in (self.sizes, self.rates)
        )
        known = {binding.name for binding in (*network.parameters, *network.symbols)}
        brought = re.findall(r"[^\W\d]\w*", " ".join((*self.sizes.values(), *self.params.values())))
        known.update(brought)
        return self._replace(
            input=sizes,
            params={name: value for name, value in self.params.items() if name in known},
            rates=rates,
        )

    def analysed(
        self, description: Description, input: Mapping[str, str] = {}, params: Mapping[str, str] = {}
    ) -> AnalysedNetwork:
        """The analysis of a network; input, params: what is given instead.  Raises DescriptionError."""
        description = leading_to(description, self.layers) if self.layers else description
        sizes: dict[str, str] = {**self.sizes, **input}
        given = {**self.params, **params}
        return analyze(description, input=sizes or None, params=given, rate=self.rates or None)

    def built(self, data: bytes, name: str) -> NetworkAnalysis:
        """The analysis of a description as it once was, from its bytes; raises DescriptionError."""
        description = read_data(data, name, self.max_layers)
        return self.known_to(description).analysed(description)


class Collected(NamedTuple):
    """What was found.

    problems: the descriptions that could not be read, each a sentence.  limited: whether a budget limits
    the growth of one of them.  held: for the folder of each configuration the networks that it holds for, as
    its globs see them.  idle: a finding for each ignore of a configuration that ignores nothing.
    """

    checked: tuple[Checked, ...]
    problems: tuple[str, ...]
    limited: bool
    held: Mapping[str, Set[str]]
    idle: tuple[Finding, ...] = ()


class StatedIgnores:
    """What the ignores of configurations have done in a run."""

    def __init__(self) -> None:
        # For each ignore whose rule was looked for: its configuration, and the networks that it held for.
        self._tried: dict[StatedIgnore, tuple[Nearest, set[str]]] = {}
        self._used: set[StatedIgnore] = set()

    def holding(
        self, nearest: Nearest | None, path: str, codes: Set[str], part: bool
    ) -> Callable[[Finding], bool]:
        """What tells of a finding about a network whether one of them ignores it, and keeps which did.

        part: whether some of its layers alone are looked at.
        """
        stated = nearest.configuration.ignores_for(path) if nearest else ()
        ignores = [each for each in stated if each.code in codes]
        if nearest and not part and _REPORTED in codes:
            for ignore in ignores:
                self._tried.setdefault(ignore, (nearest, set()))[1].add(path)

        def ignored(finding: Finding) -> bool:
            used = [ignore for ignore in ignores if ignore.covers(finding)]
            self._used.update(used)
            return bool(used)

        return ignored

    def idle(self) -> Iterator[Finding]:
        """A finding for each that ignores nothing in all of the networks that it holds for."""
        for ignore, (nearest, paths) in self._tried.items():
            if ignore not in self._used and paths >= _networks(ignore.network, nearest):
                yield ignore.idle()


def _networks(glob: str, nearest: Nearest) -> set[str]:
    """The files that a glob of a configuration means, by their paths from its folder."""
    if not is_glob(glob):
        return set()
    # Without a slash it means files anywhere.
    pattern = os.path.join(nearest.folder, *(() if "/" in glob else ("**",)), glob)
    try:
        return {nearest.relative(path) for path in Search(models=True).files(pattern)}
    except UsageError:
        return set()


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
    stated = StatedIgnores()
    every = tuple(checkables)
    files = tuple(one.file for one in every if one.file)
    # What the values that are given by name mean something to.
    taken: set[str] = set()
    for one in every:
        stands = standards(one, configurations, selection)
        nearest, path, budgets, codes = stands
        if len(checked) == _FEW:
            # A run of a moment leaves cycles uncollected (see `main.run_process`); a long one must not.
            gc.enable()
        limited = limited or any(budget.increase for budget in budgets)
        if nearest:
            held.setdefault(nearest.folder, set()).add(path)
        try:
            described = one.described(given.max_layers, given.input, given.params, given.python)
            say_remarks(described)
            # One network is told of all that is given; of several each gets what it knows.
            own = given.known_to(described) if len(every) > 1 else given
            taken.update(own.sizes, own.params)
            analysis = own.analysed(described)
        except UsageError as error:
            problems.append(str(error))
            continue
        except DescriptionError as error:
            checked.append(unbuilt(one.name, error.diagnostics, codes))
            continue
        checked.append(check_one(one, stands, described, analysis, own, histories, stated, files))
    if any(found.layers is not None for found in checked):
        problems += _unknown(given, taken)
    return Collected(tuple(checked), tuple(problems), limited, held, tuple(stated.idle()))


class Standards(NamedTuple):
    """What a network is held to: the configuration that holds for it, its path there, budgets and codes."""

    nearest: Nearest | None
    path: str
    budgets: tuple[Budget, ...]
    codes: frozenset[str]


def standards(one: Checkable, configurations: Configurations, selection: RuleSelection) -> Standards:
    """What holds for a network; raises DescriptionError for a configuration that is wrong."""
    nearest = configurations.of(one.folder)
    path = nearest.relative(one.file) if nearest and one.file else one.name
    budgets = nearest.configuration.budgets_for(path) if nearest else ()
    return Standards(nearest, path, budgets, selection.codes(nearest, path))


def check_one(
    one: Checkable,
    stands: Standards,
    described: Description,
    analysis: AnalysedNetwork,
    given: Given,
    histories: Histories,
    stated: StatedIgnores,
    files: Sequence[str] = (),
) -> Checked:
    """What is found in a network that is built; files: all that the run checks.  Raises UsageError."""
    nearest, path, budgets, codes = stands
    model = described.imported is not None
    previous = histories.previous(nearest, one, analysis, budgets, files, model=model)
    again = None if model else partial(given.analysed, described)
    trials = analysis.resizable.trials
    built = Built(described.source, described.network, analysis, analysis.part, again, trials)
    ignored = stated.holding(nearest, path, codes, built.part)
    return check_built(built, one.name, codes, budgets, previous, ignored)


def _unknown(given: Given, taken: Set[str]) -> Iterator[str]:
    """What was given and means nothing to any network that could be built, a sentence each."""
    for option, what, names in (("--input", "input", given.sizes), ("--set", "parameter", given.params)):
        for name in names:
            if name not in taken:
                yield f"{option} {name}=…: none of the networks has the {what} {quoted(name)}"


def stale_entries(
    configurations: Configurations, selection: RuleSelection, histories: Histories
) -> Iterator[Finding]:
    """A finding for each entry of a baseline whose network is gone, where that is looked for."""
    for recorded in histories.recorded():
        nearest = configurations.of(os.path.dirname(recorded.path))
        path = nearest.relative(recorded.path) if nearest else recorded.path
        codes = selection.codes(nearest, path)
        yield from (finding for finding in recorded.stale() if finding.code in codes)
