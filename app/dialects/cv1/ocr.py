"""computervision v1, OCR: both sides of a card at once."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import jobs
from app.clients import Scope
from app.dialects import sides
from app.dialects.base import Family, TheCall, basic, code_of, speaking
from app.dialects.cv1 import PREFIX, inputs
from app.dialects.cv1.names import ABSENT, BACK, ETHNICITY, FRONT, FRONT_WORDS, WORDS
from app.dialects.documentation import Format, takes
from app.images import Sent
from app.service import Call
from pipelines.errors import (
    BadCredentials,
    BadInput,
    EkycError,
    ImageUnreachable,
    Internal,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    UnknownRoute,
)
from pipelines.types import Field, FieldName, Reading

SUCCESS = ("0", "Thành công")

ERRORS: Mapping[type[EkycError], tuple[int, str, str]] = {
    NothingFound: (200, "1", "Ảnh không chứa nội dung"),
    ImageUnreachable: (200, "2", "Url của ảnh không khả dụng"),
    BadInput: (200, "3", "Ảnh sai format"),
    QuotaSpent: (200, "4", "Hết số lượng request hữu dụng"),
    BadCredentials: (200, "5", "Api_key hoặc api_secret không đúng"),
    ScopeMissing: (200, "5", "Api_key hoặc api_secret không đúng"),
    # The document has no codes for these; ours are the HTTP statuses.
    UnknownRoute: (404, "404", "Không tìm thấy API"),
    Refused: (503, "503", "Hệ thống đang bận, vui lòng thử lại"),
    Internal: (500, "500", "Lỗi hệ thống"),
}
"""Error -> HTTP status, errorCode, errorMessage. Documented codes travel with 200: the document shows no status,
and its samples read the body without looking at one."""


def answer(error: EkycError, _: Request) -> Response:
    status, code, message = code_of(ERRORS, error)
    envelope = {"data": None, "valid": "False", "errorCode": code, "errorMessage": message}
    return JSONResponse(envelope, status)


FAMILY = Family("cv1.ocr", PREFIX, Scope.CV1, basic, answer)
router = speaking(FAMILY)

SIDES = {FRONT: "front of the card", BACK: "back of the card"}


@router.get(
    f"{PREFIX}/ocr/cmt/get_haimat",
    openapi_extra=takes(
        Format.URL, query={n: f"URL of the {m}" for n, m in SIDES.items()}, required=[*SIDES]
    ),
)
async def get_haimat_by_url(call: TheCall) -> JSONResponse:
    front, back = (inputs.url(call.query, side) for side in SIDES)
    return await _both_sides(call, front, back)


@router.post(
    f"{PREFIX}/ocr/cmt/get_haimat",
    openapi_extra=takes(
        Format.FILE, multipart={n: f"file of the {m}" for n, m in SIDES.items()}, required=[*SIDES]
    ),
)
async def get_haimat_by_file(call: TheCall) -> JSONResponse:
    body = await call.body()
    front, back = (inputs.file(body, side) for side in SIDES)
    return await _both_sides(call, front, back)


@router.post(
    f"{PREFIX}/ocr/cmt/get_haimatbase64",
    openapi_extra=takes(
        Format.BASE64, json={n: f"base64 of the {m}" for n, m in SIDES.items()}, required=[*SIDES]
    ),
)
async def get_haimat_by_base64(call: TheCall) -> JSONResponse:
    body = await call.body()
    front, back = (inputs.base64_text(body, side) for side in SIDES)
    return await _both_sides(call, front, back)


async def _both_sides(call: Call, front: Sent, back: Sent) -> JSONResponse:
    front_image, back_image = await call.encoded(front, back)
    both = await call.work(
        jobs.read_both_sides, front_image, back_image, max_pixels=call.max_pixels
    )
    doubtful = sides.in_doubt(both.front) or sides.in_doubt(both.back)
    return JSONResponse(
        {
            "data": {
                FRONT: render(both.front, sides.with_moved_fields(both.front, both.back)),
                BACK: render(both.back, both.back.fields),
            },
            "valid": "False" if doubtful else "True",
            "errorCode": SUCCESS[0],
            "errorMessage": SUCCESS[1],
        }
    )


def render(reading: Reading, fields: Mapping[FieldName, Field]) -> dict[str, str]:
    """The side's documented words, each a string, `ABSENT` where there is nothing."""
    words = WORDS[reading.document.slug]
    spoken = {word: _text(fields.get(name)) for word, name in words.items()}
    return spoken | ({ETHNICITY: ABSENT} if words is FRONT_WORDS else {})


def _text(field: Field | None) -> str:
    return ABSENT if field is None or field.text is None else field.text
