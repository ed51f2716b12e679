"""The configuration: `rfcalc.toml`, or the table `tool.rfcalc` of pyproject.toml."""

from __future__ import annotations

from rfcalc.errors import Source
from rfcalc.lint.budgets.budget import Budget
from rfcalc.lint.finding import Severity
from rfcalc.records import NamedTuple
from rfcalc.wildcards import fits

LONGEST_TEXT = 2**20


class PathIgnores(NamedTuple):
    """Which rules are not looked for in the networks that a glob fits."""

    glob: str
    ignore: tuple[str, ...]


class Configuration(NamedTuple):
    """What a configuration says; paths in it are relative to its folder, with `/` between their parts.

    select, ignore, extend_select: selectors as `selection.selected` takes them; select is None when it
    is not stated.  fail_on: None when not stated.  exclude: globs.
    baseline: the path of the file, None when not stated.
    """

    source: Source
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: Severity | None = None
    exclude: tuple[str, ...] = ()
    baseline: str | None = None
    per_path_ignores: tuple[PathIgnores, ...] = ()
    budgets: tuple[Budget, ...] = ()

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
            code for entry in self.per_path_ignores if fits(entry.glob, path) for code in entry.ignore
        )

    def budgets_for(self, name: str) -> tuple[Budget, ...]:
        """The budgets that hold for a network of this path or shipped name."""
        return tuple(budget for budget in self.budgets if budget.covers(name))
