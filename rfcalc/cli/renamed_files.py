"""What a file was called at a revision, where it has another name now.

Git's own detection (`git diff -M`) would read the work tree, and for that run the filters that a repository
names; so the files of then are listed, those that are gone are read as objects, and compared here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from rfcalc.cli.paths import has_layers
from rfcalc.cli.revision import Revision, TooMuch
from rfcalc.errors import UsageError
from rfcalc.files import bytes_of
from rfcalc.lint.budgets.renames import NetworkContent, renames, text_content
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import LONGEST_TEXT, SUFFIXES

# As many are compared by git where nobody says how many (diff.renameLimit), and so much is read of them.
_MOST_FILES = 1_000
_MOST_BYTES = 2**26


class Earlier(NamedTuple):
    """A file of a revision that is gone: its path from the top of the repository, and what it held."""

    path: str
    data: bytes


class RenamedFiles:
    """The files of a run that had other names at a revision; each repository is looked through once.

    files: those of the run, of which each file of then can be but one.
    """

    def __init__(self, revision: Revision, files: Sequence[str]) -> None:
        self._revision = revision
        self._files = files
        self._found: dict[str, Mapping[str, Earlier] | None] = {}

    def earlier(self, path: str) -> Earlier | None:
        """What a file was that was not there under its name; None where it is new.

        Raises TooMuch where so much is gone that it is not looked through, UsageError as `Revision` does.
        """
        top = self._revision.top(path)
        if top not in self._found:
            try:
                self._found[top] = self._look(top, path)
            except TooMuch:
                self._found[top] = None
        found = self._found[top]
        if found is None:
            raise TooMuch
        return found.get(self._revision.path_from_top(path))

    def _look(self, top: str, path: str) -> Mapping[str, Earlier]:
        known = self._revision.files(path)
        gone = [
            each
            for each in known
            if each.endswith(SUFFIXES) and not _is_there(os.path.join(top, *each.split("/")))
        ]
        if not gone:
            return {}
        if len(gone) > _MOST_FILES:
            raise TooMuch
        contents = self._revision.contents(path, (known[each] for each in gone), _MOST_BYTES)
        data = {each: contents[known[each]] for each in gone if known[each] in contents}
        earlier = {each: text_content(text) for each, text in data.items() if has_layers(text)}
        found = renames(earlier, self._new(top, known))
        return {now: Earlier(then, data[then]) for now, then in found.items()}

    def _new(self, top: str, known: Mapping[str, str]) -> dict[str, NetworkContent]:
        """The files of the run in a repository that a revision does not have, by their paths from its top."""
        found: dict[str, NetworkContent] = {}
        for file in self._files:
            # What cannot be read, or lies in no repository, is told where it is checked.
            with suppress(UsageError):
                if self._revision.top(file) == top:
                    path = self._revision.path_from_top(file)
                    if path not in known:
                        found[path] = text_content(bytes_of(file, LONGEST_TEXT))
        return found


def _is_there(path: str) -> bool:
    """Whether there is a file, also one that is a link to nothing."""
    return os.path.lexists(path) and (os.path.islink(path) or not os.path.isdir(path))
