"""What covers a face: our own small network that looks at the whole head for sunglasses, hat, mask and closed eyes.

It sees grey levels only, so that a colour it never met in training says nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.geometry import ARCFACE_SIZE, ARCFACE_TEMPLATE, rectify, similarity_transform
from models.session import OnnxSession, Tensor
from models.types import Accessories, Face, Image, Pixels, Quad

INPUT = 80  # side of the square input, pixels
KINDS = ("sunglasses", "hat", "mask", "eyes_closed")
"""Order of the network's outputs."""

ZOOM = 0.857  # of the ArcFace cut-out: eyes 0.27 of the side apart, so that a hat and a chin are inside
DOWN = 0.03  # of the side: more room above the head than below the chin
LEAST_SPREAD = 8.0  # grey levels: a flat picture's noise is not stretched to look like a face
_LUMA = np.array([0.114, 0.587, 0.299], np.float32)  # BGR weights of ITU-R BT.601

HEAD_TEMPLATE: NDArray[np.float32] = (
    0.5 + ZOOM * ((ARCFACE_TEMPLATE + 0.5) / ARCFACE_SIZE - 0.5) + np.array([0, DOWN])
).astype(np.float32)
"""Where the five landmarks lie in the cut-out, in fractions of its side."""
HEAD_TEMPLATE.setflags(write=False)


class AccessoryNet:
    """Judges one face.

    Args:
        session: graph with input 1 x 1 x 80 x 80 as `prepared` makes it and four logits in the order of `KINDS`.
    """

    def __init__(self, session: OnnxSession) -> None:
        self._session = session

    def judge(self, image: Image, face: Face) -> Accessories:
        grey = grey_levels(head(image.pixels, face.landmarks, INPUT))
        (logits,) = self._session.run({self._session.input_names[0]: prepared(grey)[None, None]})
        chances = 1 / (1 + np.exp(-logits[0].astype(np.float64)))
        return Accessories(**dict(zip(KINDS, map(float, chances), strict=True)))


def head(pixels: Pixels, landmarks: NDArray[np.float32], side: int) -> Pixels:
    """The head upright, from above a hat to below the chin, side x side x 3; beyond the picture its edge goes on."""
    there = similarity_transform(HEAD_TEMPLATE, landmarks)
    corners = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], np.float64) @ there.T
    return rectify(pixels, Quad(corners.astype(np.float32)), (side, side))


def grey_levels(pixels: Pixels) -> Tensor:
    """H x W x 3 BGR -> H x W float32, 0..255."""
    return np.asarray(pixels.astype(np.float32) @ _LUMA, np.float32)


def prepared(grey: Tensor) -> Tensor:
    """Grey levels made independent of light and contrast: mean 0, spread 1."""
    spread = max(float(grey.std()), LEAST_SPREAD)
    return np.asarray((grey - grey.mean()) / spread, np.float32)
