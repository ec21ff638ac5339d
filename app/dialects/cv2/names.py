"""The words of computervision v2 on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pipelines.types import Concern, ConcernKind, Verdict


class FaceSource(StrEnum):
    """`type1`: what the first image shows."""

    CARD = "card"
    PORTRAIT = "portrait"


MATCH: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.SAME: "1", Verdict.UNSURE: "0", Verdict.DIFFERENT: "-1"}
)

NO_WARNING = ("0", "Successful")

WARNINGS: Mapping[ConcernKind, tuple[str, str]] = MappingProxyType(
    {
        ConcernKind.NO_CARD: ("1", "The ID card photo is not existed"),
        ConcernKind.CARD_WITHOUT_FACE: ("4", "The ID card photo does not contain a face"),
        ConcernKind.PORTRAIT_WITHOUT_FACE: ("5", "The portrait photo does not contain a face"),
        ConcernKind.SPOOF: (
            "10",
            "Photo taken from picture, screen, blurred noise or sign of fraud",
        ),
        ConcernKind.SEVERAL_FACES: ("6", "Photo contains more than one face"),
        ConcernKind.FACE_TOO_SMALL: ("11", "The face in the picture is too small"),
        ConcernKind.FACE_AT_MARGIN: (
            "12",
            "The face in the portrait photo is too close to the margin",
        ),
    }
)
"""The envelope has room for one warning: the first of this order, gravest first."""


def warning(concerns: tuple[Concern, ...]) -> tuple[str, str]:
    """invalidCode and invalidMessage."""
    kinds = {concern.kind for concern in concerns}
    return next((told for kind, told in WARNINGS.items() if kind in kinds), NO_WARNING)
