"""Renders one line of text as a camera and a text finder would hand it over: grey, loose, tilted, worn."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from specimens.fonts import sized

Grey: TypeAlias = NDArray[np.uint8]
LEVELS = ("scan", "good", "poor")
SMALL_LABEL = 0.7
"""Share of the lines "label: value" whose two parts are set in different sizes or faces, as cards do."""


MORE_TRAINING = "training-more"
"""The split of fonts for training alone, that no evaluation needs."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """Font files of one split; `mrz` falls back on monospaced ones."""

    text: tuple[Path, ...]
    mrz: tuple[Path, ...]

    @staticmethod
    def load(folder: Path, *splits: str) -> Fonts:
        """The faces of one or several splits, the MRZ's those of the first.

        Raises:
            FileNotFoundError: a split has no fonts.
        """
        found = [tuple(sorted((folder / "fonts" / split).glob("*.[to]tf"))) for split in splits]
        for split, files in zip(splits, found, strict=True):
            if not files:
                raise FileNotFoundError(
                    f"no fonts in {folder / 'fonts' / split}: run prepare first"
                )
        text = tuple(file for files in found for file in files)
        mono = tuple(f for f in text if "Mono" in f.name or "Cousine" in f.name)
        ocr_b = tuple(sorted((folder / "fonts" / f"{splits[0]}-mrz").glob("*.[to]tf")))
        # OCR-B is what documents print; the others keep the reader from depending on one file.
        return Fonts(text, (ocr_b * max(1, 3 * len(mono)) + mono) or text)


@dataclass(frozen=True, slots=True)
class Line:
    """A rendered line (H x W grey) and its truth."""

    text: str
    group: str
    level: str
    pixels: Grey


@dataclass(frozen=True, slots=True)
class Wear:
    """How much one noise level harms a line; each field is a maximum (blur in px at 40 px height)."""

    blur: float
    noise: float
    shrink: float
    contrast: float
    jpeg: int
    tilt: float


WEARS = {
    "scan": Wear(blur=0.5, noise=4, shrink=0.75, contrast=0.25, jpeg=75, tilt=0.01),
    "good": Wear(blur=1.0, noise=9, shrink=0.5, contrast=0.45, jpeg=45, tilt=0.04),
    "poor": Wear(blur=1.9, noise=18, shrink=0.33, contrast=0.65, jpeg=22, tilt=0.08),
}


def _background(
    shape: tuple[int, int], nr: np.random.Generator, base: float
) -> NDArray[np.float32]:
    """Paper with guilloche-like waves, soft blobs and thin lines."""
    height, width = shape
    canvas = np.full(shape, base, np.float32)
    if nr.random() < 0.7:
        yy, xx = np.mgrid[:height, :width].astype(np.float32)
        for _ in range(int(nr.integers(1, 4))):
            angle, rate = nr.uniform(0, 3.14), nr.uniform(0.02, 0.7)
            bend = nr.uniform(0, 10) * np.sin(xx * nr.uniform(0.005, 0.05) + nr.uniform(0, 6))
            wave = np.sin((np.cos(angle) * xx + np.sin(angle) * yy) * rate + bend)
            canvas += wave * nr.uniform(2, 20)
    for _ in range(int(nr.integers(0, 4)) if nr.random() < 0.3 else 0):
        a, b = ((int(nr.integers(0, width)), int(nr.integers(0, height))) for _ in range(2))
        cv2.line(canvas, a, b, float(nr.uniform(60, 230)), 1, cv2.LINE_AA)
    return canvas


def _ink(text: str, font: ImageFont.FreeTypeFont, rng: random.Random) -> NDArray[np.float32]:
    """Coverage in [0, 1] of the text, with the margins of a detector's box (loose or slightly clipped)."""
    x0, y0, x1, y1 = font.getbbox(text)
    height = max(8.0, font.size * 1.0)
    left, right = (int(height * rng.uniform(0.02, 0.45)) for _ in range(2))
    top, bottom = (int(height * rng.uniform(-0.03, 0.3)) for _ in range(2))
    spread = rng.choice((0, 0, 0, 0, 1, 2)) if len(text) < 30 else 0
    width = int(x1 - x0) + left + right + spread * len(text) + 2
    canvas = PillowImage.new("L", (max(8, width), max(8, int(y1 - y0) + top + bottom)), 0)
    draw = ImageDraw.Draw(canvas)
    if spread:
        x = float(left - x0)
        for character in text:
            draw.text((x, top - y0), character, font=font, fill=255)
            x += font.getlength(character) + spread
    else:
        draw.text((left - x0, top - y0), text, font=font, fill=255)
    return np.asarray(canvas, np.float32) / 255


