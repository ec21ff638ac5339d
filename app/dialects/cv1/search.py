"""computervision v1, search: a client's own images of faces."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clients import Scope
from app.dialects import image_search
from app.dialects.base import ErrorTable, Family, FamilyRouter, TheCall, basic
from app.dialects.cv1.names import PREFIX
from app.dialects.documentation import Format, takes
from app.service import Call
from pipelines.errors import (
    BadCredentials,
    BadInput,
    BadParameter,
    DatabaseUnavailable,
    EkycError,
    ImageUnreachable,
    Internal,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    TooFast,
    UnknownFace,
    UnknownRoute,
)

ERRORS: ErrorTable = {
    BadInput: (200, "1", "Ảnh sai format"),
    ImageUnreachable: (200, "2", "Url của ảnh không khả dụng"),
    NothingFound: (200, "3", "Ảnh không chứa nội dung"),
    BadCredentials: (200, "4", "Api_key hoặc api_secret không đúng"),
    ScopeMissing: (200, "4", "Api_key hoặc api_secret không đúng"),
    QuotaSpent: (200, "5", "Hết số lượng request hữu dụng"),
    BadParameter: (200, "6", "Lỗi khi thực hiện truy vấn"),
    UnknownFace: (200, "7", "Id không hợp lệ"),
    # The document has no codes for these; ours are HTTP statuses; 507 travels with 503, which clients know.
    UnknownRoute: (404, "404", "Không tìm thấy API"),
    TooFast: (429, "429", "Quá nhiều request trong một phút"),
    Refused: (503, "503", "Hệ thống đang bận, vui lòng thử lại"),
    DatabaseUnavailable: (503, "507", "Hệ thống tạm thời không lưu được dữ liệu, vui lòng thử lại"),
    Internal: (500, "500", "Lỗi hệ thống"),
}
"""Documented codes travel with 200, as on the other pages; here they are numbers."""


def _failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"result": None, "status_code": int(code), "message": message}


FAMILY = Family(
    f"{PREFIX}/face_search", Scope.CV1_SEARCH, basic, ERRORS, _failure, echoed="check_sum"
)
router = FamilyRouter(FAMILY)

PAGE = {"offset": "images to pass over, 0 if absent", "limit": "images to answer, 50 if absent"}
IMAGE = {
    "image": {
        "type": "object",
        "properties": {"base64": {"type": "string"}, "metadata": {"type": "object"}},
        "required": ["base64"],
    }
}


@router.get(f"{FAMILY.prefix}/get_all_images", openapi_extra=takes(Format.QUERY, query=PAGE))
async def get_all_images(call: TheCall) -> JSONResponse:
    return _told(call, await image_search.listed(call))


@router.post(
    f"{FAMILY.prefix}/search", openapi_extra=takes(Format.BASE64, json=IMAGE, required=["image"])
)
async def search(call: TheCall) -> JSONResponse:
    return _told(call, await image_search.found(call, await call.body()))


@router.post(
    f"{FAMILY.prefix}/add", openapi_extra=takes(Format.BASE64, json=IMAGE, required=["image"])
)
async def add(call: TheCall) -> JSONResponse:
    return _told(call, await image_search.added(call, await call.body()))


@router.post(
    f"{FAMILY.prefix}/edit_metadata",
    openapi_extra=takes(
        Format.JSON,
        json={"image_id": {"type": "integer"}, "metadata": {"type": "object"}},
        required=["image_id"],
    ),
)
async def edit_metadata(call: TheCall) -> JSONResponse:
    body = await call.body()
    return _told(call, await image_search.edited(call, body, body.get("image_id")))


@router.post(
    f"{FAMILY.prefix}/delete",
    openapi_extra=takes(
        Format.JSON,
        json={"ids": {"type": "array", "items": {"type": "integer"}}},
        required=["ids"],
    ),
)
async def delete(call: TheCall) -> JSONResponse:
    await image_search.deleted(call, await call.body())
    return _told(call, None)


@router.get(f"{FAMILY.prefix}/images/{{image_id}}")
async def image(call: TheCall, image_id: str) -> Response:
    """Ours: what `url` points to."""
    return Response(await image_search.picture(call, image_id), media_type="image/jpeg")


def _told(call: Call, result: object) -> JSONResponse:
    return router.told(call, {"result": result, "status_code": 0, "message": "Thành công"})
