"""Front of the nine-digit identity card (Decree 05/1999/NĐ-CP): Vietnamese only; no sex, nationality or expiry."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import MM, RED, Canvas
from specimens.layouts.sheet import (
    Flow,
    Sheet,
    Slots,
    background,
    flow,
    headings,
    label,
    leader,
    mark_specimen,
    portrait,
)

LEFT = 306.0
CENTRE, HEAD_WIDTH = 640.0, 640.0
PORTRAIT = (34.0, 236.0, 20 * MM, 30 * MM)
SEPARATORS = ("-", "-", "-", "/")
"""Birth dates are dd-mm-yyyy, on some cards with slashes."""


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person, bold = sheet.person, canvas.style.bold
    background(
        canvas, ((214, 226, 192), (222, 236, 206), (206, 222, 190)), (150, 176, 110), down=0.3
    )
    backdrop.drum(canvas, (650, 380), 230, (130, 160, 90), 0.25)
    mark_specimen(canvas)
    backdrop.emblem(canvas, (150, 118), 14 * MM)
    headings(canvas, CENTRE, top=48, widest=HEAD_WIDTH, english=False)
    canvas.text(
        "GIẤY CHỨNG MINH NHÂN DÂN",
        (CENTRE, 142),
        44,
        bold=True,
        title=True,
        colour=RED,
        anchor="ms",
        widest=HEAD_WIDTH,
    )
    end = canvas.text("SỐ", (430, 202), 34, bold=True, title=True, colour=RED)
    canvas.text(
        person.document_number,
        (end + 24, 204),
        46,
        bold=True,
        colour=RED,
        field="number",
    )
    _rows(canvas, sheet, bold=bold)
    return Slots(portrait(canvas, sheet.portrait, PORTRAIT))


def _rows(canvas: Canvas, sheet: Sheet, *, bold: bool) -> None:
    person = sheet.person
    leaders = canvas.rng.random() < 0.6
    for y, start in ((266, 420), (376, 440), (434, 500), (492, LEFT), (549, 620), (606, LEFT)):
        if leaders:
            leader(canvas, (start, y + 5), 984)
    end = label(canvas, "Họ tên", (LEFT, 262), 26)
    name = Flow((max(end + 20, 430), 262), 430, 54, 31)
    flow(canvas, person.full_name.upper(), "full_name", name)
    end = label(canvas, "Sinh ngày", (LEFT, 372), 26)
    mark = str(canvas.rng.choice(SEPARATORS))
    born = f"{person.birth_date:%d}{mark}{person.birth_date:%m}{mark}{person.birth_date:%Y}"
    canvas.text(born, (max(end + 20, 481), 372), 30, bold=bold, field="birth_date")
    end = label(canvas, "Nguyên quán", (LEFT, 430), 26)
    flow(canvas, person.origin, "origin", Flow((max(end + 16, 500), 430), LEFT, 58, 28))
    end = label(canvas, "Nơi ĐKHK thường trú", (LEFT, 545), 26)
    flow(canvas, person.residence, "residence", Flow((max(end + 14, 600), 545), LEFT, 57, 28))
