"""Bytes to pixels: every honest picture becomes upright BGR, everything else is refused before it costs anything."""

from __future__ import annotations

import base64
import io
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from app.images import MAX_SCANS, Base64Text, FileBytes, Limits, decode, from_base64, read_image
from pipelines.errors import FormatMismatch, ImageMissing, ImageUnreadable

LIMIT = 50_000_000
RED, GREEN = (255, 0, 0), (0, 255, 0)


def saved(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def marked(size: tuple[int, int] = (64, 32)) -> Pillow.Image:
    """Green with a red top-left quarter, so that a turn shows."""
    picture = Pillow.new("RGB", size, GREEN)
    picture.paste(RED, (0, 0, size[0] // 2, size[1] // 2))
    return picture


def corner(data: bytes) -> list[int]:
    """RGB near the top-left."""
    return [int(v) for v in decode(data, max_pixels=LIMIT).pixels[4, 4, ::-1]]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_formats(kind: str) -> None:
    image = decode(saved(marked(), kind, quality=95), max_pixels=LIMIT)
    assert (image.width, image.height) == (64, 32)
    assert np.abs(image.pixels[4, 4].astype(int) - (0, 0, 255)).max() < 20
    assert np.abs(image.pixels[28, 60].astype(int) - (0, 255, 0)).max() < 20


TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_90,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_270,
}
"""How a camera that wrote the tag had stored an upright scene: the inverse of what puts it right."""


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("tag", TURNS)
def test_exif_orientation(tag: int, kind: str) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = tag
    data = saved(marked().transpose(TURNS[tag]), kind, exif=exif, lossless=True)
    image = decode(data, max_pixels=LIMIT)
    assert np.array_equal(image.pixels, np.asarray(marked())[:, :, ::-1])


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_broken_exif_is_ignored(exif: bytes) -> None:
    assert decode(saved(marked(), "JPEG", exif=exif), max_pixels=LIMIT).width == 64


def test_modes() -> None:
    red = Pillow.new("RGB", (8, 8), RED)
    assert corner(saved(red.convert("P"), "PNG")) == [255, 0, 0]
    assert corner(saved(Pillow.new("L", (8, 8), 200), "PNG")) == [200] * 3
    assert corner(saved(Pillow.new("1", (8, 8), 1), "PNG")) == [255] * 3
    assert corner(saved(Pillow.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")) == [255] * 3
    red.putalpha(0)
    assert corner(saved(red, "WEBP", lossless=True, exact=True)) == [255] * 3
    assert corner(saved(Pillow.new("LA", (8, 8), (0, 255)), "PNG")) == [0] * 3
    deep = Pillow.fromarray(np.full((8, 8), 0x8000, np.uint16))
    assert corner(saved(deep, "PNG")) == [128] * 3
    cmyk = Pillow.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert np.abs(np.array(corner(saved(cmyk, "JPEG", quality=95))) - RED).max() < 12


def test_large_photo_is_decoded_smaller() -> None:
    """12,000 x 1,000 is inside the limit; it arrives at a half or a quarter, never below the working side."""
    data = saved(Pillow.new("RGB", (12_000, 1_000), RED), "JPEG")
    image = decode(data, max_pixels=LIMIT)
    assert image.width == 6_000
    assert image.height == 500


def test_bomb_is_refused_by_its_header() -> None:
    data = saved(Pillow.new("1", (10_000, 6_000)), "PNG")
    began = time.process_time()
    with pytest.raises(ImageUnreadable):
        decode(data, max_pixels=LIMIT)
    assert time.process_time() - began < 0.1
    assert decode(saved(marked(), "PNG"), max_pixels=64 * 32).width == 64


def test_a_jpeg_that_goes_over_its_pixels_again_and_again() -> None:
    """Scans without anything in them: none of them costs much, and no limit of bytes or pixels keeps them few."""
    whole = saved(Pillow.new("L", (64, 64)), "JPEG", progressive=True)
    end = whole.rindex(b"\xff\xd9")
    empty = whole[whole.rindex(b"\xff\xda") : end]
    again = whole[:end] + empty * MAX_SCANS
    with pytest.raises(ImageUnreadable, match="scans"):
        decode(again + whole[end:], max_pixels=LIMIT)
    film = b"\xff\xda" * 2 * MAX_SCANS
    assert decode(whole + film, max_pixels=LIMIT).width == 64
    noted = saved(Pillow.new("L", (64, 64)), "JPEG", comment=film)
    assert decode(noted, max_pixels=LIMIT).width == 64


NOISE = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_truncated(kind: str) -> None:
    whole = saved(Pillow.fromarray(NOISE), kind)
    decode(whole, max_pixels=LIMIT)
    for share in (0.02, 0.5, 0.9):
        with pytest.raises(ImageUnreadable):
            decode(whole[: int(len(whole) * share)], max_pixels=LIMIT)


@pytest.mark.parametrize(
    "data",
    [
        b"text",
        b"%PDF-1.7\n",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        saved(Pillow.new("RGB", (8, 8)), "BMP"),
        saved(Pillow.new("RGB", (8, 8)), "TIFF"),
    ],
)
def test_other_contents(data: bytes) -> None:
    with pytest.raises(ImageUnreadable):
        decode(data, max_pixels=LIMIT)


def test_mutated_pictures_never_fail_otherwise() -> None:
    """500 flips in real files: an image or a refusal, nothing else."""
    random = np.random.default_rng(7)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = np.frombuffer(saved(Pillow.fromarray(NOISE[:40, :60]), kind), np.uint8)
        for _ in range(170):
            mutant = whole.copy()
            mutant[random.integers(0, len(mutant), 4)] = random.integers(0, 256, 4)
            try:
                decode(mutant.tobytes(), max_pixels=1_000_000)
            except ImageUnreadable:
                continue


DATA = bytes(range(256))
PLAIN = base64.b64encode(DATA).decode()


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        base64.encodebytes(DATA).decode(),
        PLAIN.rstrip("="),
        base64.urlsafe_b64encode(DATA).decode(),
        f"data:image/png;base64,{PLAIN}",
        f"data:image/jpeg;charset=utf-8;base64,\r\n{PLAIN}",
        f"data:image/*;charset=utf-8;base64,{PLAIN}",
        f"data:image/png;name=ảnh%20thẻ.png; base64,{PLAIN}",
        f"  \n{PLAIN}\n ",
    ],
)
def test_base64_as_clients_write_it(text: str) -> None:
    assert from_base64(text) == DATA


@pytest.mark.parametrize("text", ["không", PLAIN + "*", "a", "http://a.vn/b.jpg", "{}"])
def test_not_base64(text: str) -> None:
    with pytest.raises(FormatMismatch):
        from_base64(text)


def test_hostile_base64_takes_no_longer_than_other() -> None:
    """Each a megabyte; in a time that grows with the square of that, hours."""
    for text in ("data:" + "a" * 1_000_000, "data:a" + ";a" * 500_000, "data:" * 200_000):
        with pytest.raises(FormatMismatch):
            from_base64(text)
    for blank in (" ", "\n", "\t\r"):
        assert from_base64(blank * 1_000_000 + "AAAA" + blank * 1_000_000 + "AAAA") == bytes(6)


@pytest.mark.parametrize("nothing", [FileBytes(b""), Base64Text(""), Base64Text("data:;base64,")])
def test_nothing_sent(nothing: FileBytes | Base64Text) -> None:
    with pytest.raises(ImageMissing):
        read_image(nothing, Limits(1_000_000, LIMIT))
