"""The error table of computervision v2's eKYC pages."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from app.dialects.base import ErrorTable
from pipelines.errors import (
    BadCredentials,
    BadInput,
    BadParameter,
    DatabaseUnavailable,
    EkycError,
    FormatMismatch,
    ImageMissing,
    ImageUnreachable,
    Internal,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    TooFast,
    UnknownRoute,
)

SUCCESS = {"errorCode": "0", "errorMessage": "Success"}


def table(wrong_key: str, wrong_image: str = "Incorrect image format") -> ErrorTable:
    """The pages spell two of their messages differently.

    Their messages and descriptions contradict each other; the messages win. Documented codes travel with 200: the samples
    read the body without looking at a status.
    """
    no_content = (200, "1", "The photo does not contain content")
    wrong_type = (200, "6", "Incorrect format type")
    return {
        NothingFound: no_content,
        ImageMissing: no_content,
        ImageUnreachable: (200, "2", "Url is unavailable"),
        BadInput: (200, "3", wrong_image),
        QuotaSpent: (200, "4", "Out of requests"),
        BadCredentials: (200, "5", wrong_key),
        ScopeMissing: (200, "5", wrong_key),
        FormatMismatch: wrong_type,
        BadParameter: wrong_type,
        # The pages have no codes for these; ours are HTTP statuses; 507 travels with 503, which clients know.
        UnknownRoute: (404, "404", "API not found"),
        TooFast: (429, "429", "Too many requests in a minute"),
        Refused: (503, "503", "The service is busy, please try again"),
        DatabaseUnavailable: (
            503,
            "507",
            "The service cannot store anything at the moment, please try again",
        ),
        Internal: (500, "500", "Internal error"),
    }


def failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"data": None, "errorCode": code, "errorMessage": message}
