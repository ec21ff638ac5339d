"""computervision v2, faces: are the faces on a card and on a portrait one person?"""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request

from app import jobs
from app.body import Body
from app.clients import Scope
from app.dialects.base import Family, FamilyRouter, basic
from app.dialects.cv2 import inputs
from app.dialects.cv2.errors import SUCCESS, failure, table
from app.dialects.cv2.names import (
    FACE_WARNINGS,
    MATCH,
    PREFIX,
    FaceSource,
    warning,
)
from app.dialects.cv2.ways import by_format_type
from app.images import Encoded
from app.service import Call
from pipelines.compare_faces import CARD, PORTRAIT
from pipelines.errors import EkycError, NoFace
from pipelines.types import Concern, ConcernKind, Verdict


def _failure(request: Request, error: EkycError, code: str, message: str) -> dict[str, Any]:
    content = failure(request, error, code, message)
    return content | ({"data": _faceless(error)} if isinstance(error, NoFace) else {})


FAMILY = Family(
    PREFIX,
    Scope.CV2_FACES,
    basic,
    table("Incorrect api_key or api_secret"),
    _failure,
    echoed="check_sum",
)
router = FamilyRouter(FAMILY)


async def _face_matching(call: Call, body: Body, left: Encoded, right: Encoded) -> dict[str, Any]:
    shown = inputs.one_of(call.query, body, "type1", [*FaceSource])
    matched = await call.work(
        jobs.match_faces,
        left,
        right,
        left_is_card=shown == FaceSource.CARD,
        limits=call.limits,
    )
    return {"data": render(matched), **SUCCESS}


by_format_type(
    router,
    f"{PREFIX}/ekyc/face_matching",
    {"img1": "the identity card or portrait", "img2": "the portrait"},
    _face_matching,
    parameters={"type1": "what img1 shows: card or portrait"},
)


def render(matched: jobs.Matched) -> dict[str, str]:
    decision = matched.decision
    code, message = warning(decision.concerns, FACE_WARNINGS)
    return {
        "matching": f"{100 * decision.similarity:.2f}",
        "face1": base64.b64encode(matched.left_jpeg).decode(),
        "face2": base64.b64encode(matched.right_jpeg).decode(),
        "face1_score": f"{decision.left.face.score:.4f}",
        "face2_score": f"{decision.right.face.score:.4f}",
        "invalidCode": code,
        "invalidMessage": message,
        "match": MATCH[decision.verdict],
    }


def _faceless(error: NoFace) -> dict[str, str]:
    """No decision, and yet the warning that says which image has no face: the document can be read both ways."""
    kinds = {
        CARD: ConcernKind.CARD_WITHOUT_FACE,
        PORTRAIT: ConcernKind.PORTRAIT_WITHOUT_FACE,
    }
    concerns = tuple(Concern(kinds[where], where) for where in error.where if where in kinds)
    code, message = warning(concerns, FACE_WARNINGS)
    return {
        "matching": "0.00",
        "face1": "",
        "face2": "",
        "face1_score": "0.0000",
        "face2_score": "0.0000",
        "invalidCode": code,
        "invalidMessage": message,
        "match": MATCH[Verdict.DIFFERENT],
    }
