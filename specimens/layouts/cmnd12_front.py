"""Front of the twelve-digit identity card (Circular 27/2012/TT-BCA): ethnicity, but no nationality."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import barcode_card
from specimens.layouts.sheet import Entry, Flow, Sheet, Slots, entry, flow, label, place_entry
from specimens.people import written

LEFT = barcode_card.LEFT


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person = sheet.person
    barcode_card.begin_front(canvas, "CHỨNG MINH NHÂN DÂN")
    barcode_card.number(canvas, sheet)
    end = label(canvas, "Họ và tên khai sinh:", (LEFT, 244), 23)
    name = Flow((end + 12, 245), LEFT + 130, 38, 28)
    flow(canvas, person.full_name.upper(), "full_name", name)
    alias = Entry("Họ và tên gọi khác:", person.alias.upper(), "alias", 25, 23)
    entry(canvas, alias, (LEFT, 322))
    born = Entry("Ngày, tháng, năm sinh:", written(person.birth_date), "birth_date", 27, 23)
    entry(canvas, born, (LEFT, 366))
    end = entry(canvas, Entry("Giới tính:", person.sex, "sex", 27, 23), (LEFT, 410))
    kin = Entry("Dân tộc:", person.ethnicity, "ethnicity", 27, 23)
    entry(canvas, kin, (max(end + 60, 590), 410))
    place_entry(canvas, Entry("Quê quán:", person.origin, "origin", 26, 23), (LEFT, 454), 38)
    home = Entry("Nơi thường trú:", person.residence, "residence", 26, 23)
    place_entry(canvas, home, (LEFT, 536), 40)
    return barcode_card.end_front(canvas, sheet)
