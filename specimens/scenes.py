"""What a card may lie on, and what may lie beside it: procedural surfaces, clutter and shipped textures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.truth import Pixels

Field = NDArray[np.float32]
"""Height x width x 3 BGR as float32."""
Surface = Callable[[np.random.Generator, int, int], Field]

TEXTURES = ("brick.png", "grass.png", "gravel.png")
PICTURES = ("coffee.png", "chelsea.png", "rocket.jpg", "ihc.png", "page.png")
"""Pictures shipped inside scikit-image."""


def _colour(rng: np.random.Generator, low: int = 20, high: int = 245) -> Field:
    grey = rng.uniform(low, high)
    return np.clip(grey + rng.normal(0, 28, 3), 0, 255).astype(np.float32)


def _smooth_noise(
    rng: np.random.Generator, height: int, width: int, cells: tuple[int, int]
) -> NDArray[np.float32]:
    """Noise in [-1, 1] that varies over about `cells` patches down and across."""
    coarse = rng.uniform(-1, 1, (max(2, cells[0]), max(2, cells[1]))).astype(np.float32)
    return np.asarray(
        cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32
    )


def plain(rng: np.random.Generator, height: int, width: int) -> Field:
    """One colour with a soft gradient."""
    base = _colour(rng) + _smooth_noise(rng, height, width, (3, 3))[:, :, None] * rng.uniform(2, 25)
    return base.astype(np.float32)


def wood(rng: np.random.Generator, height: int, width: int) -> Field:
    """Planks with grain."""
    tone = np.array([rng.uniform(20, 130), rng.uniform(50, 165), rng.uniform(80, 200)], np.float32)
    grain = _smooth_noise(rng, height, width, (int(rng.integers(25, 110)), int(rng.integers(2, 6))))
    warp = _smooth_noise(rng, height, width, (8, 3)) * 3
    rings = np.sin((np.linspace(0, float(rng.uniform(20, 60)), height)[:, None] + warp) * 2)
    field = tone + (grain * 18 + rings * 10)[:, :, None]
    for row in np.linspace(0, height, int(rng.integers(2, 6)))[1:-1]:
        field[int(row) : int(row) + max(1, height // 200)] *= 0.55
    if rng.random() < 0.4:
        field = cv2.rotate(cv2.resize(field, (height, width)), cv2.ROTATE_90_CLOCKWISE)
    return np.asarray(field, np.float32)


def cloth(rng: np.random.Generator, height: int, width: int) -> Field:
    """A weave, checks or stripes, with folds."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    period = width / float(rng.uniform(12, 90))
    across, down = np.sin(xs * 6.283 / period), np.sin(ys * 6.283 / period)
    pattern = (
        across * down
        if rng.random() < 0.5
        else np.sign(across) + np.sign(down) * float(rng.random() < 0.6)
    )
    folds = _smooth_noise(rng, height, width, (4, 5)) * 22
    ink = rng.normal(0, 26, 3).astype(np.float32)
    return np.asarray(_colour(rng) + pattern[:, :, None] * ink + folds[:, :, None], np.float32)


