"""Chooses the judge's thresholds on tuning samples: `python -m training.card_judge.choose MODEL`.

Samples are drawn as for training, of people, portraits and seeds of their own. A threshold lies half-way between the
genuine samples' 99th percentile and the defect's 5th where the two are apart, else at the former.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.cards.card_judge import as_tensor
from models.session import OnnxSession
from specimens.defects import HARDSHIPS
from training.card_judge.data import GENUINE, MARKS, Sample, close_photo, sample_of
from training.card_judge.evaluate import cards

TUNING_SEED = 7
CARDS = 14
LEVELS = ("good", "good", "good", "poor", "scan")
GENUINE_QUANTILE, DEFECT_QUANTILE = 0.99, 0.05


def tuning_samples(count: int) -> Iterator[tuple[str, Sample]]:
    """Kind and sample; genuine ones, hardships and defects in turns."""
    pool = cards(TUNING_SEED, CARDS)
    kinds = [GENUINE, "photocopy", "screen", GENUINE, *MARKS, GENUINE, *HARDSHIPS, GENUINE, "glare"]
    for i in range(count):
        rng = np.random.default_rng((TUNING_SEED, i))
        kind, level = kinds[i % len(kinds)], LEVELS[i % len(LEVELS)]
        yield kind, sample_of(close_photo(kind, pool[i % len(pool)], level, rng), rng)


def logits_of(session: OnnxSession, sample: Sample) -> NDArray[np.float32]:
    """The largest of each of MARKS."""
    (maps,) = session.run({"card": as_tensor(sample.view)})
    return np.asarray(maps[0].max(axis=(1, 2)), np.float32)


def threshold(genuine: NDArray[np.float32], defect: NDArray[np.float32]) -> float:
    high = float(np.quantile(genuine, GENUINE_QUANTILE))
    low = float(np.quantile(defect, DEFECT_QUANTILE))
    return high if low <= high else (high + low) / 2


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.card_judge.choose", description=__doc__)  # fmt: skip
    parser.add_argument("model", type=Path)
    parser.add_argument("--count", type=int, default=400)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    session = OnnxSession(args.model)
    drawn = [(s, logits_of(session, s)) for _, s in tqdm(tuning_samples(args.count), total=args.count)]  # fmt: skip
    logits = np.stack([x for _, x in drawn])
    labels = np.stack([s.marks for s, _ in drawn])
    whole = ~labels.any(axis=1)
    for k, name in enumerate(MARKS):
        bad = logits[labels[:, k], k]
        chosen = threshold(logits[whole, k], bad)
        caught, alarms = float((bad > chosen).mean()), float((logits[whole, k] > chosen).mean())
        print(f"{name:12} {chosen:7.2f}  caught {caught:.3f}  false {alarms:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
