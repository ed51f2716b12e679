"""Which descriptions the paths of a command mean: files, folders that are searched, and patterns.

A description is a YAML file with a top-level key `layers`; what else lies in a folder, a workflow of CI or a
list of images, is no mistake and is passed over.  A file that is named is taken at its word.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rfcalc.errors import UsageError, quoted
from rfcalc.spec.document_text import LONGEST_TEXT

STANDARD_INPUT = "-"
# JSON is taken where it is named or matched; in a folder it may be anything, and much.
_SEARCHED = (".yaml", ".yml")
_MATCHED = (*_SEARCHED, ".json")
_PATTERN = re.compile(r"[*?[]")
# What may stand before the first key of a document: its mark, blank lines, comments, the sign of its start.
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:(?:#|%|---)[^\r\n]*)?(?:\r\n?|\n))*([ ]*)([{]?)")
_FLOW_KEY = re.compile(rb"[{,\s][\"']?layers[\"']?\s*:")


class Path(NamedTuple):
    """A file that was named, or found where a folder or a pattern was."""

    name: str
    searched: bool = False


class Checkable(NamedTuple):
    """A description that a command's words mean.

    name: what reports call it.  kind: "file", "input" (standard input) or "shipped".  file: its path, for
    standard input the one that it stands for; "" where there is none.  searched: found in a folder or by a
    pattern.
    """

    name: str
    kind: str
    file: str = ""
    searched: bool = False

    @property
    def folder(self) -> str:
        """The folder whose configuration holds for it."""
        return os.path.dirname(self.file) or os.curdir

    def read(self) -> bytes:
        """Its bytes; raises UsageError, with what may have been meant, when they cannot be read."""
        from rfcalc.library import is_path, read_file, shipped_text

        if self.kind == "input":
            return sys.stdin.buffer.read(LONGEST_TEXT + 1)
        if self.kind == "shipped" or not (is_path(self.file) or os.path.lexists(self.file)):
            return shipped_text(self.file or self.name).encode("utf-8")
        return read_file(self.file)


class Search:
    """The search for what a command's paths mean.

    passed_over: how many YAML files that are no descriptions were found on the way.  problems: what could
    not be found or searched.
    """

    def __init__(self) -> None:
        self.passed_over = 0
        self.problems: list[str] = []

    def files(self, path: str) -> Iterator[Path]:
        """The files that a path means, in the order of their names; the path itself when it is no folder.

        A pattern that names no file is expanded, as shells do not always do.  Raises UsageError for a folder
        or a pattern in which there is no description.
        """
        if os.path.isdir(path):
            yield from self._some(self._below(path), f"the folder {quoted(path)} holds no description")
        elif path != STANDARD_INPUT and _PATTERN.search(path) and not os.path.lexists(path):
            yield from self._some(self._matches(path), f"no description matches {quoted(path)}")
        else:
            yield Path(path)

    def checkables(self, words: Sequence[str], stdin_filename: str | None = None) -> Iterator[Checkable]:
        """The descriptions that words mean, each once: what `files` finds, and shipped networks by name.

        stdin_filename: what standard input is called.  A word that means none is a problem.
        """
        from rfcalc.library import is_path, shipped_names

        shipped = frozenset(shipped_names())
        for path, searched in unique(self._found(words)):
            if path == STANDARD_INPUT:
                name = shown(stdin_filename) if stdin_filename else "<stdin>"
                yield Checkable(name, "input", stdin_filename or "")
            elif path in shipped and not is_path(path) and not os.path.lexists(path):
                yield Checkable(path, "shipped")
            else:
                yield Checkable(shown(path), "file", path, searched)

    def _found(self, words: Sequence[str]) -> Iterator[Path]:
        for word in words:
            try:
                yield from self.files(word)
            except UsageError as error:
                self.problems.append(str(error))

    def _some(self, names: Iterable[str], problem: str) -> Iterator[Path]:
        found = [Path(name, True) for name in names]
        if not found:
            others = f"; YAML files without it: {self.passed_over}" if self.passed_over else ""
            raise UsageError(f"{problem}: a .yaml or .yml file with a top-level key `layers`{others}")
        yield from found

    def _below(self, folder: str) -> Iterator[str]:
        """The descriptions below a folder; hidden folders and links to folders are left out."""
        pending = [folder]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
                inner = {entry.path for entry in found if entry.is_dir(follow_symlinks=False)}
            except OSError as error:
                self.problems.append(f"cannot read the folder {quoted(folder)}: {error.strerror or error}")
                continue
            visible = [entry.path for entry in found if not entry.name.startswith(".")]
            yield from (path for path in visible if path.endswith(_SEARCHED) and self._describes(path))
            # A folder's own files come first, then its folders in the order of their names.
            pending += [path for path in reversed(visible) if path in inner]

    def _matches(self, pattern: str) -> Iterator[str]:
        """The descriptions that a pattern matches, and those below the folders that it matches."""
        from glob import glob

        try:
            names = sorted(glob(pattern, recursive=True))
        except RecursionError:
            raise UsageError(f"the folders that {quoted(pattern)} matches nest too deep") from None
        for name in names:
            if os.path.isdir(name):
                yield from self._below(name)
            elif name.endswith(_MATCHED) and self._describes(name):
                yield name

    def _describes(self, path: str) -> bool:
        """Whether a file that was found is a description; one that cannot be read may be."""
        if not os.path.isfile(path):
            return False
        try:
            with open(path, "rb") as file:
                found = has_layers(file.read(LONGEST_TEXT))
        except OSError:
            return True
        self.passed_over += not found
        return found


def has_layers(data: bytes) -> bool:
    """Whether bytes that may be YAML have a top-level key `layers`, though the YAML may be wrong."""
    start = _START.match(data)
    assert start is not None
    if start[2]:
        return bool(_FLOW_KEY.search(data, start.start(2)))
    key = rb"(?:^|[\r\n])" + re.escape(start[1]) + rb"[\"']?layers[\"']?[ \t]*:"
    return bool(re.search(key, data))


def unique(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The paths without those that were there before under the same or another spelling."""
    found: dict[str, Path] = {}
    for path in paths:
        found.setdefault(path.name if path.name == STANDARD_INPUT else os.path.abspath(path.name), path)
    return tuple(found.values())


def shown(path: str) -> str:
    """A path as reports show it: without detours, with slashes on every system."""
    return os.path.normpath(path).replace(os.sep, "/")
