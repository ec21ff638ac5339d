"""Makes the card judge's samples: `python -m training.card_judge.prepare`; five processor minutes per thousand.

Samples are kept in shards; a run that was cut short goes on where it stopped.
"""

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
from training.card_judge.data import Sample, draw, drawn_grounds

CACHE = Path("var/card_judge")
SHARD, SHARDS = 100, "shard-*.npz"
PEOPLE = 4
COUNT = 5000


@dataclass(frozen=True, slots=True, eq=False)
class Cached:
    """Samples as arrays, the first axis theirs; see `Sample`."""

    view: NDArray[np.uint8]
    photo: NDArray[np.uint8]
    grain: NDArray[np.float16]
    marks: NDArray[np.bool_]
    masks: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    full_size: NDArray[np.bool_]

    @staticmethod
    def of(samples: Iterable[Sample]) -> Cached:
        listed = list(samples)
        names = [field.name for field in fields(Cached)]
        return Cached(*(np.stack([getattr(s, name) for s in listed]) for name in names))

    @staticmethod
    def load(cache: Path) -> Cached:
        """Every shard that is there."""
        shards = [dict(np.load(path)) for path in sorted(cache.glob(SHARDS))]
        names = [field.name for field in fields(Cached)]
        return Cached(*(np.concatenate([shard[name] for shard in shards]) for name in names))

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part-{path.name}")
        np.savez(part, **{field.name: getattr(self, field.name) for field in fields(Cached)})
        part.replace(path)


def shards_in(cache: Path) -> int:
    return len(list(cache.glob(SHARDS)))


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
    pool, grounds = training_cards(), drawn_grounds(args.seed)
    for first in tqdm(range(0, args.count, SHARD), desc="shards"):
        path = args.cache / f"shard-{args.seed}-{first:06}.npz"
        if path.exists():
            continue
        indices = range(first, min(first + SHARD, args.count))
        Cached.of(draw(pool, grounds, args.seed, index) for index in indices).save(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
