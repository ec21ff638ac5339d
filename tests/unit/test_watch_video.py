"""Videos: a head that turns passes; a still picture, however it is moved, and another person do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from app.images import FileBytes
from app.video import read_video
from models.geometry import rotate_quarter
from models.types import Face, Image
from pipelines.errors import NoFace
from pipelines.liveness import Check, Frame, LivenessPolicy, VideoDecision
from pipelines.types import Outcome
from pipelines.watch_video import WatchVideo
from tests import heads
from tests.heads import customer, customer_turned, encoded_again, stranger
from tests.unit.test_check_liveness import Judge
from tests.videos import video

SWING = (0, 9, 18, 18, 9, 0, -12, -22, -12, 0)
"""Degrees: to the customer's left, then to the right."""


def frames(images: Sequence[Image]) -> list[Frame]:
    return [Frame(image, i * 0.4) for i, image in enumerate(images)]


@cache
def turning() -> tuple[Frame, ...]:
    return tuple(frames([customer_turned(d) if d else customer() for d in SWING]))


def shaken(count: int = 8) -> list[Image]:
    """One photograph that trembles, comes nearer and wanders: every frame is encoded anew."""
    rng = np.random.default_rng(3)
    moved = []
    for i in range(count):
        matrix = cv2.getRotationMatrix2D((170, 130), float(rng.normal(0, 3)), 1 + 0.04 * i)
        matrix[:, 2] += rng.normal(0, 6, 2)
        seen = cv2.warpAffine(
            customer().pixels, matrix, (340, 340), borderMode=cv2.BORDER_REPLICATE
        )
        moved.append(encoded_again(Image(np.asarray(seen, np.uint8)), int(rng.integers(50, 95))))
    return moved


class Nobody:
    """A finder that sees no face."""

    def find(self, image: Image) -> list[Face]:
        return []


def watch(*answers: float | None) -> WatchVideo:
    watcher = heads.watcher()
    return WatchVideo(replace(watcher, judge=Judge(list(answers))) if answers else watcher)


def failed(decision: VideoDecision) -> set[Check]:
    return {f.check for f in decision.reasons}


def test_a_turning_head_passes_and_its_best_frame_is_the_portrait() -> None:
    decision = watch(*[0.9] * 6)(turning())
    assert decision.live, decision.reasons
    straight = [f.image for f, d in zip(turning(), SWING, strict=True) if abs(d) < 20]
    assert any(decision.portrait is image for image in straight)
    assert [f.seconds for f in decision.frames] == [f.seconds for f in turning()]
    yaws = [f.yaw for f in decision.frames]
    assert max(yaws) > 12 > -12 > min(yaws)  # type: ignore[type-var, operator]
    assert sum(f.live is not None for f in decision.frames) >= 5
    assert decision.face.crop.size > 0


def test_a_still_picture_looped_as_a_video() -> None:
    decision = watch()(frames([customer()] * 8))
    assert {Check.MOTION, Check.CAPTURE} <= failed(decision)


def test_a_still_picture_that_trembles_zooms_and_pans() -> None:
    decision = watch()(frames(shaken()))
    assert not decision.live
    assert Check.CAPTURE in failed(decision)


@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_the_same_through_a_real_video(container: str) -> None:
    codec = {"mp4": "mpeg4", "webm": "libvpx"}[container]
    live = video([f.image.pixels for f in turning()], container=container, codec=codec, rate=3)
    still = video([i.pixels for i in shaken()], container=container, codec=codec, rate=3)
    assert watch()(read_video(FileBytes(live))).live
    assert not watch()(read_video(FileBytes(still))).live


def test_somebody_else_takes_over() -> None:
    swapped = [f.image for f in turning()[:7]] + [stranger()] * 3
    assert Check.PERSON in failed(watch()(frames(swapped)))


@pytest.mark.parametrize("turns", [1])
def test_a_phone_held_on_its_side(turns: int) -> None:
    turned = [rotate_quarter(f.image, turns) for f in turning()[::3]]
    decision = watch()(frames(turned))
    assert Check.FACE not in failed(decision)
    assert decision.portrait.height == decision.portrait.width == 340
    assert abs(float(decision.face.face.landmarks[1, 1] - decision.face.face.landmarks[0, 1])) < 25


def test_no_face_at_all() -> None:
    blind = WatchVideo(replace(heads.watcher(), finder=Nobody()))
    with pytest.raises(NoFace):
        blind(turning())
    with pytest.raises(NoFace):
        watch()([])


def test_too_short_and_mostly_empty() -> None:
    wall = Image(np.full((340, 340, 3), 128, np.uint8))
    empty = heads.Remembering(heads.models().finder, {wall: []})
    watcher = replace(heads.watcher(), finder=empty)
    decision = WatchVideo(watcher)(frames([customer(), wall, wall, wall, wall]))
    assert {Check.LENGTH, Check.FACE} <= failed(decision)


def test_the_judge_s_word_and_its_silence() -> None:
    assert failed(watch(*[0.1] * 6)(turning())) == {Check.PASSIVE}
    silent = watch(*[None] * 6)(turning())
    assert [f.outcome for f in silent.reasons] == [Outcome.NOT_ASSESSED]
    lenient = WatchVideo(
        replace(heads.watcher(), judge=Judge([None] * 6)),
        limits=LivenessPolicy(passive_required=False),
    )
    assert lenient(turning()).live
