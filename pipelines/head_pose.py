"""Which way a head is turned, from five landmarks, and whether a pair of them moved as a solid head does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LEVEL_NOSE = 0.56
"""Where the nose's tip stands between the line of the eyes (0) and of the mouth (1) on a level face: median over 334 LFW
photographs as YuNet marks them. The ArcFace template (Deng et al., CVPR 2019) has 0.49."""
NOSE_DEPTH = 0.37
"""How far the tip of the nose stands before the plane of eyes and mouth, in distances between the eyes: some 28 of
63 mm."""

FACE_LENGTH = 1.16
"""From the line of the eyes to that of the mouth, in distances between the eyes: 40.7 of 35.2 pixels of the template."""

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


def pitch(landmarks: _Points) -> float:
    """Degrees by which the head is bowed, positive as the nose moves down; good to some fifteen, for noses differ.

    Args:
        landmarks: 5 x 2, order of `Face.landmarks`.
    """
    sunk = (_nose(landmarks)[1] - LEVEL_NOSE) * FACE_LENGTH
    return float(np.degrees(np.arctan2(sunk, NOSE_DEPTH)))


def roll(landmarks: _Points) -> float:
    """Degrees by which the head is tilted, positive clockwise in the picture."""
    across = landmarks[1] - landmarks[0] + landmarks[4] - landmarks[3]
    return float(np.degrees(np.arctan2(across[1], across[0])))


def nose_offset(landmarks: _Points) -> float:
    """How far the nose's tip stands off the face's middle line, along the line of the eyes, in eye distances."""
    return float(_nose(landmarks)[0])


def _nose(landmarks: _Points) -> NDArray[np.float64]:
    """Where the nose is in the oblique frame (eyes, down) from the middle of the eyes: no roll and no shear matters."""
    points = landmarks.astype(np.float64)
    eyes = points[1] - points[0]
    middle = points[:2].mean(axis=0)
    down = points[3:].mean(axis=0) - middle
    basis = np.stack([eyes, down], axis=1)
    if abs(float(np.linalg.det(basis))) < 1e-6:
        return np.array([0.0, LEVEL_NOSE])
    return np.linalg.solve(basis, points[2] - middle)


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
