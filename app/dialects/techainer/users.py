"""Techainer, faces kept: customers registered, verified, searched, listed and deleted. The document names these routes without
their inputs and outputs; ours follow its conventions (`docs/api/techainer.md`)."""

from __future__ import annotations

import base64
from typing import Any

from starlette.responses import JSONResponse

from app import jobs
from app.body import Body
from app.dialects.base import FamilyRouter, TheCall
from app.dialects.documentation import Format, takes
from app.dialects.techainer import inputs, render
from app.dialects.techainer.envelope import FACES_FAMILY, told
from app.dialects.techainer.names import ABSENT, PREFIX
from app.images import Sent
from app.service import Call
from pipelines.errors import ImageMissing, UnknownFace
from pipelines.search_faces import (
    OWN,
    EnrolledFace,
    Fingerprint,
    NewFace,
    NewFingerprint,
    Place,
    SearchFaces,
)

router = FamilyRouter(FACES_FAMILY)

ANY = (Format.FILE, Format.BASE64, Format.URL)
MOST_RESULTS = 100

USER = {"user_id": "the customer's id"}
PORTRAIT = {"image_general": "file, base64 or URL of the portrait"}
THIRD_PARTY = {"third_party": "name of an outside party whose customers are meant, not one's own"}
REGISTER = {
    **USER,
    **PORTRAIT,
    "image_fingerprint": "file, base64 or URL of a fingerprint, kept and never matched",
    "finger": "which finger that is, in the client's own words",
}
VERIFY = {**USER, **PORTRAIT, "threshold": "similarity needed to match, 0 to 1, default 0.5"}
SEARCH = {
    **PORTRAIT,
    "threshold": "similarity from which a face is told, 0 to 1, default 0.75",
    "limit": f"most faces to tell, 1 to {MOST_RESULTS}, default 10",
    **THIRD_PARTY,
}
DELETE = {
    **USER,
    "face_id": "what to delete; several as a repeated field or a JSON list; only when the parameter is absent, everything of this customer",
    **THIRD_PARTY,
}


def _place(call: Call, body: Body) -> Place:
    return call.place(inputs.party(body, default=OWN))


async def _embedded(call: Call, sent: Sent, *, judged: bool = False) -> jobs.Embedded:
    (portrait,) = await call.encoded(sent)
    return await call.work(jobs.embed_face, portrait, judged=judged, limits=call.limits)


@router.post(
    f"{PREFIX}/register_user_face",
    openapi_extra=takes(*ANY, multipart=REGISTER, json=REGISTER, required=["user_id"]),
)
async def register_user_face(call: TheCall) -> JSONResponse:
    """A portrait, a fingerprint, or both; a second portrait of a customer is kept beside the first."""
    body = await call.body()
    user_id = inputs.text(body, "user_id")
    call.concerns(user_id)
    portrait = inputs.optional_image(body, "image_general")
    fingerprint = inputs.optional_image(body, "image_fingerprint")
    finger = inputs.finger(body)
    if portrait is None and fingerprint is None:
        raise ImageMissing("image_general")
    place = call.place()
    pressed = None
    if fingerprint is not None:  # decoded before anything is kept
        (encoded,) = await call.encoded(fingerprint)
        pressed = await call.work(jobs.picture_file, encoded, limits=call.limits)
    output: dict[str, Any] = {"user_id": user_id, "face_id": ABSENT, "fingerprint_id": ABSENT}
    if portrait is not None:
        embedded = await _embedded(call, portrait)
        with_it = None if pressed is None else NewFingerprint(finger, pressed)
        new = NewFace(embedded.template, user_id, image=embedded.picture, fingerprint=with_it)
        face = await call.faces(SearchFaces.enrol, place, new)
        output["face_id"] = str(face.id)
        output["fingerprint_id"] = ABSENT if face.fingerprint is None else str(face.fingerprint)
    elif pressed is not None:
        kept = await call.faces(_add_fingerprint, place, user_id, finger, pressed)
        output["fingerprint_id"] = str(kept.id)
    return told(router, call, output)


@router.post(
    f"{PREFIX}/register_user_face_third_party",
    openapi_extra=takes(
        *ANY,
        multipart={**USER, **PORTRAIT, **THIRD_PARTY},
        json={**USER, **PORTRAIT, **THIRD_PARTY},
        required=["user_id", "image_general", "third_party"],
    ),
)
async def register_user_face_third_party(call: TheCall) -> JSONResponse:
    """Creates the customer's face in the party's collection, or puts it in the place of the one there."""
    body = await call.body()
    user_id, party = inputs.text(body, "user_id"), inputs.party(body)
    call.concerns(user_id)
    embedded = await _embedded(call, inputs.image(body, "image_general"))
    new = NewFace(embedded.template, person=user_id, image=embedded.picture)
    face = await call.faces(SearchFaces.enrol, call.place(party), new, replace=True)
    output = {"user_id": user_id, "third_party": party, "face_id": str(face.id)}
    return told(router, call, output)


