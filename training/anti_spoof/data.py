"""Looks of genuine and attacking faces for training the judge, people split into parts that never meet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from models.faces.face_patch_net import looks
from models.ports import FaceFinder
from models.types import Face, Image, Pixels
from training.anti_spoof.attacks import ATTACKS, attack, genuine
from training.face_calibration.dataset import FaceSet, central, person

PARTS = {"train": range(70), "watch": range(70, 80), "test": range(80, 100)}
"""Percentiles of a person's digest."""
GENUINE = "genuine"
GENUINE_EACH = 4
"""Genuine looks of one picture, beside one of each attack."""
CACHE = Path("var/anti_spoof")


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photograph and its face."""

    name: str
    image: Image
    face: Face


def part_of(who: str) -> str:
    """Which part a person belongs to, whatever pictures there are of them."""
    place = int.from_bytes(hashlib.sha256(who.encode()).digest()[:4]) % 100
    return next(part for part, places in PARTS.items() if place in places)


def portraits(people: FaceSet, part: str, finder: FaceFinder) -> Iterator[Portrait]:
    """The people of a part, in the order of their names; pictures without a face are left out."""
    for name in people.pictures():
        if part_of(person(name)) != part:
            continue
        image = people.image(name)
        face = central(finder.find(image), image)
        if face is not None:
            yield Portrait(name, image, face)


def ground_of(people: FaceSet, names: Sequence[str], rng: Generator) -> Pixels | None:
    """What is behind a picture that is held up: now and then nothing but a colour."""
    if rng.random() < 0.2:
        return None
    return people.image(str(rng.choice(names))).pixels


def samples(
    people: FaceSet, part: str, finder: FaceFinder, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Looks N x 2 x side x side, and kinds N: 0 for genuine, else the attack's place in ATTACKS and one."""
    rng = np.random.default_rng(seed)
    names = [name for name in people.pictures() if part_of(person(name)) == part]
    seen, kinds = [], []
    for portrait in tqdm(portraits(people, part, finder), total=len(names)):
        for _ in range(GENUINE_EACH):
            seen.append(looks(*genuine(portrait.image, portrait.face, rng)))
            kinds.append(0)
        for number, kind in enumerate(ATTACKS, start=1):
            ground = ground_of(people, names, rng)
            seen.append(looks(*attack(portrait.image, portrait.face, kind, rng, ground)))
            kinds.append(number)
    return np.stack(seen), np.array(kinds, np.uint8)
