"""What every request gets: an id, one log line without personal data, health routes, and a 500 that tells nothing."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest
import requests

from app.log import JsonLines
from tests.contract.test_bad_input import CV1, CV2, DIALECTS, TECHAINER, Dialect, each, expect
from tests.fakes import BrokenPipeline, Seen, picture, runtime
from tests.live import Live, live


def lines(caplog: pytest.LogCaptureFixture, count: int) -> list[dict[str, object]]:
    """What the service logged, once it has written `count` lines: it writes after it has answered."""
    until = time.monotonic() + 5
    while True:
        ours = [r for r in caplog.records if r.name.startswith("ekyc.")]
        if len(ours) >= count or time.monotonic() > until:
            return [json.loads(JsonLines().format(record)) for record in ours]
        time.sleep(0.01)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    time.sleep(0.05)  # the line of the test before may still be on its way
    caplog.set_level(logging.INFO, "ekyc")
    return caplog


def test_one_line_per_request(service: Live, heard: pytest.LogCaptureFixture) -> None:
    answer = TECHAINER.post(service)
    (line,) = lines(heard, 1)
    assert line["request_id"] == answer.headers["x-request-id"] == answer.json()["request_id"]
    assert line["route"] == "/call/register_ekyc_front_back_face"
    assert (line["method"], line["status"], line["family"]) == ("POST", 200, "techainer.ekyc")
    assert (line["outcome"], line["in_flight"], line["waiting"]) == ("ok", 0, 0)
    assert 0 < float(str(line["seconds"])) < 20


def test_log_names_the_refusal(service: Live, heard: pytest.LogCaptureFixture) -> None:
    CV2.post(service, picture(Seen.CHIP_FRONT), b"no image")
    CV1.post(service, auth=("a", "b"))
    requests.get(service.url + "/nothing", timeout=5)
    assert [(line.get("outcome"), line.get("why")) for line in lines(heard, 3)] == [
        ("ImageUnreadable", "img2: not a picture we decode"),
        ("BadCredentials", "wrong credentials"),
        (None, None),
    ]


@each
def test_an_answer_says_its_encoding(service: Live, dialect: Dialect) -> None:
    """Or older clients read it as Latin-1, and names with it."""
    for answer in (dialect.post(service), dialect.post(service, b"no image")):
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_log_holds_nothing_personal(service: Live, heard: pytest.LogCaptureFixture) -> None:
    TECHAINER.post(service)
    CV1.post(service)
    query = {"img1": "https://kho.invalid/anh?signature=bi-mat", "img2": "x", "format_type": "url"}
    requests.get(service.url + CV2.prefix + CV2.route, params=query, auth=service.basic, timeout=20)
    written = lines(heard, 3)
    told = json.dumps(written, ensure_ascii=False)
    secrets = (
        *service.basic,
        service.credentials.token,
        "001190000017",
        "Nguyễn",
        "bi-mat",
        "kh-1",
    )
    assert len(written) == 3
    assert [secret for secret in secrets if secret in told] == []


@each
def test_own_fault(tmp_path: Path, heard: pytest.LogCaptureFixture, dialect: Dialect) -> None:
    """500 in the envelope; the message of the exception reaches neither client nor log."""
    broken = BrokenPipeline()
    made = runtime(onboard=broken, read_document=broken, compare_faces=broken)
    with live(tmp_path, made) as service:
        answer = dialect.post(service)
    expect(dialect, answer, "exception" if dialect is TECHAINER else "500", 500)
    assert BrokenPipeline.SECRET not in answer.text
    told = lines(heard, 3)
    assert [line["exception"] for line in told if "exception" in line] == ["RuntimeError"]
    assert any("BrokenPipeline" in str(line.get("at")) for line in told)
    assert BrokenPipeline.SECRET not in json.dumps(told, ensure_ascii=False)


def test_health(service: Live) -> None:
    assert requests.get(service.url + "/live", timeout=5).json() == {"status": "live"}
    ready = requests.get(service.url + "/ready", timeout=5)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "pack": "fake"})


def test_health_by_head(service: Live) -> None:
    """As load balancers ask."""
    for path in ("/live", "/ready"):
        assert requests.head(service.url + path, timeout=5).status_code == 200


def test_no_answer_is_to_be_kept_on_the_way(service: Live) -> None:
    for answer in (CV1.post(service), CV1.post(service, auth=("a", "b"))):
        assert answer.headers["cache-control"] == "no-store"


def test_unknown_path_outside_the_families(service: Live) -> None:
    answer = requests.get(service.url + "/callback", timeout=5)
    assert (answer.status_code, answer.json()) == (404, {"error": "not found"})


def test_scopes_keep_families_apart(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        narrow = service.clients.add("narrow", scopes=["cv2"])
        mine = {"auth": (narrow.key, narrow.secret), "headers": {"x-api-key": narrow.token}}
        codes = {d.name: d.post(service, **mine).json()[d.code_key] for d in DIALECTS}
    assert codes == {"techainer": "forbidden", "cv1": "5", "cv2": "0"}


def test_disabled_and_spent_clients(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        service.clients.set_quota("bank", 1)
        spent = [d.post(service).json()[d.code_key] for d in (CV1, CV1, CV2, TECHAINER)]
        assert spent == ["0", "4", "4", "quota_spent"]
        service.clients.disable("bank")
        off = [d.post(service).json()[d.code_key] for d in DIALECTS]
        assert off == ["unauthorized", "5", "5"]


def test_openapi_names_every_parameter(service: Live) -> None:
    document = requests.get(service.url + "/openapi.json", timeout=5).json()
    route = document["paths"][CV2.prefix + CV2.route]
    own = (p for p in route["get"]["parameters"] if "$ref" not in p)  # the others sign a request
    assert {p["name"] for p in own} == {
        "img1",
        "img2",
        "type1",
        "format_type",
    }
    form = document["paths"]["/call/register_ekyc_front_back_face"]["post"]["requestBody"]
    assert "threshold" in form["content"]["multipart/form-data"]["schema"]["properties"]


def test_picture_is_read_by_content_not_by_name(service: Live) -> None:
    files = {
        "mattruoc": ("card.pdf", picture(Seen.CHIP_FRONT, "PNG"), "application/pdf"),
        "matsau": ("a.exe", picture(Seen.CHIP_BACK, "WEBP"), "text/plain"),
    }
    assert CV1.send(service, files=files).json()["errorCode"] == "0"
