import pytest

from pipelines.parsing.places import with_true_marks

NAMES = ("La Pán Tẩn", "Mù Căng Chải", "Yên Bái")


@pytest.mark.parametrize(
    ("read", "mended"),
    [
        ("La Pán Tấn, Mù Cang Chải, Yên Bái", "La Pán Tẩn, Mù Căng Chải, Yên Bái"),
        ("Xã La Pán Tấn, Huyện Mù Căng Chải, Yên Bái", "Xã La Pán Tẩn, Huyện Mù Căng Chải, Yên Bái"),
        ("LA PÁN TẤN, YÊN BÁI", "LA PÁN TẨN, YÊN BÁI"),
        ("Bản Tả Van, La Pán Tần", "Bản Tả Van, La Pán Tẩn"),
        ("Thôn XLa Pán Tấn, Yên Bái", "Thôn XLa Pán Tấn, Yên Bái"),
        ("La Pán Tân A, Yên Bài", "La Pán Tân A, Yên Bái"),
    ],
)  # fmt: skip
def test_marks_of_units_are_those_of_the_official_list(read: str, mended: str) -> None:
    assert with_true_marks(read, NAMES) == mended


def test_another_way_to_place_a_tone_mark_stays() -> None:
    assert with_true_marks("Xã Hoà Bình", ("Hòa Bình",)) == "Xã Hoà Bình"
