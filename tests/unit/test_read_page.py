"""Lines of a page, whichever tile they were found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from models.types import Image, LineReading, Pixels, Quad, TextBox
from pipelines.read_page import ReadPage
from tests.unit.scripted_models import reading

PAPER = 255
SIZE = (1400, 1000)
Bar = tuple[int, int, int, int]


@dataclass(frozen=True)
class Bars:
    """A page of grey bars, one level per line: finder and reader see what is in the pixels they are given."""

    lines: Sequence[tuple[Bar, str]]
    sure: float = 0.9

    def page(self) -> Image:
        pixels = np.full((*SIZE, 3), PAPER, np.uint8)
        for level, ((x0, y0, x1, y1), _) in enumerate(self.lines):
            pixels[y0:y1, x0:x1] = 10 + level
        return Image(pixels)

    def find(self, image: Image) -> list[TextBox]:
        grey = image.pixels[:, :, 0]
        found = []
        for level in range(len(self.lines)):
            rows, columns = np.nonzero(grey == 10 + level)
            if len(rows):
                box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                found.append(TextBox(Quad.of_box(*map(float, box)), 0.9))
        return found

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        levels = [int(np.median(crop[:, :, 0])) - 10 for crop in crops]
        return [reading(self.lines[level][1], self.sure) for level in levels]

    def restricted(
        self, reading: LineReading, alphabet: str, *, pitch_of: int | None = None
    ) -> LineReading:
        return reading


def test_lines_over_the_edges_of_tiles_are_read_once_and_in_order() -> None:
    lines = [((50, 100 + 90 * i, 950, 140 + 90 * i), f"dòng {i}") for i in range(14)]
    bars = Bars(lines)
    assert ReadPage(bars, bars)(bars.page()) == [text for _, text in lines]


def test_what_stands_at_one_height_is_one_line() -> None:
    bars = Bars(
        [((600, 205, 900, 245), "phải"), ((50, 200, 400, 240), "trái"), ((50, 20, 900, 60), "trên")]
    )
    assert ReadPage(bars, bars)(bars.page()) == ["trên", "trái phải"]


class RunTogether(Bars):
    """Words whose upper halves lie beyond the picture's edge are found as one."""

    def find(self, image: Image) -> list[TextBox]:
        found = super().find(image)
        halves = [box.quad.box for box in found if box.quad.box[1] <= 0]
        if len(halves) < 2:
            return found
        x0, y0, x1, y1 = zip(*halves, strict=True)
        one = TextBox(Quad.of_box(min(x0), min(y0), max(x1), max(y1)), 0.9)
        return [one, *(box for box in found if box.quad.box[1] > 0)]


def test_halves_of_words_at_a_tiles_edge_do_not_displace_the_whole_ones() -> None:
    words = ["một", "hai", "ba"]  # the second row of tiles begins at 420
    bars = RunTogether([((40 + 160 * i, 405, 180 + 160 * i, 445), w) for i, w in enumerate(words)])
    assert ReadPage(bars, bars)(bars.page()) == ["một hai ba"]


class Arrows(Bars):
    """Bars whose first quarter is marked: read only upright, as words are."""

    def page(self) -> Image:
        pixels = super().page().pixels
        for (x0, y0, x1, y1), _ in self.lines:
            pixels[y0:y1, x0 : x0 + (x1 - x0) // 4, 2] = 0
        return Image(pixels)

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        upright = [np.median(crop[:, : crop.shape[1] // 4, 2]) < 5 for crop in crops]
        told = zip(super().read(crops), upright, strict=True)
        return [line if up else reading(line.text[::-1], 0.2) for line, up in told]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_read_whichever_way_it_was_scanned(quarters: int) -> None:
    lines = [((50, 100 + 90 * i, 950, 140 + 90 * i), f"dòng {i}") for i in range(14)]
    arrows = Arrows(lines)
    scanned = Image(np.ascontiguousarray(np.rot90(arrows.page().pixels, quarters)))
    assert ReadPage(arrows, arrows)(scanned) == [text for _, text in lines]


def test_nothing_and_noise() -> None:
    empty, noise = Bars([]), Bars([((50, 100, 900, 140), "~~")], sure=0.2)
    assert ReadPage(empty, empty)(empty.page()) == []
    assert ReadPage(noise, noise)(noise.page()) == []
