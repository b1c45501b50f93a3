"""Pictures that people upload: looked at before they are decoded, made small, and written anew.

What is kept was made here: no script, no hidden text, no place where a photograph was taken.
"""

import hashlib
import io
from math import ceil
from threading import Lock
from typing import NamedTuple

from PIL import ExifTags, Image, UnidentifiedImageError

from services.errors import Refused

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
LARGEST_FILE = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_WEBP = 10_000_000
"""WebP is decoded into several copies of itself."""
UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError)
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
"""What Pillow raises for a file that is no picture, and for one that is meant to do harm."""
SIDE = 640
"""The longer side of what is kept, in pixels."""
BAND = 64
"""How many rows of the shrunk picture are made at once."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by the way in which EXIF says that the camera was held."""

_decoding = Lock()
"""Held while a picture is in memory as a whole: one at a time in a process, however many are uploaded."""


class Picture(NamedTuple):
    """A small PNG or JPEG."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:10]


def small_picture(content: bytes) -> Picture:
    """Make a small picture of what was uploaded. Raises Refused when it is none, or too large to look at."""
    if len(content) > LARGEST_FILE:
        raise Refused("The file is larger than %(most)d MB.", most=LARGEST_FILE // 1024 // 1024)
    try:
        with _decoding:
            picture = _made_small(content)
        return _written(picture)
    except BOMBS as error:
        raise Refused(
            "The picture has more than %(most)d million pixels, which are too many.", most=MOST_PIXELS // 1_000_000
        ) from error
    except UNREADABLE as error:
        raise Refused("This is not a picture that can be read: PNG, JPEG, WebP or GIF.") from error


def _made_small(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        width, height = opened.size
        most = MOST_PIXELS_OF_WEBP if opened.format == "WEBP" else MOST_PIXELS
        if width * height > most:
            raise Refused(
                "The picture has %(pixels)d million pixels; at most %(most)d million can be read.",
                pixels=width * height // 1_000_000,
                most=most // 1_000_000,
            )
        opened.draft("RGB", (SIDE * 2, SIDE * 2))
        opened.load()
        picture = _shrunk(opened)
        turn = _turn(opened)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture if turn is None else picture.transpose(turn)


def _shrunk(picture: Image.Image) -> Image.Image:
    """Give a picture in true colours, at most some times as large as what is kept.

    It is made in bands: the whole picture in true colours would be there a second time.
    """
    is_clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    width, height = picture.size
    factor = max(1, max(width, height) // (SIDE * 2))
    shrunk = Image.new("RGBA" if is_clear else "RGB", (ceil(width / factor), ceil(height / factor)))
    for top in range(0, shrunk.height, BAND):
        band = picture.crop((0, top * factor, width, min((top + BAND) * factor, height)))
        shrunk.paste(band.convert(shrunk.mode).reduce(factor), (0, top))
    return shrunk


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """Give what sets a picture upright, as its EXIF says it; nothing, where that is broken."""
    try:
        return TURNS.get(picture.getexif()[ExifTags.Base.Orientation])
    except Exception:  # noqa: BLE001  there is no end to what Pillow raises for broken EXIF
        return None


def _written(picture: Image.Image) -> Picture:
    file = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(file, "PNG", optimize=True)
        return Picture("image/png", file.getvalue())
    picture.save(file, "JPEG", quality=85, optimize=True)
    return Picture("image/jpeg", file.getvalue())
