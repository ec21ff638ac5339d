"""Portraits to print on specimens: pictures that travel inside dependencies, or any folder of images."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from specimens.truth import Pixels

ASPECT = 1.5
"""Height by width of the 20 x 30 mm photo."""
PORTRAIT_WIDTH = 320
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
FOLDER_CROP = 0.84
"""Share of a folder picture's height kept: face data sets centre the head and leave a margin around it."""

# Head-and-shoulders crops, chosen by eye: x, y, width in pixels of the shipped picture; height is 1.5 x width.
_ASTRONAUT = (115, 0, 220)
_GROUP = (
    (18, 225, 200),
    (240, 85, 190),
    (440, 200, 200),
    (710, 270, 200),
    (870, 0, 210),
    (1095, 215, 185),
)


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A 2:3 head-and-shoulders picture, 320 x 480 BGR."""

    name: str
    pixels: Pixels


def _package_folder(package: str) -> Path | None:
    """Where an installed package lives, without importing it."""
    spec = find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _load(path: Path) -> Pixels | None:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)


def _fit(name: str, crop: Pixels) -> Portrait:
    size = (PORTRAIT_WIDTH, round(PORTRAIT_WIDTH * ASPECT))
    shrinking = crop.shape[1] > PORTRAIT_WIDTH
    way = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    return Portrait(name, np.asarray(cv2.resize(crop, size, interpolation=way), np.uint8))


def _cut(picture: Pixels, box: tuple[int, int, int]) -> Pixels:
    x, y, width = box
    return picture[y : y + round(width * ASPECT), x : x + width]


def _widened(face: Pixels) -> Pixels:
    """A tightly cropped face on a wider ground, so that it stands like a portrait."""
    height, width = face.shape[:2]
    target = round((width * 1.5) * ASPECT)
    side, above = width // 4, (target - height) // 3
    below = target - height - above
    padded = cv2.copyMakeBorder(face, above, below, side, side, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(padded, (0, 0), width / 12)
    soft[above : above + height, side : side + width] = face
    return np.asarray(soft, np.uint8)


def _shipped() -> list[Portrait]:
    found = []
    skimage, insightface = _package_folder("skimage"), _package_folder("insightface")
    if skimage is not None and (astronaut := _load(skimage / "data" / "astronaut.png")) is not None:
        found.append(_fit("astronaut", _cut(astronaut, _ASTRONAUT)))
    if insightface is None:
        return found
    folder = insightface / "data" / "images"
    if (group := _load(folder / "t1.jpg")) is not None:
        found += [_fit(f"group-{i}", _cut(group, box)) for i, box in enumerate(_GROUP, start=1)]
    if (face := _load(folder / "Tom_Hanks_54745.png")) is not None:
        found.append(_fit("portrait-grey", _widened(face)))
    return found


def _centred(picture: Pixels) -> Pixels:
    """The middle of a picture, 2:3."""
    height, width = picture.shape[:2]
    tall = min(height * FOLDER_CROP, width * ASPECT)
    wide = tall / ASPECT
    x, y = round((width - wide) / 2), round((height - tall) / 2)
    return picture[y : y + round(tall), x : x + round(wide)]


def portraits(folder: Path | None = None) -> list[Portrait]:
    """The portraits of a folder by file name, or those shipped in installed packages.

    Raises:
        FileNotFoundError: the folder, or the installed packages, hold no picture.
    """
    if folder is None:
        found = _shipped()
    else:
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
        loaded = [(path.stem, _load(path)) for path in paths]
        found = [_fit(name, _centred(picture)) for name, picture in loaded if picture is not None]
    if not found:
        raise FileNotFoundError(
            "no portrait found: install the specimens extra or name a folder of pictures"
        )
    return found


def selfie_of(portrait: Portrait, seed: int) -> Pixels:
    """The same face as a phone might have seen it: other crop and light, a slight turn, noise, JPEG; BGR uint8."""
    rng = np.random.default_rng((seed, 0x5E1F))
    height = int(rng.integers(640, 1100))
    width = round(height * float(rng.uniform(0.7, 0.8)))
    ph, pw = portrait.pixels.shape[:2]
    zoom = height * float(rng.uniform(0.72, 0.95)) / ph
    turn = cv2.getRotationMatrix2D((pw / 2, ph / 2), float(rng.uniform(-7, 7)), zoom)
    turn[:, 2] += (width / 2 - pw / 2 + float(rng.uniform(-0.05, 0.05)) * width,
                   height * float(rng.uniform(0.5, 0.56)) - ph / 2)  # fmt: skip
    ground = cv2.warpAffine(portrait.pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    ground = cv2.GaussianBlur(ground, (0, 0), width / 25)
    shape = np.zeros((ph, pw), np.float32)
    shape[ph // 40 : -ph // 40, pw // 20 : -pw // 20] = 1.0
    feathered = cv2.GaussianBlur(shape, (0, 0), pw / 40)
    alpha = cv2.warpAffine(feathered, turn, (width, height))[:, :, None]
    face = cv2.warpAffine(portrait.pixels, turn, (width, height), flags=cv2.INTER_CUBIC)
    mixed = face.astype(np.float32) * alpha + ground.astype(np.float32) * (1 - alpha)
    ramp = np.linspace(float(rng.uniform(0.75, 1.0)), float(rng.uniform(0.95, 1.15)), width)
    if rng.random() < 0.5:
        ramp = ramp[::-1]
    tint = np.array([rng.uniform(0.92, 1.05), 1.0, rng.uniform(0.95, 1.08)])
    lit = 255.0 * np.clip(mixed * ramp[None, :, None] * tint / 255.0, 0, 1) ** float(
        rng.uniform(0.85, 1.15)
    )
    noisy = lit + rng.normal(0, float(rng.uniform(1.5, 5)), lit.shape)
    coded = cv2.imencode(
        ".jpg",
        np.clip(noisy, 0, 255).astype(np.uint8),
        [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(75, 95))],
    )[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
