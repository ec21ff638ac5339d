"""Cut-outs fall where they should, to a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.geometry import (
    ARCFACE_TEMPLATE,
    align_face,
    crop_line,
    iou,
    non_maximum_suppression,
    order_corners,
    rectify,
    rotate_quarter,
)
from models.types import Image, Pixels, Quad


def smooth_noise(height: int, width: int, seed: int = 0) -> Pixels:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), np.uint8)


def apart(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def test_rectifying_the_whole_picture_changes_nothing() -> None:
    pixels = smooth_noise(40, 60)
    assert np.array_equal(rectify(pixels, Quad.of_box(0, 0, 60, 40), (60, 40)), pixels)


def test_rectify_undoes_a_perspective() -> None:
    flat = smooth_noise(120, 190)
    corners = np.array([[60, 50], [300, 80], [280, 240], [40, 190]], np.float32)
    there = cv2.getPerspectiveTransform(Quad.of_box(0, 0, 190, 120).corners, corners)
    photo = np.asarray(cv2.warpPerspective(flat, there, (340, 280)), np.uint8)
    back = rectify(photo, Quad(corners), (190, 120))
    assert apart(back[5:-5, 5:-5], flat[5:-5, 5:-5]) < 3


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    small = rectify(stripes, Quad.of_box(0, 0, 400, 400), (100, 100))
    assert abs(float(small.mean()) - 127.5) < 1
    assert float(small.std()) < 2


def test_corner_zero_becomes_the_top_left() -> None:
    pixels = np.zeros((50, 80, 3), np.uint8)
    pixels[:25, 40:] = 255  # the top-right quarter
    upside = Quad(np.roll(Quad.of_box(0, 0, 80, 50).corners, -1, axis=0))  # starts at the top-right
    turned = rectify(pixels, upside, (50, 80))
    assert turned[5, 5].min() == 255
    assert turned[-5, -5].max() == 0


def test_a_tall_box_of_text_is_not_laid_on_its_side() -> None:
    crop = crop_line(smooth_noise(100, 100), Quad.of_box(10, 10, 20, 50), height=32)
    assert crop.shape == (32, 8, 3)


def test_a_line_keeps_its_proportions() -> None:
    pixels = smooth_noise(100, 300)
    assert crop_line(pixels, Quad.of_box(10, 10, 210, 30), height=48).shape == (48, 480, 3)
    assert crop_line(pixels, Quad.of_box(10, 10, 210, 30)).shape == (20, 200, 3)
    assert crop_line(pixels, Quad.of_box(10, 10, 10.2, 10.2)).shape == (1, 1, 3)


@pytest.mark.parametrize("degrees", [-40, -10, 0, 25, 44])
@pytest.mark.parametrize("seed", range(3))
def test_corners_come_back_in_order_whatever_the_order_they_came_in(
    degrees: float, seed: int
) -> None:
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    expected = np.array([[0, 0], [200, 0], [200, 60], [0, 60]]) @ matrix + 300
    shuffled = np.random.default_rng(seed).permutation(expected)
    assert np.allclose(order_corners(shuffled).corners, expected, atol=1e-3)


@pytest.mark.parametrize("scale", [0.7, 1.0, 5.3])
def test_alignment_puts_the_landmarks_on_the_template(scale: float) -> None:
    turn = np.deg2rad(25)
    matrix = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    landmarks = ((ARCFACE_TEMPLATE + 0.5) @ matrix + [300, 200]).astype(np.float32)
    photo = np.zeros((1100, 1100, 3), np.uint8)
    for x, y in np.rint((landmarks - 0.5) * 16).astype(int):  # pixel indices in sixteenths
        cv2.circle(photo, (int(x), int(y)), round(48 * scale), (255, 255, 255), -1, shift=4)
    chip = align_face(photo, landmarks)
    assert chip.shape == (112, 112, 3)
    _, _, _, centres = cv2.connectedComponentsWithStats((chip[:, :, 0] > 100).astype(np.uint8))
    distances = np.linalg.norm(centres[None, 1:] - ARCFACE_TEMPLATE[:, None], axis=2)
    assert distances.shape == (5, 5)
    assert distances.min(axis=1).max() < 0.8


def test_a_mirrored_face_is_not_unmirrored() -> None:
    pixels = smooth_noise(112, 112)
    assert apart(align_face(pixels, ARCFACE_TEMPLATE + 0.5), pixels) < 1
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    swapped = np.stack([112 - (ARCFACE_TEMPLATE[:, 0] + 0.5), ARCFACE_TEMPLATE[:, 1] + 0.5], axis=1)
    chip = align_face(mirrored, swapped[[1, 0, 2, 4, 3]].astype(np.float32))
    assert apart(chip, mirrored) < apart(chip, pixels)


def test_quarter_turns_are_clockwise_and_come_round() -> None:
    image = Image(smooth_noise(30, 50))
    assert np.array_equal(rotate_quarter(image, 1).pixels[0, -1], image.pixels[0, 0])
    assert np.array_equal(
        rotate_quarter(rotate_quarter(image, 1), 3).pixels, rotate_quarter(image, 4).pixels
    )


def test_overlap_of_boxes() -> None:
    assert iou((0, 0, 10, 10), (0, 0, 10, 10)) == pytest.approx(1)
    assert iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert iou((0, 0, 10, 10), (20, 0, 30, 10)) == 0


def test_suppression_keeps_the_best_of_each_heap() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [40, 0, 50, 10], [0, 1, 10, 11]], np.float32)
    scores = np.array([0.7, 0.9, 0.6, 0.8], np.float32)
    assert non_maximum_suppression(boxes, scores, 0.3) == [1, 2]
    assert non_maximum_suppression(boxes[:0], scores[:0], 0.3) == []
