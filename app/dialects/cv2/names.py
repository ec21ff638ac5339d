"""The words of computervision v2 on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pipelines.liveness import Check, Finding
from pipelines.types import Concern, ConcernKind, DocumentClass, FieldName, Side, Verdict

PREFIX = "/api/v2"

ABSENT = "N/A"


class FaceSource(StrEnum):
    """`type1`: what the first image shows."""

    CARD = "card"
    PORTRAIT = "portrait"


MATCH: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.SAME: "1", Verdict.UNSURE: "0", Verdict.DIFFERENT: "-1"}
)

Warnings = Mapping[ConcernKind, tuple[str, str]]
"""The envelopes have room for one warning: the first of this order, gravest first."""

NO_WARNING = ("0", "Successful")

_FRAUD = ("10", "Photo taken from picture, screen, blurred noise or sign of fraud")
_TAMPERING = ("3", "The ID card photo is suspected of tampering")

FACE_WARNINGS: Warnings = MappingProxyType(
    {
        ConcernKind.NO_CARD: ("1", "The ID card photo is not existed"),
        ConcernKind.CARD_WITHOUT_FACE: ("4", "The ID card photo does not contain a face"),
        ConcernKind.PORTRAIT_WITHOUT_FACE: ("5", "The portrait photo does not contain a face"),
        ConcernKind.TAMPERED: _TAMPERING,
        ConcernKind.SCREEN: _TAMPERING,
        ConcernKind.PHOTOCOPY: ("2", "The picture is a photocopy version of the id card"),
        ConcernKind.SPOOF: _FRAUD,
        ConcernKind.SEVERAL_FACES: ("6", "Photo contains more than one face"),
        ConcernKind.MASK: ("9", "Wearing a mask"),
        ConcernKind.SUNGLASSES: ("7", "Wearing sunglasses"),
        ConcernKind.HAT: ("8", "Wearing a hat"),
        ConcernKind.BLURRED_FACE: _FRAUD,
        ConcernKind.BLURRED: _FRAUD,
        ConcernKind.FACE_TOO_SMALL: ("11", "The face in the picture is too small"),
        ConcernKind.FACE_AT_MARGIN: (
            "12",
            "The face in the portrait photo is too close to the margin",
        ),
        # Ours, told only when nothing on the page applies, and far from its numbers.
        ConcernKind.EYES_CLOSED: ("101", "Eyes closed"),
        ConcernKind.EXTREME_POSE: ("102", "The face is turned too far away"),
        ConcernKind.UNDEREXPOSED: ("103", "The face is too dark"),
        ConcernKind.OVEREXPOSED: ("104", "The face is too bright"),
    }
)

_CLIPPED = ("5", "The id card's corner has been clipped")

CARD_WARNINGS: Warnings = MappingProxyType(
    {
        ConcernKind.SCREEN: (
            "1",
            "Photo contains sign of being taken through an electronic screen",
        ),
        ConcernKind.PHOTOCOPY: ("2", "The picture is a photocopy version of the id card"),
        ConcernKind.BAD_NUMBER_FORMAT: (
            "3",
            "The id field on the document is incorrectly formatted",
        ),
        ConcernKind.BAD_MRZ: ("4", "The mrzcode on the passport is incorrectly formatted"),
        ConcernKind.CUT_CORNER: _CLIPPED,
        ConcernKind.CLIPPED: _CLIPPED,
    }
)

_N = FieldName

_FRONT = {
    "id": _N.NUMBER,
    "name": _N.FULL_NAME,
    "dob": _N.BIRTH_DATE,
    "hometown": _N.ORIGIN,
    "address": _N.RESIDENCE,
}
_FRONT_12 = {
    **_FRONT,
    "gender": _N.SEX,
    "due_date": _N.EXPIRY_DATE,
    "nationality": _N.NATIONALITY,
    "ethnicity": _N.ETHNICITY,
}
_FRONT_CHIP = {word: name for word, name in _FRONT_12.items() if word != "ethnicity"}
_BACK_9 = {
    "ethnicity": _N.ETHNICITY,
    "issue_date": _N.ISSUE_DATE,
    "religious": _N.RELIGION,
    "issued_at": _N.ISSUER,
}
_BACK_12 = {"issue_date": _N.ISSUE_DATE, "issued_at": _N.ISSUER}
_BACK_CHIP = {
    **_BACK_12,
    "document_number": _N.DOCUMENT_NUMBER,
    "person_number": _N.NUMBER,
    "dob": _N.BIRTH_DATE,
    "gender": _N.SEX,
    "due_date": _N.EXPIRY_DATE,
    "nationality": _N.NATIONALITY,
    "sur_name": _N.SURNAME,
    "given_name": _N.GIVEN_NAMES,
}

PLACES = frozenset({_N.ORIGIN, _N.RESIDENCE, _N.BIRTH_PLACE})
"""Each has its province, district and ward besides, as `_town`, `_district`, `_ward` and their `_code`."""


@dataclass(frozen=True, slots=True)
class SideWords:
    """`type` of one side, and the words of its fields. `country` is told where a machine readable zone names it."""

    type: str
    words: Mapping[str, FieldName]
    country: bool = False


SIDES: Mapping[tuple[str, Side], SideWords] = MappingProxyType(
    {
        ("cmnd9", Side.FRONT): SideWords("9_id_card_front", _FRONT),
        ("cmnd9", Side.BACK): SideWords("9_id_card_back", _BACK_9),
        ("cmnd12", Side.FRONT): SideWords("12_id_card_front", _FRONT_12),
        ("cmnd12", Side.BACK): SideWords("12_id_card_back", _BACK_12),
        ("cccd", Side.FRONT): SideWords("12_id_card_front", _FRONT_12),
        ("cccd", Side.BACK): SideWords("12_id_card_back", _BACK_12),
        ("chip", Side.FRONT): SideWords("chip_id_card_front", _FRONT_CHIP),
        ("chip", Side.BACK): SideWords("chip_id_card_back", _BACK_CHIP, country=True),
        # Ours: the vendor's page knows no Căn cước of 2024, no words of a licence and no back of one.
        ("cc2024", Side.FRONT): SideWords("identity_card_front", _FRONT_CHIP),
        ("cc2024", Side.BACK): SideWords(
            "identity_card_back",
            {**_BACK_CHIP, "address": _N.RESIDENCE, "birth_place": _N.BIRTH_PLACE},
            country=True,
        ),
        ("licence", Side.FRONT): SideWords(
            "driving_license",
            {
                "id": _N.NUMBER,
                "name": _N.FULL_NAME,
                "dob": _N.BIRTH_DATE,
                "nationality": _N.NATIONALITY,
                "address": _N.RESIDENCE,
                "class": _N.LICENCE_CLASS,
                "issue_date": _N.ISSUE_DATE,
                "issued_at": _N.ISSUER,
                "due_date": _N.EXPIRY_DATE,
            },
        ),
        ("licence", Side.BACK): SideWords(
            "driving_license_back", {"class": _N.LICENCE_CLASS, "passed_date": _N.PASSED_DATE}
        ),
        ("passport", Side.FRONT): SideWords(
            "passport",
            {
                "id": _N.NUMBER,
                "sur_name": _N.SURNAME,
                "given_name": _N.GIVEN_NAMES,
                "dob": _N.BIRTH_DATE,
                "gender": _N.SEX,
                "nationality": _N.NATIONALITY,
                "due_date": _N.EXPIRY_DATE,
                "person_number": _N.PERSONAL_NUMBER,
                # Ours besides: printed, but not on the vendor's list.
                "issue_date": _N.ISSUE_DATE,
                "issued_at": _N.ISSUER,
                "birth_place": _N.BIRTH_PLACE,
            },
            country=True,
        ),
    }
)
"""By the slug of a document's kind, and the side."""

