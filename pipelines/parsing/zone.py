"""What the forms of a machine readable zone have in common: what it says, how lines are cleaned and told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from pipelines.parsing.expiry import MRZ_NEVER
from pipelines.parsing.td1 import FILLER, UNKNOWN
from pipelines.parsing.text import strip_accents
from pipelines.types import MrzForm, Sex

Guarded: TypeAlias = Mapping[str, tuple[int, slice]]
"""Per check digit but the composite, where it and what it guards stand: number of the line, and characters."""

_FILLER_SIGNS = str.maketrans(dict.fromkeys("«‹([{", FILLER) | {"»": FILLER, "›": FILLER})
_NOT_MRZ = re.compile(r"[^A-Z0-9<]")
_PADDING = re.compile(f"{FILLER}{{4,}}")
"""Longer than the two fillers after a surname are ever read."""
_TO_LETTER = str.maketrans("01524867", "OISZABGT")

_CONFUSED = {
    "0": "8", "1": "74", "2": "7", "3": "85", "4": "1", "5": "63", "6": "58", "7": "12", "8": "0369", "9": "8",
}  # fmt: skip
"""Digits a reader takes for one another in OCR-B."""
_UNLIKE = 1.5
"""Cost of changing a character into one it does not look like; a lookalike costs 1, a lost character too."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says.

    Attributes:
        lines: repaired, three of 30 (TD1) or two of 44 (TD3).
        number: what the document goes by: on cards the holder's 12 digits, on passports its own.
        document_number: the document's own number: nine digits, or a passport's.
        personal_number: the holder's, 12 or 9 digits; "" where a passport leaves it out.
        checks: per check digit, whether it fits the repaired line.
        repairs: characters changed beyond forcing digits into digit slots.
        certain: no other zone lies nearly as near to what was read, and none of it was read too doubtfully.
        expiry_date: None when unreadable; 2099-12-31 stands for "never".
    """

    form: MrzForm
    lines: tuple[str, ...]
    number: str
    document_number: str
    personal_number: str
    birth_date: date | None
    sex: Sex | None
    expiry_date: date | None
    nationality: str
    surname: str
    given_names: str
    checks: Mapping[str, bool]
    repairs: int
    certain: bool

    @property
    def valid(self) -> bool:
        return self.certain and all(self.checks.values())

    @property
    def never_expires(self) -> bool:
        return self.expiry_date == MRZ_NEVER

    @property
    def full_name(self) -> str:
        return f"{self.surname} {self.given_names}".strip()


def cleaned(line: str) -> str:
    """Capitals, digits and fillers only; signs that look like a filler are one."""
    return _NOT_MRZ.sub("", strip_accents(line).upper().translate(_FILLER_SIGNS))


def names_of(read: str, length: int) -> tuple[str, str]:
    """Surname and given names of a name line as read, at most `length` characters of it.

    Two fillers part them, one parts words; where the two were read as one, the surname is the first word. What stands
    behind a long run of fillers is noise.
    """
    line = re.sub(r"\s*<\s*", FILLER, strip_accents(read).upper().translate(_FILLER_SIGNS))
    line = _NOT_MRZ.sub("", line.strip().replace(" ", FILLER)).translate(_TO_LETTER)[:length]
    line = _PADDING.split(line.strip(FILLER))[0]
    surname, _, rest = line.partition(FILLER * 2 if FILLER * 2 in line else FILLER)
    given, _, _ = rest.lstrip(FILLER).partition(FILLER * 2)
    return surname.replace(FILLER, " "), given.replace(FILLER, " ").strip()


def distance(read: str, repaired: str) -> float:
    """Cost of the characters in which two texts differ."""
    return sum(
        1.0 if a == UNKNOWN or b in _CONFUSED.get(a, "") else _UNLIKE
        for a, b in zip(read, repaired, strict=True)
        if a != b
    )


def day_of(text: str, century: int) -> date | None:
    """YYMMDD, further characters ignored; the century is 19 or 20."""
    if not text.isdecimal():
        return None
    try:
        return date(100 * century + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
