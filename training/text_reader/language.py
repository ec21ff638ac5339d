"""Counts which characters follow which in the lines of `corpus.py`, for the reader's decoder.

    python -m training.text_reader.language --data var/training/text --into models/weights/text_language.npz

Probabilities are interpolated as by Witten and Bell (Chen & Goodman 1999, section 2.4); n-grams that say little more than
their shorter forms are left out by weighted difference (Seymore & Rosenfeld 1996).
"""

from __future__ import annotations

import argparse
import io
import math
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from models.text.charset import CHARSET
from models.text.language import EDGE, classed, key_of
from training.text_reader.corpus import Corpus

CHARACTERS = "".join(dict.fromkeys(classed(CHARSET)))
SEED = 20_261_121
ORDER = 6
LEAST_DIFFERENCE = 8.0
"""Nats: an n-gram stays when its count times its gain in log-probability over the shorter one is more. 4, 8 and 16 gave 2.42, 2.35
and 2.40 % of errors on validation lines, at 1.5, 0.6 and 0.3 MB."""


def count(corpus: Corpus, lines: int, order: int) -> list[Counter[str]]:
    """Counts of the n-grams of each length from 0 (always empty) to `order`."""
    rng = random.Random(SEED)
    counts: list[Counter[str]] = [Counter() for _ in range(order + 1)]
    for _ in range(lines):
        text = EDGE + classed(corpus.sample(rng)[1]) + EDGE
        for end in range(2, len(text) + 1):
            for n in range(1, min(order, end) + 1):
                counts[n][text[end - n : end]] += 1
    return counts


def probabilities(counts: list[Counter[str]]) -> dict[str, float]:
    """P(last character | those before) of every n-gram counted."""
    followers: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for counted in counts[1:]:
        for gram, times in counted.items():
            followers[gram[:-1]] += times
            kinds[gram[:-1]] += 1
    found: dict[str, float] = dict.fromkeys([*CHARACTERS, EDGE], 0.0)
    for character in found:
        even = 1 / len(found)
        weight = kinds[""] / (kinds[""] + followers[""])
        found[character] = (1 - weight) * counts[1][character] / followers[""] + weight * even
    for counted in counts[2:]:
        for gram, times in counted.items():
            context = gram[:-1]
            weight = kinds[context] / (kinds[context] + followers[context])
            found[gram] = (1 - weight) * times / followers[context] + weight * found[gram[1:]]
    return found


def kept(counts: list[Counter[str]], found: dict[str, float], least: float) -> set[str]:
    grams = {gram for gram in found if len(gram) == 1}
    for counted in counts[2:]:
        for gram, times in counted.items():
            if times * math.log(found[gram] / found[gram[1:]]) > least:
                grams.update(gram[:n] for n in range(1, len(gram) + 1))
    return grams


def backoffs(grams: set[str], found: dict[str, float]) -> dict[str, float]:
    """Per context kept, what is left for characters not kept after it, over what the shorter context gives them."""
    after: dict[str, list[str]] = defaultdict(list)
    for gram in sorted(grams, key=len):
        after[gram[:-1]].append(gram[-1])
    weights: dict[str, float] = {}

    def told(context: str, character: str) -> float:
        gram = context + character
        if gram in grams:
            return found[gram]
        return weights.get(context, 1.0) * told(context[1:], character)

    for context in sorted((c for c in after if c), key=len):
        left = 1 - sum(found[context + c] for c in after[context])
        shorter = 1 - sum(told(context[1:], c) for c in after[context])
        weights[context] = max(left, 1e-6) / max(shorter, 1e-6)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("var/training/text"))
    parser.add_argument("--into", type=Path, default=Path("models/weights/text_language.npz"))
    parser.add_argument("--lines", type=int, default=400_000)
    parser.add_argument("--order", type=int, default=ORDER)
    parser.add_argument("--least", type=float, default=LEAST_DIFFERENCE)
    args = parser.parse_args()
    counts = count(Corpus.load(args.data), args.lines, args.order)
    found = probabilities(counts)
    grams = kept(counts, found, args.least)
    weights = backoffs(grams, found)
    characters = CHARACTERS + EDGE
    rows = sorted((key_of(gram, characters), gram) for gram in grams)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        characters=np.array(characters),
        order=np.array(args.order),
        keys=np.array([key for key, _ in rows], np.uint64),
        log_probability=np.log([found[gram] for _, gram in rows]).astype(np.float16),
        backoff=np.log([weights.get(gram, 1.0) for _, gram in rows]).astype(np.float16),
    )
    args.into.write_bytes(buffer.getvalue())
    print(f"{args.into}: {len(rows)} n-grams, {len(buffer.getvalue()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
