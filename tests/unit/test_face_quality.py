"""Quality measures on a photograph whose faults are made: blurred, grainy, dark, washed out, turned away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import astronaut

from models.types import Face, Image
from pipelines.face_quality import measure, quality_concerns
from pipelines.head_pose import pitch, roll
from pipelines.types import ConcernKind, FaceLimits

LANDMARKS = np.array([[203, 105], [246, 107], [226, 128], [208, 148], [243, 149]], np.float32)
"""Read off the picture by eye."""
FACE = Face((180.0, 65.0, 268.0, 178.0), LANDMARKS, 0.95)


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.float32]:
    return np.ascontiguousarray(astronaut()[:, :, ::-1]).astype(np.float32)


def concerns(pixels: NDArray[np.float32], face: Face = FACE) -> list[ConcernKind]:
    image = Image(np.clip(pixels, 0, 255).astype(np.uint8))
    return [c.kind for c in quality_concerns(measure(image, face), FaceLimits(), "portrait")]


def test_a_good_photograph_raises_no_warning(portrait: NDArray[np.float32]) -> None:
    assert concerns(portrait) == []
    quality = measure(Image(portrait.astype(np.uint8)), FACE)
    assert quality.score > 0.8
    assert quality.hat is None  # nobody judged it


def test_blur_and_grain_hide_detail(portrait: NDArray[np.float32]) -> None:
    assert concerns(cv2.GaussianBlur(portrait, (0, 0), 4)) == [ConcernKind.BLURRED_FACE]
    grain = np.random.default_rng(0).normal(0, 40, portrait.shape)
    assert concerns(portrait + grain) == [ConcernKind.BLURRED_FACE]


def test_too_little_and_too_much_light(portrait: NDArray[np.float32]) -> None:
    assert ConcernKind.UNDEREXPOSED in concerns(portrait / 8)
    assert ConcernKind.OVEREXPOSED in concerns(portrait * 3)


def test_a_head_turned_or_bowed_too_far(portrait: NDArray[np.float32]) -> None:
    def with_nose(dx: float, dy: float) -> Face:
        points = LANDMARKS.copy()
        points[2] += np.float32([dx, dy])
        return Face(FACE.box, points, 0.95)

    assert concerns(portrait, with_nose(20, 0)) == [ConcernKind.EXTREME_POSE]
    assert concerns(portrait, with_nose(-20, 0)) == [ConcernKind.EXTREME_POSE]
    assert concerns(portrait, with_nose(0, 15)) == [ConcernKind.EXTREME_POSE]
    assert pitch(with_nose(0, 8).landmarks) > pitch(LANDMARKS) > pitch(with_nose(0, -8).landmarks)


def test_tilting_the_head_is_roll_alone() -> None:
    turn = np.deg2rad(20)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    tilted = LANDMARKS @ matrix  # clockwise in a picture, whose y points down
    assert roll(tilted) - roll(LANDMARKS) == pytest.approx(20, abs=1)
    assert pitch(tilted) == pytest.approx(pitch(LANDMARKS), abs=0.1)


def test_a_flat_picture_is_answered(portrait: NDArray[np.float32]) -> None:
    assert ConcernKind.BLURRED_FACE in concerns(np.full_like(portrait, 128))
