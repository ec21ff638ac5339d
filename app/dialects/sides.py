"""What a card says, for dialects that all ask the same of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from pipelines.match_sides import SIDES_COMPARED
from pipelines.parsing.places import units
from pipelines.types import Concern, ConcernKind, Field, FieldName, Place, Reading, Unit

DOUBTS = frozenset(
    {
        ConcernKind.BAD_NUMBER_FORMAT,
        ConcernKind.BAD_MRZ,
        ConcernKind.CLIPPED,
        ConcernKind.CONTRADICTION,
        ConcernKind.WRONG_SIDE,
        ConcernKind.UNREADABLE_FIELDS,
        ConcernKind.SPOOF,
        ConcernKind.PHOTOCOPY,
        ConcernKind.SCREEN,
        ConcernKind.CUT_CORNER,
        ConcernKind.PUNCHED,
        ConcernKind.COVERED,
        ConcernKind.TAMPERED,
        ConcernKind.BLURRED,
        ConcernKind.GLARE,
        ConcernKind.CARD_TOO_SMALL,
    }
)
"""Concerns that make a card blurred, covered or suspicious in a vendor's words. An expired card is none of these, nor is one
of several in a picture."""

FACE_DOUBTS = frozenset(
    {
        ConcernKind.SPOOF,
        ConcernKind.SUNGLASSES,
        ConcernKind.HAT,
        ConcernKind.MASK,
        ConcernKind.BLURRED_FACE,
        ConcernKind.EYES_CLOSED,
        ConcernKind.EXTREME_POSE,
        ConcernKind.UNDEREXPOSED,
        ConcernKind.OVEREXPOSED,
        ConcernKind.FACE_TOO_SMALL,
    }
)
"""Concerns that make a portrait blurred, covered or suspicious."""

WARD_WORDS = ("phường ", "xã ", "thị trấn ", "đặc khu ")


@dataclass(frozen=True, slots=True)
class UnitSaid:
    """A unit of an address: its name, and its official code where that is known."""

    name: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class UnitsSaid:
    """Ward, district and province; None where an address has none or it is not certain."""

    ward: UnitSaid | None = None
    district: UnitSaid | None = None
    province: UnitSaid | None = None


def with_moved_fields(front: Reading, back: Reading, of_both: Iterable[Concern]) -> Reading:
    """The front with the fields of the back that this front does not print, and expired where they are.

    Since 2024 the residence and the expiry date stand on the back; clients written before look for them
    among the front's fields and find them there. Nothing moves between the sides of two people or two documents.

    Args:
        of_both: what is said of the two sides together.
    """
    if any(concern.where == SIDES_COMPARED for concern in of_both):
        return front
    moved = {n: f for n, f in back.fields.items() if n not in front.document.fields}
    expired = [c for c in back.concerns if c.kind is ConcernKind.EXPIRED]
    if FieldName.EXPIRY_DATE not in moved or has(front.concerns, ConcernKind.EXPIRED):
        expired = []
    return replace(
        front,
        fields=MappingProxyType({**moved, **front.fields}),
        concerns=(*front.concerns, *expired),
    )


def in_doubt(*concerns: Concern) -> bool:
    return any(concern.kind in DOUBTS for concern in concerns)


def has(concerns: Iterable[Concern], kind: ConcernKind) -> bool:
    return any(concern.kind is kind for concern in concerns)


def units_of(field: Field | None) -> UnitsSaid:
    """Of an address: the official units it was matched with, else what stands between its commas, without codes."""
    if field is None or field.text is None:
        return UnitsSaid()
    if isinstance(field.normal, Place):
        place = field.normal
        return UnitsSaid(
            _official(place.ward), _official(place.district), _official(place.province)
        )
    return _between_commas(units(field.text))


def _official(unit: Unit | None) -> UnitSaid | None:
    return None if unit is None else UnitSaid(unit.name, unit.code)


def _between_commas(parts: tuple[str, ...]) -> UnitsSaid:
    """The last part is the province; what calls itself a ward, or stands alone before it, is the ward."""
    if not parts:
        return UnitsSaid()
    *rest, province = parts
    ward = district = None
    if rest and (len(rest) == 1 or rest[-1].casefold().startswith(WARD_WORDS)):
        ward = UnitSaid(rest[-1])
    elif rest:
        ward, district = (UnitSaid(part) for part in rest[-2:])
    return UnitsSaid(ward, district, UnitSaid(province))
