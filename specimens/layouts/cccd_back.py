"""Back of the citizen card with a barcode (Circular 61/2015/TT-BCA)."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import barcode_card
from specimens.layouts.sheet import Sheet, Slots


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    return barcode_card.draw_back(canvas, sheet, parents=False)
