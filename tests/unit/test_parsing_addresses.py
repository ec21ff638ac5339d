import random
from datetime import date
from time import process_time

import pytest

from pipelines.parsing.addresses import find_place, place_of
from pipelines.parsing.units import table
from pipelines.types import AddressSystem, Place
from training.places import build
from training.places.evaluate import ASKED, score
from training.places.noise import WHOLE, chains

OLD, NEW = AddressSystem.LEGACY_63, AddressSystem.CURRENT_34


def codes(place: Place) -> tuple[str | None, ...]:
    return tuple(u.code if u else None for u in (place.province, place.district, place.ward))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("XUÂN LA, TÂY HỒ, HÀ NỘI", ("01", "003", "00103")),
        ("P. Xuân La, Q. Tây Hồ, HN", ("01", "003", "00103")),
        ("Xuan La, Tay Ho, Ha Noi", ("01", "003", "00103")),
        ("Số 8 ngõ 647, Xuân La Tây Hồ Hà Nội", ("01", "003", "00103")),
        ("Xuâm La, Tày Hồ, Há Nội", ("01", "003", "00103")),
        ("Thôn Phú Mỹ Xuân LaTây HồHà Nội", ("01", "003", "00103")),
        ("Thon 3, Duc Hop, Kim Đong, Hung Yen", ("33", "331", "12316")),
        ("Yên Bắc, TX Duy Tiên, Hà Nam", ("35", "349", "13348")),
        ("TT. Chúc Sơn, H. Chương Mỹ, TP Hà Nội", ("01", "277", "10015")),
        ("Ấp 2, Long Hậu, Cân Giuộc, Long An", ("80", "807", "28168")),
        ("Hoa Binh Binh Gia Lang Son", ("20", "181", "06103")),
        ("45/6 KP3 P.Tân Sơn Nhì,Q.Tân Phú,TP.Hồ Chí Minh", ("79", "767", "27010")),
        ("5/7 Lê Lợi, P.5, Q. Gò Vấp, TP.HCM", ("79", "764", "26887")),
        ("Số 5 Trần Phú, Phường Điện Biên, Quận Ba Đình, Thành phố Hà Nội", ("01", "001", "00019")),
        ("Huyện Lý Sơn, Tỉnh Quảng Ngãi", ("51", "536", None)),
        ("Xuân La, Hà Nội", ("01", "003", "00103")),
        ("Xuân La, Tây Hồ", ("01", "003", "00103")),
        ("TỈNH BẮC GIANG", ("24", None, None)),
        ("Nghệ An", ("40", None, None)),
        # Thanh Hải is in Thị xã Chũ by now; cards before print its old district.
        ("Thôn Bình Minh 1, Thanh Hải, Lục Ngạn, Bắc Giang", ("24", "219", "07549")),
    ],
)
def test_addresses_of_the_63_provinces(text: str, expected: tuple[str | None, ...]) -> None:
    assert codes(find_place(text, OLD).place) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sài Gon, Ho Chí Minh", ("79", None, "26740")),
        ("Số 1 Xuân La, Phường Tây Hồ, Thành phố Hà Nội", ("01", None, "00103")),
        ("Xã Bảo Lâm 1, Lâm Đồng", ("68", None, "25054")),
        ("Đặc khu Côn Đảo, TP. Hồ Chí Minh", ("79", None, "26732")),
        ("Phường Trấn Biên, Thành phố Đồng Nai", ("75", None, "26041")),  # a city since April 2026
        ("Phường Trấn Biên, Tỉnh Đồng Nai", ("75", None, "26041")),
    ],
)
def test_addresses_of_the_34_provinces(text: str, expected: tuple[str | None, ...]) -> None:
    assert codes(find_place(text, NEW).place) == expected


@pytest.mark.parametrize(
    "text",
    ["Hà Đông, Hà Tây", "Vientiane, Lào", "", "12345", "Số 8 ngõ 647"],
)
def test_what_is_on_no_list_gets_no_unit(text: str) -> None:
    assert codes(find_place(text, OLD).place) == (None, None, None)


def test_two_wards_that_read_alike_are_never_guessed() -> None:
    """Đồng Tháp has Tân Thành and Tân Thạnh: without marks, nobody can tell."""
    assert codes(find_place("Tan Thanh, Dong Thap", NEW).place) == ("82", None, None)
    marked = find_place("Tân Thạnh, Đồng Tháp", NEW).place
    assert marked.ward is not None
    assert marked.ward.name == "Xã Tân Thạnh"
    assert marked.ward.margin < find_place("Sài Gòn, Hồ Chí Minh", NEW).place.ward.margin  # type: ignore[union-attr]
    # Nam Từ Liêm has Mỹ Đình 1 and Mỹ Đình 2: the number was lost.
    assert codes(find_place("Mỹ Đình, Nam Từ Liêm, Hà Nội", OLD).place) == ("01", "019", None)


def test_a_number_is_never_taken_for_another() -> None:
    """Phường 13 of Quận 3 went into Phường 12 in 2025: named as printed, without a code, and mapped to today's ward."""
    place = find_place("12/5 Lê Văn Sỹ, P.13, Q.3, TP.HCM", OLD).place
    assert codes(place) == ("79", "770", "")
    assert place.ward is not None
    assert place.ward.name == "Phường 13"
    assert place.current is not None
    assert place.current.ward is not None
    assert place.current.ward.name == "Phường Nhiêu Lộc"


