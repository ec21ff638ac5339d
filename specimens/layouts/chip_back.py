"""Back of the chip citizen card of 2021 (Circular 06/2021/TT-BCA)."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import Canvas
from specimens.layouts.officials import issuer_rows, sign
from specimens.layouts.sheet import (
    LABEL_SIZE,
    Sheet,
    Slots,
    background,
    label,
    mark_specimen,
)
from specimens.people import written

LEFT, MIDDLE = 26.0, 330.0
ENGLISH_ROWS = (
    "DIRECTOR GENERAL OF THE POLICE DEPARTMENT",
    "FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER",
)
FINGERS = (
    (610.0, "Ngón trỏ trái", "Left index finger"),
    (810.0, "Ngón trỏ phải", "Right index finger"),
)


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person, bold = sheet.person, canvas.style.bold
    background(
        canvas, ((222, 236, 224), (214, 228, 240), (232, 230, 210)), (186, 176, 130), down=0.6
    )
    backdrop.lotus(canvas, (500, 420), 250, (190, 170, 140), 0.28)
    backdrop.rosette(canvas, (120, 520), 170, (170, 190, 150), 0.22, petals=11)
    mark_specimen(canvas)
    word = "nhân dạng" if canvas.rng.random() < 0.5 else "nhận dạng"
    label(canvas, f"Đặc điểm {word} / Personal identification:", (LEFT, 36), 19)
    canvas.text(person.features, (LEFT, 66), 23, bold=bold, field="features", widest=560)
    end = label(canvas, "Ngày, tháng, năm / Date, month, year:", (LEFT + 30, 95), 18)
    canvas.text(
        written(person.issue_date),
        (end + 8, 96),
        23,
        bold=bold,
        field="issue_date",
        widest=590 - end,
    )
    issuer_rows(canvas, person.issuer, (MIDDLE, 122), 19, 500)
    for row, text in enumerate(ENGLISH_ROWS):
        canvas.text(text, (MIDDLE, 166 + 18 * row), 14, anchor="ms", widest=500)
    sign(canvas, (335, 262), (410, 352))
    backdrop.chip(canvas, (48, 214))
    for x, native, english in FINGERS:
        canvas.text(
            native, (x + 88, 40), LABEL_SIZE - 2, anchor="ms", colour=canvas.style.label, widest=190
        )
        canvas.text(english, (x + 88, 61), 16, anchor="ms", colour=canvas.style.label, widest=190)
        backdrop.finger_box(canvas, (x, 76, 176, 232))
    canvas.mrz(sheet.mrz, float(canvas.rng.uniform(448, 458)), float(canvas.rng.uniform(58, 66)))
    return Slots()
