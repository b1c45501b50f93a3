"""Pictures that people upload: what becomes of them, what they may not do, and what they may not tell."""

import io
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

import services.images
from services.errors import Refused
from services.images import small_picture
from tests.servers import ROOT

SECRET = b"the secret place"


def encoded(picture: Image.Image, kind: str, **more: Any) -> bytes:
    """Give a picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def read(content: bytes) -> Image.Image:
    """Give what is kept of a picture."""
    return Image.open(io.BytesIO(small_picture(content).content))


def are_alike(seen: Any, wanted: Any) -> bool:
    """Say whether two colours look the same."""
    return all(abs(one - other) < 9 for one, other in zip(seen, wanted, strict=True))


def noted(orientation: int) -> bytes:
    """Give EXIF with the way in which the camera was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    written: bytes = exif.tobytes()
    return written


def telling() -> Iterator[bytes]:
    """Give pictures that tell more than is seen, in all the places there are for it."""
    picture = Image.new("RGB", (20, 10), "red")
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET)
    texts.add_itxt("Author", SECRET.decode())
    beside: dict[str, Any] = {"icc_profile": SECRET, "exif": noted(1)}
    yield encoded(picture, "JPEG", comment=SECRET, xmp=SECRET, **beside)
    yield encoded(picture, "PNG", pnginfo=texts, **beside)
    yield encoded(picture.convert("RGBA"), "PNG", pnginfo=texts, **beside)
    yield encoded(picture, "WEBP", xmp=SECRET, **beside)
    yield encoded(picture.convert("P"), "GIF", comment=SECRET)


def test_what_is_kept_tells_nothing_but_what_is_seen() -> None:
    for content in telling():
        kept = small_picture(content).content
        assert SECRET in content
        assert SECRET not in kept
        assert (
            not {"comment", "exif", "icc_profile", "xmp", "Comment", "Author"}
            & Image.open(io.BytesIO(kept)).info.keys()
        )


def test_a_picture_is_set_upright() -> None:
    picture = Image.new("RGB", (1600, 800), "white")
    picture.paste("red", (0, 0, 800, 400))
    for orientation in range(1, 9):
        content = encoded(picture, "JPEG", exif=noted(orientation))
        kept = read(content)
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        assert kept.size == ((640, 320) if orientation < 5 else (320, 640))
        for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)):
            seen, wanted = (each.getpixel((int(x * each.width), int(y * each.height))) for each in (kept, upright))
            assert are_alike(seen, wanted), orientation


def test_a_picture_of_every_kind_keeps_its_colours_and_what_is_clear() -> None:
    colours: dict[str, Any] = {
        "1": 255, "L": 200, "LA": (200, 100), "P": 1, "RGB": (200, 100, 50), "RGBA": (200, 100, 50, 90), "I;16": 65535,
    }  # fmt: skip
    for mode, colour in colours.items():
        picture = Image.new(mode, (1500, 1000), colour)
        more = {"transparency": 0} if mode == "P" else {}
        if mode == "P":
            picture.putpalette([0, 0, 0, 200, 100, 50])
        kept = read(encoded(picture, "PNG", **more))
        wanted = Image.open(io.BytesIO(encoded(picture.crop((0, 0, 9, 9)), "PNG", **more))).convert(kept.mode)
        assert kept.size == (640, 427)
        assert kept.mode == ("RGBA" if mode in ("LA", "P", "RGBA") else "RGB")
        assert are_alike(kept.getpixel((300, 200)), wanted.getpixel((5, 5))), mode


@given(changes=st.dictionaries(st.integers(6, 91), st.integers(0, 255), max_size=4))
@example(changes={17: 7})
@example(changes={77: 4})
@example(changes={23: 1, 19: 10})
def test_what_is_noted_beside_a_picture_may_be_broken(changes: dict[int, int]) -> None:
    exif = bytearray(noted(6))
    for place, value in changes.items():
        exif[place] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind in ("JPEG", "PNG", "WEBP"):
            assert small_picture(encoded(Image.new("RGB", (20, 10)), kind, exif=bytes(exif))).content


MEASURED = """
import re, sys
from pathlib import Path
from services.images import small_picture
used = []
for name in sys.argv[1:]:
    small_picture(Path(name).read_bytes())
    used.append(int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1]))
print(used[1] - used[0])
"""


def test_a_large_picture_is_in_memory_once(tmp_path: Path) -> None:
    for mode, most in (("RGBA", 130), ("P", 60)):
        files = [tmp_path / "small", tmp_path / "large"]
        for file, side in zip(files, (10, 5000), strict=True):
            file.write_bytes(encoded(Image.new(mode, (side, side), 1), "PNG", compress_level=1))
        run = [sys.executable, "-c", MEASURED, *map(str, files)]
        measured = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
        assert int(measured.stdout) / 1024 < most, mode


def test_one_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shrunk, together = services.images._shrunk, Barrier(2)

    def met(picture: Image.Image) -> Image.Image:
        with pytest.raises(BrokenBarrierError):
            together.wait(timeout=0.1)
        return shrunk(picture)

    monkeypatch.setattr(services.images, "_shrunk", met)
    content = encoded(Image.new("RGB", (20, 10)), "PNG")
    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(small_picture, [content, content]))


@pytest.mark.parametrize(("kind", "size"), [("PNG", (5001, 5000)), ("WEBP", (4000, 2501))])
def test_a_picture_with_too_many_pixels_is_refused(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(Refused, match="million pixels"):
        small_picture(encoded(Image.new("RGB", size), kind))
