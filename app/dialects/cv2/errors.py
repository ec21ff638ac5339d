"""The error table of computervision v2's eKYC pages."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from app.dialects import computervision
from app.dialects.base import ErrorTable
from pipelines.errors import BadParameter, EkycError, FormatMismatch, ImageMissing

SUCCESS = {"errorCode": "0", "errorMessage": "Success"}

BESIDES = computervision.Besides(
    unknown_route="API not found",
    too_fast="Too many requests in a minute",
    busy="The service is busy, please try again",
    database="The service cannot store anything at the moment, please try again",
    internal="Internal error",
)


def table(wrong_key: str, wrong_image: str = "Incorrect image format") -> ErrorTable:
    """The pages spell two of their messages differently. Their messages and descriptions contradict each other; the messages win."""
    no_content = ("1", "The photo does not contain content")
    wrong_type = (200, "6", "Incorrect format type")
    return {
        **computervision.table(
            no_content=no_content,
            unreachable=("2", "Url is unavailable"),
            wrong_format=("3", wrong_image),
            quota_spent=("4", "Out of requests"),
            wrong_key=("5", wrong_key),
            besides=BESIDES,
        ),
        ImageMissing: (200, *no_content),
        FormatMismatch: wrong_type,
        BadParameter: wrong_type,
    }


def failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"data": None, "errorCode": code, "errorMessage": message}
