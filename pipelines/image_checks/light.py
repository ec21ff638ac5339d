"""Does a reflection hide part of a card?"""

from __future__ import annotations

import cv2
import numpy as np

from models.types import Pixels
from pipelines.types import ConcernKind, ImageCheck, Outcome

BURNT = 250
"""Grey level in all three channels at which a sensor is saturated and shows no print."""
SOLID = 9
"""Pixels of the halved frame: specks and the white between printed strokes are narrower."""
GLARE = 0.012
"""Of the card's area: the largest burnt patch that is still no warning."""
PAPER = 0.4
"""Of the card's area: more is not a reflection but white paper, of a scan or a copy."""


def glare_of(rectified: Pixels) -> float:
    """Share of the card under its largest solid burnt patch, [0, 1]."""
    half = cv2.resize(rectified, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    burnt = (half.min(axis=2) >= BURNT).astype(np.uint8)
    solid = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((SOLID, SOLID), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    return float(areas.max()) / burnt.size if len(areas) else 0.0


def check_glare(rectified: Pixels) -> ImageCheck:
    share = glare_of(rectified)
    if share > PAPER:
        return ImageCheck(ConcernKind.GLARE, Outcome.NOT_ASSESSED, share)
    return ImageCheck(ConcernKind.GLARE, Outcome.FAIL if share > GLARE else Outcome.PASS, share)
