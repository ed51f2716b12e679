"""Paths as a repository's host knows them: from its root, with forward slashes, and as URIs."""

from __future__ import annotations

import os
import posixpath
import re

from rfcalc.errors import Position
from rfcalc.lint.finding import Finding
from rfcalc.lint.outcome import Outcome
from rfcalc.records import NamedTuple

_DRIVE = re.compile(r"[A-Za-z]:/")
# What a URI may hold as it is (RFC 3986, section 2.3), and the slashes between folders.
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


class Checkout(NamedTuple):
    """Where in a repository a command runs.

    folder: the path from the root of the repository to the folder that relative names start from.
    roots: the root's absolute path, in every spelling that a name may have; none where it is not known.
    """

    folder: str = ""
    roots: tuple[str, ...] = ()


NOWHERE = Checkout()


def from_root(outcome: Outcome, checkout: Checkout) -> Outcome:
    """The same run with the paths of all files from the root of the repository."""
    checked = (
        each._replace(
            source=each.source._replace(name=repository_path(each.source.name, checkout)),
            findings=tuple(_from_root(finding, checkout) for finding in each.findings),
        )
        for each in outcome.checked
    )
    further = tuple(_from_root(finding, checkout) for finding in outcome.further)
    return outcome._replace(checked=tuple(checked), further=further)


def _from_root(finding: Finding, checkout: Checkout) -> Finding:
    def moved(place: Position) -> Position:
        name = repository_path(place.source.name, checkout)
        return place._replace(source=place.source._replace(name=name))

    return finding._replace(
        position=finding.position and moved(finding.position),
        related=tuple(other._replace(position=moved(other.position)) for other in finding.related),
        text=repository_path(finding.text, checkout),
    )


def repository_path(file: str, checkout: Checkout = NOWHERE) -> str:
    """The path of a file from the root of the repository, with forward slashes, however it is spelt.

    One outside of the repository is absolute, and a text that is no file (`<stdin>`) keeps its name.
    """
    path = _slashed(file)
    if not path or (path.startswith("<") and path.endswith(">")):
        return path
    if not is_absolute(path):
        path = posixpath.join(_slashed(checkout.folder), path)
        if not posixpath.normpath(path).startswith("..") or not checkout.roots:
            return posixpath.normpath(path)
        path = posixpath.join(_slashed(checkout.roots[0]), path)
    path = posixpath.normpath(path)
    for root in map(_slashed, checkout.roots):
        above = root.rstrip("/") + "/"
        if path.startswith(above):
            return path.removeprefix(above)
    return path


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def is_absolute(path: str) -> bool:
    """Whether a path with forward slashes starts at a root or a drive."""
    return path.startswith("/") or _DRIVE.match(path) is not None


def uri(path: str) -> str:
    """The URI of a path with forward slashes: relative to the root, or `file:` for an absolute path.

    Every byte of the path's name but letters, digits and -._~ is escaped (RFC 3986, section 2.1).
    """
    # Where all surrogates in a name stand for bytes that are no UTF-8, as Python reads such names.
    halves = [character for character in path if "\ud800" <= character <= "\udfff"]
    from_bytes = all("\udc80" <= character <= "\udcff" for character in halves)
    data = path.encode("utf-8", "surrogateescape" if from_bytes else "replace")
    if not is_absolute(path):
        return _escaped(data)
    if path.startswith("/"):
        # Two slashes at the start would be read as a host.
        return "file:///" + _escaped(data.lstrip(b"/"))
    return "file:///" + path[:2] + _escaped(data[2:])


def _escaped(data: bytes) -> str:
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data)
