"""Machine readable zone of passports (TD3): cleaned, repaired by its check digits, taken apart.

Source: ICAO Doc 9303 part 4 (TD3) and part 3 section 4.9 (check digits):

    P<VNM SURNAME<<GIVEN<NAMES<<<...                          44 characters
    nnnnnnnnn c VNM YYMMDD c S YYMMDD c pppppppppppppp c C    number, check, birth, sex, expiry, personal number, composite

The number is a letter and 7 or 8 digits, filled to nine; the personal number has 9 or 12 digits, or is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from string import ascii_uppercase
from types import MappingProxyType

from pipelines.parsing.dates import today
from pipelines.parsing.numbers import personal_number
from pipelines.parsing.td1 import FILLER, UNKNOWN, check_digit, fit
from pipelines.parsing.zone import Guarded, Mrz, cleaned, day_of, distance, names_of
from pipelines.types import MrzForm, Sex

LENGTH = 44
_DIGIT, _SEX, _LETTER = "d", "s", "a"
_NAME_START = "P<VNM"
_SHORTEST_LINE = 22
_FORMS = tuple(
    f"{_LETTER}{number}{_DIGIT}VNM{_DIGIT * 7}{_SEX}{_DIGIT * 7}{personal}{_DIGIT}"
    for number in (_DIGIT * 8, _DIGIT * 7 + FILLER)
    for personal in (
        _DIGIT * 12 + FILLER * 2 + _DIGIT,
        _DIGIT * 9 + FILLER * 5 + _DIGIT,
        FILLER * 14 + FILLER,
        FILLER * 14 + _DIGIT,
    )
)
"""The second line, one mark per character: d a digit, a a letter, s the sex, anything else itself. The personal
number may be missing, and its check digit is then a filler or 0."""
_MAX_FIT_COST = 9.0
"""Of 44 characters; six of the wrong kind."""
_MOST_REPAIRS = 2
"""Beyond forcing the alphabet; each group has but one check digit of its own."""
_MARGIN = 0.9
"""A runner-up that changes no more characters is as likely as the winner."""
_DISAGREES = 1.0
"""A personal number that denies the birth year or the sex costs as much as a misread character."""
_MOST_KEPT = 12
_NUMBER, _BIRTH, _EXPIRY, _PERSONAL = slice(0, 10), slice(13, 20), slice(21, 28), slice(28, 43)
TD3_GUARDED: Guarded = MappingProxyType(
    {
        "document_number": (1, _NUMBER),
        "birth_date": (1, _BIRTH),
        "expiry_date": (1, _EXPIRY),
        "personal_number": (1, _PERSONAL),
    }
)


def parse_td3(read: Sequence[str]) -> Mrz | None:
    """The zone among the lines read, or None when none looks like its second line."""
    texts = [(i, text) for i, text in enumerate(map(cleaned, read)) if len(text) >= _SHORTEST_LINE]
    best, at, line = _MAX_FIT_COST, 0, ""
    for i, text in texts:
        for form in _FORMS:
            fitted, cost = fit(text, form)
            if cost < best:
                best, at, line = cost, i, fitted
            if best == 0:
                break
    if not line:
        return None
    above = [text for text in read[:at] if len(cleaned(text)) >= len(_NAME_START)]
    surname, given = names_of(_without_start(above[-1]), LENGTH - 5) if above else ("", "")
    repaired, certain = _settled(line)
    return _taken_apart(line, repaired, certain, (surname, given))


def _without_start(line: str) -> str:
    """Past `P<VNM`, which the reader may have lost or doubled a character of."""
    text = line.strip()
    at = text.upper().find("VNM", 0, len(_NAME_START) + 2)
    return text[at + 3 :] if at >= 0 else text[len(_NAME_START) :]


def _settled(line: str) -> tuple[str, bool]:
    """The nearest line whose every check digit fits, and whether no other is nearly as near."""
    groups = [_near(line[part], part is _NUMBER) for part in (_NUMBER, _BIRTH, _EXPIRY, _PERSONAL)]
    ranked: list[tuple[float, str]] = []
    for number, birth, expiry, personal in product(*groups):
        cost = number[0] + birth[0] + expiry[0] + personal[0]
        if ranked and cost > ranked[0][0] + _MARGIN:
            continue
        sex = _sex(line[20], personal[1])
        whole = f"{number[1]}VNM{birth[1]}{sex}{expiry[1]}{personal[1]}"
        last = check_digit(number[1] + birth[1] + expiry[1] + personal[1])
        cost += distance(line[43], last) + _DISAGREES * _denied(personal[1], birth[1], sex)
        ranked = sorted([*ranked, (cost, whole + last)])[:2]
    if not ranked or sum(a != b for a, b in zip(line, ranked[0][1], strict=True)) > _MOST_REPAIRS:
        return line.replace(UNKNOWN, FILLER), False
    certain = len(ranked) == 1 or ranked[1][0] - ranked[0][0] >= _MARGIN
    return ranked[0][1], certain


def _sex(read: str, personal: str) -> str:
    """A letter that was not read is what the personal number says, or left open."""
    if read != UNKNOWN:
        return read
    facts = personal_number(personal[:-1].rstrip(FILLER))
    return FILLER if facts is None else "M" if facts.sex is Sex.MALE else "F"


def _denied(personal: str, birth: str, sex: str) -> int:
    facts = personal_number(personal[:-1].rstrip(FILLER))
    if facts is None:
        return 0
    wrong_sex = sex != ("M" if facts.sex is Sex.MALE else "F")
    return wrong_sex + (f"{facts.birth_year % 100:02d}" != birth[:2])


def _near(group: str, lettered: bool = False) -> list[tuple[float, str]]:
    """A group as read, and with one digit (or the letter it begins with, when lost) another, where its last character
    is then the check digit."""
    if not any(c.isdigit() or c == UNKNOWN for c in group):
        return [(0.0, group)]
    changed = {group} | {
        group[:i] + other + group[i + 1 :]
        for i, c in enumerate(group)
        if c.isdigit() or c == UNKNOWN
        for other in (ascii_uppercase if lettered and i == 0 else "0123456789")
    }
    sound = [text for text in changed if UNKNOWN not in text and check_digit(text[:-1]) == text[-1]]
    return sorted((distance(group, text), text) for text in sound)[:_MOST_KEPT]


def _taken_apart(read: str, line: str, certain: bool, name: tuple[str, str]) -> Mrz:
    number, birth, expiry, personal = (line[g] for g in (_NUMBER, _BIRTH, _EXPIRY, _PERSONAL))
    facts = personal_number(personal[:-1].rstrip(FILLER))
    born = day_of(birth, 20 if facts is None else facts.birth_year // 100)
    if born is not None and born > today():
        born = day_of(birth, 19)
    checks = {
        "document_number": check_digit(number[:-1]) == number[-1],
        "birth_date": check_digit(birth[:-1]) == birth[-1],
        "expiry_date": check_digit(expiry[:-1]) == expiry[-1],
        "personal_number": personal[-1] in (check_digit(personal[:-1]), FILLER),
        "composite": check_digit(number + birth + expiry + personal) == line[43],
    }
    surname, given = name
    first = f"{_NAME_START}{surname.replace(' ', FILLER)}<<{given.replace(' ', FILLER)}"
    return Mrz(
        form=MrzForm.TD3,
        lines=(first[:LENGTH].ljust(LENGTH, FILLER), line),
        number=number[:-1].rstrip(FILLER),
        document_number=number[:-1].rstrip(FILLER),
        personal_number=personal[:-1].rstrip(FILLER),
        birth_date=born,
        sex={"M": Sex.MALE, "F": Sex.FEMALE}.get(line[20]),
        expiry_date=day_of(expiry, 20),
        nationality=line[10:13],
        surname=surname,
        given_names=given,
        checks=MappingProxyType(checks),
        repairs=sum(a != b for a, b in zip(read, line, strict=True)),
        certain=certain,
    )
