from dataclasses import replace
from datetime import date

import pytest

from pipelines.documents import (
    DOCUMENTS,
    cccd_front,
    chip_front,
    cmnd9_back,
    cmnd9_front,
    licence_front,
    passport,
)
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import read_date, read_words
from pipelines.read_document import ReadDocument
from pipelines.types import (
    NO_EXPIRY,
    ConcernKind,
    DocumentClass,
    DocumentKind,
    FieldName,
    Policy,
    Sex,
    Side,
)
from tests.unit.scripted_models import (
    WHOLE,
    Finder,
    Line,
    Wallet,
    cc2024_back,
    cc2024_front,
    chip_back,
    text_lines,
)
from tests.unit.scripted_models import (
    chip_front as printed_chip_front,
)

F = FieldName
PRINTED = {
    "chip_front": printed_chip_front(),
    "chip_back": chip_back(),
    "cc2024_front": cc2024_front(),
    "cc2024_back": cc2024_back(),
}
SAID = {
    "chip_front": {
        F.NUMBER: ("001190000017", "001190000017"),
        F.FULL_NAME: ("NGUYỄN THỊ MINH ÁNH", "NGUYỄN THỊ MINH ÁNH"),
        F.BIRTH_DATE: ("25/08/1990", date(1990, 8, 25)),
        F.SEX: ("Nữ", Sex.FEMALE),
        F.NATIONALITY: ("Việt Nam", "VNM"),
        F.ORIGIN: ("Chuyên Ngoại, Duy Tiên, Hà Nam", None),
        F.RESIDENCE: ("Số 12, Tổ 7, Xuân La, Tây Hồ, Hà Nội", None),
        F.EXPIRY_DATE: ("25/08/2030", date(2030, 8, 25)),
    },
    "chip_back": {
        F.FEATURES: ("Nốt ruồi C:2cm dưới mép phải", None),
        F.ISSUE_DATE: ("25/04/2021", date(2021, 4, 25)),
        F.ISSUER: (
            "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
            "CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
        ),
    },
    "cc2024_front": {
        F.NUMBER: ("079301000025", "079301000025"),
        F.FULL_NAME: ("TRẦN HOÀNG BẢO NGỌC", "TRẦN HOÀNG BẢO NGỌC"),
        F.BIRTH_DATE: ("03/07/2001", date(2001, 7, 3)),
        F.SEX: ("Nữ", Sex.FEMALE),
        F.NATIONALITY: ("Việt Nam", "VNM"),
    },
    "cc2024_back": {
        F.RESIDENCE: ("Số 45/6, Khu phố 3, Tân Sơn Nhì, Tân Phú, TP.Hồ Chí Minh", None),
        F.BIRTH_PLACE: ("Tân Sơn Nhì, Tân Phú, TP.Hồ Chí Minh", None),
        F.ISSUE_DATE: ("05/07/2024", date(2024, 7, 5)),
        F.EXPIRY_DATE: ("03/07/2026", date(2026, 7, 3)),
        F.ISSUER: ("BỘ CÔNG AN", "BỘ CÔNG AN"),
    },
}


def document(slug: str) -> DocumentClass:
    return next(d for d in DOCUMENTS if d.slug == slug)


def parsed(slug: str, lines: tuple[Line, ...]) -> dict[FieldName, str | None]:
    return {name: field.text for name, field in document(slug).parse(text_lines(lines)).items()}


@pytest.mark.parametrize("slug", PRINTED)
def test_every_field_of_a_side(slug: str) -> None:
    fields = document(slug).parse(text_lines(PRINTED[slug]))
    assert {name: (f.text, f.normal) for name, f in fields.items()} == SAID[slug]
    assert all(f.confidence > 0.5 and f.quad is not None for f in fields.values())


@pytest.mark.parametrize("slug", PRINTED)
def test_a_side_looks_like_itself_and_like_no_other(slug: str) -> None:
    scores = {d.slug: d.looks_like(text_lines(PRINTED[slug])) for d in DOCUMENTS}
    assert scores.pop(slug) > 0.8
    assert max(scores.values()) < 0.4


@pytest.mark.parametrize(
    "boxes",
    [
        [("Giới tính / Sex: Nữ Quốc tịch / Nationality: Việt Nam", 286)],
        [("Giới tính / Sex: Nữ", 286), ("Quốc tịch / Nationality: Việt Nam", 560)],
        [
            ("Giới tính / Sex:", 286),
            ("Nữ", 490),
            ("Quốc tịch / Nationality:", 560),
            ("Việt Nam", 860),
        ],
    ],
)
def test_sex_and_nationality_in_one_two_or_four_boxes(boxes: list[tuple[str, float]]) -> None:
    others = [line for line in printed_chip_front() if not 420 < line.y < 430]
    lines = (*others, *(Line(text, x, 426) for text, x in boxes))
    fields = parsed("chip_front", lines)
    assert (fields[F.SEX], fields[F.NATIONALITY]) == ("Nữ", "Việt Nam")


