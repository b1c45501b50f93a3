"""Drawn pictures of articles: a plain shape per category, in the colour of the variant."""

import io
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw

from services.images import Picture

SIZE = 96
COLOURS = ("#2f6f9f", "#c4682b", "#4c8a57", "#8a4c7d", "#b33f40", "#5a6472", "#a58a2c", "#3b8f8c")
PALE, DARK = "#eef1f4", "#2b3138"

Draw = ImageDraw.ImageDraw


@cache
def picture(category: str, variant: int) -> Picture:
    """Give the picture of a category's variant; it is the same everywhere."""
    image = Image.new("RGB", (SIZE, SIZE), PALE)
    _SHAPES[category](ImageDraw.Draw(image), COLOURS[variant % len(COLOURS)])
    file = io.BytesIO()
    image.quantize(16, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return Picture("image/png", file.getvalue())


def _pipe(draw: Draw, colour: str) -> None:
    draw.rectangle((14, 38, 82, 58), fill=colour)
    draw.rectangle((10, 32, 24, 64), fill=DARK)
    draw.rectangle((72, 32, 86, 64), fill=DARK)


def _spanner(draw: Draw, colour: str) -> None:
    draw.line((28, 68, 66, 30), fill=colour, width=14)
    draw.ellipse((56, 16, 84, 44), fill=colour)
    draw.ellipse((66, 14, 86, 34), fill=PALE)
    draw.ellipse((14, 58, 38, 82), fill=DARK)


def _sheets(draw: Draw, colour: str) -> None:
    draw.rectangle((30, 16, 78, 76), fill=colour)
    draw.rectangle((20, 22, 68, 82), fill="white", outline=DARK, width=2)
    for top in range(34, 74, 9):
        draw.line((28, top, 60, top), fill=colour, width=3)


def _cup(draw: Draw, colour: str) -> None:
    draw.ellipse((56, 36, 84, 62), outline=colour, width=7)
    draw.rounded_rectangle((20, 30, 66, 74), 10, fill=colour)
    draw.ellipse((14, 74, 74, 84), fill=DARK)


def _bottle(draw: Draw, colour: str) -> None:
    draw.rectangle((40, 12, 56, 30), fill=DARK)
    draw.rounded_rectangle((28, 28, 68, 84), 10, fill=colour)
    draw.rectangle((34, 48, 62, 68), fill="white")


def _helmet(draw: Draw, colour: str) -> None:
    draw.pieslice((18, 22, 78, 92), 180, 360, fill=colour)
    draw.rounded_rectangle((10, 56, 86, 68), 5, fill=DARK)
    draw.rectangle((43, 18, 53, 56), fill=DARK)


def _box(draw: Draw, colour: str) -> None:
    draw.polygon(((48, 12), (84, 30), (48, 48), (12, 30)), fill=colour)
    draw.polygon(((12, 32), (46, 50), (46, 86), (12, 68)), fill=DARK)
    draw.polygon(((84, 32), (50, 50), (50, 86), (84, 68)), fill="#8d98a5")


def _lamp(draw: Draw, colour: str) -> None:
    draw.ellipse((24, 10, 72, 58), fill=colour)
    draw.rectangle((38, 54, 58, 68), fill=colour)
    for top in (70, 77, 84):
        draw.line((38, top, 58, top), fill=DARK, width=4)


_SHAPES: dict[str, Callable[[Draw, str], None]] = {
    "installation": _pipe,
    "tools": _spanner,
    "office": _sheets,
    "catering": _cup,
    "cleaning": _bottle,
    "safety": _helmet,
    "packaging": _box,
    "lighting": _lamp,
}
