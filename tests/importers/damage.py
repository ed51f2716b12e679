"""Files with damage of many kinds, at places drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

# Bytes that mean something in the wire format: ends of numbers, large ones, keys of ONNX's messages.
MEANT = (
    *(b"\0", b"\1", b"\x7f", b"\x80", b"\xff", b"\xff" * 9 + b"\x01", b"\x80" * 10),
    *(b"\x0a", b"\x12", b"\x3a", b"\x0b", b"\x0a\0", b"\x12\0", b"\xa0\x01"),
)
LENGTH = 2


def damaged(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Some bytes after a few changes; others: what else parts may come from.

    Half of the changes are within a message, whose length and those of the messages around it are made right:
    otherwise hardly any damage would get past the outermost.
    """
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        data = within(data, random, others) if random.random() < 0.5 else changed(data, random, others)
    return data


def changed(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Some bytes after one change."""
    start = random.randrange(len(data) + 1)
    past = min(start + random.choice((1, 1, 2, 8, 64, 1024)), len(data))
    part = data[start:past]
    kind = random.randrange(8)
    if kind == 0:
        return data[:start]
    if kind == 1:
        part = b""
    elif kind == 2:
        part *= random.choice((2, 3, 30))
    elif kind == 3:
        part = random.choice(MEANT) + part
    elif kind == 4:
        part = random.choice(MEANT)
    elif kind == 5:
        other = random.choice(others)
        first = random.randrange(len(other))
        part = other[first : first + len(part)]
    else:
        bit = 1 << random.randrange(8)
        part = bytes(byte ^ bit if kind == 6 else random.randrange(256) for byte in part[:1]) + part[1:]
    return data[:start] + part + data[past:]


def within(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Some bytes after a change of a field, or within a message that one of the fields is."""
    parts = fields(data)
    if not parts:
        return changed(data, random, others)
    # Most of the bytes are in the graph.
    (place,) = random.choices(range(len(parts)), [len(content) + 4 for _, content in parts])
    key, content = parts[place]
    kind = random.randrange(8)
    if kind == 0:
        parts.pop(place)
    elif kind == 1:
        parts.insert(random.randrange(len(parts)), (key, content))
    elif kind == 2:
        random.shuffle(parts)
    elif key & 7 == LENGTH:
        parts[place] = key, within(content, random, others)
    else:
        parts[place] = key, random.choice(MEANT)
    return b"".join(
        number(key) + (number(len(content)) if key & 7 == LENGTH else b"") + content for key, content in parts
    )


def fields(data: bytes) -> list[tuple[int, bytes]]:
    """The fields of a message, each as its key and what follows; none where some bytes are no message."""
    found = []
    at = 0
    try:
        while at < len(data):
            key, at = read_number(data, at)
            past = at
            if key & 7 == LENGTH:
                length, at = read_number(data, at)
                past = at + length
            elif key & 7 == 0:
                _, past = read_number(data, at)
            else:
                past = at + {1: 8, 5: 4}[key & 7]
            found.append((key, data[at:past]))
            at = past
    except (IndexError, KeyError):
        return []
    return found if at == len(data) else []


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place past it."""
    value = shift = 0
    while data[at] > 127:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
    return value | data[at] << shift, at + 1


def number(value: int) -> bytes:
    """A number as the wire format writes it."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
