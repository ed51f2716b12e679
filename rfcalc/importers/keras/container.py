"""The json of a model within the file that holds it: a `.keras` archive, an `.h5` file, or json itself.

Nothing else of the file is read: no weights, and no code.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from io import FileIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from rfcalc import files
from rfcalc.errors import UsageError, mistake, quoted
from rfcalc.records import NamedTuple

LONGEST_JSON = 64 * 2**20
_CONFIG, _METADATA = "config.json", "metadata.json"
_MOST_ENTRIES = 100_000
_LONGEST_LIST = 16 * 2**20
_LONGEST_METADATA = 2**16
# What zipfile raises for archives that are none, or damaged, or of a kind that it cannot read.
_DAMAGED = (
    BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    OverflowError,
    EOFError,
    IndexError,
    # What zipfile raises for a compression or a version of the format that it does not know.
    NotImplementedError,
)

# HDF5 stores an attribute of one text in one piece, and Keras writes that of the model before the weights: it
# is looked for no further than this.  Texts that begin like it and do not end are passed over, as long as all
# that is looked at for their ends is no more than so many times the file.
_MOST_HDF5 = 2**30
_CHUNK, _OVERLAP = 2**22, 2**8
_MOST_TIMES = 2
_MODEL = re.compile(rb'\{\s*"(?:class_name|config|name|module|backend|keras_version)"\s*:')
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ARCHIVE = b"PK\x03\x04"
_VERSION = re.compile(rb'"keras_version"\s*:\s*"([^"]{1,20})"')
_SAVED = 'json of a model is written by open("model.json", "w").write(model.to_json())'


class KerasText(NamedTuple):
    """The json of a model; version: that of the Keras that wrote it, "" where the file does not say."""

    text: str
    version: str = ""


def model_text(path: str) -> KerasText:
    """The json of the model in a file.

    Raises DescriptionError where the file is damaged or holds none, UsageError where it cannot be read.
    """
    begin = files.bytes_of(path, len(_HDF5), given=True)
    if begin.startswith(_ARCHIVE):
        return _of_archive(path)
    if begin.startswith(_HDF5):
        return _of_hdf5(path)
    data = files.bytes_of(path, LONGEST_JSON, given=True)
    return KerasText(files.text_of(data, "", LONGEST_JSON, "the json of a model"))


class _Bounded(FileIO):
    """A file of which no more is read at once than the longest list of an archive's entries."""

    def read(self, size: int | None = -1) -> bytes:
        most = _LONGEST_LIST + 1
        data = super().read(most if size is None or size < 0 else min(size, most)) or b""
        if len(data) > _LONGEST_LIST:
            raise BadZipFile(f"the list of its entries is larger than {_LONGEST_LIST // 2**20} MiB")
        return data


def _of_archive(path: str) -> KerasText:
    with files.opened(path, given=True) as file:
        try:
            with _Bounded(file.fileno(), "rb", closefd=False) as bounded, ZipFile(bounded) as archive:
                if len(archive.infolist()) > _MOST_ENTRIES:
                    raise BadZipFile(f"more than {_MOST_ENTRIES:,} entries")
                names = set(archive.namelist())
                if _CONFIG not in names:
                    raise mistake(
                        f"an archive without {_CONFIG}, which every model of Keras has", None, _SAVED
                    )
                config = _member(archive, _CONFIG, LONGEST_JSON)
                said = _member(archive, _METADATA, _LONGEST_METADATA) if _METADATA in names else b""
        except _DAMAGED as error:
            raise mistake(f"a damaged archive: {error}", None) from None
    found = _VERSION.search(said)
    version = found[1].decode("ascii", "replace") if found else ""
    return KerasText(files.text_of(config, "", LONGEST_JSON, _CONFIG), version)


def _member(archive: ZipFile, name: str, longest: int) -> bytes:
    """A member of an archive, one byte more at most than `longest`."""
    entry = archive.getinfo(name)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or entry.flag_bits & 1:
        raise BadZipFile(f"{quoted(name)} is packed in a way that is not read")
    with archive.open(entry) as member:
        return member.read(longest + 1)


def _of_hdf5(path: str) -> KerasText:
    with files.seekable(path, given=True) as (read, size):
        found = _model_config(read, min(size, _MOST_HDF5))
        if found is None:
            raise UsageError(
                "it holds weights and no configuration of a model; model.save(...) writes both, "
                f"model.save_weights(...) weights alone; {_SAVED}"
            )
        return KerasText(files.text_of(found, "", LONGEST_JSON, "the configuration of a model"))


def _model_config(read: Callable[[int, int], bytes], size: int) -> bytes | None:
    """The configuration of the model in an HDF5 file, None for none.

    That of an optimiser begins alike, and has no layers.
    """
    at, past, tried = 0, 0, 0
    while at < size:
        for found in _MODEL.finditer(read(at, _CHUNK + _OVERLAP)):
            start = at + found.start()
            # What stands within another object is no model by itself.
            if start < past:
                continue
            span = _span(read, start)
            if span.ended and b'"layers"' in span.data:
                return span.data
            if span.ended:
                past = start + len(span.data)
                continue
            tried += len(span.data)
            if tried > _MOST_TIMES * min(size, LONGEST_JSON):
                return None
        at += _CHUNK
    return None


class _JsonSpan(NamedTuple):
    """The bytes of a json object up to its end, or those that were looked at where it does not end."""

    data: bytes
    ended: bool


_SIGNS = re.compile(rb'[{}"\0]')
# Up to the quote that ends it, or what no text has; nothing of it is kept to be tried in another way.
_TEXT = re.compile(rb'[^"\\\0]*+(?:\\[^\0][^"\\\0]*+)*+', re.DOTALL)


def _span(read: Callable[[int, int], bytes], at: int) -> _JsonSpan:
    """The json object that begins at a place, by its brackets."""
    length = 2**20
    depth = place = 0
    data = read(at, length)
    while True:
        while found := _SIGNS.search(data, place):
            sign, place = found[0], found.end()
            if sign == b'"':
                text = _TEXT.match(data, place)
                end = text.end() if text else place
                if end >= len(data) - 1:
                    # It is looked at again where more of it is there.
                    place = found.start()
                    break
                if data[end : end + 1] != b'"':
                    return _JsonSpan(data[:end], False)
                place = end + 1
            elif sign == b"\0":
                return _JsonSpan(data[:place], False)
            else:
                depth += 1 if sign == b"{" else -1
                if depth == 0:
                    return _JsonSpan(data[:place], True)
        else:
            place = len(data)
        if len(data) < length or length >= LONGEST_JSON:
            return _JsonSpan(data, False)
        length *= 4
        data = read(at, length)
