"""Corners, cut-outs and boxes.

Coordinates are continuous pixels: (0, 0) is the outer corner of the top-left pixel, whose centre is
(0.5, 0.5), so that a box of the whole picture is (0, 0, width, height) and halving a picture halves
every coordinate.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.types import Image, Pixels, Quad

Box: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

_Matrix: TypeAlias = NDArray[np.float64]

ARCFACE_TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
"""Where eyes, nose and mouth corners lie in a 112 x 112 ArcFace input (pixel indices, not continuous
coordinates). Published with ArcFace (Deng et al., CVPR 2019) and in InsightFace's alignment code."""
ARCFACE_SIZE = 112
ARCFACE_TEMPLATE.setflags(write=False)

_HALF = 0.5


def rectify(pixels: Pixels, quad: Quad, size: tuple[int, int]) -> Pixels:
    """Undo the perspective of `quad`: its corner 0 becomes the top-left of the result.

    Args:
        pixels: H x W x 3.
        quad: four corners in `pixels`; parts outside are filled with the border's colour.
        size: width, height of the result.

    Returns:
        height x width x 3.
    """
    width, height = size
    target = Quad.of_box(0, 0, width, height).corners
    matrix = np.asarray(cv2.getPerspectiveTransform(quad.corners, target), np.float64)
    shrink = min(quad.width / width, quad.height / height)
    return _warp(pixels, matrix, size, shrink)


def crop_line(pixels: Pixels, quad: Quad, height: int | None = None) -> Pixels:
    """Cut a line of text out, upright, with its perspective undone.

    The quad alone says which way is up. A box taller than wide is *not* turned, unlike in stock OCR
    pipelines: Vietnamese documents print no vertical text, and a tall box is a short word ("1", "Số").

    Args:
        height: height of the result in pixels; None keeps the line's own.

    Returns:
        height x width x 3, the width in proportion, at least 1 x 1.
    """
    tall = height if height is not None else max(1, round(quad.height))
    wide = max(1, round(tall * quad.width / max(quad.height, _HALF)))
    return rectify(pixels, quad, (wide, tall))


def order_corners(points: NDArray[np.generic]) -> Quad:
    """Four corners in any order -> clockwise, starting so that the first side runs most nearly to the right.

    That is the top-left corner for everything turned by less than 45 degrees. Which side of a card is its
    own top cannot be known from its corners; the card finder says that.

    Args:
        points: 4 x 2, any numeric type.
    """
    corners = np.asarray(points, np.float64).reshape(4, 2)
    offset = corners - corners.mean(axis=0)
    # y points down, so a growing angle runs clockwise
    corners = corners[np.argsort(np.arctan2(offset[:, 1], offset[:, 0]))]
    sides = np.roll(corners, -1, axis=0) - corners
    rightward = sides[:, 0] / np.maximum(np.linalg.norm(sides, axis=1), 1e-9)
    return Quad(np.roll(corners, -int(rightward.argmax()), axis=0).astype(np.float32))


def align_face(pixels: Pixels, landmarks: NDArray[np.float32], size: int = ARCFACE_SIZE) -> Pixels:
    """Turn, scale and shift a face so that its five landmarks fall on the ArcFace template.

    Args:
        landmarks: 5 x 2, order of `Face.landmarks`.

    Returns:
        size x size x 3.
    """
    template = (ARCFACE_TEMPLATE + _HALF) * (size / ARCFACE_SIZE)
    matrix = np.vstack([similarity_transform(landmarks, template), [0.0, 0.0, 1.0]])
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    return _warp(pixels, matrix, (size, size), 1 / max(scale, 1e-9))


def similarity_transform(source: NDArray[np.float32], target: NDArray[np.float32]) -> _Matrix:
    """The 2 x 3 matrix of rotation, scale and shift that best maps source onto target (least squares).

    With points as complex numbers, the best `a` in target = a * source + b is the ordinary regression
    slope; the same optimum as Umeyama (PAMI 1991) without reflection.
    """
    z = source[:, 0].astype(np.complex128) + 1j * source[:, 1]
    w = target[:, 0].astype(np.complex128) + 1j * target[:, 1]
    spread = z - z.mean()
    a = np.vdot(spread, w - w.mean()) / max(float(np.vdot(spread, spread).real), 1e-9)
    b = w.mean() - a * z.mean()
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def rotate_quarter(image: Image, turns: int) -> Image:
    """The picture turned clockwise by `turns` quarter turns."""
    if turns % 4 == 0:
        return image
    return Image(np.ascontiguousarray(np.rot90(image.pixels, k=-turns)))


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, in [0, 1]."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    tall = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    both = wide * tall
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def non_maximum_suppression(
    boxes: NDArray[np.floating], scores: NDArray[np.floating], threshold: float
) -> list[int]:
    """Indices of the boxes to keep, best first: each overlaps no better kept one by more than `threshold` (IoU).

    Args:
        boxes: N x 4, x0 y0 x1 y1.
        scores: N.
    """
    corners = boxes.astype(np.float64)
    areas = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        overlap = np.minimum(corners[best, 2:], corners[left, 2:]) - np.maximum(
            corners[best, :2], corners[left, :2]
        )
        both = np.prod(np.maximum(overlap, 0), axis=1)
        union = np.maximum(areas[best] + areas[left] - both, 1e-9)
        left = left[both / union <= threshold]
    return kept


def _warp(pixels: Pixels, matrix: _Matrix, size: tuple[int, int], shrink: float) -> Pixels:
    """`matrix` maps continuous source coordinates to target ones; `shrink` is source pixels per target pixel."""
    factor = int(shrink)
    if factor >= 2:  # bilinear sampling alone would skip source pixels (aliasing)
        height, width = pixels.shape[:2]
        small = (max(1, width // factor), max(1, height // factor))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([width / small[0], height / small[1], 1.0])
    to_centres = np.array([[1.0, 0.0, _HALF], [0.0, 1.0, _HALF], [0.0, 0.0, 1.0]])
    by_index = np.linalg.inv(to_centres) @ matrix @ to_centres
    warped = cv2.warpPerspective(
        pixels, by_index, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)
