"""Training samples for the card judge: photos of made-up cards, with and without defects.

A sample is what the network sees of one photo, and what is wrong there. Photos are those of `specimens.defects`, on
grounds drawn once. Most are smaller than a telephone's, so that thousands are quick to make; those that teach what a
screen's grid looks like have a telephone's size. The corners are as far off as a finder's, or those of the print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cards.card_judge import VIEW, grain_of, view_matrix, views_of
from models.types import Quad
from specimens import scenes
from specimens.camera import LEVELS, Photo, Setting, take
from specimens.defects import CLIPPED, CLIPPED_SIDES, DEFECTS, HARDSHIPS
from specimens.tableau import cut_off
from specimens.truth import Corners, Defect, Pixels, Specimen

MARKS = ("cut_corner", "punched", "covered", "tampered")
WHOLE = ("photocopy", "screen", "clipped_left", "clipped_top", "clipped_right", "clipped_bottom")
SCREEN = WHOLE.index("screen")
CELL = 8
"""Pixels of the view per cell of a map."""
GRID = (VIEW[1] // CELL, VIEW[0] // CELL)
GENUINE = "genuine"
KINDS = {
    GENUINE: 0.2,
    **dict.fromkeys(HARDSHIPS, 0.03),
    "glare": 0.02,
    "photocopy": 0.12,
    "screen": 0.2,
    "clipped": 0.08,
    "cut_corner": 0.05,
    "punched": 0.05,
    "covered": 0.05,
    "tampered": 0.08,
}
FULL_SIZE = {
    "screen": 1.0,
    GENUINE: 0.55,
    **dict.fromkeys(HARDSHIPS, 0.55),
    "photocopy": 0.2,
    "tampered": 0.25,
}
"""Share of photos of a telephone's size; the screen's head learns from these alone."""
LEVEL_SHARES = {"good": 0.7, "poor": 0.15, "scan": 0.15}
SMALL = (430, 760)
"""Pixels of the card's width in the other photos."""
CLOSER = (0.56, 0.95)
"""Of the frame: the card's long side; a wider frame shows more ground and takes longer."""
OWN_GROUND = 0.2
"""Share of photos whose ground is drawn for them alone."""
GROUNDS, GROUND_SIZE = 160, (900, 1200)
OFF = 0.009
"""Standard deviation of a corner, share of the card's width; two and a half times as much in every sixth sample."""
BY_PRINT = {"photocopy": 0.35, "clipped": 0.5}
BY_PRINT_ELSE = 0.06
"""Share of samples in which no finder saw the card and the print alone says where it is."""
PRINT_MARGIN = 0.04
"""As `pipelines.read_document` grows the rectangle around all print."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Views H x W x 3 uint8, the spectrum, labels of MARKS and WHOLE, where marks are (M x GRID, bool), and whether
    the photo has the size at which a screen's grid is seen."""

    view: Pixels
    photo: Pixels
    grain: NDArray[np.float16]
    marks: NDArray[np.bool_]
    masks: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    full_size: NDArray[np.bool_]


