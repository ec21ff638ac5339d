"""A small heatmap network of our own that finds the four corners of one card and tells which is its top-left.

The network sees a square view: the picture scaled into the middle of a grey square, so that corners slightly
outside the picture still have a place. It answers one heatmap per *printed* corner (top-left, top-right,
bottom-right, bottom-left) at a quarter of the input's resolution and one logit for "there is a card".
Closer looks at the card it has just found, upright and filling the view, sharpen the corners.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import rectify
from models.session import OnnxSession
from models.types import CardLocation, Image, Pixels, Quad

STRIDE = 4
"""Input pixels per heatmap cell; the network's design."""
INNER_SHARE = 0.9
"""Share of the square the picture fills; training uses the same function."""
GREY = 128
PEAK_RADIUS = 3
"""Cells around a peak that count as that peak; training targets have a standard deviation of one cell."""
CLOSE_LOOK_MARGIN = 0.12
"""Ground left around the card for a closer look, share of the card's sides."""
CLOSE_LOOKS = 3
"""At most; a card that filled little of the picture, or stood askew, needs more than one."""
SETTLED = 0.01
"""A look that moves the corners by less than this share of the diagonal is the last: half the error allowed."""
CARD_ASPECT = 85.6 / 53.98
"""ID-1, ISO/IEC 7810."""
SMALLEST_SHARE = 0.005
"""A quad smaller than this share of the view is no card; training shows none below 0.02."""

WORKING_SIDE = 800
"""Longest side, pixels, the looks work on: four times a view's, so that nothing they could see is lost."""

