"""How a route tells OpenAPI and `scripts/routes` what it takes, since it reads the request itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

FORMATS_KEY: Final = "x-formats"


class Format(StrEnum):
    """How an image travels; or, on a route without one, what does."""

    URL = "url"
    FILE = "file"
    BASE64 = "base64"
    JSON = "json"
    QUERY = "query"


def takes(
    *formats: Format,
    query: Mapping[str, str] | None = None,
    multipart: Mapping[str, str] | None = None,
    json: Mapping[str, object] | None = None,
    required: Sequence[str] = (),
) -> dict[str, Any]:
    """`openapi_extra` of a route: parameter name -> what it means, by where it travels."""
    content: dict[str, Any] = {}
    if multipart:
        content["multipart/form-data"] = {
            "schema": _schema(multipart, required, binary=Format.FILE in formats)
        }
    if json:
        content["application/json"] = {"schema": _schema(json, required, binary=False)}
    extra: dict[str, Any] = {FORMATS_KEY: [str(f) for f in formats]}
    if query:
        extra["parameters"] = [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "description": meaning,
                "schema": {"type": "string"},
            }
            for name, meaning in query.items()
        ]
    if content:
        extra["requestBody"] = {"required": True, "content": content}
    return extra


def _schema(
    meanings: Mapping[str, object], required: Sequence[str], *, binary: bool
) -> dict[str, Any]:
    """A meaning is a text, or the whole schema of what is no text."""

    def kind(meaning: object) -> object:
        if not isinstance(meaning, str):
            return meaning
        is_file = binary and meaning.startswith("file")
        return {"type": "string", "description": meaning} | (
            {"format": "binary"} if is_file else {}
        )

    return {
        "type": "object",
        "properties": {name: kind(meaning) for name, meaning in meanings.items()},
        "required": [name for name in required if name in meanings],
    }
