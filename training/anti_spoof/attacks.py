"""Makes a photograph of a face look as if a print or a screen had been held before the camera.

A simulation: its dots, stripes, edges and reflections are drawn by formula. It teaches a network what such things look
like and it finds gross mistakes; it does not show what real printers, screens and masks do (docs/accuracy.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.faces.face_patch_net import measure
from models.types import Face, Image, Pixels

ATTACKS = ("halftone", "photo_print", "photo_borderless", "screen", "screen_borderless", "glare")
"""Newspaper or laser print with visible dots; photo paper with its edges in sight; the same filling the frame; a phone
or monitor with its bezel in sight; the same filling the frame; a glossy print or screen that reflects a lamp."""

_Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Camera:
    """What the last camera does to any picture, live or not: blur (pixels), noise (grey levels), JPEG quality, exposure."""

    blur: float
    noise: float
    quality: int
    gain: float
    gamma: float

    @staticmethod
    def random(rng: Generator) -> Camera:
        return Camera(
            blur=float(rng.choice([0.0, rng.uniform(0.3, 1.2)])),
            noise=float(rng.uniform(0.5, 6)),
            quality=int(rng.integers(55, 97)),
            gain=float(rng.uniform(0.75, 1.2)),
            gamma=float(rng.uniform(0.8, 1.25)),
        )

    def take(self, scene: _Float, rng: Generator) -> Pixels:
        lit = 255 * np.power(np.clip(scene * self.gain / 255, 0, 1), self.gamma)
        if self.blur:
            lit = cv2.GaussianBlur(lit, (0, 0), self.blur)
        noisy = lit + rng.normal(0, self.noise, lit.shape[:2])[:, :, None].astype(np.float32)
        pixels = np.clip(noisy, 0, 255).astype(np.uint8)
        _, file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)


def genuine(image: Image, face: Face, rng: Generator) -> tuple[Image, Face]:
    """The picture, taken by a random camera from a little nearer, perhaps against the light, and where its face is
    then."""
    scene = image.pixels.astype(np.float32)
    height, width = scene.shape[:2]
    zoom, turn = rng.choice([1.0, rng.uniform(1.0, 1.35)]), rng.uniform(-6, 6)
    around = (float(width) / 2, float(height) / 2)
    matrix = np.vstack([cv2.getRotationMatrix2D(around, turn, zoom), [0, 0, 1]])
    scene = cv2.warpPerspective(scene, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.3:
        haze = rng.uniform(0, 35)
        scene = haze + scene * (255 - haze) / 255
    moved = _moved(face, matrix, np.zeros(2, np.float32))
    return Image(Camera.random(rng).take(np.asarray(scene, np.float32), rng)), moved


def attack(
    image: Image, face: Face, kind: str, rng: Generator, ground: Pixels | None = None
) -> tuple[Image, Face]:
    """The picture as a print or on a screen, taken by a random camera, and where its face is then.

    Args:
        kind: one of ATTACKS.
        ground: what is behind what is held up; a plain colour when None.
    """
    screen = kind.startswith("screen") or (kind == "glare" and rng.random() < 0.5)
    shown = image.pixels.astype(np.float32)
    shown = _on_screen(shown, rng) if screen else _printed(shown, rng)
    if kind == "halftone":
        shown = _halftone(shown, face, rng)
    scene, moved = _held(shown, face, kind, screen, rng, ground)
    if screen:
        scene = _moire(scene, moved, rng)
    elif rng.random() < 0.6:
        scene = _paper(scene, rng)
    if kind == "glare" or rng.random() < 0.2:
        scene = _glare(scene, moved, rng)
    return Image(Camera.random(rng).take(scene, rng)), moved


def _printed(pixels: _Float, rng: Generator) -> _Float:
    """Less contrast: ink is never black under a lamp, paper not white; a cast of colour."""
    low, high = rng.uniform(12, 55), rng.uniform(190, 245)
    cast = rng.uniform(0.9, 1.08, 3).astype(np.float32)
    toned = 255 * np.power(pixels / 255, rng.uniform(0.75, 1.3))
    return np.asarray((low + toned * (high - low) / 255) * cast, np.float32)


def _on_screen(pixels: _Float, rng: Generator) -> _Float:
    """Black glows, the tone curve is steeper, white is bluish or (night mode) yellowish."""
    low = rng.uniform(5, 35)
    blue = rng.uniform(-0.12, 0.12)
    cast = np.array([1 + blue, 1.0, 1 - blue], np.float32)
    toned = 255 * np.power(pixels / 255, rng.uniform(0.7, 1.6))
    return np.asarray((low + toned * (rng.uniform(200, 265) - low) / 255) * cast, np.float32)


def _halftone(pixels: _Float, face: Face, rng: Generator) -> _Float:
    """Clustered dots at four angles' worth of screens, one per channel; their pitch is a fraction of the face."""
    _, size = measure(face)
    pitch = max(2.2, size / rng.uniform(12, 34))
    strength = rng.uniform(0.35, 1.0)
    ys, xs = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    dotted = np.empty_like(pixels)
    base = rng.uniform(0, np.pi / 2)
    one_plate = rng.random() < 0.4  # a laser printer's black alone
    for channel, angle in enumerate((0.26, 1.31, 0.78)):
        turn = base if one_plate else base + angle
        u = (xs * np.cos(turn) + ys * np.sin(turn)) * 2 * np.pi / pitch
        v = (-xs * np.sin(turn) + ys * np.cos(turn)) * 2 * np.pi / pitch
        threshold = 127.5 + 63 * (np.cos(u) + np.cos(v))
        dotted[:, :, channel] = 255 / (1 + np.exp((threshold - pixels[:, :, channel]) / 18))
    return np.asarray((1 - strength) * pixels + strength * dotted, np.float32)


