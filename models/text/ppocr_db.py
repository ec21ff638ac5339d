"""PP-OCR's text finder (Differentiable Binarization) on our own session.

DB: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020. Thresholds and
the ratio by which a shrunk region grows back are those RapidOCR publishes beside the converted file.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import order_corners
from models.session import OnnxSession
from models.types import Image, Quad, TextBox

STRIDE = 32
"""The network needs sides that are multiples of this."""


@dataclass(frozen=True, slots=True)
class DbSettings:
    """Constants that travel with the weights (pack manifest).

    Attributes:
        longest_side: the picture is shrunk (never grown) so that its longer side is at most this, pixels.
        mean, deviation: per channel (blue, green, red), of pixel / 255.
        pixel_threshold: probability above which a pixel is text.
        box_threshold: mean probability inside a region below which it is dropped.
        unclip: area x unclip / perimeter is how far a region grows on each side.
        shortest_side: boxes thinner than this are dropped, pixels of the shrunk picture.
    """

    longest_side: int = 640
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    deviation: tuple[float, float, float] = (0.5, 0.5, 0.5)
    pixel_threshold: float = 0.3
    box_threshold: float = 0.5
    unclip: float = 1.6
    shortest_side: float = 3.0


class PpOcrDb:
    """Implements `models.ports.TextFinder`."""

    def __init__(self, session: OnnxSession, settings: DbSettings | None = None) -> None:
        self._session = session
        self._settings = settings or DbSettings()

    def find(self, image: Image) -> list[TextBox]:
        settings = self._settings
        scale = min(1.0, settings.longest_side / max(image.height, image.width))
        width = max(STRIDE, round(image.width * scale / STRIDE) * STRIDE)
        height = max(STRIDE, round(image.height * scale / STRIDE) * STRIDE)
        small = cv2.resize(image.pixels, (width, height), interpolation=cv2.INTER_AREA)
        mean, deviation = (np.array(c, np.float32) for c in (settings.mean, settings.deviation))
        x = (small.astype(np.float32) / 255 - mean) / deviation
        tensor = np.ascontiguousarray(x.transpose(2, 0, 1)[None])
        text = self._session.run({self._session.input_names[0]: tensor})[0][0, 0]
        to_image = np.array([image.width / width, image.height / height], np.float32)
        boxes = [
            TextBox(Quad(quad.corners * to_image), score)
            for quad, score in _regions(text, settings)
        ]
        return in_reading_order(boxes)


def _regions(text: NDArray[np.float32], settings: DbSettings) -> list[tuple[Quad, float]]:
    """Quads and scores from the H x W text probability, in its own pixels."""
    mask = (text > settings.pixel_threshold).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: list[tuple[Quad, float]] = []
    for outline in outlines:
        centre, (w, h), angle = cv2.minAreaRect(outline)
        if min(w, h) < settings.shortest_side:
            continue
        score = _mean_inside(text, np.asarray(outline, np.int32))
        if score < settings.box_threshold:
            continue
        grow = (w * h) * settings.unclip / (2 * (w + h))
        grown = cv2.boxPoints((centre, (w + 2 * grow, h + 2 * grow), angle))
        found.append((order_corners(grown + 0.5), score))
    return found


def _mean_inside(text: NDArray[np.float32], outline: NDArray[np.int32]) -> float:
    x, y, w, h = cv2.boundingRect(outline)
    inside = np.zeros((h, w), np.uint8)
    cv2.fillPoly(inside, [outline - np.array([x, y], np.int32)], 1)
    return float(cv2.mean(text[y : y + h, x : x + w], inside)[0])


def in_reading_order(boxes: list[TextBox]) -> list[TextBox]:
    """Top to bottom, and left to right among boxes whose centres are within half a line of each other."""
    rest = sorted(boxes, key=lambda box: box.quad.centre[1])
    ordered: list[TextBox] = []
    while rest:
        first = rest[0]
        row = [
            box
            for box in rest
            if box is first
            or abs(box.quad.centre[1] - first.quad.centre[1])
            < 0.5 * min(first.quad.height, box.quad.height)
        ]
        ordered += sorted(row, key=lambda box: box.quad.centre[0])
        rest = [box for box in rest if box not in row]
    return ordered
