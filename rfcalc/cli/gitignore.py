"""Which files and folders git is told to ignore: `.gitignore` of each folder, and `.git/info/exclude`.

The rules are those of gitignore(5), applied to paths alone: a file that is tracked although a pattern
ignores it counts as ignored.  The excludes file of the user's own configuration is not read, and a slash
within brackets ends a part.  As in git, patterns and names are compared byte by byte, each a character here.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8

from rfcalc.errors import UsageError, printable
from rfcalc.files import bytes_of, upwards
from rfcalc.records import NamedTuple
from rfcalc.wildcards import Parts, fits_wholly, parts_of

_ESCAPED_SLASH = re.compile(r"((?<!\\)(?:\\\\)*)\\/")
# A file past this is none that somebody wrote.
_LONGEST = 2**20


class _IgnoreLine(NamedTuple):
    """A line of a `.gitignore`."""

    parts: Parts
    ignores: bool
    folders_alone: bool


class _Rules(NamedTuple):
    """The rules that hold in a folder: its own, relative to it, and those of the folder above."""

    folder: str
    own: tuple[_IgnoreLine, ...]
    above: _Rules | None


class Gitignore:
    """The rules of every folder that was asked about, each read once.

    problems: which files are too long to be read.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Rules | None] = {}
        self.problems: list[str] = []

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether a path is ignored by itself; what lies in a folder that is, is not asked about."""
        path = os.path.abspath(path)
        rules = self._of(os.path.dirname(path))
        while rules is not None:
            parts = os.fsencode(os.path.relpath(path, rules.folder)).decode("latin-1").split(os.sep)
            for rule in reversed(rules.own):
                if (is_folder or not rule.folders_alone) and fits_wholly(rule.parts, parts):
                    return rule.ignores
            rules = rules.above
        return False

    def _of(self, folder: str) -> _Rules | None:
        """The rules of a folder; None outside a repository."""
        passed = []
        for each in upwards(folder):
            if each in self._known:
                break
            passed.append(each)
            if os.path.lexists(os.path.join(each, ".git")):
                break
        for inner in reversed(passed):
            git = os.path.join(inner, ".git")
            path = os.path.join(inner, ".gitignore")
            # Git does not follow a link here either: it may lead anywhere.
            own = () if os.path.islink(path) else self._rules(path)
            above = self._known.get(os.path.dirname(inner))
            if os.path.lexists(git):
                self._known[inner] = _Rules(
                    inner, self._rules(os.path.join(git, "info", "exclude")) + own, None
                )
            else:
                self._known[inner] = None if above is None else _Rules(inner, own, above)
        return self._known[folder]

    def _rules(self, path: str) -> tuple[_IgnoreLine, ...]:
        """The rules of a file; none where there is no such file or it cannot be read."""
        try:
            data = bytes_of(path, _LONGEST)
        except UsageError:
            return ()
        if len(data) > _LONGEST:
            limit = f"larger than {_LONGEST // 2**20} MiB, the limit for a file of patterns"
            self.problems.append(f"{printable(os.path.relpath(path))}:1:1: {limit}; it is not read")
            return ()
        text = data.removeprefix(BOM_UTF8).decode("latin-1")
        found = (_rule(line.removesuffix("\r")) for line in text.split("\n"))
        return tuple(rule for rule in found if rule is not None)


def _rule(line: str) -> _IgnoreLine | None:
    """The rule of a line; None for a comment and for a line without a pattern that may fit."""
    if line.startswith("#"):
        return None
    written = line.rstrip(" ")
    backslashes = len(written) - len(written.rstrip("\\"))
    # Spaces at the end are not part of the pattern, except one behind a backslash that no other one escapes.
    line = line[: len(written) + backslashes % 2]
    ignores = not line.startswith("!")
    pattern = line if ignores else line[1:]
    folders_alone = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    if not pattern:
        return None
    # A backslash may stand before a slash too, which means a slash all the same.
    words = _ESCAPED_SLASH.sub(r"\1/", pattern.removeprefix("/")).split("/")
    if "" in words:
        # No part of a path is empty.
        return None
    if "/" not in pattern:
        words.insert(0, "**")
    if words[-1] == "**":
        # What is in the folder, not the folder itself.
        words.append("*")
    return _IgnoreLine(parts_of(words), ignores, folders_alone)
