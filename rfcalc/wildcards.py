"""Globs, for paths and for the names of layers.

`*` stands for any text, `?` and `[a-z]` for a character, a backslash takes the next as it is.

The rules are those of git (gitignore(5), glob(7)): `[!…]` and `[^…]` are what is not listed, `[[:alpha:]]`
and its like are classes of ASCII, and a text that is cut off, in `[` or behind a backslash, fits nothing.

A glob has parts, as what it is to fit: a path between slashes, the name of a layer between dots.  Wildcards
stay within one part; a part that is `**` stands for any number of parts, none included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from rfcalc.errors import quoted

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_SPECIAL = re.compile(r"[*?\[\\]")
_NEVER = "(?!)"


class _Malformed(Exception):
    """A text that fits nothing."""


class Wildcards:
    """A text with wildcards: reading it takes time in proportion to it, matching to it times the name.

    It is made a regular expression when a name first is as long as it asks for.  What stands between two `*`
    is matched where it first can be and never again (an atomic group): a later place leaves less for the
    rest.
    """

    __slots__ = ("_expression", "_literal", "_shortest", "_source", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._expression: re.Pattern[str] | None = None
        self._source = _NEVER
        self._shortest = 0
        self._literal = None if _SPECIAL.search(text) else text
        if self._literal is None:
            try:
                pieces = _pieces(text)
            except _Malformed:
                return
            self._shortest = sum(map(len, pieces))
            first, *others = map("".join, pieces)
            self._source = first
            if others:
                middle = "".join(f"(?>.*?{piece})" for piece in others[:-1] if piece)
                self._source += f"{middle}.*{others[-1]}"

    def fits(self, name: str) -> bool:
        """Whether it fits a whole name."""
        if self._literal is not None:
            return name == self._literal
        if len(name) < self._shortest:
            return False
        if self._expression is None:
            self._expression = re.compile(rf"(?s:{self._source})\Z")
        return self._expression.match(name) is not None


# The parts of a glob; None stands for `**`.
Parts = tuple[Wildcards | None, ...]


def parts_of(words: Sequence[str]) -> Parts:
    """The parts of a pattern from their texts; `**` behind `**` adds nothing."""
    return tuple(
        None if word == "**" else Wildcards(word)
        for place, word in enumerate(words)
        if not (place and word == words[place - 1] == "**")
    )


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


def is_glob(name: str) -> bool:
    """Whether the name of a layer may mean several."""
    return any(mark in name for mark in "*?[")


@lru_cache(1024)
def name_glob(glob: str) -> Callable[[str], bool]:
    """The function that says whether a glob fits the name of a layer or a scope."""
    parts = parts_of(glob.split("."))
    return lambda name: fits_wholly(parts, name.split("."))


def compared_characters(glob: str, names: Iterable[str]) -> int:
    """How many characters are compared, at the worst, to find which names a glob fits: some 15 ns each."""
    return len(glob) * sum(map(len, names))


def deeper_hint(glob: str, names: Iterable[str]) -> str:
    """A hint for a glob that fits none of some names, where it fits the last parts of one; else ""."""
    deeper = f"**.{glob}"
    fits = any(map(name_glob(deeper), names))
    return f"a star stays within one part of a name: did you mean {quoted(deeper)}?" if fits else ""


def _pieces(text: str) -> list[list[str]]:
    """What stands between the `*`, as regular expressions of one character each; raises _Malformed."""
    pieces: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        character = text[place]
        place += 1
        if character == "*":
            if pieces[-1] or len(pieces) == 1:
                pieces.append([])
        elif character == "?":
            pieces[-1].append(".")
        elif character == "[":
            one, place = _bracket(text, place)
            pieces[-1].append(one)
        else:
            if character == "\\":
                if place == len(text):
                    raise _Malformed
                character, place = text[place], place + 1
            pieces[-1].append(re.escape(character))
    return pieces


# A character or, from one to another, several; a backslash takes the next as it is.
_MEMBERS = re.compile(r"\\?(.)(?:-(?!\])\\?(.))?", re.DOTALL)


def _bracket(text: str, place: int) -> tuple[str, int]:
    """The expression of `[…]`, given the place behind `[`, and the place behind it; raises _Malformed."""
    inverted = text.startswith(("!", "^"), place)
    # Where the next `]` is.
    start = place = closing = place + inverted
    members: dict[str, None] = {}
    while place == start or not text.startswith("]", place):
        if text.startswith("[:", place):
            closing = text.find("]", place) if closing <= place else closing
            if closing > place + 2 and text[closing - 1] == ":":
                name = text[place + 2 : closing - 1]
                if name not in _CLASSES:
                    raise _Malformed
                members[_CLASSES[name]] = None
                place = closing + 1
                continue
        found = _MEMBERS.match(text, place)
        if found is None or closing < 0:
            raise _Malformed
        low, high = found[1], found[2] or ""
        members[re.escape(low)] = None
        if low <= high:
            members[f"{re.escape(low)}-{re.escape(high)}"] = None
        place = found.end()
    return f"[{'^' * inverted}{''.join(members)}]", place + 1
