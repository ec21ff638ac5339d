"""Templates are unit vectors of what the network says about the aligned face; the judge sees the crop it was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from models.faces.minifasnet import Look, MiniFasNet, crop_around
from models.faces.mobilefacenet_arcface import MobileFaceNetArcFace
from models.geometry import ARCFACE_TEMPLATE
from models.session import OnnxSession, Tensor
from models.types import Face, Image, Pixels


class Answers(OnnxSession):
    def __init__(self, answer: Callable[[Tensor], list[float]]) -> None:
        self.input_names = ("input",)
        self.output_names = ("output",)
        self._answer = answer

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[Tensor]:
        blob = np.asarray(inputs["input"], np.float32)
        return [np.array([self._answer(blob)], np.float32)]


def noise(height: int = 112, width: int = 112) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def face(x0: float, y0: float, x1: float, y1: float) -> Face:
    return Face((x0, y0, x1, y1), ARCFACE_TEMPLATE + np.float32(0.5), 1.0)


def embedder(session: OnnxSession, flip: bool = False) -> MobileFaceNetArcFace:
    return MobileFaceNetArcFace(
        session, mean=(0.5, 0.4, 0.3), deviation=(0.2, 0.2, 0.2), recogniser="test-1", flip=flip
    )


def test_the_network_sees_normalised_rgb() -> None:
    pixels = np.zeros((112, 112, 3), np.uint8)
    pixels[:] = (255 * 0.3, 255 * 0.4, 255 * 0.5)  # blue, green, red: each at its mean
    seen: list[Tensor] = []

    def watch(blob: Tensor) -> list[float]:
        seen.append(blob)
        return [3.0, 4.0]

    (template,) = embedder(Answers(watch)).embed(Image(pixels), [face(0, 0, 112, 112)])
    assert seen[0].shape == (1, 3, 112, 112)
    assert np.abs(seen[0]).max() < 0.02
    assert template.vector.tolist() == pytest.approx([0.6, 0.8])
    assert template.recogniser == "test-1"


def test_with_flip_a_face_and_its_mirror_image_are_one() -> None:
    def left_and_right(blob: Tensor) -> list[float]:
        return [float(blob[..., :56].mean()), float(blob[..., 56:].mean())]

    ramp = np.linspace(0, 255, 112).astype(np.uint8)  # dark on the left, bright on the right
    pixels = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (112, 112, 3)))
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    whole = face(0, 0, 112, 112)
    points = np.stack([112 - whole.landmarks[:, 0], whole.landmarks[:, 1]], axis=1)[[1, 0, 2, 4, 3]]
    other = Face(whole.box, points.astype(np.float32), 1.0)

    def cosine(flip: bool) -> float:
        network = embedder(Answers(left_and_right), flip)
        (a,) = network.embed(Image(pixels), [whole])
        (b,) = network.embed(Image(mirrored), [other])
        return a.cosine(b)

    assert cosine(flip=True) > 0.999
    assert cosine(flip=False) < 0.99


def test_templates_come_in_the_order_of_the_faces() -> None:
    pixels = np.zeros((112, 300, 3), np.uint8)
    pixels[:, 150:] = 255
    dark = face(0, 0, 112, 112)
    bright = Face((180, 0, 292, 112), dark.landmarks + np.float32([180, 0]), 1.0)
    network = embedder(Answers(lambda blob: [float(blob.mean()), 1.0]))
    one, two = network.embed(Image(pixels), [dark, bright])
    again_two, again_one = network.embed(Image(pixels), [bright, dark])
    assert one.vector[0] < 0 < two.vector[0]
    assert np.array_equal(one.vector, again_one.vector)
    assert np.array_equal(two.vector, again_two.vector)
    assert network.embed(Image(pixels), []) == []


def test_the_judge_averages_its_networks_live_class() -> None:
    sure = Look(Answers(lambda _: [0.0, 50.0, 0.0]), 2.7)
    unsure = Look(Answers(lambda _: [0.0, 0.0, 0.0]), 4.0)
    judge = MiniFasNet([sure, unsure], least_width=40)
    live = judge.judge(Image(noise(400, 400)), face(150, 150, 250, 250))
    assert live == pytest.approx((1 + 1 / 3) / 2)


def test_a_face_too_small_to_judge_is_not_judged() -> None:
    judge = MiniFasNet([Look(Answers(lambda _: [0.0, 9.0, 0.0]), 2.7)], least_width=40)
    assert judge.judge(Image(noise(400, 400)), face(10, 10, 45, 60)) is None


def test_the_judge_says_nothing_of_grey_and_tightly_cut_faces() -> None:
    judge = MiniFasNet([Look(Answers(lambda _: [0.0, 9.0, 0.0]), 2.7)], least_width=40)
    grey = np.repeat(noise(400, 400)[:, :, :1], 3, axis=2)
    assert judge.judge(Image(grey), face(150, 150, 250, 250)) is None
    assert judge.judge(Image(noise(400, 400)), face(50, 50, 350, 350)) is None
    assert judge.judge(Image(noise(400, 400)), face(100, 100, 350, 350)) is not None


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((150, 150, 250, 250), (65, 65, 336, 336)),  # 2.7 times as large, about the same centre
        ((0, 0, 100, 100), (0, 0, 271, 271)),  # shifted into the picture, not cut
        ((300, 300, 400, 400), (130, 130, 400, 400)),
        ((50, 50, 350, 350), (0, 0, 400, 400)),  # as large as the picture allows
    ],
)
def test_the_judge_s_crop(
    box: tuple[float, float, float, float], expected: tuple[int, int, int, int]
) -> None:
    rows, columns = np.mgrid[:400, :400]
    ruler = np.stack([columns // 2, rows // 2, columns * 0], axis=2).astype(np.uint8)
    crop = crop_around(ruler, face(*box), 2.7)
    x0, y0 = 2 * int(crop[0, 0, 0]), 2 * int(crop[0, 0, 1])
    found = (x0, y0, x0 + crop.shape[1], y0 + crop.shape[0])
    assert found == pytest.approx(expected, abs=3)
