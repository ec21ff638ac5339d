"""A camera model: a specimen in a scene, seen at an angle, through a lens, a sensor and a JPEG encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens import scenes
from specimens.truth import Corners, Pixels, Specimen, Truth

CORNER_RADIUS = 3.18 / 85.6
"""Radius of an ID-1 card's corners, as a share of its width (ISO/IEC 7810)."""
CARD_ASPECT = 53.98 / 85.6
"""Height by width of an ID-1 card."""
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Level:
    """How bad the photo is. Spans are uniform ranges; chances are probabilities.

    Attributes:
        card_width: pixels of the card's long side; frame: that side's share of the frame.
        lean: degrees of turn in the picture; perspective: corner shift, share of the card's width.
        defocus, motion: blur in pixels per 1000 px of card width; noise: standard deviation, grey levels.
        gradient: darkest part of the light, share of the brightest.
    """

    card_width: Span
    frame: Span
    lean: float
    perspective: float
    defocus: Span
    motion: Span
    motion_chance: float
    noise: Span
    gradient: Span
    shadow_chance: float
    glare_chance: float
    glare_strength: Span
    jpeg: tuple[int, int]
    surfaces: tuple[str, ...]
    things: int


LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        "scan": Level(
            card_width=(1000, 1500), frame=(0.55, 0.97), lean=2.0, perspective=0.004, defocus=(0.0, 0.5),
            motion=(0, 0), motion_chance=0.0, noise=(0.5, 2.0), gradient=(0.97, 1.0), shadow_chance=0.0,
            glare_chance=0.0, glare_strength=(0, 0), jpeg=(85, 97), surfaces=("dark", "plain"), things=0,
        ),
        "good": Level(
            card_width=(800, 1400), frame=(0.5, 0.92), lean=10.0, perspective=0.05, defocus=(0.2, 1.1),
            motion=(1, 3), motion_chance=0.1, noise=(1.5, 5.0), gradient=(0.75, 1.0), shadow_chance=0.3,
            glare_chance=0.12, glare_strength=(20, 70), jpeg=(75, 95), surfaces=tuple(scenes.SURFACES), things=6,
        ),
        "poor": Level(
            card_width=(450, 900), frame=(0.35, 0.9), lean=22.0, perspective=0.1, defocus=(0.9, 2.4),
            motion=(3, 8), motion_chance=0.35, noise=(4.0, 12.0), gradient=(0.45, 0.9), shadow_chance=0.6,
            glare_chance=0.45, glare_strength=(60, 190), jpeg=(38, 78), surfaces=tuple(scenes.SURFACES), things=9,
        ),
    }
)  # fmt: skip

LONGEST_SIDE = 2400
"""Pixels; a larger frame would only add background."""
UPRIGHT_CHANCE = 0.7
"""Most people hold the phone so that the card is upright; the rest is shared by the other three turns."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photographed specimen; the truth's quads are in pixels of the photo.

    Attributes:
        card_quad: 4 x 2 float32; corner 0 is the printed side's own top-left.
        rotation: 0, 90, 180 or 270 degrees clockwise, before the small lean.
    """

    pixels: Pixels
    truth: Truth
    card_quad: Corners
    level: str
    rotation: int


def _draw(rng: np.random.Generator, span: Span) -> float:
    return float(rng.uniform(*span))


def place(
    rng: np.random.Generator,
    frame: tuple[int, int],
    card_width: float,
    rotation: float,
    perspective: float,
    aspect: float = CARD_ASPECT,
) -> Corners:
    """Where a card's corners fall in a frame (height, width): turned, leaned, shifted, but fully inside
    whenever it fits; 4 x 2 float32, corner 0 the card's own top-left. `aspect` is its height by its width."""
    height, width = frame
    half = np.array([card_width / 2, card_width * aspect / 2])
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    angle = np.deg2rad(rotation)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = (signs * half) @ spin.T + rng.uniform(-perspective, perspective, (4, 2)) * card_width
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = np.array([width, height]) * 0.01
    room = np.array([width, height]) - (high - low) - 2 * margin
    corners -= low
    if (room < 0).any():
        corners *= float((1 + (np.minimum(room, 0) / (high - low))).min())
        room = np.array([width, height]) - corners.max(axis=0) - 2 * margin
    return np.asarray(corners + margin + rng.uniform(0, 1, 2) * np.maximum(room, 0), np.float32)


def card_mask(height: int, width: int) -> NDArray[np.float32]:
    """1 on the card, 0 beyond its rounded corners."""
    radius = round(width * CORNER_RADIUS)
    mask = np.zeros((height, width), np.float32)
    cv2.rectangle(mask, (radius, 0), (width - radius - 1, height - 1), 1.0, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - radius - 1), 1.0, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 1.0, -1, cv2.LINE_AA)
    return mask


