"""Patterns for paths: those of a configuration, of a command line, and of `.gitignore`.

`*`, `?` and `[abc]` stand within one part of a path, `**` for any number of parts; a backslash takes the next
character as it is.
"""

from __future__ import annotations

from functools import lru_cache

from rfcalc.wildcards import Parts, parts_of, reached


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


def path_parts(path: str) -> list[str]:
    """The parts of a path without those that name the folder they stand in."""
    return [part for part in path.split("/") if part not in ("", ".")]


@lru_cache(1024)
def glob_parts(pattern: str) -> Parts:
    """The parts of a pattern."""
    return parts_of(path_parts(pattern))
