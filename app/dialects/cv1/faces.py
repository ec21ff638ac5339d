"""computervision v1, faces: a card's portrait or another one against a portrait."""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request

from app import jobs
from app.clients import Scope
from app.dialects import sides
from app.dialects.base import Family, FamilyRouter, basic
from app.dialects.cv1.errors import table
from app.dialects.cv1.names import MATCH, PREFIX, boolean, reason
from app.dialects.cv1.ways import three_ways
from app.dialects.documentation import Format
from app.images import Encoded
from app.service import Call
from pipelines.compare_faces import CARD, PORTRAIT
from pipelines.errors import EkycError, NoFace
from pipelines.types import Decision

SUCCESS = {"error_code": "0", "error_message": "Thành công"}

ERRORS = table(no_content="3", wrong_format="1", wrong_key="4", quota_spent="5")


def _failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"data": None, "error_code": code, "error_message": message}


FAMILY = Family(
    f"{PREFIX}/face_matching", Scope.CV1_FACES, basic, ERRORS, _failure, echoed="check_sum"
)
router = FamilyRouter(FAMILY)


async def _card_and_person(call: Call, card: Encoded, person: Encoded) -> dict[str, Any]:
    matched = await _matched(call, card, person, left_is_card=True)
    data = {
        "matching": percent(matched.decision.similarity),
        "img_cmt": _text(matched.left_jpeg),
        "img_person": _text(matched.right_jpeg),
        "valid": boolean(_valid(matched.decision, PORTRAIT)),
    }
    return {"data": data, **SUCCESS}


async def _two_persons(call: Call, first: Encoded, second: Encoded) -> dict[str, Any]:
    matched = await _matched(call, first, second, left_is_card=False)
    data = {
        "matching": percent(matched.decision.similarity),
        "img_person1": _text(matched.left_jpeg),
        "img_person2": _text(matched.right_jpeg),
        "valid": boolean(_valid(matched.decision)),
        "match": MATCH[matched.decision.verdict],
    }
    return {"data": data, **SUCCESS}


async def _alive(
    call: Call, card: Encoded, mid: Encoded, left: Encoded, right: Encoded
) -> dict[str, Any]:
    told = await call.work(jobs.check_liveness, left, mid, right, card, limits=call.limits)
    if told.card_similarity is None or any(one.face is None for one in told.captures):
        raise NoFace(*(one.where for one in told.captures if one.face is None), CARD)
    data = {
        "matching": percent(told.card_similarity),
        "valid": boolean(told.live),
        "errors": "; ".join(reason(one) for one in told.reasons),
    }
    return {"data": data, **SUCCESS}


async def _matched(
    call: Call, left: Encoded, right: Encoded, *, left_is_card: bool
) -> jobs.Matched:
    return await call.work(
        jobs.match_faces, left, right, left_is_card=left_is_card, limits=call.limits
    )


three_ways(
    router,
    f"{PREFIX}/face_matching/matching",
    {"img_cmt": "the identity card", "img_person": "the portrait"},
    _card_and_person,
)
three_ways(
    router,
    f"{PREFIX}/face_matching/face_matching",
    {"face1": "the first portrait", "face2": "the second portrait"},
    _two_persons,
)

three_ways(
    router,
    f"{PREFIX}/face_matching/matchingliveness",
    {
        "img_cmt": "the identity card or a portrait",
        "mid": "the face, straight on",
        "left": "the face, turned left",
        "right": "the face, turned right",
    },
    _alive,
    ways=(Format.FILE, Format.BASE64),
    optional={"rihgt": "right"},
)


def percent(similarity: float) -> str:
    return f"{100 * similarity:.2f}"


def _text(jpeg: bytes) -> str:
    return base64.b64encode(jpeg).decode()


def _valid(decision: Decision, where: str | None = None) -> bool:
    """Nothing blurred, covered or suspicious about the portrait, or about either of two."""
    return not any(
        concern.kind in sides.FACE_DOUBTS and where in (None, concern.where)
        for concern in decision.concerns
    )
