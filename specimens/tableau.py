"""Photos of several cards at once, and photos whose edge cuts a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens import scenes
from specimens.camera import LEVELS, Photo, aspect_of, lay_specimen, lens, light, place, sense
from specimens.canvas import WIDTH
from specimens.layouts import LAYOUTS
from specimens.truth import Corners, Pixels, Specimen, Truth

SHEET = (2200, 1556)
"""Height and width of a scanned A4 page, pixels: 188 dots per inch."""
SHEET_CARD = 85.6 / 210.0
"""Width of an ID-1 card, share of an A4 page's."""
LONG_SIDE = 2200
MOST_TRIES = 200
GAP = 1.03
"""Cards are laid this much, of their extent, clear of one another."""


@dataclass(frozen=True, slots=True, eq=False)
class Tableau:
    """A photo of several cards and the truth of each, quads in pixels of the photo."""

    pixels: Pixels
    truths: tuple[Truth, ...]


def photograph_several(
    cards: Sequence[Specimen],
    level: str,
    seed: int,
    *,
    sheet: bool = False,
    background: Pixels | None = None,
) -> Tableau:
    """Cards beside one another, none on top of another.

    Args:
        level: "scan", "good" or "poor".
        sheet: an A4 page from a copier's glass with the cards at their true size; else a photo from above.
        background: BGR picture stretched to the frame instead of a made-up scene.

    Raises:
        ValueError: no card, or the cards do not fit.
    """
    if not cards:
        raise ValueError("a tableau has at least one card")
    spec = LEVELS[level]
    rng = np.random.default_rng((seed, len(cards), list(LEVELS).index(level), 0x7AB1))
    height, width = SHEET if sheet else (round(LONG_SIDE * float(rng.choice([0.5625, 0.75, 1.0]))), LONG_SIDE)  # fmt: skip
    if not sheet and rng.random() < 0.5:
        height, width = width, height
    if sheet:
        field: NDArray[np.float32] = np.full((height, width, 3), rng.uniform(235, 254), np.float32)
        wide = width * SHEET_CARD
    elif background is not None:
        field = cv2.resize(background, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)  # fmt: skip
        wide = 0.0
    else:
        field = scenes.ground(rng, height, width, surfaces=spec.surfaces, things=spec.things // 2)
        wide = 0.0
    if not sheet:
        wide = min(height, width) * float(rng.uniform(0.5, 0.75)) / max(1.0, len(cards) ** 0.5)
    corners = _apart(rng, cards, (height, width), wide, 3.0 if sheet else spec.lean)
    truths = []
    for card, place_of in zip(cards, corners, strict=True):
        truths.append(card.truth.moved(lay_specimen(field, card, place_of, rng)))
    light(field, spec, rng)
    return Tableau(sense(lens(field, spec, wide, rng), spec, rng), tuple(truths))


def _apart(
    rng: np.random.Generator,
    cards: Sequence[Specimen],
    frame: tuple[int, int],
    wide: float,
    lean: float,
) -> list[Corners]:
    """Corners of each card; `wide` is the width of an ID-1 card in pixels, less where they would not fit."""
    turns = (0, 0, 0, 90, 180, 270)
    for _ in range(MOST_TRIES):
        found: list[Corners] = []
        for _ in range(MOST_TRIES):
            card = cards[len(found)]
            turn = float(rng.choice(turns)) + float(rng.uniform(-lean, lean))
            this = wide * float(rng.uniform(0.95, 1.05)) * LAYOUTS[card.truth.side].size[0] / WIDTH
            new = place(rng, frame, this, turn, 0.01, aspect_of(card))
            middle = new.mean(axis=0)
            grown = ((new - middle) * GAP + middle).astype(np.float32)
            if all(cv2.intersectConvexConvex(grown, old)[0] <= 0 for old in found):
                found.append(new)
            if len(found) == len(cards):
                return found
        wide *= 0.93
    raise ValueError(f"{len(cards)} cards do not fit")


SIDES = ("left", "top", "right", "bottom")


def cut_off(photo: Photo, side: str, share: float) -> Photo:
    """The photo framed so that its edge cuts a share of the card's extent.

    Args:
        side: of the photo: one of `SIDES`, or two joined by "-" ("top-left") for a corner.
        share: of the card's bounding box, (0, 1).
    """
    (x0, y0), (x1, y1) = photo.card_quad.min(axis=0), photo.card_quad.max(axis=0)
    height, width = photo.pixels.shape[:2]
    left, top, right, bottom = 0, 0, width, height
    parts = side.split("-")
    if "left" in parts:
        left = round(float(x0 + share * (x1 - x0)))
    if "right" in parts:
        right = round(float(x1 - share * (x1 - x0)))
    if "top" in parts:
        top = round(float(y0 + share * (y1 - y0)))
    if "bottom" in parts:
        bottom = round(float(y1 - share * (y1 - y0)))
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64)
    truth = photo.truth.moved(shift)
    pixels = np.ascontiguousarray(photo.pixels[top:bottom, left:right])
    return replace(photo, pixels=pixels, truth=truth, card_quad=truth.card_quad)
