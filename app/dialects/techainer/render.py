"""A side of a card and a face decision in Techainer's nested words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.dialects.techainer.names import (
    ABSENT,
    CLASS_NAMES,
    COUNTRY_CODES,
    DATES,
    MATCHING_FAIL,
    NO_CODE,
    NO_ERROR,
    NO_FACE_AT_ALL,
    NO_FACE_ON_CAPTURE,
    NO_FACE_ON_CARD,
    PLACES,
    SEX_NUMBERS,
)
from pipelines.compare_faces import CARD, PORTRAIT
from pipelines.parsing.expiry import is_lawful
from pipelines.parsing.numbers import LENGTH, personal_number
from pipelines.parsing.places import units
from pipelines.parsing.text import strip_accents
from pipelines.types import (
    Agreement,
    Concern,
    ConcernKind,
    Decision,
    Field,
    FieldName,
    Normal,
    Onboarding,
    Reading,
    Sex,
    Side,
)

Fields = Mapping[FieldName, Field]
Told = dict[str, Any]

UNITS = ("xa", "huyen", "tinh")
"""Ward, district, province: the order of an address before 1 July 2025. Since then there is no district."""
WARD_WORDS = ("phường ", "xã ", "thị trấn ", "đặc khu ")


def side(reading: Reading, fields: Fields) -> Told:
    """One side: its documented fields, `class_name` and `liveness`."""
    named = CLASS_NAMES[reading.document.slug]
    expired = _has(reading.concerns, ConcernKind.EXPIRED)
    told = {
        word: _field(name, fields, on_back=reading.document.side is Side.BACK, expired=expired)
        for word, name in named.words.items()
    }
    if reading.document.side is Side.FRONT:
        plain = told["id"].pop("value_unidecode")
        told["id"] |= {"validate": validate(fields, reading.concerns), "value_unidecode": plain}
    told["class_name"] = {
        "value": named.value,
        "confidence": round(reading.margin, 4),
        "normalized": {"value": named.number, "code": named.code},
    }
    told["liveness"] = {"liveness": _yes(not _has(reading.concerns, ConcernKind.SPOOF))}
    return told


def faces(onboarding: Onboarding, *, threshold: float) -> Told:
    """The third element: are the faces one person, and if not, why not?"""
    decision = onboarding.decision
    if decision is None:
        return _faces(False, 0.0, 0.0, False, _faceless(onboarding.faceless))
    matched = decision.similarity >= threshold
    live = not _has((*decision.concerns, *onboarding.concerns), ConcernKind.SPOOF)
    return _faces(
        matched,
        decision.similarity,
        _confidence(decision),
        live,
        NO_ERROR if matched else MATCHING_FAIL,
    )


def validate(fields: Fields, concerns: Iterable[Concern]) -> Told:
    """Our rule for `validate`: the document's sample contradicts itself.

    `id_logic` is 1 when the number fits the law and the other fields, else 0 with the first reason. `id_check` is REAL when the
    QR code or the MRZ says the same number, FAKE when one says another, CORNER when a corner of the card is cut off,
    and absent when nothing could be compared: a check that did not run is not reported as passed.
    """
    number = fields.get(FieldName.NUMBER)
    message = _logic(fields, concerns)
    digits = "" if number is None or number.text is None else number.text
    return {
        "id_check": _id_check(number, concerns),
        "id_logic": int(message == "OK"),
        "id_logic_message": message,
        "idconf": [] if number is None else [round(number.confidence, 4)] * len(digits),
    }


def _logic(fields: Fields, concerns: Iterable[Concern]) -> str:
    number = fields.get(FieldName.NUMBER)
    if number is None or number.text is None or len(number.text) != LENGTH:
        return "ID LENGTH IS NOT VALID"
    says = personal_number(number.text)
    if says is None:
        return "Not match sex code"
    sex, birth = _normal(fields, FieldName.SEX), _normal(fields, FieldName.BIRTH_DATE)
    if isinstance(sex, Sex) and sex is not says.sex:
        return "Not match sex code"
    if isinstance(birth, date) and birth.year != says.birth_year:
        return "Not match year code"
    if _has(concerns, ConcernKind.EXPIRED):
        return "ID is expired"
    expiry = _normal(fields, FieldName.EXPIRY_DATE)
    if isinstance(birth, date) and isinstance(expiry, date) and not is_lawful(birth, expiry):
        return "Expiry subtract birthday not good"
    return "OK"


def _id_check(number: Field | None, concerns: Iterable[Concern]) -> str:
    if number is not None and number.agreement is Agreement.CONTRADICT:
        return "FAKE"
    if _has(concerns, ConcernKind.CLIPPED):
        return "CORNER"
    return "REAL" if number is not None and number.agreement is Agreement.AGREE else ABSENT


def _field(name: FieldName, fields: Fields, *, on_back: bool, expired: bool) -> Told:
    field = fields.get(name)
    value = ABSENT if field is None or field.text is None else field.text.upper()
    confidence = 0.0 if field is None or field.text is None else round(field.confidence, 4)
    told: Told = {"value": value}
    normalized = _normalized(name, value, None if field is None else field.normal)
    if normalized is not None:
        told["normalized"] = normalized
    told["confidence"] = confidence
    if name is FieldName.EXPIRY_DATE and on_back:
        told["is_valid"] = value != ABSENT and not expired
    told["value_unidecode"] = strip_accents(value)
    return told


def _normalized(name: FieldName, value: str, normal: Normal) -> Told | None:
    if name in DATES:
        return _date(normal if isinstance(normal, date) else None)
    if name in PLACES:
        return _place(value)
    if name is FieldName.SEX:
        return {"value": SEX_NUMBERS[normal] if isinstance(normal, Sex) else NO_CODE}
    if name is FieldName.NATIONALITY:
        known = isinstance(normal, str) and not isinstance(normal, Sex)
        return {
            "value": value,
            "code": normal if known else NO_CODE,
            "code2": COUNTRY_CODES.get(str(normal), NO_CODE) if known else NO_CODE,
            "value_unidecode": strip_accents(value),
        }
    return None


def _date(day: date | None) -> Told:
    text = ABSENT if day is None else f"{day:%d/%m/%Y}"
    return {
        "value": text,
        "year": {"value": NO_CODE if day is None else day.year},
        "month": {"value": NO_CODE if day is None else day.month},
        "day": {"value": NO_CODE if day is None else day.day},
        "value_unidecode": text,
    }


def _place(value: str) -> Told:
    """Ward, district and province from the commas of an address; official codes are not looked up yet."""
    names = _units(() if value == ABSENT else units(value))
    joined = ", ".join(names[unit] for unit in UNITS if names[unit]) or ABSENT
    told: Told = {"value": joined}
    for unit in reversed(UNITS):
        text = names[unit] or ABSENT
        told[unit] = {"value": text, "code": NO_CODE, "value_unidecode": strip_accents(text)}
    told["value_unidecode"] = strip_accents(joined)
    return told


def _units(parts: tuple[str, ...]) -> dict[str, str]:
    """The last part is the province; what calls itself a ward, or stands alone before it, is the ward."""
    *rest, province = parts or ("",)
    ward = district = ""
    if rest and (len(rest) == 1 or rest[-1].casefold().startswith(WARD_WORDS)):
        ward = rest[-1]
    elif rest:
        ward, district = rest[-2:]
    return {"xa": ward, "huyen": district, "tinh": province}


def _faces(
    matched: bool, similarity: float, confidence: float, live: bool, error: tuple[int, str]
) -> Told:
    return {
        "is_matched": {
            "value": _yes(matched),
            "similarity": round(similarity, 4),
            "confidence": round(confidence, 4),
            "liveness": _yes(live),
        },
        "error": {"value": error[1], "confidence": round(confidence, 4), "code": error[0]},
    }


def _faceless(where: Iterable[str]) -> tuple[int, str]:
    card, capture = CARD in where, PORTRAIT in where
    if card and capture:
        return NO_FACE_AT_ALL
    return NO_FACE_ON_CARD if card else NO_FACE_ON_CAPTURE


def _confidence(decision: Decision) -> float:
    """How sure we are that these are two faces: the weaker of the two detections."""
    return min(decision.left.face.score, decision.right.face.score)


def _normal(fields: Fields, name: FieldName) -> Normal:
    field = fields.get(name)
    return None if field is None else field.normal


def _has(concerns: Iterable[Concern], kind: ConcernKind) -> bool:
    return any(concern.kind is kind for concern in concerns)


def _yes(value: bool) -> str:
    return "True" if value else "False"
