"""The words of liveness: what a customer was asked to do, what was checked, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.types import Image
from pipelines.types import FaceView, Outcome, Timing


class Pose(StrEnum):
    """Which way the customer was asked to face: `LEFT` is the customer's own left, so that the nose moves to the
    right of a picture that is not mirrored."""

    LEFT = "left"
    MID = "mid"
    RIGHT = "right"


class Check(StrEnum):
    """One thing that is looked at, and what passing it means."""

    FACE = "face"
    """There is a face."""
    ONE_FACE = "one_face"
    """Nobody else is as near the camera."""
    SIZE = "size"
    """The face is large enough to be judged."""
    POSE = "pose"
    """The head is turned the way that was asked."""
    PERSON = "person"
    """The person of the face-on capture."""
    CARD_HOLDER = "card_holder"
    """The person on the card."""
    CAPTURE = "capture"
    """A photograph of its own, not another one sent again, re-encoded, mirrored or warped."""
    DEPTH = "depth"
    """The face moved as a solid head does, not as a flat picture."""
    PASSIVE = "passive"
    """The spoof judge takes the face for a live one."""
    MOTION = "motion"
    """Of a video: the head itself moves."""
    LENGTH = "length"
    """Of a video: long enough, with the face in it, to be judged."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one capture.

    Attributes:
        where: the capture's name ("left", "mid", "right"), "card" or "video".
        measured: the figure the check rests on, in the unit `detail` names; None where there is none.
    """

    check: Check
    where: str
    outcome: Outcome
    measured: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """One photograph, and the pose that was asked for it. Captures of one pose need names of their own."""

    pose: Pose
    image: Image
    name: str = ""

    @property
    def where(self) -> str:
        return self.name or self.pose.value


@dataclass(frozen=True, slots=True, eq=False)
class CaptureResult:
    """What was seen on one capture.

    Attributes:
        face: the largest face, with its live probability; None when there is none.
        yaw: degrees, positive as the nose moves to the picture's right; None without a face.
        similarity: with the first face-on capture, calibrated, [0, 1]; None when either has no face. 1 for that
            capture itself.
    """

    where: str
    pose: Pose
    face: FaceView | None
    yaw: float | None
    similarity: float | None


@dataclass(frozen=True, slots=True, eq=False)
class LivenessDecision:
    """Is a live person in front of the camera?

    Attributes:
        live: no check failed, and none that the policy insists on was left out.
        findings: every check of every capture, in the order made.
        captures: in the order sent.
        card: the portrait on the card, card_similarity: with the first face-on capture, calibrated, [0, 1]; both
            None without a card or a face on either.
        mirrored: the camera showed left as right; None when the poses do not tell.
    """

    live: bool
    findings: tuple[Finding, ...]
    captures: tuple[CaptureResult, ...]
    card: FaceView | None
    card_similarity: float | None
    mirrored: bool | None
    timing: Timing

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """Why the answer is no, one by one; empty when it is yes."""
        return refusals(self.findings) if not self.live else ()

    def failed(self, check: Check, where: str) -> bool:
        return any(f.check is check and f.where == where for f in self.reasons)

    def capture(self, where: str) -> CaptureResult:
        """Raises:
        KeyError: no capture of that name was sent.
        """
        for result in self.captures:
            if result.where == where:
                return result
        raise KeyError(where)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a video and its time from the start, seconds."""

    image: Image
    seconds: float


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What was seen on one frame; None: no face, or not judged."""

    seconds: float
    yaw: float | None
    live: float | None


@dataclass(frozen=True, slots=True, eq=False)
class VideoDecision:
    """Is a live person in front of the camera of this video?

    Attributes:
        portrait: the whole frame best suited for matching, upright; face: its face.
        frames: those looked at, in order of time.
    """

    live: bool
    findings: tuple[Finding, ...]
    portrait: Image
    face: FaceView
    frames: tuple[FrameResult, ...]
    timing: Timing

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """Why the answer is no, one by one; empty when it is yes."""
        return refusals(self.findings) if not self.live else ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """What one customer is asked to do, once, before `expires` (UTC).

    Attributes:
        nonce: unguessable, names this challenge and no other.
        poses: to be shown in this order, one capture each.
    """

    nonce: str
    poses: tuple[Pose, ...]
    expires: datetime


def refusals(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Of the findings, those that stand against a yes: failures, else (with none) what could not be assessed."""
    told = tuple(findings)
    failed = tuple(f for f in told if f.outcome is Outcome.FAIL)
    return failed or tuple(f for f in told if f.outcome is Outcome.NOT_ASSESSED)


def finding(
    check: Check, where: str, good: bool, measured: float | None = None, detail: str = ""
) -> Finding:
    return Finding(check, where, Outcome.PASS if good else Outcome.FAIL, measured, detail)


def is_live(findings: Iterable[Finding], *, passive_required: bool) -> bool:
    """No check failed and, when the spoof judge's word is required, it could be had throughout."""
    told = tuple(findings)
    if any(f.outcome is Outcome.FAIL for f in told):
        return False
    silent = any(f.check is Check.PASSIVE and f.outcome is Outcome.NOT_ASSESSED for f in told)
    return not (passive_required and silent)


@dataclass(frozen=True, slots=True)
class LivenessPolicy:
    """A bank's limits for liveness. How each was chosen and what it costs stands in docs/accuracy.md ("Liveness").

    Attributes:
        mid_yaw: a head turned by no more is face-on; turned_yaw: by no less, turned; turn: least difference between a
            turned capture and the face-on one. Degrees, see pipelines/head_pose.py.
        depth: least parallax of the nose between a face-on and a turned capture, in eye distances.
        copy: likeness (pipelines/same_picture.py) from which two captures are one photograph.
        resent: the same for two captures of one pose, which are alike because the head is turned alike.
        live_each: least answer of the spoof judge for one capture, live: for the mean of all. One look is noisy.
        face_pixels: a narrower face is not judged.
        second_face: area of another face, as a fraction of the largest, from which two people are before the camera.
        passive_required: a capture that the spoof judge cannot assess (grey, too small, cut too tightly) is no yes.
            Without effect in a pack that has no judge.
        video_seconds, video_faces: least time from the first to the last frame with a face, and least number of them.
        video_share: least share of the frames that show a face.
        video_others: greatest share of the frames with a face in which the portrait's person is not recognised: blurred by
            a movement or, as far as anybody can tell, somebody else.
        video_turn: least difference of yaw within a video; video_leap: greatest share of it that may lie between one yaw seen
            and the next: a head that turns is seen on its way, two photographs shown in turn are not.
    """

    mid_yaw: float = 15.0
    turned_yaw: float = 7.0
    turn: float = 9.0
    depth: float = 0.035
    copy: float = 0.75
    resent: float = 0.97
    live_each: float = 0.1
    live: float = 0.5
    face_pixels: float = 60.0
    second_face: float = 0.4
    passive_required: bool = True
    video_seconds: float = 1.0
    video_faces: int = 6
    video_share: float = 0.6
    video_others: float = 0.2
    video_turn: float = 12.0
    video_leap: float = 0.6
