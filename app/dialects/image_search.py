"""Searching a client's own faces, as both versions of computervision do it; each says it in words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import jobs
from app.body import Body
from app.images import Base64Text
from app.service import Call
from pipelines.errors import (
    BadParameter,
    FormatMismatch,
    ImageMissing,
    ImageUnreadable,
    UnknownFace,
)
from pipelines.search_faces import IMAGES, EnrolledFace, NewFace, Place, SearchFaces

MOST_DIGITS = 18
"""Of a number the database takes."""
DEFAULT_LIMIT, MOST = 50, 1000
"""Of one page of images."""

PICTURE_ERRORS = (ImageMissing, ImageUnreadable, FormatMismatch)
"""What is wrong with a picture; all other bad input is about the query."""

PAGE = {"offset": "images to pass over, 0 if absent", "limit": "images to answer, 50 if absent"}
IMAGE = {
    "image": {
        "type": "object",
        "properties": {"base64": {"type": "string"}, "metadata": {"type": "object"}},
        "required": ["base64"],
    }
}
IDS = {"ids": {"type": "array", "items": {"type": "integer"}}}
METADATA = {"image_id": {"type": "integer"}, "metadata": {"type": "object"}}
"""What the routes take, for their documentation."""


async def listed(call: Call) -> list[dict[str, Any]]:
    offset = _number(call.query, "offset", default=0)
    limit = min(_number(call.query, "limit", default=DEFAULT_LIMIT), MOST)
    found = await call.faces(_listed, call.place(IMAGES), limit, offset)
    return [told(call, face) for face in found]


async def found(call: Call, body: Body) -> list[dict[str, Any]]:
    """The images that show the person of the one sent, most alike first."""
    embedded = await call.work(jobs.embed_face, _image(body), limits=call.limits)
    matches = await call.faces(SearchFaces.search, call.place(IMAGES), embedded.template)
    return [
        told(call, match.face) | {"matching": f"{100 * match.similarity:.2f}"} for match in matches
    ]


async def added(call: Call, body: Body) -> dict[str, Any]:
    """With metadata inside `image`, where the page's example has it, or beside it, where its table and `edited` do."""
    inside = _metadata((body.object("image") or {}).get("metadata"))
    metadata = inside or _beside(body) or {}
    embedded = await call.work(jobs.embed_face, _image(body), limits=call.limits)
    face = NewFace(embedded.template, metadata=metadata, image=embedded.picture)
    return told(call, await call.faces(SearchFaces.enrol, call.place(IMAGES), face))


async def edited(call: Call, body: Body, image_id: object) -> dict[str, Any]:
    """With new metadata; without any, as it is."""
    place, face = call.place(IMAGES), _id(image_id)
    metadata = _beside(body)
    if metadata is None:
        return told(call, await call.faces(_shown, place, face))
    return told(call, await call.faces(SearchFaces.set_metadata, place, face, metadata))


async def deleted(call: Call, body: Body) -> None:
    """All of the images named, or none of them when one is unknown."""
    ids = body.list("ids")
    if not ids:
        raise BadParameter("ids", "a list of image ids")
    wanted = [_id(one) for one in ids]
    await call.faces(_delete, call.place(IMAGES), wanted)


async def picture(call: Call, image_id: object) -> bytes:
    """The stored picture, a JPEG file. Raises UnknownFace where there is none."""
    kept = await call.faces(_picture, call.place(IMAGES), _id(image_id))
    if kept is None:
        raise UnknownFace("image")
    return kept


def told(call: Call, face: EnrolledFace) -> dict[str, Any]:
    """`url` is empty where the installation keeps no pictures."""
    base = str(call.request.base_url).rstrip("/")
    url = f"{base}{call.request.scope['route'].path.partition('/face_search/')[0]}"
    return {
        "id": face.id,
        "url": f"{url}/face_search/images/{face.id}" if face.has_image else "",
        "metadata": dict(face.metadata),
    }


def _listed(faces: SearchFaces, place: Place, limit: int, offset: int) -> list[EnrolledFace]:
    return faces.gallery.faces(place, limit=limit, offset=offset)


def _shown(faces: SearchFaces, place: Place, face: int) -> EnrolledFace:
    return faces.gallery.face(place, face)


def _picture(faces: SearchFaces, place: Place, face: int) -> bytes | None:
    return faces.gallery.image(place, face)


def _delete(faces: SearchFaces, place: Place, ids: list[int]) -> None:
    faces.gallery.delete(place, ids)


def _image(body: Body) -> Base64Text:
    text = (body.object("image") or {}).get("base64")
    if not isinstance(text, str) or not text.strip():
        raise ImageMissing("image.base64")
    return Base64Text(text)


def _beside(body: Body) -> dict[str, Any] | None:
    metadata = body.object("metadata")
    return _metadata(body.values.get("metadata", [None])[0]) if metadata is None else metadata


def _metadata(value: object) -> dict[str, Any] | None:
    """None where none was sent. An empty list is PHP's empty object. Raises BadParameter for whatever else is no object."""
    if value in (None, ""):
        return None
    if isinstance(value, dict):
        return value
    if value == []:
        return {}
    raise BadParameter("metadata", "an object")


def _id(value: object) -> int:
    """A number, also written as 123456.0 (Java's Gson makes that of one it has read), or a text that is one; whatever else it may be, it
    names no image."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= MOST_DIGITS:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise UnknownFace("image")
    return value


def _number(query: Mapping[str, str], name: str, *, default: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise BadParameter(name, "a number")
    return int(text)
