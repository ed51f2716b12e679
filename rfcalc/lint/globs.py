"""Patterns for paths: those of a configuration, of a command line, and of `.gitignore`.

`*`, `?` and `[abc]` stand within one part of a path, `**` for any number of parts; a backslash takes the next
character as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rfcalc.wildcards import Wildcards

# The parts of a pattern; None stands for `**`.
Parts = tuple[Wildcards | None, ...]


def fits(pattern: str, path: str) -> bool:
    """Whether a configuration's pattern fits a path that is relative to the same folder.

    One that fits a folder fits what is in it, and one without a slash fits a file or a folder anywhere.  The
    work is bounded by the product of both numbers of parts.
    """
    wanted = glob_parts(pattern)
    if not wanted:
        return pattern != ""
    if "/" not in pattern.rstrip("/"):
        wanted = (None, *wanted)
    # What remains of the path lies in a folder that fits.
    return bool(reached(wanted, path_parts(path)))


def fits_wholly(parts: Parts, path: Sequence[str]) -> bool:
    """Whether a pattern fits all parts of a path."""
    last = parts[-1]
    # Most patterns do not fit the name at the end.
    return (last is None or last.fits(path[-1])) and len(path) in reached(parts, path)


def reached(parts: Parts, path: Sequence[str]) -> set[int]:
    """After how many parts of a path a pattern may have ended."""
    ends = {0}
    for part in parts:
        if part is None:
            ends = set(range(min(ends), len(path) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(path) and part.fits(path[end])}
        if not ends:
            break
    return ends


def path_parts(path: str) -> list[str]:
    """The parts of a path without those that name the folder they stand in."""
    return [part for part in path.split("/") if part not in ("", ".")]


@lru_cache(1024)
def glob_parts(pattern: str) -> Parts:
    """The parts of a pattern."""
    return parts_of(path_parts(pattern))


def parts_of(words: Sequence[str]) -> Parts:
    """The parts of a pattern from their texts; `**` behind `**` adds nothing."""
    return tuple(
        None if word == "**" else Wildcards(word)
        for place, word in enumerate(words)
        if not (place and word == words[place - 1] == "**")
    )
