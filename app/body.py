"""A request body as named values: multipart, URL-encoded form or JSON, whatever its Content-Type claims.

Bodies stay in memory, bounded; identity photos never touch the disk on the way in.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from app.images import FileBytes
from app.pdf import is_pdf
from pipelines.errors import BadCredentials, BadInput, ImageUnreadable

MAX_PARTS = 64
"""More than any documented route takes; each part costs memory before it is looked at."""

MAX_JSON_SIGNS = 2000
"""Commas and opening brackets in a JSON body. The routes take a handful of values, at most a page of 1,000 ids, and base64 has neither; a body that is
all brackets would hold up the event loop, and with it everybody, for seconds (6 MB of `[],`: 2 s on a busy core)."""

MAX_DEPTH = 32
"""Of lists and objects in one another: what is read with some of Python's stack must be written with as much."""

Value: TypeAlias = FileBytes | str | int | float | bool | None
Sent: TypeAlias = Value | list[Any] | dict[str, Any]

MAX_ESCAPES = 100_000
"""Percent escapes in a form, beside those of base64: more than any text of a client's has. Each costs Python a microsecond and, for a
while, a quarter of a kilobyte (32 MiB of them: 10 s and 2.6 GB)."""

BASE64_ESCAPES = {
    escape: sign
    for sign in (b"+", b"/", b"=", b"\r", b"\n")
    for escape in (b"%%%02X" % ord(sign), b"%%%02x" % ord(sign))
}
"""Escape -> character, of those that base64 has. No hexadecimal digit and no percent sign is among them, so that one put in makes no
new escape."""

CHARSETS = frozenset({"utf-8", "ascii", "latin-1", "iso8859-1", "cp1252", "cp1258"})
"""In which a multipart body's texts are read, by Python's names: of clients here, and read in a time in proportion to their length.
Python knows others that are not (punycode: hours)."""

_BINARY = re.compile(rb"(image|video)/|application/(octet-stream|pdf)\b", re.IGNORECASE)
"""Content-Type of a part that is a file, also where it has no name."""

_EXTENDED_NAME = re.compile(rb";[ \t]*filename\*[ \t]*=", re.IGNORECASE)

