"""What a file holds that is no model of the kind its name says, by its first bytes."""

from __future__ import annotations

import re

# What a file begins with, what it then is, and what to do.
_SIGNATURES = (
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, which stands for a file that was not fetched: run `git lfs pull`",
    ),
    (b"\x1f\x8b", "data compressed by gzip: unpack it with `gunzip` first"),
    (b"BZh", "data compressed by bzip2: unpack it with `bunzip2` first"),
    (b"\xfd7zXZ\0", "data compressed by xz: unpack it with `unxz` first"),
    (b"\x28\xb5\x2f\xfd", "data compressed by zstd: unpack it with `unzstd` first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"PK\x03\x04", "a zip archive, as PyTorch's .pt and .pt2 files and NumPy's .npz are"),
    (b"\x80\x02", "a Python pickle, which can run any program when it is read"),
    (b"\x80\x03", "a Python pickle, which can run any program when it is read"),
    (b"\x80\x04", "a Python pickle, which can run any program when it is read"),
    (b"\x80\x05", "a Python pickle, which can run any program when it is read"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras' .h5 files are"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x7fELF", "a program"),
)
# A web page, often in place of a file that needs a login.
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|\?xml|!--)", re.IGNORECASE)
# A field of a protocol buffer that is written as text.
_TEXT_FIELD = re.compile(rb"\s*(?:#[^\n]*\n\s*)*[a-z_]+\s*(?::|\{)")
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def other_content(head: bytes) -> str:
    """What a file that begins so is for sure instead of binary data of a model, and what to do; else ""."""
    if not head:
        return "it is empty"
    for start, content in _SIGNATURES:
        if head.startswith(start):
            return f"it is {content}"
    if head[4:8] in (b"TFL3", b"ORTM"):
        return f"it is a {'TensorFlow Lite' if head[4:8] == b'TFL3' else 'ONNX Runtime'} model"
    if head[257:262] == b"ustar":
        return "it is a tar archive: unpack it first"
    if _PAGE.match(head):
        return "it is a web page, as comes in place of a file that needs a login"
    if _CONTROLS.isdisjoint(head):
        if _TEXT_FIELD.match(head):
            return "it is text, such as a protocol buffer as text: write it in the binary form"
        return "it is text"
    return ""
