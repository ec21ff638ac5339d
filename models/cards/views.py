"""The square pictures the card finder's network is shown, and the way back from each to the photo.

Training makes its samples with the same constants and functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import rectify
from models.types import Pixels, Quad

INNER_SHARE = 0.9
"""Share of the square the picture fills; corners slightly outside the picture still have a place."""
GREY = 128
CLOSE_LOOK_MARGIN = 0.12
"""Ground left around the card for a closer look, share of the card's sides."""
CARD_ASPECT = 85.6 / 53.98
"""ID-1, ISO/IEC 7810."""
PAINTED = (1.04, 1.14)
"""Of a card's extent: what is painted over, and how far what surrounds it reaches."""
WORKING_SIDE = 800
"""Longest side, pixels, the looks work on: four times a view's, so that nothing they could see is lost."""

_Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A square input and the way back: `to_view` maps picture coordinates to view coordinates (3 x 3)."""

    pixels: Pixels
    to_view: _Matrix


def inner_box(width: float, height: float, size: int) -> tuple[int, int, int, int]:
    """x, y, w, h in pixels: where a picture of this shape goes in a square view."""
    factor = INNER_SHARE * size / max(width, height)
    w, h = max(1, round(width * factor)), max(1, round(height * factor))
    return (size - w) // 2, (size - h) // 2, w, h


def frame_view(pixels: Pixels, size: int) -> View:
    """The whole picture in a grey square of size x size."""
    height, width = pixels.shape[:2]
    x, y, w, h = inner_box(width, height, size)
    way = cv2.INTER_AREA if w < width else cv2.INTER_LINEAR
    square = np.full((size, size, 3), GREY, np.uint8)
    square[y : y + h, x : x + w] = cv2.resize(pixels, (w, h), interpolation=way)
    return View(square, np.array([[w / width, 0, x], [0, h / height, y], [0, 0, 1]], np.float64))


def card_view(pixels: Pixels, corners: NDArray[np.float32], size: int) -> View:
    """A card cut out upright with some ground around it, in a grey square of size x size."""
    x, y, w, h = inner_box(CARD_ASPECT, 1.0, size)
    margin = CLOSE_LOOK_MARGIN
    unit = Quad.of_box(0, 0, 1, 1).corners
    wider = Quad.of_box(-margin, -margin, 1 + margin, 1 + margin).corners
    onto_card = cv2.getPerspectiveTransform(unit, corners)
    around = cv2.perspectiveTransform(wider.reshape(1, 4, 2), onto_card).reshape(4, 2)
    target = Quad.of_box(x, y, x + w, y + h).corners
    matrix = cv2.getPerspectiveTransform(np.asarray(around, np.float32), target)
    shown = Quad(np.asarray(around, np.float32))
    square = np.full((size, size, 3), GREY, np.uint8)
    square[y : y + h, x : x + w] = rectify(pixels, shown, (w, h))
    # Beyond the picture the view is grey, as in training, not the picture's last row drawn out.
    known = cv2.warpPerspective(
        np.ones(pixels.shape[:2], np.uint8), matrix, (size, size), flags=cv2.INTER_NEAREST
    )
    square[known == 0] = GREY
    return View(square, np.asarray(matrix, np.float64))


def painted_over(pixels: Pixels, corners: NDArray[np.float32]) -> Pixels:
    """A copy in which a card (corners 4 x 2) has the colour of what surrounds it, so that another look finds another."""
    middle = corners.mean(axis=0)
    inner, outer = (
        np.rint((corners - middle) * grown + middle).astype(np.int32) for grown in PAINTED
    )
    ring = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(ring, outer, 255)
    cv2.fillConvexPoly(ring, inner, 0)
    around = cv2.mean(pixels, ring)[:3] if ring.any() else (GREY,) * 3
    gone = pixels.copy()
    cv2.fillConvexPoly(gone, inner, around)
    return gone


def as_tensor(view: Pixels) -> NDArray[np.float32]:
    """1 x 3 x size x size in about [-1, 1]; the grey of the border is 0."""
    planes = (view.astype(np.float32) - GREY) / GREY
    return np.ascontiguousarray(planes.transpose(2, 0, 1)[None])


def reduced(pixels: Pixels) -> Pixels:
    """The picture no larger than the looks need."""
    height, width = pixels.shape[:2]
    factor = WORKING_SIDE / max(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
