"""The zip archive that an exported program stands in: what of it is read, and how much.

Nothing of it is unpickled.  Layout: torch/csrc/export/pt2_archive_constants.h since PyTorch 2.7
(`NAME/models/model.json`), `serialized_exported_program.json` at its top before.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rfcalc import files
from rfcalc.errors import listed, mistake, quoted
from rfcalc.records import NamedTuple

_MOST_ENTRIES = 100_000
# The list of so many entries, with paths of ordinary length, in bytes.
_LONGEST_LIST = 16 * 2**20
LONGEST_JSON = 100 * 2**20
# Values and their containers in json, by the characters that separate them: each may cost some 70 bytes.
MOST_VALUES = 5_000_000
_SEPARATORS = b"[{,:"

_PROGRAM = re.compile(r"((?:[^/]+/)?)models/(.+)\.json")
_OLD_PROGRAM = "serialized_exported_program.json"

# What zipfile raises for archives that are none, or damaged, or of a kind that it cannot read.
_DAMAGED = (BadZipFile, zlib.error, struct.error, ValueError, OverflowError, EOFError, IndexError)

EXPORT = (
    "export it where it was made: "
    "program = torch.export.export(model.eval(), (torch.zeros(1, 3, 224, 224),)); "
    'torch.export.save(program, "model.pt2")'
)


class _Bounded(FileIO):
    """A file of which no more is read at once than the longest list of an archive's entries."""

    def read(self, size: int | None = -1) -> bytes:
        """Some bytes; raises BadZipFile where more are wanted than a sound archive needs."""
        most = _LONGEST_LIST + 1
        data = super().read(most if size is None or size < 0 else min(size, most)) or b""
        if len(data) > _LONGEST_LIST:
            raise BadZipFile(f"the list of its entries is larger than {_LONGEST_LIST // 2**20} MiB")
        return data


class Archive(NamedTuple):
    """An archive with one program.  path: of the file, as errors name it.  member: of the program's json.

    root: what the paths of its other parts begin with, model: what the program is called there; both "" in
    the layout before PyTorch 2.7.
    """

    path: str
    opened: ZipFile
    member: str
    root: str
    model: str

    def program(self) -> object:
        """The program's json, parsed; raises DescriptionError where it cannot be read."""
        return self._json(self.member)

    def part(self, path: str, longest: int) -> bytes | None:
        """The bytes of a part, by its path below the root; None where it is not there, empty or longer."""
        entry = self._entry(path)
        return None if entry is None or not 0 < entry.file_size <= longest else self._bytes(entry, longest)

    def size(self, path: str) -> int:
        """How many bytes a part has, by its path below the root; 0 where it is not there."""
        entry = self._entry(path)
        return entry.file_size if entry else 0

    def json_part(self, path: str) -> object:
        """A part that is json, parsed; None where it is not there."""
        return self._json(f"{self.root}{path}") if self._entry(path) else None

    def _entry(self, path: str) -> ZipInfo | None:
        return self.opened.NameToInfo.get(f"{self.root}{path}")

    def _json(self, member: str) -> object:
        data = self._bytes(self.opened.NameToInfo[member], LONGEST_JSON)
        where = f"{quoted(self.path)}: {quoted(member)} in the archive"
        if sum(data.count(one) for one in _SEPARATORS) > MOST_VALUES:
            raise mistake(f"{where} has more than {MOST_VALUES:,} values, the limit", None)
        try:
            text = data.decode()
            if "\\ud" in text or "\\uD" in text:
                # Half of a character, escaped: no text that could be written anywhere.
                json.dumps(found := json.loads(text), ensure_ascii=False).encode()
                return found
            return json.loads(text)
        except RecursionError:
            raise mistake(f"{where} is nested too deeply", None) from None
        except ValueError as error:
            raise mistake(f"{where} is no json: {str(error)[:200]}", None) from None

    def _bytes(self, entry: ZipInfo, longest: int) -> bytes:
        where = f"{quoted(self.path)}: {quoted(entry.filename)} in the archive"
        if entry.flag_bits & 1:
            raise mistake(f"{where} is encrypted", None)
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            message = f"{where} is compressed by method {entry.compress_type}; expected none, or deflate (8)"
            raise mistake(message, None)
        try:
            with self.opened.open(entry) as part:
                data = part.read(longest + 1)
        except (*_DAMAGED, RuntimeError) as error:
            # zipfile's own word for an entry whose flags ask for what it cannot do.
            raise mistake(f"{where} cannot be read: {error}", None) from None
        if len(data) > longest:
            raise mistake(f"{where} is larger than {longest // 2**20} MiB, the limit", None)
        return data


@contextmanager
def archive(path: str) -> Iterator[Archive]:
    """The archive at a path that a user named, open for reading.

    Raises UsageError where there is no file that can be read, DescriptionError where it holds no program,
    with what it is instead.
    """
    with files.opened(path, given=True) as file, _Bounded(file.fileno(), closefd=False) as bounded:
        _refuse_others(path, bounded)
        try:
            opened = ZipFile(bounded)
        except (*_DAMAGED, NotImplementedError) as error:
            # zipfile's own word for an archive that needs a newer version of the format.
            raise mistake(f"{quoted(path)}: the zip archive cannot be read: {error}", None) from None
        if len(opened.NameToInfo) > _MOST_ENTRIES:
            message = f"{quoted(path)}: the archive has more than {_MOST_ENTRIES:,} entries, the limit"
            raise mistake(message, None)
        yield _with_program(path, opened)


def _refuse_others(path: str, file: FileIO) -> None:
    """Raise DescriptionError for what is no zip archive; what is pickled begins with its protocol."""
    head = file.read(16)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return
    if head.startswith(b"\x80") and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise mistake(f"{quoted(path)} is a pickle: {_WEIGHTS}", None, hint=EXPORT)
    raise mistake(
        f"{quoted(path)} is no exported program of PyTorch: that is a zip archive", None, hint=EXPORT
    )


_WEIGHTS = "it holds weights or objects, not the network's calls, and pickles are never opened"


def _with_program(path: str, opened: ZipFile) -> Archive:
    names = opened.NameToInfo
    if _OLD_PROGRAM in names:
        return Archive(path, opened, _OLD_PROGRAM, "", "")
    found = {name: match for name in names if (match := _PROGRAM.fullmatch(name))}
    if len(found) == 1:
        ((member, match),) = found.items()
        return Archive(path, opened, member, match[1], match[2])
    if found:
        which = listed(quoted(match[2]) for match in list(found.values())[:8])
        raise mistake(f"{quoted(path)} holds {len(found)} programs ({which}); expected one", None)
    what = _in_place_of_a_program(frozenset(name.partition("/")[2] for name in names))
    raise mistake(f"{quoted(path)} {what}", None, hint=EXPORT)


def _in_place_of_a_program(parts: frozenset[str]) -> str:
    """What an archive is in which there is no program, by the paths of its parts."""
    if any(name.startswith("code/") for name in parts) or "constants.pkl" in parts:
        return "is TorchScript, whose program is pickled: pickles are never opened"
    if "data.pkl" in parts:
        return f"is what torch.save writes: {_WEIGHTS}"
    if any(name.startswith("data/aotinductor/") for name in parts):
        return "holds compiled code alone (AOTInductor), not the program"
    return "is a zip archive without an exported program of PyTorch (models/NAME.json)"
