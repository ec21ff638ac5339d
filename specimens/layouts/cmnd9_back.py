"""Back of the nine-digit identity card: ethnicity, religion, marks, two finger prints, date and police of issue."""

from __future__ import annotations

from specimens import backdrop
from specimens.canvas import Canvas
from specimens.layouts.officials import issued, sign
from specimens.layouts.sheet import (
    Entry,
    Flow,
    Sheet,
    Slots,
    background,
    entry,
    flow,
    leader,
    mark_specimen,
)

LEFT, RIGHT_COLUMN = 330.0, 660.0
FINGERS = ((100.0, "NGÓN TRỎ TRÁI"), (368.0, "NGÓN TRỎ PHẢI"))


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person = sheet.person
    background(
        canvas, ((216, 228, 196), (224, 236, 208), (210, 224, 194)), (150, 176, 110), down=0.7
    )
    backdrop.rosette(canvas, (650, 330), 240, (140, 170, 100), 0.2, petals=12)
    mark_specimen(canvas)
    entry(canvas, Entry("Dân tộc:", person.ethnicity, "ethnicity", 28, 24, 540), (44, 58))
    entry(canvas, Entry("Tôn giáo:", person.religion, "religion", 28, 24, 960), (560, 58))
    for y, text in FINGERS:
        backdrop.finger_box(canvas, (40, y, 216, 212))
        canvas.text(text, (148, y + 238), 20, anchor="ms", colour=canvas.style.label, widest=230)
    canvas.text(
        "DẤU VẾT RIÊNG VÀ DỊ HÌNH",
        (RIGHT_COLUMN, 134),
        25,
        bold=True,
        title=True,
        anchor="ms",
        widest=600,
    )
    if canvas.rng.random() < 0.6:
        leader(canvas, (405, 209), 984)
        leader(canvas, (LEFT, 270), 984)
    flow(canvas, person.features, "features", Flow((405, 204), LEFT, 60, 28))
    issued(canvas, person.issue_date, (RIGHT_COLUMN, 340), 26)
    canvas.text(
        person.issuer, (RIGHT_COLUMN, 396), 25, bold=True, field="issuer", anchor="ms", widest=620
    )
    sign(canvas, (RIGHT_COLUMN - 75, 490), (RIGHT_COLUMN, 594), 24)
    return Slots()
