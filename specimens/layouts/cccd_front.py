"""Front of the citizen card with a barcode (Circular 61/2015/TT-BCA): Vietnamese only, no QR."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import barcode_card
from specimens.layouts.sheet import Entry, Flow, Sheet, Slots, entry, flow, label, place_entry
from specimens.people import written

LEFT = barcode_card.LEFT


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person = sheet.person
    barcode_card.begin_front(canvas, "CĂN CƯỚC CÔNG DÂN")
    barcode_card.number(canvas, sheet)
    end = label(canvas, "Họ và tên:", (LEFT, 250), 24)
    name = Flow((end + 12, 251), LEFT + 130, 44, 31)
    flow(canvas, person.full_name.upper(), "full_name", name)
    born = Entry("Ngày, tháng, năm sinh:", written(person.birth_date), "birth_date", 28, 24)
    entry(canvas, born, (LEFT, 340))
    end = entry(canvas, Entry("Giới tính:", person.sex, "sex", 28, 24), (LEFT, 386))
    land = Entry("Quốc tịch:", person.nationality, "nationality", 28, 24)
    entry(canvas, land, (max(end + 60, 590), 386))
    place_entry(canvas, Entry("Quê quán:", person.origin, "origin", 27, 24), (LEFT, 432), 42)
    home = Entry("Nơi thường trú:", person.residence, "residence", 27, 24)
    place_entry(canvas, home, (LEFT, 522), 44)
    return barcode_card.end_front(canvas, sheet)
