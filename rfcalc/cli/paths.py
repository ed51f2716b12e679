"""Which descriptions the paths of a command mean: files, folders that are searched, and patterns.

A description is a YAML file with a top-level key `layers`; what else lies in a folder, a workflow of CI or a
list of images, is no mistake and is passed over.  A file that is named is taken at its word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING

from rfcalc.cli.gitignore import Gitignore
from rfcalc.cli.standard_input import standard_input
from rfcalc.errors import Source, UsageError, listed, quoted
from rfcalc.files import HEAD, STANDARD_INPUT, bytes_of, head_of, keep, text_of
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import LONGEST_TEXT, SUFFIXES, YAML_SUFFIXES, is_foreign
from rfcalc.wildcards import glob_parts

if TYPE_CHECKING:
    from rfcalc.description import Description

_PATTERN = re.compile(r"[*?[]")
# What may stand before the first key of a document: its mark, blank lines, comments, the sign of its start.
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:(?:#|%|---)[^\r\n]*)?(?:\r\n?|\n))*([ ]*)([{]?)")
_KEY = re.compile(rb"(?:^|[\r\n])([ ]*)[\"']?layers[\"']?[ \t]*:")
_FLOW_KEY = re.compile(rb"[{,\s][\"']?layers[\"']?\s*:")
# How all json begins that rfcalc prints, which may have that key too.
_PRINTED = re.compile(rb'\{\s*"schema"\s*:\s*"rfcalc\.')
_BASELINE = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"schema"\s*:\s*"rfcalc\.baseline/')
# What marks a virtual environment of Python, whose packages bring descriptions of their own.
_ENVIRONMENT = "pyvenv.cfg"


class Checkable(NamedTuple):
    """A description that a command's words mean.

    name: what reports call it.  kind: "file", "input" (standard input), "shipped" or "callable" (in Python).
    file: its path, for standard input the one that it stands for; "" where there is none.
    """

    name: str
    kind: str
    file: str = ""

    @property
    def folder(self) -> str:
        """The folder whose configuration holds for it."""
        return os.path.dirname(self.file) or os.curdir

    def described(
        self, max_layers: int, input: str | Mapping[str, str] | None, params: Mapping[str, str], python: str
    ) -> Description:
        """Its description, where a model is read with what is given; raises DescriptionError.

        Raises UsageError, with what may have been meant, when it cannot be read.
        """
        from rfcalc.library import (
            is_path,
            load_model,
            model_of,
            read_data,
            read_file,
            read_text,
            shipped_text,
        )

        if self.kind == "input":
            return read_data(standard_input().read(LONGEST_TEXT + 1), self.name, max_layers)
        file = self.kind == "file" and (is_path(self.file) or os.path.lexists(self.file))
        if self.kind == "shipped" or not (file or self.kind == "callable"):
            return read_text(shipped_text(self.file or self.name), self.name, max_layers)
        if model := model_of(self.file or self.name, self.name, python=python, file=file):
            return load_model(model, max_layers, input=input, params=params)
        return read_data(read_file(self.file), self.name, max_layers)


class _Walk:
    """What of a pattern is left to be matched, on the way down from the folder where it begins.

    A place is how many of its parts are behind; several are possible where it has `**`.
    """

    def __init__(self, pattern: str) -> None:
        self._parts = glob_parts(pattern)
        self.end = len(self._parts)
        self.start = self._with_empty({0})

    def after(self, places: frozenset[int], entry: os.DirEntry[str]) -> frozenset[int]:
        """The places behind an entry of a folder that was reached at some places."""
        found = set()
        hidden = entry.name.startswith(".")
        for place in places - {self.end}:
            part = self._parts[place]
            if part is None:
                if not hidden and not entry.is_symlink():
                    found.add(place)
            elif part.fits(entry.name) and (not hidden or part.text.startswith(".")):
                found.add(place + 1)
        return self._with_empty(found)

    def _with_empty(self, places: set[int]) -> frozenset[int]:
        """The places, and those behind each `**` that stands for no part at all."""
        found = set(places)
        for place in sorted(places):
            for behind in range(place, self.end):
                if self._parts[behind] is not None:
                    break
                found.add(behind + 1)
        return frozenset(found)


class Search:
    """The search for what a command's paths mean.

    excludes: whether a file or a folder that is found is to be left out.  models: whether a pattern may mean
    files of models, which in a folder may be any and large.  passed_over: how many YAML files
    that are no descriptions were found on the way.  left_out: how many files and folders were left out, by
    `excludes` or since git ignores them.  problems: what could not be found or searched.
    """

    def __init__(self, excludes: Callable[[str], bool] = lambda path: False, *, models: bool = False) -> None:
        self._excludes = excludes
        self._models = models
        self._gitignore = Gitignore()
        self.passed_over = 0
        self.left_out = 0
        self.problems = self._gitignore.problems

    def files(self, path: str) -> Iterator[str]:
        """The files that a path means, in the order of their names; the path itself when it is no folder.

        A pattern that names no file is expanded, as shells do not always do.  Raises UsageError for a folder
        or a pattern in which there is no description.
        """
        if not path:
            raise UsageError("a path is empty")
        if os.path.isdir(path):
            models = "; models are named, or matched by a pattern such as 'nets/*.onnx'" * self._models
            yield from self._some(
                self._below(path), f"the folder {quoted(path)} holds no description", models
            )
        elif path != STANDARD_INPUT and is_searched(path):
            models = f"; models end in {listed(_model_suffixes())}" if self._models else ""
            yield from self._some(
                sorted(self._matches(path)), f"no description matches {quoted(path)}", models
            )
        else:
            yield path

    def networks(self, top: str) -> Iterator[str]:
        """Every description and model below a folder, also where git ignores it or a search would not.

        Hidden folders, links to folders and virtual environments are left out.
        """
        suffixes = (*SUFFIXES, *_model_suffixes())
        for folder, folders, files in os.walk(top):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if _ENVIRONMENT in files:
                folders.clear()
                continue
            for name in files:
                path = os.path.join(folder, name)
                if name.endswith(suffixes) and os.path.isfile(path) and describes(path):
                    yield path

    def checkables(self, words: Sequence[str], stdin_filename: str | None = None) -> Iterator[Checkable]:
        """The descriptions that words mean, each once: what `files` finds, and shipped networks by name.

        A baseline means the networks that it holds and that are there.
        stdin_filename: what standard input is called.  A word that means none is a problem.
        """
        from rfcalc.library import is_callable, is_path, shipped_names

        shipped = frozenset(shipped_names())
        found: list[str] = []
        for word in words:
            try:
                found += _networks_of(word) if _is_baseline(word) else self.files(word)
            except UsageError as error:
                self.problems.append(str(error))
        for path in unique(found):
            if path == STANDARD_INPUT:
                name = shown(stdin_filename) if stdin_filename else "<stdin>"
                if stdin_filename:
                    # What an editor holds of it is in no file yet.
                    keep(stdin_filename)
                yield Checkable(name, "input", stdin_filename or "")
            elif path in shipped and not is_path(path) and not os.path.lexists(path):
                yield Checkable(path, "shipped")
            elif path in words and is_callable(path):
                # Only what is named runs code: no name that was found.
                yield Checkable(path, "callable")
            else:
                yield Checkable(shown(path), "file", path)

    def _some(self, names: Iterable[str], problem: str, hint: str = "") -> Iterator[str]:
        # What stops a search is reported by itself, and that something is left out is no problem.
        known = len(self.problems), self.left_out
        found = list(names)
        if not found and known == (len(self.problems), self.left_out):
            others = f"; YAML files without it: {self.passed_over}" if self.passed_over else ""
            raise UsageError(f"{problem}: a .yaml or .yml file with a top-level key `layers`{others}{hint}")
        yield from found

    def _below(self, top: str) -> Iterator[str]:
        """The descriptions below a folder.

        Left out are hidden folders, links to folders, virtual environments, and what git ignores.
        """
        pending = [top]
        while pending:
            folder = pending.pop()
            found = self._entries(folder)
            if folder != top and any(entry.name == _ENVIRONMENT for entry in found):
                self.left_out += 1
                continue
            visible = [entry for entry in found if not entry.name.startswith(".")]
            for entry in visible:
                # In a folder JSON may be anything, and much; it is taken where it is named or matched.
                named = entry.name.endswith(YAML_SUFFIXES) and os.path.isfile(entry.path)
                if named and self._wanted(entry) and self._describes(entry.path, models=False):
                    yield entry.path
            # A folder's own files come first, then its folders in the order of their names.
            folders = [each for each in visible if each.is_dir(follow_symlinks=False) and self._wanted(each)]
            pending += [entry.path for entry in reversed(folders)]

    def _matches(self, pattern: str) -> Iterator[str]:
        """The descriptions that a pattern matches, and those below the folders that it matches.

        Each folder is read once for each set of places in the pattern that its contents may fit.  As in a
        shell, hidden names are matched by name alone, and `**` follows no links.
        """
        magic = _PATTERN.search(pattern)
        assert magic is not None
        prefix = pattern[: pattern.rfind("/", 0, magic.start()) + 1]
        walk = _Walk(pattern[len(prefix) :])
        pending = [(prefix, walk.start)] if os.path.isdir(prefix or os.curdir) else []
        seen: set[tuple[int, int, frozenset[int]]] = set()
        suffixes = (*SUFFIXES, *(_model_suffixes() if self._models else ()))
        while pending:
            folder, places = pending.pop()
            inner = []
            for entry in self._entries(folder):
                after = walk.after(places, entry)
                if not after:
                    continue
                # Not the path of the entry, which begins with "./" in the current folder.
                path = os.path.join(folder, entry.name)
                whole = walk.end in after
                if whole and os.path.isfile(path):
                    named = entry.name.endswith(suffixes) and not self._excluded(path)
                    if named and self._describes(path):
                        yield path
                elif whole and os.path.isdir(path):
                    yield from self._below(path)
                elif os.path.isdir(path):
                    here = os.stat(path)
                    if (key := (here.st_dev, here.st_ino, after)) not in seen:
                        seen.add(key)
                        inner.append((path, after))
            pending += reversed(inner)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """What is in a folder, in the order of the names; nothing, and a problem, when it cannot be read."""
        try:
            with os.scandir(folder or os.curdir) as entries:
                return sorted(entries, key=attrgetter("name"))
        except OSError as error:
            self.problems.append(f"cannot read the folder {quoted(folder)}: {error.strerror or error}")
            return []

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        """Whether what was found in a searched folder is to be read or searched."""
        if self._gitignore.ignores(entry.path, entry.is_dir(follow_symlinks=False)):
            self.left_out += 1
            return False
        return not self._excluded(entry.path)

    def _excluded(self, path: str) -> bool:
        excluded = self._excludes(path)
        self.left_out += excluded
        return excluded

    def _describes(self, path: str, *, models: bool = True) -> bool:
        """Whether a file that was found is a description, or a model where these are looked for too."""
        found = describes(path, models=models)
        self.passed_over += not found
        return found


def is_searched(word: str) -> bool:
    """Whether a path means what is found: a folder, or a pattern."""
    return os.path.isdir(word) or bool(_PATTERN.search(word) and not os.path.lexists(word))


def _model_suffixes() -> tuple[str, ...]:
    from rfcalc.importers.formats import IMPORTERS

    return tuple(suffix for importer in IMPORTERS for suffix in importer.suffixes)


def _is_model(path: str) -> bool:
    from rfcalc.importers.contents import DATA_SETS
    from rfcalc.importers.formats import importer_of

    head = head_of(path, kept=False)
    return not any(one.begins(head) for one in DATA_SETS) and importer_of(path, head) is not None


def describes(path: str, *, models: bool = True) -> bool:
    """Whether a file is a description or, if these count, a model; one that cannot be read may be.

    What is none may be replaced by output: it may be that of an earlier run.
    """
    try:
        found = models and (not path.endswith(SUFFIXES) or is_foreign(path)) and _is_model(path)
        found = found or has_layers(bytes_of(path, LONGEST_TEXT, kept=False))
    except UsageError:
        return True
    if found:
        keep(path)
    return found


def _is_baseline(path: str) -> bool:
    """Whether a file that is named is a baseline."""
    if not path.endswith(".json") or not os.path.isfile(path):
        return False
    with suppress(UsageError):
        return bool(_BASELINE.match(bytes_of(path, HEAD, kept=False)))
    return False


def _networks_of(baseline: str) -> Iterator[str]:
    """The files and the shipped networks that a baseline holds; raises DescriptionError for a damaged one.

    Callables are left out: code is run where it is named on the command line alone.
    """
    from rfcalc.library import shipped_names
    from rfcalc.lint.budgets.baseline import LONGEST_TEXT as LONGEST_BASELINE
    from rfcalc.lint.budgets.baseline import read_baseline

    name, shipped = shown(baseline), frozenset(shipped_names())
    text = text_of(bytes_of(baseline, LONGEST_BASELINE), name, LONGEST_BASELINE, "a baseline")
    for key in read_baseline(Source(name, text)).entries:
        path = os.path.join(os.path.dirname(baseline), key)
        if os.path.isfile(path):
            # Also one that is called like a shipped network, or like a callable.
            yield path if os.path.dirname(path) else os.path.join(os.curdir, path)
        elif key in shipped:
            yield key


def has_layers(data: bytes) -> bool:
    """Whether bytes that may be YAML have a top-level key `layers`, though the YAML may be wrong.

    What rfcalc has printed as json is left out: it is no description.
    """
    start = _START.match(data)
    assert start is not None
    if start[2]:
        return bool(_FLOW_KEY.search(data, start.start(2))) and not _PRINTED.match(data, start.start(2))
    return any(len(found[1]) == len(start[1]) for found in _KEY.finditer(data))


def unique(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths without those that were there before under the same or another spelling.

    A file that is a link is a file of its own; a link among the folders above it makes none of it.
    """
    found: dict[tuple[str, str], str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        found.setdefault(("" if path == STANDARD_INPUT else folders[folder], name), path)
    return tuple(found.values())


def shown(path: str) -> str:
    """A path as reports show it: without detours, with slashes on every system."""
    return os.path.normpath(path).replace(os.sep, "/")


def relative(path: str, folder: str) -> str:
    """A path as it is written in a folder, with slashes; in full on another drive, where no way leads."""
    try:
        return shown(os.path.relpath(path, folder))
    except ValueError:
        return shown(os.path.abspath(path))
