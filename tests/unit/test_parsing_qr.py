from datetime import date

import pytest

from pipelines.parsing.qr import parse_qr, payload_text
from pipelines.types import Sex

CHIP = "001190000017|012345678|Nguyễn Thị Minh Ánh|25081990|Nữ|Số 12, Tổ 7, Phường Xuân La, Quận Tây Hồ, Hà Nội|25042021"
CC2024 = "079301000025||Trần Hoàng Bảo Ngọc|03072001|Nữ|Số 45/6, Khu phố 3, Phường Tân Sơn Nhì, Quận Tân Phú, Thành phố Hồ Chí Minh|05072024||||"


def test_seven_fields() -> None:
    payload = parse_qr(CHIP)
    assert payload is not None
    assert payload.number == "001190000017"
    assert payload.old_number == "012345678"
    assert payload.full_name == "Nguyễn Thị Minh Ánh"
    assert payload.birth_date == date(1990, 8, 25)
    assert payload.sex is Sex.FEMALE
    assert payload.residence == "Số 12, Tổ 7, Phường Xuân La, Quận Tây Hồ, Hà Nội"
    assert payload.issue_date == date(2021, 4, 25)
    assert payload.extra == ()


def test_eleven_fields_keep_the_unknown_ones_raw() -> None:
    payload = parse_qr(CC2024.removesuffix("||||") + "||001|Nguyễn Văn A|")
    assert payload is not None
    assert payload.old_number is None
    assert payload.issue_date == date(2024, 7, 5)
    assert payload.extra == ("", "001", "Nguyễn Văn A", "")
    plain = parse_qr(CC2024)
    assert plain is not None
    assert plain.extra == ("", "", "", "")


def test_six_fields_lack_the_old_number() -> None:
    parts = CHIP.split("|")
    payload = parse_qr("|".join([parts[0], *parts[2:]]))
    assert payload is not None
    assert (payload.old_number, payload.full_name) == (None, "Nguyễn Thị Minh Ánh")


@pytest.mark.parametrize(
    "text", ["", "https://gplx.example/abc", "001190000017", "0011|a|b|c|d|e|f", "00119000001X||A|25081990|Nữ|B|25042021", "|" * 10]
)  # fmt: skip
def test_other_codes_are_no_identity_qr(text: str) -> None:
    assert parse_qr(text) is None


def test_bytes_are_utf8_and_composed() -> None:
    assert payload_text("Nguye\u0302\u0303n".encode()) == "Nguyễn"
    assert payload_text(b"\x93\xfa\x96") is None
