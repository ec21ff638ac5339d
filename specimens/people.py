"""Made-up people whose numbers, dates and addresses agree with each other by construction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from specimens import issuing, names, places
from specimens.issuing import (
    CC2024,
    CHIP,
    CMND9,
    DOCUMENTS,
    LICENCE_2025,
    LICENCES,
    NO_EXPIRY,
    TERMS,
)
from specimens.places import Place

OLDEST_AT_ISSUE = 82
LATEST_PASS = 40
"""Days between the last test and the licence of somebody who has just passed."""
FATHER_SURNAME = 0.93
"""Chance that a child has its father's surname."""

MARKS = (
    "Nốt ruồi",
    "Nốt ruồi",
    "Nốt ruồi",
    "Sẹo chấm",
    "Sẹo chấm",
    "Sẹo dài 1cm",
    "Sẹo lõm",
    "Nốt ruồi nổi",
)
SPOTS = (
    "trước cánh mũi phải",
    "sau đuôi mắt trái",
    "dưới sau khóe mắt phải",
    "trên trước đầu lông mày trái",
    "dưới mép phải",
    "dưới trước mép trái",
    "trên sau cánh mũi trái",
    "dưới cằm phải",
    "sau đuôi lông mày phải",
    "giữa trán",
    "trên trước đuôi mắt phải",
    "cạnh trước tai trái",
)


