"""Is what was photographed the card itself, or a photocopy or a screen that shows it?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.types import Image, Pixels, Quad
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

SQUARE = 128
"""Pixels of the photo: side of a square whose spectrum is taken."""
_SQUARES = (4, 3)
_SMOOTH = 25
"""Pixels: what varies more slowly than this is shading and print."""
_LOWEST, _HIGHEST = 5, 62
"""Cycles per square: where a grid may beat."""
_AXIS = 3
"""Cycles per square beside the axes, where the blocks of a JPEG leave lines, count for less."""
_AXIS_WEIGHT = 0.6
MOIRE = 7.0
"""Of the median square: the largest amplitude over its ring's mean. 80 close photos of the tuning seeds: without a screen
up to 6.5; screens whose grid the photo resolves from 7.6 to 35. The others show no grid and measure as genuine."""


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


def check_copies(image: Image, card: Quad, rectified: Pixels, *, detailed: bool) -> tuple[ImageCheck, ImageCheck]:  # fmt: skip
    """Both checks, not assessed where the picture is blurred or too small to accuse anybody by."""
    if detailed:
        return check_photocopy(image, rectified), check_screen(image, card)
    return (
        ImageCheck(ConcernKind.PHOTOCOPY, Outcome.NOT_ASSESSED),
        ImageCheck(ConcernKind.SCREEN, Outcome.NOT_ASSESSED),
    )


def check_photocopy(image: Image, rectified: Pixels) -> ImageCheck:
    """A card without colour in a picture that has some; measure: `colour_of`."""
    colour = colour_of(rectified)
    if _stored_grey(image.pixels):
        return ImageCheck(ConcernKind.PHOTOCOPY, Outcome.NOT_ASSESSED, colour)
    outcome = Outcome.FAIL if colour < COLOURLESS else Outcome.PASS
    return ImageCheck(ConcernKind.PHOTOCOPY, outcome, colour)


def _stored_grey(pixels: Pixels) -> bool:
    blue, green, red = cv2.split(pixels)
    return all(
        float(cv2.minMaxLoc(cv2.absdiff(green, other))[1]) <= _NO_COLOUR_AT_ALL
        for other in (blue, red)
    )


def moire_of(pixels: Pixels, card: Quad) -> float:
    """The strongest regular pattern of colour on a card, as a multiple of its surroundings in the spectrum.

    A screen's pixels are stripes of red, green and blue side by side; a sensor samples them at its own pitch, and the
    beat is coloured. Print and a sensor's noise hardly colour fine detail. Squares of the photo's own pixels are
    used, because any scaling blurs the grid away.
    """
    across, down = _SQUARES
    grid = [((i + 0.5) / across, (j + 0.5) / down) for j in range(down) for i in range(across)]
    onto = cv2.getPerspectiveTransform(Quad.of_box(0, 0, 1, 1).corners, card.corners)
    centres = cv2.perspectiveTransform(np.array([grid], np.float32), onto)[0]
    squares = np.stack([_square(pixels, x, y) for x, y in centres])
    window = np.outer(np.hanning(SQUARE), np.hanning(SQUARE)).astype(np.float32)
    amplitude = np.abs(np.fft.fftshift(np.fft.rfft2(squares * window), axes=1))
    return float(np.median([_peak(each) for each in amplitude]))


def check_screen(image: Image, card: Quad) -> ImageCheck:
    """Does a screen's grid beat with the sensor's? Measure: `moire_of`."""
    moire = moire_of(image.pixels, card)
    return ImageCheck(ConcernKind.SCREEN, Outcome.FAIL if moire > MOIRE else Outcome.PASS, moire)


def _square(pixels: Pixels, x: float, y: float) -> NDArray[np.float32]:
    """Green against magenta in a square around a place, moved inside the photo; without what varies slowly."""
    height, width = pixels.shape[:2]
    left = int(np.clip(x - SQUARE / 2, 0, max(0, width - SQUARE)))
    top = int(np.clip(y - SQUARE / 2, 0, max(0, height - SQUARE)))
    cut = pixels[top : top + SQUARE, left : left + SQUARE].astype(np.float32)
    colour = cut[:, :, 1] - (cut[:, :, 0] + cut[:, :, 2]) / 2
    short = ((0, SQUARE - colour.shape[0]), (0, SQUARE - colour.shape[1]))
    whole = np.pad(colour, short, mode="symmetric") if max(map(max, short)) else colour
    return np.asarray(whole - cv2.blur(whole, (_SMOOTH, _SMOOTH)), np.float32)


def _peak(amplitude: NDArray[np.floating]) -> float:
    """The largest amplitude over its ring's mean, of a half spectrum with rows from -64 to 63 and columns from 0 on."""
    rows, columns = np.mgrid[-SQUARE // 2 : SQUARE // 2, 0 : amplitude.shape[1]]
    radius = np.hypot(rows, columns)
    ring = radius.astype(np.int64)
    means = np.bincount(ring.ravel(), amplitude.ravel()) / np.bincount(ring.ravel())
    over = amplitude / (means[ring] + 1.0)
    over[(radius < _LOWEST) | (radius > _HIGHEST)] = 0.0
    over[(np.abs(rows) < _AXIS) | (columns < _AXIS)] *= _AXIS_WEIGHT
    return float(over.max())
