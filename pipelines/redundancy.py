"""Slips of the reader undone by what a card says twice: the number repeats birth and sex, the law ties expiry to birth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipelines.documents.values import SEX_PRINTED
from pipelines.parsing.dates import find_date, printed
from pipelines.parsing.expiry import MILESTONES, birthday, is_lawful, lawful_expiry
from pipelines.parsing.numbers import century_and_sex, personal_number
from pipelines.parsing.text import squash, squash_with_positions, strip_accents
from pipelines.types import (
    NO_EXPIRY,
    DocumentKind,
    Field,
    FieldName,
    NumberForm,
    Sex,
    Source,
    Validity,
)

_MOST_REPAIRED_DIGITS, _MOST_REPAIRED_LETTERS = 2, 2
_SURE = 0.9
"""Confidence of the values that may correct another."""
_NO_EXPIRY_RATIO = 85.0
"""0-100: stricter than on a row of its own, for here the words stand amid an address."""
_NEIGHBOURS = (FieldName.RESIDENCE, FieldName.ORIGIN)
"""Fields whose rows a text box may run into from the expiry under the portrait."""


def unstuck(ocr: Mapping[FieldName, Field]) -> Mapping[FieldName, Field]:
    """An expiry that a text box joined to the address beside it, given back to its own field."""
    expiry = ocr.get(FieldName.EXPIRY_DATE)
    if expiry is None or expiry.text is not None:
        return ocr
    for name in _NEIGHBOURS:
        field = ocr.get(name)
        span = _expiry_in(field.text) if field and field.text else None
        if field is None or field.text is None or span is None:
            continue
        start, end, day = span
        rest = f"{field.text[:start].strip(' ,')} {field.text[end:].strip(' ,')}".strip()
        return {
            **ocr,
            name: replace(field, text=rest or None),
            FieldName.EXPIRY_DATE: replace(
                expiry,
                text=printed(day) if day else NO_EXPIRY,
                normal=day,
                confidence=field.confidence,
                quad=field.quad,
            ),
        }
    return ocr


def repaired(fields: Mapping[FieldName, Field], kind: DocumentKind) -> dict[FieldName, Field]:
    """What was only read off the print and not surely, mended by what is surer. What was read surely is never touched: if it
    is wrong, it contradicts."""
    mended = dict(fields)
    _mend_name_parts(mended)
    if kind.number is NumberForm.PERSONAL:
        _mend_number(mended)
        _mend_sex(mended)
        _mend_birth_year(mended)
    if kind.validity is Validity.AGE:
        _mend_expiry(mended)
    return mended


def _mend_name_parts(fields: dict[FieldName, Field]) -> None:
    """Surname and given names of a zone, which no check digit guards, by the whole name in print."""
    whole, *parts = (
        fields.get(n) for n in (FieldName.FULL_NAME, FieldName.SURNAME, FieldName.GIVEN_NAMES)
    )
    if not whole or not whole.text or whole.source is not Source.OCR:
        return
    words = strip_accents(whole.text).upper().split()
    surname = parts[0].text if parts[0] else None
    first = len(surname.split()) if surname else 1
    for part, own in zip(parts, (slice(0, first), slice(first, None)), strict=True):
        text = " ".join(words[own])
        if (
            part is not None
            and part.text
            and part.source is Source.MRZ
            and part.confidence < min(whole.confidence, _SURE)
            and 0 < Levenshtein.distance(part.text, text) <= _MOST_REPAIRED_LETTERS
            and set(part.text) & set(text)
        ):
            fields[part.name] = replace(part, text=text, normal=text)


def _mend_number(fields: dict[FieldName, Field]) -> None:
    """One digit of century, sex and year that birth date and sex both deny."""
    number, born, sex = (
        fields.get(n) for n in (FieldName.NUMBER, FieldName.BIRTH_DATE, FieldName.SEX)
    )
    if not (number and number.text and len(number.text) == 12 and number.source is Source.OCR):
        return
    if not (born and sex and isinstance(born.normal, date) and isinstance(sex.normal, Sex)):
        return
    if min(born.confidence, sex.confidence) < _SURE or number.confidence >= _SURE:
        return
    wanted = century_and_sex(born.normal.year, sex.normal) + f"{born.normal.year % 100:02d}"
    if sum(a != b for a, b in zip(wanted, number.text[3:6], strict=True)) == 1:
        text = number.text[:3] + wanted + number.text[6:]
        fields[FieldName.NUMBER] = replace(number, text=text, normal=text)


def _mend_sex(fields: dict[FieldName, Field]) -> None:
    number, sex = fields.get(FieldName.NUMBER), fields.get(FieldName.SEX)
    facts = personal_number(number.text) if number and number.text else None
    if number and facts and sex and sex.text is None:
        fields[FieldName.SEX] = replace(
            sex,
            text=SEX_PRINTED[facts.sex],
            normal=facts.sex,
            confidence=number.confidence,
            source=number.source,
        )


def _mend_birth_year(fields: dict[FieldName, Field]) -> None:
    number, born = fields.get(FieldName.NUMBER), fields.get(FieldName.BIRTH_DATE)
    facts = personal_number(number.text) if number and number.text else None
    if not (number and facts and born and isinstance(born.normal, date)):
        return
    if not _unsure(born) or born.normal.year == facts.birth_year:
        return
    day = birthday(born.normal, facts.birth_year - born.normal.year)
    if number.confidence > born.confidence and _digits_off(day, born.text) <= _MOST_REPAIRED_DIGITS:
        fields[FieldName.BIRTH_DATE] = replace(born, text=printed(day), normal=day)


def _mend_expiry(fields: dict[FieldName, Field]) -> None:
    """The lawful expiry nearest to what was read, when what was read is none and one is near."""
    expiry, born = fields.get(FieldName.EXPIRY_DATE), fields.get(FieldName.BIRTH_DATE)
    issued = fields.get(FieldName.ISSUE_DATE)
    if not (expiry and born and isinstance(expiry.normal, date) and isinstance(born.normal, date)):
        return
    issue = issued.normal if issued and isinstance(issued.normal, date) else None
    if not _unsure(expiry) or is_lawful(born.normal, expiry.normal, issue):
        return
    lawful = [birthday(born.normal, age) for age in MILESTONES]
    if issue is not None:
        lawful = [day for day in (lawful_expiry(born.normal, issue),) if day]
    ranked = sorted((_digits_off(day, expiry.text), day) for day in lawful)
    near = [day for off, day in ranked if off == ranked[0][0] <= _MOST_REPAIRED_DIGITS]
    if len(near) == 1:
        fields[FieldName.EXPIRY_DATE] = replace(expiry, text=printed(near[0]), normal=near[0])


def _unsure(field: Field) -> bool:
    return field.source is Source.OCR and field.confidence < _SURE


def _expiry_in(text: str) -> tuple[int, int, date | None] | None:
    """Where an address holds a date or "Không thời hạn", and the date."""
    match = find_date(text)
    if match is not None:
        return match.start, match.end, match.day
    letters, positions = squash_with_positions(text)
    wanted = squash(NO_EXPIRY)
    found = fuzz.partial_ratio_alignment(wanted, letters, score_cutoff=_NO_EXPIRY_RATIO)
    if found is None or len(letters) < len(wanted):
        return None
    return positions[found.dest_start], positions[found.dest_end - 1] + 1, None


def _digits_off(day: date, text: str | None) -> int:
    """In how many places the printed day differs from a text."""
    wanted = printed(day)
    if text is None or len(text) != len(wanted):
        return len(wanted)
    return sum(a != b for a, b in zip(wanted, text, strict=True))
