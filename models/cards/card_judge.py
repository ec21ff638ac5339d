"""A small network that looks at a card already found for marks: a corner cut off, a hole punched, a field covered,
print or portrait tampered with. It sees the card upright with some ground around it and answers maps of logits.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cards.views import GREY
from models.geometry import rectify
from models.session import OnnxSession
from models.types import CardLooks, Image, Mark, Pixels, Quad

VIEW = (288, 192)
"""Width and height of the upright card with its ground, pixels; multiples of the network's stride."""
MARGIN = (0.08, 0.13)
"""Ground around the card, share of its width and of its height: as many pixels on every side."""


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


class CardJudge:
    """Implements `models.ports.CardJudge`; immutable, safe to call from many threads.

    Args:
        session: input `card` 1 x 3 x 192 x 288; output `marks`, logits 1 x M x H x W. Metadata: `marks`, their names;
            `thresholds`, logits in that order above which a warning is due.
    """

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self._marks = tuple(session.metadata["marks"].split(","))
        self._thresholds = [float(x) for x in session.metadata["thresholds"].split(",")]
        if len(self._thresholds) != len(self._marks):
            raise ValueError("one threshold per name")

    def judge(self, image: Image, card: Quad) -> CardLooks:
        """Chances that are 0.5 at the model's thresholds."""
        (maps,) = self._session.run({"card": as_tensor(card_view(image.pixels, card))})
        named = zip(self._marks, maps[0], self._thresholds, strict=True)
        return CardLooks(tuple(_strongest(name, logits - due) for name, logits, due in named))


def as_tensor(view: Pixels) -> NDArray[np.float32]:
    """1 x 3 x H x W in about [-1, 1]."""
    planes = (view.astype(np.float32) - GREY) / GREY
    return np.ascontiguousarray(planes.transpose(2, 0, 1)[None])


def _strongest(name: str, logits: NDArray[np.floating]) -> Mark:
    row, column = np.unravel_index(int(logits.argmax()), logits.shape)
    wide, tall = MARGIN
    x = (column + 0.5) / logits.shape[1] * (1 + 2 * wide) - wide
    y = (row + 0.5) / logits.shape[0] * (1 + 2 * tall) - tall
    chance = 1.0 / (1.0 + float(np.exp(-np.clip(float(logits[row, column]), -60, 60))))
    return Mark(name, chance, (float(x), float(y)))
