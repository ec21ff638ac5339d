from datetime import UTC, date, datetime

import pytest

from pipelines.parsing.dates import find_date, is_no_expiry, parse_date, printed, today


@pytest.mark.parametrize(
    "text",
    [
        "05/07/2021",
        "05-07-2021",
        "05.07.2021",
        "5/7/2021",
        "05 / 07 / 2021",
        "05072021",
        "ngày 05 tháng 07 năm 2021",
        "Ngày 5 tháng 7 năm 2021",
        "Hà Nội, ngày/date 05 tháng/month 07 năm/year 2021",
        "Hưng Yên, date/ngày 05 month/tháng 07 year/năm 2021",
        "5 tháng 7 năm 2021",
        "Ngày sinh / Date of birth: 05/07/2021",
        "O5/o7/2O21",
        "05/07/202l",
        "0S/07/2021",
        "05107/2021",
        "05/0712021",
        "Không thời hạn? 05/07/2021",
    ],
)
def test_every_printed_form_and_its_usual_misreadings(text: str) -> None:
    assert parse_date(text) == date(2021, 7, 5)


@pytest.mark.parametrize(
    "text", ["31/02/2021", "05/13/2021", "05/07/1821", "001190000017", "Số 12, Tổ 7", "", "lO/lO/lOlO", "Không thời hạn"]
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert parse_date(text) is None


def test_the_match_tells_where_the_date_stands() -> None:
    text = "Ngày sinh: 25/08/1990 Nữ"
    match = find_date(text)
    assert match is not None
    assert text[match.start : match.end] == "25/08/1990"


def test_no_expiry_survives_lost_accents_but_a_date_is_not_one() -> None:
    assert is_no_expiry("Không thời hạn")
    assert is_no_expiry("Khong thoi han")
    assert is_no_expiry("Có giá trị đến: Khôg thời hạn")
    assert not is_no_expiry("25/08/2030")
    assert not is_no_expiry("Thời hạn")


def test_printed_is_read_back() -> None:
    assert printed(date(2021, 7, 5)) == "05/07/2021"


@pytest.mark.parametrize("text", ["12 Thái Hà, 3 Nam Đồng 2010", "Tổ 7 thị trấn 4 Nam Ban 2001"])
def test_an_address_is_no_day(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["ngày/date 16 tháng/month 12 nămear 2019", "16 thng 12 nm 2019"])
def test_a_day_in_garbled_words(text: str) -> None:
    assert parse_date(text) == date(2019, 12, 16)


def test_a_day_begins_when_it_does_in_viet_nam() -> None:
    assert today(datetime(2026, 1, 1, 16, 59, tzinfo=UTC)) == date(2026, 1, 1)
    assert today(datetime(2026, 1, 1, 17, 0, tzinfo=UTC)) == date(2026, 1, 2)
