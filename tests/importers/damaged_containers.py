"""Containers of models with damage: archives whose sizes and places lie, and files of HDF5."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from random import Random

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)


def archive(members: Mapping[str, bytes], random: Random) -> bytes:
    """An archive of these members, seldom with some that are in its way."""
    method = random.choice(_METHODS[:3] if random.random() < 0.9 else _METHODS)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
            if random.random() < 0.02:
                made.fp.write(random.randbytes(40))  # type: ignore[union-attr] - it is open
                made.start_dir = made.fp.tell()  # type: ignore[attr-defined, union-attr] - where entries begin
        kind = random.random()
        if kind < 0.02:
            for number in range(random.choice((10, 3000))):
                made.writestr(f"{number}", b"")
        elif kind < 0.03:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made.writestr(next(iter(members)), bytes(5 * 10**6))
    return file.getvalue()


def damaged_archive(data: bytes, random: Random) -> bytes:
    """An archive with a change of one of its records, or of any of its bytes."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        mark = random.choice((_LOCAL, _CENTRAL, _CENTRAL, _END))
        places = []
        place = changed.find(mark)
        while place >= 0:
            places.append(place)
            place = changed.find(mark, place + 1)
        if not places:
            break
        start = random.choice(places)
        # Version, flags, method, time, check sum, both sizes, lengths of names and what follows, places.
        at = start + random.randrange(4, {_LOCAL: 30, _CENTRAL: 46, _END: 22}[mark])
        width = random.choice((1, 2, 4))
        value = random.choice((0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, random.randrange(2**32)))
        changed[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")
    if random.random() < 0.2:
        place = random.randrange(len(changed) + 1)
        changed = changed[:place] if random.random() < 0.5 else changed[place:] + changed[:place]
    return bytes(changed)


def bomb(name: str, random: Random) -> bytes:
    """An archive whose member is small and unpacks to far more than a model has."""
    size = random.choice((10**6, 10**7, 7 * 10**7))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = random.choice((b" ", b"[", b'{"a":', b'"', b"\\"))
    pieces = [packer.compress(content * (10**6 // len(content))) for _ in range(size // 10**6)]
    packed = b"".join([*pieces, packer.flush()])
    entry = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), size, len(name), 0)
    local = _LOCAL + entry + name.encode() + packed
    listed = struct.pack(
        "<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 33, 0, len(packed), size, len(name), 0, 0, 0, 0, 0, 0
    )
    central = _CENTRAL + listed + name.encode()
    return local + central + _END + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def hdf5(text: bytes, random: Random) -> bytes:
    """A file as HDF5 begins, with the json of a model among what it keeps besides."""
    before = b"\x89HDF\r\n\x1a\n" + bytes(90)
    decoys = (
        *(
            b"",
            b'{"class_name": "Adam", "config": {"learning_rate": 0.001}}',
            b'{"class_name": "Model", "config":',
        ),
        *(
            b'{"name": "' + b"\\" * 5000,
            b'{"config": ' * 100,
            b'{"layers": [' * 3000,
            b'{"class_name": "' * 70,
        ),
        *(random.randbytes(300), text[: len(text) // 2]),
    )
    parts = [
        before,
        random.choice(decoys) if random.random() < 0.4 else b"",
        struct.pack("<QQ", 1, len(text)),
        text,
    ]
    if random.random() < 0.2:
        parts.append(random.choice(decoys))
    if random.random() < 0.05:
        # Places that lead in a circle, or behind the end, which only who follows them would notice.
        parts[0] += struct.pack("<8Q", 0, 96, 96, 2**64 - 1, 2**63, 8, 0, len(text))
    return b"".join(parts) + bytes(random.choice((0, 500)))