def test_a_lost_label_leaves_the_value_to_its_zone() -> None:
    lost = ("Số / No", "Họ và tên", "Ngày sinh", "Quê quán", "Có giá trị", "Date of expiry")
    lines = []
    for line in printed_chip_front():
        value = line.text.partition(": ")[2]
        if not line.text.startswith(lost):
            lines.append(line)
        elif value:
            lines.append(replace(line, text=value, x=line.x + (190 if line.x > 200 else 110)))
    fields = parsed("chip_front", tuple(lines))
    assert fields == {name: text for name, (text, _) in SAID["chip_front"].items()}


def test_one_date_is_not_told_of_two_fields() -> None:
    page = (
        Line("Ngày cấp / Date of issue", 300, 400, 20),  # the label of the expiry was not read
        Line("04/10/2022", 300, 424, 20),
        Line("04/10/2032", 590, 424, 20),
    )
    fields = document("passport").parse(text_lines(page))
    issued, expires = fields[F.ISSUE_DATE], fields[F.EXPIRY_DATE]
    assert (issued.text, expires.text) == ("04/10/2022", "04/10/2032")
    assert issued.confidence >= 0.9 > expires.confidence


def test_the_day_of_issue_is_no_feature() -> None:
    page = (Line("Ngày 18 tháng 03 năm 2020", 300, 220, 24),)  # nothing else was read
    fields = document("cccd_back").parse(text_lines(page))
    assert (fields[F.ISSUE_DATE].text, fields[F.FEATURES].text) == ("18/03/2020", None)


def test_a_missing_value_is_none_and_takes_nothing_else() -> None:
    without = tuple(
        line for line in printed_chip_front() if line.text != "Chuyên Ngoại, Duy Tiên, Hà Nam"
    )
    fields = parsed("chip_front", without)
    assert fields[F.ORIGIN] is None
    assert fields[F.RESIDENCE] == SAID["chip_front"][F.RESIDENCE][0]


def test_without_an_expiry_date() -> None:
    fields = document("chip_front").parse(text_lines(printed_chip_front(expiry="Không thời hạn")))
    assert fields[F.EXPIRY_DATE].text == NO_EXPIRY
    assert fields[F.EXPIRY_DATE].normal is None


def test_other_texts_look_like_no_side() -> None:
    lines = text_lines(
        [
            Line("HÓA ĐƠN GIÁ TRỊ GIA TĂNG", 100, 20),
            Line("Đơn vị bán hàng: Công ty An Phú", 100, 60),
        ]
    )
    assert max(d.looks_like(lines) for d in DOCUMENTS) < 0.1


LIBRARY = SideSpec(
    slug="library_front",
    kind=DocumentKind("library", "THẺ THƯ VIỆN"),
    side=Side.FRONT,
    marks=Marks({"THẺ THƯ VIỆN": 2.0, "Số thẻ bạn đọc": 1.0}),
    fields=(
        FieldSpec(F.FEATURES, read_words, Zone(0, 0.2, 1, 0.4), ("Số thẻ bạn đọc",)),
        FieldSpec(F.ISSUE_DATE, read_date, Zone(0, 0.4, 1, 0.6), ("Ngày cấp thẻ",)),
    ),
).document()
"""All that a made-up document takes: its module, and a line of `DOCUMENTS`."""
LIBRARY_CARD = (
    Line("THẺ THƯ VIỆN", 300, 30),
    Line("Trường Đại học Ánh Dương", 300, 70),
    Line("Số thẻ bạn đọc: AB 12", 100, 200),
    Line("Ngày cấp thẻ: 01.02.2020", 100, 300),
)


def test_a_new_document_is_one_object() -> None:
    lines = text_lines(LIBRARY_CARD)
    assert LIBRARY.looks_like(lines) > 0.8
    assert max(d.looks_like(lines) for d in DOCUMENTS) < 0.2


def test_a_new_document_is_read_beside_all_others() -> None:
    wallet = Wallet()
    read = ReadDocument(Finder(WHOLE), wallet, wallet, documents=(*DOCUMENTS, LIBRARY))
    reading = read(wallet.add(*LIBRARY_CARD), expected=Side.FRONT)
    assert reading.document is LIBRARY
    assert reading.fields[F.FEATURES].text == "AB 12"
    assert reading.fields[F.ISSUE_DATE].normal == date(2020, 2, 1)
    assert reading.margin > 0.8
    assert {c.kind for c in reading.concerns} <= {ConcernKind.BLURRED}
    again = read(wallet.add(*printed_chip_front()))
    assert again.document is chip_front.DOCUMENT


