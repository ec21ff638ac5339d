"""Bodies as clients send them, and as nobody should: read whole, or refused before they cost anything."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import quote, urlencode

import pytest
from starlette.requests import Request
from starlette.types import Message

from app.body import MAX_ESCAPES, MAX_PARTS, Body, read_body
from app.images import FileBytes
from pipelines.errors import BadInput

FORM = "application/x-www-form-urlencoded"
PICTURE = bytes(range(256)) * 8_192
"""Two megabytes; in base64 a form has some 200,000 escapes in it."""


def read(kind: str, content: bytes) -> Body:
    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    return asyncio.run(read_body(request, max_bytes=32 * 1024 * 1024))


def multipart(disposition: str, content: bytes, charset: str = "", kind: str = "") -> Body:
    said = f"{disposition}\r\nContent-Type: {kind}" if kind else disposition
    head = f"--x\r\nContent-Disposition: form-data; {said}\r\n\r\n".encode()
    return read(f"multipart/form-data; boundary=x{charset}", head + content + b"\r\n--x--\r\n")


@pytest.mark.parametrize("lower", [False, True])
def test_a_picture_in_a_form(lower: bool) -> None:
    encoded = base64.encodebytes(PICTURE).decode()
    escaped = quote(encoded, safe="")
    escaped = escaped.replace("%2B", "%2b").replace("%0A", "%0d%0a") if lower else escaped
    said = read(FORM, f"image={escaped}&user_id=1".encode())
    assert str(said.get("image")).replace("\r", "") == encoded
    assert said.get("user_id") == "1"


def test_texts_in_a_form() -> None:
    sent = {"a": ["Nguyễn Thị Ánh", "%2B"], "b": [""], "ế": ["1&2=3"]}
    assert read(FORM, urlencode(sent, doseq=True).encode()).values == sent
    raw = read(FORM, "&a=Nguyễn+Thị&b&=c&d=100%".encode())
    assert raw.values == {"a": ["Nguyễn Thị"], "b": [""], "": ["c"], "d": ["100%"]}


@pytest.mark.parametrize(
    "content",
    [
        b"user_id=%ff",
        b"user_id=\xff",
        b"a=" + b"%41" * (MAX_ESCAPES + 1),
        b"&" * MAX_PARTS,
    ],
)
def test_a_form_that_is_refused(content: bytes) -> None:
    """Two customers whose names are not UTF-8 would be one."""
    with pytest.raises(BadInput):
        read(FORM, content)


@pytest.mark.parametrize(
    ("disposition", "is_file"),
    [
        ('name="image"; filename="a.jpg"', True),
        ("name=\"image\"; filename*=utf-8''%E1%BA%A3nh.jpg", True),
        ('name="image"; filename="a.jpg"; FILENAME* = utf-8\'\'%E1%BA%A3nh.jpg', True),
        ('name="image"', False),
    ],
)
def test_a_part_with_a_name_for_its_file_is_a_file(disposition: str, is_file: bool) -> None:
    sent = multipart(disposition, b"abc").get("image")
    assert sent == (FileBytes(b"abc") if is_file else "abc")


@pytest.mark.parametrize(
    ("kind", "is_file"),
    [
        ("application/octet-stream", True),
        ("Image/JPEG", True),
        ("application/pdf", True),
        ("video/mp4", True),
        ("text/plain; charset=utf-8", False),
        ("application/json", False),
    ],
)
def test_a_part_of_bytes_without_a_name_is_a_file(kind: str, is_file: bool) -> None:
    """So Apache's HttpClient, Spring and Node's form-data send what they have in memory."""
    sent = multipart('name="image"', b"\xff\xd8c" if is_file else b"abc", kind=kind).get("image")
    assert sent == (FileBytes(b"\xff\xd8c") if is_file else "abc")


def test_base64_of_a_picture_said_to_be_one_is_a_text() -> None:
    sent = multipart('name="image"', base64.b64encode(PICTURE), kind="image/jpeg")
    assert sent.get("image") == base64.b64encode(PICTURE).decode()
    assert multipart('name="image"', b"%PDF-1.7 ", kind="application/pdf").get(
        "image"
    ) == FileBytes(b"%PDF-1.7 ")


def test_base64_in_lines_written_into_json_as_it_is() -> None:
    encoded = base64.encodebytes(PICTURE[:100]).decode()
    assert read("application/json", f'{{"image": "{encoded}"}}'.encode()).get("image") == encoded


def test_charsets() -> None:
    assert multipart('name="a"', "Nguyễn".encode(), "; charset=UTF-8").get("a") == "Nguyễn"
    assert multipart('name="a"', b"\xc1nh", "; charset=iso-8859-1").get("a") == "Ánh"
    with pytest.raises(BadInput):  # read in it, this takes hours
        multipart('name="a"', b"a" * 1_000_000 + b"-" + b"a" * 1_000_000, "; charset=punycode")
