"""Back of the identity card of July 2024: residence, place of birth, dates, QR and MRZ."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import Canvas
from specimens.layouts.sheet import Flow, Sheet, Slots, background, flow, label, mark_specimen, qr
from specimens.people import written

LEFT, MIDDLE = 30.0, 500.0
QR_LEFT = 772.0


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person, bold = sheet.person, canvas.style.bold
    background(
        canvas, ((240, 220, 188), (212, 238, 244), (238, 224, 194)), (200, 178, 130), down=0.6
    )
    backdrop.lotus(canvas, (480, 430), 260, (180, 150, 170), 0.3)
    backdrop.rosette(canvas, (900, 520), 150, (170, 190, 150), 0.22, petals=10)
    mark_specimen(canvas)
    label(canvas, "Nơi cư trú / Place of residence:", (LEFT, 44))
    flow(canvas, person.residence, "residence", Flow((LEFT, 74), LEFT, 31, 25, QR_LEFT - 20))
    # Drafts of the form printed "Place of birth registration"; both wordings are in use.
    english = "Place of birth" if canvas.rng.random() < 0.8 else "Place of birth registration"
    label(canvas, f"Nơi đăng ký khai sinh / {english}:", (LEFT, 140))
    canvas.text(
        person.birth_place, (LEFT, 170), 25, bold=bold, field="birth_place", widest=QR_LEFT - 50
    )
    backdrop.chip(canvas, (58, 216))
    label(canvas, "Ngày, tháng, năm cấp / Date of issue:", (MIDDLE - 190, 211), 19)
    canvas.text(written(person.issue_date), (MIDDLE - 190, 242), 27, bold=bold, field="issue_date")
    label(canvas, "Ngày, tháng, năm hết hạn / Date of expiry:", (MIDDLE - 190, 276), 19)
    canvas.text(person.expiry_text, (MIDDLE - 190, 309), 27, bold=bold, field="expiry_date")
    canvas.text(person.issuer, (MIDDLE + 60, 349), 25, bold=True, field="issuer", anchor="ms")
    canvas.text("MINISTRY OF PUBLIC SECURITY", (MIDDLE + 60, 377), 19, bold=True, anchor="ms")
    canvas.mrz(sheet.mrz, float(canvas.rng.uniform(446, 456)), float(canvas.rng.uniform(56, 64)))
    return Slots(qr_quad=qr(canvas, sheet.qr, (QR_LEFT, 26), 18))
