"""Corners of a card made exact by what is printed on it: lines of text are level.

A corner found two hundredths of the card's width off tilts a whole line by a row's height at its far end.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.types import Quad
from pipelines.documents.layout import FRAME

_SHORTEST = 0.15
"""Of the card's width: the slope of a shorter box is mostly noise."""
_FEWEST = 4
_LEAST_DRIFT = 3.0
"""Pixels of the frame from one side of the card to the other: below, there is nothing to gain."""
_STEEPEST = 0.25
"""Slope: a steeper text is not this card's."""
_OUTLIER = 0.02
"""Slope: boxes farther than this from the fit (or twice the median distance) are left out of a second fit."""


def on_photo(quad: Quad, card: Quad) -> Quad:
    """From pixels of the rectified frame to pixels of the photo."""
    return _mapped(quad, _frame_to(card))


def in_frame(quad: Quad, card: Quad) -> Quad:
    """From pixels of the photo to pixels of the rectified frame."""
    return _mapped(quad, np.asarray(np.linalg.inv(_frame_to(card)), np.float64))


def straightened(card: Quad, boxes: Sequence[Quad]) -> Quad:
    """The card's quad on the photo, corrected so that its lines of text are level.

    Args:
        boxes: of text, in pixels of the frame that `card` rectifies to.

    Returns:
        `card` itself where the text is level already or too scarce to tell.
    """
    long = [box for box in boxes if box.width > _SHORTEST * FRAME[0]]
    seen = np.array([(box.centre[1] - FRAME[1] / 2, _slope(box), box.width) for box in long])
    if len(long) < _FEWEST:
        return card
    fit = _fitted(seen)
    if fit is None:
        return card
    tilt, fan = fit
    edges = Quad.of_box(0, 0, *FRAME).corners.astype(np.float64)
    slopes = tilt + fan * (edges[:, 1] - FRAME[1] / 2)
    drift = slopes * (edges[:, 0] - FRAME[0] / 2)
    if np.abs(drift).max() * 2 < _LEAST_DRIFT or np.abs(slopes).max() > _STEEPEST:
        return card
    moved = edges + np.stack([np.zeros(4), drift], axis=1)
    return on_photo(Quad(moved.astype(np.float32)), card)


def _slope(box: Quad) -> float:
    """Mean of the upper and the lower edge; y grows downwards."""
    tl, tr, br, bl = box.corners.astype(np.float64)
    along = (tr - tl) + (br - bl)
    return float(along[1] / along[0]) if abs(along[0]) > 1 else 0.0


def _fitted(seen: NDArray[np.float64]) -> tuple[float, float] | None:
    """Slope at the card's middle and its change per pixel downwards, by width-weighted least squares, twice."""
    kept = seen[np.abs(seen[:, 1] - np.median(seen[:, 1])) < _STEEPEST]
    for _ in range(2):
        if len(kept) < _FEWEST:
            return None
        y, slope, width = kept.T
        weight = np.sqrt(width)
        design = np.stack([np.ones_like(y), y], axis=1) * weight[:, None]
        (tilt, fan), *_ = np.linalg.lstsq(design, slope * weight, rcond=None)
        distance = np.abs(kept[:, 1] - tilt - fan * kept[:, 0])
        kept = kept[distance <= max(_OUTLIER, 2 * float(np.median(distance)))]
    return float(tilt), float(fan)


def _frame_to(card: Quad) -> NDArray[np.float64]:
    frame = Quad.of_box(0, 0, *FRAME).corners
    return np.asarray(cv2.getPerspectiveTransform(frame, card.corners), np.float64)


def _mapped(quad: Quad, matrix: NDArray[np.float64]) -> Quad:
    moved = cv2.perspectiveTransform(quad.corners.reshape(1, 4, 2).astype(np.float64), matrix)
    return Quad(np.asarray(moved.reshape(4, 2), np.float32))
