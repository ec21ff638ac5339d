"""Security-print lookalikes: guilloche backgrounds, drum, lotus, emblem, chip, seal. Nothing here is a real design."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.canvas import MM, Canvas, Colour

Field = NDArray[np.float32]
_SHIFT = 4
"""Fractional bits of cv2's line drawing."""


def wash(
    stops: tuple[Colour, ...], shape: tuple[int, int], *, down: float, rng: np.random.Generator
) -> Field:
    """A smooth gradient through colours, left to right, tilted by `down` (0 across, 1 top to bottom)."""
    height, width = shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (1 - down) * xs / width + down * ys / height
    along += 0.04 * np.sin(xs / width * 6.0 + float(rng.uniform(0, 6))) * np.sin(ys / height * 4.0)
    positions = np.linspace(0, 1, len(stops))
    colours = np.array(stops, np.float32)
    bands = [np.interp(along, positions, colours[:, channel]) for channel in range(3)]
    return np.stack(bands, axis=2).astype(np.float32)


def _curves(shape: tuple[int, int], curves: list[NDArray[np.float64]], thickness: int) -> Field:
    mask = np.zeros(shape, np.uint8)
    points = [
        np.round(curve * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2) for curve in curves
    ]
    cv2.polylines(mask, points, False, 255, thickness, cv2.LINE_AA, _SHIFT)
    return mask.astype(np.float32) / 255.0


def waves(canvas: Canvas, colour: Colour, opacity: float, *, count: int) -> None:
    """Families of fine wavy lines across the whole card."""
    rng, scale = canvas.rng, canvas.scale
    xs = np.linspace(0, canvas.width, 90)
    tilt, phase = float(rng.uniform(-0.25, 0.25)), float(rng.uniform(0, 6.3))
    amplitude, period = float(rng.uniform(12, 40)), float(rng.uniform(140, 420))
    curves = []
    for row in np.linspace(-120, canvas.height + 120, count):
        bend = amplitude * np.sin(xs / period * 6.283 + phase + row / 90.0)
        curves.append(np.stack([xs, row + bend + tilt * (xs - canvas.width / 2)], axis=1) * scale)
    canvas.ink(_curves(canvas.pixels.shape[:2], curves, 1), (0, 0), colour, opacity)


def rosette(
    canvas: Canvas,
    centre: tuple[float, float],
    radius: float,
    colour: Colour,
    opacity: float,
    *,
    petals: int,
) -> None:
    """A guilloche rosette: nested closed curves r = R (k + m sin(n t))."""
    angles = np.linspace(0, 2 * np.pi, 40 * petals)
    curves = []
    for ring in range(9):
        for sign in (1, -1):
            swing = 0.16 * np.sin(petals * angles * sign + ring * 0.35)
            reach = radius * (0.25 + ring * 0.09) * (1 + swing)
            points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]
            curves.append((points + np.array(centre)) * canvas.scale)
    canvas.ink(_curves(canvas.pixels.shape[:2], curves, 1), (0, 0), colour, opacity)


def drum(
    canvas: Canvas, centre: tuple[float, float], radius: float, colour: Colour, opacity: float
) -> None:
    """Rings, rays and triangles in the manner of a bronze drum's face."""
    curves = []
    turn = np.linspace(0, 2 * np.pi, 120)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for share in (0.2, 0.23, 0.36, 0.39, 0.55, 0.58, 0.61, 0.78, 0.82, 0.97, 1.0):
        curves.append(ring * radius * share)
    for k in range(14):
        tip, base = 2 * np.pi * k / 14, np.pi / 14
        star = [(0.2, tip - base), (0.02 + 0.34, tip), (0.2, tip + base)]
        curves.append(np.array([[np.cos(a) * r, np.sin(a) * r] for r, a in star]) * radius)
    for share, count in ((0.62, 40), (0.84, 64)):
        steps = np.arange(count * 2 + 1)
        reach = np.where(steps % 2 == 0, share, share + 0.13) * radius
        around = steps * np.pi / count
        curves.append(np.stack([np.cos(around) * reach, np.sin(around) * reach], axis=1))
    placed = [(curve + np.array(centre)) * canvas.scale for curve in curves]
    canvas.ink(_curves(canvas.pixels.shape[:2], placed, 1), (0, 0), colour, opacity)


