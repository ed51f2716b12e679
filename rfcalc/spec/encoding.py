"""From the bytes of a file to the text of a description."""

from __future__ import annotations

from rfcalc.spec.document_text import LONGEST_TEXT


class NoText(Exception):
    """Bytes that are no text of a description: why, in which line, and after how many bytes that is seen."""

    def __init__(self, message: str, line: int, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.offset = offset


def decode(data: bytes) -> str:
    """The text of some bytes, which are UTF-8 with or without a byte order mark; raises NoText."""
    if len(data) > LONGEST_TEXT:
        raise NoText(f"larger than {LONGEST_TEXT // 2**20} MiB, the limit for a description", 1, 0)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Without the mark, positions are counted from behind it.
        start = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, start) + 1
        raise NoText(f"not a text in UTF-8 (byte {start + 1})", line, start) from None
