"""The names that steps have in a description: those of the file as far as the language takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.spec.line import before_number, is_name_of_layer

_NO_PART_OF_A_NAME = re.compile(r"[^\w.]+", re.ASCII)
# What enters, wherever a name may stand.
_TAKEN = "input"


def names_of(steps: Sequence[ImportedStep], needed: Iterable[int]) -> list[str]:
    """A name for each step: its path, each different; "" for one that has none and is not needed by name.

    Characters that no name has become underscores, and equal names are numbered.
    needed: the steps that others name, or that leave the network by name.
    """
    needed = set(needed)
    wished = [clean(step.name) if step.name else "" for step in steps]
    scopes = {_TAKEN}.union(*map(scopes_of, wished))
    numbering = Numbering((*scopes, *wished))
    given: set[str] = set()
    names = []
    for number, (step, wish) in enumerate(zip(steps, wished, strict=True)):
        name = wish
        if not wish and number in needed:
            name = numbering.free(step.operator, 1)
        elif wish and (wish in given or wish in scopes):
            name = numbering.free(wish, 2)
        if name:
            given.add(name)
        names.append(name)
    return names


def clean(path: str) -> str:
    """A path as the language takes it: parts of letters, digits and _, or of digits alone but the first."""
    if is_name_of_layer(path) and not path.startswith(f"{_TAKEN}."):
        return path
    parts = [part for part in _NO_PART_OF_A_NAME.sub("_", path).split(".") if part]
    if parts and parts[0] == _TAKEN and len(parts) > 1:
        parts[0] = f"{_TAKEN}_"
    # A part of digits is one behind another.
    parts = [
        part if is_name_of_layer(f"_.{part}" if place else part) else f"_{part}"
        for place, part in enumerate(parts)
    ]
    return ".".join(parts) or "_"


def scopes_of(path: str) -> list[str]:
    """The scopes that are parts of a path, which mean something too: `a` and `a.b` of `a.b.c`."""
    found = []
    end = path.find(".")
    while end >= 0:
        found.append(path[:end])
        end = path.find(".", end + 1)
    return found


class Numbering:
    """The names that are taken, and free ones for what would be called like others.

    What has been numbered once goes on from there, so that very many are no more work each than a few.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self._last: dict[str, int] = {}

    def free(self, name: str, first: int) -> str:
        """A name with the first number from `first` on that makes it a free one, which is taken then."""
        path, dot, last = name.rpartition(".")
        # A part of digits is a turn's, or stands alone.
        lead = f"{path}{dot}{before_number(f'_{last}' if last.isdigit() else last)}"
        number = self._last.get(lead, first)
        while f"{lead}{number}" in self.taken:
            number += 1
        self._last[lead] = number
        self.taken.add(f"{lead}{number}")
        return f"{lead}{number}"
