"""Ways to show one picture to a face detector, and the way back to the picture's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.types import Image, Pixels

_GREY = (127, 127, 127)


@dataclass(frozen=True, slots=True)
class View:
    """How large, and with how much room around it, a picture is shown.

    Attributes:
        longest: longest side of the picture after scaling, pixels.
        margin: grey border around it, as a fraction of each side. A face that fills the frame is found only
            when there is room around it, as in the detector's training pictures.
        enlarge: may the picture be scaled up?
    """

    longest: int
    margin: float = 0.0
    enlarge: bool = False

    def scale(self, image: Image) -> float:
        """Shown pixels per pixel of `image`."""
        wanted = self.longest / max(image.width, image.height)
        return wanted if self.enlarge else min(wanted, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the detector gets (sides a multiple of the grid), and where the picture lies in it."""

    pixels: Pixels
    scale: float
    corner: NDArray[np.float32]

    def back(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shown coordinates, N x 2 -> the picture's."""
        return ((points - self.corner) / np.float32(self.scale)).astype(np.float32)


def show(image: Image, view: View, grid: int = 1) -> Shown:
    scale = view.scale(image)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = cv2.resize(image.pixels, size, interpolation=how) if scale != 1 else image.pixels
    left, top = round(size[0] * view.margin), round(size[1] * view.margin)
    right = left + (-(size[0] + 2 * left)) % grid
    bottom = top + (-(size[1] + 2 * top)) % grid
    if left or top or right or bottom:
        pixels = cv2.copyMakeBorder(
            pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=_GREY
        )
    return Shown(np.asarray(pixels, np.uint8), scale, np.array([left, top], np.float32))


def inside(corners: NDArray[np.float32], image: Image) -> Box | None:
    """A 2 x 2 box (top-left, bottom-right) cut to the picture; None when nothing of it is inside."""
    x0, y0 = np.maximum(corners[0], 0)
    x1, y1 = np.minimum(corners[1], (image.width, image.height))
    return (float(x0), float(y0), float(x1), float(y1)) if x1 > x0 and y1 > y0 else None
