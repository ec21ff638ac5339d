"""YuNet's decoding and its policy of views, on a session that answers like the network for drawn squares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from models.faces.views import View
from models.faces.yunet import STRIDES, YuNet
from models.session import OnnxSession, Tensor
from models.types import Image

LANDMARKS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
"""Of a face, as fractions of its box."""


class SeesWhiteSquares(OnnxSession):
    """Answers for every white square whose side it was 'trained' for, `smallest` to `largest` pixels."""

    def __init__(self, smallest: float = 20, largest: float = 250) -> None:
        self.input_names = ("input",)
        heads = ("cls", "obj", "bbox", "kps")
        self.output_names = tuple(f"{head}_{stride}" for head in heads for stride in STRIDES)
        self.sides: list[tuple[int, int]] = []
        self._range = (smallest, largest)

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[Tensor]:
        pixels = np.asarray(inputs["input"], np.float32)[0, 0]
        self.sides.append((pixels.shape[1], pixels.shape[0]))
        answers = {name: self._empty(name, pixels.shape) for name in self.output_names}
        rows, columns = np.nonzero(pixels > 200)
        if len(rows):
            x0, y0, x1, y1 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            if self._range[0] <= max(x1 - x0, y1 - y0) <= self._range[1]:
                self._answer(answers, pixels.shape, (float(x0), float(y0), float(x1), float(y1)))
        return [answers[name] for name in self.output_names]

    @staticmethod
    def _empty(name: str, shape: tuple[int, ...]) -> Tensor:
        head, _, stride = name.partition("_")
        cells = (shape[0] // int(stride)) * (shape[1] // int(stride))
        return np.zeros((1, cells, {"bbox": 4, "kps": 10}.get(head, 1)), np.float32)

    @staticmethod
    def _answer(
        answers: dict[str, Tensor], shape: tuple[int, ...], box: tuple[float, float, float, float]
    ) -> None:
        """At two neighbouring cells, so that suppression has something to do."""
        stride, (x0, y0, x1, y1) = 16, box
        across = shape[1] // stride
        column, row = int((x0 + x1) / 2 // stride), int((y0 + y1) / 2 // stride)
        for step, score in ((0, 0.9), (1, 0.8)):
            cell, at = row * across + max(0, column - step), np.array([max(0, column - step), row])
            size = np.array([x1 - x0, y1 - y0])
            centre = np.array([x0 + x1, y0 + y1]) / 2
            points = np.array([x0, y0]) + LANDMARKS * size
            answers["cls_16"][0, cell] = answers["obj_16"][0, cell] = score
            answers["bbox_16"][0, cell] = [*(centre / stride - at), *np.log(size / stride)]
            answers["kps_16"][0, cell] = (points / stride - at).ravel()


def picture(width: int, height: int, x: int, y: int, side: int) -> Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[y : y + side, x : x + side] = 255
    return Image(pixels)


def finder(session: OnnxSession, *views: View, last: tuple[View, ...] = ()) -> YuNet:
    return YuNet(
        session,
        views=views,
        last_views=last,
        zooms=(),
        score_threshold=0.7,
        sure_score=0.8,
        overlap_threshold=0.3,
    )


def test_box_and_landmarks_come_back_in_the_picture_s_own_pixels() -> None:
    (face,) = finder(SeesWhiteSquares(), View(320)).find(picture(1000, 700, 410, 230, 200))
    assert face.box == pytest.approx((410, 230, 610, 430), abs=4)
    expected = np.array([410, 230]) + LANDMARKS * 200
    assert np.abs(face.landmarks - expected).max() < 4
    assert face.score == pytest.approx(0.9)


def test_one_face_seen_in_two_views_is_one_face() -> None:
    session = SeesWhiteSquares()
    faces = finder(session, View(320), View(640)).find(picture(1280, 960, 300, 300, 300))
    assert len(faces) == 1
    assert len(session.sides) == 2


def test_views_that_show_a_small_picture_alike_are_looked_at_once() -> None:
    session = SeesWhiteSquares()
    finder(session, View(320), View(640)).find(picture(250, 250, 60, 60, 100))
    assert session.sides == [(256, 256)]


def test_a_face_that_fills_the_frame_is_found_with_room_around_it() -> None:
    session = SeesWhiteSquares(largest=200)
    close_up = picture(1000, 1000, 50, 50, 900)
    assert finder(session, View(320)).find(close_up) == []
    (face,) = finder(session, View(320), last=(View(160, margin=0.5),)).find(close_up)
    assert face.box == pytest.approx((50, 50, 950, 950), abs=15)


def test_a_tiny_face_is_found_enlarged() -> None:
    session = SeesWhiteSquares(smallest=30)
    tiny = picture(400, 300, 100, 100, 14)
    assert finder(session, View(640)).find(tiny) == []
    (face,) = finder(session, View(640), last=(View(1280, enlarge=True),)).find(tiny)
    assert face.box == pytest.approx((100, 100, 114, 114), abs=1)


def test_no_face_is_an_empty_list() -> None:
    assert finder(SeesWhiteSquares(), View(320)).find(picture(300, 200, 0, 0, 0)) == []


def test_a_box_never_leaves_the_picture() -> None:
    (face,) = finder(SeesWhiteSquares(), View(320)).find(picture(300, 200, 0, 120, 80))
    assert face.box[0] >= 0
    assert face.box[3] <= 200


def test_landmarks_are_measured_again_on_a_cut_out_of_the_face() -> None:
    session = SeesWhiteSquares()
    zooming = YuNet(
        session,
        views=(View(320),),
        last_views=(),
        zooms=(160, 224),
        score_threshold=0.7,
        sure_score=0.8,
        overlap_threshold=0.3,
    )
    (face,) = zooming.find(picture(1600, 1200, 401, 303, 333))
    assert session.sides == [(320, 256), (160, 160), (160, 160), (224, 224), (224, 224)]
    expected = np.array([401, 303]) + LANDMARKS * 333
    assert np.abs(face.landmarks - expected).max() < 3


class SeesBottomHeavySquares(SeesWhiteSquares):
    """Is surer of a white square when the darker half of it lies below: upright is when it does."""

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[Tensor]:
        pixels = np.asarray(inputs["input"], np.float32)[0, 0]
        answers = super().run(inputs)
        rows = np.nonzero((pixels > 200).any(axis=1))[0]
        if len(rows):
            middle = (rows[0] + rows[-1]) // 2
            columns = pixels[middle] > 200
            upper, lower = pixels[rows[0] : middle, columns], pixels[middle : rows[-1], columns]
            surer = 1.0 if upper.mean() > lower.mean() + 5 else 0.93
            for name, answer in zip(self.output_names, answers, strict=True):
                if name.startswith(("cls", "obj")):
                    answer *= surer
        return answers


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_face_that_lies_on_its_side_is_nobody_until_the_picture_is_turned(turns: int) -> None:
    upright = picture(400, 400, 150, 150, 120)
    upright.pixels[210:270, 150:270] = 215
    turned = Image(np.ascontiguousarray(np.rot90(upright.pixels, turns)))
    strict = YuNet(
        SeesBottomHeavySquares(),
        views=(View(320),),
        last_views=(),
        zooms=(160,),
        score_threshold=0.5,
        sure_score=0.95,
        overlap_threshold=0.3,
    )
    assert len(strict.find(turned)) == (1 if turns == 0 else 0)
