"""What customers do to a photograph before a face is looked for: close-ups, bad light, phones held sideways, masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np

from models.geometry import Box, rotate_quarter
from models.types import Face, Image, Pixels

CLOSE_UPS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
"""The face's longer side over the frame's: above 1 the chin or the forehead is cut off."""
FRAME = 1200  # pixels of a close-up's side: a phone's front camera, scaled down by the bank's app
CARD_WIDTH = 640  # pixels of a small picture of a card, on which a portrait is a fifth as wide


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """The changed picture and where its face is now, x0 y0 x1 y1; for turned pictures, after they are turned back."""

    image: Image
    box: Box


Condition: TypeAlias = Callable[[Image, Face], Changed]


def close_up(share: float) -> Condition:
    def cut(image: Image, face: Face) -> Changed:
        side = max(face.width, face.height) / share
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        left, top = max(0, round(x - side / 2)), max(0, round(y - side / 2))
        right, bottom = (
            min(image.width, round(x + side / 2)),
            min(image.height, round(y + side / 2)),
        )
        scale = FRAME / max(right - left, bottom - top)
        size = (round((right - left) * scale), round((bottom - top) * scale))
        pixels = cv2.resize(
            image.pixels[top:bottom, left:right], size, interpolation=cv2.INTER_CUBIC
        )
        x0, y0, x1, y1 = face.box
        box = ((x0 - left) * scale, (y0 - top) * scale, (x1 - left) * scale, (y1 - top) * scale)
        return Changed(Image(np.asarray(pixels, np.uint8)), box)

    return cut


def dark(image: Image, face: Face) -> Changed:
    """A sixth of the light, and the noise of a sensor that has too little."""
    return Changed(_noisy(image.pixels / 6.0, 4.0), face.box)


def back_lit(image: Image, face: Face) -> Changed:
    """The face a quarter as bright, everything away from it washed out."""
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    rows, columns = np.mgrid[: image.height, : image.width]
    away = np.hypot((columns - x) / face.width, (rows - y) / face.height)
    share = np.clip((away - 0.6) / 0.5, 0, 1)[..., None]
    return Changed(
        _noisy(image.pixels * 0.25 * (1 - share) + (image.pixels * 0.3 + 178) * share, 3.0),
        face.box,
    )


def bright(image: Image, face: Face) -> Changed:
    """Three times the light: cheeks and forehead are white."""
    return Changed(_noisy(image.pixels * 3.0, 1.0), face.box)


def tiny(image: Image, face: Face) -> Changed:
    """The face as wide as a portrait's face on a small picture of a card, on plain grey."""
    scale = CARD_WIDTH / 20 / face.width
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
    canvas = np.full((CARD_WIDTH * 2 // 3, CARD_WIDTH, 3), 170, np.uint8)
    left, top = 40, 60
    small = small[: canvas.shape[0] - top, : canvas.shape[1] - left]
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    x0, y0, x1, y1 = (v * scale for v in face.box)
    return Changed(_noisy(canvas, 2.0), (x0 + left, y0 + top, x1 + left, y1 + top))


def sideways(turns: int) -> Condition:
    """As a phone gives it that loses the orientation; the box is that of the picture put right again."""
    return lambda image, face: Changed(rotate_quarter(image, turns), face.box)


def tilted(degrees: float) -> Condition:
    def turn(image: Image, face: Face) -> Changed:
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        matrix = cv2.getRotationMatrix2D((x, y), degrees, 1.0)
        size = (image.width, image.height)
        pixels = cv2.warpAffine(image.pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        return Changed(Image(np.asarray(pixels, np.uint8)), face.box)

    return turn


def masked(image: Image, face: Face) -> Changed:
    """A light mask from the bridge of the nose to the chin."""
    eyes, nose, mouth = face.landmarks[:2].mean(0), face.landmarks[2], face.landmarks[3:].mean(0)
    across = (face.landmarks[1] - face.landmarks[0]) * np.float32(0.95)
    down = mouth - eyes
    points = np.array(
        [
            nose - across,
            eyes + 0.45 * down,
            nose + across,
            mouth + 0.8 * across + 0.3 * down,
            mouth + 0.7 * down,
            mouth - 0.8 * across + 0.3 * down,
        ]
    )
    pixels = image.pixels.copy()
    cv2.fillPoly(pixels, [np.round(points).astype(np.int32)], (215, 205, 190), cv2.LINE_AA)
    return Changed(Image(pixels), face.box)


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {f"close-up {share}": close_up(share) for share in CLOSE_UPS}
    | {"dark": dark, "back-lit": back_lit, "bright": bright, "tiny": tiny, "masked": masked}
    | {f"quarter turns {turns}": sideways(turns) for turns in (1, 2, 3)}
    | {f"tilted {degrees}": tilted(degrees) for degrees in (-30, 30)}
)


def _noisy(pixels: np.ndarray, deviation: float) -> Image:
    noise = np.random.default_rng(0).normal(0, deviation, pixels.shape)
    changed: Pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    return Image(changed)
