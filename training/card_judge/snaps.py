"""Close photos of made-up cards: the camera of `specimens`, with little ground, so that thousands are quick to make."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens import scenes
from specimens.camera import LEVELS, Level, lay, lens, light, place, sense
from specimens.truth import Corners, Pixels

FRAME_SHARE = (0.82, 0.95)
"""Of the frame's longer side: the card's width."""
GROUND_SHRINK = 3
"""Grounds are drawn this much smaller: they only surround the card."""


def snap(card: Pixels, level: str, rng: np.random.Generator) -> tuple[Pixels, Corners]:
    """A photo of a flat card, upright but for a small lean, and the card's corners in it."""
    spec: Level = replace(LEVELS[level], lean=min(LEVELS[level].lean, 8.0))
    wide = float(rng.uniform(*spec.card_width))
    width = round(wide / float(rng.uniform(*FRAME_SHARE)))
    height = round(wide * card.shape[0] / card.shape[1] * float(rng.uniform(1.1, 1.35)))
    small = scenes.ground(
        rng, height // GROUND_SHRINK, width // GROUND_SHRINK, surfaces=spec.surfaces, things=4
    )
    field: NDArray[np.float32] = cv2.resize(small, (width, height)).astype(np.float32)
    turn = float(rng.uniform(-spec.lean, spec.lean))
    corners = place(rng, (height, width), wide, turn, min(spec.perspective, 0.05))
    lay(field, card, corners, rng)
    light(field, spec, rng)
    seen = lens(field, spec, float(np.linalg.norm(corners[1] - corners[0])), rng)
    return sense(seen, spec, rng), corners
