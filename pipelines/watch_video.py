"""A short video of one customer -> is a live person in front of the camera, and which frame to match with the card?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
from pipelines.same_picture import likeness_either_way
from pipelines.stopwatch import Stopwatch
from pipelines.types import Outcome, Policy
from pipelines.watch_face import FaceWatcher, WatchedFace

PORTRAIT = "portrait"
VIDEO = "video"
"""`Finding.where`, and the word of `NoFace`."""

_PARTS = 5
"""Of a video, of equally many frames with a face; from each the spoof judge's word is wanted."""
_PROBES = 5
"""Frames that are turned to every side when they show no face: phones lose the orientation of videos too. From all parts of
the video but its ends, at which a phone is often still, or again, on its way."""
_TURNED_AWAY = 0.01
"""Factor of a head turned farther than that: still better than none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """A frame with its face (upright), and how good a portrait it would be (greater is better)."""

    frame: Frame
    watched: WatchedFace
    quality: float

    @property
    def yaw(self) -> float:
        return self.watched.yaw


class WatchVideo:
    """Checks that one person is there throughout, that the head itself moves as a solid one and by degrees, and that the spoof judge takes the face
    for a live one; chooses the best frame.

    A video in which the customer holds perfectly still is no proof of life: a photograph can do that. Customers are to
    be asked to turn the head a little to both sides. Several photographs of the customer in several poses, shown one after the
    other, can do it: two of them are told by the leap between them, three or more are left to the spoof judge.

    A frame that cannot be judged refuses no video: frames without a face, and frames too blurred to recognise anybody,
    are borne up to a share, and where the spoof judge is silent on the best frame of a part of the video, it is shown the
    next best of that part. Nothing rests on such frames, or a photograph of the victim, sharper than the rest, would
    lend its name to somebody else's movements: the portrait, the frames judged and the two turned farthest apart
    all show one person, and every part of the video has a frame that was judged.
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
        with watch.stage("judge_spoof"):
            lives = self._lives(moments)
        best = max(lives, key=lambda m: m.quality)
        with watch.stage("compare_faces"):
            alike = self._alike(moments, best)
            findings = [
                *self._length(frames, moments),
                *self._people(alike, lives, best),
                *self._motion([m for m in moments if alike[m] >= self._policy.match]),
                *self._passive(lives),
            ]
        required = self._limits.passive_required and self._watcher.judge is not None
        yaws = {m.frame: m.watched.yaw for m in moments}
        judged = {m.frame: live for m, live in lives.items()}
        return VideoDecision(
            live=is_live(findings, passive_required=required),
            findings=tuple(findings),
            portrait=best.watched.image,
            face=best.watched.view(lives[best]),
            frames=tuple(FrameResult(f.seconds, yaws.get(f), judged.get(f)) for f in frames),
            timing=watch.timing,
        )

    def _moments(self, frames: Sequence[Frame]) -> list[_Moment]:
        turns = self._turns(frames)
        found = []
        for frame in frames if turns is not None else ():
            seen = self._watcher.find_upright(rotate_quarter(frame.image, turns or 0))
            if seen is not None:
                found.append(_Moment(frame, seen, _quality(seen)))
        return found

    def _turns(self, frames: Sequence[Frame]) -> int | None:
        """Quarter turns that bring the faces upright; None when the probes show no face whichever way."""
        count = min(_PROBES, len(frames))
        probes = [frames[(2 * i + 1) * len(frames) // (2 * count)].image for i in range(count)]
        for turns, hard in (*((turns, False) for turns in range(4)), (0, True)):
            turned = (rotate_quarter(probe, turns) for probe in probes)
            if any(self._watcher.find_upright(one, hard=hard) for one in turned):
                return turns
        return None

    def _length(self, frames: Sequence[Frame], moments: Sequence[_Moment]) -> Iterator[Finding]:
        lasted = moments[-1].frame.seconds - moments[0].frame.seconds
        enough = lasted >= self._limits.video_seconds
        yield finding(Check.LENGTH, VIDEO, enough, lasted, "seconds with a face")
        count = len(moments)
        yield finding(
            Check.LENGTH, VIDEO, count >= self._limits.video_faces, count, "frames with a face"
        )
        share = count / len(frames)
        throughout = share >= self._limits.video_share
        yield finding(Check.FACE, VIDEO, throughout, share, "share of frames with a face")

    def _lives(self, moments: Sequence[_Moment]) -> dict[_Moment, float | None]:
        """Of each part of the video the best moment that the spoof judge has a word on, and its word: the probability
        of a live face; of a part on which it is silent throughout the best moment, and None."""
        lives: dict[_Moment, float | None] = {}
        for part in np.array_split(np.arange(len(moments)), min(_PARTS, len(moments))):
            ranked = sorted((moments[i] for i in part), key=lambda m: m.quality, reverse=True)
            said = ((m, self._watcher.live(m.watched)) for m in ranked)
            moment, live = next((one for one in said if one[1] is not None), (ranked[0], None))
            lives[moment] = live
        return lives

    def _alike(self, moments: Sequence[_Moment], best: _Moment) -> dict[_Moment, float]:
        """How similar each face is to that of the best moment, calibrated, [0, 1]."""
        templates = {m: self._watcher.template(m.watched) for m in moments}
        known = templates[best]
        return {m: self._watcher.similarity(known, other) for m, other in templates.items()}

    def _people(
        self, alike: Mapping[_Moment, float], lives: Collection[_Moment], best: _Moment
    ) -> Iterator[Finding]:
        crowding = max(m.watched.crowding for m in alike)
        alone = crowding <= self._limits.second_face
        yield finding(Check.ONE_FACE, VIDEO, alone, crowding, "area of the second face")
        width = best.watched.face.width
        yield finding(Check.SIZE, VIDEO, width >= self._limits.face_pixels, width, "pixels")
        least = min(alike[m] for m in lives)
        yield finding(Check.PERSON, VIDEO, least >= self._policy.match, least, "least similarity")
        others = sum(similar < self._policy.match for similar in alike.values()) / len(alike)
        few = others <= self._limits.video_others
        yield finding(Check.PERSON, VIDEO, few, others, "share of faces not recognised")

    def _motion(self, own: Sequence[_Moment]) -> Iterator[Finding]:
        """Of the frames that show the portrait's person: the two turned farthest apart, and whether a flat picture
        could show both."""
        left = min(own, key=lambda m: m.watched.yaw)
        right = max(own, key=lambda m: m.watched.yaw)
        turn = right.watched.yaw - left.watched.yaw
        turned = turn >= self._limits.video_turn
        yield finding(Check.MOTION, VIDEO, turned, turn, "degrees of turning")
        leap = float(np.diff(sorted(m.yaw for m in own)).max(initial=0.0)) / max(turn, 1e-9)
        flowing = leap <= self._limits.video_leap
        yield finding(Check.MOTION, VIDEO, flowing, leap, "largest leap, share of the turning")
        moved = parallax(left.watched.face.landmarks, right.watched.face.landmarks)
        solid = moved >= self._limits.depth
        yield finding(Check.DEPTH, VIDEO, solid, moved, "eye distances")
        like = likeness_either_way(left.watched.patch(), right.watched.patch())
        fresh = like < self._limits.copy
        yield finding(Check.CAPTURE, VIDEO, fresh, like, "likeness of the frames turned farthest")

    def _passive(self, lives: Mapping[_Moment, float | None]) -> Iterator[Finding]:
        judged = [live for live in lives.values() if live is not None]
        if len(judged) < len(lives):
            yield Finding(Check.PASSIVE, VIDEO, Outcome.NOT_ASSESSED)
        if judged:
            mean = sum(judged) / len(judged)
            yield finding(Check.PASSIVE, VIDEO, mean >= self._limits.live, mean, "mean probability")


def _quality(seen: WatchedFace) -> float:
    """Large, sharp and face-on is good: eye distance times detail, times the cosine of twice the turn, since a head
    turned by more than 45 degrees is no portrait."""
    detail = float(cv2.Laplacian(seen.patch().grey, cv2.CV_32F).std())
    facing = max(float(np.cos(2 * np.radians(seen.yaw))), _TURNED_AWAY)
    return seen.face.eye_distance * detail * facing