_Map = NDArray[np.float32]
_Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A square input and the way back: `to_view` maps picture coordinates to view coordinates (3 x 3)."""

    pixels: Pixels
    to_view: _Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """Corners (4 x 2, picture coordinates, semantic order) and the chance that a card is there."""

    corners: NDArray[np.float32]
    presence: float


def inner_box(width: float, height: float, size: int) -> tuple[int, int, int, int]:
    """x, y, w, h in pixels: where a picture of this shape goes in a square view."""
    factor = INNER_SHARE * size / max(width, height)
    w, h = max(1, round(width * factor)), max(1, round(height * factor))
    return (size - w) // 2, (size - h) // 2, w, h


def frame_view(pixels: Pixels, size: int) -> View:
    """The whole picture in a grey square of size x size."""
    height, width = pixels.shape[:2]
    x, y, w, h = inner_box(width, height, size)
    way = cv2.INTER_AREA if w < width else cv2.INTER_LINEAR
    square = np.full((size, size, 3), GREY, np.uint8)
    square[y : y + h, x : x + w] = cv2.resize(pixels, (w, h), interpolation=way)
    return View(square, np.array([[w / width, 0, x], [0, h / height, y], [0, 0, 1]], np.float64))


def card_view(pixels: Pixels, corners: NDArray[np.float32], size: int) -> View:
    """A card cut out upright with some ground around it, in a grey square of size x size."""
    x, y, w, h = inner_box(CARD_ASPECT, 1.0, size)
    margin = CLOSE_LOOK_MARGIN
    unit = Quad.of_box(0, 0, 1, 1).corners
    wider = Quad.of_box(-margin, -margin, 1 + margin, 1 + margin).corners
    onto_card = cv2.getPerspectiveTransform(unit, corners)
    around = cv2.perspectiveTransform(wider.reshape(1, 4, 2), onto_card).reshape(4, 2)
    target = Quad.of_box(x, y, x + w, y + h).corners
    matrix = cv2.getPerspectiveTransform(np.asarray(around, np.float32), target)
    shown = Quad(np.asarray(around, np.float32))
    square = np.full((size, size, 3), GREY, np.uint8)
    square[y : y + h, x : x + w] = rectify(pixels, shown, (w, h))
    # Beyond the picture the view is grey, as in training, not the picture's last row drawn out.
    known = cv2.warpPerspective(
        np.ones(pixels.shape[:2], np.uint8), matrix, (size, size), flags=cv2.INTER_NEAREST
    )
    square[known == 0] = GREY
    return View(square, np.asarray(matrix, np.float64))


def as_tensor(view: Pixels) -> NDArray[np.float32]:
    """1 x 3 x size x size in about [-1, 1]; the grey of the border is 0."""
    planes = (view.astype(np.float32) - GREY) / GREY
    return np.ascontiguousarray(planes.transpose(2, 0, 1)[None])


def _reduced(pixels: Pixels) -> Pixels:
    """The picture no larger than the looks need."""
    height, width = pixels.shape[:2]
    factor = WORKING_SIDE / max(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _softmax(logits: _Map) -> _Map:
    flat = logits.reshape(len(logits), -1)
    grown = np.exp(flat - flat.max(axis=1, keepdims=True))
    return np.asarray((grown / grown.sum(axis=1, keepdims=True)).reshape(logits.shape), np.float32)


def _window(centre: tuple[int, int], shape: tuple[int, ...]) -> tuple[slice, slice]:
    row, column = centre
    return (
        slice(max(0, row - PEAK_RADIUS), min(shape[-2], row + PEAK_RADIUS + 1)),
        slice(max(0, column - PEAK_RADIUS), min(shape[-1], column + PEAK_RADIUS + 1)),
    )


def corners_of(logits: _Map) -> NDArray[np.float32] | None:
    """Heatmap logits, 4 x H x W -> corners in view pixels, 4 x 2, semantic order, or None without a sane quad.

    The four places are the peaks of the summed maps; which of them is the top-left is decided by all four
    maps together, because a blurred card may leave one map torn between two corners.
    """
    maps = _softmax(logits)
    left = maps.sum(axis=0)
    places, masses = [], []
    for _ in range(4):
        row, column = np.unravel_index(int(left.argmax()), left.shape)
        part = _window((int(row), int(column)), left.shape)
        weight = left[part].copy()
        rows, columns = np.mgrid[part]
        total = float(weight.sum())
        places.append(
            [float((columns * weight).sum()) / total, float((rows * weight).sum()) / total]
        )
        masses.append(maps[:, part[0], part[1]].sum(axis=(1, 2)))
        left[part] = 0
    points = (np.array(places) + 0.5) * STRIDE
    offset = points - points.mean(axis=0)
    # y points down, so a growing angle runs clockwise
    turn = np.argsort(np.arctan2(offset[:, 1], offset[:, 0]))
    belief = np.log(np.array(masses)[turn] + 1e-6)
    scores = [sum(belief[(k + shift) % 4, k] for k in range(4)) for shift in range(4)]
    corners = np.roll(points[turn], -int(np.argmax(scores)), axis=0).astype(np.float32)
    return corners if _sane(corners, logits.shape[-1] * STRIDE) else None


def _sane(corners: NDArray[np.float32], size: int) -> bool:
    """A convex quad that is not tiny."""
    area = float(cv2.contourArea(corners))
    return bool(cv2.isContourConvex(corners.astype(np.int32).reshape(-1, 1, 2))) and (
        area > SMALLEST_SHARE * size * size
    )


class CardCorners:
    """Finds one card. Implements `models.ports.CardFinder`; immutable, safe to call from many threads.

    Args:
        session: outputs heatmap logits 1 x 4 x S/4 x S/4 and a presence logit 1 x 1 for an input 1 x 3 x S x S.
        presence_threshold: smallest score of a card, [0, 1], from the pack's calibration.
        input_size: S, pixels.
    """

    def __init__(self, session: OnnxSession, *, presence_threshold: float, input_size: int) -> None:
        self._session = session
        self._threshold = presence_threshold
        self._size = input_size

    def find(self, image: Image) -> list[CardLocation]:
        """The card, or nothing. The score is the smallest presence of all looks."""
        small = _reduced(image.pixels)
        guess = self._look(frame_view(small, self._size))
        if guess is None or guess.presence < self._threshold:
            return []
        score = guess.presence
        for _ in range(CLOSE_LOOKS):
            closer = self._look(card_view(small, guess.corners, self._size))
            if closer is None or closer.presence < self._threshold:
                return []
            moved = np.linalg.norm(closer.corners - guess.corners, axis=1).max()
            guess, score = closer, min(score, closer.presence)
            if moved < SETTLED * np.linalg.norm(guess.corners[0] - guess.corners[2]):
                break
        grown = np.array([image.width / small.shape[1], image.height / small.shape[0]], np.float32)
        return [CardLocation(Quad(guess.corners * grown), score)]

    def _look(self, view: View) -> Guess | None:
        heatmaps, presence = self._session.run(
            {self._session.input_names[0]: as_tensor(view.pixels)}
        )
        corners = corners_of(heatmaps[0])
        if corners is None:
            return None
        back = np.linalg.inv(view.to_view)
        mapped = cv2.perspectiveTransform(corners.reshape(1, 4, 2).astype(np.float64), back)
        chance = 1.0 / (1.0 + float(np.exp(-float(presence.ravel()[0]))))
        return Guess(np.asarray(mapped.reshape(4, 2), np.float32), chance)
