"""Identities of findings, by which a viewer knows them again in the next run."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from rfcalc.errors import Position
from rfcalc.lint.finding import Finding


def fingerprints(findings: Iterable[Finding]) -> tuple[str, ...]:
    """For each finding an identity that outlives a change elsewhere, and that no other of the run has.

    It is made of the rule, the file, and what stands there: the promise that is broken, else the line and
    those of the calls that lead to it, as text.  Numbers of lines, messages and the names of layers are
    left out, since they change with what stands above.  Findings that agree in all this are counted.
    """
    met: dict[tuple[str, ...], int] = {}
    identities = []
    for finding in findings:
        places = (finding.position, *finding.calls)
        what = (finding.promise,) if finding.promise else tuple(_text(place) for place in places if place)
        key = finding.code, finding.file, *what
        number = met[key] = met.get(key, -1) + 1
        identities.append(digest(*key, str(number)))
    return tuple(identities)


def digest(*parts: str) -> str:
    """An identity of some texts."""
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


# Of a longer line, such as a description that is one, so much around the span tells findings apart.
_NEAR = 200


def _text(place: Position) -> str:
    """The line of a place without a comment at its end, with single spaces."""
    line = place.source.line(place.line)
    start, end = max(place.column - 1 - _NEAR, 0), max(place.end - 1, place.column - 1)
    kept = line[start:end] + line[end : end + _NEAR].partition(" #")[0]
    return " ".join(kept.split())
