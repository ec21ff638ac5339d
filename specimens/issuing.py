"""Which documents there are, when and by whom each was issued, how its number is built and when it runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np

CC2024, CHIP = "cc2024", "chip"
CMND9, CMND12, CCCD = "cmnd9", "cmnd12", "cccd"
PASSPORT_OLD, PASSPORT_NEW, PASSPORT_2023 = "passport_old", "passport_new", "passport_2023"
LICENCE_2013, LICENCE_2025 = "licence_2013", "licence_2025"
PASSPORTS = (PASSPORT_OLD, PASSPORT_NEW, PASSPORT_2023)
LICENCES = (LICENCE_2013, LICENCE_2025)
DOCUMENTS = (CC2024, CHIP, CMND9, CMND12, CCCD, *PASSPORTS, *LICENCES)
"""The order is part of what a seed means: append, never insert."""


@dataclass(frozen=True, slots=True)
class Terms:
    """First and last day of issue, and the age from which one can have the document."""

    first: date
    last: date
    youngest: int


TERMS: Mapping[str, Terms] = MappingProxyType(
    {
        CMND9: Terms(
            date(2000, 1, 1), date(2018, 12, 31), 14
        ),  # Decree 05/1999; older forms differ
        CMND12: Terms(date(2012, 7, 1), date(2015, 12, 31), 14),  # Circular 27/2012/TT-BCA
        CCCD: Terms(date(2016, 1, 1), date(2021, 1, 22), 14),  # Circular 61/2015/TT-BCA
        CHIP: Terms(date(2021, 1, 23), date(2024, 6, 30), 14),  # Circular 06/2021/TT-BCA
        CC2024: Terms(date(2024, 7, 1), date(2026, 6, 30), 14),  # Law 26/2023/QH15; open end
        PASSPORT_OLD: Terms(date(2012, 1, 1), date(2022, 6, 30), 14),
        PASSPORT_NEW: Terms(date(2022, 7, 1), date(2022, 12, 31), 14),  # Circular 73/2021/TT-BCA
        PASSPORT_2023: Terms(date(2023, 1, 1), date(2026, 6, 30), 14),  # Circular 68/2022/TT-BCA
        LICENCE_2013: Terms(date(2013, 1, 1), date(2025, 2, 28), 19),  # Circular 12/2017/TT-BGTVT
        LICENCE_2025: Terms(date(2025, 3, 1), date(2026, 6, 30), 19),  # Circular 12/2025/TT-BCA
    }
)
"""Windows of issue; the youngest age of a licence leaves a year for the test."""

NO_EXPIRY = "Không thời hạn"
MILESTONES = (25, 40, 60)
"""Ages at which a card runs out (Law on Citizen Identification 2014, article 21; same in the 2023 law from 14)."""
GRACE_YEARS = 2
"""A card issued within two years before a milestone runs to the next one (same article)."""
CMND_YEARS, PASSPORT_YEARS = 15, 10
RENAMED = date(2018, 10, 10)
"""From here on the issuer of cards is the Police Department for Administrative Management of Social Order."""
OLD_DEPARTMENT = "CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ"
DEPARTMENT = "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI"
MERGER = date(2025, 7, 1)
"""From here on 34 provinces and no districts (Resolution 202/2025/QH15)."""
CITIES = ("Hà Nội", "Hải Phòng", "Đà Nẵng", "Cần Thơ", "TP. Hồ Chí Minh", "Huế")
"""Run by the state, so that their police is that of a city and not of a province."""

OLD_CLASSES: tuple[tuple[str, float, int | None], ...] = (
    ("A1", 0.4, None), ("A2", 0.08, None), ("B1", 0.06, 10), ("B2", 0.3, 10), ("C", 0.1, 5), ("D", 0.03, 5), ("E", 0.02, 5),
    ("FC", 0.01, 5),
)  # fmt: skip
NEW_CLASSES: tuple[tuple[str, float, int | None], ...] = (
    ("A1", 0.35, None), ("A", 0.12, None), ("B1", 0.03, None), ("B", 0.34, 10), ("C1", 0.08, 10), ("C", 0.04, 5), ("D2", 0.02, 5),
    ("CE", 0.02, 5),
)  # fmt: skip
"""Class, share among specimens, years of validity (None: without end); 2008 and 2024 laws on road traffic."""


def birthday(birth: date, age: int) -> date:
    """The day somebody turns `age`; 29 February falls back to the 28th."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 2, 28)


