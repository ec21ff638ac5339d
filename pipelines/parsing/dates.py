"""Every printed form of a date, with the repairs that digit slots allow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from rapidfuzz import fuzz

from pipelines.parsing.text import squash, strip_accents

DIGIT_LOOKALIKES = str.maketrans("oOQDCUlIiJ|!tLZzSsGbBAqg", "000000111111112255668499")
"""What OCR takes a digit for, by shape; applied only where a digit must stand."""

_VIETNAM = timezone(timedelta(hours=7))
"""No summer time since 1975."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MIN_TRUE_DIGITS = 5
"""Of the eight digits of a date: fewer true ones, and it is a word and not a date."""
_NO_EXPIRY_RATIO = 78.0
"""0-100: "Không thời hạn" with two letters of twelve wrong still passes; no date comes near."""

_D = r"[0-9oOQDlIi|!ZzSsBGb]"
_BY_SEPARATOR = rf"({_D}{{1,2}})\s?[/.,\-–]\s?({_D}{{1,2}})\s?[/.,\-–]\s?({_D}{{4}})(?![0-9])"
_BY_WORD = (
    rf"(?:n[gq]a[yv]\W*(?:/?\s*date)?\W*)?(?<![0-9])({_D}{{1,2}})\s*(?:month\W*)?th[ao]?ng(?:\W+(?:month)?\W*|\W*)"
    rf"({_D}{{1,2}})\s*(?:year\W*)?n[ao]?m(?:\W*/?\s*y?ear)?\W*({_D}{{4}})"
)
_BARE = rf"(?<!\w)({_D}{{2}})({_D}{{2}})({_D}{{4}})(?!\w)"
_ONE_SLASH_LOST = (
    rf"({_D}{{2}})\s?[/.,\-–1lI|7]?\s?({_D}{{2}})\s?[/.,\-–1lI|7]?\s?({_D}{{4}})(?![0-9])"
)
_FORMS = tuple(
    re.compile(p, re.IGNORECASE) for p in (_BY_SEPARATOR, _BY_WORD, _BARE, _ONE_SLASH_LOST)
)
"""In order of trust: separators, words, eight bare digits (QR), a slash lost or read as 1 or 7."""


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A date and the characters start:end of the searched text that spell it."""

    day: date
    start: int
    end: int


def find_date(text: str) -> DateMatch | None:
    """The first date in `text`: dd/mm/yyyy, dd-mm-yyyy, dd.mm.yyyy, "ngày 05 tháng 07 năm 2021" or ddmmyyyy."""
    plain = strip_accents(text)
    if len(plain) != len(text):  # a stray combining mark: positions would shift
        plain = text
    for form in _FORMS:
        for match in form.finditer(plain):
            found = _date_of(*match.groups())
            if found is not None:
                return DateMatch(found, match.start(), match.end())
    return None


def parse_date(text: str) -> date | None:
    """The day `find_date` finds, or None."""
    match = find_date(text)
    return None if match is None else match.day


def today(moment: datetime | None = None) -> date:
    """The day it is (at a moment: was) in Viet Nam, whose documents run out with its days, wherever the server's clock is set."""
    return (moment or datetime.now(_VIETNAM)).astimezone(_VIETNAM).date()


def is_no_expiry(text: str) -> bool:
    """Does the text say "Không thời hạn"?"""
    return fuzz.partial_ratio("khongthoihan", squash(text)) >= _NO_EXPIRY_RATIO and len(text) >= 9


def printed(day: date) -> str:
    """dd/mm/yyyy, as every card prints it."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def _date_of(day: str, month: str, year: str) -> date | None:
    if sum(c.isdigit() for c in day + month + year) < min(
        _MIN_TRUE_DIGITS, len(day + month + year)
    ):
        return None
    numbers = [part.translate(DIGIT_LOOKALIKES) for part in (day, month, year)]
    if not all(part.isdecimal() for part in numbers):
        return None
    try:
        found = date(int(numbers[2]), int(numbers[1]), int(numbers[0]))
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
