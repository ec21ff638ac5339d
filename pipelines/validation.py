"""Warnings about one read side: what is unreadable, malformed, expired, clipped or contradictory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pipelines.machine_codes import MrzReading
from pipelines.parsing.numbers import personal_number
from pipelines.types import (
    Concern,
    ConcernKind,
    DocumentClass,
    Field,
    FieldName,
    Policy,
    Sex,
    Side,
)


def document_concerns(
    document: DocumentClass,
    fields: Mapping[FieldName, Field],
    mrz: MrzReading | None,
    policy: Policy,
    today: date,
) -> list[Concern]:
    """Concerns that follow from the values themselves."""
    concerns = [
        Concern(ConcernKind.UNREADABLE_FIELDS, name.value)
        for name in document.fields
        if fields[name].text is None or fields[name].confidence < policy.unreadable_confidence
    ]
    number = fields.get(FieldName.NUMBER)
    if number and number.text is not None and personal_number(number.text) is None:
        concerns.append(Concern(ConcernKind.BAD_NUMBER_FORMAT, FieldName.NUMBER.value))
    if document.mrz_zone is not None and mrz is None:
        concerns.append(Concern(ConcernKind.UNREADABLE_FIELDS, "mrz"))
    if mrz is not None and not mrz.mrz.valid:
        failed = ", ".join(name for name, fits in mrz.mrz.checks.items() if not fits)
        concerns.append(Concern(ConcernKind.BAD_MRZ, "mrz", failed or "ambiguous"))
    expiry = fields.get(FieldName.EXPIRY_DATE)
    if expiry and isinstance(expiry.normal, date) and expiry.normal < today:
        concerns.append(Concern(ConcernKind.EXPIRED, FieldName.EXPIRY_DATE.value))
    return concerns + _number_contradictions(fields, policy)


def side_concern(document: DocumentClass, expected: Side | None) -> list[Concern]:
    if expected is None or document.side is expected:
        return []
    return [Concern(ConcernKind.WRONG_SIDE, expected.value, f"this is a {document.side.value}")]


def _number_contradictions(fields: Mapping[FieldName, Field], policy: Policy) -> list[Concern]:
    """Birth year and sex stand in the number too; differing and sure, they contradict it."""
    number = fields.get(FieldName.NUMBER)
    facts = personal_number(number.text) if number and number.text else None
    if number is None or facts is None or number.confidence < policy.contradiction_confidence:
        return []
    concerns = []
    for name in (FieldName.BIRTH_DATE, FieldName.SEX):
        field = fields.get(name)
        if field is None or field.confidence < policy.contradiction_confidence:
            continue
        wrong_year = isinstance(field.normal, date) and field.normal.year != facts.birth_year
        wrong_sex = isinstance(field.normal, Sex) and field.normal is not facts.sex
        if wrong_year or wrong_sex:
            where = f"{FieldName.NUMBER.value}/{name.value}"
            concerns.append(Concern(ConcernKind.CONTRADICTION, where, name.value))
    return concerns