_PLAIN = (FileBytes, str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent, by name: every part of a form under that name, or the one value of a JSON object."""

    values: Mapping[str, Sequence[Sent]]

    def get(self, name: str) -> Value:
        """Of a name sent twice, the first; anything nested is as if it had not been sent."""
        first = next(iter(self.values.get(name, ())), None)
        return first if isinstance(first, _PLAIN) else None

    def every(self, name: str) -> list[Sent]:
        """Each value of a name sent several times, or of a JSON list."""
        return [
            item
            for value in self.values.get(name, ())
            for item in (value if isinstance(value, list) else [value])
        ]

    def list(self, name: str) -> list[Any] | None:
        """A list of a JSON body."""
        first = next(iter(self.values.get(name, ())), None)
        return first if isinstance(first, list) else None

    def object(self, name: str) -> dict[str, Any] | None:
        """An object of a JSON body, or one written as JSON in a form's field. Raises BadInput for one with values that cannot be kept."""
        first = next(iter(self.values.get(name, ())), None)
        if isinstance(first, str) and first.lstrip()[:1] == "{":
            first = _json_object(first.encode())
            _check(first)
        return first if isinstance(first, dict) else None


async def read_body(request: Request, *, max_bytes: int, digest: str | None = None) -> Body:
    """Read all of it.

    JSON is tried whenever the type is not a form: documented samples send JSON without a Content-Type.

    Args:
        digest: the SHA-256, in hexadecimal, of a body that was signed.

    Raises:
        BadCredentials: not the body that was signed.
        ImageUnreadable: more than `max_bytes`.
        BadInput: neither a form nor a JSON object, with values that cannot be kept, or the client went away.
    """
    body = await _parsed(request, max_bytes, digest)
    _check(body.values)
    return body


def _check(values: object) -> None:
    """Raises BadInput."""
    if not can_be_kept(values):
        raise BadInput("characters or numbers that are none, or too many in one another")


def can_be_kept(value: object) -> bool:
    """Can all of it be written down and sent back? JSON has halves of surrogate pairs, which UTF-8 has no bytes for, and NUL, which
    PostgreSQL takes in no text; Python reads NaN and numbers beyond a double's, which JSON does not write."""
    left = [(value, 0)]
    while left:
        one, depth = left.pop()
        match one:
            case str() if "\0" in one or not (one.isascii() or _in_utf8(one)):
                return False
            case float() if not math.isfinite(one):
                return False
            case Mapping() | list() if depth > MAX_DEPTH:
                return False
            case Mapping():
                left += [(inner, depth + 1) for pair in one.items() for inner in pair]
            case list():
                left += [(inner, depth + 1) for inner in one]
    return True


def _in_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


async def _parsed(request: Request, max_bytes: int, digest: str | None) -> Body:
    try:
        arriving = _limited(request, max_bytes)
        if digest is not None:
            arriving = _as_signed(arriving, digest)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            return await _multipart(request, arriving, max_bytes)
        content = b"".join([chunk async for chunk in arriving])
        looks_like_json = content.lstrip()[:1] == b"{"
        if kind == "application/x-www-form-urlencoded" and not looks_like_json:
            return await asyncio.to_thread(_form, content)
        return _json(content)
    except ClientDisconnect as error:
        raise BadInput("the client went away") from error


async def _limited(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise ImageUnreadable("too large")
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > max_bytes:
            raise ImageUnreadable("too large")
        yield chunk


async def _as_signed(body: AsyncGenerator[bytes, None], digest: str) -> AsyncGenerator[bytes, None]:
    """Ends with an error when what has gone by is not what was signed: before anything is made of it."""
    seen = hashlib.sha256()
    async for chunk in body:
        seen.update(chunk)
        yield chunk
    if seen.hexdigest() != digest:
        raise BadCredentials("not the body that was signed")


class _Parts(MultiPartParser):
    """Takes a part that is named by RFC 5987 alone (`filename*=`) for the file it is, as some clients name those whose names are not
    ASCII, and so one without a name that says it is a picture or bytes, as clients send those that they have in memory; what the
    name is, nobody asks."""

    def on_part_begin(self) -> None:
        if self._charset not in CHARSETS:
            raise MultiPartException(f"Texts in {self._charset}.")
        super().on_part_begin()

    def on_headers_finished(self) -> None:
        said = _EXTENDED_NAME.sub(b"; filename=", self._current_part.content_disposition or b"")
        kind = dict(self._current_part.item_headers).get(b"content-type", b"")
        if b"filename" not in said.lower() and _BINARY.match(kind.strip()):
            said += b'; filename=""'
        self._current_part.content_disposition = said
        super().on_headers_finished()


async def _multipart(
    request: Request, arriving: AsyncGenerator[bytes, None], max_bytes: int
) -> Body:
    parser = _Parts(
        request.headers,
        arriving,
        max_files=MAX_PARTS,
        max_fields=MAX_PARTS,
        max_part_size=max_bytes,
    )
    parser.spool_max_size = max_bytes + 1  # never rolled over to a file
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError, LookupError) as error:
        raise BadInput("not a multipart body") from error
    values: dict[str, list[Sent]] = {}
    try:
        for name, item in form.multi_items():
            values.setdefault(name, []).append(await _sent(item))
    finally:
        await form.close()
    return Body(values)


async def _sent(item: UploadFile | str) -> Value:
    """Of a part without a file's name, whatever it says it is, letters are a text: no picture is made of ASCII, but its base64 is."""
    if isinstance(item, str):
        return item
    content = await item.read()
    nameless_text = not item.filename and content.isascii() and not is_pdf(content)
    return content.decode("ascii") if content and nameless_text else FileBytes(content)


def _form(content: bytes) -> Body:
    """Texts are UTF-8, escaped or not: what is not is refused, for with its characters replaced two names could become one.

    Raises:
        BadInput: also more fields or escapes than any client sends.
    """
    pairs = content.split(b"&", MAX_PARTS)
    if len(pairs) > MAX_PARTS:
        raise BadInput("too many fields")
    parts = [
        _unescaped_base64(part) for pair in pairs if pair for part in pair.partition(b"=")[::2]
    ]
    if sum(part.count(b"%") for part in parts) > MAX_ESCAPES:
        raise BadInput("too many escapes")
    try:
        texts = [unquote_to_bytes(part).decode() for part in parts]
    except UnicodeError as error:
        raise BadInput("not UTF-8") from error
    values: dict[str, list[Sent]] = {}
    for name, text in zip(texts[::2], texts[1::2], strict=True):
        values.setdefault(name, []).append(text)
    return Body(values)


def _unescaped_base64(part: bytes) -> bytes:
    """With what is in base64 unescaped, megabytes of it in no time."""
    part = part.replace(b"+", b" ")
    for escape, sign in BASE64_ESCAPES.items():
        part = part.replace(escape, sign)
    return part


def _json(content: bytes) -> Body:
    if not content.strip():
        return Body({})
    parsed = _json_object(content)
    if parsed is None:
        raise BadInput("the JSON is not an object")
    return Body({name: [value] for name, value in parsed.items()})


def _json_object(content: bytes) -> dict[str, Any] | None:
    """None for JSON of another kind.

    Raises:
        BadInput: no JSON, or more values than any route takes.
    """
    if sum(content.count(sign) for sign in (b",", b"[", b"{")) > MAX_JSON_SIGNS:
        raise BadInput("too many values")
    try:
        # Not strict: base64 in lines of 76 is often written into JSON as it is, line breaks and all.
        parsed = json.loads(content, strict=False)
    except (ValueError, RecursionError) as error:
        raise BadInput("neither a form nor JSON") from error
    return parsed if isinstance(parsed, dict) else None
