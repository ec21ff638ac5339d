"""Front of the identity card of July 2024 (Law 26/2023/QH15, Circular 16/2024/TT-BCA): no address, no expiry."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import MM, Canvas
from specimens.layouts.sheet import (
    Sheet,
    Slots,
    background,
    headings,
    label,
    mark_specimen,
    portrait,
    title,
)
from specimens.people import written

LEFT = 292.0
CENTRE, HEAD_WIDTH = 590.0, 640.0


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person, bold = sheet.person, canvas.style.bold
    background(
        canvas,
        ((238, 222, 190), (206, 236, 244), (210, 240, 246), (240, 220, 188)),
        (206, 180, 120),
        down=0.5,
    )
    backdrop.drum(canvas, (700, 360), 240, (150, 176, 170), 0.3)
    backdrop.rosette(canvas, (60, 600), 140, (200, 170, 120), 0.25, petals=8)
    mark_specimen(canvas)
    backdrop.emblem(canvas, (108, 102), 12 * MM)
    headings(canvas, CENTRE, top=48, widest=HEAD_WIDTH)
    title(canvas, "CĂN CƯỚC", "IDENTITY CARD", CENTRE, 190, HEAD_WIDTH)
    backdrop.chip_symbol(canvas, (CENTRE + 200, 168), 48)

    label(canvas, "Số định danh cá nhân / Personal identification number:", (LEFT, 276))
    canvas.text(person.number, (LEFT, 332), 43, bold=True, field="number")
    label(canvas, "Họ, chữ đệm và tên khai sinh / Full name:", (LEFT, 376))
    canvas.text(person.full_name.upper(), (LEFT, 421), 32, bold=bold, field="full_name", widest=690)
    label(canvas, "Ngày, tháng, năm sinh / Date of birth:", (LEFT, 470))
    canvas.text(written(person.birth_date), (LEFT, 520), 30, bold=bold, field="birth_date")
    end = label(canvas, "Giới tính / Sex:", (LEFT, 573))
    end = canvas.text(person.sex, (end + 12, 574), 28, bold=bold, field="sex")
    end = label(canvas, "Quốc tịch / Nationality:", (max(end + 45, 580), 573))
    canvas.text(
        person.nationality, (end + 12, 574), 28, bold=bold, field="nationality", widest=980 - end
    )
    return Slots(portrait(canvas, sheet.portrait))
