"""Made-up people whose numbers, dates and addresses agree with each other by construction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from specimens import names, places

CHIP, CC2024 = "chip", "cc2024"

ISSUED: dict[str, tuple[date, date]] = {
    CHIP: (date(2021, 1, 23), date(2024, 6, 30)),
    CC2024: (date(2024, 7, 1), date(2026, 6, 30)),
}
"""Issue windows: Circular 06/2021/TT-BCA in force from 23/01/2021; Law 26/2023/QH15 from 01/07/2024 (open end)."""

ISSUERS: dict[str, str] = {
    CHIP: "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    CC2024: "BỘ CÔNG AN",
}

NO_EXPIRY = "Không thời hạn"
MILESTONES = (25, 40, 60)
"""Ages at which a card runs out (Law on Citizen Identification 2014, article 21; same in the 2023 law from 14)."""
GRACE_YEARS = 2
"""A card issued within two years before a milestone runs to the next one (same article)."""
YOUNGEST_AT_ISSUE = 14
OLDEST_AT_ISSUE = 82

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


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up holder of one document.

    Attributes:
        number: 12 digits PPP G YY SSSSSS; old_number: 9 digits or "".
        full_name: Title Case, NFC.
        sex: "Nam" or "Nữ".
        expiry_date: None when the card never runs out ("Không thời hạn").
        document: "chip" or "cc2024": what the issue date, expiry date and issuer belong to.
    """

    seed: int
    document: str
    number: str
    old_number: str
    full_name: str
    sex: str
    birth_date: date
    nationality: str
    origin: str
    residence: str
    birth_place: str
    issue_date: date
    expiry_date: date | None
    features: str
    issuer: str

    @property
    def expiry_text(self) -> str:
        """The expiry as printed."""
        return NO_EXPIRY if self.expiry_date is None else written(self.expiry_date)


def written(day: date) -> str:
    """dd/mm/yyyy, as printed on every card."""
    return f"{day:%d/%m/%Y}"


def birthday(birth: date, age: int) -> date:
    """The day somebody turns `age`; 29 February falls back to the 28th."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 2, 28)


def expiry(birth: date, issue: date) -> date | None:
    """The last day of a card issued at 14 or older, or None when it never runs out."""
    for milestone in MILESTONES:
        if issue < birthday(birth, milestone - GRACE_YEARS):
            return birthday(birth, milestone)
    return None


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


def _issued(rng: np.random.Generator, document: str, birth: date) -> date:
    first, last = ISSUED[document]
    first = max(first, birthday(birth, YOUNGEST_AT_ISSUE))
    return first + timedelta(days=int(rng.integers(0, (last - first).days + 1)))


def make_person(seed: int, document: str = CHIP) -> Person:
    """The made-up person of a seed, with the dates of one document ("chip" or "cc2024").

    Raises:
        KeyError: no such document.
    """
    rng = np.random.default_rng((seed, 0x9E50))
    male = bool(rng.random() < 0.5)
    newest = ISSUED[CHIP][1].replace(year=ISSUED[CHIP][1].year - YOUNGEST_AT_ISSUE)
    oldest = ISSUED[CHIP][0].replace(year=ISSUED[CHIP][0].year - OLDEST_AT_ISSUE)
    # Bank customers crowd between 18 and 50: a beta distribution leaning towards the young.
    birth = newest - timedelta(days=int(rng.beta(1.6, 2.2) * (newest - oldest).days))
    everywhere = places.places()
    home = everywhere[int(rng.integers(len(everywhere)))]
    stayed = rng.random() < 0.65
    near = [place for place in everywhere if place.code == home.code] if stayed else everywhere
    living = near[int(rng.integers(len(near)))]
    origin = places.write_place(home, rng)
    person = Person(
        seed=seed,
        document=CHIP,
        number=_id_number(rng, home.code, birth, male=male),
        old_number=f"{rng.integers(10_000_000, 389_999_999):09d}"
        if birth.year < 2003 and rng.random() < 0.7
        else "",
        full_name=names.full_name(rng, male=male),
        sex="Nam" if male else "Nữ",
        birth_date=birth,
        nationality="Việt Nam",
        origin=origin,
        residence=places.write_address(living, rng),
        birth_place=origin if rng.random() < 0.5 else places.write_place(home, rng),
        issue_date=date.min,
        expiry_date=None,
        features=_features(rng),
        issuer="",
    )
    return issued_as(person, document)


def issued_as(person: Person, document: str) -> Person:
    """The same person holding another document: issue date, expiry date and issuer change, nothing else.
    Always the same answer for the same person.

    Raises:
        KeyError: no such document.
    """
    rng = np.random.default_rng((person.seed, sorted(ISSUED).index(document), 0x155E))
    issue = _issued(rng, document, person.birth_date)
    return replace(
        person,
        document=document,
        issue_date=issue,
        expiry_date=expiry(person.birth_date, issue),
        issuer=ISSUERS[document],
    )
