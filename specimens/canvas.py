"""The surface a layout prints on: every printed line leaves its text and quad in the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from specimens.fonts import FontFamily, ocr_b, sized
from specimens.truth import Corners, Pixels, TruthLine

WIDTH, HEIGHT = 1012, 638
"""Units of a card's layout: ID-1, 85.6 x 53.98 mm, at about 300 dots per inch."""
MM = WIDTH / 85.6
"""Units per millimetre, on every sheet."""
PAGE_WIDTH, PAGE_HEIGHT = round(125 * MM), round(88 * MM)
"""Units of a passport's data page: ID-3."""

SMALLEST_TYPE = 6
"""Pixels; below it no letter is drawn well."""

Colour = tuple[int, int, int]
"""BGR."""
BLACK: Colour = (32, 28, 26)
RED: Colour = (40, 36, 196)


@dataclass(frozen=True, slots=True)
class Style:
    """What differs from one printed card to the next.

    Attributes:
        family: of labels and values; title: of the headings.
        ink: opacity of the print, [0, 1].
        size: factor on every text size; bold: values are bold.
        label: colour of the labels.
        dx, dy: offset of the whole print, units.
    """

    family: FontFamily
    title: FontFamily
    ink: float
    size: float
    bold: bool
    label: Colour
    dx: float
    dy: float


@dataclass(slots=True)
class Canvas:
    """A sheet being printed. Coordinates are in units (1012 x 638 on a card) whatever the scale.

    Text is placed by its left end on the baseline, as type is, so lines in several sizes align.
    """

    pixels: NDArray[np.float32]
    scale: float
    style: Style
    rng: np.random.Generator
    lines: list[TruthLine] = field(default_factory=list)

    @property
    def width(self) -> float:
        """Of the sheet, units."""
        return float(self.pixels.shape[1] / self.scale)

    @property
    def height(self) -> float:
        return float(self.pixels.shape[0] / self.scale)

    def _font(self, size: float, *, bold: bool, title: bool = False) -> ImageFont.FreeTypeFont:
        family = self.style.title if title else self.style.family
        return sized(
            family.bold if bold else family.regular,
            max(SMALLEST_TYPE, round(size * self.style.size * self.scale)),
        )

    def width_of(self, text: str, size: float, *, bold: bool = False, title: bool = False) -> float:
        """Advance width of a text, units."""
        return self._font(size, bold=bold, title=title).getlength(text) / self.scale

    def text(
        self,
        text: str,
        at: tuple[float, float],
        size: float,
        *,
        bold: bool = False,
        title: bool = False,
        colour: Colour = BLACK,
        field: str | None = None,
        anchor: str = "ls",
        widest: float | None = None,
    ) -> float:
        """Prints a line and records it; returns the x where it ends, units.

        Args:
            at: (x, y) of the anchor, y on the baseline; anchor "ls" left, "ms" middle, "rs" right.
            widest: the size shrinks until the line is no wider than this, units.
        """
        font = self._font(size, bold=bold, title=title)
        if widest is not None:
            font = _narrowed(font, text, widest * self.scale)
        x, y = (at[0] + self.style.dx) * self.scale, (at[1] + self.style.dy) * self.scale
        box = self._print(text, (x, y), font, colour, anchor)
        self.lines.append(TruthLine(text, box, field))
        return float(box[1, 0]) / self.scale - self.style.dx

    def _print(
        self,
        text: str,
        at: tuple[float, float],
        font: ImageFont.FreeTypeFont,
        colour: Colour,
        anchor: str,
    ) -> Corners:
        """Lays ink on the pixels; returns the quad of the ink."""
        left, top, right, bottom = font.getbbox(text, anchor=anchor)
        x0, y0 = int(at[0] + left) - 2, int(at[1] + top) - 2
        width, height = int(right - left) + 5, int(bottom - top) + 5
        mask = Image.new("L", (width, height), 0)
        ImageDraw.Draw(mask).text(
            (at[0] - x0, at[1] - y0), text, font=font, fill=255, anchor=anchor
        )
        self.ink(np.asarray(mask, np.float32) / 255.0, (x0, y0), colour, self.style.ink)
        edges = (at[0] + left, at[1] + top, at[0] + right, at[1] + bottom)
        return box_quad(*edges)

    def ink(
        self, mask: NDArray[np.float32], at: tuple[int, int], colour: Colour, opacity: float
    ) -> None:
        """Blends a colour through a mask whose top-left stands at a pixel; what falls off the card is lost."""
        height, width = mask.shape
        x0, y0 = max(at[0], 0), max(at[1], 0)
        x1, y1 = min(at[0] + width, self.pixels.shape[1]), min(at[1] + height, self.pixels.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = mask[y0 - at[1] : y1 - at[1], x0 - at[0] : x1 - at[0], None] * opacity
        region = self.pixels[y0:y1, x0:x1]
        region += part * (np.array(colour, np.float32) - region)

    def mrz(self, lines: tuple[str, ...], top: float, pitch: float) -> None:
        """The machine readable zone: OCR-B, 2.54 mm per character (ICAO 9303 part 5)."""
        advance = 2.54 * MM * float(self.rng.uniform(0.985, 1.01))
        left = (self.width - len(lines[0]) * advance) / 2 + float(self.rng.uniform(-6, 6))
        probe = sized(ocr_b(), 100).getlength("0") / 100.0
        font = sized(ocr_b(), max(6, round(advance / probe * self.scale * 0.98)))
        for row, line in enumerate(lines):
            y = (top + row * pitch + self.style.dy) * self.scale
            boxes = [
                self._print(
                    letter, ((left + (i + 0.5) * advance) * self.scale, y), font, BLACK, "ms"
                )
                for i, letter in enumerate(line)
            ]
            points = np.concatenate(boxes)
            x0, y0 = points.min(axis=0)
            x1, y1 = points.max(axis=0)
            self.lines.append(
                TruthLine(line, box_quad(float(x0), float(y0), float(x1), float(y1)), "mrz")
            )

    def picture(
        self, picture: Pixels, box: tuple[float, float, float, float], *, softness: float = 0.0
    ) -> Corners:
        """Pastes a picture into x, y, w, h units; returns its quad in pixels."""
        x, y, w, h = (round(v * self.scale) for v in box)
        small = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)
        self.pixels[y : y + h, x : x + w] = (
            cv2.GaussianBlur(small, (0, 0), softness) if softness > 0 else small
        )
        return box_quad(x, y, x + w, y + h)


def _narrowed(font: ImageFont.FreeTypeFont, text: str, widest: float) -> ImageFont.FreeTypeFont:
    """The font, smaller where the text would be wider than `widest` pixels; sizes are whole pixels."""
    long = font.getlength(text)
    path, size = Path(str(font.path)), round(float(font.size))
    if long > widest:
        size = int(size * widest / long)
    return sized(path, max(SMALLEST_TYPE, size))


def box_quad(x0: float, y0: float, x1: float, y1: float) -> Corners:
    """An upright box as four corners."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
