"""What light, lens and hands do to a training scene."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.scenes import skin

Pixels = NDArray[np.uint8]


def recoloured(card: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Other inks and papers than the renderer's, so that real cards are no surprise."""
    if rng.random() < 0.7:
        card = card * rng.uniform(0.75, 1.2, 3) + rng.uniform(-18, 18, 3)
    if rng.random() < 0.12:
        card = card[:, :, rng.permutation(3)]
    if rng.random() < 0.3:
        middle = card.mean()
        card = (card - middle) * float(rng.uniform(0.5, 1.2)) + middle
    return np.asarray(card, np.float32)


def thumb(
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


def weather(field: NDArray[np.float32], rng: np.random.Generator, strength: float = 1.0) -> None:
    """Light that falls off, a shadow's edge, glare; in place. `strength` 1 is a hand-held photo, 0 a scanner's even lamp."""
    height, width = field.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = float(rng.uniform(0, 6.283))
    along = (xs / width - 0.5) * np.cos(angle) + (ys / height - 0.5) * np.sin(angle)
    light = 1 - strength * float(rng.uniform(0, 0.55)) * np.clip(along + 0.5, 0, 1)
    if rng.random() < 0.35 * strength:
        edge = (along * float(rng.uniform(8, 60)) + float(rng.uniform(-4, 4))).clip(-30, 30)
        light *= 1 - float(rng.uniform(0.1, 0.45)) / (1 + np.exp(-edge))
    field *= light[:, :, None] * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    if rng.random() < 0.25 * strength:
        cx, cy = float(rng.uniform(0, 1)) * width, float(rng.uniform(0, 1)) * height
        reach = width * float(rng.uniform(0.02, 0.14))
        spot = np.exp(
            -(((xs - cx) / (reach * float(rng.uniform(1, 3)))) ** 2 + ((ys - cy) / reach) ** 2)
        )
        field += spot[:, :, None] * float(rng.uniform(40, 220))


def sensor(field: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
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
