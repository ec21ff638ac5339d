"""The lines of a rectified card as printed rows, whose every character knows its confidence and its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.types import Quad, TextLine

FRAME = (1012, 638)
"""Width, height of a rectified ID-1 card in pixels: 85.6 x 53.98 mm at 300 dots per inch."""

_ROW_OVERLAP = 0.5
"""Two boxes share a row when their centres are nearer than this fraction of the lower box's height."""

_EDGE_STEP, _EDGE_STEPS = 10.0, 6
"""Pixels of the frame: a gap between columns is looked for this far from where it should be, in such steps."""
_WORD = re.compile(r"\S+")

_Ink: TypeAlias = NDArray[np.float32]
"""N x 5, per character: confidence, x0, y0, x1, y1 in pixels of the frame."""
Place: TypeAlias = tuple[float, ...]
"""x0, y0, x1, y1 of one character, pixels of the frame."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a card in fractions of its width and height."""

    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, quad: Quad) -> bool:
        """Does the centre of a quad of the frame lie inside?"""
        x, y = quad.centre
        return self.x0 <= x / FRAME[0] <= self.x1 and self.y0 <= y / FRAME[1] <= self.y1


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Text in reading order, of one printed row or of several."""

    text: str
    ink: _Ink

    def __post_init__(self) -> None:
        if len(self.text) != len(self.ink):
            raise ValueError("one ink record per character")

    def part(self, start: int, end: int | None = None) -> Run:
        """Characters start:end without blanks around them."""
        end = len(self.text) if end is None else end
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return Run(self.text[start:end], self.ink[start:end])

    def within(self, x0: float, x1: float) -> Run:
        """The words whose middle lies from x0 to x1, pixels of the frame."""
        if not self.text or (x0 <= self.left and self.ink[-1, 3] <= x1):
            return self
        middles = [
            (word, float(self.ink[word.start() : word.end(), [1, 3]].mean()))
            for word in _WORD.finditer(self.text)
        ]
        inside = [word for word, x in middles if x0 <= x <= x1]
        return self.part(inside[0].start(), inside[-1].end()) if inside else self.part(0, 0)

    @property
    def places(self) -> tuple[Place, ...]:
        """Of each character."""
        return tuple(tuple(place) for place in self.ink[:, 1:].tolist())

    def without(self, taken: frozenset[Place]) -> Run:
        """The characters that stand at none of these places."""
        free = [place not in taken for place in self.places]
        text = "".join(c for c, is_free in zip(self.text, free, strict=True) if is_free)
        return Run(text, self.ink[np.asarray(free, bool)]).part(0)

    @property
    def confidence(self) -> float:
        """The chance that no character is wrong, taking their errors as independent; 0 for no text."""
        return float(np.prod(self.ink[:, 0].astype(np.float64))) if self.text else 0.0

    @property
    def quad(self) -> Quad:
        return Quad.of_box(self.left, self.top, float(self.ink[:, 3].max()), self.bottom)

    @property
    def left(self) -> float:
        return float(self.ink[:, 1].min())

    @property
    def top(self) -> float:
        return float(self.ink[:, 2].min())

    @property
    def bottom(self) -> float:
        return float(self.ink[:, 4].max())

    @property
    def height(self) -> float:
        """Mean height of its characters: of one row, also where the run has several."""
        return float((self.ink[:, 4] - self.ink[:, 2]).mean())


def joined(runs: Sequence[Run]) -> Run:
    """One after the other, a blank between."""
    texts: list[str] = []
    inks: list[_Ink] = []
    for run in runs:
        if not run.text:
            continue
        if texts:
            texts.append(" ")
            blank = run.ink[:1].copy()
            blank[0, 0], blank[0, 3] = 1.0, blank[0, 1]
            inks.append(blank)
        texts.append(run.text)
        inks.append(run.ink)
    return Run("".join(texts), np.concatenate(inks) if inks else np.empty((0, 5), np.float32))


def columns_of_rows(
    lines: Sequence[TextLine], edges: Sequence[float] = ()
) -> tuple[tuple[Run, ...], ...]:
    """Boxes of one printed row joined left to right; rows top to bottom; columns left to right.

    Args:
        edges: fractions of the width where one column of the print ends and the next begins, as far as the card's corners
            are right; a row never crosses them.
    """
    parted = [_parting(lines, edge * FRAME[0]) for edge in edges]
    columns: list[list[list[TextLine]]] = [[] for _ in range(len(edges) + 1)]
    for line in sorted((x for x in lines if x.text.strip()), key=lambda x: x.quad.centre[1]):
        column = columns[sum(line.quad.centre[0] >= x for x in parted)]
        row = next((row for row in reversed(column) if _on_row(line, row)), None)
        if row is None:
            column.append([line])
        else:
            row.append(line)
    return tuple(tuple(_joined_boxes(row) for row in column) for column in columns)


def _parting(lines: Sequence[TextLine], edge: float) -> float:
    """The x near an edge that the fewest boxes lie across, the nearest of several."""
    spans = [(line.quad.box[0], line.quad.box[2]) for line in lines]
    tried = [edge + step * _EDGE_STEP for step in range(-_EDGE_STEPS, _EDGE_STEPS + 1)]
    return min(
        tried,
        key=lambda x: (
            sum(x0 + _EDGE_STEP < x < x1 - _EDGE_STEP for x0, x1 in spans),
            abs(x - edge),
        ),
    )


def _joined_boxes(row: Sequence[TextLine]) -> Run:
    return joined([_run_of(x) for x in sorted(row, key=lambda x: x.quad.centre[0])])


def _on_row(line: TextLine, row: Sequence[TextLine]) -> bool:
    y = float(np.mean([x.quad.centre[1] for x in row]))
    height = min(line.quad.height, *(x.quad.height for x in row))
    return abs(line.quad.centre[1] - y) < _ROW_OVERLAP * height


def _run_of(line: TextLine) -> Run:
    """Characters spread evenly over the box."""
    x0, y0, x1, y1 = line.quad.box
    count = len(line.text)
    edges = np.linspace(x0, x1, count + 1, dtype=np.float32)
    ink = np.empty((count, 5), np.float32)
    ink[:, 0] = line.reading.confidences
    ink[:, 1], ink[:, 3] = edges[:-1], edges[1:]
    ink[:, 2], ink[:, 4] = y0, y1
    return Run(line.text, ink)
