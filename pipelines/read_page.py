"""A scanned page -> its lines of text, in reading order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.geometry import crop_line, rotate_quarter
from models.ports import TextFinder, TextReader
from models.types import Image, LineReading, Quad

_TILE = 0.4
"""Of a page's longer side. The finder looks at no more than some 640 pixels, in which the 2.5 mm letters of an A4 page are
5 pixels high and run together; tiles of this size show them about as large as a card's."""
_OVERLAP = 0.25
"""Of a tile: more than a line's height, so that every line is whole in one row of tiles."""
_LEAST_CONFIDENCE = 0.5
"""Mean character confidence: below are readings of stamps, rules and pictures."""
_SAME_LINE = 0.5
"""Of the lower box's height and width: two boxes that share this much are one line found in two bands."""
_SIDEWAYS = 1.0
"""Lines taller than wide, by this ratio of the median's sides, mean a page lying on its side."""


class ReadPage:
    def __init__(self, text_finder: TextFinder, text_reader: TextReader) -> None:
        self._finder = text_finder
        self._reader = text_reader

    def __call__(self, page: Image) -> list[str]:
        """Lines from top to bottom, columns' parts of one height joined by a space; empty when there is none.

        A page on its side is turned; one upside down is noticed by how badly it reads.
        """
        page = self._upright(page)
        lines, sureness = self._read(page)
        if sureness < _LEAST_CONFIDENCE:
            turned, better = self._read(rotate_quarter(page, 2))
            if better > sureness:
                lines = turned
        return lines

    def _upright(self, page: Image) -> Image:
        boxes = self._finder.find(page)
        if boxes and np.median([b.quad.height / b.quad.width for b in boxes]) > _SIDEWAYS:
            return rotate_quarter(page, 1)
        return page

    def _read(self, page: Image) -> tuple[list[str], float]:
        """Lines, and the mean confidence of everything found."""
        quads = self._places(page)
        readings = self._reader.read([crop_line(page.pixels, quad) for quad in quads])
        sureness = float(np.mean([r.confidence for r in readings])) if readings else 0.0
        kept = [
            (quad, reading)
            for quad, reading in zip(quads, readings, strict=True)
            if reading.confidence >= _LEAST_CONFIDENCE and reading.text.strip()
        ]
        return _rows(kept), sureness

    def _places(self, page: Image) -> list[Quad]:
        """Every line once, in the pixels of the page."""
        found: list[Quad] = []
        for top, bottom in _spans(page.height, page):
            row: list[Quad] = []
            for left, right in _spans(page.width, page):
                tile = Image(np.ascontiguousarray(page.pixels[top:bottom, left:right]))
                for box in self._finder.find(tile):
                    if _cut_off(box.quad, tile, above=top > 0, below=bottom < page.height):
                        continue
                    corners = box.quad.corners + np.array([left, top], np.float32)
                    row = _joined(row, Quad(corners.astype(np.float32)))
            found += row
        return _without_doubles(found)


def _spans(length: int, page: Image) -> list[tuple[int, int]]:
    """Overlapping pieces of one side of a page."""
    tile = max(1, round(_TILE * max(page.height, page.width)))
    if length <= tile:
        return [(0, length)]
    count = int(np.ceil((length - tile * _OVERLAP) / (tile * (1 - _OVERLAP))))
    starts = np.linspace(0, length - tile, max(2, count)).round().astype(int)
    return [(int(start), int(start) + tile) for start in starts]


def _cut_off(quad: Quad, tile: Image, *, above: bool, below: bool) -> bool:
    """Does a line go on beyond the tile's upper or lower edge? Then it is whole in the next row of tiles."""
    _, y0, _, y1 = quad.box
    beyond = (above and y0 <= 0) or (below and y1 >= tile.height)
    return beyond and y1 - y0 < _OVERLAP * tile.height


def _joined(quads: list[Quad], right: Quad) -> list[Quad]:
    """With one more box, from further right: a line that goes on over the edge of a tile becomes one."""
    for left in quads:
        u0, v0, u1, v1 = left.box
        x0, y0, x1, y1 = right.box
        level = min(v1, y1) - max(v0, y0) > _SAME_LINE * min(v1 - v0, y1 - y0)
        if level and u0 <= x0 <= u1 < x1:
            corners = np.stack(
                [left.corners[0], right.corners[1], right.corners[2], left.corners[3]]
            )
            return [*(quad for quad in quads if quad is not left), Quad(corners)]
    return [*quads, right]


def _without_doubles(quads: Sequence[Quad]) -> list[Quad]:
    """Of two boxes over one line, the larger: the other was cut by its band."""
    kept: list[Quad] = []
    for quad in sorted(quads, key=lambda q: -q.width * q.height):
        if not any(_covered(quad, other) for other in kept):
            kept.append(quad)
    return kept


def _covered(quad: Quad, other: Quad) -> bool:
    x0, y0, x1, y1 = quad.box
    u0, v0, u1, v1 = other.box
    across = min(x1, u1) - max(x0, u0)
    down = min(y1, v1) - max(y0, v0)
    return across > _SAME_LINE * (x1 - x0) and down > _SAME_LINE * (y1 - y0)


def _rows(lines: Sequence[tuple[Quad, LineReading]]) -> list[str]:
    """Top to bottom; what stands at one height is one row, left to right."""
    rest = sorted(lines, key=lambda line: line[0].centre[1])
    rows: list[str] = []
    while rest:
        first = rest[0][0]
        level, reach = first.centre[1], 0.5 * first.height
        row = [line for line in rest if abs(line[0].centre[1] - level) <= reach]
        rest = [line for line in rest if line not in row]
        row.sort(key=lambda line: line[0].centre[0])
        rows.append(" ".join(reading.text.strip() for _, reading in row))
    return rows
