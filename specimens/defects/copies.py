"""A document that is not there: its photocopy on paper, its picture on a screen."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens import scenes
from specimens.camera import card_mask
from specimens.defects.surface import Develop, to_pixels, with_defect
from specimens.truth import Corners, Defect, Specimen

Field = NDArray[np.float32]
PAGE_CARDS = 210.0 / 85.6
"""Width of an A4 page in widths of an ID-1 card."""
STRIPES = np.array([0.0, 1.0, 2.0]) / 3.0
"""Phases of the blue, green and red stripes of one screen pixel."""


def photocopy(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """A copy without colour on white paper, cut out or as part of a page. `where`: "grey" or "bilevel".

    The grosser, the more toner: bilevel copies are all black and white.
    """
    bilevel = bool(rng.random() < 0.25 + 0.3 * severity)
    grey = np.asarray(cv2.cvtColor(specimen.pixels, cv2.COLOR_BGR2GRAY), np.float32)
    printed = _bilevel(grey, rng) if bilevel else _toned(grey, severity, rng)
    height, width = grey.shape
    page = bool(rng.random() < 0.6)
    margins = _page_margins(rng, height, width) if page else _cut_margins(rng, width)
    top, bottom, left, right = margins
    paper = float(rng.uniform(228, 250))
    sheet: Field = np.full((height + top + bottom, width + left + right), paper, np.float32)
    shown: Field = card_mask(height, width)
    inner: Field = sheet[top : top + height, left : left + width]
    inner += shown * (np.minimum(printed, paper) - inner)
    if rng.random() < 0.6:  # the card's own edge throws a shadow on the copier's glass
        outline = cv2.morphologyEx(shown, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        inner -= np.asarray(outline, np.float32) * float(rng.uniform(20, 110))
    sheet += rng.normal(0, 1.0 + 2.0 * severity, sheet.shape).astype(np.float32)
    if rng.random() < 0.3 + 0.4 * severity:
        _streaks(sheet, severity, rng)
    tint = np.array([1.0, 1.0, 1.0]) + rng.normal(0, 0.008, 3)
    pixels = to_pixels(np.asarray(sheet[:, :, None] * tint, np.float32))
    shift = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
    whole = np.ones(sheet.shape, np.float32)
    moved = replace(specimen, pixels=pixels, truth=specimen.truth.moved(shift), mask=whole)
    return with_defect(moved, Defect("photocopy", "bilevel" if bilevel else "grey", severity))


def _toned(grey: Field, severity: float, rng: np.random.Generator) -> Field:
    """Grey toner: more contrast, lost highlights, a fine screen of dots."""
    gain = float(rng.uniform(1.0, 1.35)) + 0.35 * severity
    lift = float(rng.uniform(5, 35))
    toned = np.clip((grey - 128) * gain + 128 + lift, 30, 252)
    if rng.random() < 0.6:
        ys, xs = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
        pitch = float(rng.uniform(2.6, 4.2))
        u, v = (xs + ys) / 1.4142, (xs - ys) / 1.4142
        dots = np.cos(u * 6.283 / pitch) * np.cos(v * 6.283 / pitch)
        middle = 1 - np.abs(toned - 140) / 115
        toned = toned + dots * 26 * np.clip(middle, 0, 1) * (0.4 + severity)
    mottle = cv2.resize(
        rng.normal(0, 1, (grey.shape[0] // 3, grey.shape[1] // 3)).astype(np.float32),
        grey.shape[::-1],
    )
    return np.asarray(cv2.GaussianBlur(toned, (0, 0), 0.6) + mottle * 4 * severity, np.float32)


def _bilevel(grey: Field, rng: np.random.Generator) -> Field:
    """Black or white by the neighbourhood, as fax-like copiers decide."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    around = cv2.GaussianBlur(grey, (0, 0), float(rng.uniform(12, 40)))
    bias = float(rng.uniform(6, 20))
    black = smooth < around - bias
    return np.where(black, float(rng.uniform(25, 60)), 250.0).astype(np.float32)


def _page_margins(rng: np.random.Generator, height: int, width: int) -> tuple[int, int, int, int]:
    """Top, bottom, left, right: the copy somewhere on an A4 page at its true size."""
    spare_x = round((PAGE_CARDS - 1) * width)
    spare_y = max(round(PAGE_CARDS * 1.4142 * width) - height, 0)
    left, top = int(rng.uniform(0.15, 0.85) * spare_x), int(rng.uniform(0.05, 0.6) * spare_y)
    # More page than this is never in the frame of a photo of the card.
    most = width
    return (
        min(top, most),
        min(spare_y - top, most),
        min(left, most),
        min(spare_x - left, most),
    )


def _cut_margins(rng: np.random.Generator, width: int) -> tuple[int, int, int, int]:
    """Cut out by hand with a few millimetres of white."""
    top, bottom, left, right = (round(float(v) * width) for v in rng.uniform(0.01, 0.08, 4))
    return top, bottom, left, right


