"""A request body as named values: multipart, URL-encoded form or JSON, whatever its Content-Type claims.

Bodies stay in memory, bounded; identity photos never touch the disk on the way in.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from app.images import FileBytes
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

_PLAIN = (FileBytes, str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent, by name: every part of a form under that name, or the one value of a JSON object."""

    values: Mapping[str, Sequence[Sent]]

    def get(self, name: str) -> Value:
        """Of a name sent twice, the first; anything nested is as if it had not been sent."""
        first = next(iter(self.values.get(name, ())), None)
        return first if isinstance(first, _PLAIN) else None

    def every(self, name: str) -> list[Value]:
        """Each plain value of a name sent several times, or of a JSON list."""
        sent = [
            item
            for value in self.values.get(name, ())
            for item in (value if isinstance(value, list) else [value])
        ]
        return [item for item in sent if isinstance(item, _PLAIN)]

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
            return await _form(request, content)
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


async def _multipart(
    request: Request, arriving: AsyncGenerator[bytes, None], max_bytes: int
) -> Body:
    parser = MultiPartParser(
        request.headers,
        arriving,
        max_files=MAX_PARTS,
        max_fields=MAX_PARTS,
        max_part_size=max_bytes,
    )
    parser.spool_max_size = max_bytes + 1  # never rolled over to a file
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError, LookupError) as error:  # also a charset of its own
        raise BadInput("not a multipart body") from error
    values: dict[str, list[Sent]] = {}
    try:
        for name, item in form.multi_items():
            content = FileBytes(await item.read()) if isinstance(item, UploadFile) else item
            values.setdefault(name, []).append(content)
    finally:
        await form.close()
    return Body(values)


async def _form(request: Request, content: bytes) -> Body:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield content

    try:
        form = await FormParser(request.headers, whole(), max_fields=MAX_PARTS).parse()
    except MultiPartException as error:  # the one parser raises the other's error
        raise BadInput("too many fields") from error
    values: dict[str, list[Sent]] = {}
    for name, item in form.multi_items():
        if isinstance(item, str):
            values.setdefault(name, []).append(item)
    return Body(values)


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
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput("neither a form nor JSON") from error
    return parsed if isinstance(parsed, dict) else None
