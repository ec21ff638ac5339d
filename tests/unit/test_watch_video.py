"""Videos: a head that turns passes; a still picture, however it is moved, and another person do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
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
from tests.heads import customer, customer_turned, encoded_again, mirrored, stranger
from tests.videos import video
from training.anti_spoof.heads import turned

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


def blurred(image: Image, width: int = 25) -> Image:
    """As by a sudden movement: a face is found, but nobody would know it."""
    return Image(np.asarray(cv2.blur(image.pixels, (width, 1)), np.uint8))


def stranger_turned(degrees: float) -> Image:
    return turned(stranger(), heads.the_face(stranger()), degrees)


@dataclass(frozen=True)
class Judge:
    """Says the same of every picture, and nothing of some."""

    answer: float | None
    silent: Collection[Image] = ()

    def judge(self, image: Image, face: Face) -> float | None:
        return None if image in self.silent else self.answer


class Nobody:
    """A finder that sees no face."""

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        return []


def watch(judge: Judge | None = None) -> WatchVideo:
    return WatchVideo(replace(heads.watcher(), judge=judge))


def failed(decision: VideoDecision) -> set[Check]:
    return {f.check for f in decision.reasons}


def test_a_turning_head_passes_and_its_best_frame_is_the_portrait() -> None:
    decision = watch(Judge(0.9))(turning())
    assert decision.live, decision.reasons
    straight = [f.image for f, d in zip(turning(), SWING, strict=True) if abs(d) < 20]
    assert any(decision.portrait is image for image in straight)
    assert [f.seconds for f in decision.frames] == [f.seconds for f in turning()]
    yaws = [f.yaw for f in decision.frames]
    assert max(yaws) > 12 > -12 > min(yaws)  # type: ignore[type-var, operator]
    assert sum(f.live is not None for f in decision.frames) == 5
    assert decision.face.crop.size > 0


def test_a_still_picture_looped_as_a_video() -> None:
    decision = watch()(frames([customer()] * 8))
    assert {Check.MOTION, Check.CAPTURE} <= failed(decision)


def test_a_still_picture_that_trembles_zooms_and_pans() -> None:
    decision = watch()(frames(shaken()))
    assert not decision.live
    assert Check.CAPTURE in failed(decision)


def test_a_picture_and_its_mirror_image_are_no_turning_head() -> None:
    aside = customer_turned(18)
    shown = [encoded_again(i, 70 + k) for k, i in enumerate([aside] * 5 + [mirrored(aside)] * 5)]
    assert Check.CAPTURE in failed(watch(Judge(0.9))(frames(shown)))


def test_two_photographs_of_one_person_shown_in_turn() -> None:
    """Both are real, so that nothing is wrong with either: but a head that turns is seen on its way."""
    sides = [customer_turned(18)] * 5 + [customer_turned(-22)] * 5
    shown = [encoded_again(image, 70 + k) for k, image in enumerate(sides)]
    assert failed(watch(Judge(0.9))(frames(shown))) == {Check.MOTION}


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


def test_a_sharp_photo_of_the_victim_between_somebody_else_s_movements() -> None:
    """The portrait is the victim's, and so is the best frame of every part of the video."""
    moves = [blurred(stranger_turned(d), 3) for d in (8, -8, 14, -14, 20, -20)]
    mostly = [
        image for a, b in zip(moves[::2], moves[1::2], strict=True) for image in (a, customer(), b)
    ]
    decision = watch(Judge(0.9))(frames(mostly))
    assert Check.PERSON in failed(decision)
    seldom = [customer()] * 5 + moves[2:3] + [customer()] * 5 + moves[3:4]
    decision = watch(Judge(0.9))(frames(seldom))
    assert {Check.MOTION, Check.CAPTURE} <= failed(decision)


def test_a_blurred_frame_refuses_nobody_but_many_do() -> None:
    one = [f.image for f in turning()]
    one[3] = blurred(one[3])
    many = list(one)
    many[4], many[8] = blurred(one[4]), blurred(one[8])
    decision = watch(Judge(0.9))(frames(one))
    assert decision.live, decision.reasons
    assert unknown(decision) == 0.1
    decision = watch(Judge(0.9))(frames(many))
    assert failed(decision) == {Check.PERSON}
    assert unknown(decision) == 0.3


def unknown(decision: VideoDecision) -> float | None:
    """Share of the faces that were not recognised."""
    (told,) = (f for f in decision.findings if f.detail == "share of faces not recognised")
    return told.measured


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


def test_frames_without_a_face() -> None:
    wall = Image(np.full((340, 340, 3), 128, np.uint8))
    empty = heads.Remembering(heads.models().finder, {(wall, hard): [] for hard in (True, False)})
    videos = WatchVideo(replace(heads.watcher(), finder=empty, judge=Judge(0.9)))
    images = [f.image for f in turning()]
    assert videos(frames([*images[:4], wall, *images[5:]])).live
    assert videos(frames([wall, *images[1:5], wall, *images[5:9], wall])).live
    assert failed(videos(frames([wall] * 7 + images))) == {Check.FACE}
    assert {Check.LENGTH, Check.FACE} <= failed(
        videos(frames([customer(), wall, wall, wall, wall]))
    )


def test_the_judge_s_word_and_its_silence() -> None:
    assert failed(watch(Judge(0.1))(turning())) == {Check.PASSIVE}
    silent = watch(Judge(None))(turning())
    assert [f.outcome for f in silent.reasons] == [Outcome.NOT_ASSESSED]
    lenient = WatchVideo(
        replace(heads.watcher(), judge=Judge(None)),
        limits=LivenessPolicy(passive_required=False),
    )
    assert lenient(turning()).live


def test_where_the_judge_is_silent_it_is_shown_the_next_best_of_that_part() -> None:
    best = watch(Judge(0.9))(turning()).portrait
    decision = watch(Judge(0.9, silent=[best]))(turning())
    assert decision.live, decision.reasons
    assert decision.portrait is not best
    assert decision.face.live == 0.9
    assert sum(f.live is not None for f in decision.frames) == 5


def test_its_silence_throughout_a_part_is_no_yes() -> None:
    """Of ten frames the third and the fourth are one part."""
    decision = watch(Judge(0.9, silent=[f.image for f in turning()[2:4]]))(turning())
    assert [(f.check, f.outcome) for f in decision.reasons] == [
        (Check.PASSIVE, Outcome.NOT_ASSESSED)
    ]


def test_a_word_against_the_customer_is_not_passed_over() -> None:
    """Only silence is: the judge's no to the best frame of a part counts, whatever it says of the others."""

    class Unsure(Judge):
        def judge(self, image: Image, face: Face) -> float | None:
            return 0.0 if image is customer() else self.answer

    assert failed(watch(Unsure(0.9))(turning())) == {Check.PASSIVE}
