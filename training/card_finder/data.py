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

from models.cards.card_corners import CARD_ASPECT, GREY, STRIDE, inner_box
from specimens import scenes
from specimens.camera import card_mask, place
from specimens.scenes import SURFACES, skin

INPUT_SIZE = 192
CELLS = INPUT_SIZE // STRIDE
FACE_SIZE = (404, 255)
GROUND_SIZE = 288
TRAIN_PEOPLE = 90
FIRST_TRAIN_PERSON = 100_000
"""Seeds of people and scenes from here on belong to training; evaluation draws from 0 to 99,999."""
GROUNDS = 900
HELD_OUT_SURFACES = ("cloth", "picture")
"""Never seen in training, used by the evaluation only."""
TRAIN_SURFACES = tuple(name for name in SURFACES if name not in HELD_OUT_SURFACES)
NO_CARD_SHARE = 0.25
SHRINK_MARGIN = 1.2

Pixels = NDArray[np.uint8]


def training_portrait(index: int) -> bool:
    """Portraits with an even index are for training, the others for evaluation."""
    return index % 2 == 0


def make_faces() -> Pixels:
    """Rendered sides of the training people, N x 255 x 404 x 3."""
    # Imported here: only this step needs the specimens' own dependencies.
    from specimens.layouts import SIDES
    from specimens.people import make_person
    from specimens.portraits import portraits
    from specimens.render import render

    pictures = [p for i, p in enumerate(portraits()) if training_portrait(i)]
    found = []
    for k in tqdm(range(TRAIN_PEOPLE), desc="card faces"):
        seed = FIRST_TRAIN_PERSON + k
        for side in SIDES:
            card = render(side, make_person(seed), pictures[k % len(pictures)].pixels, seed)
            found.append(cv2.resize(card.pixels, FACE_SIZE, interpolation=cv2.INTER_AREA))
    return np.stack(found).astype(np.uint8)


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
        self._mask = card_mask(FACE_SIZE[1], FACE_SIZE[0])

    def sample(self, index: int) -> Sample:
        rng = np.random.default_rng((self._seed, index))
        aspect = float(rng.choice([1.0, 4 / 3, 3 / 2, 16 / 9, CARD_ASPECT]))
        kind = rng.choice(["photo", "crop", "none"], p=[0.45, 0.3, NO_CARD_SHARE])
        upright_phone = kind != "crop" and rng.random() < 0.45
        shape = (1.0, aspect) if upright_phone else (aspect, 1.0)
        if kind == "crop":
            shape = (CARD_ASPECT * float(rng.uniform(0.93, 1.07)), 1.0)
        x, y, width, height = inner_box(*shape, INPUT_SIZE)
        field = self._ground(rng, height, width)
        corners = np.zeros((4, 2), np.float32)
        if kind != "none":
            draw = _photo_corners if kind == "photo" else _crop_corners
            corners = draw(rng, height, width)
            self._paste(field, corners, rng)
        _weather(field, rng)
        view = np.full((INPUT_SIZE, INPUT_SIZE, 3), GREY, np.uint8)
        view[y : y + height, x : x + width] = _sensor(field, rng)
        return Sample(view, corners + np.array([x, y], np.float32), float(kind != "none"))

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
        self, field: NDArray[np.float32], corners: NDArray[np.float32], rng: np.random.Generator
    ) -> None:
        """Lays a face on the field, antialiased, with a cast shadow."""
        height, width = field.shape[:2]
        face = np.asarray(self._faces[int(rng.integers(len(self._faces)))])
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
            _recoloured(card, rng),
            warp,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        if rng.random() < 0.7:
            drop = cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.6, 4)))
            slide = np.array([[1, 0, rng.uniform(-3, 3)], [0, 1, rng.uniform(-3, 3)]])
            field *= 1 - cv2.warpAffine(drop, slide, (width, height))[:, :, None] * float(
                rng.uniform(0.05, 0.55)
            )
        field += alpha[:, :, None] * (laid - field)
        if rng.random() < 0.2:
            _thumb(field, corners, rng)


def _warp_smooth(
    mask: NDArray[np.float32], warp: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float32]:
    """A mask warped at twice the size, so that its edges are not jagged."""
    double = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]], np.float64) @ warp
    large = cv2.warpPerspective(mask, double, (size[0] * 2, size[1] * 2), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.float32)


