"""Which way a head is turned, from five landmarks, and whether a pair of them moved as a solid head does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

NOSE_HEIGHT = 0.49
"""Where the nose's tip stands between the line of the eyes (0) and of the mouth (1) on a face looked at from straight
ahead: from the ArcFace template (Deng et al., CVPR 2019), 20.1 of 40.7 pixels."""
NOSE_DEPTH = 0.37
"""How far the tip of the nose stands before the plane of eyes and mouth, in distances between the eyes: some 28 of
63 mm."""

_Points = NDArray[np.float32]


def yaw(landmarks: _Points) -> float:
    """Degrees by which the head is turned, positive as the nose moves to the picture's right; good to some ten.

    The nose's tip moves by NOSE_DEPTH x sin(yaw) along the line of the eyes while the eyes' distance shrinks with
    cos(yaw), so that the ratio gives the tangent. A flat picture may be stretched and squeezed as one likes (any
    affine map) without changing this figure.

    Args:
        landmarks: 5 x 2, order of `Face.landmarks`.
    """
    return float(np.degrees(np.arctan2(nose_offset(landmarks), NOSE_DEPTH)))


def nose_offset(landmarks: _Points) -> float:
    """How far the nose's tip stands off the face's middle line, along the line of the eyes, in eye distances."""
    points = landmarks.astype(np.float64)
    eyes = points[1] - points[0]
    middle = points[:2].mean(axis=0)
    chin = points[3:].mean(axis=0)
    down = chin - middle
    # In the oblique frame (eyes, down) the offset is the first coordinate of the nose: no roll and no shear matters.
    basis = np.stack([eyes, down], axis=1)
    if abs(float(np.linalg.det(basis))) < 1e-6:
        return 0.0
    return float(np.linalg.solve(basis, points[2] - middle)[0])


def parallax(before: _Points, after: _Points) -> float:
    """How far the nose moved beyond what any flat picture allows, along the line of the eyes, in eye distances.

    Eyes and corners of the mouth lie nearly in one plane: the one homography that maps those four points of the first
    picture onto the second's also says where a flat nose would be. What is left is depth. Positive as the nose moves
    to the picture's right.

    Args:
        before, after: 5 x 2 each, order of `Face.landmarks`.
    """
    plane = [0, 1, 3, 4]
    matrix = cv2.getPerspectiveTransform(
        np.ascontiguousarray(before[plane], np.float32),
        np.ascontiguousarray(after[plane], np.float32),
    )
    flat = cv2.perspectiveTransform(before[2].reshape(1, 1, 2).astype(np.float32), matrix)
    left = after[2].astype(np.float64) - flat.reshape(2)
    eyes = (after[1] - after[0]).astype(np.float64)
    return float(left @ eyes / max(float(eyes @ eyes), 1e-9))
