"""The 12-digit personal number `PPP G YY SSSSSS` (Decree 137/2015 article 13; Circular 59/2021 article 4).

PPP is the province where the birth was registered, G says century and sex, YY is the year of birth. There is no
check digit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from types import MappingProxyType

from pipelines.parsing.dates import DIGIT_LOOKALIKES
from pipelines.types import Sex

LENGTH = 12
OLD_LENGTH = 9

_PROVINCES = """
    001 Hà Nội; 002 Hà Giang; 004 Cao Bằng; 006 Bắc Kạn; 008 Tuyên Quang; 010 Lào Cai; 011 Điện
    Biên; 012 Lai Châu; 014 Sơn La; 015 Yên Bái; 017 Hòa Bình; 019 Thái Nguyên; 020 Lạng Sơn; 022
    Quảng Ninh; 024 Bắc Giang; 025 Phú Thọ; 026 Vĩnh Phúc; 027 Bắc Ninh; 030 Hải Dương; 031 Hải
    Phòng; 033 Hưng Yên; 034 Thái Bình; 035 Hà Nam; 036 Nam Định; 037 Ninh Bình; 038 Thanh Hóa; 040
    Nghệ An; 042 Hà Tĩnh; 044 Quảng Bình; 045 Quảng Trị; 046 Thừa Thiên Huế; 048 Đà Nẵng; 049 Quảng
    Nam; 051 Quảng Ngãi; 052 Bình Định; 054 Phú Yên; 056 Khánh Hòa; 058 Ninh Thuận; 060 Bình Thuận;
    062 Kon Tum; 064 Gia Lai; 066 Đắk Lắk; 067 Đắk Nông; 068 Lâm Đồng; 070 Bình Phước; 072 Tây Ninh;
    074 Bình Dương; 075 Đồng Nai; 077 Bà Rịa - Vũng Tàu; 079 Hồ Chí Minh; 080 Long An; 082 Tiền
    Giang; 083 Bến Tre; 084 Trà Vinh; 086 Vĩnh Long; 087 Đồng Tháp; 089 An Giang; 091 Kiên Giang;
    092 Cần Thơ; 093 Hậu Giang; 094 Sóc Trăng; 095 Bạc Liêu; 096 Cà Mau
"""
PROVINCES = MappingProxyType(
    {
        entry.strip()[:3]: entry.strip()[4:].strip()
        for entry in " ".join(_PROVINCES.split()).split(";")
    }
)
"""Circular 07/2016/TT-BCA annex I. Others exist (births abroad), so an unknown code only warns."""

_PLAUSIBLE_CENTURY_DIGITS = "0123"
"""20th and 21st century: nobody alive has another."""
_MIN_TRUE_SHARE = 2 / 3
"""Of the digits a number should have: fewer read as digits, and the run is a word."""
_MOST_EXTRA = 2
"""Digits beyond its length that a misread number may have."""
_SLOT = "0-9oOQDlIi|!ZzSsBGb"
_RUN = re.compile(rf"[{_SLOT}](?:[ .]?[{_SLOT}])*")


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """What the digits say. `known_province` is False for births abroad and for misreadings."""

    digits: str
    province: str
    sex: Sex
    birth_year: int
    known_province: bool


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """Digits after repair and the characters start:end they were read from. Length 12, or else malformed."""

    digits: str
    start: int
    end: int


def personal_number(digits: str) -> PersonalNumber | None:
    """The structure of a 12-digit number, or None when it has none (length, letters, a century to come)."""
    if len(digits) != LENGTH or not digits.isdecimal() or not digits.isascii():
        return None
    century_sex = int(digits[3])
    if digits[3] not in _PLAUSIBLE_CENTURY_DIGITS:
        return None
    return PersonalNumber(
        digits=digits,
        province=digits[:3],
        sex=Sex.FEMALE if century_sex % 2 else Sex.MALE,
        birth_year=1900 + 100 * (century_sex // 2) + int(digits[4:6]),
        known_province=digits[:3] in PROVINCES,
    )


def century_and_sex(year: int, sex: Sex) -> str:
    """The fourth digit: 0 and 1 of the 20th century, 2 and 3 of the 21st; even for a man."""
    return str(2 * (year // 100 - 19) + (sex is Sex.FEMALE))


def find_number(text: str, length: int = LENGTH) -> NumberMatch | None:
    """The best run of digits: `length` with the structure of a personal number where 12 are due, then any
    `length`, then the longest that is nearly so long (malformed).

    Letters that look like digits are read as digits inside the run.
    """
    best: tuple[tuple[int, int, int], NumberMatch] | None = None
    for run in _RUN.finditer(text):
        slots = [i for i in range(run.start(), run.end()) if text[i] not in " ."]
        for match in _windows(text, slots, length):
            structure = personal_number(match.digits)
            rank = (
                (len(match.digits) == length)
                + (structure is not None and structure.known_province),
                sum(text[i].isdigit() for i in range(match.start, match.end)),
                -match.start,
            )
            if best is None or rank > best[0]:
                best = rank, match
    return None if best is None else best[1]


def _windows(text: str, slots: list[int], length: int) -> list[NumberMatch]:
    """Every window of `length` slots, and the whole run when it is too short or slightly too long."""
    fewest = math.ceil(_MIN_TRUE_SHARE * length)
    spans = [slots[i : i + length] for i in range(len(slots) - length + 1)]
    if fewest <= len(slots) <= length + _MOST_EXTRA and len(slots) != length:
        spans = [*spans, slots] if not _all_digits(text, slots) else [slots]
    return [
        NumberMatch(
            "".join(text[i] for i in span).translate(DIGIT_LOOKALIKES), span[0], span[-1] + 1
        )
        for span in spans
        if sum(text[i].isdigit() for i in span) >= fewest
        and _unbroken(text, span) <= length + _MOST_EXTRA
    ]


def _unbroken(text: str, span: list[int]) -> int:
    """Digits side by side that the span is a part of: nine of an unbroken twelve are no number of nine."""
    if not _all_digits(text, span):
        return 0
    before = len(text[: span[0]]) - len(text[: span[0]].rstrip("0123456789"))
    behind = text[span[-1] + 1 :]
    return before + len(span) + len(behind) - len(behind.lstrip("0123456789"))


def _all_digits(text: str, slots: list[int]) -> bool:
    return all(text[i].isdigit() for i in slots)
