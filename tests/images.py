"""Files of images, made in a few lines."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, *, data: bool = True) -> bytes:
    """A black image; data: whether its pixels are there."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height)) if data else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"tEXt", b"Comment\0IEND IHDR")
        + (chunk(b"IDAT", zlib.compress(rows)) if data else b"")
        + chunk(b"IEND", b"")
    )
