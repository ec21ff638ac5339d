"""Training scenes for the card finder: cached card faces and grounds, put together anew for every sample.

Rendering a face takes a quarter of a second and a ground a few hundredths, so both are made once and kept under
`var/`; putting a scene together takes two milliseconds. A sample is a function of (seed, index) alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.cards.card_corners import STRIDE
from models.cards.views import CARD_ASPECT, GREY, inner_box, painted_over
from specimens import scenes
from specimens.camera import card_mask
from specimens.layouts import LAYOUTS, SIDES
from specimens.scenes import SURFACES
from training.card_finder.effects import recoloured, sensor, thumb, weather
from training.card_finder.placing import (
    Corners,
    crop_card,
    first_of,
    overlap,
    page_cards,
    photo_cards,
)

INPUT_SIZE = 192
CELLS = INPUT_SIZE // STRIDE
FACE_SIZE = (404, 255)
GROUND_SIZE = 288
TRAIN_PEOPLE = 40
"""Each with every side of every document: a network that seldom sees a side loses its corners on busy grounds."""
FIRST_TRAIN_PERSON = 100_000
"""Seeds of people and scenes from here on belong to training; evaluation draws from 0 to 99,999."""
GROUNDS = 900
HELD_OUT_SURFACES = ("cloth", "picture")
"""Never seen in training, used by the evaluation only."""
TRAIN_SURFACES = tuple(name for name in SURFACES if name not in HELD_OUT_SURFACES)
KINDS = {"photo": 0.4, "page": 0.14, "crop": 0.28, "none": 0.18}
"""Shares of the samples: photos, scanned sheets, closer looks at one card, nothing."""
NEAR_WHITE_SHARE = {"photo": 0.06, "page": 0.5, "crop": 0.15, "none": 0.15}
"""Of samples on the blank ground of a scanner or a sheet."""
PAINTED_SHARE = 0.4
"""Of samples with several cards in which those named first have been painted over already."""
BESIDE_SHARE = 0.15
CUT_SHARE = 0.22
"""Of closer looks: with a part of another card beside this one; with a part beyond the photo's edge."""
ASPECTS = (1.0, 4 / 3, 3 / 2, 16 / 9, CARD_ASPECT)
SHRINK_MARGIN = 1.2
MOST_CARDS = 6
"""Of `page_cards`, which lays the most."""

Pixels = NDArray[np.uint8]


def training_portrait(index: int) -> bool:
    """Portraits with an even index are for training, the others for evaluation."""
    return index % 2 == 0


def cached_sides() -> list[tuple[str, int]]:
    """Side and person of every cached face, in the order of the cache."""
    return [(side, FIRST_TRAIN_PERSON + k) for k in range(TRAIN_PEOPLE) for side in SIDES]


def make_faces() -> Pixels:
    """Rendered sides of the training people, N x 255 x 404 x 3."""
    # Imported here: only this step needs the specimens' own dependencies.
    from specimens.people import make_person
    from specimens.portraits import portraits
    from specimens.render import render

    pictures = [p for i, p in enumerate(portraits()) if training_portrait(i)]
    found = []
    for side, seed in tqdm(cached_sides(), desc="card faces"):
        face = pictures[(seed - FIRST_TRAIN_PERSON) % len(pictures)].pixels
        card = render(side, make_person(seed), face, seed)
        found.append(cv2.resize(card.pixels, FACE_SIZE, interpolation=cv2.INTER_AREA))
    return np.stack(found).astype(np.uint8)


def stretch(side: str) -> float:
    """How much taller a side is than an ID-1 card of its width: 1, or more for a passport's page."""
    width, height = LAYOUTS[side].size
    return height / width * CARD_ASPECT