def _held(
    shown: _Float, face: Face, kind: str, screen: bool, rng: Generator, ground: Pixels | None
) -> tuple[_Float, Face]:
    """The sheet or screen in perspective before the ground, with its rim; borderless kinds fill the view."""
    height, width = shown.shape[:2]
    centre, size = measure(face)
    if kind in ("photo_print", "screen") or (kind in ("halftone", "glare") and rng.random() < 0.5):
        # The rim passes within the far look: 1.3 to 2.4 measures from the middle of the face.
        reach = rng.uniform(1.3, 2.4, 4) * size
        left, top = np.maximum(centre - reach[:2], 0)
        right, bottom = np.minimum(centre + reach[2:], (width, height))
    else:
        left, top, right, bottom = 0.0, 0.0, float(width), float(height)
    edge = rng.uniform(0.06, 0.45) * size
    rim = _rim(screen, rng)
    sheet = shown[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
    border = int(edge) if (left, top, right, bottom) != (0, 0, width, height) else 0
    sheet = cv2.copyMakeBorder(
        sheet, border, border, border, border, cv2.BORDER_CONSTANT, value=rim
    )
    origin = np.array([int(left) - border, int(top) - border], np.float32)
    corners = _corners(sheet.shape[1], sheet.shape[0])
    target = corners + origin
    jitter = 0.07 * size if border else 0.12 * size
    target = target + rng.uniform(-jitter, jitter, (4, 2)).astype(np.float32)
    if not border:  # a borderless sheet must go on covering the view
        middle = np.array([width / 2, height / 2], np.float32)
        target = middle + (target - middle) * np.float32(rng.uniform(1.1, 1.35))
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    behind = _ground(ground, (width, height), rng)
    laid = cv2.warpPerspective(sheet, matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.ones(sheet.shape[:2], np.float32), matrix, (width, height))
    scene = behind * (1 - mask[:, :, None]) + laid * mask[:, :, None]
    return np.asarray(scene, np.float32), _moved(face, matrix, origin)


def _moved(face: Face, matrix: NDArray[np.float64], origin: _Float) -> Face:
    def through(points: _Float) -> _Float:
        moved = cv2.perspectiveTransform((points - origin)[None].astype(np.float32), matrix)
        return np.asarray(moved[0], np.float32)

    x0, y0, x1, y1 = face.box
    box = through(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32))
    (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
    where = (float(left), float(top), float(right), float(bottom))
    return Face(where, through(face.landmarks), face.score)


def _corners(width: int, height: int) -> _Float:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _rim(screen: bool, rng: Generator) -> tuple[float, float, float]:
    level = rng.uniform(5, 60) if screen and rng.random() < 0.85 else rng.uniform(190, 255)
    return (float(level), float(level), float(level))


def _ground(ground: Pixels | None, size: tuple[int, int], rng: Generator) -> _Float:
    if ground is None:
        return np.full((size[1], size[0], 3), rng.uniform(30, 220, 3), np.float32)
    fitted = cv2.resize(ground, size).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(fitted, (0, 0), float(rng.uniform(1, 6))), np.float32)


def _moire(scene: _Float, face: Face, rng: Generator) -> _Float:
    """The beat of the screen's grid against the sensor's: stripes that bend, another phase in each channel."""
    _, size = measure(face)
    height, width = scene.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    pattern = np.zeros_like(scene)
    for _ in range(int(rng.integers(1, 4))):
        angle, period = rng.uniform(0, np.pi), size * rng.uniform(0.035, 0.5)
        period = max(period, 2.1)
        bend = rng.normal(0, 0.25, 2) / size
        along = xs * np.cos(angle) + ys * np.sin(angle)
        across = -xs * np.sin(angle) + ys * np.cos(angle)
        phase = 2 * np.pi * (along + bend[0] * along**2 + bend[1] * across**2) / period
        shift = rng.uniform(0, 2 * np.pi) + rng.uniform(0, 1.5) * np.arange(3)
        amplitude = rng.uniform(0.015, 0.11)
        pattern += amplitude * np.cos(phase[:, :, None] + shift.astype(np.float32))
    return np.asarray(scene * (1 + pattern) + 4 * pattern, np.float32)


def _paper(scene: _Float, rng: Generator) -> _Float:
    """Fibres, and streaks of the print head."""
    height, width = scene.shape[:2]
    grain = rng.normal(0, 1, (height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.6, 1.6)))
    scene = scene + (rng.uniform(1, 7) * grain / max(float(grain.std()), 1e-6))[:, :, None]
    if rng.random() < 0.4:
        streaks = cv2.GaussianBlur(
            rng.normal(0, 1, (height, 1)).astype(np.float32), (1, 0), 0, sigmaY=1.2
        )
        scene = scene + (rng.uniform(2, 8) * streaks)[:, :, None]
    return np.asarray(scene, np.float32)


def _glare(scene: _Float, face: Face, rng: Generator) -> _Float:
    """A lamp or a window mirrored: a bright spot or stripe that washes out what is under it."""
    centre, size = measure(face)
    height, width = scene.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    spot = centre + rng.uniform(-1.4, 1.4, 2) * size
    angle, long, wide = rng.uniform(0, np.pi), rng.uniform(0.4, 3), rng.uniform(0.12, 0.5)
    u = ((xs - spot[0]) * np.cos(angle) + (ys - spot[1]) * np.sin(angle)) / (long * size)
    v = (-(xs - spot[0]) * np.sin(angle) + (ys - spot[1]) * np.cos(angle)) / (wide * size)
    sharp = rng.uniform(1, 4)
    light = np.exp(-np.power(u**2 + v**2, sharp)) * rng.uniform(60, 230)
    return np.asarray(scene + light[:, :, None], np.float32)
