"""Our own judge of spoofing: one small network that looks at the brightness of a face twice, from near for the grain of
prints and screens, from afar for the edges of what was held before the camera. It sees no colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.domain import has_colour
from models.geometry import rectify
from models.session import OnnxSession
from models.types import Face, Image, Quad

SIDE = 96  # of both looks, pixels
NEAR, FAR = 2.2, 5.0
"""Sides of the two squares in the face's own measure: the larger of the distance between the eyes and that from eyes
to mouth, which changes less than a box does from detector to detector and when the head turns."""
OUTSIDE = 0.35
"""Of the far look's area: a face cut more tightly than this leaves too little around it to judge."""
MIDDLE, SPREAD = 128.0, 64.0


class FacePatchNet:
    """Judges a face; None for pictures without colour (no phone takes such a selfie, so whatever it is, it was not
    taken as asked), for faces narrower than `least_width` pixels and for faces cut too tightly.

    Args:
        session: graph with input `looks` N x 2 x SIDE x SIDE and output N x 1, the logit of "live".
    """

    def __init__(self, session: OnnxSession, *, least_width: float) -> None:
        self._session = session
        self._least_width = least_width

    def judge(self, image: Image, face: Face) -> float | None:
        if face.width < self._least_width or outside(image, face) > OUTSIDE:
            return None
        return self.probability(image, face) if has_colour(image, face) else None

    def probability(self, image: Image, face: Face) -> float:
        """The network's word, in its domain or not."""
        blob = as_tensor(looks(image, face))[None]
        (logits,) = self._session.run({self._session.input_names[0]: blob})
        return float(1 / (1 + np.exp(-float(logits[0, 0]))))


def measure(face: Face) -> tuple[NDArray[np.float32], float]:
    """Centre of the face (between eyes and mouth), and its own measure, pixels."""
    eyes, mouth = face.landmarks[:2].mean(axis=0), face.landmarks[3:].mean(axis=0)
    size = max(face.eye_distance, float(np.linalg.norm(mouth - eyes)), 1.0)
    return ((eyes + mouth) / 2).astype(np.float32), size


def looks(image: Image, face: Face) -> NDArray[np.uint8]:
    """2 x SIDE x SIDE grey: near, far; what lies outside the picture repeats its edge."""
    centre, size = measure(face)
    cuts = []
    for scale in (NEAR, FAR):
        half = scale * size / 2
        x, y = float(centre[0]), float(centre[1])
        square = Quad.of_box(x - half, y - half, x + half, y + half)
        cut = rectify(image.pixels, square, (SIDE, SIDE))
        cuts.append(np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8))
    return np.stack(cuts)


def as_tensor(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (grey.astype(np.float32) - MIDDLE) / SPREAD


def outside(image: Image, face: Face) -> float:
    """Share of the far look that lies outside the picture, [0, 1]."""
    centre, size = measure(face)
    half = FAR * size / 2
    wide = min(float(centre[0]) + half, image.width) - max(float(centre[0]) - half, 0.0)
    tall = min(float(centre[1]) + half, image.height) - max(float(centre[1]) - half, 0.0)
    return 1 - max(0.0, wide) * max(0.0, tall) / (2 * half) ** 2
