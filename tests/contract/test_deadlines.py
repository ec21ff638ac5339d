"""Pages and videos may take longer than a picture, in every dialect, and a picture on the same route may not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes import FakeReadDocuments, FakeWatchVideo, fake_read_page, runtime
from tests.live import LOOPBACK, Live, Web, live
from tests.pairs import send

PICTURE_SECONDS, WORK_SECONDS = 0.6, 1.0
INFOR = "POST /backend/api/v1/request/ocr/v1/get_infor file"
SCAN = "/backend/api/v1/request/text_photostory/get_scan_a4"
PDF = "@chip_front+chip_back.pdf"
CARDS = {"image_card1": "@chip_front", "image_card2": "@chip_back"}


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory, site: Web) -> Iterator[Live]:
    """Everything takes longer than a picture may."""

    def slowed(pipeline: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            time.sleep(WORK_SECONDS)
            return pipeline(*args, **kwargs)

        return called

    made = runtime(
        read_documents=slowed(FakeReadDocuments()),
        read_page=slowed(fake_read_page),
        watch_video=slowed(FakeWatchVideo()),
    )
    with live(
        tmp_path_factory.mktemp("slow"),
        made,
        deadline_seconds=PICTURE_SECONDS,
        fetch_networks=(LOOPBACK,),
        fetch_ports=frozenset({int(site.url.rpartition(":")[2])}),
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("key", "request_"),
    [
        (INFOR, {"files": {"file": PDF}}),
        (f"POST {SCAN} file", {"files": {"image": "@page"}}),
        (f"GET {SCAN} url", {"query": {"url": "@page"}}),
        ("POST /api/v2/ocr/card file", {"query": {"format_type": "file"}, "files": {"img": PDF}}),
        ("POST /api/v2/ocr/card base64", {"query": {"format_type": "base64"}, "json": {"img": PDF}}),
        ("GET /api/v2/ekyc/card url", {"query": {"format_type": "url", "img": PDF}}),
        ("POST /call/predict file", {"files": {"input": PDF}}),
        ("POST /call/predict base64", {"json": {"input": ["@chip_front", PDF]}}),
        (
            "POST /call/register_ekyc_front_back_face_video file",
            {"files": {**CARDS, "video_general": "@holder.mp4"}, "form": {"user_id": "1"}},
        ),
    ],
)  # fmt: skip
def test_pages_and_videos(slow: Live, site: Web, key: str, request_: dict[str, Any]) -> None:
    began = time.perf_counter()
    answer = send(key, {"request": request_}, slow, site, [])
    assert time.perf_counter() - began > WORK_SECONDS
    assert answer.status_code == 200
    told = answer.json()
    assert told.get("errorCode", told.get("code", "0")) == "0"


@pytest.mark.parametrize(
    ("key", "request_", "code"),
    [
        (INFOR, {"files": {"file": "@chip_front"}}, "503"),
        (
            "POST /api/v2/ocr/card base64",
            {"query": {"format_type": "base64"}, "json": {"img": "@chip_front"}},
            "503",
        ),
        ("POST /call/predict file", {"files": {"input": "@chip_front"}}, "timeout"),
    ],
)
def test_pictures(slow: Live, site: Web, key: str, request_: dict[str, Any], code: str) -> None:
    began = time.perf_counter()
    answer = send(key, {"request": request_}, slow, site, [])
    assert time.perf_counter() - began < WORK_SECONDS
    assert answer.status_code == 503
    assert answer.json().get("errorCode", answer.json().get("code")) == code
    assert int(answer.headers["retry-after"]) >= 1
