"""A picture of greys as PNG (ISO/IEC 15948), by the standard library alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def grey_png(rows: Sequence[bytes]) -> bytes:
    """The file of an image of one byte a pixel, 0 being black; there are rows, all equally long."""
    from zlib import compress

    header = len(rows[0]).to_bytes(4, "big") + len(rows).to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    # Each row says how it is to be read: as it is.
    content = compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    from zlib import crc32

    return len(data).to_bytes(4, "big") + kind + data + crc32(kind + data).to_bytes(4, "big")
