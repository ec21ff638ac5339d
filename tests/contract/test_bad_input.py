"""Whatever is sent, each dialect answers in its own envelope with its own code; never a stack trace."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image as Pillow

from pipelines.challenge import STEPS
from tests.fakes import Seen, picture
from tests.live import Live, Web


@dataclass(frozen=True)
class Dialect:
    """How to send one doubtful image beside good ones, and where the answer says what it thinks."""

    name: str
    prefix: str
    route: str
    query: str
    images: tuple[tuple[str, Seen], ...]
    fields: Mapping[str, str]
    code_key: str
    envelope: tuple[str, ...]

    def credentials(self, service: Live) -> dict[str, Any]:
        if self.name == "techainer":
            return {"headers": service.token}
        return {"auth": service.basic}

    def post(self, service: Live, *doubtful: bytes, **more: Any) -> requests.Response:
        """The first images are the doubtful ones, the rest are good."""
        files = {name: ("a.jpg", picture(seen)) for name, seen in self.images}
        for (name, _), data in zip(self.images, doubtful, strict=False):
            files[name] = ("a.jpg", data)
        return self.send(service, files=files, data=dict(self.fields), **more)

    def send(self, service: Live, **request: Any) -> requests.Response:
        request = self.credentials(service) | request
        url = f"{service.url}{self.prefix}{self.route}{self.query}"
        return requests.post(url, timeout=20, **request)


TECHAINER = Dialect(
    "techainer",
    "/call",
    "/register_ekyc_front_back_face",
    "",
    (
        ("image_card1", Seen.CHIP_FRONT),
        ("image_card2", Seen.CHIP_BACK),
        ("image_general", Seen.HOLDER),
    ),
    {"user_id": "1"},
    "code",
    ("output", "time", "api_version", "mlchain_version", "request_id", "error", "code"),
)
CV1 = Dialect(
    "cv1",
    "/backend/api/v1/request",
    "/ocr/cmt/get_haimat",
    "",
    (("mattruoc", Seen.CHIP_FRONT), ("matsau", Seen.CHIP_BACK)),
    {},
    "errorCode",
    ("data", "valid", "errorCode", "errorMessage"),
)
CV2 = Dialect(
    "cv2",
    "/api/v2",
    "/ekyc/face_matching",
    "?type1=card&format_type=file",
    (("img1", Seen.CHIP_FRONT), ("img2", Seen.HOLDER)),
    {},
    "errorCode",
    ("data", "errorCode", "errorMessage"),
)
DIALECTS = (TECHAINER, CV1, CV2)
each = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)


def expect(dialect: Dialect, answer: requests.Response, code: str, status: int = 200) -> None:
    body = answer.json()
    assert tuple(body) == dialect.envelope
    assert (answer.status_code, body[dialect.code_key]) == (status, code)
    assert "Traceback" not in answer.text
    assert body.get("output") is None


def noise(kind: str) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    Pillow.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def bomb(kind: str) -> bytes:
    """A real picture of 100 megapixels in a few kilobytes."""
    buffer = io.BytesIO()
    Pillow.new("1", (10_000, 10_000)).save(buffer, kind)
    return buffer.getvalue()


UNREADABLE = {
    "not an image": b"xin chao " * 100,
    "truncated JPEG": noise("JPEG")[:20_000],
    "truncated PNG": noise("PNG")[:20_000],
    "100 megapixels": bomb("PNG"),
    "PDF": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
    "GIF": b"GIF89a" + bytes(100),
}


@each
@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_no_readable_image(service: Live, dialect: Dialect, data: bytes) -> None:
    code = {"techainer": ("image_unreadable", 422), "cv1": ("3", 200), "cv2": ("3", 200)}
    expect(dialect, dialect.post(service, data), *code[dialect.name])


@each
def test_empty_file(service: Live, dialect: Dialect) -> None:
    code = {"techainer": ("missing", 422), "cv1": ("3", 200), "cv2": ("1", 200)}
    expect(dialect, dialect.post(service, b""), *code[dialect.name])


@each
def test_nothing_to_find(service: Live, dialect: Dialect) -> None:
    code = {"techainer": ("no_document", 422), "cv1": ("1", 200), "cv2": ("1", 200)}
    expect(dialect, dialect.post(service, picture(Seen.TABLE)), *code[dialect.name])


@each
def test_wrong_field_names(service: Live, dialect: Dialect) -> None:
    code = {"techainer": ("missing", 422), "cv1": ("3", 200), "cv2": ("1", 200)}
    answer = dialect.send(service, files={"anh": picture(Seen.CHIP_FRONT)})
    expect(dialect, answer, *code[dialect.name])


@each
def test_too_large(service: Live, dialect: Dialect) -> None:
    code = {"techainer": ("image_unreadable", 422), "cv1": ("3", 200), "cv2": ("3", 200)}
    expect(dialect, dialect.post(service, bytes(9 * 1024 * 1024)), *code[dialect.name])


@each
def test_too_large_without_saying_so(service: Live, dialect: Dialect) -> None:
    """Chunked, so that no Content-Length warns."""
    code = {"techainer": ("image_unreadable", 422), "cv1": ("3", 200), "cv2": ("3", 200)}
    answer = dialect.send(service, data=(bytes(1024 * 1024) for _ in range(9)))
    expect(dialect, answer, *code[dialect.name])


BROKEN = {
    "not JSON": ("application/json", b"{'a': 1}"),
    "a JSON list": ("application/json", b"[1]"),
    "endless JSON": ("application/json", b'{"a":' * 100_000),
    "too many fields": ("application/x-www-form-urlencoded", b"a=1&" * 2000),
    "bytes": ("application/octet-stream", bytes(range(256))),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "cut multipart": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-da"),
    "nameless part": ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nc\r\n--x--\r\n"),
    "odd charset": (
        "multipart/form-data; boundary=x; charset=idna",
        b'--x\r\nContent-Disposition: form-data; name="\xff."\r\n\r\nb\r\n--x--\r\n',
    ),
    "too many parts": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 500 + b"--x--\r\n",
    ),
}


@each
@pytest.mark.parametrize(("kind", "body"), BROKEN.values(), ids=BROKEN)
def test_broken_bodies(service: Live, dialect: Dialect, kind: str, body: bytes) -> None:
    headers = {"content-type": kind} | dialect.credentials(service).get("headers", {})
    answer = dialect.send(service, data=body, headers=headers)
    told = answer.json()
    assert tuple(told) == dialect.envelope
    expected = {"techainer": {"assertion", "missing"}, "cv1": {"3"}, "cv2": {"1", "3"}}
    assert told[dialect.code_key] in expected[dialect.name]


@pytest.mark.parametrize("odd", [r"\ud800", r"a\u0000b"], ids=["half a surrogate pair", "NUL"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/call/get_all_face_of_user", '{"user_id": "ODD"}'),
        ("/call/register_user_face", '{"user_id": "1", "image_fingerprint": "IMAGE", "finger": "ODD"}'),
        ("/call/search_face", '{"image_general": "IMAGE", "third_party": "ODD"}'),
        ("/api/v2/face_search/images", '{"image": {"base64": "IMAGE", "metadata": {"ODD": 1}}}'),
        ("/api/v2/face_search/images", '{"ids": [1], "check_sum": "ODD"}'),
        ("/api/v2/ekyc/verify_challenge", '{"nonce": "ODD", "deep": [[{"a": "ODD"}]]}'),
        ("/backend/api/v1/request/face_search/search", '{"image": {"base64": "ODD"}, "check_sum": "ODD"}'),
    ],
)  # fmt: skip
def test_characters_that_are_none(service: Live, path: str, body: str, odd: str) -> None:
    """JSON can write what neither UTF-8 nor a database can."""
    image = base64.b64encode(picture(Seen.HOLDER)).decode()
    sent = body.replace("IMAGE", image).replace("ODD", odd)
    answer = requests.post(
        service.url + path, data=sent, auth=service.basic, headers=service.token, timeout=20
    )
    told = answer.json()
    code = next(told[key] for key in ("code", "errorCode", "status_code") if key in told)
    expected = "assertion" if path.startswith("/call") else "6" if "face_search" in path else "3"
    assert str(code) == expected


@pytest.mark.parametrize("odd", ["NaN", "-Infinity", "1e999", "[" * 40 + "]" * 40])
def test_metadata_that_cannot_be_sent_back_is_not_kept(service: Live, odd: str) -> None:
    """It would take every later list and search with it."""
    image = base64.b64encode(picture(Seen.HOLDER)).decode()
    images = f"{service.url}/api/v2/face_search/images"
    sent = f'{{"image": {{"base64": "{image}", "metadata": {{"a": {odd}}}}}}}'
    form = {"image": sent.removeprefix('{"image": ').removesuffix("}")}
    for as_json_or_form in (sent, form):
        told = requests.post(images, data=as_json_or_form, auth=service.basic, timeout=20).json()
        assert (told["result"], told["status_code"]) == (None, 6)
    assert requests.get(images, auth=service.basic, timeout=20).json()["status_code"] == 0


@pytest.mark.parametrize("digits", [19, 5000])
def test_an_id_of_many_digits_names_nothing(service: Live, digits: int) -> None:
    url = f"{service.url}{CV1.prefix}/face_search/edit_metadata"
    for image_id in ("9" * digits, int("9" * min(digits, 4000))):
        sent = {"image_id": image_id, "metadata": {}}
        told = requests.post(url, json=sent, auth=service.basic, timeout=20).json()
        assert told["status_code"] == 7


def test_a_query_with_nul(service: Live) -> None:
    url = f"{service.url}/api/v2/ekyc/verify_challenge?nonce=%00"
    images = {f"portrait_{place}": ("a.jpg", picture(Seen.HOLDER)) for place in range(1, STEPS + 1)}
    told = requests.post(url, files=images, auth=service.basic, timeout=20).json()
    assert told["errorCode"] == "3"


def test_a_body_of_brackets_is_not_parsed(service: Live) -> None:
    """It would keep the event loop busy; a parsed one would be told what is missing."""
    body = b'{"a":[' + b"[]," * 2_000 + b"1]}"
    expect(TECHAINER, TECHAINER.send(service, data=body), "assertion", 422)


@each
def test_base64_that_is_none(service: Live, dialect: Dialect) -> None:
    if dialect is CV1:
        url = f"{service.url}{CV1.prefix}/ocr/cmt/get_haimatbase64"
    else:
        url = (
            f"{service.url}{dialect.prefix}{dialect.route}{dialect.query.replace('file', 'base64')}"
        )
    body = dict(dialect.fields) | {name: "không phải base64!" for name, _ in dialect.images}
    answer = requests.post(url, json=body, timeout=20, **dialect.credentials(service))
    code = {"techainer": ("format_mismatch", 422), "cv1": ("3", 200), "cv2": ("6", 200)}
    expect(dialect, answer, *code[dialect.name])


BAD_CREDENTIALS: dict[str, dict[str, Any]] = {
    "none": {"auth": None, "headers": {}},
    "wrong secret": {"auth": ("{key}", "wrong"), "headers": {"x-api-key": "wrong"}},
    "unknown key": {"auth": ("nobody", "wrong"), "headers": {"x-api-key": "{secret}"}},
    "empty": {"auth": ("", ""), "headers": {"x-api-key": ""}},
    "no base64": {"headers": {"authorization": "Basic %%%"}},
    "no colon": {"headers": {"authorization": "Basic YWJj"}},
    "NUL": {"headers": {"authorization": "Basic AGI6Yg=="}},
    "not UTF-8": {"headers": {"authorization": "Basic //79"}},
    "another scheme": {"headers": {"authorization": "Bearer abc"}},
}


@each
@pytest.mark.parametrize("bad", BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
def test_bad_credentials(service: Live, dialect: Dialect, bad: dict[str, Any]) -> None:
    key, secret = service.basic
    auth = bad.get("auth")
    request = {
        "auth": auth and (auth[0].format(key=key), auth[1]),
        "headers": {n: v.format(secret=secret) for n, v in bad["headers"].items()},
    }
    code = {"techainer": ("unauthorized", 401), "cv1": ("5", 200), "cv2": ("5", 200)}
    expect(dialect, dialect.post(service, **request), *code[dialect.name])


@each
def test_credentials_of_the_other_kind(service: Live, dialect: Dialect) -> None:
    """A token opens no Basic route, nor a pair the other."""
    other = {"auth": service.basic, "headers": {}}
    if dialect is not TECHAINER:
        other = {"auth": None, "headers": service.token}
    code = {"techainer": ("unauthorized", 401), "cv1": ("5", 200), "cv2": ("5", 200)}
    expect(dialect, dialect.post(service, **other), *code[dialect.name])


@each
@pytest.mark.parametrize("path", ["/nothing", "/ocr/cmt", "/a/b/c"])
def test_unknown_route(service: Live, dialect: Dialect, path: str) -> None:
    answer = requests.get(service.url + dialect.prefix + path, timeout=20)
    expect(dialect, answer, "404", 404)


@each
def test_unknown_method(service: Live, dialect: Dialect) -> None:
    answer = requests.delete(service.url + dialect.prefix + dialect.route, timeout=20)
    expect(dialect, answer, "404", 404)


@pytest.mark.parametrize("dialect", [CV1, CV2], ids=lambda d: d.name)
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a.jpg",
        "http://127.0.0.1/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "ftp://127.0.0.1/a.jpg",
        "file:///etc/passwd",
        "http://khong-co.invalid/a.jpg",
        "{site}/absent.jpg",
    ],
)
def test_unavailable_url(service: Live, site: Web, dialect: Dialect, url: str) -> None:
    names = [name for name, _ in dialect.images]
    query = {name: url.format(site=site.url) for name in names}
    if dialect is CV2:
        query |= {"type1": "card", "format_type": "url"}
    answer = requests.get(
        service.url + dialect.prefix + dialect.route,
        params=query,
        auth=service.basic,
        timeout=20,
    )
    expect(dialect, answer, "2")


def test_url_parameter_missing(service: Live) -> None:
    answer = requests.get(
        f"{service.url}{CV1.prefix}{CV1.route}?anh=x", auth=service.basic, timeout=20
    )
    expect(CV1, answer, "2")


def test_url_of_a_page_that_is_no_image(service: Live, site: Web) -> None:
    url = site.page("/trang.html", b"<html></html>")
    answer = requests.get(
        f"{service.url}{CV1.prefix}{CV1.route}?mattruoc={url}&matsau={url}",
        auth=service.basic,
        timeout=20,
    )
    expect(CV1, answer, "3")
