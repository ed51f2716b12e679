"""Which configuration holds for a file: the nearest one in its folder and those above, or the one named."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rfcalc.cli.paths import relative, shown
from rfcalc.errors import Source, UsageError, quoted
from rfcalc.files import bytes_of, keep, text_of, upwards
from rfcalc.lint.configuration.configuration import LONGEST_TEXT, Configuration
from rfcalc.lint.registry import selected, selectors
from rfcalc.records import NamedTuple

# In one folder the first counts; a pyproject.toml without the table `tool.rfcalc` is none.
_PYPROJECT = "pyproject.toml"
NAMES = ("rfcalc.toml", _PYPROJECT)
# Why the file of earlier figures is kept.
BASELINE = "is the baseline of this command"


class Nearest(NamedTuple):
    """A configuration and the folder that its paths are relative to."""

    configuration: Configuration
    folder: str

    @property
    def baseline(self) -> str | None:
        """The path of the baseline file; None when none is named."""
        name = self.configuration.baseline
        return None if name is None else _displayed(os.path.join(self.folder, name))

    def relative(self, path: str) -> str:
        """A path as the configuration's globs see it."""
        return relative(path, self.folder)


class Configurations:
    """The configurations of a run, each read once.

    named: the one file that holds for everything.  off: there is none.
    """

    def __init__(self, named: str | None = None, *, off: bool = False) -> None:
        self._by_folder: dict[str, Nearest | None] = {}
        self._off = off
        self._named = None
        if named is not None:
            self._named = self._read(named, given=True)
            if self._named is None:
                raise UsageError(f"{quoted(named)} has no table [tool.rfcalc]")

    def of(self, folder: str) -> Nearest | None:
        """The configuration that holds in a folder; None when there is none.  Raises DescriptionError."""
        if self._off or self._named is not None:
            return self._named
        passed: list[str] = []
        found: Nearest | None = None
        for each in upwards(os.path.abspath(folder)):
            if each in self._by_folder:
                found = self._by_folder[each]
                break
            passed.append(each)
            files = filter(os.path.isfile, (os.path.join(each, name) for name in NAMES))
            found = next(filter(None, map(self._read, files)), None)
            if found is not None:
                break
        self._by_folder |= dict.fromkeys(passed, found)
        return found

    def excludes(self, path: str) -> bool:
        """Whether the configuration that holds for a file or a folder excludes it."""
        nearest = self.of(os.path.dirname(path) or os.curdir)
        return nearest is not None and nearest.configuration.excludes(nearest.relative(path))

    def in_use(self) -> tuple[Nearest, ...]:
        """Every configuration that was asked for, each once."""
        found = [nearest for nearest in (self._named, *self._by_folder.values()) if nearest is not None]
        return tuple({nearest.folder: nearest for nearest in found}.values())

    def _read(self, path: str, *, given: bool = False) -> Nearest | None:
        data = bytes_of(path, LONGEST_TEXT, given=given)
        pyproject = os.path.basename(path) == _PYPROJECT
        if pyproject and len(data) <= LONGEST_TEXT and b"rfcalc" not in data:
            # Most say nothing of it, and need not be parsed to know.
            return None
        hint = f"where there is an {NAMES[0]} beside it, that is read instead" if pyproject else ""
        name = _displayed(path)
        text = text_of(data, name, LONGEST_TEXT, "a configuration", hint)
        from rfcalc.lint.configuration.reader import read_configuration

        found = read_configuration(Source(name, text), pyproject=pyproject)
        if found is None:
            return None
        nearest = Nearest(found, os.path.dirname(os.path.abspath(path)))
        if nearest.baseline is not None:
            # Also where this run reads another one, or none.
            keep(nearest.baseline, BASELINE)
        return nearest


class RuleSelection:
    """The rules to look for in each network: what the command line says overrides the configuration.

    Which rules are ignored where, `per-path-ignores`, holds for what either selects.
    """

    def __init__(self, select: Sequence[str], ignore: Sequence[str], extend: Sequence[str]) -> None:
        self._select = selectors(select)
        self._ignore = selectors(ignore)
        self._extend = selectors(extend)

    def codes(self, nearest: Nearest | None, path: str) -> frozenset[str]:
        """The codes to look for in a network of this path, which is relative to its configuration."""
        here = nearest.configuration.ignored_for(path) if nearest else ()
        demanded = selected(self._select + self._extend, self._ignore + here)
        if self._select:
            return demanded
        # Of what the command line says nothing of, the configuration decides.
        said = nearest.configuration if nearest else None
        chosen = selected(said.select, said.ignore + here, said.extend_select) if said else selected()
        return demanded | (chosen - selected(self._extend + self._ignore))


def _displayed(path: str) -> str:
    """A path as messages show it: from here where it lies below, else in full."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return shown(path)
    return shown(path if relative.startswith(os.pardir) else relative)
