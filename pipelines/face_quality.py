"""One face -> how good a picture of it is, and what to warn of. Measured on the face as a recogniser sees it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import align_face
from models.types import Accessories, Face, Image
from pipelines.head_pose import pitch, roll, yaw
from pipelines.types import Concern, ConcernKind, FaceLimits, FaceQuality

_Grey = NDArray[np.float32]

_BLUR = 9
"""Pixels of the averaging filter that the sharpness is measured against (Crete et al., 2007)."""
_NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Insensitive to edges; divided by six it has the deviation of the grain (Immerkaer, 1996)."""
_ODDITY = 1.4826
"""Median of the absolute deviation -> standard deviation of a normal distribution: edges count little."""
_DARK, _BRIGHT = 24.0, 248.0
"""Grey levels below and above which a part of the face has no detail left."""
_FACE = (slice(16, 104), slice(20, 92))
"""Rows and columns of the 112 x 112 cut-out that are face in nearly every picture, not hair or background."""
_GOOD_EYES = 30.0
"""Pixels between the eyes from which more of them no longer help a recogniser of 112 x 112 pixels."""


def measure(image: Image, face: Face, worn: Accessories | None = None) -> FaceQuality:
    """Every measure of one face of an upright picture."""
    grey = _grey(image, face)
    turned, bowed = yaw(face.landmarks), pitch(face.landmarks)
    detail = sharpness(grey)
    brightness = float(grey.mean()) / 255
    return FaceQuality(
        eye_distance=face.eye_distance,
        sharpness=detail,
        noise=noise(grey),
        brightness=brightness,
        dark=float((grey < _DARK).mean()),
        bright=float((grey > _BRIGHT).mean()),
        yaw=turned,
        pitch=bowed,
        roll=roll(face.landmarks),
        sunglasses=worn.sunglasses if worn else None,
        hat=worn.hat if worn else None,
        mask=worn.mask if worn else None,
        eyes_closed=worn.eyes_closed if worn else None,
        score=_score(face, detail, turned, bowed, worn),
    )


def quality_concerns(quality: FaceQuality, limits: FaceLimits, where: str) -> Iterator[Concern]:
    """Warnings, gravest first."""
    for kind, chance, limit in (
        (ConcernKind.SUNGLASSES, quality.sunglasses, limits.sunglasses),
        (ConcernKind.HAT, quality.hat, limits.hat),
        (ConcernKind.MASK, quality.mask, limits.mask),
        (ConcernKind.EYES_CLOSED, quality.eyes_closed, limits.eyes_closed),
    ):
        if chance is not None and chance >= limit:
            yield Concern(kind, where, f"{chance:.0%}")
    if quality.sharpness < limits.sharpness or quality.noise > limits.noise:
        detail = f"sharpness {quality.sharpness:.2f}, noise {quality.noise:.0f}"
        yield Concern(ConcernKind.BLURRED_FACE, where, detail)
    if abs(quality.yaw) > limits.turned or abs(quality.pitch) > limits.nodded:
        detail = f"yaw {quality.yaw:.0f}, pitch {quality.pitch:.0f} degrees"
        yield Concern(ConcernKind.EXTREME_POSE, where, detail)
    if quality.brightness < limits.brightness or quality.dark > limits.dark:
        yield Concern(ConcernKind.UNDEREXPOSED, where, f"brightness {quality.brightness:.0%}")
    if quality.bright > limits.bright:
        yield Concern(ConcernKind.OVEREXPOSED, where, f"{quality.bright:.0%} white")


def sharpness(grey: _Grey) -> float:
    """1 - the blur metric of Crete et al. (The blur effect, 2007): how much neighbouring pixels differ, and how
    much of that a strong blur takes away, along rows and columns; the worse of the two. [0, 1]."""
    left = []
    for axis, size in ((0, (1, _BLUR)), (1, (_BLUR, 1))):
        blurred = cv2.blur(grey, size)
        before = np.abs(np.diff(grey, axis=axis))
        after = np.abs(np.diff(blurred, axis=axis))
        taken = np.maximum(before - after, 0)
        left.append(float(taken.sum() / max(before.sum(), 1e-6)))
    return min(left)


def noise(grey: _Grey) -> float:
    """Standard deviation of the grain, grey levels, by the median of what Immerkaer's mask leaves."""
    left = np.abs(cv2.filter2D(grey, cv2.CV_32F, _NOISE_MASK)[1:-1, 1:-1])
    return float(np.median(left)) * _ODDITY / 6


def _grey(image: Image, face: Face) -> _Grey:
    chip = align_face(image.pixels, face.landmarks)[_FACE]
    return cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _score(
    face: Face, detail: float, turned: float, bowed: float, worn: Accessories | None
) -> float:
    """The product of what makes a comparison less sure: few pixels, little detail, a turned head, a covered face."""
    pixels = min(1.0, face.eye_distance / _GOOD_EYES)
    facing = float(
        np.cos(np.radians(min(89.0, abs(turned)))) * np.cos(np.radians(min(89.0, abs(bowed)) / 2))
    )
    covered = max(worn.sunglasses, worn.mask) if worn else 0.0
    return float(np.clip(pixels * min(1.0, 2 * detail) * facing * (1 - covered / 2), 0, 1))
