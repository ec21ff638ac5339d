"""What happens to a card itself: wear, glare on its laminate, a cut corner, punched holes, things that cover a field.

Every function takes a flat specimen, a severity from 0 (slight) to 1 (gross) and a generator, and returns the specimen
with the change in its pixels, its mask and its truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.camera import card_mask
from specimens.canvas import box_quad
from specimens.scenes import skin
from specimens.truth import Corners, Defect, Pixels, Specimen

Field = NDArray[np.float32]
Develop = Callable[[Field, NDArray[np.float64]], Field]
"""What happens on the sensor; see `camera.Setting`."""
CORNERS = ("top-left", "top-right", "bottom-right", "bottom-left")
COVERED_SHARE = 0.3
"""Of a line's box under a glare from which the field counts as hidden by it."""
BLINDING = 90.0
"""Grey levels a glare adds where print can no longer be read."""
FINGER_ROOM = 0.4
"""Of the card's width: how far a finger is shown beyond the card's edge."""


def with_defect(specimen: Specimen, defect: Defect) -> Specimen:
    """The specimen with one more entry in its truth."""
    return replace(
        specimen, truth=replace(specimen.truth, defects=(*specimen.truth.defects, defect))
    )


def solid(specimen: Specimen) -> Field:
    """The specimen's mask, made where it is implied."""
    return card_mask(*specimen.pixels.shape[:2]) if specimen.mask is None else specimen.mask.copy()


def to_pixels(field: Field) -> Pixels:
    return np.clip(np.rint(field), 0, 255).astype(np.uint8)


def _unit(specimen: Specimen) -> float:
    """Pixels per millimetre of a rendered card at any scale."""
    quad = specimen.truth.card_quad
    return float(np.linalg.norm(quad[1] - quad[0])) / _millimetres(specimen)


def _millimetres(specimen: Specimen) -> float:
    return 125.0 if specimen.truth.side.startswith("passport") else 85.6


