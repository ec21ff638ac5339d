"""What computervision v1 clients send, as images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.body import Body
from app.images import Base64Text, FileBytes, Url
from pipelines.errors import FormatMismatch, ImageMissing, ImageUnreachable


def url(query: Mapping[str, str], name: str) -> Url:
    """Raises ImageUnreachable when the parameter is missing: there is nothing to download."""
    text = query.get(name, "").strip()
    if not text:
        raise ImageUnreachable(f"{name} names no URL")
    return Url(text, name)


def file(body: Body, name: str) -> FileBytes:
    """Raises ImageMissing, or FormatMismatch for text where a file is due."""
    match body.get(name):
        case None:
            raise ImageMissing(name)
        case FileBytes() as upload if upload.data:
            return replace(upload, name=name)
        case FileBytes():
            raise ImageMissing(name)
        case _:
            raise FormatMismatch(f"{name} is not a file")


def base64_text(body: Body, name: str, other: str | None = None) -> Base64Text:
    """Under either name, of which the other may be empty. Raises ImageMissing, or FormatMismatch for anything but text."""
    value = body.get(name)
    if value in (None, "") and other is not None:
        value = body.get(other)
    match value:
        case None:
            raise ImageMissing(name)
        case str() as text if text.strip():
            return Base64Text(text, name)
        case str():
            raise ImageMissing(name)
        case _:
            raise FormatMismatch(f"{name} is not base64")