def expiry(birth: date, issue: date) -> date | None:
    """The last day of a citizen's card issued at 14 or older, or None when it never runs out."""
    for milestone in MILESTONES:
        if issue < birthday(birth, milestone - GRACE_YEARS):
            return birthday(birth, milestone)
    return None


def old_enough(document: str, birth: date) -> date:
    """The birth date, moved back by whole lives of a teenager until its owner could hold the document."""
    terms = TERMS[document]
    while birthday(birth, terms.youngest) > terms.last:
        birth = birthday(birth, -terms.youngest)
    return birth


def issue_day(rng: np.random.Generator, document: str, birth: date) -> date:
    """A day in the document's window on which its owner was old enough."""
    terms = TERMS[document]
    first = max(terms.first, birthday(birth, terms.youngest))
    return first + timedelta(days=int(rng.integers(0, (terms.last - first).days + 1)))


def licence_class(rng: np.random.Generator, document: str) -> tuple[str, int | None]:
    """A class of a driving licence and its years of validity; "" on other documents."""
    if document not in LICENCES:
        return "", None
    classes = OLD_CLASSES if document == LICENCE_2013 else NEW_CLASSES
    at = int(rng.choice(len(classes), p=[share for _, share, _ in classes]))
    return classes[at][0], classes[at][2]


def last_day(document: str, birth: date, issue: date, years: int | None) -> date | None:
    """When a document runs out; `years` is what `licence_class` said."""
    if document in (CMND9, CMND12):
        return birthday(issue, CMND_YEARS)
    if document in PASSPORTS:
        return birthday(issue, PASSPORT_YEARS)
    if document in LICENCES:
        return None if years is None else birthday(issue, years)
    return expiry(birth, issue)


def police_of(province: str) -> str:
    """`CA TP HÀ NỘI`, `CA TỈNH NAM ĐỊNH`."""
    kind = "TP" if province in CITIES else "TỈNH"
    return f"CA {kind} {province.removeprefix('TP. ')}".upper()


def issuer_of(document: str, issue: date, province: str) -> str:
    """Who issued a document, as printed; "" where the side names nobody."""
    if document == CMND9:
        return f"GIÁM ĐỐC {police_of(province)}"
    if document in (CMND12, CCCD, CHIP):
        return OLD_DEPARTMENT if issue < RENAMED else DEPARTMENT
    if document == CC2024:
        return "BỘ CÔNG AN"
    if document in PASSPORTS:
        return "Cục Quản lý xuất nhập cảnh"
    return f"PHÒNG CSGT - {police_of(province)}" if document == LICENCE_2025 else ""


def document_number(
    rng: np.random.Generator, document: str, personal: str, *, passed: date | None
) -> str:
    """The number of the document itself; cards go by the personal number, of which the MRZ repeats nine digits.

    A CMND of nine digits and a passport have numbers of their own; a licence has two digits of the province, one of
    the sex (0 male, 1 female), the year of the first test and seven more.
    """
    if document == CMND9:
        return f"{rng.integers(10_000_000, 389_999_999):09d}"
    if document == PASSPORT_OLD:
        return f"{rng.choice(list('BBBCCCN'))}{rng.integers(1_000_000, 9_999_999)}"
    if document in PASSPORTS:
        letter = "P" if document == PASSPORT_NEW else str(rng.choice(list("PEEEKC")))
        return f"{letter}{rng.integers(100_000, 29_999_999):08d}"
    if passed is not None:
        return f"{personal[1:3]}{int(personal[3]) % 2}{passed:%y}{rng.integers(1, 9_999_999):07d}"
    return personal[3:]


def names_parents(issue: date) -> bool:
    """CMND of twelve digits named father and mother until Circular 57/2013/TT-BCA came into force."""
    return issue < date(2013, 12, 29)
