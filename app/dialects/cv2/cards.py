"""computervision v2, documents: cards, passports and licences, one side or several."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from app import jobs
from app.body import Body
from app.clients import Scope
from app.dialects import sides
from app.dialects.base import Family, FamilyRouter, basic
from app.dialects.cv2 import inputs
from app.dialects.cv2.errors import SUCCESS, failure, table
from app.dialects.cv2.names import (
    ABSENT,
    CARD_WARNINGS,
    ISSUING_STATE,
    PASSPORT,
    PLACES,
    PREFIX,
    side_words,
    warning,
)
from app.dialects.cv2.ways import by_format_type
from app.images import Encoded, jpeg
from app.service import Call
from pipelines.types import Concern, Field, Reading

FAMILY = Family(
    f"{PREFIX}/ocr",
    Scope.CV2_CARDS,
    basic,
    table("Incorrect Api_key or api_secret"),
    failure,
    echoed="check_sum",
)
router = FamilyRouter(FAMILY)

THUMB = {"get_thumb": "true or false: the card cut out and turned upright as well"}
UNITS = {"town": "province", "district": "district", "ward": "ward"}


async def _both(call: Call, body: Body, front: Encoded, back: Encoded) -> dict[str, Any]:
    both = await call.work(jobs.read_both_sides, front, back, limits=call.limits)
    read = [sides.with_moved_fields(both.front, both.back, both.concerns), both.back]
    return _told(call, body, read, both.concerns)


async def _one(call: Call, body: Body, image: Encoded) -> dict[str, Any]:
    readings = await call.work(jobs.read_all, image, limits=call.limits)
    return _told(call, body, readings[:1])


async def _several(call: Call, body: Body, image: Encoded) -> dict[str, Any]:
    readings = await call.work(jobs.read_all, image, limits=call.limits)
    return _told(call, body, readings)


def _told(
    call: Call,
    body: Body,
    read: Sequence[Reading],
    of_both: tuple[Concern, ...] = (),
) -> dict[str, Any]:
    thumb = inputs.flag(call.query, body, "get_thumb")
    data = [render(reading, of_both, thumb=thumb) for reading in read]
    return {"data": data, **SUCCESS}


by_format_type(
    router,
    f"{PREFIX}/ekyc/cards",
    {"img1": "the front of the card", "img2": "the back of the card"},
    _both,
    parameters={},
    optional=THUMB,
)
by_format_type(
    router,
    f"{PREFIX}/ekyc/card",
    {"img": "one side of a card, or a passport; as a file also a PDF"},
    _one,
    parameters={},
    optional=THUMB,
)
by_format_type(
    router,
    f"{PREFIX}/ocr/card",
    {"img": "one or several sides of cards; as a file also a PDF"},
    _several,
    parameters={},
    optional=THUMB,
)


def render(
    reading: Reading,
    of_both: tuple[Concern, ...] = (),
    *,
    thumb: bool = False,
) -> dict[str, Any]:
    """`of_both` are concerns about two sides together."""
    code, message = warning(reading.concerns, CARD_WARNINGS)
    return {
        "info": info(reading, thumb=thumb),
        "valid": "False" if sides.in_doubt(*reading.concerns, *of_both) else "True",
        "invalidCode": code,
        "invalidMessage": message,
        "type": side_words(reading.document).type,
    }


def info(reading: Reading, *, thumb: bool) -> dict[str, str]:
    """The side's words, each place with its units and codes, each with its confidence; strings all."""
    told, fields = side_words(reading.document), reading.fields
    said: dict[str, str] = {word: _text(fields.get(name)) for word, name in told.words.items()}
    if told.country:
        said["country"] = ISSUING_STATE if reading.mrz else ABSENT
    for word, name in told.words.items():
        if name in PLACES:
            said |= _units(word, fields.get(name))
    said["image"] = base64.b64encode(jpeg(reading.rectified)).decode() if thumb else ""
    if reading.document.kind.slug == PASSPORT:
        said["confidence"] = _confidence(*(fields.get(name) for name in told.words.values()))
    for word, name in told.words.items():
        said[f"{word}_confidence"] = _confidence(fields.get(name))
    return said


def _units(word: str, field: Field | None) -> dict[str, str]:
    """Names and official codes, zero-padded; absent where the address has no such unit or it is not certain."""
    place = sides.units_of(field)
    units = {unit: getattr(place, part) for unit, part in UNITS.items()}
    codes = {f"{word}_{n}_code": u.code if u and u.code else ABSENT for n, u in units.items()}
    return codes | {f"{word}_{n}": u.name if u else ABSENT for n, u in units.items()}


def _text(field: Field | None) -> str:
    return ABSENT if field is None or field.text is None else field.text


def _confidence(*fields: Field | None) -> str:
    """Of the least certain of those that were read."""
    read = [f.confidence for f in fields if f is not None and f.text is not None]
    return f"{min(read, default=0.0):.4f}"
