"""The DB post-processing on a hand-made probability map, and reading order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from models.session import OnnxSession
from models.text.ppocr_db import DbSettings, PpOcrDb, in_reading_order
from models.types import Image, Quad, TextBox


class Painted:
    """A session whose answer is painted: probability 0.9 inside the rectangles (fractions of the picture)."""

    input_names = ("x",)

    def __init__(self, *boxes: tuple[float, float, float, float], probability: float = 0.9) -> None:
        self.boxes, self.probability = boxes, probability
        self.shapes: list[tuple[int, ...]] = []

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        shape = inputs["x"].shape
        self.shapes.append(shape)
        text = np.zeros((1, 1, *shape[2:]), np.float32)
        height, width = shape[2:]
        for x0, y0, x1, y1 in self.boxes:
            text[0, 0, int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)] = (
                self.probability
            )
        return [text]


def finder(session: Painted) -> PpOcrDb:
    return PpOcrDb(cast(OnnxSession, session), DbSettings(longest_side=640))


CARD = Image(np.full((638, 1012, 3), 200, np.uint8))


def test_a_region_comes_back_in_picture_pixels_grown_on_every_side() -> None:
    [box] = finder(Painted((0.2, 0.4, 0.6, 0.45))).find(CARD)
    x0, y0, x1, y1 = box.quad.box
    assert x0 < 0.2 * 1012 < 0.6 * 1012 < x1
    assert y0 < 0.4 * 638 < 0.45 * 638 < y1
    assert box.quad.height < 0.12 * 638
    assert box.score == pytest.approx(0.9, abs=0.05)


def test_faint_regions_are_dropped() -> None:
    assert finder(Painted((0.2, 0.4, 0.6, 0.5), probability=0.4)).find(CARD) == []


def test_a_large_photo_is_shrunk_to_multiples_of_the_stride() -> None:
    session = Painted()
    finder(session).find(Image(np.zeros((3000, 4000, 3), np.uint8)))
    assert session.shapes == [(1, 3, 480, 640)]


def test_a_tiny_picture_is_no_reason_to_fail() -> None:
    assert finder(Painted()).find(Image(np.zeros((1, 1, 3), np.uint8))) == []


def test_reading_order_goes_by_line_then_left_to_right() -> None:
    def box(x: float, y: float) -> TextBox:
        return TextBox(Quad.of_box(x, y, x + 50, y + 20), 1.0)

    boxes = [box(300, 12), box(10, 60), box(10, 10), box(200, 64)]
    ordered = [b.quad.box[:2] for b in in_reading_order(boxes)]
    assert ordered == [(10, 10), (300, 12), (10, 60), (200, 64)]


def test_a_box_without_height_has_its_place_too() -> None:
    flat = TextBox(Quad.of_box(10, 30, 90, 30), 1.0)
    high = TextBox(Quad.of_box(10, 10, 90, 20), 1.0)
    assert in_reading_order([flat, high]) == [high, flat]
