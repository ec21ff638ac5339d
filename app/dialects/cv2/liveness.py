"""computervision v2, liveness: three portraits as the page has it; ours besides, a challenge and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse

from app import jobs
from app.body import Body
from app.clients import Scope
from app.dialects.base import ErrorTable, Family, FamilyRouter, TheCall, basic
from app.dialects.cv2 import inputs
from app.dialects.cv2.errors import SUCCESS, failure, table
from app.dialects.cv2.names import PREFIX, REASONS, UNJUDGED, liveness_warning
from app.dialects.documentation import Format, takes
from app.images import Encoded
from app.service import Call
from pipelines.challenge import STEPS
from pipelines.errors import ChallengeRefused
from pipelines.liveness import CaptureResult, Finding, LivenessDecision
from pipelines.types import Outcome

ERRORS: ErrorTable = {
    **table("Incorrect api_key or api_secret"),
    # Ours, as the routes that answer it are.
    ChallengeRefused: (200, "7", "Invalid nonce"),
}
FAMILY = Family(PREFIX, Scope.CV2_FACES, basic, ERRORS, failure, echoed="check_sum")
router = FamilyRouter(FAMILY)

PORTRAITS = {
    "portrait_left": "the face, turned left",
    "portrait_mid": "the face, straight on",
    "portrait_right": "the face, turned right",
}
ANSWER = {
    f"portrait_{place}": f"the face in pose {place} of the challenge"
    for place in range(1, STEPS + 1)
}
NONCE = {"nonce": "of the challenge"}


def _taken(meanings: Mapping[str, str], others: Mapping[str, str]) -> dict[str, Any]:
    return takes(
        Format.FILE,
        Format.BASE64,
        multipart={**others, **{name: f"file of {said}" for name, said in meanings.items()}},
        json={**others, **{name: f"base64 of {said}" for name, said in meanings.items()}},
        required=[*others, *meanings],
    )


async def _portraits(call: Call, body: Body, names: Iterable[str]) -> list[Encoded]:
    """The vendor's page knows files only; base64 is taken as well."""
    return await call.encoded(*(inputs.file_or_base64(body, name) for name in names))


@router.post(f"{PREFIX}/ekyc/verify_liveness", openapi_extra=_taken(PORTRAITS, {}))
async def verify_liveness(call: TheCall) -> JSONResponse:
    left, mid, right = await _portraits(call, await call.body(), PORTRAITS)
    told = await call.work(jobs.check_liveness, left, mid, right, limits=call.limits)
    code, message = liveness_warning(told.reasons)
    data = {
        "invalidCode": code,
        "invalidMessage": message,
        "matching_mid_left": _percent(told.capture("left")),
        "matching_mid_right": _percent(told.capture("right")),
        "valid": "True" if told.live else "False",
    }
    return router.told(call, {"data": data, **SUCCESS})


@router.post(f"{PREFIX}/ekyc/challenge", openapi_extra=takes(Format.QUERY))
async def challenge(call: TheCall) -> JSONResponse:
    issued = await call.new_challenge()
    data = {
        "nonce": issued.nonce,
        "poses": list(issued.poses),
        "expires": f"{issued.expires:%Y-%m-%dT%H:%M:%S}Z",
    }
    return router.told(call, {"data": data, **SUCCESS})


@router.post(f"{PREFIX}/ekyc/verify_challenge", openapi_extra=_taken(ANSWER, NONCE))
async def verify_challenge(call: TheCall) -> JSONResponse:
    body = await call.body()
    portraits = await _portraits(call, body, ANSWER)  # only a whole answer spends the challenge
    asked = await call.challenge(inputs.parameter(call.query, body, "nonce"))
    told = await call.work(jobs.answer_challenge, asked.poses, *portraits, limits=call.limits)
    return router.told(call, {"data": _verdict(told), **SUCCESS})


def _verdict(told: LivenessDecision) -> dict[str, Any]:
    """`invalidCode` speaks of the pose that was asked, as the page's codes do; `reasons` of each portrait."""
    asked = {one.where: str(one.pose) for one in told.captures}
    code, message = liveness_warning(
        replace(reason, where=asked.get(reason.where, reason.where)) for reason in told.reasons
    )
    return {
        "invalidCode": code,
        "invalidMessage": message,
        "matching": [_percent(one) for one in told.captures],
        "valid": "True" if told.live else "False",
        "reasons": [_reason(one) for one in told.reasons],
    }


def _reason(finding: Finding) -> dict[str, str]:
    """Which portrait ("all": what concerns them together), what was checked, and what was wrong."""
    place = finding.where
    said = REASONS.get(finding.check, str(finding.check))
    return {
        "image": f"portrait_{place}" if place.isdecimal() else place,
        "check": str(finding.check),
        "message": UNJUDGED if finding.outcome is Outcome.NOT_ASSESSED else said,
    }


def _percent(capture: CaptureResult) -> str:
    """Likeness with the first portrait straight on."""
    return f"{100 * (capture.similarity or 0.0):.2f}"
