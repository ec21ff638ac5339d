"""Makes a photograph look like the portrait printed on a card and photographed again: small, flat, printed, overprinted."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

from models.types import Image

SIDE = 250  # pixels of an LFW picture, whose eyes are about 45 pixels apart
EYE_SHARE = 45 / SIDE


def card_portrait(image: Image, name: str, eyes: float = 30.0) -> Image:
    """The picture as a card portrait whose eyes are `eyes` pixels apart; the same for one name.

    Stated so that a reader can judge it: less contrast and colour, dots of a printer's screen, wavy lines of a
    security pattern over the face, blur of a phone at the wrong distance, sensor noise, JPEG quality 50-80.
    """
    random = np.random.default_rng(zlib.crc32(name.encode()))
    scale = eyes / (EYE_SHARE * image.width)
    size = (round(image.width * scale), round(image.height * scale))
    small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    grey = small.mean(axis=2, keepdims=True)
    small = grey + (small - grey) * random.uniform(0.3, 0.8)
    small = 128 + (small - 128) * random.uniform(0.65, 0.9) + random.uniform(-10, 30)
    small += _dots(size, random)[:, :, None]
    lines, colour = _waves(size, random), random.uniform(60, 200, 3).astype(np.float32)
    small = small * (1 - lines[:, :, None]) + colour * lines[:, :, None]
    small = cv2.GaussianBlur(small, (0, 0), random.uniform(0.4, 0.9))
    small += random.normal(0, random.uniform(2, 6), small.shape)
    quality = int(random.integers(50, 80))
    _, packed = cv2.imencode(
        ".jpg", np.clip(small, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return Image(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8))


def _grid(size: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = np.mgrid[: size[1], : size[0]].astype(np.float64)
    return columns, rows


def _dots(size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float32]:
    """A printer's screen: a turned grid of soft dots, in grey levels."""
    x, y = _grid(size)
    angle, period = random.uniform(0, np.pi / 2), random.uniform(2.2, 3.5)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    dots = np.cos(2 * np.pi * u / period) * np.cos(2 * np.pi * v / period)
    return (dots * random.uniform(4, 12)).astype(np.float32)


def _waves(size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float32]:
    """Opacity of a guilloche: a few families of wavy lines."""
    x, y = _grid(size)
    opacity = np.zeros_like(x)
    for _ in range(3):
        period, swing = random.uniform(9, 16), random.uniform(2, 6)
        phase = y + swing * np.sin(2 * np.pi * x / random.uniform(25, 60) + random.uniform(0, 6))
        opacity = np.maximum(opacity, np.clip(np.cos(2 * np.pi * phase / period) * 4 - 3, 0, 1))
    return (opacity * random.uniform(0.1, 0.25)).astype(np.float32)
