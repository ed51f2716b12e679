"""Reading the size of an image that lies behind a picture: files of any content, from anybody."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from images import png

from rfcalc.errors import UsageError
from rfcalc.report.location.photo import MOST_BYTES, image_file, image_of


def segment(kind: int, content: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(content) + 2) + content


def jpeg(width: int, height: int, frame: int = 0xC0) -> bytes:
    """A file as cameras write it: a thumbnail of another size in front, filling, a restart interval."""
    thumbnail = (
        b"Exif\0\0" + b"\xff\xd8" + segment(0xC0, struct.pack(">BHH", 8, 1, 1) + b"\1\1\x11\0") + b"\xff\xd9"
    )
    head = b"\xff\xd8" + segment(0xE1, thumbnail) + segment(0xC4, bytes(17)) + b"\xff"
    return (
        head
        + segment(frame, struct.pack(">BHH", 8, height, width) + b"\1\1\x11\0")
        + segment(0xDD, b"\0\4")
        + segment(0xDA, b"\1\1\0\0\x3f\0")
        + b"\x12\xff\0\x34\xff\xd0"
        + b"\xff\xd9trailing"
    )


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    """A file of these chunks."""
    body = b"".join(
        kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


# The beginning of a key frame (RFC 6386, 9.1) and of a lossless picture (RFC 9649, 3.4): all that is read.
LOSSY = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480) + b"data"
LOSSLESS = b"\x2f" + struct.pack("<I", (7 - 1) | (5 - 1) << 14) + b"data"
EXTENDED = b"\x0c\0\0\0" + (640 - 1).to_bytes(3, "little") + (480 - 1).to_bytes(3, "little")
WEBP = webp((b"VP8X", EXTENDED), (b"VP8 ", LOSSY), (b"EXIF", b"51 N 0 E."), (b"XMP ", b"<x:xmpmeta/>"))


@pytest.mark.parametrize(
    ("content", "media", "size"),
    [
        (webp((b"VP8 ", LOSSY)), "image/webp", (640, 480)),
        (webp((b"VP8L", LOSSLESS)), "image/webp", (7, 5)),
        (WEBP, "image/webp", (640, 480)),
        (png(7, 5), "image/png", (7, 5)),
        (jpeg(640, 480), "image/jpeg", (640, 480)),
        (jpeg(640, 480, 0xC2), "image/jpeg", (640, 480)),
    ],
)
def test_the_size_stands_in_the_header(content: bytes, media: str, size: tuple[int, int]) -> None:
    image = image_of(content, "photo")
    assert (image.media, (image.width, image.height)) == (media, size)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (png(7, 5), [b"tEXt", b"Comment"]),
        (jpeg(640, 480), [b"Exif", b"trailing"]),
        (WEBP, [b"EXIF", b"51 N", b"XMP ", b"xmpmeta"]),
    ],
)
def test_what_a_file_tells_besides_is_left_out(content: bytes, told: list[bytes]) -> None:
    image = image_of(content, "photo")
    assert [text for text in told if text not in content or text in image.content] == []
    # What is left is a whole file of its kind, of the same picture.
    again = image_of(image.content, "photo")
    assert again == image
    if image.media == "image/webp":
        assert struct.unpack("<I", image.content[4:8])[0] == len(image.content) - 8
        assert image.content[20] == 0, "the header says that there is neither"


def test_all_scans_of_a_progressive_picture_are_kept() -> None:
    frame = segment(0xC2, struct.pack(">BHH", 8, 480, 640) + b"\1\1\x11\0")
    scans = b"".join(
        segment(0xDA, b"\1\1\0\0\x3f\0") + data + segment(0xC4, bytes(17)) for data in (b"a", b"b")
    )
    content = b"\xff\xd8" + frame + scans + b"\xff\xd9"
    # Telephones write a second picture, with all that it tells, behind the end of the first.
    assert image_of(content + jpeg(8, 8), "photo").content == content


def test_pillow_opens_what_is_left(tmp_path: Path) -> None:
    pillow = pytest.importorskip("PIL.Image")
    about = pillow.Exif()
    about[0x010E] = "where it was taken"
    drawn = pillow.linear_gradient("L").convert("RGB").resize((64, 48))
    for name, more in (
        ("a.png", {}),
        ("a.jpg", {"progressive": True}),
        ("a.webp", {}),
        ("b.webp", {"lossless": True}),
    ):
        drawn.save(tmp_path / name, exif=about, **more)
        left = image_file(str(tmp_path / name))
        assert b"where it was" not in left.content
        with pillow.open(BytesIO(left.content)) as read, pillow.open(tmp_path / name) as before:
            assert read.size == (left.width, left.height) == (64, 48)
            assert not read.getexif()
            assert read.tobytes() == before.tobytes()


@pytest.mark.parametrize("content", [png(7, 5), jpeg(640, 480), WEBP])
def test_wherever_a_file_is_cut_off_it_is_refused(content: bytes) -> None:
    whole = content.removesuffix(b"trailing")
    for length in range(len(whole)):
        with pytest.raises(UsageError, match="is empty|is no image|is damaged or cut off"):
            image_of(whole[:length], "photo")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a" + bytes(100), "'photo' is no image: expected PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no image"),
        (b"", "is empty"),
        (png(0, 5, data=False), "begins as PNG, but is damaged"),
        (png(7, 5, data=False), "begins as PNG, but is damaged"),
        (png(2**31, 2**31, data=False).replace(b"IEND", b"IDAT", 1), "is damaged"),
        (webp((b"ALPH", LOSSY)), "begins as WebP, but is damaged"),
        (webp((b"VP8X", EXTENDED)), "begins as WebP, but is damaged"),
        (jpeg(0, 480), "begins as JPEG, but is damaged"),
        (jpeg(65535, 65535), "has 65535x65535 pixels, more than 67,108,864"),
        (bytes(MOST_BYTES + 1), "is larger than 16 MiB, the limit for an image"),
    ],
)
def test_what_is_no_image_is_answered_in_words(content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        image_of(content, "photo")


@given(
    st.binary(max_size=200),
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x40\0\0\0WEBPVP8 ", b""]),
)
def test_no_file_does_more_than_be_refused(content: bytes, start: bytes) -> None:
    try:
        image = image_of(start + content, "photo")
    except UsageError:
        return
    assert image.width > 0 < image.height


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        image_file(str(tmp_path / "none.png"))
    with pytest.raises(UsageError, match="it is a folder, not a file"):
        image_file(str(tmp_path))
    file = tmp_path / "a.png"
    file.write_bytes(png(3, 2))
    assert image_file(str(file)).name == "a.png"
