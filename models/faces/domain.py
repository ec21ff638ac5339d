"""What a judge of spoofing can be asked about."""

from __future__ import annotations

import cv2
import numpy as np

from models.types import Face, Image

LEAST_SATURATION = 16.0
"""Median saturation (of 255, HSV) of a face below which its picture counts as grey. Of 64 press photographs the palest
face has 48; the same made grey, with noise and through JPEG, have 0 (300 of LFW too)."""


def has_colour(image: Image, face: Face) -> bool:
    """Is the face in colour?"""
    x0, y0, x1, y1 = (round(v) for v in face.box)
    cut = image.pixels[max(0, y0) : max(1, y1), max(0, x0) : max(1, x1)]
    if cut.size == 0:
        return False
    saturation = cv2.cvtColor(np.ascontiguousarray(cut), cv2.COLOR_BGR2HSV)[:, :, 1]
    return float(np.median(saturation)) >= LEAST_SATURATION
