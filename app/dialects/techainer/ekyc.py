"""Techainer, eKYC: cards read, and compared with a portrait."""

from __future__ import annotations

from starlette.responses import JSONResponse

from app import jobs
from app.dialects import sides
from app.dialects.base import FamilyRouter, TheCall
from app.dialects.documentation import Format, takes
from app.dialects.techainer import inputs, render
from app.dialects.techainer.envelope import EKYC_FAMILY, told
from app.dialects.techainer.names import PREFIX
from pipelines.errors import NoFace

router = FamilyRouter(EKYC_FAMILY)

IMAGE = "file, base64 or URL of"
ANY = (Format.FILE, Format.BASE64, Format.URL)
THRESHOLD = {"threshold": "similarity needed to match, 0 to 1, default 0.5"}

REGISTER = {
    "image_card1": f"{IMAGE} the front of the card",
    "image_card2": f"{IMAGE} the back of the card",
    "user_id": "the customer's id",
    "image_general": f"{IMAGE} the portrait",
    "check_rotate": "turn a card photo upright: True (default) or False",
    **THRESHOLD,
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
    asked = inputs.registration(
        await call.body(), default_threshold=call.service.runtime.policy.match
    )
    front, back, face = await call.encoded(asked.front, asked.back, asked.face)
    onboarding = await call.work(
        jobs.onboard,
        front,
        back,
        face,
        check_rotate=asked.check_rotate,
        limits=call.limits,
    )
    front_fields = sides.with_moved_fields(onboarding.front, onboarding.back)
    output = [
        render.side(onboarding.front, front_fields),
        render.side(onboarding.back, onboarding.back.fields),
        render.faces(onboarding, threshold=asked.threshold),
        None,
        None,
    ]
    return told(router, call, output)


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
    files = await call.encoded(*inputs.images(body, "input", "image"))
    readings = await call.work(
        jobs.read_all,
        *files,
        check_rotate=inputs.boolean(body, "check_rotate", default=True),
        limits=call.limits,
    )
    return told(router, call, [render.side(reading, reading.fields) for reading in readings])
