"""Back of the twelve-digit identity card; the first ones also name the parents (Circular 27/2012/TT-BCA)."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.issuing import names_parents
from specimens.layouts import barcode_card
from specimens.layouts.sheet import Sheet, Slots


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    return barcode_card.draw_back(canvas, sheet, parents=names_parents(sheet.person.issue_date))
