import pytest

from pipelines.parsing.numbers import find_number, personal_number
from pipelines.types import Sex


@pytest.mark.parametrize(
    ("digits", "province", "sex", "year"),
    [
        ("001190000017", "001", Sex.FEMALE, 1990),
        ("079301000025", "079", Sex.FEMALE, 2001),
        ("036089001234", "036", Sex.MALE, 1989),
        ("096205000001", "096", Sex.MALE, 2005),
    ],
)
def test_structure(digits: str, province: str, sex: Sex, year: int) -> None:
    number = personal_number(digits)
    assert number is not None
    assert (number.province, number.sex, number.birth_year, number.known_province) == (
        province,
        sex,
        year,
        True,
    )


@pytest.mark.parametrize(
    "digits", ["00119000001", "0011900000170", "001490000017", "00119000001O", "", "٠٠١١٩٠٠٠٠٠١٧"]
)
def test_no_structure(digits: str) -> None:
    assert personal_number(digits) is None


def test_a_foreign_birth_only_warns() -> None:
    number = personal_number("120190000017")
    assert number is not None
    assert not number.known_province


@pytest.mark.parametrize(
    "text",
    [
        "001190000017",
        "Số / No.: 001190000017",
        "Số / No. 001190000017",
        "So No 001190000017",
        "0011 9000 0017",
        "OO119O0000I7",
        "001l90000017.",
    ],
)
def test_twelve_digits_are_found_among_words_and_lookalikes(text: str) -> None:
    match = find_number(text)
    assert match is not None
    assert match.digits == "001190000017"


def test_a_malformed_number_is_told_as_it_is() -> None:
    short = find_number("Số: 00119000001")
    assert short is not None
    assert short.digits == "00119000001"
    assert find_number("Nơi thường trú: Số 12, Tổ 7") is None
    assert find_number("25/08/1990") is None


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("001 099 012 345", 12),
        ("001.099.012.345", 12),
        ("00109901 2 3 4 5", 12),
        ("02 41 23 456", 9),
    ],
)
def test_a_number_set_in_groups_is_found(text: str, length: int) -> None:
    found = find_number(text, length)
    assert found is not None
    assert len(found.digits) == length


def test_nine_of_an_unbroken_twelve_are_no_number_of_nine() -> None:
    assert find_number("094074011208", 9) is None
    found = find_number("09407401 1", 9)
    assert found is not None
    assert found.digits == "094074011"
