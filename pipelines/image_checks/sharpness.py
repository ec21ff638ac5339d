"""Is the print of a card sharp enough to be read?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.types import Pixels
from pipelines.types import ConcernKind, ImageCheck, Outcome

SMOOTHED = 0.7
"""Pixels of the halved card: takes the edge off a sensor's noise, which would pass for detail."""
REBLUR = 9
"""Pixels: length of the averaging of Crete et al."""
BLURRED = 0.44
"""Photos of the tuning seeds (48, of every level of `specimens.camera`) measure up to 0.40; blurred by a Gaussian of 3 to 7
pixels per 1000 pixels of card width, where print is no longer read, from 0.47."""


def blur_of(rectified: Pixels) -> float:
    """How much of the picture's detail survives another blurring, in [0, 1]: a sharp picture loses most of it.

    The measure of Crete, Dolmiere, Ladret and Nicolas, "The blur effect" (SPIE 6492, 2007), on the card at half of
    the frame's size (506 x 319).
    """
    grey = cv2.cvtColor(rectified, cv2.COLOR_BGR2GRAY).astype(np.float32)
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    smooth = np.asarray(cv2.GaussianBlur(half, (0, 0), SMOOTHED), np.float32)
    return max(_kept(smooth, axis) for axis in (0, 1))


def check_sharpness(rectified: Pixels) -> ImageCheck:
    blur = blur_of(rectified)
    return ImageCheck(ConcernKind.BLURRED, Outcome.FAIL if blur > BLURRED else Outcome.PASS, blur)


def _kept(grey: NDArray[np.float32], axis: int) -> float:
    size = (1, REBLUR) if axis == 0 else (REBLUR, 1)
    again = np.asarray(cv2.blur(grey, size), np.float32)
    before, after = (np.abs(np.diff(x, axis=axis)) for x in (grey, again))
    lost = float(np.maximum(0, before - after).sum())
    whole = float(before.sum())
    return 1.0 - lost / whole if whole > 0 else 1.0