def told(document: DocumentClass, *lines: Line) -> dict[FieldName, str]:
    """What a side's print says of each field."""
    return {n: f.text for n, f in document.parse(text_lines(lines)).items() if f.text}


def test_a_value_stands_under_its_own_label_also_when_its_neighbour_lost_its() -> None:
    read = told(
        passport.DOCUMENT,
        Line("Có giá trị đến / Date of expiry", 611, 364, 23),
        Line("04/07/2023", 338, 384, 23),
        Line("04/07/2033", 611, 384, 23),
    )
    assert read[F.EXPIRY_DATE] == "04/07/2033"


def test_a_second_row_may_begin_left_of_its_label() -> None:
    read = told(
        cmnd9_back.DOCUMENT,
        Line("DẤU VẾT RIÊNG VÀ DỊ HÌNH", 471, 105, 35),
        Line("Sẹo chấm C:3cm trước cánh mũi", 409, 176, 35),
        Line("phải", 324, 229, 35),
    )
    assert read[F.FEATURES] == "Sẹo chấm C:3cm trước cánh mũi phải"


def test_a_row_that_sounds_like_a_label_found_elsewhere_is_a_value() -> None:
    read = told(
        cccd_front.DOCUMENT,
        Line("Quê quán: X. Thọ An, H. Đan Phượng, Hà Nội", 300, 403, 35),
        Line("Nơi thường trú: 275 Lê Duẩn, Phường Cầu Diễn,", 300, 490, 36),
        Line("Quận Nam Từ Liêm, Hà Nội", 300, 534, 34),
    )
    assert read[F.ORIGIN] == "X. Thọ An, H. Đan Phượng, Hà Nội"
    assert read[F.RESIDENCE] == "275 Lê Duẩn, Phường Cầu Diễn, Quận Nam Từ Liêm, Hà Nội"


def test_a_place_that_sounds_like_a_title_in_capitals_is_a_place() -> None:
    read = told(
        chip_front.DOCUMENT,
        Line("Quê quán / Place of origin:", 286, 461, 24),
        Line("Long Cang, Cần Đước, Long An", 283, 488, 30),
    )
    assert read[F.ORIGIN] == "Long Cang, Cần Đước, Long An"


@pytest.mark.parametrize("given", ["VIỆT TÙNG", "AN", "Ý"])
def test_a_surname_of_two_letters_and_given_names_as_short(given: str) -> None:
    read = told(
        passport.DOCUMENT,
        Line("Họ / Surname", 335, 126, 23),
        Line("LÊ", 335, 146, 24),
        Line("Chữ đệm và tên / Given names", 337, 175, 23),
        Line(given, 338, 194, 24),
    )
    assert (read[F.SURNAME], read[F.GIVEN_NAMES]) == ("LÊ", given)
    assert read[F.FULL_NAME] == f"LÊ {given}"


@pytest.mark.parametrize(
    ("end", "name"),
    [("HÀ", "NGUYỄN THỊ HÀ"), ("Ý", "NGUYỄN THỊ Ý"), ("1", "NGUYỄN THỊ"), ("||", "NGUYỄN THỊ")],
)
def test_a_name_may_end_in_a_short_row_of_letters(end: str, name: str) -> None:
    read = told(
        chip_front.DOCUMENT,
        Line("Họ và tên / Full name:", 286, 330, 24),
        Line("NGUYỄN THỊ", 286, 357, 30),
        Line(end, 286, 388, 30),
    )
    assert read[F.FULL_NAME] == name


@pytest.mark.parametrize(
    ("printed", "readable"), [("HÀN QUỐC", True), ("Úc", True), ("XYZW", False)]
)
def test_a_foreigners_nationality_is_readable(printed: str, readable: bool) -> None:
    lines = [Line(f"Quốc tịch / Nationality: {printed}", 300, 292, 26)]
    told_of = licence_front.DOCUMENT.parse(text_lines(lines))[F.NATIONALITY]
    assert told_of.text == printed
    assert (told_of.confidence >= Policy().unreadable_confidence) is readable


@pytest.mark.parametrize(("number", "likely"), [("024123456", True), ("094 074 011 208", False)])
def test_twelve_digits_are_no_number_of_a_nine_digit_card(number: str, likely: bool) -> None:
    printed = [
        Line("GIẤY CHỨNG MINH NHÂN DÂN", 400, 110, 40),
        Line(f"Số {number}", 430, 176, 36),
        Line("Sinh ngày 26/06/1974", 300, 345, 30),
    ]
    score = cmnd9_front.DOCUMENT.looks_like(text_lines(printed))
    assert (score > Policy().class_score) == likely
