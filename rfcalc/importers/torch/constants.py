"""What the tensors beside an exported program say without being unpickled: small constants, shared weights.

Since PyTorch 2.9 they are bytes of a storage, with a list in json of which tensor lies where in it
(`PayloadMeta` in torch/_export/serde/schema.py).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from rfcalc.importers.torch.archive import Archive

# `ScalarType` of the schema, which is c10's plus one.
ELEMENTS = {
    **dict(enumerate("uint8 int8 int16 int32 int64 float16 float32 float64".split(), 1)),
    **dict(enumerate("complex32 complex64 complex128 bool bfloat16".split(), 9)),
    28: "uint16",
    **dict(enumerate("float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu".split(), 29)),
    34: "uint32",
    35: "uint64",
}
# How elements are written, as the struct module calls it.
_FORMATS = {
    "uint8": "B",
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "bool": "?",
}
_MOST_VALUES = 1024
_LONGEST_STORAGE = 2**16

_Elements = tuple[int | float | bool, ...]


def stored_values(archive: Archive, wanted: frozenset[str]) -> dict[str, _Elements]:
    """The elements, in row order, of those of the wanted tensors, by path, that are small and can be read."""
    found: dict[str, _Elements] = {}
    for folder in ("constants", "weights"):
        for path, about in _listed(archive, folder) if wanted - found.keys() else ():
            meta = about.get("tensor_meta")
            if path not in wanted or not isinstance(meta, dict) or about.get("use_pickle"):
                continue
            sizes, strides = _lengths(meta.get("sizes")), _lengths(meta.get("strides"))
            offset = _lengths([meta.get("storage_offset")])
            if (
                sizes is not None
                and strides is not None
                and offset
                and len(sizes) == len(strides)
                and prod(sizes) <= _MOST_VALUES
            ):
                data = archive.part(f"data/{folder}/{about.get('path_name')}", _LONGEST_STORAGE)
                values = _elements(data or b"", meta.get("dtype"), sizes, strides, offset[0])
                if values is not None:
                    found[path] = values
    return found


def shared_parameters(archive: Archive, paths: Sequence[str]) -> dict[str, str]:
    """For parameters that are the same tensor, by path: the path of the first of them.

    What lies at one place of one storage is one tensor; a storage without bytes tells nothing.
    """
    known = set(paths)
    places: dict[tuple[str, ...], list[str]] = {}
    for path, about in _listed(archive, "weights"):
        meta = about.get("tensor_meta")
        if path in known and isinstance(meta, dict):
            lies = (
                str(about.get("path_name")),
                *(repr(meta.get(key)) for key in ("storage_offset", "sizes", "strides")),
            )
            places.setdefault(lies, []).append(path)
    order = {path: number for number, path in enumerate(paths)}
    owners: dict[str, str] = {}
    for lies, group in places.items():
        if len(group) > 1 and archive.size(f"data/weights/{lies[0]}"):
            owner = min(group, key=order.__getitem__)
            owners.update(dict.fromkeys(group, owner))
    return owners


def _listed(archive: Archive, folder: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What the archive lists of a folder's tensors: the path of each and what is said of it."""
    listed = (
        archive.json_part(f"data/{folder}/{archive.model}_{folder}_config.json") if archive.model else None
    )
    config = listed.get("config") if isinstance(listed, dict) else None
    for path, about in config.items() if isinstance(config, dict) else ():
        if isinstance(about, dict):
            yield path, about


def _lengths(sizes: object) -> tuple[int, ...] | None:
    """Numbers that are known: `[{"as_int": 3}]`."""
    if not isinstance(sizes, list):
        return None
    found = [size.get("as_int") if isinstance(size, dict) else None for size in sizes]
    return tuple(each for each in found if type(each) is int and each >= 0) if None not in found else None


def _elements(
    data: bytes, element: object, sizes: tuple[int, ...], strides: tuple[int, ...], offset: int
) -> _Elements | None:
    """The elements of a tensor that lies in a storage; None where it is not within it, or of another type."""
    form = _FORMATS.get(ELEMENTS.get(element, "")) if type(element) is int else None
    if form is None:
        return None
    if not prod(sizes):
        return ()
    width = struct.calcsize(form)
    steps = [
        range(0, size * stride, stride) if stride else (0,) * size
        for size, stride in zip(sizes, strides, strict=True)
    ]
    places = [(offset + sum(place)) * width for place in product(*steps)]
    if max(places) + width > len(data):
        return None
    return tuple(struct.unpack_from(f"<{form}", data, place)[0] for place in places)