def _blotches(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Field:
    """Smooth noise between 0 and 1."""
    coarse = rng.random((max(2, cells * shape[0] // shape[1]), cells), np.float32)
    return np.clip(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), 0, 1)


def worn(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """Faded print, scratches, a crease, yellowed laminate, rubbed edges: a genuine card of many years."""
    field = specimen.pixels.astype(np.float32)
    height, width = field.shape[:2]
    fade = _blotches(rng, (height, width), 5) * (0.12 + 0.28 * severity)
    field += fade[:, :, None] * (np.median(field, axis=(0, 1)) - field)
    marks = np.zeros((height, width), np.float32)
    for _ in range(int(6 + 30 * severity)):
        start = rng.uniform(0, 1, 2) * (width, height)
        along = rng.normal(0, 0.1 + 0.12 * severity, 2) * width
        ends = [tuple(int(v) for v in point) for point in (start, start + along)]
        shade = float(rng.choice([-1, 1])) * float(rng.uniform(0.2, 1.0))
        cv2.line(marks, ends[0], ends[1], shade, 1, cv2.LINE_AA)
    field += marks[:, :, None] * (30 + 60 * severity)
    if rng.random() < 0.5:
        _crease(field, severity, rng)
    field *= np.array([1 - 0.13 * severity, 1 - 0.02 * severity, 1.0], np.float32)
    edge = 1 - cv2.GaussianBlur(card_mask(height, width), (0, 0), 2 + 5 * severity)
    field += edge[:, :, None] * _blotches(rng, (height, width), 60)[:, :, None] * 120 * severity
    return with_defect(replace(specimen, pixels=to_pixels(field)), Defect("worn", "", severity))


def _crease(field: Field, severity: float, rng: np.random.Generator) -> None:
    """A fold across the sheet, light on one side and dark on the other; in place."""
    height, width = field.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = float(rng.uniform(-0.4, 0.4)) + (np.pi / 2 if rng.random() < 0.5 else 0.0)
    off = (xs - width * float(rng.uniform(0.2, 0.8))) * np.sin(angle) + (
        ys - height * float(rng.uniform(0.2, 0.8))
    ) * np.cos(angle)
    fold = off / (1.5 + 2 * severity)
    field += (-fold * np.exp(-(fold**2)) * 60 * (0.4 + severity))[:, :, None]


def glare(
    specimen: Specimen, severity: float, rng: np.random.Generator
) -> tuple[Specimen, Develop]:
    """A lamp in the laminate: a bright patch or band in which print is lost. `where`: the fields it hides.

    The light is added on the sensor, which it saturates whatever the light on the card.
    """
    height, width = specimen.pixels.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    targets = [line.quad.mean(axis=0) for line in specimen.truth.lines if line.field]
    aim = targets[int(rng.integers(len(targets)))] + rng.normal(0, 0.03 * width, 2)
    angle = float(rng.uniform(0, np.pi))
    u = (xs - aim[0]) * np.cos(angle) + (ys - aim[1]) * np.sin(angle)
    v = -(xs - aim[0]) * np.sin(angle) + (ys - aim[1]) * np.cos(angle)
    wide = width * (0.05 + 0.09 * severity)
    long = wide * float(rng.choice([1.3, 2.5, 8.0]))
    spot = np.exp(-(np.abs(u / long) ** 3 + np.abs(v / wide) ** 3))
    added = (spot * (170 + 230 * severity)).astype(np.float32)
    bleed = cv2.GaussianBlur(added, (0, 0), wide / 2) * 0.35
    shine = (added + bleed).astype(np.float32)
    hidden = _under(specimen, (added > BLINDING).astype(np.float32))
    ys_hit, xs_hit = np.nonzero(added > BLINDING)
    box = box_quad(xs_hit.min(), ys_hit.min(), xs_hit.max(), ys_hit.max())

    def develop(seen: Field, warp: NDArray[np.float64]) -> Field:
        size = (seen.shape[1], seen.shape[0])
        return np.asarray(seen + cv2.warpPerspective(shine, warp, size)[:, :, None], np.float32)

    return with_defect(specimen, Defect("glare", ", ".join(hidden), severity, box)), develop


def _under(specimen: Specimen, cover: Field) -> list[str]:
    """Fields, and "portrait", "qr", of which at least `COVERED_SHARE` lies under a cover."""
    found = []
    slots: list[tuple[str | None, Corners | None]] = [
        *((line.field, line.quad) for line in specimen.truth.lines),
        ("portrait", specimen.truth.portrait_quad),
        ("qr", specimen.truth.qr_quad),
    ]
    for name, quad in slots:
        if name is None or quad is None:
            continue
        (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
        part = cover[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
        if part.size and float(part.mean()) > COVERED_SHARE:
            found.append(name)
    return list(dict.fromkeys(found))


def cut_corner(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """A corner cut off, as is done to cards that no longer hold. `where`: which."""
    height, width = specimen.pixels.shape[:2]
    at = int(rng.integers(4))
    leg = width * (0.045 + 0.1 * severity)
    corner = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)[at]
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])[at]
    legs = leg * rng.uniform(0.8, 1.25, 2)
    step = inward * legs
    triangle = np.stack([corner, corner + step * [1, 0], corner + step * [0, 1]])
    mask = solid(specimen)
    cv2.fillPoly(mask, [np.round(triangle * 16).astype(np.int32)], 0.0, cv2.LINE_AA, 4)
    (x0, y0), (x1, y1) = triangle.min(axis=0), triangle.max(axis=0)
    defect = Defect("cut_corner", CORNERS[at], severity, box_quad(x0, y0, x1, y1))
    return with_defect(replace(specimen, mask=mask), defect)


def punched(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """One to three round holes, as a punch makes them void. `where`: fields they hit."""
    height, width = specimen.pixels.shape[:2]
    mask = solid(specimen)
    field = specimen.pixels.astype(np.float32)
    radius = _unit(specimen) * (1.5 + 2.0 * severity)
    gone = np.zeros((height, width), np.float32)
    for _ in range(1 + int(rng.integers(0, 2)) + int(severity > 0.7)):
        x, y = (float(rng.uniform(2 * radius, side - 2 * radius)) for side in (width, height))
        centre = (round(x * 16), round(y * 16))
        cv2.circle(mask, centre, round(radius * 16), 0.0, -1, cv2.LINE_AA, 4)
        cv2.circle(gone, centre, round(radius * 16), 1.0, -1, cv2.LINE_AA, 4)
        rim = np.zeros((height, width), np.float32)
        cv2.circle(rim, centre, round(radius * 16), 1.0, 3, cv2.LINE_AA, 4)
        field *= 1 - 0.35 * rim[:, :, None]
    ys, xs = np.nonzero(gone)
    box = box_quad(xs.min(), ys.min(), xs.max(), ys.max())
    defect = Defect("punched", ", ".join(_under(specimen, gone)), severity, box)
    return with_defect(replace(specimen, pixels=to_pixels(field), mask=mask), defect)


def covered(
    specimen: Specimen, severity: float, rng: np.random.Generator, *, field: str | None = None
) -> Specimen:
    """A sticker on a field or a finger over it. `where`: the fields it hides.

    Args:
        field: which, of the truth's lines, or "portrait"; None draws one.

    Raises:
        ValueError: nothing of that name is printed on this side.
    """
    slots = _slots(specimen)
    name = field or list(slots)[int(rng.integers(len(slots)))]
    if name not in slots:
        raise ValueError(f"{specimen.truth.side} prints no {name}")
    if rng.random() < 0.5:
        return _sticker(specimen, slots[name], severity, rng)
    return _finger(specimen, slots[name], severity, rng)


def _slots(specimen: Specimen) -> dict[str, Corners]:
    """Upright boxes of every printed field and of the portrait."""
    parts: dict[str, list[Corners]] = {}
    for line in specimen.truth.lines:
        if line.field:
            parts.setdefault(line.field, []).append(line.quad)
    if specimen.truth.portrait_quad is not None:
        parts["portrait"] = [specimen.truth.portrait_quad]
    found = {}
    for name, quads in parts.items():
        points = np.concatenate(quads)
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        found[name] = box_quad(float(x0), float(y0), float(x1), float(y1))
    return found


def _sticker(
    specimen: Specimen, box: Corners, severity: float, rng: np.random.Generator
) -> Specimen:
    """A piece of paper or tape, a little turned, at least as high as the field."""
    height, width = specimen.pixels.shape[:2]
    (x0, y0), (x1, y1) = box[0], box[2]
    wide, tall = (x1 - x0) * (0.55 + 0.55 * severity), (y1 - y0) * (1.25 + 0.6 * severity)
    centre = (
        float(rng.uniform(x0 + wide / 2, max(x0 + wide / 2 + 1, x1 - wide / 2))),
        float((y0 + y1) / 2),
    )
    corners = cv2.boxPoints((centre, (float(wide), float(tall)), float(rng.normal(0, 4))))
    paper = np.zeros((height, width), np.float32)
    cv2.fillPoly(paper, [np.round(corners * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    bright = float(rng.uniform(60, 250))
    tone = np.clip(bright + rng.normal(0, 40, 3), 10, 252).astype(np.float32)
    field = specimen.pixels.astype(np.float32)
    shadow = cv2.GaussianBlur(np.roll(paper, (2, 2), (0, 1)), (0, 0), 3)
    field *= 1 - 0.4 * (shadow * (1 - paper))[:, :, None]
    grain = rng.normal(0, 2.5, (height, width)).astype(np.float32)
    field += paper[:, :, None] * (tone + grain[:, :, None] - field)
    names = ", ".join(_under(specimen, paper))
    changed = replace(specimen, pixels=to_pixels(field))
    return with_defect(changed, Defect("covered", names, severity, corners.astype(np.float32)))


def _finger(
    specimen: Specimen, box: Corners, severity: float, rng: np.random.Generator
) -> Specimen:
    """A finger from beyond the nearest long edge, its tip on the field."""
    wide = padded(specimen, FINGER_ROOM)
    height, width = wide.pixels.shape[:2]
    card = wide.truth.card_quad
    room = card[0]
    (x0, y0), (x1, y1) = box[0] + room, box[2] + room
    thick = _unit(specimen) * (13 + 6 * severity)
    tip = np.array([rng.uniform(x0 + 0.3 * (x1 - x0), x0 + 0.7 * (x1 - x0)), (y0 + y1) / 2])
    below = bool(tip[1] > (card[0, 1] + card[2, 1]) / 2)
    root = np.array([tip[0] + rng.normal(0, 0.2) * width, 1.3 * height if below else -0.3 * height])
    start = tip + (tip - root) / np.linalg.norm(tip - root) * thick * (0.1 + 0.4 * severity)
    shape = _capsule((height, width), start, root, thick / 2)
    axis = (root - start) / np.linalg.norm(root - start)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    across = ((xs - start[0]) * -axis[1] + (ys - start[1]) * axis[0]) / (thick / 2)
    shade = 0.72 + 0.28 * np.sqrt(np.clip(1 - across**2, 0, 1))
    flesh = np.array(skin(rng), np.float32) * shade[:, :, None]
    nail = np.zeros((height, width), np.float32)
    middle = start + axis * thick * 0.28
    size = (round(thick * 0.3), round(thick * 0.36))
    turn = float(np.degrees(np.arctan2(axis[0], -axis[1])))
    cv2.ellipse(
        nail, (round(middle[0]), round(middle[1])), size, turn, 0, 360, 1.0, -1, cv2.LINE_AA
    )
    flesh += cv2.GaussianBlur(nail, (0, 0), 2)[:, :, None] * np.array([38, 30, 18], np.float32)
    field = wide.pixels.astype(np.float32)
    field *= 1 - 0.35 * cv2.GaussianBlur(shape, (0, 0), thick / 12)[:, :, None]
    field += shape[:, :, None] * (flesh - field)
    names = ", ".join(_under(wide, shape))
    ys_hit, xs_hit = np.nonzero(shape * solid(wide) > 0.5)
    quad = box_quad(xs_hit.min(), ys_hit.min(), xs_hit.max(), ys_hit.max())
    changed = replace(wide, pixels=to_pixels(field), mask=np.maximum(solid(wide), shape))
    return with_defect(changed, Defect("covered", names, severity, quad))


def _capsule(
    shape: tuple[int, int], start: NDArray[np.float64], end: NDArray[np.float64], radius: float
) -> Field:
    """1 within `radius` of a segment, soft at the edge."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    axis = end - start
    along = ((xs - start[0]) * axis[0] + (ys - start[1]) * axis[1]) / float(axis @ axis)
    along = np.clip(along, 0, 1)
    away = np.hypot(xs - start[0] - along * axis[0], ys - start[1] - along * axis[1])
    return np.asarray(np.clip((radius - away) / 2 + 0.5, 0, 1), np.float32)


def padded(specimen: Specimen, share: float) -> Specimen:
    """The specimen with see-through room around it, `share` of its width on every side."""
    room = round(share * specimen.pixels.shape[1])
    edges = (room, room, room, room)
    mask = cv2.copyMakeBorder(solid(specimen), *edges, cv2.BORDER_CONSTANT, value=0.0)
    pixels = cv2.copyMakeBorder(specimen.pixels, *edges, cv2.BORDER_REPLICATE)
    shift = np.array([[1, 0, room], [0, 1, room], [0, 0, 1]], np.float64)
    return Specimen(
        np.asarray(pixels, np.uint8), specimen.truth.moved(shift), np.asarray(mask, np.float32)
    )