PASSPORT = "passport"
ISSUING_STATE = "VNM"


def side_words(document: DocumentClass) -> SideWords:
    return SIDES[document.kind.slug, document.side]


def warning(concerns: Iterable[Concern], told: Warnings) -> tuple[str, str]:
    """invalidCode and invalidMessage."""
    kinds = {concern.kind for concern in concerns}
    return next((warning for kind, warning in told.items() if kind in kinds), NO_WARNING)


LIVENESS_WARNINGS: Mapping[tuple[Check | None, str], tuple[str, str]] = MappingProxyType(
    {
        (Check.FACE, "mid"): ("1", "The mid image does not contain face"),
        (Check.FACE, "left"): ("2", "The left image does not contain face"),
        (Check.FACE, "right"): ("3", "The right image does not contain face"),
        (Check.PERSON, "left"): ("4", "The mid image and the left image do not match"),
        (Check.PERSON, "right"): ("5", "The mid image and the right image do not match"),
        (None, "mid"): ("6", "Invalid center image"),
        (None, "left"): ("7", "Invalid left image"),
        (None, "right"): ("8", "Invalid right image"),
        (None, "all"): ("6", "Invalid center image"),
    }
)
"""By the check that failed, None for any other, and the image; one of them is told, the first of this order. What concerns all
images together is told of the one in the middle."""


def liveness_warning(reasons: Iterable[Finding]) -> tuple[str, str]:
    """invalidCode and invalidMessage of verify_liveness."""
    failed = {
        key for reason in reasons for key in ((reason.check, reason.where), (None, reason.where))
    }
    told = (warning for key, warning in LIVENESS_WARNINGS.items() if key in failed)
    return next(told, NO_WARNING)


REASONS: Mapping[Check, str] = MappingProxyType(
    {
        Check.FACE: "There is no face",
        Check.ONE_FACE: "There is more than one face",
        Check.SIZE: "The face is too small",
        Check.POSE: "The head is not turned as asked",
        Check.PERSON: "Not the person of the first portrait straight on",
        Check.CAPTURE: "The same photo as another portrait",
        Check.DEPTH: "The face is flat, as if taken from a picture",
        Check.PASSIVE: "Signs of a picture or a screen",
    }
)
"""Ours: `message` of the reasons of verify_challenge."""
UNJUDGED = "Not to be judged: a colour photo, a larger face or more room around it is needed"
"""The same of what could not be assessed, which accuses nobody."""