@router.post(
    f"{PREFIX}/verify_user_face",
    openapi_extra=takes(*ANY, multipart=VERIFY, json=VERIFY, required=["user_id", "image_general"]),
)
async def verify_user_face(call: TheCall) -> JSONResponse:
    body = await call.body()
    user_id = inputs.text(body, "user_id")
    call.concerns(user_id)
    policy = call.service.runtime.policy
    threshold = inputs.fraction(body, "threshold", default=policy.match)
    embedded = await _embedded(call, inputs.image(body, "image_general"), judged=True)
    live = embedded.live is None or embedded.live >= policy.live
    verification = await call.faces(
        SearchFaces.verify, call.place(), user_id, embedded.template, threshold=threshold
    )
    output = render.verified(verification, embedded.score, live)
    return told(router, call, output | {"face_id": str(verification.match.face.id)})


@router.post(
    f"{PREFIX}/search_face",
    openapi_extra=takes(*ANY, multipart=SEARCH, json=SEARCH, required=["image_general"]),
)
async def search_face(call: TheCall) -> JSONResponse:
    body = await call.body()
    threshold = inputs.fraction(body, "threshold", default=call.service.runtime.policy.same)
    limit = inputs.count(body, "limit", default=10, most=MOST_RESULTS)
    place = _place(call, body)
    embedded = await _embedded(call, inputs.image(body, "image_general"))
    matches = await call.faces(
        SearchFaces.search, place, embedded.template, limit=limit, threshold=threshold
    )
    output = [
        {
            "user_id": match.face.person or ABSENT,
            "face_id": str(match.face.id),
            "similarity": round(match.similarity, 4),
        }
        for match in matches
    ]
    return told(router, call, output)


@router.post(
    f"{PREFIX}/get_all_face_of_user",
    openapi_extra=takes(
        Format.JSON,
        multipart={**USER, **THIRD_PARTY},
        json={**USER, **THIRD_PARTY},
        required=["user_id"],
    ),
)
async def get_all_face_of_user(call: TheCall) -> JSONResponse:
    body = await call.body()
    user_id, place = inputs.text(body, "user_id"), _place(call, body)
    kept = await call.faces(_everything, place, user_id)
    return told(router, call, {"user_id": user_id, **kept})


@router.post(
    f"{PREFIX}/delete_user_face",
    openapi_extra=takes(Format.JSON, multipart=DELETE, json=DELETE, required=["user_id"]),
)
async def delete_user_face(call: TheCall) -> JSONResponse:
    """Faces and fingerprints by their ids, all of them or, when one is not this customer's, none."""
    body = await call.body()
    user_id, place = inputs.text(body, "user_id"), _place(call, body)
    ids = inputs.ids(body, "face_id")
    deleted = await call.faces(_delete, place, user_id, ids)
    return told(router, call, {"user_id": user_id, "deleted": deleted})


def _add_fingerprint(
    faces: SearchFaces, place: Place, person: str, finger: str, picture: bytes
) -> Fingerprint:
    return faces.gallery.add_fingerprint(place, person, finger, picture)


def _everything(faces: SearchFaces, place: Place, person: str) -> dict[str, Any]:
    gallery = faces.gallery
    found, fingerprints = gallery.faces(place, person=person), gallery.fingerprints(place, person)
    if not found and not fingerprints:
        raise UnknownFace("person")
    return {
        "faces": [_kept(face) | {"image": _text(gallery.image(place, face.id))} for face in found],
        "fingerprints": [
            {"fingerprint_id": str(one.id), "finger": one.finger, "enrolled": _when(one)}
            | {"image": _text(gallery.fingerprint_image(place, one.id))}
            for one in fingerprints
        ],
    }


def _delete(faces: SearchFaces, place: Place, person: str, ids: list[int]) -> int:
    gallery = faces.gallery
    own = {one.id for one in gallery.faces(place, person=person)}
    own |= {one.id for one in gallery.fingerprints(place, person)}
    if not own or not set(ids) <= own:
        raise UnknownFace("face")
    if not ids:
        return gallery.delete_person(place, person)
    gallery.delete(place, ids)
    return len(set(ids))


def _kept(face: EnrolledFace) -> dict[str, Any]:
    return {"face_id": str(face.id), "enrolled": _when(face)}


def _when(one: EnrolledFace | Fingerprint) -> str:
    return f"{one.enrolled:%Y-%m-%dT%H:%M:%S}Z"


def _text(picture: bytes | None) -> str:
    """Absent where the installation keeps no portraits."""
    return ABSENT if picture is None else base64.b64encode(picture).decode()
