"""What covers a face: our own small networks, one for the whole head (sunglasses, hat, mask), one for each eye (closed).

They see grey levels only, so that a colour they never met in training says nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import ARCFACE_SIZE, ARCFACE_TEMPLATE, rectify, similarity_transform
from models.session import OnnxSession, Tensor
from models.types import Accessories, Face, Image, Pixels, Quad

INPUT = 80  # side of the square input, pixels
KINDS = ("sunglasses", "hat", "mask")
"""Order of the head network's outputs."""
HEAD = 160  # pixels of the cut-out that eyes are taken from: 43 between them
EYE = (24, 36)  # rows and columns of the eye network's input
EYE_AREA = (0.52, 0.78)  # what it shows, in distances between the eyes
LEAST_EYES = 24.0
"""Pixels between the eyes below which nobody can tell whether they are closed: an eye is six pixels high."""

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
        session: graph with input N x 1 x 80 x 80 as `prepared` makes it and three logits in the order of `KINDS`.
        eyes: graph with input N x 1 x 24 x 36 and one logit; None: eyes are not judged.
    """

    def __init__(self, session: OnnxSession, eyes: OnnxSession | None) -> None:
        self._session = session
        self._eyes = eyes

    def judge(self, image: Image, face: Face) -> Accessories:
        grey = grey_levels(head(image.pixels, face.landmarks, INPUT))
        (logits,) = self._session.run({self._session.input_names[0]: prepared(grey)[None, None]})
        chances = dict(zip(KINDS, map(float, _chance(logits[0])), strict=True))
        return Accessories(**chances, eyes_closed=self._closed(image, face))

    def _closed(self, image: Image, face: Face) -> float | None:
        """Of the eye that looks more open: who winks has an eye open."""
        if self._eyes is None or face.eye_distance < LEAST_EYES:
            return None
        grey = grey_levels(head(image.pixels, face.landmarks, HEAD))
        patches = eye_patches(grey, into_head(face.landmarks, HEAD))
        (logits,) = self._eyes.run({self._eyes.input_names[0]: patches[:, None]})
        return float(_chance(logits).min())


def into_head(landmarks: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Landmarks of a picture -> pixels of its cut-out."""
    matrix = similarity_transform(landmarks, HEAD_TEMPLATE * side)
    return (landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def eye_patches(grey: Tensor, landmarks: NDArray[np.float32]) -> Tensor:
    """Both eyes of a grey cut-out, 2 x 24 x 36, prepared; the right one mirrored, so that both are left eyes."""
    unit = grey.shape[0] * float(HEAD_TEMPLATE[1, 0] - HEAD_TEMPLATE[0, 0])
    rows, columns = EYE
    scale = np.array([columns / (EYE_AREA[1] * unit), rows / (EYE_AREA[0] * unit)])
    patches = []
    for number, eye in enumerate(landmarks[:2]):
        shift = np.array([columns, rows]) / 2 - eye * scale
        matrix = np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]])
        patch = cv2.warpAffine(grey, matrix, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
        patches.append(prepared(np.asarray(patch[:, ::-1] if number else patch, np.float32)))
    return np.ascontiguousarray(np.stack(patches))


def _chance(logits: Tensor) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


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