def _photo_corners(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """A card anywhere in a photo, from small to filling the frame, turned any way but mostly near a right angle."""
    turn = float(rng.choice([0, 90, 180, 270])) + float(rng.normal(0, 9))
    if rng.random() < 0.15:
        turn = float(rng.uniform(0, 360))
    wide = np.exp(rng.uniform(np.log(0.25), np.log(1.02))) * max(height, width)
    return place(rng, (height, width), float(wide), turn, float(rng.uniform(0, 0.11)))


def _crop_corners(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """A card that nearly fills the frame: a client's own crop (corners at or just beyond the edge), or the
    second look at a card found before (some ground all around)."""
    margin = (
        float(rng.uniform(-0.012, 0.03)) if rng.random() < 0.35 else float(rng.uniform(0.04, 0.18))
    )
    inset = np.array([width, height]) * margin / (1 + 2 * max(margin, 0))
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    shake = 0.004 if margin < 0.03 else 0.02
    corners = box + signs * inset + rng.normal(0, shake, (4, 2)) * width
    return np.roll(corners, 2 * int(rng.random() < 0.4), axis=0).astype(np.float32)


def _recoloured(card: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Other inks and papers than the renderer's, so that real cards are no surprise."""
    if rng.random() < 0.7:
        card = card * rng.uniform(0.75, 1.2, 3) + rng.uniform(-18, 18, 3)
    if rng.random() < 0.12:
        card = card[:, :, rng.permutation(3)]
    if rng.random() < 0.3:
        middle = card.mean()
        card = (card - middle) * float(rng.uniform(0.5, 1.2)) + middle
    return np.asarray(card, np.float32)


def _thumb(
    field: NDArray[np.float32], corners: NDArray[np.float32], rng: np.random.Generator
) -> None:
    """A finger over one edge."""
    edge = int(rng.integers(4))
    start, end = corners[edge], corners[(edge + 1) % 4]
    at = start + (end - start) * float(rng.uniform(0.15, 0.85))
    away = at - corners.mean(axis=0)
    long = float(np.linalg.norm(corners[0] - corners[2]))
    tip = at - away / max(float(np.linalg.norm(away)), 1.0) * long * float(rng.uniform(0.0, 0.08))
    tail = at + away * 1.5
    points = [tuple(int(v) for v in point) for point in (tip, tail)]
    cv2.line(
        field,
        points[0],
        points[1],
        skin(rng),
        max(2, int(long * float(rng.uniform(0.06, 0.13)))),
        cv2.LINE_AA,
    )


def _weather(field: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Light that falls off, a shadow's edge, glare; in place."""
    height, width = field.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = float(rng.uniform(0, 6.283))
    along = (xs / width - 0.5) * np.cos(angle) + (ys / height - 0.5) * np.sin(angle)
    light = 1 - float(rng.uniform(0, 0.55)) * np.clip(along + 0.5, 0, 1)
    if rng.random() < 0.35:
        edge = (along * float(rng.uniform(8, 60)) + float(rng.uniform(-4, 4))).clip(-30, 30)
        light *= 1 - float(rng.uniform(0.1, 0.45)) / (1 + np.exp(-edge))
    field *= light[:, :, None] * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    if rng.random() < 0.25:
        cx, cy = float(rng.uniform(0, 1)) * width, float(rng.uniform(0, 1)) * height
        reach = width * float(rng.uniform(0.02, 0.14))
        spot = np.exp(
            -(((xs - cx) / (reach * float(rng.uniform(1, 3)))) ** 2 + ((ys - cy) / reach) ** 2)
        )
        field += spot[:, :, None] * float(rng.uniform(40, 220))


def _sensor(field: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """Exposure, blur, noise, JPEG, sometimes no colour."""
    height, width = field.shape[:2]
    field = field * float(rng.uniform(0.7, 1.15))
    if rng.random() < 0.45:
        field = cv2.GaussianBlur(field, (0, 0), float(rng.uniform(0.3, 1.2)))
    if rng.random() < 0.15:
        factor = float(rng.uniform(0.35, 0.8))
        field = cv2.resize(
            cv2.resize(field, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA),
            (width, height),
        )
    noise = rng.standard_normal(field.shape, np.float32) * float(rng.uniform(0, 9))
    seen = np.clip(field + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        seen = cv2.cvtColor(cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.3:
        coded = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])[1]
        seen = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return np.asarray(seen, np.uint8)
