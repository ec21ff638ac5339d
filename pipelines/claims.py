"""What a QR payload and a machine readable zone claim about a document, as fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pipelines.documents.values import SEX_PRINTED, VIETNAM
from pipelines.machine_codes import MrzReading
from pipelines.parsing.closed_lists import country
from pipelines.parsing.dates import printed
from pipelines.parsing.numbers import personal_number
from pipelines.parsing.qr import QrPayload
from pipelines.parsing.zone import Mrz
from pipelines.types import NO_EXPIRY, Field, FieldName, MrzForm, Normal, Source

QR_CONFIDENCE = 1.0
"""Reed-Solomon: a QR is read rightly or not at all."""
MRZ_CHECKED, MRZ_REPAIRED, MRZ_PARTLY, MRZ_UNCHECKED = 0.99, 0.85, 0.85, 0.3
"""All check digits fit as read; they fit after repair, or only the value's own does; it does not. A digit in ten fits
by chance, so what was repaired is never sure enough to contradict another source."""


def of_qr(qr: QrPayload) -> Mapping[FieldName, Field]:
    name = qr.full_name.upper()
    values: dict[FieldName, tuple[str | None, Normal]] = {
        FieldName.NUMBER: (qr.number, qr.number),
        FieldName.OLD_NUMBER: (qr.old_number, qr.old_number),
        FieldName.FULL_NAME: (name, name),
        FieldName.BIRTH_DATE: (_printed(qr.birth_date), qr.birth_date),
        FieldName.SEX: (SEX_PRINTED[qr.sex] if qr.sex else None, qr.sex),
        FieldName.RESIDENCE: (qr.residence or None, None),
        FieldName.ISSUE_DATE: (_printed(qr.issue_date), qr.issue_date),
    }
    return {
        name: Field(name, text, QR_CONFIDENCE, Source.QR, normal)
        for name, (text, normal) in values.items()
        if text
    }


def of_mrz(reading: MrzReading) -> Mapping[FieldName, Field]:
    mrz = reading.mrz
    expiry = NO_EXPIRY if mrz.never_expires else _printed(mrz.expiry_date)
    own_ok = mrz.checks["document_number"]
    personal_ok = mrz.checks.get("number", mrz.checks.get("personal_number", False))
    number_ok = own_ok and (mrz.form is MrzForm.TD3 or personal_ok)
    facts = personal_number(mrz.personal_number)
    sex_ok = facts is not None and facts.sex is mrz.sex
    state = country(mrz.nationality)
    holder = mrz.personal_number if mrz.form is MrzForm.TD3 else None
    named, chances = reading.name_confidence, reading.chances
    personal = chances["personal_number" if mrz.form is MrzForm.TD3 else "number"]
    by = chances["document_number"] if mrz.form is MrzForm.TD3 else personal
    values: dict[FieldName, tuple[str | None, Normal, float]] = {
        FieldName.NUMBER: (mrz.number, mrz.number, _checked(mrz, number_ok, by)),
        FieldName.BIRTH_DATE: (
            _printed(mrz.birth_date),
            mrz.birth_date,
            _checked(mrz, mrz.checks["birth_date"], chances["birth_date"]),
        ),
        FieldName.SEX: (SEX_PRINTED[mrz.sex] if mrz.sex else None, mrz.sex, _checked(mrz, sex_ok)),
        FieldName.EXPIRY_DATE: (
            expiry,
            None if mrz.never_expires else mrz.expiry_date,
            _checked(mrz, mrz.checks["expiry_date"], chances["expiry_date"]),
        ),
        FieldName.NATIONALITY: (
            state.name if state else mrz.nationality,
            mrz.nationality,
            _checked(mrz, state is not None and state.name == VIETNAM),
        ),
        FieldName.FULL_NAME: (mrz.full_name or None, mrz.full_name, named),
        FieldName.SURNAME: (mrz.surname or None, mrz.surname, named),
        FieldName.GIVEN_NAMES: (mrz.given_names or None, mrz.given_names, named),
        FieldName.DOCUMENT_NUMBER: (
            mrz.document_number or None,
            mrz.document_number,
            _checked(mrz, own_ok, chances["document_number"]),
        ),
        FieldName.PERSONAL_NUMBER: (holder or None, holder, _checked(mrz, personal_ok, personal)),
    }
    return {
        name: Field(name, text, confidence, Source.MRZ, normal)
        for name, (text, normal, confidence) in values.items()
        if text
    }


def _printed(day: date | None) -> str | None:
    return None if day is None else printed(day)


def _checked(mrz: Mrz, own: bool, chance: float = 1.0) -> float:
    """At most the chance that its characters are right, however many checks fit."""
    if not own:
        return min(chance, MRZ_UNCHECKED)
    if not mrz.valid:
        return min(chance, MRZ_PARTLY)
    return min(chance, MRZ_REPAIRED if mrz.repairs else MRZ_CHECKED)
