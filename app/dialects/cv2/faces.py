"""computervision v2: are the faces on a card and on a portrait one person?"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import jobs
from app.body import Body
from app.clients import Scope
from app.dialects.base import Family, TheCall, basic, code_of, speaking
from app.dialects.cv2 import PREFIX, inputs
from app.dialects.cv2.names import MATCH, FaceSource, warning
from app.dialects.documentation import Format, takes
from app.service import Call
from pipelines.compare_faces import CARD, PORTRAIT
from pipelines.errors import (
    BadCredentials,
    BadInput,
    BadParameter,
    EkycError,
    FormatMismatch,
    ImageMissing,
    ImageUnreachable,
    Internal,
    NoFace,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    UnknownRoute,
)
from pipelines.types import Concern, ConcernKind, Verdict

SUCCESS = ("0", "Success")
NO_CONTENT = (200, "1", "The photo does not contain content")
WRONG_IMAGE = (200, "3", "Incorrect image format")
WRONG_TYPE = (200, "6", "Incorrect format type")
WRONG_KEY = (200, "5", "Incorrect api_key or api_secret")

ERRORS: Mapping[type[EkycError], tuple[int, str, str]] = {
    NothingFound: NO_CONTENT,
    ImageMissing: NO_CONTENT,
    ImageUnreachable: (200, "2", "Url is unavailable"),
    BadInput: WRONG_IMAGE,
    QuotaSpent: (200, "4", "Out of requests"),
    BadCredentials: WRONG_KEY,
    ScopeMissing: WRONG_KEY,
    FormatMismatch: WRONG_TYPE,
    BadParameter: WRONG_TYPE,
    # The document has no codes for these; ours are the HTTP statuses.
    UnknownRoute: (404, "404", "API not found"),
    Refused: (503, "503", "The service is busy, please try again"),
    Internal: (500, "500", "Internal error"),
}
"""Error -> HTTP status, errorCode, errorMessage. The document's messages and descriptions contradict each other; the
messages win. Documented codes travel with 200: its samples read the body without looking at a status."""


def answer(error: EkycError, _: Request) -> Response:
    status, code, message = code_of(ERRORS, error)
    data = _faceless(error) if isinstance(error, NoFace) else None
    return JSONResponse({"data": data, "errorCode": code, "errorMessage": message}, status)


FAMILY = Family("cv2", PREFIX, Scope.CV2, basic, answer)
router = speaking(FAMILY)

ROUTE = f"{PREFIX}/ekyc/face_matching"
PARAMETERS = {
    "type1": "what img1 shows: card or portrait",
    "format_type": "how the images travel: url, file or base64",
}
IMAGES = {"img1": "identity card or portrait", "img2": "portrait"}


@router.get(
    ROUTE,
    openapi_extra=takes(
        Format.URL,
        query={**{n: f"URL of the {m}" for n, m in IMAGES.items()}, **PARAMETERS},
        required=[*IMAGES, *PARAMETERS],
    ),
)
async def face_matching_by_url(call: TheCall) -> JSONResponse:
    return await _face_matching(call, Body({}))


@router.post(
    ROUTE,
    openapi_extra=takes(
        Format.FILE,
        Format.BASE64,
        query=PARAMETERS,
        multipart={n: f"file of the {m}" for n, m in IMAGES.items()},
        json={n: f"base64 of the {m}" for n, m in IMAGES.items()},
        required=[*IMAGES, *PARAMETERS],
    ),
)
async def face_matching(call: TheCall) -> JSONResponse:
    return await _face_matching(call, await call.body())


async def _face_matching(call: Call, body: Body) -> JSONResponse:
    sent = inputs.images(call.query, body, *IMAGES)
    shown = inputs.one_of(call.query, body, "type1", [*FaceSource])
    left, right = await call.encoded(*sent)
    matched = await call.work(
        jobs.match_faces,
        left,
        right,
        left_is_card=shown == FaceSource.CARD,
        max_pixels=call.max_pixels,
    )
    return JSONResponse(
        {"data": render(matched), "errorCode": SUCCESS[0], "errorMessage": SUCCESS[1]}
    )


def render(matched: jobs.Matched) -> dict[str, str]:
    decision = matched.decision
    code, message = warning(decision.concerns)
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
    code, message = warning(concerns)
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