def lotus(
    canvas: Canvas, centre: tuple[float, float], radius: float, colour: Colour, opacity: float
) -> None:
    """Overlapping petals fanned upwards, outlined twice."""
    curves = []
    along = np.linspace(0, 1, 30)
    for reach in (1.0, 0.86, 0.7, 0.5):
        for angle in np.linspace(-1.25, 1.25, 9):
            for side in (-1, 1):
                out = along * radius * reach
                off = side * np.sin(along * np.pi) * radius * 0.16 * reach
                x = out * np.sin(angle) + off * np.cos(angle)
                y = -out * np.cos(angle) + off * np.sin(angle)
                curves.append((np.stack([x, y], axis=1) + np.array(centre)) * canvas.scale)
    canvas.ink(
        _curves(canvas.pixels.shape[:2], curves, max(1, round(1.5 * canvas.scale))),
        (0, 0),
        colour,
        opacity,
    )


def _blob(
    canvas: Canvas, points: NDArray[np.float64], colour: Colour, opacity: float = 1.0
) -> None:
    placed = points * canvas.scale
    corner = np.floor(placed.min(axis=0)).astype(int) - 2
    width, height = (np.ceil(placed.max(axis=0)).astype(int) + 3 - corner).tolist()
    mask = np.zeros((height, width), np.uint8)
    shifted = np.round((placed - corner) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(mask, [shifted.reshape(-1, 1, 2)], 255, cv2.LINE_AA, _SHIFT)
    at = (int(corner[0]), int(corner[1]))
    canvas.ink(mask.astype(np.float32) / 255.0, at, colour, opacity)


def _circle(centre: tuple[float, float], radius: float) -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, 90)
    return np.stack([centre[0] + radius * np.cos(turn), centre[1] + radius * np.sin(turn)], axis=1)


def emblem(canvas: Canvas, centre: tuple[float, float], diameter: float) -> None:
    """A red disc in a golden wreath with a golden star: it says "state document" and copies no emblem."""
    gold: Colour = (60, 178, 226)
    radius = diameter / 2
    for k in range(26):
        angle = np.pi * 2 * k / 26
        leaf = (centre[0] + radius * 0.9 * np.cos(angle), centre[1] + radius * 0.9 * np.sin(angle))
        _blob(canvas, _circle(leaf, radius * 0.13), gold)
    _blob(canvas, _circle(centre, radius * 0.88), (38, 30, 205))
    spikes = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, 0.56, 0.22) * radius
    star = np.stack([np.cos(spikes) * reach, np.sin(spikes) * reach], axis=1) + np.array(centre)
    _blob(canvas, star - np.array([0, radius * 0.12]), gold)
    wheel = _circle((centre[0], centre[1] + radius * 0.62), radius * 0.2)
    _blob(canvas, wheel, gold)
    _blob(canvas, _circle((centre[0], centre[1] + radius * 0.62), radius * 0.1), (38, 30, 205))


def chip(canvas: Canvas, at: tuple[float, float]) -> None:
    """A contact chip of about 13 x 12 mm: golden pad with dark grooves."""
    x, y, w, h = at[0], at[1], 13.0 * MM, 11.6 * MM
    corner = 1.8 * MM
    turn = np.linspace(0, np.pi / 2, 8)
    arcs = [
        np.stack([cx + corner * np.cos(turn + start), cy + corner * np.sin(turn + start)], axis=1)
        for cx, cy, start in (
            (x + w - corner, y + h - corner, 0.0),
            (x + corner, y + h - corner, np.pi / 2),
            (x + corner, y + corner, np.pi),
            (x + w - corner, y + corner, 3 * np.pi / 2),
        )
    ]
    tint = int(canvas.rng.integers(-18, 18))
    _blob(canvas, np.concatenate(arcs), (105 + tint, 182 + tint, 212 + tint))
    grooves = [
        np.array([[x, y + h * share], [x + w * 0.33, y + h * share]]) for share in (0.25, 0.5, 0.75)
    ] + [
        np.array([[x + w * 0.67, y + h * share], [x + w, y + h * share]])
        for share in (0.25, 0.5, 0.75)
    ]
    grooves += [
        np.array([[x + w * 0.33, y], [x + w * 0.33, y + h]]),
        np.array([[x + w * 0.67, y], [x + w * 0.67, y + h]]),
    ]
    lines = _curves(
        canvas.pixels.shape[:2],
        [g * canvas.scale for g in grooves],
        max(1, round(2 * canvas.scale)),
    )
    canvas.ink(lines, (0, 0), (50, 96, 120), 0.8)


