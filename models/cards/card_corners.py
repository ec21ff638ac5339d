"""A small heatmap network of our own that finds cards, their corners and which corner is the printed top-left.

The network sees a square view: the picture scaled into the middle of a grey square, so that corners slightly
outside the picture still have a place. It answers one heatmap per *printed* corner (top-left, top-right,
bottom-right, bottom-left) at a quarter of the input's resolution and one logit for "there is a card".
Closer looks at the card it has just found, upright and filling the view, sharpen the corners and follow those that
lie beyond the picture. A card found is painted over before the next is looked for; where the whole picture shows
none, its parts are searched for a tiny one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cards.views import View, as_tensor, card_view, frame_view, painted_over, reduced
from models.geometry import order_corners
from models.session import OnnxSession
from models.types import CardLocation, Image, Pixels, Quad

STRIDE = 4
"""Input pixels per heatmap cell; the network's design."""
PEAK_RADIUS = 3
"""Cells around a peak that count as that peak; training targets have a standard deviation of one cell."""
CLOSE_LOOKS = 4
"""At most; a card that filled little of the picture, stood askew or is cut by its edge needs more than one."""
SETTLED = 0.01
"""A look that moves the corners by less than this share of the diagonal is the last: half the error allowed."""
SMALLEST_SHARE = 0.004
"""A quad smaller than this share of the view is no card; training shows none below 0.008."""
SHAPES = (1.05, 2.4)
"""Width by height of a quad that may be a card or a passport's page seen at an angle; 1.42 and 1.59 seen from above."""
LIKELY_SKEW = 0.22
"""Logarithm of the ratio of opposite sides: 1 of 132 good photos of the camera model passes it."""
SECOND_STARTS = (1.0, 1.3)
"""Size of the rectangles about a skewed find from which the corners are settled anew."""
MOST_CARDS = 8
SAME_CARD = 0.3
"""Overlap, share of the smaller card, above which two finds are one card: cards do not lie on one another."""
TILE = 0.4
"""Of the longer side: side of the squares a picture is searched in where the whole shows nothing; a third of each is
shared with the next."""

_Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """Corners (4 x 2, picture coordinates, semantic order) and the chance that a card is there."""

    corners: NDArray[np.float32]
    presence: float


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
    """Finds cards. Implements `models.ports.CardFinder`; immutable, safe to call from many threads.

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
        """The cards, the largest first. A score is the smallest presence of all looks."""
        small = reduced(image.pixels)
        found = self._one_by_one(small, (0, 0, small.shape[1], small.shape[0]))
        if not found:
            for tile in _tiles(small):
                found = _distinct([*found, *self._one_by_one(small, tile)])
        grown = np.array([image.width / small.shape[1], image.height / small.shape[0]], np.float32)
        found.sort(key=lambda guess: -cv2.contourArea(guess.corners))
        return [CardLocation(Quad(guess.corners * grown), guess.presence) for guess in found]

    def _one_by_one(self, pixels: Pixels, box: tuple[int, int, int, int]) -> list[Guess]:
        """Cards seen in one part of a picture, x0 y0 x1 y1; each is painted over before the next look."""
        x0, y0, x1, y1 = box
        found: list[Guess] = []
        left = pixels
        while len(found) < MOST_CARDS:
            first = self._look(frame_view(left[y0:y1, x0:x1], self._size))
            if first is None or first.presence < self._threshold:
                break
            shift = np.array([x0, y0], np.float32)
            card = self._settled(left, Guess(first.corners + shift, first.presence))
            if card is None or len(_distinct([*found, card])) == len(found):
                break
            found.append(card)
            left = painted_over(left, card.corners)
        return found

    def _settled(self, pixels: Pixels, guess: Guess) -> Guess | None:
        """The corners after closer looks, with a second start where they end up skewed as no photo shows a card; None when
        a closer look shows no card."""
        settled = self._closer(pixels, guess)
        if settled is None or _skew(settled.corners) < LIKELY_SKEW:
            return settled
        starts = [
            Guess(_about(settled.corners, grown), settled.presence) for grown in SECOND_STARTS
        ]
        again = [found for start in starts if (found := self._closer(pixels, start))]
        return min([settled, *again], key=lambda found: _skew(found.corners))

    def _closer(self, pixels: Pixels, guess: Guess) -> Guess | None:
        score = guess.presence
        for _ in range(CLOSE_LOOKS):
            closer = self._look(card_view(pixels, guess.corners, self._size))
            if closer is None or closer.presence < self._threshold:
                return None
            moved = np.linalg.norm(closer.corners - guess.corners, axis=1).max()
            guess, score = closer, min(score, closer.presence)
            if moved < SETTLED * np.linalg.norm(guess.corners[0] - guess.corners[2]):
                break
        quad = Quad(guess.corners)
        shaped = SHAPES[0] <= quad.width / max(quad.height, 1.0) <= SHAPES[1]
        return Guess(guess.corners, score) if shaped else None

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


def _skew(corners: NDArray[np.float32]) -> float:
    """0 for a parallelogram: the larger of the logarithms of the ratios of opposite sides."""
    sides = np.maximum(np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1), 1e-6)
    return float(np.abs(np.log(sides[:2] / sides[2:])).max())


def _about(corners: NDArray[np.float32], grown: float) -> NDArray[np.float32]:
    """The smallest rectangle that holds a quad, enlarged, its corners in the same order."""
    centre, (wide, tall), lean = cv2.minAreaRect(corners)
    box = cv2.boxPoints((centre, (wide * grown, tall * grown), lean)).astype(np.float32)
    orders = [np.roll(way, k, axis=0) for way in (box, box[::-1]) for k in range(4)]
    return min(orders, key=lambda order: float(np.linalg.norm(order - corners)))


def _tiles(pixels: Pixels) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping squares that cover a picture, x0 y0 x1 y1."""
    height, width = pixels.shape[:2]
    side = max(1, round(TILE * max(height, width)))

    def starts(length: int) -> list[int]:
        room = max(0, length - side)
        count = 1 + int(np.ceil(room / (side * 2 / 3)))
        return [round(x) for x in np.linspace(0, room, count)]

    for y in starts(height):
        for x in starts(width):
            yield x, y, min(x + side, width), min(y + side, height)


def _distinct(guesses: list[Guess]) -> list[Guess]:
    """The surest of those that overlap."""
    kept: list[Guess] = []
    for guess in sorted(guesses, key=lambda g: -g.presence):
        if all(_overlap(guess.corners, other.corners) < SAME_CARD for other in kept):
            kept.append(guess)
    return kept


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Of two convex quads: what they share, by the smaller one's area."""
    both = cv2.intersectConvexConvex(order_corners(a).corners, order_corners(b).corners)[0]
    return float(both) / max(min(cv2.contourArea(a), cv2.contourArea(b)), 1.0)