@pytest.mark.parametrize("kind", ["TP.", "Thành phố", "THÀNH PHỐ"])
def test_a_dissolved_district_is_known_by_its_wards(kind: str) -> None:
    place = find_place(f"Vỹ Dạ, {kind} Huế, Thừa Thiên Huế", OLD).place
    assert codes(place) == ("46", "", "19777")
    assert place.district is not None
    assert (place.district.name, place.district.short) == ("Thành phố Huế", "Huế")


def test_what_stands_before_the_units_is_kept() -> None:
    place = find_place("Số 8 ngõ 647, P. Xuân La, Q. Tây Hồ, HN", OLD).place
    assert place.detail == "Số 8 ngõ 647"
    assert place.ward is not None
    assert (place.ward.name, place.ward.short) == ("Phường Xuân La", "Xuân La")


def test_the_unit_of_2025_where_the_old_one_went_there_whole() -> None:
    whole = find_place("Long Hậu, Cần Giuộc, Long An", OLD).place.current
    assert whole is not None
    assert codes(whole) == ("80", None, whole.ward.code if whole.ward else "")
    assert whole.province is not None
    assert whole.ward is not None
    assert (whole.province.name, whole.ward.name) == ("Tỉnh Tây Ninh", "Xã Cần Giuộc")
    divided = find_place("Xuân La, Tây Hồ, Hà Nội", OLD).place.current
    assert divided is not None
    assert codes(divided) == ("01", None, None)


def test_the_day_of_issue_decides_the_system() -> None:
    text = "Phường Sài Gòn, Thành phố Hồ Chí Minh"
    assert codes(place_of(text, date(2024, 8, 1))) == ("79", None, None)
    assert codes(place_of(text, date(2025, 8, 1))) == ("79", None, "26740")
    old = "Xuân La, Chợ Lách, Bến Tre"
    assert place_of(old, date(2025, 8, 1)).system is OLD
    assert place_of("Phường Xuân La, Quận Tây Hồ, Hà Nội", date(2022, 1, 1)).system is OLD
    assert codes(place_of("Phường Tây Hồ, Hà Nội", None)) == ("01", None, "00103")


def test_two_systems_that_both_explain_an_address_leave_the_ward_open() -> None:
    """Old: ward Xuân La of district Tây Hồ. New: a street or hamlet Xuân La in ward Tây Hồ."""
    place = place_of("Xuân La, Tây Hồ, Hà Nội", date(2025, 8, 1))
    assert codes(place) == ("01", None, None)


@pytest.mark.parametrize(
    ("text", "system", "expected"),
    [
        ("Tổ 8, Phường Long Hương, Thành phố Hồ Chí Minh", NEW, ("79", None, "26566")),
        ("Phường Xuân La, Quận Tây Hồ, Hà Nội", OLD, ("01", "003", "00103")),
        ("Thành phố Đồng Nai", NEW, ("75", None, None)),
    ],
)
def test_of_two_explanations_the_clearly_cheaper_one_is_meant(
    text: str, system: AddressSystem, expected: tuple[str | None, ...]
) -> None:
    """Words of "Thành phố Hồ Chí Minh" and "Phường Long Hương" are ward Long Trường to the old list, four letters off."""
    place = place_of(text, date(2026, 8, 1))
    assert (place.system, codes(place)) == (system, expected)


def test_a_number_of_any_length_is_looked_up() -> None:
    """Python reads no more than 4,300 digits as a number, and a QR can carry more."""
    assert codes(place_of("1" * 5000 + ", Xuân La, Tây Hồ, Hà Nội", date(2024, 1, 1))) == (
        "01",
        "003",
        "00103",
    )


@pytest.mark.parametrize("asked", ASKED)
def test_good_photos_give_the_right_ward_and_hardly_ever_a_wrong_one(asked: str) -> None:
    table()
    system, find = ASKED[asked]
    wards = [c for c in chains(system) if int(c.ward.code) % 2]
    for condition in ("good photo, 1 % misread", "fair photo, 3 % misread"):
        write, rate = WHOLE[condition]
        rng = random.Random(condition)
        sample = [rng.choice(wards) for _ in range(300)]
        result = score(condition, write, rate, sample, find, rng)
        assert result.right >= 0.95
        assert result.wrong <= 0.005


def test_the_table_is_small_and_quickly_read() -> None:
    spent = []
    for _ in range(3):
        table.cache_clear()
        started = process_time()
        table()
        spent.append(process_time() - started)
    assert min(spent) < 0.15
    provinces = table().provinces
    assert [len(provinces[system]) for system in (OLD, NEW)] == [63, 34]
    assert len(table().current_wards) == 3321


def test_the_table_is_what_its_script_writes() -> None:
    assert build.OUT.read_text("utf-8") == build.table(build.package_data())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Huyện Sóc Sơn, Thành phố Hà Nội", ("01", "016", None)),
        ("Phường An Khánh, Thành phố Thủ Đức, TP. Hồ Chí Minh", ("79", "769", "27094")),
        ("Dĩ An, Bình Dương", ("74", "724", None)),  # and not a ward of a province it does not name
        ("Sóc Sơn, Hà Nội", ("01", None, "00376")),  # the district is gone, a ward has its name
    ],
)
def test_an_old_address_on_a_new_card(text: str, expected: tuple[str | None, ...]) -> None:
    assert codes(place_of(text, date(2025, 9, 1))) == expected
