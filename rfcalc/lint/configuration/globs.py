"""Patterns for paths: those of a configuration, of a command line, and of `.gitignore`.

`*`, `?` and `[abc]` stand within one part of a path, `**` for any number of parts; a backslash takes the next
character as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

# A part of a pattern; None stands for `**`.
Part = re.Pattern[str] | None
Parts = tuple[Part, ...]

_CLASSES = {
    "alnum": r"^\W_",
    "alpha": r"^\W\d_",
    "blank": r" \t",
    "digit": r"0-9",
    "lower": r"a-z",
    "space": r"\s",
    "upper": r"A-Z",
    "xdigit": r"0-9A-Fa-f",
}
_BRACKET = re.compile(r"\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBER = re.compile(r"\[:([a-z]+):\]|(\\?.)-(\\?.)|(\\?.)", re.DOTALL)
_NEVER = r"(?!)"


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
    return len(path) in reached(parts, path)


def reached(parts: Parts, path: Sequence[str]) -> set[int]:
    """After how many parts of a path a pattern may have ended."""
    ends = {0}
    for part in parts:
        if part is None:
            ends = set(range(min(ends), len(path) + 1)) if ends else ends
        else:
            ends = {end + 1 for end in ends if end < len(path) and part.match(path[end])}
    return ends


def path_parts(path: str) -> list[str]:
    """The parts of a path without those that name the folder they stand in."""
    return [part for part in path.split("/") if part not in ("", ".")]


@lru_cache(1024)
def glob_parts(pattern: str) -> Parts:
    """The parts of a pattern."""
    return tuple(None if part == "**" else part_pattern(part) for part in path_parts(pattern))


def part_pattern(text: str) -> re.Pattern[str]:
    r"""The regular expression of one part of a pattern; it fits whole names, and takes time in proportion.

    What stands between two `*` is matched where it first can be and never again (an atomic group): a later
    place leaves less for the rest.  A part that is cut off, in `[` or behind a backslash, fits nothing, as
    in git.
    """
    pieces: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        character = text[place]
        width = 1
        if character == "*":
            pieces.append([])
        elif character == "?":
            pieces[-1].append(".")
        elif character == "[":
            found = _BRACKET.match(text, place)
            pieces[-1].append(_bracket(found[1], found[2]) if found else _NEVER)
            width = len(found[0]) if found else 1
        elif character == "\\":
            pieces[-1].append(re.escape(text[place + 1]) if place + 1 < len(text) else _NEVER)
            width = 2
        else:
            pieces[-1].append(re.escape(character))
        place += width
    first, *others = ("".join(piece) for piece in pieces)
    if not others:
        return re.compile(rf"(?s:{first})\Z")
    middle = "".join(f"(?>.*?{piece})" for piece in others[:-1] if piece)
    return re.compile(rf"(?s:{first}{middle}.*{others[-1]})\Z")


def _bracket(sign: str, members: str) -> str:
    """The regular expression of `[…]`."""
    alternatives = list(_members(_MEMBER.findall(members)))
    one = "|".join(alternatives) or _NEVER
    return f"(?:(?!{one}).)" if sign else f"(?:{one})"


def _members(found: Iterable[tuple[str, str, str, str]]) -> Iterable[str]:
    for name, first, last, single in found:
        if name:
            yield f"[{_CLASSES[name]}]" if name in _CLASSES else _NEVER
        elif single:
            yield re.escape(single[-1])
        elif first[-1] <= last[-1]:
            yield f"[{re.escape(first[-1])}-{re.escape(last[-1])}]"
