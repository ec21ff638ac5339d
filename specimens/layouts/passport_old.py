"""Data page of the green passport issued until mid-2022: the name on one line, the number of the CMND."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import passport_page as page
from specimens.layouts.sheet import Sheet, Slots
from specimens.machine_readable import card_number

PAPER = ((214, 234, 216), (206, 232, 238), (216, 230, 206))
LINE = (150, 186, 130)


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the page."""
    person = sheet.person
    card = page.Cell(
        page.THIRD - 110, "Số GCMND / ID card N°", card_number(person), "personal_number"
    )
    rows = (
        page.heading_row(person),
        page.full_name(person),
        page.nationality(person),
        (page.birth_date(person), page.birth_place(person)),
        (page.sex(person), card),
        page.dates(person),
        page.issuer(person),
    )
    return page.draw_page(canvas, sheet, rows, PAPER, LINE)