def paper(rng: np.random.Generator, height: int, width: int) -> Field:
    """A printed page: rows of word-like dashes, sometimes a table."""
    field = np.full((height, width, 3), rng.uniform(205, 250), np.float32)
    pitch = max(4, int(height / rng.uniform(16, 45)))
    dark = float(rng.uniform(20, 110))
    for y in range(pitch, height - pitch // 2, pitch):
        if rng.random() < 0.12:
            continue
        x = int(width * rng.uniform(0.02, 0.15))
        while x < width * 0.93:
            word = int(pitch * rng.uniform(0.6, 3.2))
            letters = rng.random((max(2, pitch // 2), max(2, word // 2))) < 0.5
            block = cv2.resize(
                letters.astype(np.float32),
                (word, max(2, pitch // 2)),
                interpolation=cv2.INTER_LINEAR,
            )
            area = field[y : y + block.shape[0], x : x + word]
            area -= block[: area.shape[0], : area.shape[1], None] * (area - dark)
            x += word + int(pitch * rng.uniform(0.3, 0.7))
    if rng.random() < 0.3:
        for x in np.linspace(width * 0.05, width * 0.95, int(rng.integers(3, 7))):
            cv2.line(field, (int(x), 0), (int(x), height), (dark,) * 3, max(1, width // 500))
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 0.7), np.float32)


def tiles(rng: np.random.Generator, height: int, width: int) -> Field:
    """Floor tiles or a laptop's keys: a grid of rounded squares."""
    side = int(width / rng.uniform(5, 16))
    field = plain(rng, height, width)
    key = _colour(rng)
    gap = max(2, side // int(rng.integers(7, 16)))
    for y in range(-side // 2, height, side):
        shift = int(rng.integers(0, side)) if rng.random() < 0.5 else 0
        for x in range(-shift, width, side):
            shade = key + rng.normal(0, 6)
            cv2.rectangle(
                field, (x + gap, y + gap), (x + side - gap, y + side - gap), shade.tolist(), -1
            )
            if rng.random() < 0.7:
                mark = (shade + (90 if shade.mean() < 128 else -90)).tolist()
                cv2.circle(field, (x + side // 3, y + side // 3), max(1, side // 14), mark, -1)
    return field


def speckle(rng: np.random.Generator, height: int, width: int) -> Field:
    """Granite, carpet or asphalt: noise on several scales."""
    field = np.zeros((height, width), np.float32)
    for cells in (12, 60, 240):
        field += _smooth_noise(rng, height, width, (cells * height // width, cells)) * float(
            rng.uniform(4, 26)
        )
    field += rng.normal(0, float(rng.uniform(1, 14)), (height, width)).astype(np.float32)
    return np.asarray(_colour(rng) + field[:, :, None], np.float32)


def dark(rng: np.random.Generator, height: int, width: int) -> Field:
    """An almost black or almost white ground, as scanners leave."""
    level = rng.uniform(2, 40) if rng.random() < 0.4 else rng.uniform(225, 254)
    return np.full((height, width, 3), level, np.float32)


@cache
def _texture(name: str) -> Pixels | None:
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        return None
    picture = cv2.imread(str(Path(spec.origin).parent / "data" / name), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)


def _shipped(names: Sequence[str], rng: np.random.Generator, height: int, width: int) -> Field:
    """A crop of a picture shipped in scikit-image, in other colours; plain where it is not installed."""
    picture = _texture(str(rng.choice(list(names))))
    if picture is None:
        return plain(rng, height, width)
    zoom = float(rng.uniform(0.45, 1.0))
    h = int(min(picture.shape[0], picture.shape[1] * height / width) * zoom)
    w = min(int(h * width / height), picture.shape[1])
    y = int(rng.integers(0, picture.shape[0] - h + 1))
    x = int(rng.integers(0, picture.shape[1] - w + 1))
    crop = cv2.resize(picture[y : y + h, x : x + w], (width, height), interpolation=cv2.INTER_AREA)
    tint = rng.uniform(0.7, 1.25, 3)
    return np.asarray(crop.astype(np.float32) * tint, np.float32)


def texture(rng: np.random.Generator, height: int, width: int) -> Field:
    """Bricks, grass or gravel, from photographs shipped in scikit-image."""
    return _shipped(TEXTURES, rng, height, width)


def picture(rng: np.random.Generator, height: int, width: int) -> Field:
    """Part of a photograph of something else, shipped in scikit-image."""
    return _shipped(PICTURES, rng, height, width)


SURFACES: Mapping[str, Surface] = MappingProxyType(
    {
        "plain": plain,
        "wood": wood,
        "cloth": cloth,
        "paper": paper,
        "tiles": tiles,
        "speckle": speckle,
        "dark": dark,
        "texture": texture,
        "picture": picture,
    }
)


def grey_desk(rng: np.random.Generator, height: int, width: int) -> Field:
    """A desk without any colour."""
    level = float(rng.uniform(60, 215))
    field = np.full((height, width), level, np.float32)
    for cells in (8, 120):
        field += _smooth_noise(rng, height, width, (cells * height // width, cells)) * float(
            rng.uniform(2, 10)
        )
    return np.repeat(field[:, :, None], 3, axis=2)


def striped_cloth(rng: np.random.Generator, height: int, width: int) -> Field:
    """Fine stripes or checks, as regular as the pixels of a screen."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    pitch, angle = float(rng.uniform(4, 18)), float(rng.uniform(0, np.pi))
    u = (xs * np.cos(angle) + ys * np.sin(angle)) / pitch
    v = (ys * np.cos(angle) - xs * np.sin(angle)) / pitch
    weave = np.sin(u * 6.283)
    if rng.random() < 0.5:
        weave = weave + np.sin(v * 6.283)
    return np.asarray(_colour(rng) + weave[:, :, None] * rng.uniform(12, 50, 3), np.float32)


GREY_DESK, STRIPED_CLOTH = "grey_desk", "striped_cloth"
HARD_SURFACES: Mapping[str, Surface] = MappingProxyType(
    {GREY_DESK: grey_desk, STRIPED_CLOTH: striped_cloth}
)
"""Drawn only when asked for by name: they look like photocopies and screens."""


def _turned_box(
    rng: np.random.Generator, height: int, width: int, size: tuple[float, float]
) -> NDArray[np.int32]:
    centre = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
    return cv2.boxPoints((centre, size, float(rng.uniform(0, 180)))).astype(np.int32)


def _sheet(field: Field, rng: np.random.Generator) -> None:
    """A card-, phone- or book-like rectangle with a few marks on it."""
    height, width = field.shape[:2]
    long = width * float(rng.uniform(0.12, 0.6))
    box = _turned_box(rng, height, width, (long, long * float(rng.uniform(0.4, 0.8))))
    colour = _colour(rng)
    cv2.fillPoly(field, [box], colour.tolist(), cv2.LINE_AA)
    inner = (box - box.mean(axis=0)) * float(rng.uniform(0.75, 0.95)) + box.mean(axis=0)
    other = _colour(rng)
    if rng.random() < 0.5:
        cv2.fillPoly(field, [inner.astype(np.int32)], other.tolist(), cv2.LINE_AA)
    for share in rng.uniform(0.1, 0.9, int(rng.integers(0, 7))):
        start = inner[0] + (inner[3] - inner[0]) * share
        along = (inner[1] - inner[0]) * float(rng.uniform(0.3, 0.95))
        ends = [tuple(int(v) for v in point) for point in (start, start + along)]
        cv2.line(field, ends[0], ends[1], _colour(rng).tolist(), max(1, width // 250), cv2.LINE_AA)


def _round(field: Field, rng: np.random.Generator) -> None:
    """A cup, coin or shadowed ball."""
    height, width = field.shape[:2]
    centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
    axes = (int(width * rng.uniform(0.03, 0.16)), int(width * rng.uniform(0.03, 0.16)))
    colour = _colour(rng)
    cv2.ellipse(
        field, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour.tolist(), -1, cv2.LINE_AA
    )
    smaller = (max(1, axes[0] * 3 // 4), max(1, axes[1] * 3 // 4))
    cv2.ellipse(field, centre, smaller, 0, 0, 360, (colour * 0.85).tolist(), -1, cv2.LINE_AA)


def _stick(field: Field, rng: np.random.Generator) -> None:
    """A pen or cable."""
    height, width = field.shape[:2]
    ends = [
        (int(rng.integers(-width // 4, width * 5 // 4)), int(rng.integers(0, height)))
        for _ in range(2)
    ]
    cv2.line(
        field,
        ends[0],
        ends[1],
        _colour(rng).tolist(),
        max(1, int(width * rng.uniform(0.004, 0.03))),
        cv2.LINE_AA,
    )


def skin(rng: np.random.Generator) -> tuple[float, float, float]:
    """A skin tone, BGR."""
    light = float(rng.uniform(0.45, 1.0))
    return (150 * light, 178 * light, 226 * light)


def _fingers(field: Field, rng: np.random.Generator) -> None:
    """Finger-like rounded sticks reaching in from an edge."""
    height, width = field.shape[:2]
    tone = skin(rng)
    thick = int(width * rng.uniform(0.04, 0.1))
    x, y = int(rng.integers(0, width)), int(rng.choice([0, height]))
    for finger in range(int(rng.integers(1, 5))):
        tip = (
            x + finger * thick + int(rng.integers(-9, 9)),
            y + int((height / 2 - y) * rng.uniform(0.3, 0.9)),
        )
        cv2.line(field, (x + finger * thick, y), tip, tone, thick, cv2.LINE_AA)


CLUTTER: tuple[Callable[[Field, np.random.Generator], None], ...] = (
    _sheet,
    _sheet,
    _round,
    _stick,
    _fingers,
)


def _surface(name: str) -> Surface:
    return SURFACES[name] if name in SURFACES else HARD_SURFACES[name]


def ground(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    surfaces: Sequence[str] = tuple(SURFACES),
    things: int = 6,
) -> Field:
    """A surface with up to `things` objects on it, H x W x 3 float32 BGR, not clipped."""
    field = np.ascontiguousarray(_surface(str(rng.choice(list(surfaces))))(rng, height, width))
    for _ in range(int(rng.integers(0, things + 1))):
        CLUTTER[int(rng.integers(len(CLUTTER)))](field, rng)
    return field
