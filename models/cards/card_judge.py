"""A small network of our own that looks at a card already found: is it a copy, a screen, damaged, covered, tampered with?

It sees the card upright with some ground around it, and the mean spectrum of squares cut from the photo's own pixels,
in which the grid of a screen, its moire and a printer's dots stand out as points. It answers logits about the sheet as
a whole, and maps of logits about marks on it.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cards.views import GREY
from models.geometry import rectify
from models.session import OnnxSession
from models.types import CardLooks, Image, Mark, Pixels, Quad

VIEW = (576, 384)
"""Width and height of the upright card with its ground, pixels; multiples of the network's stride."""
MARGIN = (0.08, 0.13)
"""Ground around the card, share of its width and of its height: as many pixels on every side."""
SQUARE = 128
"""Pixels of the photo: side of a square whose spectrum is taken; about a tenth of a card's width."""
SQUARES = (4, 3)
"""Across and down: squares evenly spread over the card."""
LARGEST_CARD = 1600.0
"""Pixels: a wider card is scaled down first, so that a square holds about as much of it as in training."""

Map: TypeAlias = NDArray[np.float32]


def _around(card: Quad) -> Quad:
    """The card with its ground, in pixels of the photo."""
    unit = Quad.of_box(0, 0, 1, 1).corners
    wide, tall = MARGIN
    wider = Quad.of_box(-wide, -tall, 1 + wide, 1 + tall).corners.reshape(1, 4, 2)
    onto_card = cv2.getPerspectiveTransform(unit, card.corners)
    return Quad(np.asarray(cv2.perspectiveTransform(wider, onto_card).reshape(4, 2), np.float32))


def view_matrix(card: Quad) -> NDArray[np.float64]:
    """Pixels of the photo to pixels of the view, 3 x 3."""
    target = Quad.of_box(0, 0, *VIEW).corners
    return np.asarray(cv2.getPerspectiveTransform(_around(card).corners, target), np.float64)


def card_view(pixels: Pixels, card: Quad) -> Pixels:
    """The card upright with ground around it, VIEW; grey beyond the photo."""
    around = _around(card)
    view = rectify(pixels, around, VIEW)
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = around.box
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        seen = cv2.warpPerspective(
            np.ones((height, width), np.uint8), view_matrix(card), VIEW, flags=cv2.INTER_NEAREST
        )
        view[seen == 0] = GREY
    return view


def spectrum_of(pixels: Pixels, card: Quad) -> Map:
    """Mean log-magnitude spectrum of squares of the photo, SQUARE x SQUARE float32, zero frequency in the middle;
    each ring of frequencies has its mean taken off and the whole its spread divided out."""
    x0, y0, x1, y1 = card.box
    height, width = pixels.shape[:2]
    left, top = max(0, int(x0)), max(0, int(y0))
    part = pixels[top : max(top + 1, min(height, int(y1) + 1)), left : max(left + 1, min(width, int(x1) + 1))]  # fmt: skip
    corners = card.corners - np.array([left, top], np.float32)
    shrink = card.width / LARGEST_CARD
    if shrink > 1:
        part = cv2.resize(part, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        corners = corners / np.float32(shrink)
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.float32)
    window = np.outer(np.hanning(SQUARE), np.hanning(SQUARE)).astype(np.float32)
    onto = cv2.getPerspectiveTransform(Quad.of_box(0, 0, 1, 1).corners, corners)
    across, down = SQUARES
    grid = [((i + 0.5) / across, (j + 0.5) / down) for j in range(down) for i in range(across)]
    centres = cv2.perspectiveTransform(np.array([grid], np.float32), onto)[0]
    squares = np.stack([_square(grey, x, y) for x, y in centres])
    squares = (squares - squares.mean(axis=(1, 2), keepdims=True)) * window
    power = np.log1p(np.abs(np.fft.fftshift(np.fft.fft2(squares), axes=(1, 2))))
    return _flattened(np.asarray(power.mean(axis=0), np.float32))


def _square(grey: NDArray[np.float32], x: float, y: float) -> NDArray[np.float32]:
    """A square of the picture around a place, moved inside; mirrored where the picture is smaller."""
    height, width = grey.shape
    left = int(np.clip(x - SQUARE / 2, 0, max(0, width - SQUARE)))
    top = int(np.clip(y - SQUARE / 2, 0, max(0, height - SQUARE)))
    cut = grey[top : top + SQUARE, left : left + SQUARE]
    short = SQUARE - cut.shape[0], SQUARE - cut.shape[1]
    if short == (0, 0):
        return cut
    return np.pad(cut, ((0, short[0]), (0, short[1])), mode="symmetric")


def _flattened(power: Map) -> Map:
    """Without the fall towards high frequencies that every picture has."""
    half = SQUARE // 2
    ys, xs = np.mgrid[-half:half, -half:half]
    ring = np.hypot(ys, xs).astype(np.int64).ravel()
    flat = power.ravel().astype(np.float64)
    counts = np.bincount(ring)
    means = np.bincount(ring, flat) / counts
    rest = flat - means[ring]
    spread = max(float(rest.std()), 1e-3)
    return np.asarray((rest / spread).reshape(power.shape), np.float32)


class CardJudge:
    """Implements `models.ports.CardJudge`; immutable, safe to call from many threads.

    Args:
        session: inputs `card` 1 x 3 x 384 x 576 and `spectrum` 1 x 1 x 128 x 128; outputs `sheet` logits 1 x S and
            `marks` logits 1 x M x H x W. Metadata: `sheet` and `marks`, their names; `thresholds`, logits in that
            order above which a warning is due.
    """

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self._sheet = tuple(session.metadata["sheet"].split(","))
        self._marks = tuple(session.metadata["marks"].split(","))
        numbers = [float(x) for x in session.metadata["thresholds"].split(",")]
        if len(numbers) != len(self._sheet) + len(self._marks):
            raise ValueError("one threshold per name")
        self._thresholds = np.array(numbers, np.float64)

    def judge(self, image: Image, card: Quad) -> CardLooks:
        """Chances that are 0.5 at the pack's thresholds."""
        view = card_view(image.pixels, card)
        sheet, maps = self._session.run(
            {
                "card": as_tensor(view),
                "spectrum": spectrum_of(image.pixels, card)[None, None],
            }
        )
        split = len(self._sheet)
        whole = _chance(sheet[0] - self._thresholds[:split])
        marks = [
            _strongest(name, maps[0, k] - self._thresholds[split + k])
            for k, name in enumerate(self._marks)
        ]
        return CardLooks(dict(zip(self._sheet, whole, strict=True)), tuple(marks))


def as_tensor(view: Pixels) -> NDArray[np.float32]:
    """1 x 3 x H x W in about [-1, 1]."""
    planes = (view.astype(np.float32) - GREY) / GREY
    return np.ascontiguousarray(planes.transpose(2, 0, 1)[None])


def _strongest(name: str, logits: NDArray[np.floating]) -> Mark:
    row, column = np.unravel_index(int(logits.argmax()), logits.shape)
    wide, tall = MARGIN
    x = (column + 0.5) / logits.shape[1] * (1 + 2 * wide) - wide
    y = (row + 0.5) / logits.shape[0] * (1 + 2 * tall) - tall
    return Mark(name, _chance(logits[row, column : column + 1])[0], (float(x), float(y)))


def _chance(logits: NDArray[np.floating]) -> list[float]:
    return [float(x) for x in 1.0 / (1.0 + np.exp(-np.clip(logits.astype(np.float64), -60, 60)))]
