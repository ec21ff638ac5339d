"""The data page of a Vietnamese passport: photo on the left, labels above values, two MRZ lines at the foot."""

from __future__ import annotations

from dataclasses import dataclass

from specimens import backdrop
from specimens.canvas import MM, PAGE_HEIGHT, PAGE_WIDTH, Canvas, Colour
from specimens.layouts.sheet import Sheet, Slots, background, label, mark_specimen, portrait
from specimens.machine_readable import card_number
from specimens.people import Person, written

SIZE = (PAGE_WIDTH, PAGE_HEIGHT)
LEFT, SECOND, THIRD, RIGHT = 500.0, 800.0, 1010.0, 1440.0
PORTRAIT = (70.0, 186.0, 31 * MM, 46.5 * MM)
LABEL, VALUE = 21.0, 30.0
FIRST_ROW, LAST_ROW = 150.0, 780.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A label with its value below it."""

    x: float
    label: str
    value: str
    field: str | None = None


Row = tuple[Cell, ...]


def heading_row(person: Person) -> Row:
    """Type, code of the state, number."""
    return (
        Cell(LEFT, "Loại / Type", "P"),
        Cell(SECOND - 110, "Mã số / Code", "VNM"),
        Cell(THIRD, "Số hộ chiếu / Passport N°", person.document_number, "number"),
    )


def nationality(person: Person) -> Row:
    printed = f"{person.nationality.upper()} / VIETNAMESE"
    return (Cell(LEFT, "Quốc tịch / Nationality", printed, "nationality"),)


def birth_date(person: Person) -> Cell:
    return Cell(LEFT, "Ngày sinh / Date of birth", written(person.birth_date), "birth_date")


def birth_place(person: Person) -> Cell:
    return Cell(
        THIRD - 110, "Nơi sinh / Place of birth", person.home.province.upper(), "birth_place"
    )


def full_name(person: Person) -> Row:
    return (Cell(LEFT, "Họ và tên / Full name", person.full_name.upper(), "full_name"),)


def personal_number(person: Person, x: float) -> Cell:
    name = "Số định danh cá nhân / Personal No"
    return Cell(x, name, card_number(person), "personal_number")


def sex(person: Person, x: float = LEFT) -> Cell:
    letter = "M" if person.sex == "Nam" else "F"
    return Cell(x, "Giới tính / Sex", f"{person.sex.upper()} / {letter}", "sex")


def dates(person: Person) -> Row:
    return (
        Cell(LEFT, "Ngày cấp / Date of issue", written(person.issue_date), "issue_date"),
        Cell(THIRD - 110, "Có giá trị đến / Date of expiry", person.expiry_text, "expiry_date"),
    )


def issuer(person: Person) -> Row:
    return (Cell(LEFT, "Nơi cấp / Place of issue", person.issuer, "issuer"),)


def draw_page(
    canvas: Canvas, sheet: Sheet, rows: tuple[Row, ...], paper: tuple[Colour, ...], line: Colour
) -> Slots:
    """Prints the page with the given rows between its heading and its MRZ."""
    background(canvas, paper, line, down=0.5)
    backdrop.drum(canvas, (1000, 460), 330, line, 0.24)
    backdrop.rosette(canvas, (230, 870), 260, line, 0.2, petals=14)
    mark_specimen(canvas)
    _heading(canvas)
    pitch = (LAST_ROW - FIRST_ROW) / len(rows)
    drop = min(37.0, pitch * 0.46)
    for at, row in enumerate(rows):
        y = FIRST_ROW + at * pitch
        for cell, end in zip(row, [*(other.x - 20 for other in row[1:]), RIGHT], strict=True):
            label(canvas, cell.label, (cell.x, y), LABEL)
            canvas.text(
                cell.value,
                (cell.x, y + drop),
                VALUE,
                bold=canvas.style.bold,
                field=cell.field,
                widest=end - cell.x,
            )
    canvas.text("Immigration Department", (LEFT, LAST_ROW - pitch + drop + 29), 21)
    top = float(canvas.rng.uniform(884, 900))
    canvas.mrz(sheet.mrz, top, float(canvas.rng.uniform(72, 80)))
    return Slots(portrait(canvas, sheet.portrait, PORTRAIT))


def _heading(canvas: Canvas) -> None:
    canvas.text("HỘ CHIẾU", (238, 84), 36, bold=True, title=True, anchor="ms")
    canvas.text("PASSPORT", (238, 122), 28, bold=True, title=True, anchor="ms")
    backdrop.emblem(canvas, (420, 76), 9 * MM)
    canvas.text(
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        (960, 62),
        30,
        bold=True,
        title=True,
        anchor="ms",
        widest=920,
    )
    canvas.text(
        "SOCIALIST REPUBLIC OF VIET NAM", (960, 98), 24, title=True, anchor="ms", widest=920
    )
