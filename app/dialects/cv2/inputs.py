"""What computervision v2 clients send, as images: `format_type` says how, and must be true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from app.body import Body, Value
from app.dialects.documentation import Format
from app.images import Base64Text, FileBytes, Sent, Url
from pipelines.errors import BadParameter, FormatMismatch, ImageMissing

_LOOKS_LIKE_URL = re.compile(r"[a-z][a-z0-9+.-]{0,30}+://", re.IGNORECASE)


def images(query: Mapping[str, str], body: Body, *names: str) -> list[Sent]:
    """The named images, from the body or else from the query.

    Raises:
        FormatMismatch: `format_type` is missing, unknown, or does not fit what was sent.
        ImageMissing: an image was not sent, or is empty.
    """
    declared = parameter(query, body, "format_type")
    try:
        kind = Format(declared.lower())
    except ValueError as error:
        raise FormatMismatch("format_type is url, file or base64") from error
    sent: list[Sent] = []
    for name in names:
        value = body.get(name)
        sent.append(_fitting(name, kind, query.get(name) if value is None else value))
    return sent


def file_or_base64(body: Body, name: str) -> Sent:
    """Where no `format_type` says how an image travels. Raises ImageMissing, or FormatMismatch for anything else."""
    value = body.get(name)
    kind = Format.FILE if isinstance(value, FileBytes) else Format.BASE64
    return _fitting(name, kind, value)


def one_of(query: Mapping[str, str], body: Body, name: str, allowed: list[str]) -> str:
    """Raises BadParameter for any other value, or none."""
    value = parameter(query, body, name).lower()
    if value not in allowed:
        raise BadParameter(name, " or ".join(allowed))
    return value


def parameter(query: Mapping[str, str], body: Body, name: str) -> str:
    """Documented in the query; clients send it in the body as well. Empty when absent."""
    value = query.get(name) or body.get(name)
    return value.strip() if isinstance(value, str) else ""


def _fitting(name: str, kind: Format, value: Value) -> Sent:
    match value:
        case None | "" | FileBytes(data=b""):
            raise ImageMissing(name)
        case FileBytes() if kind is Format.FILE:
            return replace(value, name=name)
        case str() if kind is Format.URL and _LOOKS_LIKE_URL.match(value.strip()):
            return Url(value.strip(), name)
        case str() if kind is Format.BASE64 and not _LOOKS_LIKE_URL.match(value.strip()):
            return Base64Text(value, name)
        case _:
            raise FormatMismatch(f"{name} is not a {kind}")


def flag(query: Mapping[str, str], body: Body, name: str) -> bool:
    """Documented as the text true or false; off for anything else, and when it is absent."""
    return body.get(name) is True or parameter(query, body, name).lower() in ("true", "1")
