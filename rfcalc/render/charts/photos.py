"""Photos decoded by Pillow, which comes with the extra `plot`."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from rfcalc.errors import UsageError
from rfcalc.report.chart import MOST_PIXELS

if TYPE_CHECKING:
    from rfcalc.report.chart import Photo

# The kinds of files that are opened, whatever a file says of itself.
_FORMATS = ("PNG", "JPEG", "WEBP")


def can_decode() -> bool:
    """Whether Pillow is installed."""
    from importlib.util import find_spec

    return find_spec("PIL") is not None


def decoded(photo: Photo, columns: int, rows: int) -> Any:
    """An image of Pillow, of so many pixels or, where the photo has less, of its own; of red, green and blue.

    Raises UsageError for what is no photo, or one of more pixels than are read.
    """
    from PIL import Image

    try:
        with Image.open(BytesIO(photo.content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UsageError(
                    f"the photo has {image.width:,} x {image.height:,} pixels, more than are read"
                )
            # A photo is decoded no larger than needed, where its kind allows that.
            image.draft("RGB", (columns, rows))
            size = min(columns, image.width), min(rows, image.height)
            return image.convert("RGB").resize(size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UsageError(f"the photo cannot be read: {error}") from None


def pixels_of(photo: Photo, columns: int, rows: int) -> list[list[str]]:
    """The photo in so many pixels: rows of colours of six digits; raises what `decoded` raises."""
    data = decoded(photo, columns, rows).resize((columns, rows)).tobytes()
    colours = [data[start : start + 3].hex() for start in range(0, len(data), 3)]
    return [colours[start : start + columns] for start in range(0, len(colours), columns)]
