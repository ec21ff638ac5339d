"""Heads of the people in a folder, half of them for training and half kept back, with accessories drawn over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.faces.accessory_net import (
    INPUT,
    KINDS,
    eye_patches,
    grey_levels,
    head,
    into_head,
    prepared,
)
from models.ports import FaceFinder
from training.face_accessories.render import (
    HARMLESS,
    Grey,
    Head,
    Random,
    closed_eyes,
    hat,
    mask,
    spectacles,
    sunglasses,
)
from training.face_calibration.dataset import FaceSet, central

HEADS = Path("var/face_accessories/heads.npz")
"""Where the cut-outs are kept; it holds faces and is no part of the repository."""
SIDE = 128
"""Pixels of a kept cut-out: eyes 35 apart, somewhat less than in LFW's pictures."""
DRAWN = {"sunglasses": 0.25, "hat": 0.25, "mask": 0.25, "eyes_closed": 0.25}
"""Chance of each accessory in a training sample."""
HARMLESS_CHANCE = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """N grey cut-outs, N x SIDE x SIDE uint8, and their landmarks, N x 5 x 2, in pixels of the cut-out."""

    names: tuple[str, ...]
    grey: NDArray[np.uint8]
    landmarks: NDArray[np.float32]

    def only(self, names: Sequence[str]) -> Heads:
        wanted = set(names)
        keep = [i for i, name in enumerate(self.names) if name in wanted]
        return Heads(tuple(self.names[i] for i in keep), self.grey[keep], self.landmarks[keep])

    def at(self, i: int) -> Head:
        return Head(self.grey[i].astype(np.float32), self.landmarks[i].copy())


def cut_heads(pictures: FaceSet, finder: FaceFinder, named: Sequence[str]) -> Heads:
    """The central faces of the pictures named, cut out."""
    names, grey, landmarks = [], [], []
    for name in tqdm(named, desc="heads", mininterval=5, disable=None):
        image = pictures.image(name)
        face = central(finder.find(image), image)
        if face is None:
            continue
        names.append(name)
        grey.append(grey_levels(head(image.pixels, face.landmarks, SIDE)))
        landmarks.append(into_head(face.landmarks, SIDE))
    packed = np.clip(np.stack(grey), 0, 255).astype(np.uint8)
    return Heads(tuple(names), packed, np.stack(landmarks).astype(np.float32))


def make_heads(pictures: FaceSet, finder: FaceFinder, file: Path) -> None:
    """Cuts out the central face of every picture and keeps the heads in `file`."""
    heads = cut_heads(pictures, finder, pictures.pictures())
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, names=np.array(heads.names), grey=heads.grey, landmarks=heads.landmarks)


def read_heads(file: Path) -> Heads:
    with np.load(file) as content:
        names = tuple(map(str, content["names"]))
        return Heads(names, content["grey"], content["landmarks"].astype(np.float32))


def training_sample(heads: Heads, random: Random) -> tuple[Grey, NDArray[np.float32]]:
    """One input as the network gets it and its labels in the order of `KINDS`."""
    shown = heads.at(int(random.integers(len(heads.names))))
    worn = {kind: random.random() < chance for kind, chance in DRAWN.items()}
    return drawn(shown, worn, random)


def drawn(
    shown: Head, worn: dict[str, bool], random: Random, harmless: float = HARMLESS_CHANCE
) -> tuple[Grey, NDArray[np.float32]]:
    if random.random() < harmless:
        HARMLESS[int(random.integers(len(HARMLESS)))](shown, random)
    if worn["eyes_closed"]:
        closed_eyes(shown, random)
    if worn["mask"]:
        mask(shown, random)
    if worn["sunglasses"]:
        sunglasses(shown, random)
    if worn["hat"]:
        hat(shown, random)
    labels = np.array([worn[kind] for kind in KINDS], np.float32)
    return prepared(photographed(shown.grey, random)), labels


def photographed(grey: Grey, random: Random) -> Grey:
    """The cut-out as a camera might have given it, INPUT x INPUT, 0..255: turned, shifted, cut at the picture's
    edge, mirrored, lit, blurred, small, noisy, compressed."""
    size = grey.shape[0]
    turn = cv2.getRotationMatrix2D(
        (size / 2, size / 2), random.normal(0, 5), random.uniform(0.88, 1.12)
    )
    turn[:, 2] += random.normal(0, 0.02, 2) * size
    grey = cv2.warpAffine(grey, turn, (size, size), borderMode=cv2.BORDER_REPLICATE)
    if random.random() < 0.15:  # a close-up: above this row there was no picture
        edge = int(random.uniform(0.05, 0.3) * size)
        grey[:edge] = grey[edge]
    if random.random() < 0.5:
        grey = grey[:, ::-1]
    columns = np.linspace(-1, 1, size, dtype=np.float32)
    light = columns * random.uniform(-0.35, 0.35) + columns[:, None] * random.uniform(-0.2, 0.2)
    grey = np.clip(grey, 0, 255) * (1 + light)
    grey = 255 * (np.clip(grey, 0, 255) / 255) ** random.uniform(0.6, 1.7)
    small = int(size * min(1.0, random.uniform(0.3, 1.3)))
    grey = cv2.resize(np.asarray(grey, np.float32), (small, small), interpolation=cv2.INTER_AREA)
    if random.random() < 0.4:
        grey = cv2.GaussianBlur(grey, (0, 0), random.uniform(0.4, 1.4))
    grey = grey + random.standard_normal(grey.shape, np.float32) * random.uniform(0, 6)
    packed = cv2.imencode(
        ".jpg",
        np.clip(grey, 0, 255).astype(np.uint8),
        [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 96))],
    )[1]
    grey = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    how = cv2.INTER_AREA if small >= INPUT else cv2.INTER_LINEAR
    return cv2.resize(grey, (INPUT, INPUT), interpolation=how).astype(np.float32)


def eye_sample(heads: Heads, random: Random) -> tuple[Grey, bool]:
    """Both eyes as the network gets them, 2 x 24 x 36, and whether they were drawn closed."""
    shown = heads.at(int(random.integers(len(heads.names))))
    closed = bool(random.random() < 0.5)
    if closed:
        closed_eyes(shown, random)
    if random.random() < 0.3:
        spectacles(shown, random)
    return eyes_photographed(shown, random), closed


def eyes_photographed(shown: Head, random: Random) -> Grey:
    """Eye patches with landmarks that wander as a detector's do, lit, mirrored, a little blurred and noisy."""
    grey = 255 * (np.clip(shown.grey, 0, 255) / 255) ** random.uniform(0.6, 1.6)
    if random.random() < 0.5:
        grey = cv2.GaussianBlur(grey, (0, 0), random.uniform(0.3, 0.9))
    grey = grey + random.standard_normal(grey.shape, np.float32) * random.uniform(0, 4)
    wander = random.normal(0, 0.03 * shown.eye, shown.landmarks.shape)
    return eye_patches(np.asarray(grey, np.float32), (shown.landmarks + wander).astype(np.float32))


def training_set(
    heads: Heads, size: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inputs N x 1 x INPUT x INPUT and labels N x 3."""
    random = np.random.default_rng(seed)
    pairs = [
        training_sample(heads, random) for _ in tqdm(range(size), desc="render", mininterval=5)
    ]
    return np.stack([grey for grey, _ in pairs])[:, None], np.stack([label for _, label in pairs])
