"""What is likely not meant of an input's size, though a network can be built on it."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Diagnostic
from rfcalc.shapes import Shape, format_sizes
from rfcalc.spec.syntax import Formula
from rfcalc.spec.trees import AxesExpression, Name
from rfcalc.units import is_digits


def doubts_of_size(written: Formula, shape: Shape | None, stated: Formula | None) -> Iterator[Diagnostic]:
    """Warnings about the size of an input as it is written; stated: the one in the description."""
    if shape is None:
        return
    sizes = shape.sizes()
    if stated is not None and stated is not written and _entries(stated) != len(sizes):
        what = ("a vector", "a sequence", "a map", "a volume")[len(shape.axes)]
        yield _doubt(f"{shape} is {what}; the description states {stated.text.strip()}", written)
    parts = list(map(str.strip, written.text.split("*")))
    if not shape.axes and len(parts) > 2 and all(map(is_digits, parts)):
        yield _doubt(f"{shape} is a vector; a map of as many numbers is {'x'.join(parts)}", written)
    if meant := shape.channels_first():
        read = f"{shape} reads as {format_sizes(shape.axes)} positions with {shape.channels} channels"
        yield _doubt(f"{read}; if channels stand first, write {meant}", written)


def _doubt(message: str, written: Formula) -> Diagnostic:
    return Diagnostic(message, written.position, "warning")


def _entries(size: Formula) -> int:
    """How many lengths a size is written with."""
    if isinstance(size.tree, AxesExpression):
        return len(size.tree.entries)
    return len(size.tree.parts) or 1 if isinstance(size.tree, Name) else 1
