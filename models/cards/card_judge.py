"""A small network that looks at a card already found: is it there itself or a copy or a screen that shows it, does the
photo cut it off, is a corner missing, a hole punched, a field covered, print or portrait tampered with?

It sees three things: the card upright with some ground around it, the whole photo made small, and the spectrum of the
photo's own pixels on the card, in which the grid of a screen shows as a point.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cards.views import GREY, as_tensor, frame_view
from models.geometry import rectify
from models.session import OnnxSession
from models.types import CardLooks, Image, Mark, Pixels, Quad

VIEW = (336, 224)
"""Width and height of the upright card with its ground, pixels; multiples of the network's stride."""
MARGIN = (0.08, 0.13)
"""Ground around the card, share of its width and of its height: as many pixels on every side."""
PHOTO = 192
"""Side of the square in which the whole photo is shown, pixels."""
ENOUGH = 380.0
"""Pixels of the card's width that the two views need: a photo is halved, which is cheap, as long as more are left."""
SQUARE = 128
"""Pixels of the photo: side of a square whose spectrum is taken."""
SQUARES = (4, 3)
_SMOOTH = 25
"""Pixels: what varies more slowly than this is shading and print."""
_MIDDLE, _SPREAD = 4.0, 2.0
"""Of a logarithm of amplitude, so that the network sees numbers around zero."""


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


def views_of(pixels: Pixels, card: Quad) -> tuple[Pixels, Pixels]:
    """The card's view and the whole photo in a square of PHOTO."""
    while card.width >= 2 * ENOUGH:
        size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        even = pixels[: 2 * size[1], : 2 * size[0]]
        pixels = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)
        card = Quad((card.corners / 2).astype(np.float32))
    return card_view(pixels, card), frame_view(pixels, PHOTO).pixels


def grain_of(pixels: Pixels, card: Quad) -> NDArray[np.float32]:
    """Mean logarithm of amplitude over squares of the card: 2 x 128 x 64, of colour (green against magenta) and of
    brightness; rows are -64 to 63 cycles per square down, columns 0 to 63 across.

    A screen's pixels are stripes of red, green and blue side by side; a sensor samples them at its own pitch, and the
    beat, much of it coloured, is the same in every square. Print differs from square to square. The photo's own
    pixels are used, because any scaling blurs the grid away.
    """
    across, down = SQUARES
    grid = [((i + 0.5) / across, (j + 0.5) / down) for j in range(down) for i in range(across)]
    onto = cv2.getPerspectiveTransform(Quad.of_box(0, 0, 1, 1).corners, card.corners)
    centres = cv2.perspectiveTransform(np.array([grid], np.float32), onto)[0]
    squares = np.stack([_square(pixels, float(x), float(y)) for x, y in centres], axis=1)
    window = np.outer(np.hanning(SQUARE), np.hanning(SQUARE)).astype(np.float32)
    wave = np.fft.rfft2(squares * window)[..., : SQUARE // 2]
    amplitude = np.sqrt(wave.real**2 + wave.imag**2)  # faster than abs, as log is than log1p
    mean = np.log(amplitude + np.float32(1)).mean(axis=1)
    return np.asarray(np.fft.fftshift(mean, axes=1), np.float32)


def _square(pixels: Pixels, x: float, y: float) -> NDArray[np.float32]:
    """Colour and brightness, 2 x 128 x 128, around a place, moved inside the photo; without what varies slowly."""
    height, width = pixels.shape[:2]
    left = int(np.clip(x - SQUARE / 2, 0, max(0, width - SQUARE)))
    top = int(np.clip(y - SQUARE / 2, 0, max(0, height - SQUARE)))
    cut = pixels[top : top + SQUARE, left : left + SQUARE].astype(np.float32)
    short = ((0, SQUARE - cut.shape[0]), (0, SQUARE - cut.shape[1]), (0, 0))
    whole = np.pad(cut, short, mode="symmetric") if max(map(max, short)) else cut
    fine = whole - cv2.blur(whole, (_SMOOTH, _SMOOTH))
    blue, green, red = fine[:, :, 0], fine[:, :, 1], fine[:, :, 2]
    return np.stack([green - (blue + red) / 2, (blue + green + red) / 3])


def grain_tensor(grain: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network sees of it."""
    return np.asarray((grain - _MIDDLE) / _SPREAD, np.float32)


class CardJudge:
    """Implements `models.ports.CardJudge`; immutable, safe to call from many threads.

    Args:
        session: inputs `card` 1 x 3 x 224 x 336, `photo` 1 x 3 x 192 x 192, `grain` 1 x 2 x 128 x 64; outputs `marks`,
            logits 1 x M x H x W, and `whole`, logits 1 x K. Metadata: `marks` and `whole`, their names,
            empty for those that are not told; `marks_thresholds` and `whole_thresholds`, logits in that order above
            which a warning is due.
    """

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self._marks = _named(session, "marks")
        self._whole = _named(session, "whole")

    def judge(self, image: Image, card: Quad) -> CardLooks:
        """Chances that are 0.5 at the model's thresholds."""
        maps, whole = self._session.run(tensors_of(image.pixels, card))
        marks = [
            _strongest(name, logits - due)
            for (name, due), logits in zip(self._marks, maps[0], strict=True)
            if name
        ]
        of_all = [
            Mark(name, _chance(float(logit) - due), None)
            for (name, due), logit in zip(self._whole, whole[0], strict=True)
            if name
        ]
        return CardLooks((*marks, *of_all))


def tensors_of(pixels: Pixels, card: Quad) -> dict[str, NDArray[np.float32]]:
    """The network's inputs."""
    view, photo = views_of(pixels, card)
    return {
        "card": as_tensor(view),
        "photo": as_tensor(photo),
        "grain": grain_tensor(grain_of(pixels, card))[None],
    }


def _named(session: OnnxSession, output: str) -> Sequence[tuple[str, float]]:
    names = session.metadata[output].split(",")
    thresholds = session.metadata[f"{output}_thresholds"].split(",")
    return tuple(zip(names, map(float, thresholds), strict=True))


def _chance(logit: float) -> float:
    return 1.0 / (1.0 + float(np.exp(-np.clip(logit, -60, 60))))


def _strongest(name: str, logits: NDArray[np.floating]) -> Mark:
    row, column = np.unravel_index(int(logits.argmax()), logits.shape)
    wide, tall = MARGIN
    x = (column + 0.5) / logits.shape[1] * (1 + 2 * wide) - wide
    y = (row + 0.5) / logits.shape[0] * (1 + 2 * tall) - tall
    return Mark(name, _chance(float(logits[row, column])), (float(x), float(y)))
