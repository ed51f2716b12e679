"""The image that lies behind a picture: what its file says of its size, and the pieces that make the picture.

Nothing is decoded.  The file may come from anywhere; what is looked at is bounded by its length, and what a
length in it claims is never believed beyond the end of the file.  A picture is made to be sent: what a file
tells besides (where a photo was taken, comments, a thumbnail, what follows its end) is left out of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from rfcalc.errors import UsageError, quoted
from rfcalc.files import bytes_of
from rfcalc.records import NamedTuple
from rfcalc.report.chart import MOST_PIXELS, PhotoMedia

# The largest file that is embedded.
MOST_BYTES = 16 * 2**20
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)
# Chunks of PNG that are no part of the picture (PNG, section 11.3): texts, times, what cameras write.
_TOLD_BY_PNG = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
# Of JPEG the segments of applications, but for JFIF, colour profiles and Adobe's of colours; comments.
_TOLD_BY_JPEG = ({*range(0xE0, 0xF0)} - {0xE0, 0xE2, 0xEE}) | {0xFE}
# Segments of JPEG without a length, and the frames, which say the size (ITU T.81, table B.1).
_BARE = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
# What ends the data of a scan: a marker that is no stuffed byte, no restart and no filling.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
# What WebP tells besides; flags of its header say that it does.
_TOLD_BY_WEBP = {b"EXIF": 0x08, b"XMP ": 0x04}


class Image(NamedTuple):
    """A file of an image.  name: what it is called; width, height: in pixels."""

    name: str
    content: bytes
    media: PhotoMedia
    width: int
    height: int


class _Picture(NamedTuple):
    """What was found in a file: the size of the picture, and the pieces of a file of nothing else."""

    width: int
    height: int
    pieces: list[bytes]


def image_file(path: str) -> Image:
    """The image in a file that a user names.  Raises UsageError where it cannot be read, or as `image_of`."""
    return image_of(bytes_of(path, MOST_BYTES, given=True), os.path.basename(path))


def image_of(content: bytes, name: str) -> Image:
    """The image that a file holds, PNG, JPEG or WebP, without what the file tells besides.

    name: of the file, for messages.  Raises UsageError for what is none, is cut off, or is too large.
    """
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"{quoted(name)} is larger than {MOST_BYTES // 2**20} MiB, the limit for an image; it is scaled "
            "to the input of a network anyway: make it smaller first"
        )
    if not content:
        raise UsageError(f"{quoted(name)} is empty; expected an image, PNG, JPEG or WebP")
    media, reading = _kind_of(content)
    if media is None or reading is None:
        raise UsageError(f"{quoted(name)} is no image: expected PNG, JPEG or WebP")
    picture = reading(content)
    if picture is None or not picture.width or not picture.height:
        kind = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP"}[media]
        raise UsageError(f"{quoted(name)} begins as {kind}, but is damaged or cut off")
    width, height, pieces = picture
    if width * height > MOST_PIXELS:
        raise UsageError(f"{quoted(name)} has {width}x{height} pixels, more than {MOST_PIXELS:,}")
    return Image(name, b"".join(pieces), media, width, height)


def _kind_of(content: bytes) -> tuple[PhotoMedia | None, Callable[[bytes], _Picture | None] | None]:
    """What a file begins as, and what reads it."""
    if content.startswith(_PNG):
        return "image/png", _png
    if content.startswith(_JPEG + b"\xff"):
        return "image/jpeg", _jpeg
    if _WEBP.match(content):
        return "image/webp", _webp
    return None, None


def _png(content: bytes) -> _Picture | None:
    """None unless its chunks lead from a header past data to an end (PNG, section 5)."""
    at, size, data, pieces = len(_PNG), (0, 0), False, [_PNG]
    while at + 12 <= len(content):
        length, kind = _big(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content):
            return None
        if len(pieces) == 1:
            if kind != b"IHDR" or length != 13:
                return None
            size = _big(content[at + 8 : at + 12]), _big(content[at + 12 : at + 16])
        data = data or kind == b"IDAT"
        if kind not in _TOLD_BY_PNG:
            pieces.append(content[at:end])
        if kind == b"IEND":
            return _Picture(*size, pieces) if data else None
        at = end
    return None


def _jpeg(content: bytes) -> _Picture | None:
    """None unless a frame, a scan and an end follow each other (ITU T.81, annex B)."""
    at, size, pieces, scanned = 2, None, [_JPEG], False
    while at + 2 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind == 0xFF or kind in _BARE:
            # Bytes of fill may stand before a marker.
            at += 1 if kind == 0xFF else 2
            continue
        if kind == _END:
            pieces.append(content[at : at + 2])
            return _Picture(*size, pieces) if size and scanned else None
        length = _big(content[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(content):
            return None
        if kind in _FRAMES:
            if length < 8:
                return None
            size = _big(content[at + 7 : at + 9]), _big(content[at + 5 : at + 7])
        if kind == _SCAN:
            after = _AFTER_SCAN.search(content, end)
            if after is None:
                return None
            scanned, end = True, after.start()
        if kind not in _TOLD_BY_JPEG:
            pieces.append(content[at:end])
        at = end
    return None


def _webp(content: bytes) -> _Picture | None:
    """None unless its chunks are all there, and one of them is a picture (RFC 9649)."""
    whole = 8 + _little(content[4:8])
    at, size, pieces, data = 12, None, [], False
    if whole > len(content):
        return None
    while at + 8 <= whole:
        kind, length = content[at : at + 4], _little(content[at + 4 : at + 8])
        # Chunks are padded to even lengths.
        begin, end = at + 8, at + 8 + length + length % 2
        if end > whole:
            return None
        piece, body = content[at:end], content[begin : begin + 10]
        if kind == b"VP8X" and length == 10:
            size = 1 + _little(body[4:7]), 1 + _little(body[7:10])
            flags = body[0] & ~sum(_TOLD_BY_WEBP.values())
            piece = piece[:8] + bytes([flags]) + piece[9:]
        elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
            own = _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF
            size, data = size or own, True
        elif kind == b"VP8L" and body[:1] == b"\x2f":
            bits = _little(body[1:5])
            size, data = size or (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)), True
        data = data or kind == b"ANMF"
        if kind not in _TOLD_BY_WEBP:
            pieces.append(piece)
        at = end
    if size is None or not data:
        return None
    length = 4 + sum(map(len, pieces))
    return _Picture(*size, [b"RIFF", length.to_bytes(4, "little"), b"WEBP", *pieces])


def _big(number: bytes) -> int:
    return int.from_bytes(number, "big")


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")
