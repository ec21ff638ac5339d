from datetime import date

import pytest

from pipelines.parsing.mrz import parse_td1
from pipelines.parsing.td1 import check_digit
from pipelines.types import Sex
from specimens.machine_readable import mrz_lines
from specimens.people import make_person

ZONE = (
    "IDVNM1900000174001190000017<<5",
    "9008250F3008258VNM<<<<<<<<<<<2",
    "NGUYEN<<THI<MINH<ANH<<<<<<<<<<",
)
"""The facts sheet's made-up zone, checked there with an independent checker."""


def test_check_digit_of_the_icao_example() -> None:
    assert check_digit("520727") == "3"  # ICAO 9303 part 3, section 4.9, example 1
    assert check_digit("AB2134<<<") == "5"  # the same, example 2


def test_a_clean_zone() -> None:
    mrz = parse_td1(ZONE)
    assert mrz is not None
    assert mrz.lines == ZONE
    assert mrz.number == "001190000017"
    assert (mrz.birth_date, mrz.expiry_date) == (date(1990, 8, 25), date(2030, 8, 25))
    assert mrz.sex is Sex.FEMALE
    assert (mrz.surname, mrz.given_names, mrz.nationality) == ("NGUYEN", "THI MINH ANH", "VNM")
    assert mrz.valid
    assert set(mrz.checks.values()) == {True}
    assert mrz.repairs == 0


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(("IDVNM19OOOOO174OO119OOOOO17<<5", ZONE[1], ZONE[2]), id="letters for digits"),
        pytest.param(("1DVNM1900000174001190000017<<5", ZONE[1], ZONE[2]), id="digit for a letter"),
        pytest.param((ZONE[0], "9008250F3008258VNM<<<<<<<<2", ZONE[2]), id="fillers lost"),
        pytest.param((ZONE[0], "9008250F3008258VNM<<<<<<<<<<<<<2", ZONE[2]), id="fillers doubled"),
        pytest.param((ZONE[0], "9008250F3008258VNMKKK<<C<<<<<2", ZONE[2]), id="fillers as letters"),
        pytest.param(("IDVNM 1900000174 001190000017<< 5", ZONE[1], ZONE[2]), id="blanks"),
        pytest.param(
            ("idvnm1900000174001190000017«5", ZONE[1], ZONE[2]), id="lower case, guillemets"
        ),
        pytest.param(
            ("IDVNM1900000114001190000017<<5", ZONE[1], ZONE[2]), id="one of two readings wrong"
        ),
        pytest.param(
            ("IDVNM1900000174008190000017<<5", ZONE[1], ZONE[2]), id="province digit: check digit"
        ),
        pytest.param(("IDVNM190000017400119000017<<5", ZONE[1], ZONE[2]), id="a digit lost"),
        pytest.param((ZONE[0], "9003250F3008258VNM<<<<<<<<<<<2", ZONE[2]), id="birth digit"),
        pytest.param((ZONE[0], "9008250F3008253VNM<<<<<<<<<<<2", ZONE[2]), id="check digit itself"),
        pytest.param((ZONE[0], "9008250<3008258VNM<<<<<<<<<<<2", ZONE[2]), id="sex lost"),
        pytest.param((ZONE[0], ZONE[1], "NGUYEN<<THI<M1NH<ANH<<<"), id="name digit, short line"),
        pytest.param((ZONE[0], ZONE[1], "NGUYEN << THI MINH<ANH<<<<<<<<<<<"), id="name blanks"),
        pytest.param(("BỘ CÔNG AN", "MINISTRY OF PUBLIC SECURITY", *ZONE), id="other lines above"),
    ],
)
def test_repairs(read: tuple[str, ...]) -> None:
    mrz = parse_td1(read)
    assert mrz is not None
    assert mrz.lines == ZONE
    assert mrz.valid


def test_a_ruined_zone_fails_its_checks_instead_of_being_invented() -> None:
    mrz = parse_td1(("IDVNM1933000974021190000217<<5", "9006250F3406258VNM<<<<<<<<<<<2", ZONE[2]))
    assert mrz is not None
    assert not mrz.valid


def test_a_surname_of_two_words() -> None:
    mrz = parse_td1([*ZONE[:2], "TON<NU<<THI<NINH<<<<<<<<<<<<<<"])
    assert mrz is not None
    assert mrz.lines[2] == "TON<NU<<THI<NINH<<<<<<<<<<<<<<"
    assert mrz.full_name == "TON NU THI NINH"


def test_what_is_no_zone() -> None:
    assert parse_td1([]) is None
    assert parse_td1([ZONE[0]]) is None
    assert (
        parse_td1(["Nơi thường trú / Place of residence", "Số 12, Tổ 7, Xuân La, Tây Hồ, Hà Nội"])
        is None
    )


def test_a_card_for_ever() -> None:
    person = next(p for p in map(make_person, range(200)) if p.expiry_date is None)
    mrz = parse_td1(mrz_lines(person))
    assert mrz is not None
    assert mrz.never_expires
    assert mrz.valid


def test_hundred_people_with_one_confused_digit_each() -> None:
    confused = {"0": "8", "1": "7", "3": "8", "5": "6", "6": "5", "8": "3"}
    wrong = 0
    for seed in range(100):
        lines = mrz_lines(make_person(seed))
        at = 5 + seed % 22
        slip = confused.get(lines[0][at], lines[0][at])
        mrz = parse_td1((lines[0][:at] + slip + lines[0][at + 1 :], *lines[1:]))
        assert mrz is not None
        assert mrz.number == lines[0][15:27] or not mrz.valid
        wrong += mrz.lines != lines
    assert wrong <= 2
