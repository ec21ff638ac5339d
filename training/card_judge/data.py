"""Training samples for the card judge: close photos of made-up cards, with and without defects.

A sample is what the network sees of one photo, and what is wrong there. Photos are those of `specimens.defects`, but
framed closely, so that thousands are quick to make; the corners are as far off as a finder's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cards.card_judge import VIEW, card_view, view_matrix
from models.types import Quad
from specimens.camera import LEVELS, Photo, Setting, take
from specimens.defects import DEFECTS, HARDSHIPS
from specimens.truth import Corners, Pixels, Specimen

MARKS = ("cut_corner", "punched", "covered", "tampered")
CELL = 8
"""Pixels of the view per cell of a map."""
GRID = (VIEW[1] // CELL, VIEW[0] // CELL)
GENUINE = "genuine"
KINDS = {
    GENUINE: 0.22,
    **dict.fromkeys(HARDSHIPS, 0.03),
    "glare": 0.02,
    "photocopy": 0.15,
    "screen": 0.15,
    "cut_corner": 0.06,
    "punched": 0.06,
    "covered": 0.06,
    "tampered": 0.1,
}
LEVEL_SHARES = {"good": 0.6, "poor": 0.25, "scan": 0.15}
FRAME = (0.84, 0.96)
"""Of the frame: the card's long side."""
WIDEST = (700, 1150)
"""Pixels of the card's width: larger photos take longer and show the judge no more."""
OFF = 0.006
"""Standard deviation of a corner, share of the card's width; three times as much in every sixth sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """View H x W x 3 uint8, labels of MARKS, and where they are (M x GRID, bool)."""

    view: Pixels
    marks: NDArray[np.bool_]
    masks: NDArray[np.bool_]


def close_photo(kind: str, specimen: Specimen, level: str, rng: np.random.Generator) -> Photo:
    """A photo that the card nearly fills, with the defect or hardship of that name."""
    usual = LEVELS[level]
    width = min(usual.card_width[0], WIDEST[0]), min(usual.card_width[1], WIDEST[1])
    spec = replace(usual, frame=FRAME, lean=min(usual.lean, 8.0), card_width=width)
    plan = DEFECTS.get(kind) or HARDSHIPS.get(kind)
    severity, develop = float(rng.uniform()), None
    if plan is not None:
        if plan.alter is not None:
            specimen = plan.alter(specimen, severity, rng)
        if plan.shine is not None:
            specimen, develop = plan.shine(specimen, severity, rng)
        if plan.retake is not None:
            spec = replace(plan.retake(spec, severity), frame=FRAME)
    return take(specimen, Setting(level, spec, 0, None, develop), rng)


def sample_of(photo: Photo, rng: np.random.Generator) -> Sample:
    """What the judge would see with corners as a finder gives them."""
    wide = float(np.linalg.norm(photo.card_quad[1] - photo.card_quad[0]))
    off = OFF * (3.0 if rng.random() < 1 / 6 else 1.0) * wide
    card = Quad((photo.card_quad + rng.normal(0, off, (4, 2))).astype(np.float32))
    names = {defect.name for defect in photo.truth.defects}
    masks = np.zeros((len(MARKS), *GRID), np.bool_)
    for defect in photo.truth.defects:
        if defect.name in MARKS and defect.quad is not None:
            masks[MARKS.index(defect.name)] |= _cells(defect.quad, card)
    return Sample(
        card_view(photo.pixels, card),
        np.array([name in names for name in MARKS]),
        masks,
    )


def _cells(quad: Corners, card: Quad) -> NDArray[np.bool_]:
    """Cells of the map that a quad of the photo touches."""
    moved = cv2.perspectiveTransform(quad.reshape(1, 4, 2).astype(np.float64), view_matrix(card))
    mask = np.zeros(GRID, np.uint8)
    cells = np.floor(moved.reshape(-1, 1, 2) / CELL).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(cells), 1)
    return mask > 0


def draw(pool: Sequence[Specimen], seed: int, index: int) -> Sample:
    """The sample of that index; the same (pool, seed, index) always gives the same one."""
    rng = np.random.default_rng((seed, index, 0x1D6E))
    kind = str(rng.choice(list(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))
    level = str(rng.choice(list(LEVEL_SHARES), p=list(LEVEL_SHARES.values())))
    specimen = pool[int(rng.integers(len(pool)))]
    return sample_of(close_photo(kind, specimen, level, rng), rng)