def _streaks(sheet: Field, severity: float, rng: np.random.Generator) -> None:
    """Bands and specks of a dirty drum; in place."""
    for _ in range(int(rng.integers(1, 4))):
        x = int(rng.integers(0, sheet.shape[1]))
        sheet[:, x : x + int(rng.integers(1, 5))] -= float(rng.uniform(8, 40)) * (0.4 + severity)
    for _ in range(int(40 * severity)):
        at = (int(rng.integers(0, sheet.shape[1])), int(rng.integers(0, sheet.shape[0])))
        cv2.circle(sheet, at, int(rng.integers(1, 3)), float(rng.uniform(30, 120)), -1)


def screen(
    specimen: Specimen, severity: float, rng: np.random.Generator
) -> tuple[Specimen, Develop]:
    """The card's picture on a phone, tablet or monitor: bezel, glow, colours, and the pixels the sensor sees."""
    device = _device(specimen, severity, rng)
    return device, _pixel_grid(severity, rng, device.truth.card_quad)


def _device(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """The lit device with the picture on it."""
    height, width = specimen.pixels.shape[:2]
    share = float(rng.uniform(0.6, 0.95))
    wide, tall = round(width / share), round(height / share * float(rng.uniform(0.95, 1.5)))
    shown = _shown(rng, tall, wide)
    x, y = (wide - width) // 2, (tall - height) // 2
    inner = shown[y : y + height, x : x + width]
    alpha = (card_mask(height, width) if specimen.mask is None else specimen.mask)[:, :, None]
    inner += alpha * (specimen.pixels.astype(np.float32) - inner)
    lit = 255 * np.clip(shown / 255, 0, 1) ** float(rng.uniform(0.85, 1.25))
    glow = float(rng.uniform(4, 14)) + 10 * severity
    cast = np.array([rng.uniform(1.0, 1.12), 1.0, rng.uniform(0.86, 1.0)])
    lit = (glow + lit * (1 - glow / 255)) * cast
    bezel = round(wide * float(rng.uniform(0.02, 0.07)))
    device = np.full((tall + 2 * bezel, wide + 2 * bezel, 3), rng.uniform(6, 40), np.float32)
    device[bezel:-bezel, bezel:-bezel] = lit
    mask = np.ones(device.shape[:2], np.float32)
    shift = np.array([[1, 0, x + bezel], [0, 1, y + bezel], [0, 0, 1]], np.float64)
    moved = replace(
        specimen, pixels=to_pixels(device), truth=specimen.truth.moved(shift), mask=mask
    )
    return with_defect(moved, Defect("screen", "", severity))


def _shown(rng: np.random.Generator, height: int, width: int) -> Field:
    """What a viewer shows around the picture of a card: black, white, or the desk it was taken on."""
    kind = rng.random()
    if kind < 0.35:
        return np.full((height, width, 3), rng.uniform(0, 30), np.float32)
    if kind < 0.5:
        return np.full((height, width, 3), rng.uniform(215, 255), np.float32)
    small = scenes.ground(rng, height // 2, width // 2, things=3)
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _pixel_grid(severity: float, rng: np.random.Generator, card: Corners) -> Develop:
    """What a sensor makes of a screen's pixels: each colour is a grid of stripes that the sensor samples at its own
    pitch, so that the two beat (moire). Sampled as a wave at every pixel of the photo, attenuated by the area of one.

    Args:
        card: its corners in the coordinates of the pictured device.
    """
    across = float(rng.uniform(500, 1400))  # screen pixels along the card's width
    unit = float(np.linalg.norm(card[1] - card[0])) / across
    depth = 0.1 + 0.3 * severity
    flicker = float(rng.uniform(0.02, 0.12)) if rng.random() < 0.3 else 0.0
    phase = float(rng.uniform(0, 6.283))

    def develop(seen: Field, warp: NDArray[np.float64]) -> Field:
        height, width = seen.shape[:2]
        back = np.linalg.inv(warp)
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        w = back[2, 0] * xs + back[2, 1] * ys + back[2, 2]
        u = ((back[0, 0] * xs + back[0, 1] * ys + back[0, 2]) / w / unit).astype(np.float32)
        v = ((back[1, 0] * xs + back[1, 1] * ys + back[1, 2]) / w / unit).astype(np.float32)
        step = float(np.median(np.abs(np.diff(u[height // 2])))) + float(
            np.median(np.abs(np.diff(u[:, width // 2])))
        )
        swing = depth * max(float(np.sinc(step * 0.8)), 0.12)  # what is left within one photosite
        grid = np.empty_like(seen)
        rows = 1 + 0.6 * swing * np.cos(6.283 * v)
        for channel in range(3):
            grid[:, :, channel] = 1 + swing * np.cos(6.283 * (u + STRIPES[channel]))
        bands = 1 - flicker * (0.5 + 0.5 * np.sin(ys[:, :1] / height * 40 + phase))
        return np.asarray(seen * grid * (rows * bands)[:, :, None], np.float32)

    return develop
