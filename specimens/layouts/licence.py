"""What the driving licences of 2013 and 2025 share: headings, photo on sky blue, rows, and the table on the back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from specimens import backdrop
from specimens.canvas import BLACK, RED, Canvas, Colour
from specimens.layouts.sheet import (
    Entry,
    Sheet,
    Slots,
    background,
    entry,
    headings,
    mark_specimen,
    place_entry,
    portrait,
    qr,
)
from specimens.people import Person, written

LEFT, RIGHT = 316.0, 990.0
CENTRE, HEAD_WIDTH = 640.0, 640.0
PORTRAIT = (14.0, 137.0, 286.0, 386.0)
LABEL, VALUE = 22.0, 25.0
QR_SINCE = date(2020, 6, 1)
QR_SIDE = 8.7
QR_AT = (24.0, 508.0)
DATE_COLUMN, CLASS_COLUMN, KIND_COLUMN = 880.0, 40.0, 128.0
FIRST_CAR_AFTER = 100
"""Days between test and issue from which somebody with a car's licence first had one for a motorcycle."""


@dataclass(frozen=True, slots=True)
class Form:
    """One series: paper, line and the office at the top left, and the class table (class, vehicles)."""

    paper: tuple[Colour, ...]
    line: Colour
    office: tuple[str, str]
    classes: tuple[tuple[str, str], ...]
    passed: tuple[str, str]


def begin_front(canvas: Canvas, sheet: Sheet, form: Form) -> None:
    """Paper, headings, title, number and the holder's rows."""
    person = sheet.person
    background(canvas, form.paper, form.line, down=0.4)
    backdrop.rosette(canvas, (670, 370), 240, form.line, 0.28, petals=16)
    mark_specimen(canvas)
    for row, text in enumerate(form.office):
        canvas.text(text, (156, 58 + 28 * row), 24, bold=True, title=True, anchor="ms", widest=270)
    headings(canvas, CENTRE, top=26, widest=HEAD_WIDTH, size=17)
    title = "GIẤY PHÉP LÁI XE / DRIVER'S LICENSE"
    canvas.text(
        title, (CENTRE, 128), 31, bold=True, title=True, colour=RED, anchor="ms", widest=HEAD_WIDTH
    )
    end = canvas.text("Số/No:", (460, 164), 26, bold=True, colour=RED)
    canvas.text(person.document_number, (end + 12, 164), 29, bold=True, colour=RED, field="number")


def holder(canvas: Canvas, person: Person, top: float, pitch: float) -> float:
    """Name, birth, nationality and address; returns the last baseline."""
    rows = (
        Entry("Họ tên/Full name:", person.full_name.upper(), "full_name", VALUE + 2, LABEL, RIGHT),
        Entry("Ngày sinh/Date of Birth:", written(person.birth_date), "birth_date", VALUE, LABEL),
        Entry("Quốc tịch/Nationality:", person.nationality.upper(), "nationality", VALUE, LABEL),
    )
    for at, row in enumerate(rows):
        entry(canvas, row, (LEFT, top + at * pitch))
    home = Entry("Nơi cư trú/Address:", person.residence, "residence", VALUE, LABEL, RIGHT)
    place_entry(canvas, home, (LEFT, top + 3 * pitch), 38)
    return top + 3 * pitch + 38


def end_front(canvas: Canvas, sheet: Sheet) -> Slots:
    """Photo, class and expiry on the left."""
    person = sheet.person
    x, y = PORTRAIT[0] + 4, PORTRAIT[1] + PORTRAIT[3]
    group = Entry("Hạng/Class:", person.licence_class, "licence_class", 30, 23, LEFT)
    entry(canvas, group, (x, y + 44))
    expiry = Entry("Có giá trị đến/Expires:", person.expiry_text, "expiry_date", 23, 18, LEFT + 90)
    entry(canvas, expiry, (x, y + 84))
    return Slots(portrait(canvas, sheet.portrait, PORTRAIT))


def draw_back(canvas: Canvas, sheet: Sheet, form: Form) -> Slots:
    """The table of classes with the days of passing, and the look-up QR."""
    background(canvas, form.paper, form.line, down=0.7)
    backdrop.rosette(canvas, (500, 330), 250, form.line, 0.22, petals=18)
    mark_specimen(canvas)
    middle = canvas.width / 2
    heads = ("CÁC LOẠI XE CƠ GIỚI ĐƯỜNG BỘ ĐƯỢC ĐIỀU KHIỂN", "CLASSIFICATION OF MOTOR VEHICLES")
    for at, text in enumerate(heads):
        canvas.text(text, (middle, 44 + 30 * at), 26 - 5 * at, bold=True, anchor="ms", widest=930)
    for at, text in enumerate(form.passed):
        canvas.text(text, (DATE_COLUMN, 106 + 22 * at), 18, anchor="ms", widest=220)
    canvas.text("Hạng/Class", (CLASS_COLUMN - 14, 116), 18)
    days = dict(_passed(sheet.person, form))
    pitch = 358 / len(form.classes)
    _rule(canvas, 138)
    for at, (group, vehicles) in enumerate(form.classes):
        y = 138 + pitch * (at + 0.68)
        canvas.text(group, (CLASS_COLUMN, y), 22, bold=True)
        canvas.text(vehicles, (KIND_COLUMN, y), 19, widest=620)
        _rule(canvas, 138 + pitch * (at + 1))
        if group in days:
            first = min(days.values()) == days[group]
            canvas.text(
                written(days[group]),
                (DATE_COLUMN, y),
                22,
                bold=canvas.style.bold,
                field="passed_date" if first else None,
                anchor="ms",
            )
    serial = f"{canvas.rng.choice(list('ABCD'))}{canvas.rng.choice(list('ABKT'))}{canvas.rng.integers(1, 9_999_999):07d}"
    canvas.text(serial, (964, 602), 22, colour=(50, 50, 120), anchor="rs")
    if sheet.person.issue_date < QR_SINCE:
        return Slots()
    return Slots(qr_quad=qr(canvas, sheet.qr, QR_AT, QR_SIDE))


def _rule(canvas: Canvas, y: float) -> None:
    """A thin line of the table."""
    row = np.ones((max(1, round(1.3 * canvas.scale)), round(960 * canvas.scale)), np.float32)
    canvas.ink(row, (round(26 * canvas.scale), round(y * canvas.scale)), BLACK, 0.4)


def _passed(person: Person, form: Form) -> list[tuple[str, date]]:
    """The rows with a day: the class held and, for a car's owner of long standing, the motorcycle before it."""
    first = person.passed_date or person.issue_date
    rows = (group for group, _ in form.classes if person.licence_class.startswith(group))
    row = max(rows, key=len)  # "FC" stands in row "F"
    if row == "A1" or (person.issue_date - first).days < FIRST_CAR_AFTER:
        return [(row, first)]
    return [("A1", first), (row, person.issue_date - timedelta(days=12))]
