"""The image that lies behind a picture: what its file says of its size, and whether the file is whole.

Nothing is decoded.  The file may come from anywhere; what is looked at is bounded by its length, and what a
length in it claims is never believed beyond the end of the file.
"""

from __future__ import annotations

import os
from typing import Literal

from rfcalc.errors import UsageError, quoted
from rfcalc.files import bytes_of
from rfcalc.records import NamedTuple
from rfcalc.report.chart import MOST_PIXELS

# The largest file that is embedded.
MOST_BYTES = 16 * 2**20
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Segments of JPEG without a length, and the frames, which say the size (ITU T.81, table B.1).
_BARE = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, b"\xff\xd9"


class Image(NamedTuple):
    """A file of an image.  name: what it is called; width, height: in pixels."""

    name: str
    content: bytes
    media: Literal["image/png", "image/jpeg"]
    width: int
    height: int


def image_file(path: str) -> Image:
    """The image in a file that a user names.  Raises UsageError where it cannot be read, or as `image_of`."""
    return image_of(bytes_of(path, MOST_BYTES, given=True), os.path.basename(path))


def image_of(content: bytes, name: str) -> Image:
    """The image that a file holds, PNG or JPEG.

    name: of the file, for messages.  Raises UsageError for what is neither, is cut off, or is too large.
    """
    if len(content) > MOST_BYTES:
        raise UsageError(f"{quoted(name)} is larger than {MOST_BYTES // 2**20} MiB, the limit for an image")
    media: Literal["image/png", "image/jpeg"]
    if content.startswith(_PNG):
        media, size = "image/png", _png_size(content)
    elif content.startswith(_JPEG):
        media, size = "image/jpeg", _jpeg_size(content)
    elif not content:
        raise UsageError(f"{quoted(name)} is empty; expected an image, PNG or JPEG")
    else:
        raise UsageError(f"{quoted(name)} is no image: expected PNG or JPEG")
    if size is None:
        kind = media.removeprefix("image/").upper()
        raise UsageError(f"{quoted(name)} begins as {kind}, but is damaged or cut off")
    width, height = size
    if width * height > MOST_PIXELS:
        raise UsageError(f"{quoted(name)} has {width}x{height} pixels, more than {MOST_PIXELS:,}")
    return Image(name, content, media, width, height)


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height; None unless its chunks lead from a header past data to an end (PNG, section 5)."""
    at, size, data = len(_PNG), None, False
    while at + 12 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if at + 12 + length > len(content):
            return None
        if size is None:
            if kind != b"IHDR" or length != 13:
                return None
            size = (
                int.from_bytes(content[at + 8 : at + 12], "big"),
                int.from_bytes(content[at + 12 : at + 16], "big"),
            )
        data = data or kind == b"IDAT"
        if kind == b"IEND":
            return size if data and all(size) else None
        at += 12 + length
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height; None unless a frame, a scan and an end follow each other (ITU T.81, annex B)."""
    at, size = 2, None
    while at + 4 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind == 0xFF or kind in _BARE:
            # Bytes of fill may stand before a marker.
            at += 1 if kind == 0xFF else 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(content):
            return None
        if kind in _FRAMES:
            if length < 8:
                return None
            size = (
                int.from_bytes(content[at + 7 : at + 9], "big"),
                int.from_bytes(content[at + 5 : at + 7], "big"),
            )
        if kind == _SCAN:
            whole = content.rfind(_END) > at
            return size if whole and size is not None and all(size) else None
        at += 2 + length
    return None
