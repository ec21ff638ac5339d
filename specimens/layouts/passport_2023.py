"""Data page of the passport since 2023 (Circular 68/2022/TT-BCA): the name in two parts, place of birth again."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import passport_page as page
from specimens.layouts.passport_new import LINE, PAPER
from specimens.layouts.sheet import Sheet, Slots


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the page."""
    person = sheet.person
    rows = (
        page.heading_row(person),
        (page.Cell(page.LEFT, "Họ / Surname", person.surname.upper(), "surname"),),
        (
            page.Cell(
                page.LEFT, "Chữ đệm và tên / Given names", person.given_names.upper(), "given_names"
            ),
        ),
        page.nationality(person),
        (page.birth_date(person), page.birth_place(person)),
        (page.sex(person), page.personal_number(person, page.THIRD - 110)),
        page.dates(person),
        page.issuer(person),
    )
    return page.draw_page(canvas, sheet, rows, PAPER, LINE)
