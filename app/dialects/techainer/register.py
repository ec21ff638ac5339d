"""Techainer: register a customer with the front and the back of a card and a portrait."""

from __future__ import annotations

import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import jobs
from app.clients import Scope
from app.dialects import sides
from app.dialects.base import Family, TheCall, api_key, code_of, speaking
from app.dialects.documentation import Format, takes
from app.dialects.techainer import PREFIX, inputs, render
from pipelines.errors import (
    BadCredentials,
    BadInput,
    BadParameter,
    Busy,
    DeadlineExceeded,
    EkycError,
    FormatMismatch,
    ImageMissing,
    ImageUnreachable,
    ImageUnreadable,
    Internal,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    UnknownRoute,
)

API_VERSION = "0.2"
MLCHAIN_VERSION = "0.2.8"
"""The versions of the documented answer, whose wire format this is; for debugging only, as the document says."""

SUCCESS_CODE = "0"

ERRORS: Mapping[type[EkycError], tuple[int, str, str]] = {
    BadInput: (422, "assertion", "The request does not fit this API"),
    ImageMissing: (422, "missing", "A required parameter is missing or empty"),
    ImageUnreadable: (422, "image_unreadable", "The image is not a readable JPG, PNG or WebP"),
    FormatMismatch: (422, "format_mismatch", "The image is not a file, base64 or a URL"),
    BadParameter: (422, "bad_parameter", "A parameter has a value that makes no sense"),
    ImageUnreachable: (422, "url_unavailable", "The URL gave no image"),
    NothingFound: (422, "no_document", "There's no identity document in the image"),
    BadCredentials: (401, "unauthorized", "Unauthorized. Api-key incorrect."),
    ScopeMissing: (403, "forbidden", "This api-key is not for this API"),
    QuotaSpent: (429, "quota_spent", "The quota of this api-key is spent"),
    UnknownRoute: (404, "404", "Not found"),
    Refused: (503, "busy", "Too many requests, please try again"),
    Busy: (503, "busy", "Too many requests, please try again"),
    DeadlineExceeded: (503, "timeout", "The request was not done in time"),
    Internal: (500, "exception", "Internal error"),
}
"""Error -> HTTP status, code, error. The document's table of system errors is missing from it; these follow MLChain, the
framework it names, whose clients know 401, 404, 422 and 500 with a word as the code."""


def answer(error: EkycError, request: Request) -> Response:
    status, code, message = code_of(ERRORS, error)
    if isinstance(error, ImageMissing | BadParameter):
        message = f"{message}: {error.name}"
    return JSONResponse(envelope(request, None, message, code), status)


def envelope(
    request: Request, output: object, error: str | None = None, code: str = SUCCESS_CODE
) -> dict[str, object]:
    return {
        "output": output,
        "time": time.perf_counter() - request.state.began,
        "api_version": API_VERSION,
        "mlchain_version": MLCHAIN_VERSION,
        "request_id": request.state.request_id,
        "error": error,
        "code": code,
    }


FAMILY = Family("techainer", PREFIX, Scope.TECHAINER, api_key, answer)
router = speaking(FAMILY)

PARAMETERS = {
    "image_card1": "file, base64 or URL of the front of the card",
    "image_card2": "file, base64 or URL of the back of the card",
    "user_id": "the customer's id",
    "image_general": "file, base64 or URL of the portrait",
    "check_rotate": "turn a card photo upright: True (default) or False",
    "threshold": "similarity needed to match, 0 to 1, default 0.5",
}


@router.post(
    f"{PREFIX}/register_ekyc_front_back_face",
    openapi_extra=takes(
        Format.FILE,
        Format.BASE64,
        Format.URL,
        multipart=PARAMETERS,
        json=PARAMETERS,
        required=["image_card1", "image_card2", "user_id", "image_general"],
    ),
)
async def register_ekyc_front_back_face(call: TheCall) -> JSONResponse:
    asked = inputs.registration(
        await call.body(), default_threshold=call.service.runtime.policy.match
    )
    front, back, face = await call.encoded(asked.front, asked.back, asked.face)
    onboarding = await call.work(
        jobs.onboard,
        front,
        back,
        face,
        check_rotate=asked.check_rotate,
        max_pixels=call.max_pixels,
    )
    front_fields = sides.with_moved_fields(onboarding.front, onboarding.back)
    output = [
        render.side(onboarding.front, front_fields),
        render.side(onboarding.back, onboarding.back.fields),
        render.faces(onboarding, threshold=asked.threshold),
        None,
        None,
    ]
    return JSONResponse(envelope(call.request, output))