def lay(
    field: scenes.Field,
    card: Pixels,
    corners: Corners,
    rng: np.random.Generator,
    mask: NDArray[np.float32] | None = None,
) -> NDArray[np.float64]:
    """Lays the card on the field in place, with its cast shadow; returns the map of its coordinates.

    `mask` says what of the picture there is (see `Specimen`)."""
    height, width = field.shape[:2]
    shown = float(np.linalg.norm(corners[1] - corners[0]))
    shrink = min(1.0, shown * 1.15 / card.shape[1])
    near = (
        cv2.resize(card, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        if shrink < 1
        else card
    )
    h, w = near.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    # Corners are continuous coordinates; cv2 warps by pixel index, which is half a pixel less.
    warp = cv2.getPerspectiveTransform(source - 0.5, corners - 0.5)
    solid = (
        card_mask(h, w) if mask is None else cv2.resize(mask, (w, h), interpolation=cv2.INTER_AREA)
    )
    alpha = cv2.warpPerspective(solid, warp, (width, height), flags=cv2.INTER_LINEAR)
    drop = cv2.GaussianBlur(alpha, (0, 0), max(1.0, shown * _draw(rng, (0.003, 0.02))))
    slide = np.array(
        [[1, 0, shown * _draw(rng, (-0.012, 0.012))], [0, 1, shown * _draw(rng, (0, 0.015))]]
    )
    drop = cv2.warpAffine(drop, slide, (width, height))
    field *= 1 - drop[:, :, None] * _draw(rng, (0.1, 0.5))
    laid = cv2.warpPerspective(
        near, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    field += alpha[:, :, None] * (laid.astype(np.float32) - field)
    whole = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * card.shape[1::-1]
    return np.asarray(cv2.getPerspectiveTransform(whole.astype(np.float32), corners), np.float64)


def lay_specimen(
    field: scenes.Field, specimen: Specimen, corners: Corners, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Lays a specimen so that its card's corners, not its picture's, come to `corners`."""
    height, width = specimen.pixels.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if specimen.mask is not None:
        move = cv2.getPerspectiveTransform(specimen.truth.card_quad, corners)
        there = cv2.perspectiveTransform(whole.reshape(1, 4, 2), move).reshape(4, 2)
    else:
        there = corners
    return lay(field, specimen.pixels, np.asarray(there, np.float32), rng, specimen.mask)


def aspect_of(specimen: Specimen) -> float:
    """Height by width of the card in a flat specimen."""
    quad = specimen.truth.card_quad
    return float(np.linalg.norm(quad[3] - quad[0]) / np.linalg.norm(quad[1] - quad[0]))


def light(field: scenes.Field, level: Level, rng: np.random.Generator) -> None:
    """A gradient, perhaps a shadow's edge, perhaps a glare, and a colour cast; in place."""
    height, width = field.shape[:2]
    ys, xs = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
    angle = _draw(rng, (0, 6.283))
    along = (xs / width - 0.5) * np.cos(angle) + (ys / height - 0.5) * np.sin(angle)
    light = 1 - (1 - _draw(rng, level.gradient)) * np.clip(along + 0.5, 0, 1)
    if rng.random() < level.shadow_chance:
        edge = (along * _draw(rng, (8, 60)) + _draw(rng, (-4, 4))).clip(-30, 30)
        light *= 1 - _draw(rng, (0.1, 0.4)) / (1 + np.exp(-edge))
    cast = rng.uniform(0.92, 1.06, 3).astype(np.float32)
    field *= cv2.resize(light.astype(np.float32), (width, height))[:, :, None] * cast
    if rng.random() < level.glare_chance:
        cx, cy = _draw(rng, (0.2, 0.8)) * width, _draw(rng, (0.2, 0.8)) * height
        reach = width * _draw(rng, (0.03, 0.12))
        stretch = _draw(rng, (1, 3))
        spot = np.exp(-(((xs - cx) / (reach * stretch)) ** 2 + ((ys - cy) / reach) ** 2))
        field += cv2.resize(spot.astype(np.float32), (width, height))[:, :, None] * _draw(
            rng, level.glare_strength
        )


def lens(
    field: scenes.Field, level: Level, card_width: float, rng: np.random.Generator
) -> scenes.Field:
    per_pixel = card_width / 1000
    sigma = _draw(rng, level.defocus) * per_pixel
    seen = cv2.GaussianBlur(field, (0, 0), sigma) if sigma > 0.15 else field
    if rng.random() < level.motion_chance:
        length = max(2, round(_draw(rng, level.motion) * per_pixel))
        kernel = np.zeros((length * 2 + 1,) * 2, np.float32)
        angle = _draw(rng, (0, 3.1416))
        step = (np.cos(angle) * length / 2, np.sin(angle) * length / 2)
        ends = [
            (round(length - step[0]), round(length - step[1])),
            (round(length + step[0]), round(length + step[1])),
        ]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1)
        seen = cv2.filter2D(seen, -1, kernel / kernel.sum())
    return np.asarray(seen, np.float32)


def sense(field: scenes.Field, level: Level, rng: np.random.Generator) -> Pixels:
    """Exposure, noise and JPEG."""
    field = field * _draw(rng, (0.88, 1.08))
    noise = rng.standard_normal(field.shape[:2], np.float32) * _draw(rng, level.noise)
    noisy = np.clip(field + noise[:, :, None], 0, 255).astype(np.uint8)
    quality = int(rng.integers(level.jpeg[0], level.jpeg[1] + 1))
    coded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _frame(
    rng: np.random.Generator, level: Level, rotation: int, card_aspect: float = CARD_ASPECT
) -> tuple[float, tuple[int, int]]:
    """Card width in pixels, and the frame's (height, width)."""
    card_width = _draw(rng, level.card_width)
    aspect = float(rng.choice([4 / 3, 3 / 2, 16 / 9, 1.0]))
    along = card_width / _draw(rng, level.frame)
    # The card's long side mostly lies along the frame's; upright phones are turned with the card.
    wide = (round(along / aspect), round(along))
    wide = (max(wide[0], round(card_width * (card_aspect + 0.09))), wide[1])
    height, width = wide if rotation in (0, 180) else (wide[1], wide[0])
    over = max(height, width) / LONGEST_SIDE
    if over > 1:
        height, width = round(height / over), round(width / over)
    return card_width, (height, width)


def photograph(
    specimen: Specimen,
    level: str,
    seed: int,
    *,
    rotation: int | None = None,
    background: Pixels | None = None,
) -> Photo:
    """One photo of a specimen.

    Args:
        level: "scan", "good" or "poor".
        rotation: clockwise turn of the card, 0, 90, 180 or 270; None draws one, mostly 0.
        background: BGR picture stretched to the frame instead of a made-up scene.

    Raises:
        KeyError: no such level.
        ValueError: another rotation.
    """
    rng = np.random.default_rng((seed, list(LEVELS).index(level), 0xCA3E))
    return take(specimen, Setting(level, LEVELS[level], rotation, background), rng)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """How one photo is taken.

    Attributes:
        name, level: the level's, which may have been changed.
        rotation, background: see `photograph`.
        develop: changes what the lens throws on the sensor, given the map from the specimen's coordinates.
    """

    name: str
    level: Level
    rotation: int | None = None
    background: Pixels | None = None
    develop: Callable[[scenes.Field, NDArray[np.float64]], scenes.Field] | None = None


def take(specimen: Specimen, setting: Setting, rng: np.random.Generator) -> Photo:
    """One photo in a setting.

    Raises:
        ValueError: another rotation than the four.
    """
    if setting.rotation not in (0, 90, 180, 270, None):
        raise ValueError("rotation is 0, 90, 180, 270 or None")
    spec = setting.level
    drawn = 0 if rng.random() < UPRIGHT_CHANCE else int(rng.choice([90, 180, 270]))
    turn = drawn if setting.rotation is None else setting.rotation
    aspect = aspect_of(specimen)
    card_width, (height, width) = _frame(rng, spec, turn, aspect)
    if setting.background is None:
        field = scenes.ground(rng, height, width, surfaces=spec.surfaces, things=spec.things)
    else:
        field = cv2.resize(
            setting.background, (width, height), interpolation=cv2.INTER_AREA
        ).astype(np.float32)
    lean = turn + _draw(rng, (-spec.lean, spec.lean))
    corners = place(rng, (height, width), card_width, lean, spec.perspective, aspect)
    warp = lay_specimen(field, specimen, corners, rng)
    light(field, spec, rng)
    seen = lens(field, spec, float(np.linalg.norm(corners[1] - corners[0])), rng)
    if setting.develop is not None:
        seen = setting.develop(seen, warp)
    truth = specimen.truth.moved(warp)
    return Photo(sense(seen, spec, rng), truth, truth.card_quad, setting.name, turn)


def scene_without_card(seed: int, level: str = "good") -> Pixels:
    """A photo like those of a level, but nobody put a card there; BGR uint8."""
    spec = LEVELS[level]
    rng = np.random.default_rng((seed, list(LEVELS).index(level), 0x0CA2D))
    card_width, (height, width) = _frame(rng, spec, int(rng.choice([0, 90])))
    field = scenes.ground(rng, height, width, things=spec.things + 2)
    light(field, spec, rng)
    return sense(lens(field, spec, card_width, rng), spec, rng)
