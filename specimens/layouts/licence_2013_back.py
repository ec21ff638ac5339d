"""Back of the driving licence of 2013; with a QR code since June 2020 (Circular 38/2019/TT-BGTVT)."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import licence
from specimens.layouts.licence_2013_front import FORM
from specimens.layouts.sheet import Sheet, Slots


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    return licence.draw_back(canvas, sheet, FORM)
