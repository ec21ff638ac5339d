"""Front of the chip citizen card of 2021 (Circular 06/2021/TT-BCA)."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import MM, Canvas
from specimens.layouts.sheet import (
    PORTRAIT_BOX,
    Flow,
    Sheet,
    Slots,
    background,
    flow,
    headings,
    label,
    mark_specimen,
    portrait,
    qr,
    title,
)
from specimens.people import written

LEFT = 286.0
"""Where the text column starts."""
CENTRE, HEAD_WIDTH = 490.0, 560.0


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person, bold = sheet.person, canvas.style.bold
    background(
        canvas,
        ((226, 232, 206), (226, 240, 226), (214, 228, 238), (232, 226, 206)),
        (176, 190, 120),
        down=0.35,
    )
    backdrop.drum(canvas, (640, 350), 250, (160, 176, 120), 0.3)
    backdrop.rosette(canvas, (930, 560), 150, (200, 160, 190), 0.22, petals=9)
    mark_specimen(canvas)
    backdrop.emblem(canvas, (101, 100), 12 * MM)
    headings(canvas, CENTRE, top=50, widest=HEAD_WIDTH)
    title(canvas, "CĂN CƯỚC CÔNG DÂN", "Citizen Identity Card", CENTRE, 192, HEAD_WIDTH - 110)
    backdrop.chip_symbol(canvas, (750, 196), 46)

    end = label(canvas, "Số / No.:", (LEFT, 275), 26)
    canvas.text(person.number, (end + 14, 276), 41, bold=True, field="number")
    label(canvas, "Họ và tên / Full name:", (LEFT, 321))
    canvas.text(person.full_name.upper(), (LEFT, 362), 31, bold=bold, field="full_name", widest=690)
    end = label(canvas, "Ngày sinh / Date of birth:", (LEFT, 404))
    canvas.text(written(person.birth_date), (end + 12, 405), 28, bold=bold, field="birth_date")
    end = label(canvas, "Giới tính / Sex:", (LEFT, 446))
    end = canvas.text(person.sex, (end + 12, 447), 28, bold=bold, field="sex")
    end = label(canvas, "Quốc tịch / Nationality:", (max(end + 40, 560), 446))
    canvas.text(person.nationality, (end + 12, 447), 28, bold=bold, field="nationality")
    label(canvas, "Quê quán / Place of origin:", (LEFT, 483))
    canvas.text(person.origin, (LEFT, 515), 27, bold=bold, field="origin", widest=690)
    end = label(canvas, "Nơi thường trú / Place of residence:", (LEFT, 553))
    flow(canvas, person.residence, "residence", Flow(first=(end + 10, 554), left=LEFT, pitch=38))

    x, y = PORTRAIT_BOX[0] - 4, PORTRAIT_BOX[1] + PORTRAIT_BOX[3]
    end = label(canvas, "Có giá trị đến:", (x, y + 25), 17)
    canvas.text(
        person.expiry_text,
        (end + 6, y + 26),
        20,
        bold=bold,
        field="expiry_date",
        widest=LEFT - end - 16,
    )
    label(canvas, "Date of expiry:", (x, y + 46), 16)
    return Slots(portrait(canvas, sheet.portrait), qr(canvas, sheet.qr, (812, 36), 13))
