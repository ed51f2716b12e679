"""The names that steps have in a description: those of the file as far as the language takes them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

from rfcalc.importers.steps import Step

_NO_PART_OF_A_NAME = re.compile(r"[^\w.]+", re.ASCII)
_AS_IT_IS = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*", re.ASCII)
# What enters, wherever a name may stand.
_TAKEN = "input"


def names_of(steps: Sequence[Step], needed: Iterable[int]) -> list[str]:
    """A name for each step: its path, each different; "" for one that has none and is not needed by name.

    Characters that no name has become underscores, and equal names are numbered.
    needed: the steps that others name, or that leave the network by name.
    """
    needed = set(needed)
    wished = [clean(step.name) if step.name else "" for step in steps]
    taken = {_TAKEN, *wished}
    given: set[str] = set()
    names = []
    for number, (step, wish) in enumerate(zip(steps, wished, strict=True)):
        name = wish
        if not wish and number in needed:
            name = numbered(step.operator, taken, 1)
        elif wish and (wish in given or wish == _TAKEN):
            name = numbered(wish, taken, 2)
        if name:
            given.add(name)
            taken.add(name)
        names.append(name)
    return names


def clean(path: str) -> str:
    """A path as the language takes it: parts of letters, digits and _, the first part no number."""
    if _AS_IT_IS.fullmatch(path):
        return path
    parts = [part for part in _NO_PART_OF_A_NAME.sub("_", path).split(".") if part]
    name = ".".join(parts)
    return name if _AS_IT_IS.fullmatch(name) else f"_{name}"


def numbered(name: str, taken: Container[str], first: int) -> str:
    """A name with the first number from `first` on that makes it a free one."""
    lead = f"{name}_" if name[-1].isdigit() else name
    number = first
    while f"{lead}{number}" in taken:
        number += 1
    return f"{lead}{number}"
