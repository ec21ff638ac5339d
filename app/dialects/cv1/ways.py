"""Most routes of computervision v1 exist three times: GET with URLs, POST with files, POST with base64 in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

from starlette.responses import JSONResponse

from app.dialects.base import FamilyRouter, TheCall
from app.dialects.cv1 import inputs
from app.dialects.documentation import Format, takes
from app.images import Sent
from app.service import Call

Run: TypeAlias = Callable[..., Awaitable[Mapping[str, Any]]]
"""run(call, *images) -> the answer's content."""

ALL = (Format.URL, Format.FILE, Format.BASE64)
URL_PARAMETER = "url"
"""What a single image is called when it travels as a URL."""


def three_ways(
    router: FamilyRouter,
    path: str,
    images: Mapping[str, str],
    run: Run,
    *,
    ways: Iterable[Format] = ALL,
    optional: Mapping[str, str] | None = None,
) -> None:
    """Routes for the images named: name -> what it shows. A lone `image` is called `url` where it is one.

    Args:
        optional: another spelling of a name -> the name, both taken from a JSON body.
    """
    by_url = {URL_PARAMETER: images["image"]} if [*images] == ["image"] else images
    other = {name: spelling for spelling, name in (optional or {}).items()}

    async def answer(call: Call, *sent: Sent) -> JSONResponse:
        return router.told(call, await run(call, *await call.encoded(*sent)))

    async def by_query(call: TheCall) -> JSONResponse:
        return await answer(call, *[inputs.url(call.query, name) for name in by_url])

    async def by_file(call: TheCall) -> JSONResponse:
        body = await call.body()
        return await answer(call, *[inputs.file(body, name) for name in images])

    async def by_base64(call: TheCall) -> JSONResponse:
        body = await call.body()
        return await answer(
            call, *[inputs.base64_text(body, name, other.get(name)) for name in images]
        )

    for way in ways:
        if way is Format.URL:
            documented = takes(way, query=_said("URL", by_url), required=[*by_url])
            router.get(path, openapi_extra=documented)(by_query)
        elif way is Format.FILE:
            documented = takes(way, multipart=_said("file", images), required=[*images])
            router.post(path, openapi_extra=documented)(by_file)
        else:
            meanings = _said("base64", images)
            required = [name for name in images if name not in other]
            for name, spelling in other.items():
                meanings[spelling] = f"{meanings[name]}, as the document spells it"
            documented = takes(way, json=meanings, required=required)
            router.post(f"{path}base64", openapi_extra=documented)(by_base64)


def _said(kind: str, images: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{kind} of {meaning}" for name, meaning in images.items()}
