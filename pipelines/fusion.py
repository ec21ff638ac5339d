"""One value per field out of QR, MRZ and print: QR > MRZ > OCR, with repair by redundancy and the agreement told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from rapidfuzz import fuzz

from pipelines.documents.values import SEX_PRINTED, VIETNAM
from pipelines.machine_codes import MrzReading
from pipelines.parsing.dates import printed
from pipelines.parsing.expiry import MILESTONES, birthday, is_lawful, lawful_expiry
from pipelines.parsing.names import same_name, same_name_unaccented
from pipelines.parsing.numbers import personal_number
from pipelines.parsing.places import same_place
from pipelines.parsing.qr import QrPayload
from pipelines.parsing.text import squash
from pipelines.parsing.zone import Mrz
from pipelines.types import (
    NO_EXPIRY,
    Agreement,
    Concern,
    ConcernKind,
    Field,
    FieldName,
    MrzForm,
    Normal,
    Policy,
    Source,
)

QR_CONFIDENCE = 1.0
"""Reed-Solomon: a QR is read rightly or not at all."""
MRZ_CHECKED, MRZ_REPAIRED, MRZ_PARTLY, MRZ_UNCHECKED = 0.99, 0.85, 0.85, 0.3
"""All check digits fit as read; they fit after repair, or only the value's own does; it does not. A digit in ten fits
by chance, so what was repaired is never sure enough to contradict another source."""
_DIFFERENT_PLACE = 70.0
"""0-100: two readings of one address are more alike than this, also when one is poor."""
_MOST_REPAIRED_DIGITS = 2
_NAMES = frozenset({FieldName.FULL_NAME, FieldName.SURNAME, FieldName.GIVEN_NAMES})


@dataclass(frozen=True, slots=True)
class _Claim:
    source: Source
    text: str
    normal: Normal
    confidence: float


def fuse(
    ocr: Mapping[FieldName, Field], qr: QrPayload | None, mrz: MrzReading | None, policy: Policy
) -> tuple[Mapping[FieldName, Field], tuple[Concern, ...]]:
    """Every field that any source carries, and a concern for each contradiction between two sure sources."""
    claims = {Source.QR: _of_qr(qr) if qr else {}, Source.MRZ: _of_mrz(mrz) if mrz else {}}
    names = dict.fromkeys([*ocr, *claims[Source.QR], *claims[Source.MRZ]])
    fields: dict[FieldName, Field] = {}
    concerns: list[Concern] = []
    for name in names:
        read = ocr.get(name, Field(name, None, 0.0, Source.OCR))
        of_field = [claims[s][name] for s in (Source.QR, Source.MRZ) if name in claims[s]]
        fields[name], against = _fused(read, of_field, policy)
        concerns += [Concern(ConcernKind.CONTRADICTION, pair, name.value) for pair in against]
    return MappingProxyType(repaired(fields)), tuple(concerns)


def repaired(fields: Mapping[FieldName, Field]) -> dict[FieldName, Field]:
    """OCR slips undone by what the number, the birthday and the law of expiry repeat."""
    mended = dict(fields)
    number = mended.get(FieldName.NUMBER)
    facts = personal_number(number.text) if number and number.text else None
    if number and facts and FieldName.SEX in mended and mended[FieldName.SEX].text is None:
        mended[FieldName.SEX] = replace(
            mended[FieldName.SEX],
            text=SEX_PRINTED[facts.sex],
            normal=facts.sex,
            confidence=number.confidence,
            source=number.source,
        )
    born = mended.get(FieldName.BIRTH_DATE)
    if number and facts and born and isinstance(born.normal, date) and born.source is Source.OCR:
        day = _in_year(born.normal, facts.birth_year)
        off = born.normal.year != facts.birth_year
        if (
            off
            and number.confidence > born.confidence
            and _digits_off(day, born.text) <= _MOST_REPAIRED_DIGITS
        ):
            mended[FieldName.BIRTH_DATE] = replace(born, text=printed(day), normal=day)
    expiry, born = mended.get(FieldName.EXPIRY_DATE), mended.get(FieldName.BIRTH_DATE)
    issued = mended.get(FieldName.ISSUE_DATE)
    if expiry and born and expiry.source is Source.OCR and isinstance(born.normal, date):
        issue = issued.normal if issued and isinstance(issued.normal, date) else None
        mended[FieldName.EXPIRY_DATE] = _lawful(expiry, born.normal, issue)
    return mended


def agree(name: FieldName, a: Field, b: Field) -> bool:
    """Do two fields of one name say the same, as far as their sources can?"""
    if a.text is None or b.text is None:
        return True
    return _same(name, a.text, b.text, Source.MRZ in (a.source, b.source))


def _fused(read: Field, claims: list[_Claim], policy: Policy) -> tuple[Field, list[str]]:
    """The most trusted value, and the pairs of sources that contradict each other."""
    name = read.name
    if read.text is not None:
        claims = [*claims, _Claim(Source.OCR, read.text, read.normal, read.confidence)]
    if not claims:
        return read, []
    best = claims[0]
    if best.source is Source.MRZ and best.confidence < read.confidence:
        best = claims[-1]
    against = [
        f"{a.source}/{b.source}"
        for i, a in enumerate(claims)
        for b in claims[i + 1 :]
        if min(a.confidence, b.confidence) >= policy.contradiction_confidence
        and not _same(name, a.text, b.text, Source.MRZ in (a.source, b.source))
        and not _too_alike(name, a.text, b.text)
    ]
    others = [c for c in claims if c is not best]
    agrees = any(
        _same(name, best.text, c.text, Source.MRZ in (best.source, c.source)) for c in others
    )
    single = Agreement.AGREE if agrees else Agreement.SINGLE
    field = Field(
        name=name,
        text=best.text,
        confidence=best.confidence,
        source=best.source,
        normal=best.normal,
        agreement=Agreement.CONTRADICT if against else single,
        quad=read.quad,
        seen=MappingProxyType({c.source: c.text for c in claims}),
    )
    return field, against


def _same(name: FieldName, a: str, b: str, unaccented: bool) -> bool:
    if name in _NAMES:
        return same_name_unaccented(a, b) if unaccented else same_name(a, b)
    if name in (FieldName.RESIDENCE, FieldName.ORIGIN, FieldName.BIRTH_PLACE):
        return same_place(a, b)
    return squash(a) == squash(b)


def _too_alike(name: FieldName, a: str, b: str) -> bool:
    """Differences that a reader makes and a forger does not: a tone mark in a name, a slip in a long address."""
    if name in _NAMES:
        return same_name_unaccented(a, b)
    return name is FieldName.RESIDENCE and fuzz.ratio(squash(a), squash(b)) >= _DIFFERENT_PLACE


def _of_qr(qr: QrPayload) -> dict[FieldName, _Claim]:
    texts: dict[FieldName, tuple[str | None, Normal]] = {
        FieldName.NUMBER: (qr.number, qr.number),
        FieldName.OLD_NUMBER: (qr.old_number, qr.old_number),
        FieldName.FULL_NAME: (qr.full_name.upper(), qr.full_name.upper()),
        FieldName.BIRTH_DATE: (_printed(qr.birth_date), qr.birth_date),
        FieldName.SEX: (SEX_PRINTED[qr.sex] if qr.sex else None, qr.sex),
        FieldName.RESIDENCE: (qr.residence or None, None),
        FieldName.ISSUE_DATE: (_printed(qr.issue_date), qr.issue_date),
    }
    return {
        name: _Claim(Source.QR, text, normal, QR_CONFIDENCE)
        for name, (text, normal) in texts.items()
        if text
    }


def _of_mrz(reading: MrzReading) -> dict[FieldName, _Claim]:
    mrz = reading.mrz
    expiry = NO_EXPIRY if mrz.never_expires else _printed(mrz.expiry_date)
    own_ok = mrz.checks["document_number"]
    personal_ok = mrz.checks.get("number", mrz.checks.get("personal_number", False))
    number_ok = own_ok and (mrz.form is MrzForm.TD3 or personal_ok)
    facts = personal_number(mrz.personal_number)
    sex_ok = facts is not None and facts.sex is mrz.sex
    vietnamese = mrz.nationality == "VNM"
    values: dict[FieldName, tuple[str | None, Normal, float]] = {
        FieldName.NUMBER: (mrz.number, mrz.number, _checked(mrz, number_ok)),
        FieldName.BIRTH_DATE: (
            _printed(mrz.birth_date),
            mrz.birth_date,
            _checked(mrz, mrz.checks["birth_date"]),
        ),
        FieldName.SEX: (SEX_PRINTED[mrz.sex] if mrz.sex else None, mrz.sex, _checked(mrz, sex_ok)),
        FieldName.EXPIRY_DATE: (
            expiry,
            None if mrz.never_expires else mrz.expiry_date,
            _checked(mrz, mrz.checks["expiry_date"]),
        ),
        FieldName.NATIONALITY: (
            VIETNAM if vietnamese else mrz.nationality,
            mrz.nationality,
            _checked(mrz, vietnamese),
        ),
        FieldName.FULL_NAME: (mrz.full_name or None, mrz.full_name, reading.name_confidence),
        FieldName.SURNAME: (mrz.surname or None, mrz.surname, reading.name_confidence),
        FieldName.GIVEN_NAMES: (mrz.given_names or None, mrz.given_names, reading.name_confidence),
        FieldName.DOCUMENT_NUMBER: (
            mrz.document_number or None,
            mrz.document_number,
            _checked(mrz, own_ok),
        ),
        FieldName.PERSONAL_NUMBER: (
            mrz.personal_number if mrz.form is MrzForm.TD3 else None,
            mrz.personal_number,
            _checked(mrz, personal_ok),
        ),
    }
    return {
        name: _Claim(Source.MRZ, text, normal, confidence)
        for name, (text, normal, confidence) in values.items()
        if text
    }


def _printed(day: date | None) -> str | None:
    return None if day is None else printed(day)


def _checked(mrz: Mrz, own: bool) -> float:
    if not own:
        return MRZ_UNCHECKED
    if not mrz.valid:
        return MRZ_PARTLY
    return MRZ_REPAIRED if mrz.repairs else MRZ_CHECKED


def _lawful(expiry: Field, born: date, issue: date | None) -> Field:
    """The lawful expiry nearest to what was read, when what was read is none and one is near."""
    if not isinstance(expiry.normal, date) or is_lawful(born, expiry.normal, issue):
        return expiry
    lawful = [birthday(born, age) for age in MILESTONES]
    if issue is not None:
        lawful = [day for day in (lawful_expiry(born, issue),) if day]
    ranked = sorted((_digits_off(day, expiry.text), day) for day in lawful)
    if not ranked or ranked[0][0] > _MOST_REPAIRED_DIGITS:
        return expiry
    if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
        return expiry
    return replace(expiry, text=printed(ranked[0][1]), normal=ranked[0][1])


def _digits_off(day: date, text: str | None) -> int:
    """In how many places the printed day differs from a text."""
    wanted = printed(day)
    if text is None or len(text) != len(wanted):
        return len(wanted)
    return sum(a != b for a, b in zip(wanted, text, strict=True))


def _in_year(day: date, year: int) -> date:
    return birthday(day, year - day.year)
