"""Is one photograph of a face a flat copy of another: sent again, re-encoded, cropped, mirrored, tilted or warped?

A flat copy can be laid over the original by one homography, fine detail included; a head that has turned cannot,
nor can another photograph of the same person. So the two faces are aligned by the homography that fits them best
(enhanced correlation coefficient, Evangelidis and Psarakis, PAMI 2008), and the fine detail is correlated.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import rectify
from models.types import Face, Image, Quad

SIDE = 96  # pixels of the square both faces are brought to
ROOM = 1.15  # side of that square over the longer side of the face's box
FINE, COARSE = 0.8, 3.0
"""Detail that is compared: between these two widths of a Gaussian, pixels of the square. Of four bands tried this one
told tilted photographs from turned heads best (scripts/evaluate liveness)."""
BLURS = (2.5, 1.0)  # of the alignment, coarse to fine, pixels
ROUNDS, ENOUGH = 50, 1e-4
ALIGNED = 0.9  # correlation at which no other start is tried
COVERED = 0.3  # of the square that both must show

_Grey = NDArray[np.float32]
_MIRRORED = [1, 0, 2, 4, 3]  # landmarks that change places in a mirror


@dataclass(frozen=True, slots=True, eq=False)
class FacePatch:
    """A face cut out: SIDE x SIDE grey, and its landmarks in it, 5 x 2."""

    grey: _Grey
    landmarks: NDArray[np.float32]

    def mirrored(self) -> FacePatch:
        landmarks = self.landmarks[_MIRRORED].copy()
        landmarks[:, 0] = SIDE - landmarks[:, 0]
        return FacePatch(np.ascontiguousarray(self.grey[:, ::-1]), landmarks)


def patch(image: Image, face: Face) -> FacePatch:
    side = ROOM * max(face.width, face.height)
    x = (face.box[0] + face.box[2] - side) / 2
    y = (face.box[1] + face.box[3] - side) / 2
    cut = rectify(image.pixels, Quad.of_box(x, y, x + side, y + side), (SIDE, SIDE))
    grey = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY).astype(np.float32)
    corner = np.array([x, y], np.float32)
    return FacePatch(grey, ((face.landmarks - corner) * (SIDE / side)).astype(np.float32))


def likeness(one: FacePatch, other: FacePatch) -> float:
    """Correlation of fine detail after the best alignment, [0, 1]: near 1 for a copy, however tilted."""
    best, matrix = 0.0, None
    for start in _starts(one.landmarks, other.landmarks):
        found, aligned = _align(one.grey, other.grey, start)
        if found > best:
            best, matrix = found, aligned
        if best > ALIGNED:
            break
    return _detail(one.grey, other.grey, matrix) if matrix is not None else 0.0


def likeness_either_way(one: FacePatch, other: FacePatch) -> float:
    """With the other as it is or mirrored, whichever is more alike: a photograph and its mirror image turn like a head."""
    return max(likeness(one, other), likeness(one, other.mirrored()))


def _starts(source: NDArray[np.float32], target: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The affine map and the similarity that bring the landmarks together, 3 x 3 each."""
    ones = np.hstack([source, np.ones((5, 1), np.float32)])
    affine = np.linalg.lstsq(ones, target, rcond=None)[0].T
    similar, _ = cv2.estimateAffinePartial2D(source, target, method=cv2.LMEDS)
    found = [affine] if similar is None else [affine, similar]
    return [np.ascontiguousarray(np.vstack([m, [0, 0, 1]]), np.float32) for m in found]


def _align(
    one: _Grey, other: _Grey, start: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32] | None]:
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, ROUNDS, ENOUGH)
    matrix, found = start, 0.0
    try:
        for width in BLURS:
            found, moved = cv2.findTransformECC(
                cv2.GaussianBlur(one, (0, 0), width),
                cv2.GaussianBlur(other, (0, 0), width),
                matrix,
                cv2.MOTION_HOMOGRAPHY,
                stop,
            )
            matrix = np.asarray(moved, np.float32)
    except cv2.error:  # it did not converge: the two cannot be laid over each other from here
        return 0.0, None
    return float(found), matrix


def _detail(one: _Grey, other: _Grey, matrix: NDArray[np.float32]) -> float:
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(other, matrix, (SIDE, SIDE), flags=how)
    shown = cv2.warpPerspective(np.ones_like(other), matrix, (SIDE, SIDE), flags=how) > 0.99
    if float(shown.mean()) < COVERED:
        return 0.0
    a, b = _band(one)[shown], _band(np.asarray(laid, np.float32))[shown]
    a, b = a - a.mean(), b - b.mean()
    return max(0.0, float(a @ b / np.sqrt(max(float((a @ a) * (b @ b)), 1e-9))))


def _band(grey: _Grey) -> _Grey:
    fine, coarse = (cv2.GaussianBlur(grey, (0, 0), width) for width in (FINE, COARSE))
    return np.asarray(fine - coarse, np.float32)
