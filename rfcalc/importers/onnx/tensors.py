"""Tensors of an ONNX file: their sizes, and the values of small ones that stand in the file itself.

The data of large ones are stepped over.  What lies in another file stays there: no path that a model names is
opened.
"""

from __future__ import annotations

from math import prod
from struct import pack, unpack

from rfcalc.errors import counted, cut, quoted
from rfcalc.importers.onnx.messages import DIMENSION, SHAPE, SPARSE_TENSOR, TENSOR, TENSOR_TYPE, TYPE, VALUE
from rfcalc.importers.onnx.model import StatedLength, StoredTensor, TensorInfo
from rfcalc.importers.onnx.wire import FIELD_BYTES, Range, Ranges, Wire, WireError, pairs
from rfcalc.records import NamedTuple

# Of tensors with more elements the values are not read.
MOST_VALUES = 4096
_LARGEST = 2**63 - 1
_LONGEST_RANK = 1000
_EXTERNAL = 1


class _ElementType(NamedTuple):
    """A type of elements: name, bits, and the code of `struct` for its values, "" where they are not read."""

    name: str
    bits: int = 0
    code: str = ""


# By number of TensorProto.DataType.  Two numbers of 4 bits share a byte, four of 2 bits likewise.
_ELEMENTS = {
    0: _ElementType(""),
    1: _ElementType("float32", 32, "f"),
    2: _ElementType("uint8", 8, "B"),
    3: _ElementType("int8", 8, "b"),
    4: _ElementType("uint16", 16, "H"),
    5: _ElementType("int16", 16, "h"),
    6: _ElementType("int32", 32, "i"),
    7: _ElementType("int64", 64, "q"),
    8: _ElementType("string"),
    9: _ElementType("bool", 8, "?"),
    10: _ElementType("float16", 16, "e"),
    11: _ElementType("float64", 64, "d"),
    12: _ElementType("uint32", 32, "I"),
    13: _ElementType("uint64", 64, "Q"),
    14: _ElementType("complex64", 64),
    15: _ElementType("complex128", 128),
    16: _ElementType("bfloat16", 16, "H"),
    17: _ElementType("float8e4m3fn", 8),
    18: _ElementType("float8e4m3fnuz", 8),
    19: _ElementType("float8e5m2", 8),
    20: _ElementType("float8e5m2fnuz", 8),
    21: _ElementType("uint4", 4, "B"),
    22: _ElementType("int4", 4, "B"),
    23: _ElementType("float4e2m1", 4),
    24: _ElementType("float8e8m0", 8),
    25: _ElementType("uint2", 2, "B"),
    26: _ElementType("int2", 2, "B"),
    27: _ElementType("float6e2m3"),
    28: _ElementType("float6e3m2"),
}


def stored_tensor(wire: Wire, part: Range) -> StoredTensor:
    """The tensor of a part of the file, with its values where they are few and stand in the part."""
    record = wire.record(part, TENSOR)
    dims, number, segment, floats, int32, int64, name, raw, doubles, uint64, location = record
    try:
        element = _element(number)
        lengths = _lengths(wire, part, dims)
        values = None
        if location != _EXTERNAL and segment is None:
            values = _stored(wire, part, lengths, element, raw or floats or doubles, int32 or int64 or uint64)
    except WireError as error:
        error.within.append(f"tensor {quoted(name)}")
        raise
    return StoredTensor(name, lengths, element.name, values)


def _stored(
    wire: Wire, tensor: Range, lengths: tuple[int, ...], element: _ElementType, raw: Ranges, numbers: Ranges
) -> tuple[int | float | bool, ...] | None:
    """The values of a tensor whose data are in the file as they are (raw), or as whole numbers.

    None where they are many or of a type that is not read, and where there are none, as in a file whose
    weights were taken out.  Raises WireError where there are too many or too few.
    """
    count = prod(lengths)
    wanted = (count * element.bits + 7) // 8
    found = sum(past - start for start, past in pairs(raw))
    few = bool(element.code) and count <= MOST_VALUES
    data = b""
    if few and not found:
        data = _packed(wire, numbers, element)
        found = len(data)
    if found and element.bits and found != wanted:
        size = "x".join(map(str, lengths)) if lengths else "one element"
        given = counted(found, "byte")
        raise WireError(tensor[0], f"{given} of data, expected {wanted:,} for {cut(size)} of {element.name}")
    if not few or found != wanted:
        return None
    wire.keep(FIELD_BYTES * count)
    return _values(data or b"".join(map(wire.content, pairs(raw))), count, element)


