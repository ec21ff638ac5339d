"""Bytes or base64 in, one upright Image out. The content decides what it is, never a name or a header."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image as Pillow

from app.pdf import PdfLimits, is_pdf, read_pages
from models.types import Image, Pixels
from pipelines.errors import BadInput, FormatMismatch, ImageMissing, ImageUnreadable

FORMATS = ("JPEG", "PNG", "WEBP")
"""What phones and scanners send. Few decoders are a small target; a PDF is drawn elsewhere (`app.pdf`)."""

WORKING_SIDE = 4096
"""A JPEG is decoded at the smallest DCT scale whose longer side is still this many pixels: an ID-1 card that fills
the photo then has 1,200 dpi, more than any reader uses, and a 48-megapixel photo costs a quarter."""

JPEG_QUALITY = 90

BEGINNING = 2048
"""Characters of base64 that hold the bytes in which a PDF's mark may be, a data-URL prefix and line breaks."""

MAX_SCANS = 100
"""Of a progressive JPEG; encoders make some ten, and each goes over all pixels (5 ms at 49 megapixels) whether or not anything is in it: a hundred
thousand fit in a file that may be sent."""

EXIF_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""EXIF 2.32, tag 274: what turns the stored picture upright."""

# Pillow warns of large pictures on standard error, or refuses them by its own limit; ours is checked below, before a pixel
# is decoded.
Pillow.MAX_IMAGE_PIXELS = None

_DATA_URL = re.compile(r"\s*+data:[^,]*+,", re.IGNORECASE)
"""Whatever it says of the file: clients write `image/*`, names and spaces there, and base64 has no comma. Possessive, and asked for at the
beginning alone: on hostile text anything else takes its length squared, and keeps Python to itself for as long."""
_BEGIN, _SCAN, _END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
"""ITU-T T.81, B.1.1.3: those that begin a segment, its length in two bytes behind them; and the end."""
_STANDARD = bytes.maketrans(b"-_", b"+/")
_WHITESPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class FileBytes:
    """An uploaded file. `name`, here and below: of the parameter it came as, where what is wrong with it is told with that."""

    data: bytes
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Base64Text:
    """A file in base64, as a client wrote it."""

    text: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Url:
    """Where an image is said to be."""

    text: str
    name: str = field(default="", compare=False)


Encoded = FileBytes | Base64Text
Sent = FileBytes | Base64Text | Url


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one picture or PDF, whichever way it came: bytes of the file, pixels of a picture, and what a PDF may cost."""

    bytes: int
    pixels: int
    pdf: PdfLimits = field(default_factory=PdfLimits)


def read_image(encoded: Encoded, limits: Limits) -> Image:
    """Decode what a client sent.

    Raises:
        ImageMissing: there are no bytes.
        FormatMismatch: text that should be base64 is not.
        ImageUnreadable: no JPEG, PNG or WebP; truncated; or beyond a limit.
    """
    with naming(encoded):
        return decode(_content(encoded, limits), max_pixels=limits.pixels)


def read_images(encoded: Encoded, limits: Limits) -> list[Image]:
    """The one picture, or each page of a PDF.

    Raises:
        ImageMissing, FormatMismatch, ImageUnreadable: see `read_image`; also a PDF beyond its limits.
    """
    with naming(encoded):
        data = _content(encoded, limits)
        if is_pdf(data):
            return read_pages(data, limits.pdf)
        return [decode(data, max_pixels=limits.pixels)]


@contextmanager
def naming(encoded: Encoded) -> Iterator[None]:
    """What is wrong is told with the name of what it is wrong with, where that has one."""
    try:
        yield
    except BadInput as error:
        error.name = encoded.name or error.name
        raise


