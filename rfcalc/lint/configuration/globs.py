"""Patterns for the paths of a configuration.

`*`, `?` and `[abc]` stand within one part of a path, `**` for any number of parts.  A pattern that fits
a folder fits what is in it, and one without a slash fits a file or a folder anywhere.
"""

from __future__ import annotations

from fnmatch import fnmatchcase


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern fits a path, both with `/` between their parts and relative to the same folder.

    The work is bounded by the product of both numbers of parts.
    """
    wanted = [part for part in pattern.split("/") if part not in ("", ".")]
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not wanted:
        return pattern != ""
    if "/" not in pattern.rstrip("/") and not pattern.startswith("/"):
        wanted = ["**", *wanted]
    # After how many parts of the path the parts of the pattern read so far may end.
    ends = {0}
    for part in wanted:
        if part == "**":
            ends = set(range(min(ends), len(parts) + 1)) if ends else ends
        else:
            ends = {end + 1 for end in ends if end < len(parts) and fnmatchcase(parts[end], part)}
    # What remains of the path lies in a folder that fits.
    return bool(ends)
