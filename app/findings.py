"""What the record keeps of a result: verdicts, measures and reasons, and never a value that a document or a client gave.

Every type is spelled out, so that nothing personal slips in with a field that is added later; a type that is not named here
leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, TypeAlias

from app.jobs import BothSides, Embedded, Matched, Registered
from pipelines.errors import EkycError, FaceExists
from pipelines.liveness import Challenge, Finding, LivenessDecision, VideoDecision
from pipelines.search_faces import EnrolledFace, Fingerprint, Match, Verification
from pipelines.types import (
    Concern,
    Decision,
    FaceView,
    FieldName,
    ImageCheck,
    Onboarding,
    Outcome,
    Reading,
    RuleCheck,
    Timing,
)

Json: TypeAlias = dict[str, Any] | list[Any] | str | float | int | bool | None

DECIMALS = 4
NUMBERS = (FieldName.NUMBER, FieldName.PERSONAL_NUMBER, FieldName.OLD_NUMBER)
"""What a document's holder is known by."""


def found(result: object) -> Json:
    """As JSON: what was decided, and why."""
    match result:
        case Reading():
            return _reading(result)
        case BothSides():
            return _sides(result.front, result.back) | _reasons(result.concerns, rules=result.rules)
        case Onboarding():
            of_faces = {"decision": found(result.decision), "faceless": list(result.faceless)}
            reasons = _reasons(result.concerns, rules=result.rules)
            return _sides(result.front, result.back) | of_faces | reasons | _timing(result.timing)
        case Registered():
            told = {"onboarding": found(result.onboarding), "video": found(result.video)}
            return told | {"may_enrol": result.face is not None}
        case Matched():
            return found(result.decision)
        case Decision():
            return _decision(result)
        case LivenessDecision():
            return _liveness(result)
        case VideoDecision():
            told = {"live": result.live, "frames": len(result.frames), "face": _view(result.face)}
            return told | {"findings": _findings(result.findings)} | _timing(result.timing)
        case Challenge():
            return {"nonce": result.nonce, "poses": [pose.value for pose in result.poses]}
        case Embedded():
            return {"face_score": _round(result.score), "live": _round(result.live)}
        case Verification():
            return {"matched": result.matched, **_match(result.match)}
        case Match():
            return _match(result)
        case EnrolledFace(fingerprint=int() as fingerprint):
            return {"id": result.id, "fingerprint": fingerprint}
        case EnrolledFace() | Fingerprint():
            return {"id": result.id}
        case bool() | int():
            return result
        case list():
            return [found(one) for one in result]
        case _:
            return None


def people_in(result: object) -> set[str]:
    """The numbers of the documents' holders, as read: whose record this is."""
    match result:
        case Reading():
            fields = (result.fields.get(name) for name in NUMBERS)
            return {field.text for field in fields if field is not None and field.text}
        case BothSides() | Onboarding():
            return people_in(result.front) | people_in(result.back)
        case Registered():
            return people_in(result.onboarding)
        case list():
            return {name for one in result for name in people_in(one)}
        case _:
            return set()


def reason_of(error: EkycError) -> dict[str, Json]:
    """Messages of our own errors quote nothing that was sent."""
    told: dict[str, Json] = {"error": type(error).__name__, "reason": str(error)}
    if isinstance(error, FaceExists):
        told |= {"similarity": _round(error.similarity), "threshold": _round(error.threshold)}
    return told


def _reading(reading: Reading) -> dict[str, Json]:
    fields = {
        name.value: {
            "read": field.text is not None,
            "confidence": _round(field.confidence),
            "source": field.source.value,
            "agreement": field.agreement.value,
        }
        for name, field in reading.fields.items()
    }
    return {
        "document": reading.document.slug,
        "margin": _round(reading.margin),
        "mrz_valid": reading.mrz_valid,
        "fields": fields,
        **_reasons(reading.concerns, reading.checks, reading.rules),
        **_timing(reading.timing),
    }


def _sides(front: Reading, back: Reading) -> dict[str, Json]:
    return {"front": _reading(front), "back": _reading(back)}


def _reasons(
    concerns: Iterable[Concern],
    checks: Iterable[ImageCheck] = (),
    rules: Iterable[RuleCheck] = (),
) -> dict[str, Json]:
    return {
        "concerns": [asdict(one) for one in concerns],
        "checks": [asdict(one) | {"measure": _round(one.measure)} for one in checks],
        "rules": [_rule(one) for one in rules],
    }


def _rule(check: RuleCheck) -> dict[str, Json]:
    told: dict[str, Json] = {
        "rule": check.rule.value,
        "outcome": check.outcome.value,
        "where": check.where,
        "fields": [field.value for field in check.fields],
    }
    return told if check.outcome is Outcome.PASS else told | {"reason": check.reason.en}


def _decision(decision: Decision) -> dict[str, Json]:
    return {
        "similarity": _round(decision.similarity),
        "verdict": decision.verdict.value,
        "left": _view(decision.left),
        "right": _view(decision.right),
        **_reasons(decision.concerns),
        **_timing(decision.timing),
    }


def _view(view: FaceView) -> dict[str, Json]:
    quality = None if view.quality is None else asdict(view.quality)
    return {
        "score": _round(view.face.score),
        "live": _round(view.live),
        "quality": quality and {name: _round(value) for name, value in quality.items()},
    }


def _liveness(decision: LivenessDecision) -> dict[str, Json]:
    captures: list[Json] = [
        {
            "where": one.where,
            "pose": one.pose.value,
            "yaw": _round(one.yaw),
            "similarity": _round(one.similarity),
            "face": one.face and _view(one.face),
        }
        for one in decision.captures
    ]
    return {
        "live": decision.live,
        "findings": _findings(decision.findings),
        "captures": captures,
        "card_similarity": _round(decision.card_similarity),
        "mirrored": decision.mirrored,
        **_timing(decision.timing),
    }


def _findings(findings: Iterable[Finding]) -> list[Json]:
    return [asdict(one) | {"measured": _round(one.measured)} for one in findings]


def _match(match: Match) -> dict[str, Json]:
    return {"face": match.face.id, "similarity": _round(match.similarity)}


def _timing(timing: Timing) -> dict[str, Json]:
    return {"seconds": {stage: _round(seconds) for stage, seconds in timing.stages}}


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), DECIMALS)
