"""Techainer, eKYC: cards read, and compared with a portrait."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import JSONResponse

from app import jobs
from app.dialects import sides
from app.dialects.base import FamilyRouter, TheCall
from app.dialects.documentation import Format, takes
from app.dialects.techainer import inputs, render
from app.dialects.techainer.envelope import EKYC_FAMILY, told
from app.dialects.techainer.names import PREFIX
from app.service import Call
from pipelines.errors import FaceExists, NoFace
from pipelines.search_faces import NewFace, SearchFaces

router = FamilyRouter(EKYC_FAMILY)

IMAGE = "file, base64 or URL of"
ANY = (Format.FILE, Format.BASE64, Format.URL)
THRESHOLD = {"threshold": "similarity needed to match, 0 to 1, default 0.5"}

PORTRAIT, VIDEO = "image_general", "video_general"

REGISTER = {
    "image_card1": f"{IMAGE} the front of the card",
    "image_card2": f"{IMAGE} the back of the card",
    "user_id": "the customer's id",
    "image_general": f"{IMAGE} the portrait",
    "check_rotate": "turn a card photo upright: True (default) or False",
    **THRESHOLD,
}
REGISTER_VIDEO = {
    **{name: meaning for name, meaning in REGISTER.items() if name != "image_general"},
    "video_general": f"{IMAGE} a video of the face turning a little to both sides, MP4, MOV or WebM",
}
MATCH = {
    "image_card": f"{IMAGE} the card's side with the portrait",
    "image_general": f"{IMAGE} the portrait",
    **THRESHOLD,
}
PREDICT = {
    "input": f"{IMAGE} cards, or a PDF; several as a repeated field or a JSON list",
    "check_rotate": REGISTER["check_rotate"],
}


async def _register(call: Call, face: str, job: Callable[..., jobs.Registered]) -> JSONResponse:
    asked = inputs.registration(
        await call.body(), face=face, default_threshold=call.service.runtime.policy.match
    )
    call.concerns(asked.user_id)
    sent = await call.encoded(asked.front, asked.back, asked.face)
    done = await call.work(
        job,
        *sent,
        check_rotate=asked.check_rotate,
        threshold=asked.threshold,
        limits=call.limits,
    )
    refused = None if done.face is None else await _enrol(call, asked.user_id, done.face)
    seen = done.onboarding
    front = sides.with_moved_fields(seen.front, seen.back, seen.concerns)
    live = None
    if face == VIDEO:
        live = done.video is not None and done.video.live
    output = [
        render.side(front),
        render.side(seen.back),
        render.faces(seen, threshold=asked.threshold, live=live, refused=refused)
        | render.not_registered(done.suspicions),
        render.video(done.video, done.portrait) if face == VIDEO else None,
        None,
    ]
    return told(router, call, output)


async def _enrol(call: Call, user_id: str, face: jobs.Embedded) -> FaceExists | None:
    """Keeps the face of a customer who passed; what stands against that is told, and no failure of the request."""
    new = NewFace(face.template, person=user_id, image=face.picture)
    try:
        await call.faces(SearchFaces.enrol, call.place(), new)
    except FaceExists as error:
        return error
    return None


@router.post(
    f"{PREFIX}/register_ekyc_front_back_face",
    openapi_extra=takes(
        *ANY,
        multipart=REGISTER,
        json=REGISTER,
        required=["image_card1", "image_card2", "user_id", "image_general"],
    ),
)
async def register_ekyc_front_back_face(call: TheCall) -> JSONResponse:
    return await _register(call, PORTRAIT, jobs.register)


@router.post(
    f"{PREFIX}/register_ekyc_front_back_face_video",
    openapi_extra=takes(
        *ANY,
        multipart=REGISTER_VIDEO,
        json=REGISTER_VIDEO,
        required=["image_card1", "image_card2", "user_id", "video_general"],
    ),
)
async def register_ekyc_front_back_face_video(call: TheCall) -> JSONResponse:
    call.has_video()
    return await _register(call, VIDEO, jobs.register_video)


@router.post(
    f"{PREFIX}/check_match_image_card_image_general",
    openapi_extra=takes(
        *ANY, multipart=MATCH, json=MATCH, required=["image_card", "image_general"]
    ),
)
async def check_match_image_card_image_general(call: TheCall) -> JSONResponse:
    body = await call.body()
    threshold = inputs.fraction(body, "threshold", default=call.service.runtime.policy.match)
    card, face = await call.encoded(
        inputs.image(body, "image_card"), inputs.image(body, "image_general")
    )
    try:
        matched = await call.work(
            jobs.match_faces, card, face, left_is_card=True, limits=call.limits
        )
    except NoFace as error:
        return told(router, call, render.faceless(error.where))
    return told(router, call, render.comparison(matched.decision, threshold=threshold))


@router.post(
    f"{PREFIX}/predict",
    openapi_extra=takes(*ANY, multipart=PREDICT, json=PREDICT, required=["input"]),
)
async def predict(call: TheCall) -> JSONResponse:
    body = await call.body()
    sent = inputs.images(body, "input", "image", most=call.limits.pdf.pages)
    files = await call.encoded(*sent)
    readings = await call.work(
        jobs.read_all,
        *files,
        check_rotate=inputs.boolean(body, "check_rotate", default=True),
        limits=call.limits,
    )
    return told(router, call, [render.side(reading) for reading in readings])
