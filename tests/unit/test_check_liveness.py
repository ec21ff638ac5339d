"""Three poses: a turning head passes, whatever is flat, sent twice, somebody else or turned otherwise does not, and every
reason is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from models.types import Face, Image, SimilarityCalibration
from pipelines.check_liveness import CheckLiveness
from pipelines.compare_faces import CompareFaces
from pipelines.head_pose import parallax, yaw
from pipelines.liveness import (
    Capture,
    Check,
    LivenessDecision,
    LivenessPolicy,
    Pose,
    refusals,
)
from pipelines.same_picture import likeness, patch
from pipelines.types import Outcome
from tests import heads
from tests.heads import customer, customer_turned, encoded_again, mirrored, stranger

LEFT, RIGHT = 22.0, -22.0


@dataclass(frozen=True)
class Judge:
    """Says the next of its answers each time; None: not assessed."""

    answers: list[float | None]

    def judge(self, image: Image, face: Face) -> float | None:
        return self.answers.pop(0)


def checker(*answers: float | None, limits: LivenessPolicy | None = None) -> CheckLiveness:
    models, watcher = heads.models(), heads.watcher()
    if answers:
        watcher = replace(watcher, judge=Judge(list(answers)))
    compare = CompareFaces(models.finder, models.embedder, watcher.calibration)
    return CheckLiveness(watcher, compare, limits=limits)


def captures(mid: Image, left: Image, right: Image) -> list[Capture]:
    return [Capture(Pose.MID, mid), Capture(Pose.LEFT, left), Capture(Pose.RIGHT, right)]


def sitting() -> list[Capture]:
    return captures(customer(), customer_turned(LEFT), customer_turned(RIGHT))


def failed(decision: LivenessDecision) -> set[tuple[Check, str]]:
    return {(f.check, f.where) for f in decision.reasons}


def test_a_turning_head_passes_every_check() -> None:
    decision = checker(0.9, 0.8, 0.9)(sitting(), card=customer())
    assert decision.live, decision.reasons
    assert decision.reasons == ()
    assert decision.mirrored is False
    assert {f.check for f in decision.findings} == set(Check) - {Check.MOTION, Check.LENGTH}
    yaws = [c.yaw for c in decision.captures]
    assert yaws[2] < -10 < yaws[0] < 10 < yaws[1]  # type: ignore[operator]
    assert decision.capture("mid").similarity == pytest.approx(1.0)
    assert decision.card_similarity == pytest.approx(1.0)


def test_a_mirroring_camera_is_recognised() -> None:
    decision = checker()([replace(c, image=mirrored(c.image)) for c in sitting()])
    assert decision.live, decision.reasons
    assert decision.mirrored is True


def test_both_sides_turned_the_same_way() -> None:
    decision = checker()(captures(customer(), customer_turned(LEFT), customer_turned(28)))
    assert (Check.POSE, "left") in failed(decision) or (Check.POSE, "right") in failed(decision)
    assert not decision.live


def test_nobody_turned() -> None:
    decision = checker()(captures(customer(), customer_turned(3), customer_turned(-3)))
    assert {(Check.POSE, "left"), (Check.POSE, "right")} <= failed(decision)


@pytest.mark.parametrize(
    "again", [lambda i: i, encoded_again, mirrored], ids=["sent", "jpeg", "mirror"]
)
def test_the_same_image_three_times(again: object) -> None:
    decision = checker()(captures(customer(), customer(), again(customer())))  # type: ignore[operator]
    assert not decision.live
    assert {(Check.CAPTURE, "left"), (Check.CAPTURE, "right")} <= failed(decision)


def tilted(image: Image, degrees: float) -> Image:
    """The picture as a flat sheet, turned about its middle and seen in perspective."""
    w, h, a = image.width, image.height, np.radians(degrees)
    x = np.array([-w / 2, w / 2, w / 2, -w / 2])
    y = np.array([-h / 2, -h / 2, h / 2, h / 2])
    depth = 2.0 * h + x * np.sin(a)
    seen = np.stack([x * np.cos(a) * 2 * h / depth + w / 2, y * 2 * h / depth + h / 2], axis=1)
    before = np.stack([x + w / 2, y + h / 2], axis=1)
    matrix = cv2.getPerspectiveTransform(before.astype(np.float32), seen.astype(np.float32))
    return Image(np.asarray(cv2.warpPerspective(image.pixels, matrix, (w, h)), np.uint8))


@pytest.mark.parametrize("degrees", [15, 30, 45])
def test_a_flat_photograph_turned_left_and_right(degrees: int) -> None:
    sheet = captures(customer(), tilted(customer(), degrees), tilted(customer(), -degrees))
    decision = checker()(sheet)
    assert not decision.live
    assert {(Check.CAPTURE, "left"), (Check.CAPTURE, "right")} <= failed(decision)


def test_somebody_else_on_one_capture() -> None:
    decision = checker()(captures(customer(), customer_turned(LEFT), stranger()))
    assert (Check.PERSON, "right") in failed(decision)
    assert not decision.failed(Check.PERSON, "left")


def test_captures_without_a_face_are_named_and_the_others_still_judged() -> None:
    wall = Image(np.full((24, 32, 3), 200, np.uint8))
    decision = checker()(captures(customer(), wall, customer_turned(RIGHT)))
    assert failed(decision) == {(Check.FACE, "left")}
    assert decision.capture("left").face is None
    assert decision.capture("right").similarity is not None


def test_nothing_to_compare_with_without_a_face_on_capture() -> None:
    tiny = Image(np.full((20, 20, 3), 90, np.uint8))
    decision = checker()(
        captures(tiny, customer_turned(LEFT), customer_turned(RIGHT)), card=customer()
    )
    assert decision.failed(Check.FACE, "mid")
    assert {f.outcome for f in decision.findings if f.check is Check.DEPTH} == {
        Outcome.NOT_ASSESSED
    }
    assert decision.card_similarity is None


def test_the_card_shows_somebody_else_or_nobody() -> None:
    other = checker()(sitting(), card=stranger())
    assert failed(other) == {(Check.CARD_HOLDER, "card")}
    assert other.card_similarity is not None
    assert other.card_similarity < 0.5
    nobody = checker()(sitting(), card=Image(np.full((20, 30, 3), 128, np.uint8)))
    assert failed(nobody) == {(Check.CARD_HOLDER, "card")}
    assert nobody.card is None


@pytest.mark.parametrize(
    ("answers", "live"),
    [
        ((0.9, 0.9, 0.9), True),
        ((0.9, 0.9, 0.05), False),  # one capture is surely a spoof
        ((0.4, 0.4, 0.4), False),  # all of them are rather spoofs
        ((0.9, 0.9, 0.3), True),  # one noisy look among good ones
    ],
)
def test_the_judge_s_word(answers: tuple[float, ...], live: bool) -> None:
    decision = checker(*answers)(sitting())
    assert decision.live is live
    assert {f.check for f in decision.reasons} <= {Check.PASSIVE}


def test_what_the_judge_cannot_assess_is_no_yes_and_said_so() -> None:
    decision = checker(0.9, None, 0.9)(sitting())
    assert not decision.live
    assert [(f.check, f.where, f.outcome) for f in decision.reasons] == [
        (Check.PASSIVE, "left", Outcome.NOT_ASSESSED)
    ]
    lenient = checker(0.9, None, 0.9, limits=LivenessPolicy(passive_required=False))
    assert lenient(sitting()).live


def test_two_people_before_the_camera() -> None:
    both = Image(np.hstack([customer().pixels, customer().pixels]))
    decision = checker()(captures(both, customer_turned(LEFT), customer_turned(RIGHT)))
    assert (Check.ONE_FACE, "mid") in failed(decision)


def test_a_face_too_small_to_judge() -> None:
    small = cv2.resize(customer().pixels, (200, 200), interpolation=cv2.INTER_AREA)
    decision = checker()(captures(Image(np.asarray(small, np.uint8)), *(
        c.image for c in sitting()[1:]
    )))  # fmt: skip
    assert (Check.SIZE, "mid") in failed(decision) or (Check.FACE, "mid") in failed(decision)


def test_a_picture_as_large_as_a_phone_s_is_looked_at_scaled_down() -> None:
    own = heads.the_face(customer())
    large = cv2.resize(customer().pixels, (4080, 4080))  # twelve times as wide
    seen = heads.watcher().find(Image(np.asarray(large, np.uint8)))
    assert seen is not None
    assert (seen.image.width, seen.image.height) == (2048, 2048)
    assert seen.face.landmarks == pytest.approx(own.landmarks * 2048 / 340, abs=40)


@pytest.mark.parametrize("sent", [[], [Capture(Pose.LEFT, Image(np.zeros((9, 9, 3), np.uint8)))]])
def test_a_face_on_capture_is_needed(sent: list[Capture]) -> None:
    with pytest.raises(ValueError, match="face-on"):
        checker()(sent)


def test_failures_are_told_before_what_was_not_assessed() -> None:
    decision = checker(0.01, None, 0.9)(sitting())
    assert {f.outcome for f in refusals(decision.findings)} == {Outcome.FAIL}


# -- the figures the checks rest on --------------------------------------------------------------------------

HEAD = np.array(
    [[-0.5, 0, 0], [0.5, 0, 0], [0, 0.57, 0.37], [-0.41, 1.16, 0], [0.41, 1.16, 0]], np.float64
)
"""Eyes, tip of the nose, corners of the mouth in eye distances: x right, y down, z to the camera."""


def marks(degrees: float, points: np.ndarray = HEAD, roll: float = 0.0) -> np.ndarray:
    a, b = np.radians(degrees), np.radians(roll)
    x = points[:, 0] * np.cos(a) + points[:, 2] * np.sin(a)
    y = points[:, 1]
    turned = np.stack([x * np.cos(b) - y * np.sin(b), x * np.sin(b) + y * np.cos(b)], axis=1)
    return (100 * turned + 200).astype(np.float32)


@pytest.mark.parametrize("degrees", [-40, -20, -5, 0, 5, 20, 40])
@pytest.mark.parametrize("roll", [0, 25])
def test_yaw_is_measured_from_five_points(degrees: float, roll: float) -> None:
    assert yaw(marks(degrees, roll=roll)) == pytest.approx(degrees, abs=0.5)


def test_only_depth_moves_beyond_a_homography() -> None:
    flat = HEAD * [1, 1, 0]
    assert parallax(marks(0, flat), marks(35, flat)) == pytest.approx(0, abs=1e-3)
    assert parallax(marks(0), marks(20)) > 0.1
    assert parallax(marks(0), marks(-20)) < -0.1


def test_a_face_without_height_or_width_has_no_yaw() -> None:
    assert yaw(np.zeros((5, 2), np.float32)) == 0.0


def test_likeness_of_copies_and_of_other_pictures() -> None:
    def of(image: Image) -> object:
        return patch(image, heads.the_face(image))

    one = of(customer())
    assert likeness(one, of(encoded_again(customer()))) > 0.9  # type: ignore[arg-type]
    assert likeness(one, of(tilted(customer(), 25))) > 0.75  # type: ignore[arg-type]
    assert likeness(one, of(customer_turned(LEFT))) < 0.75  # type: ignore[arg-type]
    assert likeness(one, of(stranger())) < 0.5  # type: ignore[arg-type]
    flat = patch(Image(np.full((90, 90, 3), 9, np.uint8)), heads.the_face(customer()))
    assert likeness(flat, flat) < 0.75


def test_calibration_of_the_pack_is_used() -> None:
    always = SimilarityCalibration(((-1.0, 0.0), (1.0, 0.1)))
    watcher = replace(heads.watcher(), calibration=always)
    compare = CompareFaces(watcher.finder, watcher.embedder, always)
    decision = CheckLiveness(watcher, compare)(sitting())
    assert {(Check.PERSON, "left"), (Check.PERSON, "right")} <= failed(decision)


def of_a_challenge(*turns: tuple[Pose, Image]) -> list[Capture]:
    return [Capture(pose, image, str(place)) for place, (pose, image) in enumerate(turns, start=1)]


def test_a_pose_asked_twice_is_shown_twice_and_not_sent_twice() -> None:
    """A head that comes back is nearly the picture it was; only the very same one is refused."""
    left, right = customer_turned(LEFT), customer_turned(RIGHT)
    begun = [(Pose.MID, customer()), (Pose.LEFT, left), (Pose.RIGHT, right)]
    back = checker()(of_a_challenge(*begun, (Pose.MID, customer_turned(5))))
    assert back.live, back.reasons
    for again in (customer(), encoded_again(customer()), mirrored(customer())):
        resent = checker()(of_a_challenge(*begun, (Pose.MID, again)))
        assert failed(resent) == {(Check.CAPTURE, "4")}
