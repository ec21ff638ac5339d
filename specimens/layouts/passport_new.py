"""Data page of the navy passport of 7/2022 (Circular 73/2021/TT-BCA): the personal number, no place of birth."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import passport_page as page
from specimens.layouts.sheet import Sheet, Slots

PAPER = ((236, 222, 214), (240, 234, 222), (228, 214, 224))
LINE = (200, 160, 150)


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the page."""
    person = sheet.person
    rows = (
        page.heading_row(person),
        page.full_name(person),
        page.nationality(person),
        (page.birth_date(person), page.sex(person, page.THIRD - 110)),
        (page.personal_number(person, page.LEFT),),
        page.dates(person),
        page.issuer(person),
    )
    return page.draw_page(canvas, sheet, rows, PAPER, LINE)