def _beside(label: NDArray[np.float32], value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two pieces of print on one row, the foot of the lower one a little off the other's."""
    height = max(label.shape[0], value.shape[0])
    parts = [np.pad(part, ((height - part.shape[0], 0), (0, 0))) for part in (label, value)]
    return np.asarray(np.hstack(parts), np.float32)


def _two_sizes(text: str, paths: tuple[Path, ...], rng: random.Random) -> NDArray[np.float32]:
    """A label and its value, the label smaller and often in another face."""
    label, value = text.split(": ", 1)
    path, size = rng.choice(paths), rng.randint(28, 40)
    other = path if rng.random() < 0.5 else rng.choice(paths)
    small = sized(other, max(16, round(size * rng.uniform(0.55, 0.95))))
    return _beside(_ink(label + ":", small, rng), _ink(value, sized(path, size), rng))


def _neighbour(ink: NDArray[np.float32], font: ImageFont.FreeTypeFont, rng: random.Random) -> None:
    """The foot or head of another line of print at the edge of a loose box."""
    words = "".join(rng.choice("ABNHGTgqpyhlđếạ ") for _ in range(14))
    height, width = ink.shape
    canvas = PillowImage.new("L", (width, height), 0)
    y = (
        -font.size * rng.uniform(0.95, 1.1)
        if rng.random() < 0.5
        else height - font.size * rng.uniform(0.2, 0.35)
    )
    ImageDraw.Draw(canvas).text((rng.uniform(-20, width * 0.6), y), words, font=font, fill=220)
    edge = max(2, int(height * 0.1))
    other = np.asarray(canvas, np.float32) / 255
    other[edge : height - edge] = 0  # it never reaches into the line itself
    np.maximum(ink, other, out=ink)


def _restyled(ink: NDArray[np.float32], rng: random.Random) -> NDArray[np.float32]:
    """Strokes thinned in one direction (as in high-contrast faces and worn print) or spread (wet ink), so that the
    reader knows more letter shapes than the fonts it learns from."""
    form = rng.random()
    if form < 0.14:
        return cv2.erode(ink, np.ones((2, 1), np.uint8)) * 0.75 + ink * 0.25
    if form < 0.18:
        return cv2.erode(ink, np.ones((1, 2), np.uint8)) * 0.6 + ink * 0.4
    if form < 0.28:
        return cv2.dilate(ink, np.ones((2, 2), np.uint8))
    if form < 0.4:  # condensed or extended
        return cv2.resize(
            ink, None, fx=rng.uniform(0.8, 1.2), fy=1.0, interpolation=cv2.INTER_LINEAR
        )
    return ink


def render_line(
    text: str,
    level: str,
    group: str,
    fonts: Fonts,
    rng: random.Random,
    nr: np.random.Generator,
    *,
    restyle: bool = False,
) -> Grey:
    """One grey line image, uint8, H x W, 8 to 64 px high. Empty text gives blank paper.

    `restyle` changes the strokes of a share of the lines: for training alone.
    """
    wear = WEARS[level]
    path = rng.choice(fonts.mrz if group == "mrz" else fonts.text)
    font = sized(path, rng.randint(24, 40))
    if ": " in text and group == "label" and rng.random() < SMALL_LABEL:
        ink = _two_sizes(text, fonts.text, rng)
    else:
        ink = _ink(text or " " * rng.randint(4, 30), font, rng)
    if restyle:
        ink = _restyled(ink, rng)
    if rng.random() < 0.25:
        _neighbour(ink, font, rng)
    height, width = ink.shape
    base = nr.uniform(140, 250) if nr.random() < 0.85 else nr.uniform(70, 250)
    dark = base * (1 - nr.uniform(1 - wear.contrast, 1)) * nr.uniform(0.3, 1)
    paper = _background((height, width), nr, base)
    strength = nr.uniform(0.75, 1.0)
    if nr.random() < 0.2:  # worn print
        strength = strength * cv2.resize(
            nr.uniform(0.55, 1, (max(2, height // 6), max(2, width // 6))).astype(np.float32),
            (width, height),
        )
    ink = ink * strength
    picture = paper * (1 - ink) + (dark + (paper - base) * 0.3) * ink
    if rng.random() < 0.03:  # white on dark
        picture = 255 - picture
    picture = _tilt(picture, wear, nr)
    return _camera(picture, wear, rng, nr)


def _tilt(picture: NDArray[np.float32], wear: Wear, nr: np.random.Generator) -> NDArray[np.float32]:
    height, width = picture.shape
    reach = height * wear.tilt * 1.5
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shear = np.array([[1, 0], [1, 0], [-1, 0], [-1, 0]], np.float32) * nr.uniform(-2, 2) * reach
    target = source + nr.uniform(-reach, reach, (4, 2)).astype(np.float32) + shear
    warp = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(picture, warp, (width, height), borderMode=cv2.BORDER_REPLICATE)


def _camera(
    picture: NDArray[np.float32], wear: Wear, rng: random.Random, nr: np.random.Generator
) -> Grey:
    shrink = nr.uniform(wear.shrink, 1)
    interpolation = rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR))
    picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=interpolation)
    scale = picture.shape[0] / 40
    blur = nr.uniform(0, wear.blur) * max(scale, 0.45)
    if blur > 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    if rng.random() < 0.12 and wear.blur > 0.6:
        length = rng.randint(2, 3)
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2 if rng.random() < 0.7 else slice(None)] = (
            1  # along the line, or both ways
        )
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    picture = picture * nr.uniform(0.7, 1.12) + nr.uniform(-20, 20)
    if rng.random() < 0.5:
        picture = picture * np.linspace(
            nr.uniform(0.65, 1.1), nr.uniform(0.65, 1.1), picture.shape[1], dtype=np.float32
        )
    if rng.random() < 0.08 and wear.contrast > 0.3:  # glare
        x = np.arange(picture.shape[1], dtype=np.float32)
        picture = picture + nr.uniform(20, 80) * np.exp(
            -(((x - nr.uniform(0, len(x))) / (nr.uniform(10, 60))) ** 2)
        )
    picture = picture + nr.standard_normal(picture.shape, np.float32) * nr.uniform(0, wear.noise)
    grey = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.75:
        coded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(wear.jpeg, 92)])[
            1
        ]
        grey = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return grey
