"""What the twelve-digit CMND of 2012 and the citizen card of 2016 share: a left column, a 2-D barcode on the back."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import MM, RED, Canvas
from specimens.layouts.officials import issued, issuer_rows, sign
from specimens.layouts.sheet import (
    Entry,
    Flow,
    Sheet,
    Slots,
    background,
    barcode,
    entry,
    flow,
    headings,
    label,
    mark_specimen,
    portrait,
)

LEFT = 300.0
CENTRE, HEAD_WIDTH = 640.0, 640.0
PORTRAIT = (34.0, 196.0, 20 * MM, 30 * MM)
FINGERS = ((128.0, "Ngón trỏ trái"), (374.0, "Ngón trỏ phải"))
RIGHT_COLUMN = 650.0


def begin_front(canvas: Canvas, title: str) -> None:
    """Paper, emblem, headings and title."""
    background(
        canvas, ((238, 232, 216), (244, 240, 230), (234, 226, 206)), (206, 186, 140), down=0.4
    )
    backdrop.drum(canvas, (690, 380), 240, (206, 182, 150), 0.28)
    backdrop.lotus(canvas, (170, 560), 120, (200, 170, 190), 0.2)
    mark_specimen(canvas)
    backdrop.emblem(canvas, (150, 104), 14 * MM)
    headings(canvas, CENTRE, top=48, widest=HEAD_WIDTH, english=False)
    canvas.text(
        title,
        (CENTRE, 144),
        43,
        bold=True,
        title=True,
        colour=RED,
        anchor="ms",
        widest=HEAD_WIDTH,
    )


def number(canvas: Canvas, sheet: Sheet) -> None:
    """`Số` and twelve red digits."""
    end = label(canvas, str(canvas.rng.choice(("Số:", "Số"))), (440, 198), 28)
    canvas.text(sheet.person.number, (end + 16, 199), 40, bold=True, colour=RED, field="number")


def end_front(canvas: Canvas, sheet: Sheet) -> Slots:
    """The photo and, under it, the expiry."""
    x, y = PORTRAIT[0] - 6, PORTRAIT[1] + PORTRAIT[3]
    if canvas.rng.random() < 0.5:
        end = label(canvas, "Có giá trị đến:", (x, y + 30), 18)
        canvas.text(
            sheet.person.expiry_text,
            (end + 6, y + 31),
            20,
            bold=canvas.style.bold,
            field="expiry_date",
            widest=LEFT - end - 18,
        )
    else:
        label(canvas, "Có giá trị đến", (x + 40, y + 26), 20)
        canvas.text(
            sheet.person.expiry_text,
            (x + 40, y + 54),
            23,
            bold=canvas.style.bold,
            field="expiry_date",
            widest=LEFT - x - 56,
        )
    return Slots(portrait(canvas, sheet.portrait, PORTRAIT))


def draw_back(canvas: Canvas, sheet: Sheet, *, parents: bool) -> Slots:
    """Barcode, fingers, features, date, issuer, signature and seal."""
    person = sheet.person
    background(
        canvas, ((240, 236, 222), (236, 228, 210), (244, 240, 230)), (200, 184, 150), down=0.6
    )
    backdrop.lotus(canvas, (640, 470), 250, (200, 176, 160), 0.25)
    mark_specimen(canvas)
    barcode(canvas, (300, 22, 680, 92))
    for y, text in FINGERS:
        canvas.text(text, (150, y - 10), 21, anchor="ms", colour=canvas.style.label, widest=240)
        backdrop.finger_box(canvas, (52, y, 196, 204))
    word = "nhân dạng" if canvas.rng.random() < 0.5 else "nhận dạng"
    label(canvas, f"Đặc điểm {word}:", (LEFT, 152), 24)
    y = flow(canvas, person.features, "features", Flow((LEFT, 188), LEFT, 36, 26))
    if parents:
        entry(
            canvas, Entry("Họ và tên cha:", person.father_name, "father_name", 26), (LEFT, y + 38)
        )
        entry(canvas, Entry("Họ và tên mẹ:", person.mother_name, "mother_name", 26), (LEFT, y + 76))
        y += 76
    issued(canvas, person.issue_date, (RIGHT_COLUMN, y + 46), 24)
    end = issuer_rows(canvas, person.issuer, (RIGHT_COLUMN, y + 84), 23, 660)
    sign(canvas, (RIGHT_COLUMN - 75, (end + 590) / 2), (RIGHT_COLUMN, 594), 23)
    return Slots()
