"""Files with damage of many kinds, at places drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

# Bytes that mean something in the wire format: ends of numbers, large ones, keys of ONNX's messages.
MEANT = (
    b"\0",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xff" * 9 + b"\x01",
    b"\x80" * 10,
    b"\x0a",
    b"\x12",
    b"\x3a",
    b"\x0b",
)


def damaged(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Some bytes after a few changes; others: what else parts may come from."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        start = random.randrange(len(data) + 1)
        past = min(start + random.choice((1, 1, 2, 8, 64, 1024)), len(data))
        kind = random.randrange(8)
        if kind == 0:
            data = data[:start]
        elif kind == 1:
            data = data[:start] + data[past:]
        elif kind == 2:
            data = data[:past] + data[start:past] * random.choice((1, 2, 30)) + data[past:]
        elif kind == 3:
            data = data[:start] + random.choice(MEANT) + data[start:]
        elif kind == 4:
            data = data[:start] + random.choice(MEANT) + data[past:]
        elif kind == 5:
            other = random.choice(others)
            first = random.randrange(len(other))
            data = data[:start] + other[first : first + past - start] + data[past:]
        elif start < len(data):
            changed = data[start] ^ (1 << random.randrange(8)) if kind == 6 else random.randrange(256)
            data = data[:start] + bytes([changed]) + data[start + 1 :]
    return data
