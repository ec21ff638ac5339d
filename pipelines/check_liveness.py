"""Photographs of one customer in several poses -> is a live person in front of the camera?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from models.types import FaceTemplate, Image
from pipelines.compare_faces import CARD, CompareFaces
from pipelines.errors import NoFace
from pipelines.head_pose import parallax
from pipelines.liveness import (
    Capture,
    CaptureResult,
    Check,
    Finding,
    LivenessDecision,
    LivenessPolicy,
    Pose,
    finding,
    is_live,
)
from pipelines.same_picture import FacePatch, likeness_either_way
from pipelines.stopwatch import Stopwatch
from pipelines.types import Decision, Outcome, Policy
from pipelines.watch_face import FaceWatcher, WatchedFace

ALL = "all"
"""`Finding.where` of what concerns all captures together."""

_SIGN = {Pose.LEFT: 1, Pose.RIGHT: -1}
"""Of the yaw in a picture that is not mirrored: the customer's left is the picture's right."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A capture with its largest face."""

    capture: Capture
    watched: WatchedFace
    template: FaceTemplate
    patch: FacePatch
    live: float | None

    @property
    def where(self) -> str:
        return self.capture.where

    @property
    def yaw(self) -> float:
        return self.watched.yaw


class CheckLiveness:
    """Checks that every capture shows the pose asked, one person, a photograph of its own, a solid head, and a face
    the spoof judge takes for a live one; with a card, that it is the card's holder.

    Selfie cameras often mirror what they show. So left and right may both be the other way round, but not one alone.
    """

    def __init__(
        self,
        watcher: FaceWatcher,
        compare_faces: CompareFaces,
        policy: Policy | None = None,
        limits: LivenessPolicy | None = None,
    ) -> None:
        self._watcher = watcher
        self._compare_faces = compare_faces
        self._policy = policy or Policy()
        self._limits = limits or LivenessPolicy()

    def __call__(
        self, captures: Sequence[Capture], *, card: Image | None = None
    ) -> LivenessDecision:
        """Judge the captures of one sitting.

        Args:
            captures: at least one face-on, names distinct.
            card: identity card, or another portrait, of the person it should be.

        Raises:
            ValueError: no capture is face-on, or two have one name.
        """
        if len({c.where for c in captures}) < len(captures) or not any(
            c.pose is Pose.MID for c in captures
        ):
            raise ValueError("captures need names of their own, and one must be face-on")
        watch = Stopwatch()
        with watch.stage("watch_faces"):
            seen = {c.where: self._see(c) for c in captures}
        there = [one for one in seen.values() if one is not None]
        front = next((one for one in there if one.capture.pose is Pose.MID), None)
        mirrored = _mirrored(there)
        similar = {
            one.where: self._watcher.similarity(front.template, one.template)
            for one in there
            if front is not None
        }
        with watch.stage("compare_captures"):
            findings = [
                *self._faces(captures, seen),
                *self._poses(there, front, mirrored),
                *self._people(there, front, similar),
                *self._copies(there),
                *self._depths(there, front),
                *self._passives(there),
            ]
        with watch.stage("compare_card"):
            compared = self._with_card(card, front)
        if card is not None:
            findings.append(self._holder(compared))
        required = self._limits.passive_required and self._watcher.judge is not None
        return LivenessDecision(
            live=is_live(findings, passive_required=required),
            findings=tuple(findings),
            captures=tuple(_result(c, seen[c.where], similar.get(c.where)) for c in captures),
            card=compared.left if compared else None,
            card_similarity=compared.similarity if compared else None,
            mirrored=mirrored,
            timing=watch.timing,
        )

    def _see(self, capture: Capture) -> _Seen | None:
        found = self._watcher.find(capture.image)
        if found is None:
            return None
        template, live = self._watcher.template(found), self._watcher.live(found)
        return _Seen(capture, found, template, found.patch(), live)

    def _faces(
        self, captures: Sequence[Capture], seen: dict[str, _Seen | None]
    ) -> Iterator[Finding]:
        for capture in captures:
            one = seen[capture.where]
            yield finding(Check.FACE, capture.where, one is not None)
            if one is None:
                continue
            crowding, width = one.watched.crowding, one.watched.face.width
            alone = crowding <= self._limits.second_face
            yield finding(Check.ONE_FACE, one.where, alone, crowding, "area of the second face")
            large = width >= self._limits.face_pixels
            yield finding(Check.SIZE, one.where, large, width, "pixels")

    def _poses(
        self, there: Sequence[_Seen], front: _Seen | None, mirrored: bool | None
    ) -> Iterator[Finding]:
        limits = self._limits
        for one in there:
            if one.capture.pose is Pose.MID:
                right = abs(one.yaw) <= limits.mid_yaw
            else:
                sign = _SIGN[one.capture.pose] * (-1 if mirrored else 1)
                far = front is None or sign * (one.yaw - front.yaw) >= limits.turn
                right = far and sign * one.yaw >= limits.turned_yaw
            yield finding(Check.POSE, one.where, right, one.yaw, "degrees")

    def _people(
        self, there: Sequence[_Seen], front: _Seen | None, similar: dict[str, float]
    ) -> Iterator[Finding]:
        for one in there:
            if one is front:
                continue
            if front is None:
                yield Finding(Check.PERSON, one.where, Outcome.NOT_ASSESSED)
                continue
            same = similar[one.where] >= self._policy.match
            yield finding(Check.PERSON, one.where, same, similar[one.where], "similarity")

    def _copies(self, there: Sequence[_Seen]) -> Iterator[Finding]:
        """Of each capture but the first: the one before it that it is most like, as to the limit for the two."""
        limits = self._limits
        most: dict[str, tuple[float, float, str]] = {}
        for earlier, later in combinations(there, 2):
            like = likeness_either_way(earlier.patch, later.patch)
            limit = limits.resent if earlier.capture.pose is later.capture.pose else limits.copy
            nearest = (like - limit, like, earlier.where)
            most[later.where] = max(most.get(later.where, nearest), nearest)
        for where, (over, like, other) in most.items():
            yield finding(Check.CAPTURE, where, over < 0, like, f"likeness to {other}")

    def _depths(self, there: Sequence[_Seen], front: _Seen | None) -> Iterator[Finding]:
        for one in there:
            if one.capture.pose is Pose.MID:
                continue
            if front is None:
                yield Finding(Check.DEPTH, one.where, Outcome.NOT_ASSESSED)
                continue
            moved = parallax(front.watched.face.landmarks, one.watched.face.landmarks)
            if one.yaw < front.yaw:
                moved = -moved
            solid = moved >= self._limits.depth
            yield finding(Check.DEPTH, one.where, solid, moved, "eye distances")

    def _passives(self, there: Sequence[_Seen]) -> Iterator[Finding]:
        judged = []
        for one in there:
            if one.live is None:
                yield Finding(Check.PASSIVE, one.where, Outcome.NOT_ASSESSED)
                continue
            judged.append(one.live)
            live = one.live >= self._limits.live_each
            yield finding(Check.PASSIVE, one.where, live, one.live, "probability")
        if judged:
            mean = sum(judged) / len(judged)
            yield finding(Check.PASSIVE, ALL, mean >= self._limits.live, mean, "mean probability")

    def _with_card(self, card: Image | None, front: _Seen | None) -> Decision | None:
        if card is None or front is None:
            return None
        try:
            return self._compare_faces(card, front.watched.image, left_is_card=True)
        except NoFace:
            return None

    def _holder(self, compared: Decision | None) -> Finding:
        if compared is None:
            return Finding(Check.CARD_HOLDER, CARD, Outcome.FAIL, None, "no face to compare")
        same = compared.similarity >= self._policy.match
        return finding(Check.CARD_HOLDER, CARD, same, compared.similarity, "similarity")


def _mirrored(there: Sequence[_Seen]) -> bool | None:
    """True when the turned captures, taken together, are turned against what was asked."""
    turned = [_SIGN[one.capture.pose] * one.yaw for one in there if one.capture.pose in _SIGN]
    return sum(turned) < 0 if turned else None


def _result(capture: Capture, seen: _Seen | None, similarity: float | None) -> CaptureResult:
    if seen is None:
        return CaptureResult(capture.where, capture.pose, None, None, None)
    view = seen.watched.view(seen.live)
    return CaptureResult(capture.where, capture.pose, view, seen.yaw, similarity)
