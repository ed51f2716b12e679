"""Which pictures of located units there are."""

from __future__ import annotations

from typing import Literal, get_args

PictureKind = Literal["fields", "layers", "strip", "support", "energy"]
PICTURES: tuple[PictureKind, ...] = get_args(PictureKind)
# Those that go down layer by layer.
DEEP: tuple[PictureKind, ...] = ("layers", "strip")
