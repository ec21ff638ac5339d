"""Is what was photographed the card itself, or a photocopy of it?"""

from __future__ import annotations

import cv2
import numpy as np

from models.types import CardLooks, Image, Pixels
from pipelines.types import ConcernKind, ImageCheck, Outcome

_SMALL = (248, 156)
"""Pixels: colour is judged on the card at this size, where print is blurred away and areas remain."""
_EDGE = 0.03
"""Of the card's sides, left out: a corner found badly shows the ground there."""
_WHITE = 97.0
"""Percentile of each channel taken for white: a lamp's or a camera's tint is divided out by it."""
_AREA_BLUR = 2.0
_MOST_COLOURED = 99.0
COLOURLESS = 0.02
"""Distance from grey, share of white, of the card's most coloured hundredth. 264 close photos of the tuning seeds: copies
0.002 to 0.018 but for one at 0.06, genuine cards from 0.0235 (5th percentile 0.05), lamp light and grey desks among them."""
_NO_COLOUR_AT_ALL = 1
"""Grey levels between channels: a picture that nowhere differs by more was stored without colour, of whatever."""


def colour_of(rectified: Pixels) -> float:
    """Distance from grey of the card's most coloured hundredth, tint divided out; share of white, 0 to about 1."""
    height, width = rectified.shape[:2]
    x, y = round(_EDGE * width), round(_EDGE * height)
    small = cv2.resize(
        rectified[y : height - y, x : width - x], _SMALL, interpolation=cv2.INTER_AREA
    )
    white = np.percentile(small.reshape(-1, 3), _WHITE, axis=0) + 1.0
    balanced = small.astype(np.float32) / white.astype(np.float32)
    chroma = balanced - balanced.mean(axis=2, keepdims=True)
    areas = cv2.GaussianBlur(chroma, (0, 0), _AREA_BLUR)
    usual = np.median(areas.reshape(-1, 3), axis=0)
    distance = np.linalg.norm(areas - usual, axis=2)
    return float(np.percentile(distance, _MOST_COLOURED))


def check_photocopy(
    image: Image, rectified: Pixels, looks: CardLooks, *, detailed: bool
) -> ImageCheck:
    """A card without colour in a picture that has some, or what looks like a copy to the judge; measure: `colour_of`.

    Not assessed where the picture is blurred or too small to accuse anybody by, or was stored without colour.
    """
    colour = colour_of(rectified)
    if not detailed or _stored_grey(image.pixels):
        return ImageCheck(ConcernKind.PHOTOCOPY, Outcome.NOT_ASSESSED, colour)
    copied = any(mark.kind == ConcernKind.PHOTOCOPY and mark.due for mark in looks.marks)
    outcome = Outcome.FAIL if colour < COLOURLESS or copied else Outcome.PASS
    return ImageCheck(ConcernKind.PHOTOCOPY, outcome, colour)


def _stored_grey(pixels: Pixels) -> bool:
    blue, green, red = cv2.split(pixels)
    return all(
        float(cv2.minMaxLoc(cv2.absdiff(green, other))[1]) <= _NO_COLOUR_AT_ALL
        for other in (blue, red)
    )
