"""The wire format of protocol buffers, written: what `importers/onnx/wire.py` reads.

A message is known by its size before anything of it is written, as its length stands in front of it, and what
is large in it is made when it is written, a piece at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from struct import pack
from typing import TypeAlias

from rfcalc.importers.onnx.wire import FIXED32, LENGTH, VARINT, Message
from rfcalc.records import NamedTuple


class LargeData(NamedTuple):
    """Bytes that are not kept: so many, and what makes them, in pieces."""

    size: int
    pieces: Callable[[], Iterator[bytes]]


class EncodedMessage(NamedTuple):
    """A message in bytes: its size, and its parts one behind the other."""

    size: int
    parts: tuple[bytes | LargeData, ...]

    def pieces(self) -> Iterator[bytes]:
        """The bytes, a piece at a time."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part.pieces()


SingleValue: TypeAlias = int | float | str | bytes | LargeData | EncodedMessage


def encoded(message: Message, /, **values: SingleValue | list[SingleValue]) -> EncodedMessage:
    """A message of some fields by their names; of one that repeats, a list of values."""
    parts: list[bytes | LargeData] = []
    for name, value in values.items():
        number = message.numbers[name]
        for each in value if isinstance(value, list) else [value]:
            parts += _field(number, each)
    joined = tuple(_joined(parts))
    return EncodedMessage(sum(_size(part) for part in joined), joined)


def _field(number: int, value: SingleValue) -> Iterable[bytes | LargeData]:
    if isinstance(value, int):
        return (_varint(number << 3 | VARINT) + _varint(value),)
    if isinstance(value, float):
        return (_varint(number << 3 | FIXED32) + pack("<f", value),)
    if isinstance(value, str):
        value = value.encode()
    size = len(value) if isinstance(value, bytes) else value.size
    head = _varint(number << 3 | LENGTH) + _varint(size)
    return (head, *(value.parts if isinstance(value, EncodedMessage) else (value,)))


def _varint(number: int) -> bytes:
    """A whole number, 7 bits to the byte, the lowest first; one below 0 as that of 64 bits."""
    number &= 2**64 - 1
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _size(part: bytes | LargeData) -> int:
    return len(part) if isinstance(part, bytes) else part.size


def _joined(parts: Iterable[bytes | LargeData]) -> Iterator[bytes | LargeData]:
    """The parts, those that are bytes put together."""
    kept: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            kept.append(part)
            continue
        yield b"".join(kept)
        kept = []
        yield part
    yield b"".join(kept)
