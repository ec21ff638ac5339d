"""Makes the card judge's samples: `python -m training.card_judge.prepare`; two processor minutes per thousand."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from specimens.layouts import SIDES
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Specimen
from training.card_finder.data import FIRST_TRAIN_PERSON, training_portrait
from training.card_judge.data import Sample, draw

CACHE = Path("var/card_judge")
SAMPLES = "samples.npz"
PEOPLE = 3
COUNT = 1050


@dataclass(frozen=True, slots=True, eq=False)
class Cached:
    """Samples as arrays: view N x H x W x 3 uint8, marks and masks bool."""

    view: NDArray[np.uint8]
    marks: NDArray[np.bool_]
    masks: NDArray[np.bool_]

    @staticmethod
    def of(samples: Iterable[Sample]) -> Cached:
        listed = list(samples)
        names = [field.name for field in fields(Cached)]
        return Cached(*(np.stack([getattr(s, name) for s in listed]) for name in names))

    @staticmethod
    def load(cache: Path) -> Cached:
        found = np.load(cache / SAMPLES)
        return Cached(*(found[field.name] for field in fields(Cached)))

    def save(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        arrays = {field.name: getattr(self, field.name) for field in fields(Cached)}
        np.savez(cache / SAMPLES, **arrays)


def training_cards() -> list[Specimen]:
    """Every side of a few people, with portraits that only training sees."""
    pictures = [p for i, p in enumerate(portraits()) if training_portrait(i)]
    return [
        render(side, make_person(FIRST_TRAIN_PERSON + k), pictures[(7 * k + n) % len(pictures)].pixels, FIRST_TRAIN_PERSON + k)
        for k in range(PEOPLE)
        for n, side in enumerate(SIDES)
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.card_judge.prepare", description=__doc__)  # fmt: skip
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    pool = training_cards()
    drawn = (draw(pool, args.seed, index) for index in tqdm(range(args.count), desc="samples"))
    Cached.of(drawn).save(args.cache)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
