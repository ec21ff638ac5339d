"""The accessory networks see the head and the eyes they were made for, and say what they see of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import astronaut

from models.faces.accessory_net import (
    EYE,
    HEAD_TEMPLATE,
    INPUT,
    AccessoryNet,
    eye_patches,
    grey_levels,
    head,
    into_head,
    prepared,
)
from models.loader import load_faces
from models.manifest import read_pack
from models.session import OnnxSession, Tensor
from models.types import Face, Image

LANDMARKS = np.array([[203, 105], [246, 107], [226, 128], [208, 148], [243, 149]], np.float32)
FACE = Face((180.0, 65.0, 268.0, 178.0), LANDMARKS, 0.95)


class Answers(OnnxSession):
    def __init__(self, answer: Callable[[Tensor], list[list[float]]]) -> None:
        self.input_names = ("grey",)
        self.output_names = ("logits",)
        self._answer = answer

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[Tensor]:
        return [np.array(self._answer(np.asarray(inputs["grey"], np.float32)), np.float32)]


@pytest.fixture(scope="module")
def portrait() -> Image:
    return Image(np.ascontiguousarray(astronaut()[:, :, ::-1]))


def test_the_head_is_upright_and_its_landmarks_lie_on_the_template(portrait: Image) -> None:
    cut = head(portrait.pixels, LANDMARKS, 100)
    assert cut.shape == (100, 100, 3)
    assert np.abs(into_head(LANDMARKS, 100) - HEAD_TEMPLATE * 100).max() < 4
    turned = np.rot90(portrait.pixels)
    points = np.stack([LANDMARKS[:, 1], portrait.width - LANDMARKS[:, 0]], axis=1)
    again = head(np.ascontiguousarray(turned), points.astype(np.float32), 100)
    assert np.abs(again.astype(float) - cut).mean() < 3


def test_light_and_contrast_do_not_matter_and_a_flat_picture_stays_flat(portrait: Image) -> None:
    grey = grey_levels(portrait.pixels)
    assert np.allclose(prepared(grey), prepared(grey * 0.4 + 30), atol=1e-4)
    assert np.abs(prepared(np.full((9, 9), 77, np.float32))).max() == 0


def test_both_eyes_are_shown_as_left_eyes() -> None:
    grey = np.zeros((160, 160), np.float32)
    points = (HEAD_TEMPLATE * 160).astype(np.float32)
    for eye, inward in ((points[0], 1), (points[1], -1)):  # something bright beside the nose
        x, y = round(float(eye[0] + inward * 8)), round(float(eye[1]))
        grey[y - 3 : y + 4, x - 3 : x + 4] = 255
    left, right = eye_patches(grey, points)
    assert left.shape == EYE
    assert left[:, EYE[1] // 2 :].mean() > left[:, : EYE[1] // 2].mean()
    assert right[:, EYE[1] // 2 :].mean() > right[:, : EYE[1] // 2].mean()


def test_chances_by_name_and_the_eye_that_is_more_open_decides(portrait: Image) -> None:
    seen: list[tuple[int, ...]] = []

    def watch(blob: Tensor) -> list[list[float]]:
        seen.append(blob.shape)
        return [[4.0, -4.0, 0.0]]

    worn = AccessoryNet(Answers(watch), Answers(lambda _: [[5.0], [-5.0]])).judge(portrait, FACE)
    assert seen == [(1, 1, INPUT, INPUT)]
    assert worn.sunglasses == pytest.approx(0.982, abs=1e-3)
    assert worn.hat == pytest.approx(0.018, abs=1e-3)
    assert worn.mask == pytest.approx(0.5)
    assert worn.eyes_closed == pytest.approx(0.0067, abs=1e-3)


def test_eyes_of_a_few_pixels_are_not_judged(portrait: Image) -> None:
    small = Image(np.ascontiguousarray(portrait.pixels[::3, ::3]))
    face = Face((60.0, 22.0, 89.0, 59.0), LANDMARKS / 3, 0.9)
    net = AccessoryNet(Answers(lambda _: [[0.0, 0.0, 0.0]]), Answers(lambda _: [[0.0], [0.0]]))
    assert net.judge(small, face).eyes_closed is None


def test_the_packs_own_networks_on_a_portrait_with_and_without(portrait: Image) -> None:
    judge = load_faces(read_pack("embedded"), weights_dir=None).accessory_judge
    assert judge is not None
    bare = judge.judge(portrait, FACE)
    assert max(bare.sunglasses, bare.mask) < 0.2
    masked = portrait.pixels.copy()
    masked[122:178, 190:262] = (215, 205, 190)
    assert judge.judge(Image(masked), FACE).mask > 0.5
    dark = portrait.pixels.copy()
    for x in (203, 246):
        dark[95:119, x - 18 : x + 18] = 15
    assert judge.judge(Image(dark), FACE).sunglasses > 0.5