def drawn_grounds(seed: int, count: int = GROUNDS) -> list[Pixels]:
    rng = np.random.default_rng((seed, 0x6607))
    return [
        np.clip(scenes.ground(rng, *GROUND_SIZE, things=int(rng.integers(0, 9))), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]  # fmt: skip


def photo_of(
    kind: str,
    specimen: Specimen,
    level: str,
    full_size: bool,
    rng: np.random.Generator,
    ground: Pixels | None = None,
) -> Photo:
    """A photo with the defect or hardship of that name."""
    spec = replace(LEVELS[level], frame=CLOSER)
    if not full_size:
        spec = replace(spec, card_width=SMALL)
    plan = DEFECTS.get(kind) or HARDSHIPS.get(kind)
    severity, develop = float(rng.uniform()), None
    if plan is not None:
        if plan.alter is not None:
            specimen = plan.alter(specimen, severity, rng)
        if plan.shine is not None:
            specimen, develop = plan.shine(specimen, severity, rng)
        if plan.retake is not None:
            spec = plan.retake(spec, severity)
            ground = None if spec.surfaces != LEVELS[level].surfaces else ground
    photo = take(specimen, Setting(level, spec, None, ground, develop), rng)
    return _clipped(photo, severity, rng) if kind == "clipped" else photo


def _clipped(photo: Photo, severity: float, rng: np.random.Generator) -> Photo:
    side = str(rng.choice(CLIPPED_SIDES))
    cut = cut_off(photo, side, CLIPPED[0] + (CLIPPED[1] - CLIPPED[0]) * severity)
    defect = Defect("clipped", side, severity)
    return replace(cut, truth=replace(cut.truth, defects=(*cut.truth.defects, defect)))


def seen_quad(photo: Photo, by_print: bool, rng: np.random.Generator) -> Quad:
    """Where the card is thought to be."""
    wide = float(np.linalg.norm(photo.card_quad[1] - photo.card_quad[0]))
    around = _around_print(photo) if by_print else None
    corners = photo.card_quad if around is None else around
    off = OFF * (2.5 if rng.random() < 1 / 6 else 1.0) * wide
    return Quad((corners + rng.normal(0, off, (4, 2))).astype(np.float32))


def _around_print(photo: Photo) -> Corners | None:
    """The rectangle that all print fills, corner 0 at the print's own top-left; None with little print."""
    height, width = photo.pixels.shape[:2]
    middles = ((line.quad, line.quad.mean(axis=0)) for line in photo.truth.lines)
    inside = [quad for quad, (x, y) in middles if 0 < x < width and 0 < y < height]
    if len(inside) < 3:
        return None
    centre, (wide, tall), lean = cv2.minAreaRect(np.concatenate(inside).astype(np.float32))
    grown = (wide * (1 + 2 * PRINT_MARGIN), tall * (1 + 2 * PRINT_MARGIN))
    corners = np.asarray(cv2.boxPoints((centre, grown, lean)), np.float32)
    along = photo.card_quad[1] - photo.card_quad[0]
    turns = [np.roll(corners, k, axis=0) for k in range(4)]
    return max(turns, key=lambda c: float(along @ (c[1] - c[0]) / np.linalg.norm(c[1] - c[0])))


def sample_of(photo: Photo, card: Quad, *, full_size: bool = True) -> Sample:
    """What the judge would see of a card thought to be there, and what it should say."""
    names = {defect.name for defect in photo.truth.defects}
    masks = np.zeros((len(MARKS), *GRID), np.bool_)
    for defect in photo.truth.defects:
        if defect.name in MARKS and defect.quad is not None:
            masks[MARKS.index(defect.name)] |= _cells(defect.quad, card)
        if defect.name == "clipped":
            names |= {f"clipped_{side}" for side in defect.where.replace(", ", "-").split("-")}
    return Sample(
        *views_of(photo.pixels, card),
        grain_of(photo.pixels, card).astype(np.float16),
        np.array([name in names for name in MARKS]),
        masks,
        np.array([name in names for name in WHOLE]),
        np.array(full_size),
    )


def _cells(quad: Corners, card: Quad) -> NDArray[np.bool_]:
    """Cells of the map that a quad of the photo touches."""
    moved = cv2.perspectiveTransform(quad.reshape(1, 4, 2).astype(np.float64), view_matrix(card))
    mask = np.zeros(GRID, np.uint8)
    cells = np.floor(moved.reshape(-1, 1, 2) / CELL).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(cells), 1)
    return mask > 0


def draw(pool: Sequence[Specimen], grounds: Sequence[Pixels], seed: int, index: int) -> Sample:
    """The sample of that index; the same arguments always give the same one."""
    rng = np.random.default_rng((seed, index, 0x1D6E))
    kind = str(rng.choice(list(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))
    level = str(rng.choice(list(LEVEL_SHARES), p=list(LEVEL_SHARES.values())))
    full_size = bool(rng.random() < FULL_SIZE.get(kind, 0.0))
    by_print = bool(rng.random() < BY_PRINT.get(kind, BY_PRINT_ELSE))
    specimen = pool[int(rng.integers(len(pool)))]
    ground = None if rng.random() < OWN_GROUND else grounds[int(rng.integers(len(grounds)))]
    photo = photo_of(kind, specimen, level, full_size, rng, ground)
    return sample_of(photo, seen_quad(photo, by_print, rng), full_size=full_size)
