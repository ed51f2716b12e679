"""The configuration: `rfcalc.toml`, or the table `tool.rfcalc` of pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.errors import Source
from rfcalc.lint.budgets.budget import Budget
from rfcalc.lint.finding import Severity
from rfcalc.lint.ignores import StatedIgnore
from rfcalc.records import NamedTuple
from rfcalc.wildcards import fits

LONGEST_TEXT = 2**20


class Configuration(NamedTuple):
    """What a configuration says; paths in it are relative to its folder, with `/` between their parts.

    select, ignore, extend_select: selectors as `selection.selected` takes them; select is None when it
    is not stated.  fail_on: None when not stated.  exclude: globs.
    baseline: the path of the file, None when not stated.  per_path_ignores: for each glob of networks which
    rules are not looked for in them.  ignores: what is found and not reported, network by network.
    """

    source: Source
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: Severity | None = None
    exclude: tuple[str, ...] = ()
    baseline: str | None = None
    per_path_ignores: Mapping[str, tuple[str, ...]] = {}
    budgets: tuple[Budget, ...] = ()
    ignores: tuple[StatedIgnore, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file is passed over when a folder is searched."""
        return any(fits(glob, path) for glob in self.exclude)

    @property
    def selectors(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The selectors that choose and those that ignore, wherever a network lies."""
        select = ("",) if self.select is None else self.select
        return select + self.extend_select, self.ignore

    def ignored_for(self, path: str) -> tuple[str, ...]:
        """The selectors that are ignored besides, for a network of this path or shipped name."""
        return tuple(
            code for glob, codes in self.per_path_ignores.items() if fits(glob, path) for code in codes
        )

    def ignores_for(self, name: str) -> tuple[StatedIgnore, ...]:
        """The ignores that hold for a network of this path or shipped name."""
        return tuple(ignore for ignore in self.ignores if fits(ignore.network, name))

    def budgets_for(self, name: str) -> tuple[Budget, ...]:
        """The budgets that hold for a network of this path or shipped name."""
        return tuple(budget for budget in self.budgets if budget.covers(name))