def chip_symbol(canvas: Canvas, at: tuple[float, float], width: float) -> None:
    """The "contains a chip" sign: two bars and a ring."""
    height = width * 0.6
    x, y = at
    bars = [
        np.array([[x, y], [x + width, y], [x + width, y + height * 0.36], [x, y + height * 0.36]]),
        np.array(
            [
                [x, y + height * 0.64],
                [x + width, y + height * 0.64],
                [x + width, y + height],
                [x, y + height],
            ]
        ),
    ]
    for bar in bars:
        _blob(canvas, bar, (46, 42, 170))
    middle = (x + width / 2, y + height / 2)
    _blob(canvas, _circle(middle, height * 0.3), (220, 235, 235))
    _blob(canvas, _circle(middle, height * 0.2), (46, 42, 170))


def finger_box(canvas: Canvas, box: tuple[float, float, float, float]) -> None:
    """A pale box with a whorl of ridges."""
    x, y, w, h = box
    rng = canvas.rng
    edge = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
    _blob(canvas, edge, (238, 242, 244), 0.7)
    ys, xs = (
        np.mgrid[0 : round(h * canvas.scale), 0 : round(w * canvas.scale)].astype(np.float32)
        / canvas.scale
    )
    u, v = (xs - w / 2) / (w * 0.42), (ys - h / 2) / (h * 0.45)
    swirl = np.hypot(u * (1 + 0.2 * v), v - 0.15 * u**2) * float(rng.uniform(55, 75))
    swirl += 1.2 * np.sin(u * 3 + float(rng.uniform(0, 6))) + 0.8 * np.sin(v * 5)
    ridges = np.clip(0.5 + 1.2 * np.sin(swirl), 0, 1) * (np.hypot(u, v) < 1)
    ridges = ridges * np.clip(rng.normal(0.8, 0.25, ridges.shape), 0, 1)
    where = (round(x * canvas.scale), round(y * canvas.scale))
    canvas.ink(ridges.astype(np.float32), where, (90, 80, 84), 0.75)


def signature(canvas: Canvas, at: tuple[float, float], width: float) -> None:
    """A pen stroke like a signature: a few loops that lean to the right."""
    rng = canvas.rng
    t = np.linspace(0, 1, 160)
    x = at[0] + width * (t + 0.10 * np.sin(t * 22 + float(rng.uniform(0, 6))))
    swing = np.sin(t * float(rng.uniform(16, 26))) * (0.3 + 0.7 * np.exp(-3 * t))
    y = at[1] + width * 0.22 * swing + width * 0.05 * np.sin(t * 5)
    stroke = np.stack([x, y], axis=1) * canvas.scale
    lines = _curves(canvas.pixels.shape[:2], [stroke], max(1, round(2.2 * canvas.scale)))
    canvas.ink(lines, (0, 0), (120, 60, 40), 0.8)


def seal(canvas: Canvas, centre: tuple[float, float], radius: float) -> None:
    """Two red rings and a star, as a round stamp leaves."""
    curves = [_circle(centre, radius * share) * canvas.scale for share in (1.0, 0.94, 0.62)]
    lines = _curves(canvas.pixels.shape[:2], curves, max(1, round(2 * canvas.scale)))
    canvas.ink(lines, (0, 0), (50, 40, 210), 0.55)
    spikes = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, 0.3, 0.12) * radius
    star = np.stack([np.cos(spikes) * reach, np.sin(spikes) * reach], axis=1) + np.array(centre)
    _blob(canvas, star, (50, 40, 210), 0.5)