def sparse_tensor(wire: Wire, part: Range) -> StoredTensor:
    """The tensor, mostly of zeros, of a part of the file, under the name of its values, which stay unread."""
    values, _, dims = wire.record(part, SPARSE_TENSOR)
    name, element = "", ""
    if values is not None:
        inner = wire.record(values, TENSOR)
        name, element = inner[6], _element(inner[1]).name
    return StoredTensor(name, _lengths(wire, part, dims), element)


class Infos:
    """What a file says of tensors that are computed or given; the same type is read once."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._types: dict[bytes, tuple[str, tuple[StatedLength, ...] | None]] = {}

    def info(self, part: Range) -> TensorInfo:
        """The tensor of a part of the file.

        What is no tensor, as a sequence of them, has neither a type of elements nor a rank.
        """
        name, kind = self._wire.record(part, VALUE)
        if kind is None:
            return TensorInfo(name, "", None)
        data = self._wire.content(kind)
        found = self._types.get(data)
        if found is None:
            try:
                found = self._types[data] = self._type(kind)
            except WireError as error:
                error.within.append(f"tensor {quoted(name)}")
                raise
        return TensorInfo(name, *found)

    def _type(self, part: Range) -> tuple[str, tuple[StatedLength, ...] | None]:
        wire = self._wire
        dense, sparse = wire.record(part, TYPE)
        if not (tensor := dense or sparse):
            return "", None
        number, shape = wire.record(tensor, TENSOR_TYPE)
        element = _element(number).name
        if shape is None:
            return element, None
        (parts,) = wire.record(shape, SHAPE)
        lengths: list[StatedLength] = []
        for dimension in pairs(parts):
            value, name = wire.record(dimension, DIMENSION)
            # Some write a length that is not known as -1.
            lengths.append(name or None if value is None or value < 0 else value)
        return element, tuple(lengths)


def element_name(number: int) -> str:
    """The name of an element type by its number in onnx.proto."""
    return _element(number).name


def element_number(name: str) -> int:
    """The number of an element type in onnx.proto."""
    return next(number for number, element in _ELEMENTS.items() if element.name == name)


def packed_values(stored: StoredTensor) -> bytes:
    """The values of a tensor as raw data."""
    assert stored.values is not None
    code = _ELEMENTS[element_number(stored.element)].code
    return pack(f"<{len(stored.values)}{code}", *stored.values)


def _element(number: int | None) -> _ElementType:
    return _ELEMENTS.get(number or 0) or _ElementType(f"type {number}")


def _lengths(wire: Wire, tensor: Range, parts: Ranges) -> tuple[int, ...]:
    lengths = tuple(wire.numbers(parts))
    if len(lengths) > _LONGEST_RANK:
        raise WireError(tensor[0], f"{len(lengths):,} dimensions, expected {_LONGEST_RANK:,} at most")
    if lengths and min(lengths) < 0:
        raise WireError(tensor[0], f"a length of {min(lengths)}, expected none below 0")
    if prod(lengths) > _LARGEST:
        raise WireError(tensor[0], f"{cut('x'.join(map(str, lengths)))} elements, expected fewer than 2^63")
    return lengths


def _packed(wire: Wire, parts: Ranges, element: _ElementType) -> bytes:
    """Whole numbers as the bytes that the format has for them in raw data."""
    size = max(element.bits // 8, 1)
    mask = (1 << 8 * size) - 1
    return b"".join((number & mask).to_bytes(size, "little") for number in wire.numbers(parts))


def _values(data: bytes, count: int, element: _ElementType) -> tuple[int | float | bool, ...]:
    if element.bits < 8:
        mask, each = (1 << element.bits) - 1, 8 // element.bits
        numbers = [data[n // each] >> n % each * element.bits & mask for n in range(count)]
        if element.name.startswith("int"):
            half = (mask + 1) // 2
            numbers = [(number ^ half) - half for number in numbers]
        return tuple(numbers)
    values = unpack(f"<{count}{element.code}", data)
    if element.name == "bfloat16":
        return unpack(f"<{count}f", pack(f"<{count}I", *(value << 16 for value in values)))
    return values
