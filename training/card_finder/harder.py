"""The card finder on what is harder than one whole card: several cards, cards cut by the photo's edge, tiny ones.

A card counts as found when the quad covers it with an intersection over union of at least 0.7. Cut-side accuracy is
the share of cut cards for which exactly the right sides of the photo are named; false cuts are whole cards called cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from models.geometry import order_corners
from models.ports import CardFinder
from models.types import Image, Pixels, Quad
from pipelines.image_checks.framing import cut_sides
from specimens.camera import Photo, photograph
from specimens.layouts import CARD_SIDES
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.tableau import cut_off, photograph_several
from specimens.truth import Corners, Specimen
from training.card_finder.data import FIRST_TRAIN_PERSON, training_portrait

COVERED = 0.7
"""Intersection over union of a card that was found."""
CUTS = ("left", "top", "right", "bottom", "top-left", "top-right", "bottom-right", "bottom-left")
CUT_SHARES = (0.05, 0.3)
TINY = (0.05, 0.13)
"""Of the photo's longer side: width of a tiny card."""
MOST_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class HarderSize:
    """How many photos of each kind."""

    tableaux: int
    cut: int
    tiny: int


def cards(seed: int, count: int) -> list[Specimen]:
    """Made-up cards of people and portraits that training never saw."""
    held_out = [p for i, p in enumerate(portraits()) if not training_portrait(i)]
    found = []
    for k in range(count):
        who = (seed * 977 + k) % FIRST_TRAIN_PERSON
        face = held_out[k % len(held_out)].pixels
        found.append(render(CARD_SIDES[k % len(CARD_SIDES)], make_person(who), face, who))
    return found


def covers(found: Quad, truth: Corners) -> float:
    """Intersection over union of two quads."""
    a, b = order_corners(found.corners).corners, order_corners(truth).corners
    both = float(cv2.intersectConvexConvex(a, b)[0])
    return both / max(cv2.contourArea(a) + cv2.contourArea(b) - both, 1.0)


def several(finder: CardFinder, pool: Sequence[Specimen], size: HarderSize, seed: int) -> dict[str, float]:  # fmt: skip
    """Two to four cards in a photo or on a scanned sheet."""
    there = right = upright = extra = 0
    rng = np.random.default_rng((seed, 0x5E7E))
    for k in tqdm(range(size.tableaux), desc="several cards", leave=False):
        chosen = rng.choice(len(pool), int(rng.integers(2, MOST_TOGETHER + 1)), replace=False)
        sheet = k % 2 == 0
        level = "scan" if sheet else ("good", "poor")[k // 2 % 2]
        shot = photograph_several([pool[i] for i in chosen], level, seed * 1009 + k, sheet=sheet)
        quads = [location.quad for location in finder.find(Image(shot.pixels))]
        hits = 0
        for truth in shot.truths:
            best = max(quads, key=lambda q: covers(q, truth.card_quad), default=None)
            if best is None or covers(best, truth.card_quad) < COVERED:
                continue
            hits += 1
            upright += int(np.linalg.norm(best.corners - truth.card_quad, axis=1).max() < 0.25 * best.width)  # fmt: skip
        there += len(shot.truths)
        right += hits
        extra += len(quads) - hits
    return {
        "several_recall": round(right / there, 4),
        "several_orientation": round(upright / max(1, right), 4),
        "several_false": round(extra / there, 4),
    }


def cut_photos(pool: Sequence[Specimen], size: HarderSize, seed: int) -> Iterator[tuple[Photo, str]]:  # fmt: skip
    """Photos whose edge cuts the card, and the side; "" for every other photo, in which it is whole."""
    rng = np.random.default_rng((seed, 0xC077))
    for k in range(size.cut * 2):
        level = ("good", "poor", "scan")[k % 3]
        photo = photograph(pool[k % len(pool)], level, seed * 1013 + k)
        if k % 2:
            yield photo, ""
        else:
            side = CUTS[k // 2 % len(CUTS)]
            yield cut_off(photo, side, float(rng.uniform(*CUT_SHARES))), side


def cut(finder: CardFinder, pool: Sequence[Specimen], size: HarderSize, seed: int) -> dict[str, float]:  # fmt: skip
    """Cards beyond the photo's edge."""
    found = named = alarms = whole = 0
    for photo, side in tqdm(cut_photos(pool, size, seed), total=size.cut * 2, desc="cut", leave=False):  # fmt: skip
        image = Image(photo.pixels)
        locations = finder.find(image)
        told = set(cut_sides(image, locations[0].quad)) if locations else None
        if side == "":
            whole += 1
            alarms += bool(told)
        elif told is not None:
            found += 1
            named += told == set(side.split("-"))
    return {
        "cut_found": round(found / size.cut, 4),
        "cut_sides": round(named / max(1, found), 4),
        "false_cut": round(alarms / max(1, whole), 4),
    }


def tiny(finder: CardFinder, pool: Sequence[Specimen], size: HarderSize, seed: int) -> dict[str, float]:  # fmt: skip
    """Cards that fill a twentieth to an eighth of the photo's longer side."""
    rng = np.random.default_rng((seed, 0x71E9))
    right = 0
    for k in tqdm(range(size.tiny), desc="tiny", leave=False):
        photo = photograph(pool[k % len(pool)], "good", seed * 1019 + k)
        pixels, corners = _far(photo, float(rng.uniform(*TINY)), rng)
        quads = [location.quad for location in finder.find(Image(pixels))]
        right += any(covers(quad, corners) >= COVERED for quad in quads)
    return {"tiny_found": round(right / size.tiny, 4)}


def _far(photo: Photo, share: float, rng: np.random.Generator) -> tuple[Pixels, Corners]:
    """The same photo from farther away: shrunk, with its ground mirrored outwards."""
    long = float(np.linalg.norm(photo.card_quad[1] - photo.card_quad[0]))
    side = 2000
    factor = share * side / long
    small = cv2.resize(photo.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    x, y = (int(rng.integers(0, max(1, side - n))) for n in (width, height))
    field = np.full((side, side, 3), small[0, 0], np.uint8)
    field[y : y + height, x : x + width] = small
    return field, np.asarray(photo.card_quad * factor + np.array([x, y]), np.float32)


def harder(finder: CardFinder, size: HarderSize, seed: int) -> dict[str, float]:
    """All three, with the keys of `scripts/evaluate cards`."""
    pool = cards(seed, 16)
    return {
        **several(finder, pool, size, seed),
        **cut(finder, pool, size, seed),
        **tiny(finder, pool, size, seed),
    }
