"""Techainer's envelope and error table, the same on every route."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.clients import Scope
from app.dialects.base import ErrorTable, Family, FamilyRouter, api_key
from app.dialects.techainer.names import FACE_EXISTS, PREFIX, UNKNOWN_FACE
from app.service import Call
from pipelines.errors import (
    BadCredentials,
    BadInput,
    BadParameter,
    Busy,
    ChallengeRefused,
    DatabaseUnavailable,
    DeadlineExceeded,
    EkycError,
    FaceExists,
    FormatMismatch,
    ImageMissing,
    ImageUnreachable,
    ImageUnreadable,
    Internal,
    NoDocument,
    NoFace,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    TooFast,
    UnknownFace,
    UnknownRoute,
    VideoTooLong,
    VideoUnreadable,
)
from pipelines.types import Side

API_VERSION = "0.2"
MLCHAIN_VERSION = "0.2.8"
"""The versions of the documented answer, whose wire format this is; for debugging only, as the document says."""

SUCCESS_CODE = "0"

ERRORS: ErrorTable = {
    BadInput: (422, "assertion", "The request does not fit this API"),
    ImageMissing: (422, "missing", "A required parameter is missing or empty"),
    ImageUnreadable: (422, "image_unreadable", "The image is not a readable JPG, PNG or WebP"),
    FormatMismatch: (422, "format_mismatch", "The image is not a file, base64 or a URL"),
    BadParameter: (422, "bad_parameter", "A parameter has a value that makes no sense"),
    ImageUnreachable: (422, "url_unavailable", "The URL gave no image"),
    VideoUnreadable: (422, "video_unreadable", "The video is not a readable MP4, MOV or WebM"),
    VideoTooLong: (422, "video_too_long", "The video is longer than a liveness video may be"),
    ChallengeRefused: (422, "challenge_refused", "The challenge is not one to be answered now"),
    FaceExists: (200, *FACE_EXISTS),
    UnknownFace: (200, *UNKNOWN_FACE),
    NothingFound: (422, "no_document", "There's no identity document in the image"),
    NoFace: (422, "1", "There's no face on capture image"),
    BadCredentials: (401, "unauthorized", "Unauthorized. Api-key incorrect."),
    ScopeMissing: (403, "forbidden", "This api-key is not for this API"),
    QuotaSpent: (429, "quota_spent", "The quota of this api-key is spent"),
    UnknownRoute: (404, "404", "Not found"),
    Refused: (503, "busy", "Too many requests, please try again"),
    Busy: (503, "busy", "Too many requests, please try again"),
    TooFast: (429, "too_fast", "More requests in a minute than this api-key may send"),
    DeadlineExceeded: (503, "timeout", "The request was not done in time"),
    DatabaseUnavailable: (503, "database", "Nothing can be stored at the moment, please try again"),
    Internal: (500, "exception", "Internal error"),
}
"""The document's table of system errors is missing from it; these follow MLChain, the framework it names, whose clients know
401, 404, 422 and 500 with a word as the code. E850 and E855 are the document's own and travel with 200."""


def _failure(request: Request, error: EkycError, code: str, message: str) -> dict[str, Any]:
    about = _about(error)
    message = f"{message}: {about}" if about else message
    output = {"conflict": conflict(error)} if isinstance(error, FaceExists) else None
    return envelope(request, output, message, code)


def _about(error: EkycError) -> str:
    """What to look at: the parameter, what it may be, the side of the card, or what is wrong with the whole body."""
    if isinstance(error, NoDocument):
        return error.side if error.side in [*Side] else ""
    return str(error) if type(error) in (BadInput, BadParameter) else error.name


def conflict(error: FaceExists) -> dict[str, Any]:
    """Which of two things stands against an enrolment, and by how much."""
    return {
        "type": str(error.clash),
        "similarity": round(error.similarity, 4),
        "threshold": round(error.threshold, 4),
    }


def envelope(
    request: Request, output: object, error: str | None = None, code: str = SUCCESS_CODE
) -> dict[str, Any]:
    return {
        "output": output,
        "time": time.perf_counter() - request.state.began,
        "api_version": API_VERSION,
        "mlchain_version": MLCHAIN_VERSION,
        "request_id": request.state.request_id,
        "error": error,
        "code": code,
    }


EKYC_FAMILY = Family(PREFIX, Scope.TECHAINER_EKYC, api_key, ERRORS, _failure)
FACES_FAMILY = Family(PREFIX, Scope.TECHAINER_FACES, api_key, ERRORS, _failure)
"""Two families with one envelope, so that a key may be for reading cards and not for the faces kept."""


def told(router: FamilyRouter, call: Call, output: object) -> JSONResponse:
    return router.told(call, envelope(call.request, output))
