"""The configuration: `rfcalc.toml`, or the table `tool.rfcalc` of pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Position, Source
from rfcalc.lint.budgets.budget import Budget
from rfcalc.lint.finding import Severity
from rfcalc.lint.ignores import StatedIgnore
from rfcalc.records import NamedTuple
from rfcalc.wildcards import fits

LONGEST_TEXT = 2**20


class PathIgnores(NamedTuple):
    """One entry of `[per-path-ignores]`: the selectors that are ignored in the networks that a glob fits."""

    network: str
    selectors: tuple[str, ...]
    position: Position


class StatedGlob(NamedTuple):
    """A glob of networks, where it stands, and the code of what is found where it fits none."""

    network: str
    position: Position
    code: str


class Configuration(NamedTuple):
    """What a configuration says; paths in it are relative to its folder, with `/` between their parts.

    select, ignore, extend_select: selectors as `registry.selected` takes them; select is None when it
    is not stated.  fail_on, show: None when not stated.  exclude: globs.
    baseline: the path of the file, None when not stated.  per_path_ignores: which rules are not looked for in
    which networks.  ignores: what is found and not reported, network by network.
    """

    source: Source
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: Severity | None = None
    show: Severity | None = None
    exclude: tuple[str, ...] = ()
    baseline: str | None = None
    per_path_ignores: tuple[PathIgnores, ...] = ()
    budgets: tuple[Budget, ...] = ()
    ignores: tuple[StatedIgnore, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file is passed over when a folder is searched."""
        return any(fits(glob, path) for glob in self.exclude)

    def ignored_for(self, path: str) -> tuple[str, ...]:
        """The selectors that are ignored besides, for a network of this path or shipped name."""
        return tuple(
            code for entry in self.per_path_ignores if fits(entry.network, path) for code in entry.selectors
        )

    def ignores_for(self, name: str) -> tuple[StatedIgnore, ...]:
        """The ignores that hold for a network of this path or shipped name."""
        return tuple(ignore for ignore in self.ignores if fits(ignore.network, name))

    def globs(self) -> Iterator[StatedGlob]:
        """The globs of all networks that something is said of, each once for each thing."""
        for budget in self.budgets:
            yield StatedGlob(budget.network, budget.position, "RF306")
        for entry in self.per_path_ignores:
            yield StatedGlob(entry.network, entry.position, "RF901")
        # An ignore of several rules is one entry with one glob.
        firsts = {ignore.network: ignore for ignore in reversed(self.ignores)}
        for ignore in reversed(firsts.values()):
            yield StatedGlob(ignore.network, ignore.position, "RF901")

    def budgets_for(self, name: str) -> tuple[Budget, ...]:
        """The budgets that hold for a network of this path or shipped name."""
        return tuple(budget for budget in self.budgets if budget.covers(name))
