"""computervision v1, OCR: cards, licences, PDF files and scanned pages."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from app import jobs
from app.clients import Scope
from app.dialects import sides
from app.dialects.base import Family, FamilyRouter, TheCall, basic
from app.dialects.cv1 import inputs
from app.dialects.cv1.errors import table
from app.dialects.cv1.names import (
    ABSENT,
    BACK,
    FRONT,
    LICENCE_KIND,
    OTHER_KINDS,
    PDF,
    PREFIX,
    boolean,
    side_words,
)
from app.dialects.cv1.ways import Run, three_ways
from app.dialects.documentation import Format, takes
from app.images import Encoded
from app.service import Call
from pipelines.errors import EkycError, NoDocument
from pipelines.types import Field, Reading, Side

SUCCESS = {"errorCode": "0", "errorMessage": "Thành công"}

ERRORS = table(no_content="1", wrong_format="3", wrong_key="5", quota_spent="4")


def _failure(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"data": None, "valid": "False", "errorCode": code, "errorMessage": message}


def _failure_not_judged(_: Request, __: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"data": None, "errorCode": code, "errorMessage": message}


def _scan_failure(request: Request, _: EkycError, code: str, message: str) -> dict[str, Any]:
    return {"result": None, "time": _seconds(request), "errorCode": code, "errorMessage": message}


FAMILY = Family(PREFIX, Scope.CV1_OCR, basic, ERRORS, _failure, echoed="check_sum")
LICENCE_FAMILY, FILE_FAMILY = (
    Family(prefix, Scope.CV1_OCR, basic, ERRORS, _failure_not_judged, echoed="check_sum")
    for prefix in (f"{PREFIX}/ocr/blx", f"{PREFIX}/ocr/v1")
)
"""Of a licence and of a PDF file nothing says `valid`: so the page."""
SCAN_FAMILY = Family(
    f"{PREFIX}/text_photostory", Scope.CV1_OCR, basic, ERRORS, _scan_failure, echoed="check_sum"
)
router = FamilyRouter(FAMILY)
licence_router = FamilyRouter(LICENCE_FAMILY)
file_router = FamilyRouter(FILE_FAMILY)
scan_router = FamilyRouter(SCAN_FAMILY)


async def _both_sides(call: Call, front: Encoded, back: Encoded) -> dict[str, Any]:
    both = await call.work(jobs.read_both_sides, front, back, limits=call.limits)
    _identity_cards(both.front, both.back)
    doubtful = sides.in_doubt(*both.front.concerns, *both.back.concerns, *both.concerns)
    told = sides.with_moved_fields(both.front, both.back, both.concerns)
    return {
        "data": {
            FRONT: spoken(told),
            BACK: spoken(both.back),
        },
        "valid": boolean(not doubtful),
        **SUCCESS,
    }


def _one_side(expected: Side | None) -> Run:
    async def run(call: Call, image: Encoded) -> dict[str, Any]:
        reading = await call.work(jobs.read_side, image, expected=expected, limits=call.limits)
        if expected is not None:
            _identity_cards(reading)
        valid = boolean(not sides.in_doubt(*reading.concerns))
        return {**_typed(reading), "valid": valid, **SUCCESS}

    return run


def _identity_cards(*readings: Reading) -> None:
    """Raises NoDocument for a licence or a passport, whose number a client would take for that of the card it asked for."""
    if any(one.document.kind.slug in OTHER_KINDS for one in readings):
        raise NoDocument("identity card")


async def _licence(call: Call, image: Encoded) -> dict[str, Any]:
    reading = await call.work(jobs.read_side, image, expected=None, limits=call.limits)
    if reading.document.kind.slug != LICENCE_KIND:
        raise NoDocument("driving licence")
    return {**_typed(reading), **SUCCESS}


async def _page(call: Call, image: Encoded) -> dict[str, Any]:
    call.has_pages()
    lines = await call.work(jobs.read_page, image, limits=call.limits)
    return {"result": lines or None, "time": _seconds(call.request)}


three_ways(
    router,
    f"{PREFIX}/ocr/cmt/get_haimat",
    {FRONT: "the front of the card", BACK: "the back of the card"},
    _both_sides,
)
for _path, _meaning, _run in (
    ("cmt/get_mattruoc", "the front of the card", _one_side(Side.FRONT)),
    ("cmt/get_matsau", "the back of the card", _one_side(Side.BACK)),
    ("cmt/get_infor_all", "one side of any card, or a passport", _one_side(None)),
):
    three_ways(router, f"{PREFIX}/ocr/{_path}", {"image": _meaning}, _run)
three_ways(
    licence_router, f"{LICENCE_FAMILY.prefix}/get_blx", {"image": "a driving licence"}, _licence
)
three_ways(
    scan_router,
    f"{PREFIX}/text_photostory/get_scan_a4",
    {"image": "a scanned page"},
    _page,
    ways=(Format.URL, Format.FILE),
)


@file_router.post(
    f"{FILE_FAMILY.prefix}/get_infor",
    openapi_extra=takes(
        Format.FILE,
        multipart={"file": "file: a PDF with pictures of cards, or one such picture"},
        required=["file"],
    ),
)
async def get_infor(call: TheCall) -> JSONResponse:
    (upload,) = await call.encoded(inputs.file(await call.body(), "file"))
    readings = await call.work(jobs.read_all, upload, limits=call.limits)
    return file_router.told(
        call, {"type": PDF, "data": [_typed(one) for one in readings], **SUCCESS}
    )


def _typed(reading: Reading) -> dict[str, Any]:
    return {"type": side_words(reading.document).type, "data": spoken(reading)}


def spoken(reading: Reading) -> dict[str, str]:
    """The side's documented words, each a string, `ABSENT` where there is nothing."""
    words = side_words(reading.document).words
    return {word: _text(reading.fields.get(name)) for word, name in words.items()}


def _text(field: Field | None) -> str:
    return ABSENT if field is None or field.text is None else field.text


def _seconds(request: Request) -> float:
    return time.perf_counter() - float(request.state.began)