def _negatives(folder: Path | None, count: int) -> list[Pixels]:
    """Squares cut from any folder of pictures without cards; empty without a folder."""
    paths = (
        []
        if folder is None
        else sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".png"))
    )
    step = max(1, len(paths) // count)
    loaded = (cv2.imread(str(path)) for path in paths[::step][:count])
    return [
        np.asarray(
            cv2.resize(p, (GROUND_SIZE, GROUND_SIZE), interpolation=cv2.INTER_AREA), np.uint8
        )
        for p in loaded
        if p is not None
    ]


def make_grounds(negatives: Path | None) -> Pixels:
    """Surfaces with clutter, and pictures of `negatives` if given, N x 288 x 288 x 3."""
    found = _negatives(negatives, GROUNDS // 4)
    for k in tqdm(range(GROUNDS - len(found)), desc="grounds"):
        rng = np.random.default_rng((FIRST_TRAIN_PERSON + k, 0x6A0D))
        field = scenes.ground(rng, 480, 480, surfaces=TRAIN_SURFACES, things=9)
        small = cv2.resize(field, (GROUND_SIZE, GROUND_SIZE), interpolation=cv2.INTER_AREA)
        found.append(np.clip(small, 0, 255).astype(np.uint8))
    return np.stack(found)


def prepare(cache: Path, negatives: Path | None) -> None:
    """Fills the cache unless it is there."""
    cache.mkdir(parents=True, exist_ok=True)
    if not (cache / "faces.npy").exists():
        np.save(cache / "faces.npy", make_faces())
    if not (cache / "grounds.npy").exists():
        np.save(cache / "grounds.npy", make_grounds(negatives))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A view 3 x S x S float32, corners 4 x 2 in view pixels (zeros without a card), and 1.0 or 0.0."""

    view: Pixels
    corners: NDArray[np.float32]
    present: float


class Scenes:
    """Samples by index; the same (cache, seed, index) always gives the same one."""

    def __init__(self, cache: Path, seed: int) -> None:
        self._faces = np.load(cache / "faces.npy", mmap_mode="r")
        self._grounds = np.load(cache / "grounds.npy", mmap_mode="r")
        self._seed = seed
        self._stretch = [stretch(side) for side, _ in cached_sides()]
        self._mask = card_mask(FACE_SIZE[1], FACE_SIZE[0])

    def sample(self, index: int) -> Sample:
        rng = np.random.default_rng((self._seed, index))
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        x, y, width, height = inner_box(*_shape(rng, kind), INPUT_SIZE)
        blank = rng.random() < NEAR_WHITE_SHARE[kind]
        field = _blank(rng, height, width) if blank else self._ground(rng, height, width)
        faces = [int(rng.integers(len(self._faces))) for _ in range(MOST_CARDS)]
        cards = _cards(rng, kind, height, width)
        if kind != "crop":  # a closer look shows every card at the shape of an ID-1 card
            cards = [_tall(c, self._stretch[f]) for c, f in zip(cards, faces, strict=False)]
        for corners, face in zip(cards, faces, strict=False):
            self._paste(field, corners, face, rng, 0.25 if blank else 1.0)
        if cards and kind != "page" and rng.random() < 0.2:
            thumb(field, cards[0], rng)
        if kind == "crop":
            self._neighbour(field, cards[0], rng)
        weather(field, rng, 0.3 if blank else 1.0)
        seen = sensor(field, rng)
        if kind == "crop" and rng.random() < CUT_SHARE:
            _end_of_photo(seen, rng)
        seen, corners = _named(seen, cards, rng)
        view = np.full((INPUT_SIZE, INPUT_SIZE, 3), GREY, np.uint8)
        view[y : y + height, x : x + width] = seen
        if corners is None:
            return Sample(view, np.zeros((4, 2), np.float32), 0.0)
        return Sample(view, corners + np.array([x, y], np.float32), 1.0)

    def _neighbour(
        self, field: NDArray[np.float32], corners: Corners, rng: np.random.Generator
    ) -> None:
        """Perhaps another card of the same sheet, reaching into the view."""
        if rng.random() >= BESIDE_SHARE:
            return
        along = corners[1] - corners[0] if rng.random() < 0.5 else corners[3] - corners[0]
        sign = 1 if rng.random() < 0.5 else -1
        other = corners + sign * along * float(rng.uniform(1.03, 1.15))
        if not overlap([corners], other):
            face = int(rng.integers(len(self._faces)))
            self._paste(field, other.astype(np.float32), face, rng, 0.5)

    def _ground(self, rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
        ground = self._grounds[int(rng.integers(len(self._grounds)))]
        zoom = float(rng.uniform(0.5, 1.0))
        h = max(8, int(GROUND_SIZE * zoom * height / max(height, width)))
        w = max(8, int(GROUND_SIZE * zoom * width / max(height, width)))
        y, x = int(rng.integers(0, GROUND_SIZE - h + 1)), int(rng.integers(0, GROUND_SIZE - w + 1))
        crop = np.ascontiguousarray(ground[y : y + h, x : x + w])
        if rng.random() < 0.5:
            crop = cv2.flip(crop, int(rng.integers(-1, 2)))
        field = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        gain = rng.uniform(0.65, 1.3, 3) if rng.random() < 0.6 else np.ones(3)
        return np.asarray(field * gain + rng.uniform(-20, 20), np.float32)

    def _paste(
        self,
        field: NDArray[np.float32],
        corners: NDArray[np.float32],
        which: int,
        rng: np.random.Generator,
        relief: float,
    ) -> None:
        """Lays a face on the field, antialiased, with a cast shadow; `relief` scales the shadow."""
        height, width = field.shape[:2]
        face = np.asarray(self._faces[which])
        longest = max(
            float(np.linalg.norm(corners[1] - corners[0])),
            float(np.linalg.norm(corners[2] - corners[3])),
        )
        shrink = min(1.0, longest * SHRINK_MARGIN / FACE_SIZE[0])
        size = (max(8, round(FACE_SIZE[0] * shrink)), max(8, round(FACE_SIZE[1] * shrink)))
        card = cv2.resize(face, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        mask = cv2.resize(self._mask, size, interpolation=cv2.INTER_AREA)
        source = (
            np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32) - 0.5
        )
        # Corners are continuous coordinates; cv2 warps pixel indices, half a pixel less.
        warp = cv2.getPerspectiveTransform(source, corners - 0.5)
        alpha = _warp_smooth(mask, warp, (width, height))
        laid = cv2.warpPerspective(
            recoloured(card, rng),
            warp,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        if rng.random() < 0.7:
            drop = cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.6, 4)))
            slide = np.array([[1, 0, rng.uniform(-3, 3)], [0, 1, rng.uniform(-3, 3)]])
            field *= 1 - cv2.warpAffine(drop, slide, (width, height))[:, :, None] * float(
                rng.uniform(0.05, 0.55) * relief
            )
        field += alpha[:, :, None] * (laid - field)


def _warp_smooth(
    mask: NDArray[np.float32], warp: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float32]:
    """A mask warped at twice the size, so that its edges are not jagged."""
    double = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]], np.float64) @ warp
    large = cv2.warpPerspective(mask, double, (size[0] * 2, size[1] * 2), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.float32)


def _shape(rng: np.random.Generator, kind: str) -> tuple[float, float]:
    """Width and height of a picture, any unit."""
    if kind == "crop":
        return CARD_ASPECT * float(rng.uniform(0.93, 1.07)), 1.0
    aspect = float(rng.choice([2**0.5, 2**0.5, 1.0] if kind == "page" else ASPECTS))
    return (1.0, aspect) if rng.random() < 0.45 else (aspect, 1.0)


def _cards(rng: np.random.Generator, kind: str, height: int, width: int) -> list[Corners]:
    if kind == "photo":
        return photo_cards(rng, height, width)
    if kind == "page":
        return page_cards(rng, height, width)
    return [crop_card(rng, height, width)] if kind == "crop" else []


def _tall(corners: Corners, by: float) -> Corners:
    """A card made taller downwards."""
    tl, tr, br, bl = corners
    return np.stack([tl, tr, tr + (br - tr) * by, tl + (bl - tl) * by]).astype(np.float32)


def _blank(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """The lid of a scanner or a sheet of paper: nearly white, hardly ever quite even."""
    level = rng.uniform(222, 255) + rng.normal(0, 2, 3)
    slope = np.linspace(-1, 1, width)[None, :, None] * rng.uniform(0, 5)
    return np.asarray(np.full((height, width, 3), level) + slope, np.float32)


def _named(
    seen: Pixels, cards: list[Corners], rng: np.random.Generator
) -> tuple[Pixels, Corners | None]:
    """The card to name, after those before it have been painted over; None when none is left."""
    left = list(cards)
    if (len(left) > 1 and rng.random() < PAINTED_SHARE) or (len(left) == 1 and rng.random() < 0.07):
        for _ in range(int(rng.integers(1, len(left) + 1))):
            gone = left.pop(first_of(left))
            seen = painted_over(seen, gone)
    return seen, left[first_of(left)] if left else None


def _end_of_photo(seen: Pixels, rng: np.random.Generator) -> None:
    """Grey beyond a line that cuts off up to a third of the card: the photo ends there; in place."""
    height, width = seen.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    turn = np.deg2rad(float(rng.choice([0, 90, 180, 270])) + float(rng.normal(0, 7)))
    along = (xs / width - 0.5) * np.cos(turn) + (ys / height - 0.5) * np.sin(turn)
    seen[along > 0.5 - float(rng.uniform(0.06, 0.42))] = GREY
