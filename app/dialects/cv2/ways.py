"""Routes of computervision v2 take their images as `format_type` says: GET with URLs, POST with files or base64."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from starlette.responses import JSONResponse

from app.body import Body
from app.dialects.base import FamilyRouter, TheCall
from app.dialects.cv2 import inputs
from app.dialects.documentation import Format, takes
from app.service import Call

Run: TypeAlias = Callable[..., Awaitable[Mapping[str, Any]]]
"""run(call, body, *images) -> the answer's content."""

FORMAT_TYPE = {"format_type": "how the images travel: url, file or base64"}


def by_format_type(
    router: FamilyRouter,
    path: str,
    images: Mapping[str, str],
    run: Run,
    *,
    parameters: Mapping[str, str],
    optional: Mapping[str, str] | None = None,
) -> None:
    """The route for the images named: name -> what it shows.

    Args:
        parameters: required ones, besides `format_type`.
        optional: those that may be left out.
    """
    needed = {**parameters, **FORMAT_TYPE}
    query = needed | dict(optional or {})

    async def answer(call: Call, body: Body) -> JSONResponse:
        sent = inputs.images(call.query, body, *images)
        return router.told(call, await run(call, body, *await call.encoded(*sent)))

    async def by_query(call: TheCall) -> JSONResponse:
        return await answer(call, Body({}))

    async def by_body(call: TheCall) -> JSONResponse:
        return await answer(call, await call.body())

    said = {
        kind: {n: f"{kind} of {m}" for n, m in images.items()} for kind in ("URL", "file", "base64")
    }
    router.get(
        path,
        openapi_extra=takes(
            Format.URL, query={**said["URL"], **query}, required=[*images, *needed]
        ),
    )(by_query)
    router.post(
        path,
        openapi_extra=takes(
            Format.FILE,
            Format.BASE64,
            query=query,
            multipart=said["file"],
            json=said["base64"],
            required=[*images, *needed],
        ),
    )(by_body)
