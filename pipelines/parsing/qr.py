"""The QR payload of chip cards (7 fields) and of the 2024 card (the same 7 and more): UTF-8, cut by `|`.

The payload is unsigned: it proves agreement, not authenticity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.parsing.dates import parse_date
from pipelines.parsing.numbers import LENGTH, OLD_LENGTH
from pipelines.parsing.text import nfc, squash
from pipelines.types import Sex

_FIELDS = 7
_WITHOUT_OLD_NUMBER = 6


@dataclass(frozen=True, slots=True)
class QrPayload:
    """What the QR says. `extra` holds the fields after the seventh as they came: their order is not published."""

    number: str
    old_number: str | None
    full_name: str
    birth_date: date | None
    sex: Sex | None
    residence: str
    issue_date: date | None
    extra: tuple[str, ...] = ()


def payload_text(payload: bytes) -> str | None:
    """NFC text of the raw bytes; None when they are not UTF-8. (Decoders that guess the encoding break accents.)"""
    try:
        return nfc(payload.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def parse_qr(text: str) -> QrPayload | None:
    """The fields of an identity QR, or None when the payload is something else (a link, another card)."""
    parts = [nfc(part) for part in text.split("|")]
    if len(parts) == _WITHOUT_OLD_NUMBER:
        parts.insert(1, "")
    if len(parts) < _FIELDS:
        return None
    number, old, name, birth, sex, residence, issued = parts[:_FIELDS]
    if len(number) != LENGTH or not (number.isdecimal() and number.isascii()) or not name:
        return None
    return QrPayload(
        number=number,
        old_number=old if len(old) == OLD_LENGTH and old.isdecimal() else None,
        full_name=name,
        birth_date=parse_date(birth),
        sex={"nam": Sex.MALE, "nu": Sex.FEMALE}.get(squash(sex)),
        residence=residence,
        issue_date=parse_date(issued),
        extra=tuple(parts[_FIELDS:]),
    )
