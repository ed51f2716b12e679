"""What is likely not meant of an input's size, though a network can be built on it."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Diagnostic, option
from rfcalc.shapes import Shape
from rfcalc.spec.syntax import Formula
from rfcalc.spec.trees import AxesExpression, Name
from rfcalc.units import is_digits

_CHANNELS_OF_IMAGES = (1, 3, 4)


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
    if len(sizes) == 3 and sizes[0] in _CHANNELS_OF_IMAGES and sizes[1] == sizes[2] and sizes[1] > 16:
        # Of an image, 3 high, the channels are almost certainly meant to stand first.
        high, wide, channels = sizes
        order = f"{high},{wide},{channels}"
        message = (
            f"this is a map {high} high and {wide} wide with {channels} channels; if channels stand first, "
        )
        yield _doubt(f"{message}write {option('input', order)}", written)


def _doubt(message: str, written: Formula) -> Diagnostic:
    return Diagnostic(message, written.position, "warning")


def _entries(size: Formula) -> int:
    """How many lengths a size is written with."""
    if isinstance(size.tree, AxesExpression):
        return len(size.tree.entries)
    return len(size.tree.parts) or 1 if isinstance(size.tree, Name) else 1
