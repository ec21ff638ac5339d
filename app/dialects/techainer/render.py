"""A side of a card and a face decision in Techainer's nested words."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.dialects import sides
from app.dialects.techainer.envelope import conflict
from app.dialects.techainer.names import (
    ABSENT,
    DATES,
    FACE_EXISTS,
    MATCHING_FAIL,
    NO_CODE,
    NO_ERROR,
    NO_FACE_AT_ALL,
    NO_FACE_ON_CAPTURE,
    NO_FACE_ON_CARD,
    PLACES,
    SEX_NUMBERS,
    class_name,
)
from pipelines.compare_faces import CARD, PORTRAIT
from pipelines.errors import FaceExists
from pipelines.liveness import Check, VideoDecision, finding
from pipelines.parsing.closed_lists import country
from pipelines.parsing.expiry import is_lawful
from pipelines.parsing.numbers import LENGTH, OLD_LENGTH, personal_number
from pipelines.parsing.text import strip_accents
from pipelines.search_faces import Verification
from pipelines.types import (
    Agreement,
    Concern,
    ConcernKind,
    Decision,
    Field,
    FieldName,
    Normal,
    NumberForm,
    Onboarding,
    Reading,
    Sex,
    Side,
)

Fields = Mapping[FieldName, Field]
Told = dict[str, Any]

UNITS = {"tinh": "province", "huyen": "district", "xa": "ward"}
"""Since 1 July 2025 there is no district."""

PASSPORT_NUMBER = re.compile(r"[A-Z]\d{7,8}")

FORGED = frozenset(
    {ConcernKind.SPOOF, ConcernKind.SCREEN, ConcernKind.PHOTOCOPY, ConcernKind.TAMPERED}
)
"""What makes a card's `liveness` False."""

ID_CHECKS = {
    ConcernKind.TAMPERED: "FAKE",
    ConcernKind.PHOTOCOPY: "BW",
    ConcernKind.PUNCHED: "PUNCH",
    ConcernKind.CUT_CORNER: "CORNER",
    ConcernKind.CLIPPED: "CORNER",
}
"""Gravest first."""


def side(reading: Reading) -> Told:
    """One side: its documented fields, `class_name` and `liveness`."""
    fields = reading.fields
    named = class_name(reading.document)
    expired = sides.has(reading.concerns, ConcernKind.EXPIRED)
    told = {
        word: _field(name, fields, on_back=reading.document.side is Side.BACK, expired=expired)
        for word, name in named.words.items()
    }
    if reading.document.side is Side.FRONT:
        plain = told["id"].pop("value_unidecode")
        validated = validate(reading)
        told["id"] |= {"validate": validated, "value_unidecode": plain}
    told["class_name"] = {
        "value": named.value,
        "confidence": round(reading.margin, 4),
        "normalized": {"value": named.number, "code": named.code},
    }
    forged = any(concern.kind in FORGED for concern in reading.concerns)
    told["liveness"] = {"liveness": _yes(not forged)}
    return told


def faces(
    onboarding: Onboarding,
    *,
    threshold: float,
    live: bool | None = None,
    refused: FaceExists | None = None,
) -> Told:
    """The third element: are the faces one person, and if not, or if the customer cannot be registered, why not?"""
    if onboarding.decision is None:
        return faceless(onboarding.faceless)
    return comparison(onboarding.decision, threshold=threshold, live=live, refused=refused)


def comparison(
    decision: Decision,
    *,
    threshold: float,
    live: bool | None = None,
    refused: FaceExists | None = None,
) -> Told:
    """`live` overrules what was seen of the one picture."""
    matched = decision.similarity >= threshold
    if live is None:
        live = not sides.has(decision.concerns, ConcernKind.SPOOF)
    confidence = min(decision.left.face.score, decision.right.face.score)
    if refused is not None:
        code, message = FACE_EXISTS
        told = _faces(matched, decision.similarity, confidence, _yes(live), (code, message))
        return told | {"conflict": conflict(refused)}
    error = NO_ERROR if matched else MATCHING_FAIL
    return _faces(matched, decision.similarity, confidence, _yes(live), error)


def not_registered(suspicions: Iterable[ConcernKind]) -> Told:
    """Ours, in the third element and only there where faces that match were not kept: why."""
    reasons = [str(kind) for kind in suspicions]
    return {"not_registered": reasons} if reasons else {}


def verified(verification: Verification, confidence: float, live: bool) -> Told:
    """Against the faces kept."""
    error = NO_ERROR if verification.matched else MATCHING_FAIL
    similarity = verification.match.similarity
    return _faces(verification.matched, similarity, confidence, _yes(live), error)


def faceless(where: Iterable[str]) -> Told:
    """No decision: `where` names each picture without a face."""
    card, capture = CARD in where, PORTRAIT in where
    error = NO_FACE_ON_CARD if card else NO_FACE_ON_CAPTURE
    return _faces(False, 0.0, 0.0, "False", NO_FACE_AT_ALL if card and capture else error)


def video(decision: VideoDecision | None, portrait: bytes | None) -> Told:
    """Ours: the fourth element, null in the sample: what the video proves, and the frame that was matched. Without a decision
    the video shows no face."""
    faceless = finding(Check.FACE, "video", False, 0.0, "share of frames with a face")
    reasons = (faceless,) if decision is None else decision.reasons
    return {
        "liveness": {
            "value": _yes(decision is not None and decision.live),
            "reasons": [
                {
                    "check": one.check,
                    "outcome": one.outcome,
                    "measured": one.measured,
                    "detail": one.detail,
                }
                for one in reasons
            ],
        },
        "image_general": ABSENT if portrait is None else base64.b64encode(portrait).decode(),
    }


