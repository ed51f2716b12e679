"""Which files and folders git is told to ignore: `.gitignore` of each folder, and `.git/info/exclude`.

The rules are those of gitignore(5), applied to paths alone: a file that is tracked although a pattern
ignores it counts as ignored.  The excludes file of the user's own configuration is not read, and a slash
within brackets ends a part.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from rfcalc.errors import UsageError
from rfcalc.files import bytes_of
from rfcalc.lint.configuration.globs import Parts, fits_wholly, part_pattern

_ESCAPED_SLASH = re.compile(r"((?<!\\)(?:\\\\)*)\\/")
# A file past this is none that somebody wrote.
_LONGEST = 2**20


class _Rule(NamedTuple):
    """A line of a `.gitignore`."""

    parts: Parts
    ignores: bool
    folders_alone: bool


class _Rules(NamedTuple):
    """The rules that hold in a folder: its own, relative to it, and those of the folder above."""

    folder: str
    own: tuple[_Rule, ...]
    above: _Rules | None


class Gitignore:
    """The rules of every folder that was asked about, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, _Rules | None] = {}

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether a path is ignored by itself; what lies in a folder that is, is not asked about."""
        path = os.path.abspath(path)
        rules = self._of(os.path.dirname(path))
        while rules is not None:
            parts = os.path.relpath(path, rules.folder).split(os.sep)
            for rule in reversed(rules.own):
                if (is_folder or not rule.folders_alone) and fits_wholly(rule.parts, parts):
                    return rule.ignores
            rules = rules.above
        return False

    def _of(self, folder: str) -> _Rules | None:
        """The rules of a folder; None outside a repository."""
        passed = []
        while folder not in self._known:
            passed.append(folder)
            above = os.path.dirname(folder)
            if above == folder or os.path.lexists(os.path.join(folder, ".git")):
                break
            folder = above
        for inner in reversed(passed):
            self._known[inner] = self._read(inner)
        return self._known[passed[0] if passed else folder]

    def _read(self, folder: str) -> _Rules | None:
        git = os.path.join(folder, ".git")
        own = _rules(os.path.join(folder, ".gitignore"))
        if os.path.lexists(git):
            return _Rules(folder, _rules(os.path.join(git, "info", "exclude")) + own, None)
        above = self._known.get(os.path.dirname(folder))
        return None if above is None else _Rules(folder, own, above)


def _rules(path: str) -> tuple[_Rule, ...]:
    """The rules of a file; none where there is no such file or it cannot be read."""
    try:
        text = bytes_of(path, _LONGEST).decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    except UsageError:
        return ()
    found = (_rule(line.removesuffix("\r")) for line in text.split("\n"))
    return tuple(rule for rule in found if rule is not None)


def _rule(line: str) -> _Rule | None:
    """The rule of a line; None for a comment and for a line without a pattern."""
    if line.startswith("#"):
        return None
    end = len(line)
    while line[:end].endswith(" ") and (end - len(line[: end - 1].rstrip("\\")) - 1) % 2 == 0:
        end -= 1
    line = line[:end]
    ignores = not line.startswith("!")
    pattern = line if ignores else line[1:]
    folders_alone = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    if not pattern:
        return None
    # A backslash may stand before a slash too, which means a slash all the same.
    words = _ESCAPED_SLASH.sub(r"\1/", pattern.removeprefix("/")).split("/")
    parts: list[Parts] = [(None,) if word == "**" else (part_pattern(word),) for word in words]
    if "/" not in pattern:
        parts.insert(0, (None,))
    if words[-1] == "**":
        # What is in the folder, not the folder itself.
        parts.append((part_pattern("*"),))
    return _Rule(sum(parts, ()), ignores, folders_alone)
