"""The wire format of protocol buffers, read a piece of the file at a time.

The format: https://protobuf.dev/programming-guides/encoding/.  A message is a run of fields, each a key (its
number and wire type), then a number, or a length and as many bytes.  So what is not wanted is stepped over,
however long it is: of a file with hundreds of megabytes of weights little is read besides their sizes.

Positions are those of bytes in the file.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from struct import Struct
from typing import Any, TypeAlias

from rfcalc.errors import counted, quoted
from rfcalc.records import NamedTuple

# A part of the file: its first byte and the one past its end.  Of several, these of one after the other.
Range: TypeAlias = tuple[int, int]
Ranges: TypeAlias = Iterable[int]

# What a field can hold: text and parts of the file, one or any number; a whole number, a float; any number
# of those.  A number that is repeated is kept as the parts where its values are, packed or alone.
TEXT, TEXTS, RANGE, RANGES, NUMBER, FLOAT, NUMBERS, FLOATS, DOUBLES = range(9)
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_WIRE_TYPES = {VARINT: "a number", FIXED64: "8 bytes", LENGTH: "a length", FIXED32: "4 bytes"}
_FIXED = {FIXED64: 8, FIXED32: 4}
_ALONE = {NUMBER: VARINT, NUMBERS: VARINT, FLOAT: FIXED32, FLOATS: FIXED32, DOUBLES: FIXED64}

# So much is read at a time; a message up to this size is looked at in memory.
PIECE = 2**16
# A key or a length has 10 bytes at most.
_HEAD = 20
# What may be kept of one file: so many bytes, where each field counts as so many beside its text.
MOST_BYTES = 2**28
FIELD_BYTES = 32

_float = Struct("<f").unpack_from


class WireError(Exception):
    """What is wrong with a file, at which byte; within: what that is part of, the innermost first."""

    def __init__(self, place: int, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.within: list[str] = []


class Message(NamedTuple):
    """What is wanted of a kind of message.

    fields: place in its record and kind, by key.  numbers: those of the fields by their names, in the order
    of the record.  empty: the record of a message that has none of them.
    """

    name: str
    fields: Mapping[int, tuple[int, int]]
    numbers: Mapping[str, int]
    empty: tuple[object, ...]

    def title(self, place: int) -> str:
        """What the field of this place in the record is called."""
        return list(self.numbers)[place]


def message(name: str, /, **fields: tuple[int, int]) -> Message:
    """A kind of message; fields: the number and kind of those that are wanted, in the order of its record."""
    by_key: dict[int, tuple[int, int]] = {}
    empty: list[object] = []
    for place, (number, kind) in enumerate(fields.values()):
        several = kind in (TEXTS, RANGES, NUMBERS, FLOATS, DOUBLES)
        empty.append(() if several else "" if kind == TEXT else None)
        if kind not in _ALONE or several:
            by_key[number << 3 | LENGTH] = place, RANGES if kind in _ALONE else kind
        if kind in _ALONE:
            by_key[number << 3 | _ALONE[kind]] = place, RANGES if several else kind
    return Message(name, by_key, {field: number for field, (number, _) in fields.items()}, tuple(empty))


def pairs(parts: Ranges) -> Iterator[Range]:
    """Each of some parts."""
    ends = iter(parts)
    return zip(ends, ends, strict=True)


class Wire:
    """The bytes of a file of `size` bytes; read(at, count): so many of them, fewer only at its end."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self.size = size
        self._read = read
        self._piece = b""
        self._base = -1
        self._kept = 0

    def keep(self, count: int) -> None:
        """Note that so many bytes more are kept of the file; raises WireError where that is too many."""
        self._kept += count
        if self._kept > MOST_BYTES:
            limit = f"more than {MOST_BYTES // 2**20} MiB of fields, names and small values"
            raise WireError(self._base, f"{limit}, the limit for one file")

    def content(self, part: Range) -> bytes:
        """A part of the file, which is kept."""
        start, past = part
        self.keep(past - start)
        piece, base = self._near(start, past)
        if past - base > len(piece):
            piece, base = self._exactly(start, past - start), start
        return piece[start - base : past - base]

    def text(self, part: Range) -> str:
        """A part of the file as text, with `�` for what is none."""
        return self.content(part).decode("utf-8", "replace")

    def numbers(self, parts: Ranges) -> list[int]:
        """The whole numbers in some parts, with signs, of 64 bits."""
        found: list[int] = []
        for part in pairs(parts):
            data = self.content(part)
            self.keep(FIELD_BYTES * len(data))
            if data.isascii():
                # Each byte is a number.
                found += data
                continue
            if data[-1] > 127:
                raise WireError(part[1], "the end of some numbers in the middle of one")
            at = 0
            while at < len(data):
                value, at = _varint(data, at, part[0])
                found.append(_signed(value))
        return found

    def record(self, part: Range, message: Message) -> list[Any]:
        """The wanted fields of a message that is a part of the file, in the order of `message`.

        Texts are `str`, whole numbers `int`, floats `float`, a part is a `Range`, None where a field is not
        there; of what may be repeated it is a list of texts or `Ranges`, empty where there is none.  Of a
        field that is given twice the last counts, as the format says; not so of a message, which it would
        merge.  Raises WireError.
        """
        found: list[Any] = list(message.empty)
        start, past = part
        piece, base = self._near(start, past)
        whole = past - base <= len(piece)
        for (place, kind), at, after in self._wanted(start, past, message):
            if kind == RANGES:
                parts = found[place] = found[place] or array("q")
                parts.append(at)
                parts.append(after)
                continue
            if kind == RANGE:
                if found[place] is not None:
                    raise WireError(at, f"a second {message.title(place)} in the {message.name}")
                found[place] = at, after
                continue
            if whole:
                data = piece[at - base : after - base]
                self._kept += after - at
            else:
                data = self.content((at, after))
            if kind == NUMBER:
                found[place] = _signed(_varint(data, 0, at)[0])
            elif kind == FLOAT:
                found[place] = _float(data)[0]
            else:
                try:
                    text = data.decode()
                except UnicodeDecodeError as error:
                    shown = f"{message.title(place)} {quoted(data.decode('utf-8', 'replace'))}"
                    raise WireError(at + error.start, f"{shown} is no text in UTF-8") from None
                if kind == TEXT:
                    found[place] = text
                elif found[place]:
                    found[place].append(text)
                else:
                    found[place] = [text]
        return found

    def _wanted(self, start: int, past: int, message: Message) -> Iterator[tuple[tuple[int, int], int, int]]:
        """Place and kind of each wanted field of a message, and the part that its value is."""
        piece, base = self._near(start, past)
        at, end = start - base, past - base
        # As far as this the head of a field is in the piece.
        stop = end if end <= len(piece) else len(piece) - _HEAD
        fields, cost = message.fields, 0
        try:
            while at < end:
                if at > stop:
                    self.keep(cost)
                    cost = 0
                    piece, base = self._load(base + at)
                    at, end = 0, past - base
                    stop = end if end <= len(piece) else len(piece) - _HEAD
                first = at
                key = piece[at]
                at += 1
                if key > 127:
                    key, at = _varint(piece, first, base)
                wire = key & 7
                if wire == LENGTH:
                    length = piece[at]
                    at += 1
                    if length > 127:
                        # Two bytes, or, seldom, more.
                        length += (piece[at] << 7) - 128
                        at += 1
                        if length > 2**14 - 1:
                            length, at = _varint(piece, at - 2, base)
                    after = at + length
                elif wire == VARINT:
                    after = at + 1 if piece[at] < 128 else _varint(piece, at, base)[1]
                else:
                    after = at + _FIXED.get(wire, 0)
                field = fields.get(key)
                cost += FIELD_BYTES
                if after > end:
                    size, left = counted(after - at, "byte"), counted(max(end - at, 0), "byte")
                    raise WireError(
                        base + first, f"a field of {size}, where the {message.name} ends after {left}"
                    )
                if field is None:
                    self._skip(key, base + first, message)
                else:
                    yield field, base + at, base + after
                at = after
        except IndexError:
            raise WireError(base + at, f"the end of the {message.name} in the middle of a field") from None
        self.keep(cost)

    def _skip(self, key: int, place: int, message: Message) -> None:
        """Raise WireError for a field that is not unknown, but wrong."""
        number, wire = key >> 3, key & 7
        if wire not in _WIRE_TYPES:
            raise WireError(place, f"wire type {wire}, which ONNX does not use, in the {message.name}")
        if not 0 < number < 2**29:
            raise WireError(place, f"field {number} in the {message.name}, expected 1 to 2^29 - 1")
        if number in message.numbers.values():
            title = list(message.numbers)[list(message.numbers.values()).index(number)]
            wanted = [_WIRE_TYPES[known & 7] for known in message.fields if known >> 3 == number]
            raise WireError(
                place,
                f"field {number} ({title}) of the {message.name} is written as "
                f"{_WIRE_TYPES[wire]}, expected {' or '.join(wanted)}",
            )

    def _near(self, start: int, past: int) -> tuple[bytes, int]:
        """A piece with as much as fits in one of a part of the file, and where it begins."""
        if start == self._base or (start > self._base and past <= self._base + len(self._piece)):
            return self._piece, self._base
        return self._load(start)

    def _load(self, start: int) -> tuple[bytes, int]:
        self._piece, self._base = self._exactly(start, min(PIECE, self.size - start)), start
        return self._piece, start

    def _exactly(self, start: int, count: int) -> bytes:
        data = self._read(start, count)
        if len(data) < count:
            raise WireError(start + len(data), f"the end of a file that had {self.size:,} bytes")
        return data


def _signed(number: int) -> int:
    return number - 2**64 if number >> 63 else number


def _varint(data: bytes, at: int, base: int) -> tuple[int, int]:
    """The number at a place, without sign, and the place past it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            if value >> 64:
                break
            return value, at
    raise WireError(base + at - 1, "a number of more than 64 bits")
