"""Two sides of one card, answered together."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.types import ConcernKind, Field, FieldName, Reading

DOUBTS = frozenset(
    {
        ConcernKind.BAD_NUMBER_FORMAT,
        ConcernKind.BAD_MRZ,
        ConcernKind.CLIPPED,
        ConcernKind.CONTRADICTION,
        ConcernKind.WRONG_SIDE,
        ConcernKind.UNREADABLE_FIELDS,
        ConcernKind.SPOOF,
    }
)
"""Concerns that make a card blurred, covered or suspicious in a vendor's words. An expired card is none of these."""


def with_moved_fields(front: Reading, back: Reading) -> Mapping[FieldName, Field]:
    """The front's fields, and those of the back that this front does not print.

    Since 2024 the residence and the expiry date stand on the back; clients written before look for them
    among the front's fields and find them there.
    """
    moved = {n: f for n, f in back.fields.items() if n not in front.document.fields}
    return {**moved, **front.fields}


def in_doubt(reading: Reading) -> bool:
    return any(concern.kind in DOUBTS for concern in reading.concerns)