def looks_like_pdf(encoded: Encoded) -> bool:
    """By its beginning: cheap enough to be asked in the event loop, and decides nothing but the deadline."""
    if isinstance(encoded, FileBytes):
        return is_pdf(encoded.data)
    try:
        payload = _payload(encoded.text[:BEGINNING])
        return is_pdf(base64.b64decode(payload[: len(payload) // 4 * 4]))
    except ValueError:
        return False


def _content(encoded: Encoded, limits: Limits) -> bytes:
    data = from_base64(encoded.text) if isinstance(encoded, Base64Text) else encoded.data
    if not data:
        raise ImageMissing("image")
    if len(data) > limits.bytes:
        raise ImageUnreadable("too many bytes")
    return data


def from_base64(text: str) -> bytes:
    """Strict base64 (standard or URL-safe alphabet), with a data-URL prefix, line breaks and missing padding
    forgiven: clients send all three."""
    try:
        payload = _payload(text).rstrip(b"=")
        return base64.b64decode(payload + b"=" * (-len(payload) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatMismatch("not base64") from error


def _payload(text: str) -> bytes:
    """In the standard alphabet. Raises ValueError for characters that are in none."""
    prefix = _DATA_URL.match(text)
    characters = text if prefix is None else text[prefix.end() :]
    return characters.encode("ascii").translate(_STANDARD, delete=_WHITESPACE)


def decode(data: bytes, *, max_pixels: int) -> Image:
    """Upright BGR pixels. The header's size is checked before a pixel is decoded.

    Raises:
        ImageUnreadable: see `read_image`.
    """
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > max_pixels:
                raise ImageUnreadable("too many pixels")
            if data.startswith(_BEGIN) and _scans(data) > MAX_SCANS:
                raise ImageUnreadable("too many scans")
            if picture.format == "WEBP":
                return Image(_bgr(_upright(_webp(data), picture)))
            picture.draft("RGB", _shrunk(picture.size))
            picture.load()
            return Image(_bgr(_upright(picture, picture)))
    except ImageUnreadable:
        raise
    except Exception as error:
        # Decoders fail in many ways on hostile bytes; all mean the same to a client.
        raise ImageUnreadable("not a picture we decode") from error


def jpeg(pixels: Pixels) -> bytes:
    """H x W x 3 BGR as a JPEG file."""
    done, buffer = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError("the picture could not be encoded")
    return buffer.tobytes()


def _scans(jpeg: bytes) -> int:
    """At least how many; what stands behind the picture, as a phone's short film does, is not looked at."""
    most = jpeg.count(_SCAN)
    if most <= MAX_SCANS:
        return most
    scans, at = 0, len(_BEGIN)
    while scans <= MAX_SCANS and (marker := _MARKER.search(jpeg, at)) and marker[0] != _END:
        scans += marker[0] == _SCAN
        at = marker.end() + int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big")
    return scans


def _shrunk(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, WORKING_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _webp(data: bytes) -> Pillow.Image:
    """libwebp, as in Pillow, and the other threads go on meanwhile: Pillow stops them all for the second that a large picture takes."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ImageUnreadable("not a WebP we decode")
    clear = pixels.shape[2] == 4
    return Pillow.fromarray(
        cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if clear else cv2.COLOR_BGR2RGB)
    )


def _upright(picture: Pillow.Image, file: Pillow.Image) -> Pillow.Image:
    """`picture` turned as the EXIF block of its file says."""
    try:
        turn = _UPRIGHT.get(file.getexif().get(EXIF_ORIENTATION, 1))
    except Exception:  # a broken EXIF block does not make the pixels unreadable
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _bgr(picture: Pillow.Image) -> Pixels:
    """Any mode to BGR: transparency on white, 16 bits to 8, CMYK and grey to colour."""
    if picture.mode.startswith("I"):
        high = np.asarray(picture).astype(np.uint32) >> 8
        grey = np.minimum(high, 255).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        white = Pillow.new("RGBA", clear.size, "white")
        picture = Pillow.alpha_composite(white, clear)
    # Four times as fast as turning the channels round with NumPy.
    return np.asarray(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)
