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
    NotImplementedError,
)

# HDF5 stores an attribute of one text in one piece, and Keras writes that of the model before the weights: it
# is looked for no further than this, and taken for no more than so many texts that begin like it.
_MOST_HDF5 = 2**30
_CHUNK, _OVERLAP = 2**22, 2**8
_MOST_TRIES = 64
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
        at = _model_config(read, min(size, _MOST_HDF5))
        if at < 0:
            raise UsageError(
                "it holds weights and no configuration of a model; model.save(...) writes both, "
                f"model.save_weights(...) weights alone; {_SAVED}"
            )
        return KerasText(_json_at(read, at))


def _model_config(read: Callable[[int, int], bytes], size: int) -> int:
    """Where the configuration of the model begins in an HDF5 file, -1 for nowhere.

    That of an optimiser begins alike, and has no layers.
    """
    at, tried = 0, 0
    while at < size:
        chunk = read(at, _CHUNK + _OVERLAP)
        for found in _MODEL.finditer(chunk):
            tried += 1
            if tried > _MOST_TRIES:
                return -1
            start = at + found.start()
            whole = _span(read, start)
            if whole and b'"layers"' in whole:
                return start
        at += _CHUNK
    return -1


def _json_at(read: Callable[[int, int], bytes], at: int) -> str:
    found = _span(read, at)
    if found is None:
        raise mistake(f"the configuration of the model at byte {at:,} does not end", None)
    return files.text_of(found, "", LONGEST_JSON, "the configuration of a model")


_SIGNS = re.compile(rb'[{}"\0]')
_TEXT_END = re.compile(rb'(?:[^"\\]|\\.)*"', re.DOTALL)


def _span(read: Callable[[int, int], bytes], at: int) -> bytes | None:
    """The json object that begins at a place, by its brackets; None where it does not end."""
    length = 2**20
    while True:
        data = read(at, length)
        depth = place = 0
        while found := _SIGNS.search(data, place):
            sign, place = found[0], found.end()
            if sign == b'"':
                ended = _TEXT_END.match(data, place)
                if not ended:
                    break
                place = ended.end()
            elif sign == b"\0":
                return None
            else:
                depth += 1 if sign == b"{" else -1
                if depth == 0:
                    return data[:place]
        if len(data) < length or length >= LONGEST_JSON:
            return None
        length *= 4
