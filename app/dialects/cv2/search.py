"""computervision v2, search: a client's own images of faces.

The page's samples POST where its text says PUT and DELETE; both are answered.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clients import Scope
from app.dialects import image_search
from app.dialects.base import ErrorTable, Family, FamilyRouter, TheCall, basic
from app.dialects.cv2.errors import table
from app.dialects.cv2.names import PREFIX
from app.dialects.documentation import Format, takes
from app.dialects.image_search import IDS, IMAGE, METADATA, PAGE
from app.service import Call
from pipelines.errors import BadInput, BadParameter, EkycError, ImageUnreadable, UnknownFace

_TABLE = table("Incorrect Api_key or api_secret", "Incorrect image formatt")

ERRORS: ErrorTable = {
    **_TABLE,
    ImageUnreadable: _TABLE[BadInput],
    # The nearest that the page has for a request that takes no picture.
    BadInput: _TABLE[BadParameter],
    # Ours: the page has no code for it, and that of v1 is free.
    UnknownFace: (200, "7", "Invalid id"),
}


def _failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"result": None, "status_code": int(code), "message": message}


FAMILY = Family(
    f"{PREFIX}/face_search", Scope.CV2_SEARCH, basic, ERRORS, _failure, echoed="check_sum"
)
router = FamilyRouter(FAMILY)

IMAGES = f"{FAMILY.prefix}/images"
ONE = f"{IMAGES}/{{image_id}}"


@router.get(IMAGES, openapi_extra=takes(Format.QUERY, query=PAGE))
async def images(call: TheCall) -> JSONResponse:
    return _told(call, await image_search.listed(call))


@router.post(
    f"{FAMILY.prefix}/search", openapi_extra=takes(Format.BASE64, json=IMAGE, required=["image"])
)
async def search(call: TheCall) -> JSONResponse:
    return _told(call, await image_search.found(call, await call.body()))


@router.post(IMAGES, openapi_extra=takes(Format.BASE64, Format.JSON, json={**IMAGE, **IDS}))
async def add_or_delete(call: TheCall) -> JSONResponse:
    """Adds `image`; with `ids` and without `image` it deletes, as the page's sample does."""
    body = await call.body()
    if body.list("ids") is not None and body.object("image") is None:
        await image_search.deleted(call, body)
        return _told(call, None)
    return _told(call, await image_search.added(call, body))


async def edit(call: TheCall, image_id: str) -> JSONResponse:
    return _told(call, await image_search.edited(call, await call.body(), image_id))


for _method in ("PUT", "POST"):
    router.add_api_route(
        ONE,
        edit,
        methods=[_method],
        openapi_extra=takes(Format.JSON, json=METADATA),
        operation_id=f"edit_{_method.lower()}",
    )


@router.delete(IMAGES, openapi_extra=takes(Format.JSON, json=IDS, required=["ids"]))
async def delete(call: TheCall) -> JSONResponse:
    await image_search.deleted(call, await call.body())
    return _told(call, None)


@router.get(ONE)
async def image(call: TheCall, image_id: str) -> Response:
    """Ours: what `url` points to."""
    return Response(await image_search.picture(call, image_id), media_type="image/jpeg")


def _told(call: Call, result: object) -> JSONResponse:
    return router.told(call, {"result": result, "status_code": 0, "message": "Success"})