ETHNICITIES = (("Kinh", 0.86), ("Tày", 0.02), ("Thái", 0.02), ("Mường", 0.015), ("Khơ-me", 0.015), ("Nùng", 0.01), ("Hoa", 0.01),
    ("H'Mông", 0.01), ("Dao", 0.01), ("Gia-rai", 0.005), ("Ê-đê", 0.005), ("Ba-na", 0.003), ("Chăm", 0.003), ("Sán Chay", 0.003),
    ("Sán Dìu", 0.003), ("Cơ-ho", 0.002), ("Xơ-đăng", 0.002), ("Hrê", 0.001), ("Mnông", 0.001), ("Bru-Vân Kiều", 0.001),
    ("Giáy", 0.001),
)  # fmt: skip
"""Ethnic groups and their shares (rounded from the census of 2019)."""
RELIGIONS = (("Không", 0.74), ("Phật giáo", 0.1), ("Công giáo", 0.06), ("Thiên chúa", 0.03), ("Tin Lành", 0.02), ("Cao Đài", 0.02),
    ("Phật giáo Hòa Hảo", 0.02), ("Hồi giáo", 0.01),
)  # fmt: skip
"""As CMND print them; "Thiên chúa" is an older word for "Công giáo"."""


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up holder of one document.

    Attributes:
        document: one of `DOCUMENTS`: what the document number, the dates and the issuer belong to.
        number: the personal number, 12 digits PPP G YY SSSSSS; old_number: 9 digits or "".
        document_number: see `issuing.document_number`.
        full_name: Title Case, NFC; alias: another such name or "".
        sex: "Nam" or "Nữ".
        home: where the person was born and comes from; living: what `residence` names.
        expiry_date: None when the document never runs out ("Không thời hạn").
        licence_class, passed_date: "" and None but on driving licences.
    """

    seed: int
    document: str
    number: str
    old_number: str
    document_number: str
    full_name: str
    alias: str
    sex: str
    birth_date: date
    nationality: str
    ethnicity: str
    religion: str
    origin: str
    residence: str
    birth_place: str
    home: Place
    living: Place
    features: str
    father_name: str
    mother_name: str
    issue_date: date
    expiry_date: date | None
    issuer: str
    licence_class: str
    passed_date: date | None

    @property
    def expiry_text(self) -> str:
        """The expiry as printed."""
        return NO_EXPIRY if self.expiry_date is None else written(self.expiry_date)

    @property
    def surname(self) -> str:
        """The first word, as passports and MRZ part names."""
        return self.full_name.partition(" ")[0]

    @property
    def given_names(self) -> str:
        return self.full_name.partition(" ")[2]


def written(day: date) -> str:
    """dd/mm/yyyy, as printed on every card."""
    return f"{day:%d/%m/%Y}"


def _id_number(rng: np.random.Generator, code: str, birth: date, *, male: bool) -> str:
    """PPP G YY SSSSSS of Decree 137/2015 article 13: G is 0/1 for the 20th century, 2/3 for the 21st."""
    century = 2 * (birth.year // 100 - 19)
    return (
        f"{code}{century + (0 if male else 1)}{birth.year % 100:02d}{rng.integers(1, 40_000):06d}"
    )


def _features(rng: np.random.Generator) -> str:
    if rng.random() < 0.06:
        return "Không"
    mark = str(rng.choice(MARKS))
    return f"{mark} C:{_distance(rng)} {rng.choice(SPOTS)}"


def _distance(rng: np.random.Generator) -> str:
    return str(rng.choice(["0,5cm", "1cm", "1,5cm", "2cm", "2,5cm", "3cm", "3,5cm", "4cm"]))


def _of(rng: np.random.Generator, shares: tuple[tuple[str, float], ...]) -> str:
    weights = np.array([share for _, share in shares])
    return shares[int(rng.choice(len(shares), p=weights / weights.sum()))][0]


def make_person(seed: int, document: str = CHIP) -> Person:
    """The made-up person of a seed, holding one document.

    Raises:
        ValueError: no such document.
    """
    rng = np.random.default_rng((seed, 0x9E50))
    male = bool(rng.random() < 0.5)
    chip = TERMS[CHIP]
    newest = chip.last.replace(year=chip.last.year - chip.youngest)
    oldest = chip.first.replace(year=chip.first.year - OLDEST_AT_ISSUE)
    # Bank customers crowd between 18 and 50: a beta distribution leaning towards the young.
    birth = newest - timedelta(days=int(rng.beta(1.6, 2.2) * (newest - oldest).days))
    everywhere = places.places()
    home = everywhere[int(rng.integers(len(everywhere)))]
    stayed = rng.random() < 0.65
    near = places.places_of(home.code) if stayed else everywhere
    living = near[int(rng.integers(len(near)))]
    origin = places.write_place(home, rng)
    number = _id_number(rng, home.code, birth, male=male)
    had_cmnd = birth.year < 2003 and rng.random() < 0.7
    old_number = f"{rng.integers(10_000_000, 389_999_999):09d}" if had_cmnd else ""
    full_name = names.full_name(rng, male=male)
    birth_place = origin if rng.random() < 0.5 else places.write_place(home, rng)
    features = _features(rng)
    father, mother = names.full_name(rng, male=True), names.full_name(rng, male=False)
    if rng.random() < FATHER_SURNAME:
        father = f"{full_name.partition(' ')[0]} {father.partition(' ')[2]}"
    person = Person(
        seed=seed,
        document=CHIP,
        number=number,
        old_number=old_number,
        document_number="",
        full_name=full_name,
        alias=names.full_name(rng, male=male) if rng.random() < 0.08 else "",
        sex="Nam" if male else "Nữ",
        birth_date=birth,
        nationality="Việt Nam",
        ethnicity=_of(rng, ETHNICITIES),
        religion=_of(rng, RELIGIONS),
        origin=origin,
        residence="",
        birth_place=birth_place,
        home=home,
        living=living,
        features=features,
        father_name=father,
        mother_name=mother,
        issue_date=date.min,
        expiry_date=None,
        issuer="",
        licence_class="",
        passed_date=None,
    )
    return issued_as(person, document)


def _passed(rng: np.random.Generator, birth: date, issue: date) -> date:
    """The day of the (first) test: shortly before the issue, or years ago on a renewed licence."""
    adult = issuing.birthday(birth, 18)
    latest = (issue - adult).days
    days = int(rng.integers(8, LATEST_PASS)) if rng.random() < 0.6 else int(rng.integers(8, 4000))
    return issue - timedelta(days=min(days, latest))


def _living(person: Person, document: str, issue: date) -> Place:
    """The ward of residence in the system in force when a document with an address was issued."""
    if issue < issuing.MERGER or person.living.units.system == places.CURRENT:
        return person.living
    if document not in (CC2024, LICENCE_2025):
        return person.living
    wards = places.current_places()[person.living.code]
    return wards[int(np.random.default_rng((person.seed, 0x34AD)).integers(len(wards)))]


def issued_as(person: Person, document: str) -> Person:
    """The same person holding another document. What belongs to the document changes; where the person is too
    young ever to have held it, so do the birth date and the year in the personal number, and nothing else.
    Always the same answer for the same person.

    Raises:
        ValueError: no such document.
    """
    rng = np.random.default_rng((person.seed, DOCUMENTS.index(document), 0x155E))
    birth = issuing.old_enough(document, person.birth_date)
    century = 2 * (birth.year // 100 - 19) + int(person.number[3]) % 2
    number = f"{person.number[:3]}{century}{birth:%y}{person.number[6:]}"
    issue = issuing.issue_day(rng, document, birth)
    group, years = issuing.licence_class(rng, document)
    passed = _passed(rng, birth, issue) if document in LICENCES else None
    kept = person.old_number if document == CMND9 else ""
    living = _living(person, document, issue)
    return replace(
        person,
        document=document,
        living=living,
        residence=places.write_address(living, np.random.default_rng((person.seed, 0xADD2))),
        number=number,
        document_number=kept or issuing.document_number(rng, document, number, passed=passed),
        birth_date=birth,
        issue_date=issue,
        expiry_date=issuing.last_day(document, birth, issue, years),
        issuer=issuing.issuer_of(document, issue, living.province),
        licence_class=group,
        passed_date=passed,
    )
