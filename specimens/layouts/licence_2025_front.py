"""Front of the driving licence of March 2025, issued by the police (Circular 12/2025/TT-BCA, annex X)."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import licence
from specimens.layouts.officials import sign
from specimens.layouts.sheet import Entry, Sheet, Slots, entry
from specimens.people import written

FORM = licence.Form(
    paper=((226, 212, 246), (232, 222, 250), (222, 206, 240)),
    line=(190, 160, 224),
    office=("BỘ CÔNG AN", "MPS"),
    classes=(
        ("A1", "Xe mô tô hai bánh đến 125 cm3 / Motorcycles up to 125 cc"),
        ("A", "Xe mô tô hai bánh trên 125 cm3 / Motorcycles over 125 cc"),
        ("B1", "Xe mô tô ba bánh / Motor tricycles"),
        ("B", "Ô tô đến 8 chỗ, ô tô tải đến 3.500 kg / Cars up to 8 seats, trucks up to 3,500 kg"),
        ("C1", "Ô tô tải trên 3.500 kg đến 7.500 kg / Trucks of 3,500 to 7,500 kg"),
        ("C", "Ô tô tải trên 7.500 kg / Trucks over 7,500 kg"),
        ("D1", "Ô tô chở người từ 8 đến 16 chỗ / Buses of 8 to 16 seats"),
        ("D2", "Ô tô chở người từ 16 đến 29 chỗ / Buses of 16 to 29 seats"),
        ("D", "Ô tô chở người trên 29 chỗ / Buses of over 29 seats"),
        ("CE", "Xe hạng C kéo rơ moóc / Vehicles of class C with trailers"),
    ),
    passed=("Ngày trúng tuyển", "Beginning date"),
)
ENGLISH_SHARE = 0.7
"""How often the two new labels carry their English words; the published form was read in Vietnamese alone."""


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person = sheet.person
    licence.begin_front(canvas, sheet, FORM)
    y = licence.holder(canvas, person, 210, 44)
    english = canvas.rng.random() < ENGLISH_SHARE
    issued = Entry(
        "Ngày cấp/Date of issue:" if english else "Ngày cấp:",
        written(person.issue_date),
        "issue_date",
        licence.VALUE,
        licence.LABEL,
    )
    entry(canvas, issued, (licence.LEFT, y + 42))
    issuer = Entry(
        "Cơ quan cấp/Issued by:" if english else "Cơ quan cấp:",
        person.issuer,
        "issuer",
        licence.VALUE - 2,
        licence.LABEL,
        licence.RIGHT,
    )
    entry(canvas, issuer, (licence.LEFT, y + 84))
    sign(canvas, (690, 536), (760, 618), 20)
    return licence.end_front(canvas, sheet)
