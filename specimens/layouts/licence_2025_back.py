"""Back of the driving licence of March 2025 (Circular 12/2025/TT-BCA, annex X)."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import licence
from specimens.layouts.licence_2025_front import FORM
from specimens.layouts.sheet import Sheet, Slots


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    return licence.draw_back(canvas, sheet, FORM)
