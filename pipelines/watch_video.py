"""A short video of one customer -> is a live person in front of the camera, and which frame to match with the card?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.geometry import rotate_quarter
from pipelines.errors import NoFace
from pipelines.head_pose import parallax
from pipelines.liveness import (
    Check,
    Finding,
    Frame,
    FrameResult,
    LivenessPolicy,
    VideoDecision,
    finding,
    is_live,
)
from pipelines.same_picture import likeness
from pipelines.stopwatch import Stopwatch
from pipelines.types import Outcome, Policy
from pipelines.watch_face import FaceWatcher, WatchedFace

PORTRAIT = "portrait"
VIDEO = "video"
"""`Finding.where`, and the word of `NoFace`."""

_JUDGED = 5
"""Frames, spread over the video, that are compared with each other and shown to the spoof judge."""
_PROBES = 3
"""Frames that are turned to every side when they show no face: phones lose the orientation of videos too."""
_TURNED_AWAY = 0.01
"""Factor of a head turned farther than that: still better than none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """A frame with its face, and how good a portrait it would be (greater is better)."""

    seconds: float
    watched: WatchedFace
    quality: float

    @property
    def yaw(self) -> float:
        return self.watched.yaw


class WatchVideo:
    """Checks that one person is there throughout, that the head itself moves as a solid one, and that the spoof judge takes the face
    for a live one; chooses the best frame.

    A video in which the customer holds perfectly still is no proof of life: a photograph can do that. Customers are to
    be asked to turn the head a little to both sides.
    """

    def __init__(
        self,
        watcher: FaceWatcher,
        policy: Policy | None = None,
        limits: LivenessPolicy | None = None,
    ) -> None:
        self._watcher = watcher
        self._policy = policy or Policy()
        self._limits = limits or LivenessPolicy()

    def __call__(self, frames: Sequence[Frame]) -> VideoDecision:
        """Judge the frames of one video.

        Args:
            frames: in order of time, a few per second.

        Raises:
            NoFace: no frame shows a face.
        """
        watch = Stopwatch()
        with watch.stage("watch_faces"):
            moments = self._moments(frames)
        if not moments:
            raise NoFace(PORTRAIT)
        best = max(moments, key=lambda m: m.quality)
        spread = _spread(moments, best)
        with watch.stage("judge_spoof"):
            lives = {m.seconds: self._watcher.live(m.watched) for m in spread}
        with watch.stage("compare_faces"):
            findings = [
                *self._length(frames, moments),
                *self._people(moments, spread, best),
                *self._motion(moments),
                *self._passive(lives),
            ]
        required = self._limits.passive_required and self._watcher.judge is not None
        yaws = {m.seconds: m.yaw for m in moments}
        return VideoDecision(
            live=is_live(findings, passive_required=required),
            findings=tuple(findings),
            portrait=best.watched.image,
            face=best.watched.view(lives[best.seconds]),
            frames=tuple(
                FrameResult(f.seconds, yaws.get(f.seconds), lives.get(f.seconds)) for f in frames
            ),
            timing=watch.timing,
        )

    def _moments(self, frames: Sequence[Frame]) -> list[_Moment]:
        turns = self._turns(frames)
        found = []
        for frame in frames if turns is not None else ():
            seen = self._watcher.find_upright(rotate_quarter(frame.image, turns or 0))
            if seen is not None:
                found.append(_Moment(frame.seconds, seen, _quality(seen)))
        return found

    def _turns(self, frames: Sequence[Frame]) -> int | None:
        """Quarter turns that bring the faces upright; None when the probes show no face whichever way."""
        at = np.linspace(0, len(frames) - 1, min(_PROBES, len(frames))).round().astype(int)
        probes = [frames[i].image for i in at] if len(frames) else []
        for turns in range(4):
            if any(self._watcher.find_upright(rotate_quarter(p, turns)) for p in probes):
                return turns
        return None

    def _length(self, frames: Sequence[Frame], moments: Sequence[_Moment]) -> Iterator[Finding]:
        lasted = moments[-1].seconds - moments[0].seconds
        enough = lasted >= self._limits.video_seconds
        yield finding(Check.LENGTH, VIDEO, enough, lasted, "seconds with a face")
        count = len(moments)
        yield finding(
            Check.LENGTH, VIDEO, count >= self._limits.video_faces, count, "frames with a face"
        )
        share = count / len(frames)
        throughout = share >= self._limits.video_share
        yield finding(Check.FACE, VIDEO, throughout, share, "share of frames with a face")

    def _people(
        self, moments: Sequence[_Moment], spread: Sequence[_Moment], best: _Moment
    ) -> Iterator[Finding]:
        crowding = max(m.watched.crowding for m in moments)
        alone = crowding <= self._limits.second_face
        yield finding(Check.ONE_FACE, VIDEO, alone, crowding, "area of the second face")
        width = best.watched.face.width
        yield finding(Check.SIZE, VIDEO, width >= self._limits.face_pixels, width, "pixels")
        templates = [self._watcher.template(m.watched) for m in spread]
        reference = templates[list(spread).index(best)]
        least = min(self._watcher.similarity(reference, other) for other in templates)
        yield finding(Check.PERSON, VIDEO, least >= self._policy.match, least, "least similarity")

    def _motion(self, moments: Sequence[_Moment]) -> Iterator[Finding]:
        """The two frames turned farthest apart, and whether a flat picture could show both."""
        left, right = min(moments, key=lambda m: m.yaw), max(moments, key=lambda m: m.yaw)
        turn = right.yaw - left.yaw
        turned = turn >= self._limits.video_turn
        yield finding(Check.MOTION, VIDEO, turned, turn, "degrees of turning")
        moved = parallax(left.watched.face.landmarks, right.watched.face.landmarks)
        solid = moved >= self._limits.depth
        yield finding(Check.DEPTH, VIDEO, solid, moved, "eye distances")
        like = likeness(left.watched.patch(), right.watched.patch())
        own = like < self._limits.copy
        yield finding(Check.CAPTURE, VIDEO, own, like, "likeness of the frames turned farthest")

    def _passive(self, lives: dict[float, float | None]) -> Iterator[Finding]:
        judged = [live for live in lives.values() if live is not None]
        if len(judged) < len(lives) or not judged:
            yield Finding(Check.PASSIVE, VIDEO, Outcome.NOT_ASSESSED)
        if judged:
            mean = sum(judged) / len(judged)
            yield finding(Check.PASSIVE, VIDEO, mean >= self._limits.live, mean, "mean probability")


def _spread(moments: Sequence[_Moment], best: _Moment) -> list[_Moment]:
    """The best moment of each of `_JUDGED` parts of the video, `best` among them."""
    parts = np.array_split(np.arange(len(moments)), min(_JUDGED, len(moments)))
    chosen = [max((moments[i] for i in part), key=lambda m: m.quality) for part in parts]
    return chosen if best in chosen else [best, *chosen]


def _quality(seen: WatchedFace) -> float:
    """Large, sharp and face-on is good: eye distance times detail, times the cosine of twice the turn, since a head
    turned by more than 45 degrees is no portrait."""
    detail = float(cv2.Laplacian(seen.patch().grey, cv2.CV_32F).std())
    facing = max(float(np.cos(2 * np.radians(seen.yaw))), _TURNED_AWAY)
    return seen.face.eye_distance * detail * facing
