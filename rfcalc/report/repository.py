"""Findings as a repository's host knows them: paths from its root, URIs, identities that outlive a change."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable

from rfcalc.report.findings import Shown

_DRIVE = re.compile(r"[A-Za-z]:/")
# What a URI may hold as it is (RFC 3986, section 2.3), and the slashes between folders.
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def repository_path(file: str, folder: str = "") -> str:
    """The path of a file from the root of the repository, with forward slashes.

    folder: the path from that root to the folder that relative names start from.  An absolute path
    stays one, and a text that is no file (`<stdin>`) keeps its name.
    """
    path = file.replace(os.sep, "/")
    if not path or (path.startswith("<") and path.endswith(">")):
        return path
    if is_absolute(path):
        return path
    return posixpath.normpath(posixpath.join(folder.replace(os.sep, "/"), path))


def is_absolute(path: str) -> bool:
    """Whether a path with forward slashes starts at a root or a drive."""
    return path.startswith("/") or _DRIVE.match(path) is not None


def uri(path: str) -> str:
    """The URI of a path with forward slashes: relative to the root, or `file:` for an absolute path.

    Every byte of the path's name but letters, digits and -._~ is escaped (RFC 3986, section 2.1).
    """
    data = path.encode("utf-8", "surrogateescape" if _came_from_bytes(path) else "replace")
    if not is_absolute(path):
        return _escaped(data)
    if path.startswith("/"):
        # Two slashes at the start would be read as a host.
        return "file:///" + _escaped(data.lstrip(b"/"))
    return "file:///" + path[:2] + _escaped(data[2:])


def _escaped(data: bytes) -> str:
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data)


def _came_from_bytes(path: str) -> bool:
    """Whether all surrogates in a name stand for bytes that are no UTF-8, as Python reads such names."""
    return all("\udc80" <= character <= "\udcff" for character in path if "\ud800" <= character <= "\udfff")


def fingerprints(findings: Iterable[Shown], folder: str = "") -> tuple[str, ...]:
    """For each finding an identity that stays when lines move, and that no other finding of the run has.

    It is made of the rule, the file, the layer, the promise and the number of the finding among those
    that agree in all of these; a message is left out, since its numbers change with the network.
    """
    from hashlib import sha256

    met: dict[tuple[str, ...], int] = {}
    identities = []
    for shown in findings:
        finding = shown.finding
        key = finding.code, repository_path(shown.file, folder), finding.layer, finding.promise
        number = met[key] = met.get(key, -1) + 1
        data = "\0".join((*key, str(number))).encode("utf-8", "surrogatepass")
        identities.append(sha256(data).hexdigest()[:32])
    return tuple(identities)


def well_formed(text: str) -> str:
    """The text with every half of a surrogate pair replaced: strict readers of JSON refuse it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
