from datetime import date

import pytest

from pipelines.parsing.td1 import check_digit
from pipelines.parsing.td3 import parse_td3
from pipelines.types import MrzForm, Sex

NAME = "P<VNMNGUYEN<<THI<MINH<ANH<<<<<<<<<<<<<<<<<<<"
OLD = "B1234567<3VNM9008250F2905143001190000017<<54"
NEW = "P001234560VNM9008250F3207143001190000017<<54"


@pytest.mark.parametrize(
    ("data", "number", "ends"),
    [(OLD, "B1234567", date(2029, 5, 14)), (NEW, "P00123456", date(2032, 7, 14))],
)
def test_both_styles_of_number(data: str, number: str, ends: date) -> None:
    mrz = parse_td3([NAME, data])
    assert mrz is not None
    assert mrz.valid
    assert mrz.form is MrzForm.TD3
    assert mrz.lines == (NAME, data)
    assert (mrz.number, mrz.document_number, mrz.personal_number) == (
        number,
        number,
        "001190000017",
    )
    assert (mrz.birth_date, mrz.sex, mrz.expiry_date) == (date(1990, 8, 25), Sex.FEMALE, ends)
    assert (mrz.surname, mrz.given_names) == ("NGUYEN", "THI MINH ANH")


@pytest.mark.parametrize(
    "data",
    [
        "POO1234560VNM9OO825OF3207143001190000017<<54",  # letters in digit slots
        "P001234560VNM9008250F3207143001190000017<<<54",  # a filler twice
        "P001234560VNM9008250F3207143001190000017<54",  # a filler lost
        "P001234560VNM9008250F320714300119000OO17<<54",
    ],
)
def test_slips_of_a_reader_are_mended(data: str) -> None:
    mrz = parse_td3(["HỘ CHIẾU / PASSPORT", NAME, data])
    assert mrz is not None
    assert mrz.lines[1] == NEW
    assert mrz.valid


def test_a_misread_digit_never_makes_another_passport() -> None:
    for at in (2, 4, 15, 17, 23, 25, 30, 35):
        for digit in "0123456789":
            mrz = parse_td3([NAME, NEW[:at] + digit + NEW[at + 1 :]])
            assert mrz is not None
            assert mrz.lines[1] == NEW or not mrz.valid or mrz.repairs


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("P<VNMTON<NU<<THI<NINH<<<<<<<<<<<<<<<<<<<<<<<", ("TON NU", "THI NINH")),
        ("P<VNMNGUYEN<THI<NINH<<<<<<<<<<<<<<<<<<<<<<<<", ("NGUYEN", "THI NINH")),  # a filler lost
        ("P<VNMNGUYEN<<<THI<NINH<<<<<<<<<<<<<<<<<<<<<<", ("NGUYEN", "THI NINH")),  # one too many
        ("P<VNMNGUYEN<THI<NINH<<<<<<<<<<<<<<K<<<<<<<<<", ("NGUYEN", "THI NINH")),
        ("P<VNMNGUYEN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", ("NGUYEN", "")),
    ],
)
def test_surname_and_given_names(line: str, name: tuple[str, str]) -> None:
    mrz = parse_td3([line, NEW])
    assert mrz is not None
    assert (mrz.surname, mrz.given_names) == name


def test_a_passport_without_a_personal_number() -> None:
    mrz = parse_td3([NAME, "B1234567<3VNM9008250F2905143<<<<<<<<<<<<<<08"])
    assert mrz is not None
    assert mrz.personal_number == ""
    assert mrz.checks["document_number"]
    assert mrz.birth_date == date(1990, 8, 25)


def test_other_lines_are_no_zone() -> None:
    assert parse_td3([]) is None
    assert parse_td3(["Nơi cấp / Place of issue", "Cục Quản lý xuất nhập cảnh"]) is None


def test_a_sex_that_was_not_read_is_told_by_the_personal_number() -> None:
    mrz = parse_td3([NAME, NEW[:20] + "?" + NEW[21:]])
    assert mrz is not None
    assert mrz.lines[1] == NEW
    assert mrz.valid
    assert mrz.repairs == 1


@pytest.mark.parametrize(
    ("personal", "born"),
    [
        ("001125000017", date(1925, 1, 5)),
        ("001325000017", date(2025, 1, 5)),
        ("<" * 12, date(2025, 1, 5)),
    ],
)
def test_the_century_of_birth_is_that_of_the_personal_number(personal: str, born: date) -> None:
    parts = [
        part + check_digit(part) for part in ("B1234567<", "250105", "290514", f"{personal}<<")
    ]
    line = f"{parts[0]}VNM{parts[1]}F{parts[2]}{parts[3]}{check_digit(''.join(parts))}"
    mrz = parse_td3([NAME, line])
    assert mrz is not None
    assert (mrz.birth_date, mrz.valid) == (born, True)
