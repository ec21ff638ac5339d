"""Front of the driving licence of 2013 to February 2025 (Circular 12/2017/TT-BGTVT, annex 17)."""

from __future__ import annotations

from specimens.canvas import Canvas
from specimens.layouts import licence
from specimens.layouts.officials import sign
from specimens.layouts.sheet import Sheet, Slots

FORM = licence.Form(
    paper=((196, 236, 244), (206, 240, 246), (190, 228, 240)),
    line=(140, 200, 220),
    office=("BỘ GTVT", "MOT"),
    classes=(
        ("A1", "Xe mô tô hai bánh từ 50 đến dưới 175 cm3 / Motorcycles from 50 to under 175 cc"),
        ("A2", "Xe mô tô hai bánh từ 175 cm3 trở lên / Motorcycles of 175 cc and over"),
        ("A3", "Xe mô tô ba bánh / Motor tricycles"),
        ("B1", "Ô tô đến 9 chỗ, không hành nghề lái xe / Cars up to 9 seats, not for hire"),
        (
            "B2",
            "Ô tô đến 9 chỗ, ô tô tải dưới 3.500 kg / Cars up to 9 seats, trucks under 3,500 kg",
        ),
        ("C", "Ô tô tải từ 3.500 kg trở lên / Trucks of 3,500 kg and over"),
        ("D", "Ô tô chở người từ 10 đến 30 chỗ / Buses of 10 to 30 seats"),
        ("E", "Ô tô chở người trên 30 chỗ / Buses of over 30 seats"),
        ("F", "Xe hạng B2, C, D, E kéo rơ moóc / Vehicles of B2, C, D, E with trailers"),
    ),
    passed=("Ngày trúng tuyển", "Beginning date"),
)
TITLES = (("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), ("GIÁM ĐỐC",))


def draw(canvas: Canvas, sheet: Sheet) -> Slots:
    """Prints the side."""
    person = sheet.person
    licence.begin_front(canvas, sheet, FORM)
    y = licence.holder(canvas, person, 212, 47)
    day = person.issue_date
    town = person.living.province.replace("TP. ", "TP ")
    canvas.text(
        f"{town}, ngày/date {day:%d} tháng/month {day:%m} năm/year {day:%Y}",
        (licence.RIGHT - 6, y + 44),
        21,
        field="issue_date",
        anchor="rs",
        widest=640,
    )
    titles = TITLES[int(canvas.rng.integers(len(TITLES)))]
    for row, text in enumerate(titles):
        canvas.text(text, (720, y + 72 + 24 * row), 20, bold=True, anchor="ms")
    sign(canvas, (660, 544), (730, 618), 20)
    return licence.end_front(canvas, sheet)
