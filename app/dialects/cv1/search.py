"""computervision v1, search: a client's own images of faces."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clients import Scope
from app.dialects import image_search
from app.dialects.base import ErrorTable, Family, FamilyRouter, TheCall, basic
from app.dialects.cv1.errors import table
from app.dialects.cv1.names import PREFIX
from app.dialects.documentation import Format, takes
from app.dialects.image_search import IDS, IMAGE, METADATA, PAGE, PICTURE_ERRORS
from app.service import Call
from pipelines.errors import BadInput, EkycError, UnknownFace

_TABLE = table(no_content="3", wrong_format="1", wrong_key="4", quota_spent="5")

ERRORS: ErrorTable = {
    **_TABLE,
    **dict.fromkeys(PICTURE_ERRORS, _TABLE[BadInput]),
    BadInput: (200, "6", "Lỗi khi thực hiện truy vấn"),
    UnknownFace: (200, "7", "Id không hợp lệ"),
}
"""Here codes are numbers."""


def _failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"result": None, "status_code": int(code), "message": message}


FAMILY = Family(
    f"{PREFIX}/face_search", Scope.CV1_SEARCH, basic, ERRORS, _failure, echoed="check_sum"
)
router = FamilyRouter(FAMILY)


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
    openapi_extra=takes(Format.JSON, json=METADATA, required=["image_id"]),
)
async def edit_metadata(call: TheCall) -> JSONResponse:
    body = await call.body()
    return _told(call, await image_search.edited(call, body, body.get("image_id")))


@router.post(
    f"{FAMILY.prefix}/delete",
    openapi_extra=takes(Format.JSON, json=IDS, required=["ids"]),
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
