"""A card that was not found: it is looked at around its own print, and the better of two looks is kept."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.types import Image, LineReading, Pixels, Quad, TextBox
from pipelines.read_document import ReadDocument
from tests.unit.scripted_models import Finder, chip_front, reading

PAPER, FIRST, STEP = 255, 10, 12
LEFT, TOP, SCALE = 900, 700, 0.5
SCENE = (1600, 2400)
LINES = chip_front()


class Bars:
    """Lines as bars of one grey level each, seen wherever they are in the picture given."""

    def __init__(self, sure: float) -> None:
        self._sure = sure

    def scene(self) -> Image:
        pixels = np.full((*SCENE, 3), PAPER, np.uint8)
        for i, line in enumerate(LINES):
            x0, y0, x1, y1 = (round(SCALE * v) for v in line.quad.box)
            pixels[TOP + y0 : TOP + y1, LEFT + x0 : LEFT + x1] = FIRST + STEP * i
        return Image(pixels)

    def find(self, image: Image) -> list[TextBox]:
        found = []
        for i in range(len(LINES)):
            near = np.abs(image.pixels[:, :, 0].astype(int) - (FIRST + STEP * i)) <= 2
            inked = cv2.erode(near.astype(np.uint8), np.ones((3, 3), np.uint8))
            rows, columns = np.nonzero(inked)
            if len(rows) > 20:
                box = (columns.min() - 1, rows.min() - 1, columns.max() + 2, rows.max() + 2)
                found.append(TextBox(Quad.of_box(*map(float, box)), 0.9))
        return found

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        levels = [round((float(np.median(crop)) - FIRST) / STEP) for crop in crops]
        return [reading(LINES[i].text if 0 <= i < len(LINES) else "", self._sure) for i in levels]

    def restricted(
        self, reading: LineReading, alphabet: str, *, pitch_of: int | None = None
    ) -> LineReading:
        return reading


def share_of_scene(sure: float) -> float:
    bars = Bars(sure)
    read = ReadDocument(Finder(), bars, bars)(bars.scene())
    assert read.document.slug == "chip_front"
    return float(cv2.contourArea(read.quad.corners)) / (SCENE[0] * SCENE[1])


def test_a_small_card_that_was_not_found_is_read_around_its_print() -> None:
    assert share_of_scene(sure=0.97) < 0.15


def test_print_that_is_hardly_read_moves_nothing() -> None:
    assert share_of_scene(sure=0.7) > 0.9
