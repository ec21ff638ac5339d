"""The OpenAPI document: what FastAPI knows of the routes, with the answers, errors and examples that the tests send and see."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.requests import Request

from app.dialects.base import Family, FamilyRouter, api_key
from app.dialects.documentation import FORMATS_KEY, Format
from app.dialects.examples import PICTURE, Pair, examples
from app.signing import DIGEST_HEADER, NONCE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from pipelines.errors import Clash, EkycError, FaceExists

SECURITY = {
    "basic": {"type": "http", "scheme": "basic", "description": "api_key and api_secret"},
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
SIGNED = {
    TIMESTAMP_HEADER: ("seconds since 1970, UTC", r"^[0-9]{1,12}$"),
    NONCE_HEADER: ("random, new for each request", r"^[A-Za-z0-9_-]{16,64}$"),
    DIGEST_HEADER: ("SHA-256 of the body, hexadecimal", r"^[0-9a-f]{64}$"),
    SIGNATURE_HEADER: (
        "HMAC-SHA256, hexadecimal, of method, path with query, body digest, timestamp and nonce",
        r"^[0-9a-f]{64}$",
    ),
}
"""Headers of a signed request: what each holds, and its form."""
DESCRIPTION = """\
Error codes, limits and choices where the vendors' documents leave one: docs/api/.

Clients made with `scripts/clients add --signed` sign each request in four headers, X-EKYC-Timestamp, X-EKYC-Nonce, \
X-EKYC-Content-SHA256 and X-EKYC-Signature: docs/api/signed-requests.md. Nobody else needs them."""
REQUEST_ID = "d7e51de2-e075-4e9c-976d-bf82b8246e6f"
PLACEHOLDERS: Mapping[str, object] = {
    "{image_id}": 123456,
    "{face_id}": "123456",
    "{nonce}": "hB0kDqPVJtvlUu6r0Q7FJbTtG1m8Yz3x",
}
"""What stands in examples for something an earlier answer gave."""
BASE64_BEGINS = "iVBORw0KGgoAAAANSU..."


def openapi(app: FastAPI, routers: tuple[FamilyRouter, ...]) -> dict[str, Any]:
    document = get_openapi(
        title="eKYC",
        version="1",
        description=DESCRIPTION,
        routes=app.routes,
    )
    # Every route reads its request itself, so that FastAPI's own answer to a bad one is never given.
    document["components"] = {"securitySchemes": SECURITY, "parameters": _signed_headers()}
    pairs = examples()
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    operation = document["paths"][route.path][method.lower()]
                    _complete(operation, router.family, route, method, pairs)
    return document


def _complete(
    operation: dict[str, Any],
    family: Family,
    route: APIRoute,
    method: str,
    pairs: Mapping[str, Pair],
) -> None:
    formats: list[str] = operation.get(FORMATS_KEY, [])
    own = {kind: pairs[f"{method} {route.path} {kind}"] for kind in formats}
    operation["tags"] = [str(family.scope)]
    operation["summary"] = f"{route.path.rsplit('/', 1)[-1]}: {', '.join(formats) or 'picture'}"
    operation["operationId"] = f"{method.lower()}{route.path.translate(_PLAIN)}"
    operation["security"] = [{"x-api-key" if family.credentials is api_key else "basic": []}]
    operation["responses"] = _responses(family, own)
    for kind, pair in own.items():
        _show_request(operation, Format(kind), pair["request"])
    operation.setdefault("parameters", []).extend(
        {"$ref": f"#/components/parameters/{name}"} for name in SIGNED
    )


def _signed_headers() -> dict[str, Any]:
    return {
        name: {
            "name": name,
            "in": "header",
            "required": False,
            "description": f"Of a client that signs: {meaning} (docs/api/signed-requests.md)",
            "schema": {"type": "string", "pattern": form},
        }
        for name, (meaning, form) in SIGNED.items()
    }


_PLAIN = str.maketrans({"/": "_", "{": "", "}": "", "-": "_"})


def _responses(family: Family, own: Mapping[str, Pair]) -> dict[str, Any]:
    """By status: the answers of the examples, and every error of the family."""
    told: dict[str, dict[str, Any]] = {"200": {}}
    for kind, pair in own.items():
        told["200"][kind] = pair["answer"]
    for number, code, envelope in _errors(family):
        told.setdefault(str(number), {})[f"code {code}"] = envelope
    responses: dict[str, Any] = {}
    for status, answers in sorted(told.items()):
        shapes: list[dict[str, Any]] = []
        for answer in answers.values():
            shape = schema_of(answer)
            if shape not in shapes:
                shapes.append(shape)
        content: dict[str, Any] = {
            "application/json": {
                "schema": {"anyOf": shapes},
                "examples": {name: {"value": answer} for name, answer in answers.items()},
            }
        }
        if not own and status == "200":
            content["image/jpeg"] = {"schema": {"type": "string", "format": "binary"}}
        responses[status] = {
            "description": "The answer, or a documented error." if status == "200" else "An error.",
            "content": content,
        }
    return responses


_ERRORS_WITH_FIGURES: Mapping[type[EkycError], EkycError] = {
    FaceExists: FaceExists(Clash.SAME_FACE_OTHER_PERSON, similarity=0.9712, threshold=0.95)
}
"""Those whose envelope tells more than a code and a message."""


def _errors(family: Family) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """One envelope per status and code."""
    state = {"began": time.perf_counter(), "request_id": REQUEST_ID}
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "state": state})
    seen = set()
    for kind, (status, code, message) in family.errors.items():
        if (status, code) not in seen:
            seen.add((status, code))
            envelope = family.failure(
                request, _ERRORS_WITH_FIGURES.get(kind, EkycError()), code, message
            )
            yield status, code, envelope | ({"time": 0.25} if "time" in envelope else {})


def schema_of(example: Any, *, outermost: bool = True) -> dict[str, Any]:
    """What an example shows: types all the way down; of the outermost object, that every key is there."""
    if isinstance(example, dict):
        properties = {name: schema_of(one, outermost=False) for name, one in example.items()}
        shape: dict[str, Any] = {"type": "object", "properties": properties}
        return shape | ({"required": list(example)} if outermost else {"type": ["object", "null"]})
    if isinstance(example, list):
        return {"type": ["array", "null"]}  # "nothing found" is null on some routes
    if example is None:
        return {"type": "null"}
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": names[type(example)]}


def _show_request(operation: dict[str, Any], kind: Format, request: Mapping[str, Any]) -> None:
    shown = {part: _shown(value, kind) for part, value in request.items()}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and parameter["name"] in shown.get("query", {}):
            parameter["example"] = shown["query"][parameter["name"]]
    content = operation.get("requestBody", {}).get("content", {})
    for media, part in (("application/json", "json"), ("multipart/form-data", "form")):
        if media in content and part in shown:
            named = content[media].setdefault("examples", {})
            named[str(kind)] = {"value": shown[part]}


def _shown(value: Any, kind: Format) -> Any:
    """As it travels: a picture as a URL or as the beginning of its base64."""
    if isinstance(value, dict):
        return {name: _shown(one, kind) for name, one in value.items()}
    if isinstance(value, list):
        return [_shown(one, kind) for one in value]
    if isinstance(value, str) and value.startswith(PICTURE):
        name = value.removeprefix(PICTURE)
        return f"https://example.com/{name}.jpg" if kind is Format.URL else BASE64_BEGINS
    return PLACEHOLDERS.get(value, value) if isinstance(value, str) else value