def validate(reading: Reading) -> Told:
    """Our rule for `validate`: the document's sample contradicts itself.

    `id_logic` is 1 when the number fits the law and the other fields, else 0 with the first reason. `id_check` is REAL when the
    QR code or the MRZ says the same number, FAKE when one says another or the number looks pasted, BW for a photocopy, PUNCH
    and CORNER for a card with a hole or without a corner, and absent when nothing could be compared: a check that did not
    run is not reported as passed.
    """
    number = reading.fields.get(FieldName.NUMBER)
    message = _logic(reading)
    return {
        "id_check": _id_check(number, reading.concerns),
        "id_logic": int(message == "OK"),
        "id_logic_message": message,
        "idconf": _digit_confidences(reading, number),
    }


def _digit_confidences(reading: Reading, number: Field | None) -> list[float]:
    """One per character: as the line it was read from has them, else the whole number's for each."""
    if number is None or number.text is None:
        return []
    for line in reading.lines:
        kept = [i for i, character in enumerate(line.text) if not character.isspace()]
        at = "".join(line.text[i] for i in kept).find(number.text)
        if at >= 0:
            places = kept[at : at + len(number.text)]
            return [round(float(line.reading.confidences[i]), 4) for i in places]
    return [round(number.confidence, 4)] * len(number.text)


def _logic(reading: Reading) -> str:
    number, form = reading.fields.get(FieldName.NUMBER), reading.document.kind.number
    if number is None or number.text is None or not _well_formed(number.text, form):
        return "ID LENGTH IS NOT VALID"
    personal = form in (NumberForm.PERSONAL, None)  # nothing else is written into another
    denied = _denied(number.text, reading.fields) if personal else None
    if denied is not None:
        return denied
    if sides.has(reading.concerns, ConcernKind.EXPIRED):
        return "ID is expired"
    birth, expiry = (
        _normal(reading.fields, name) for name in (FieldName.BIRTH_DATE, FieldName.EXPIRY_DATE)
    )
    if personal and isinstance(birth, date) and isinstance(expiry, date):
        return "OK" if is_lawful(birth, expiry) else "Expiry subtract birthday not good"
    return "OK"


def _denied(number: str, fields: Fields) -> str | None:
    """Which other field a personal number contradicts."""
    says = personal_number(number)
    sex, birth = _normal(fields, FieldName.SEX), _normal(fields, FieldName.BIRTH_DATE)
    if says is None or (isinstance(sex, Sex) and sex is not says.sex):
        return "Not match sex code"
    if isinstance(birth, date) and birth.year != says.birth_year:
        return "Not match year code"
    return None


def _well_formed(text: str, form: NumberForm | None) -> bool:
    if form is NumberForm.PASSPORT:
        return PASSPORT_NUMBER.fullmatch(text) is not None
    length = OLD_LENGTH if form is NumberForm.NINE_DIGITS else LENGTH
    return len(text) == length and text.isdecimal()


def _id_check(number: Field | None, concerns: Iterable[Concern]) -> str:
    if number is not None and number.agreement is Agreement.CONTRADICT:
        return "FAKE"
    for kind, word in ID_CHECKS.items():
        if sides.has(concerns, kind):
            return word
    return "REAL" if number is not None and number.agreement is Agreement.AGREE else ABSENT


def _field(name: FieldName, fields: Fields, *, on_back: bool, expired: bool) -> Told:
    field = fields.get(name)
    value = ABSENT if field is None or field.text is None else field.text.upper()
    confidence = 0.0 if field is None or field.text is None else round(field.confidence, 4)
    told: Told = {"value": value}
    normalized = _place(field) if name in PLACES else _normalized(name, value, field)
    if normalized is not None:
        told["normalized"] = normalized
    told["confidence"] = confidence
    if name is FieldName.EXPIRY_DATE and on_back:
        told["is_valid"] = value != ABSENT and not expired
    told["value_unidecode"] = strip_accents(value)
    return told


def _normalized(name: FieldName, value: str, field: Field | None) -> Told | None:
    normal = None if field is None else field.normal
    if name in DATES:
        return _date(normal if isinstance(normal, date) else None)
    if name is FieldName.SEX:
        return {"value": SEX_NUMBERS[normal] if isinstance(normal, Sex) else NO_CODE}
    if name is FieldName.NATIONALITY:
        known = isinstance(normal, str) and not isinstance(normal, Sex)
        state = country(str(normal)) if known else None
        return {
            "value": value,
            "code": normal if known else NO_CODE,
            "code2": state.alpha2 if state else NO_CODE,
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


def _place(field: Field | None) -> Told:
    """Province, district and ward, with their official codes as numbers."""
    place = sides.units_of(field)
    told: Told = {}
    names: list[str] = []
    for word, part in UNITS.items():
        unit: sides.UnitSaid | None = getattr(place, part)
        text = unit.name.upper() if unit else ABSENT
        told[word] = {
            "value": text,
            "code": int(unit.code) if unit and unit.code else NO_CODE,
            "value_unidecode": strip_accents(text),
        }
        names += [text] if unit else []
    joined = ", ".join(reversed(names)) or ABSENT
    return {"value": joined, **told, "value_unidecode": strip_accents(joined)}


def _faces(
    matched: bool, similarity: float, confidence: float, live: str, error: tuple[int | str, str]
) -> Told:
    return {
        "is_matched": {
            "value": _yes(matched),
            "similarity": round(similarity, 4),
            "confidence": round(confidence, 4),
            "liveness": live,
        },
        "error": {"value": error[1], "confidence": round(confidence, 4), "code": error[0]},
    }


def _normal(fields: Fields, name: FieldName) -> Normal:
    field = fields.get(name)
    return None if field is None else field.normal


def _yes(value: bool) -> str:
    return "True" if value else "False"
