"""Scores the card finder on photos it has never seen: other people, portraits, grounds and seeds than in training.

Corner error is the mean distance of the four corners from the truth, as a share of the card's diagonal, over the
cards found and whichever way up they were read; orientation is the share of those read the right way up.
False cards are photos without a card in which one was found; missed cards, photos with a card in which none was.
Several cards, cards cut by the photo's edge and tiny ones: see `training/card_finder/harder.py`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models.cards.card_corners import CardCorners
from models.session import OnnxSession
from models.types import Image, Pixels, Quad
from specimens import scenes
from specimens.camera import Photo, photograph, scene_without_card
from specimens.layouts import CARD_SIDES
from specimens.people import make_person
from specimens.portraits import portraits, selfie_of
from specimens.render import render
from training.card_finder.data import FIRST_TRAIN_PERSON, HELD_OUT_SURFACES, training_portrait
from training.card_finder.harder import HarderSize, harder

WEIGHTS = Path(__file__).parents[2] / "models" / "weights" / "card_finder.onnx"
LEVELS = ("scan", "good", "good", "poor")
"""Half of the photos are good ones."""
TURNS = (0, 90, 180, 270)
LONG_SIDE = 1200
"""Pixels of the made-up grounds, stretched to the photo."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many: rendered cards, photos of each, photos without a card, harder ones."""

    cards: int
    photos: int
    empty: int
    harder: HarderSize


FULL = Size(cards=120, photos=4, empty=300, harder=HarderSize(100, 120, 60))
QUICK = Size(cards=16, photos=3, empty=32, harder=HarderSize(6, 10, 6))


@dataclass(frozen=True, slots=True)
class Shot:
    """What became of one photo of a card: error as a share of the diagonal, None when missed."""

    level: str
    side: str
    error: float | None
    upright: bool


def _ground(seed: int) -> Pixels:
    rng = np.random.default_rng((seed, 0xE7A1))
    height, width = (
        (LONG_SIDE * 3 // 4, LONG_SIDE) if rng.random() < 0.5 else (LONG_SIDE, LONG_SIDE * 3 // 4)
    )
    field = scenes.ground(rng, height, width, surfaces=HELD_OUT_SURFACES, things=8)
    return np.clip(field, 0, 255).astype(np.uint8)


def photos_of_cards(size: Size, seed: int) -> Iterator[Photo]:
    """Every side, level and turn, on grounds of kinds held out of training."""
    held_out = [p for i, p in enumerate(portraits()) if not training_portrait(i)]
    count = 0
    for card in range(size.cards):
        who = (seed * size.cards + card) % FIRST_TRAIN_PERSON
        side = CARD_SIDES[card % len(CARD_SIDES)]
        specimen = render(side, make_person(who), held_out[card % len(held_out)].pixels, who)
        for _ in range(size.photos):
            shot = seed * 1_000_003 + count
            level, turn = LEVELS[count % len(LEVELS)], TURNS[(count // len(LEVELS)) % len(TURNS)]
            # Scans keep their own plain ground, which every scanner has.
            ground = None if level == "scan" else _ground(shot)
            yield photograph(specimen, level, shot, rotation=turn, background=ground)
            count += 1


def photos_without_card(size: Size, seed: int) -> Iterator[Pixels]:
    """Held-out grounds, camera scenes and selfies."""
    held_out = [p for i, p in enumerate(portraits()) if not training_portrait(i)]
    for k in range(size.empty):
        shot = seed * 1_000_003 + k
        if k % 4 == 0:
            yield selfie_of(held_out[(k // 4) % len(held_out)], shot)
        elif k % 4 == 1:
            yield scene_without_card(shot)
        else:
            yield _ground(shot + 500_000)


def judged(found: Quad, truth: np.ndarray) -> tuple[float, bool]:
    """Corner error as a share of the diagonal, the best of the four turns, and whether it was turn 0."""
    diagonal = float(np.linalg.norm(truth[0] - truth[2]) + np.linalg.norm(truth[1] - truth[3])) / 2
    errors = [
        float(np.linalg.norm(np.roll(found.corners, k, axis=0) - truth, axis=1).mean())
        for k in range(4)
    ]
    best = int(np.argmin(errors))
    return errors[best] / diagonal, best == 0


def shots(finder: CardCorners, size: Size, seed: int) -> tuple[list[Shot], list[float]]:
    """Every photo of a card, and the CPU seconds each search took."""
    done, seconds = [], []
    photos = photos_of_cards(size, seed)
    for photo in tqdm(photos, total=size.cards * size.photos, desc="photos of cards", leave=False):
        image = Image(photo.pixels)
        # The search runs in this thread alone; its CPU time does not depend on what else the machine does.
        start = time.thread_time()
        found = finder.find(image)
        seconds.append(time.thread_time() - start)
        if found:
            error, upright = judged(found[0].quad, photo.card_quad)
            done.append(Shot(photo.level, photo.truth.side, error, upright))
        else:
            done.append(Shot(photo.level, photo.truth.side, None, False))
    return done, seconds


def summary(taken: list[Shot]) -> dict[str, float]:
    """The scores of some photos of cards."""
    found = [shot for shot in taken if shot.error is not None]
    errors = np.array([shot.error for shot in found] or [np.nan], np.float64)
    return {
        "corner_error_mean": round(float(errors.mean()), 5),
        "corner_error_p95": round(float(np.quantile(errors, 0.95)), 5),
        "orientation": round(sum(shot.upright for shot in found) / max(1, len(found)), 4),
        "missed_cards": round(1 - len(found) / len(taken), 4),
    }


def _table(taken: list[Shot]) -> None:
    print(f"{'':14}{'photos':>7}{'error':>9}{'p95':>9}{'upright':>9}{'missed':>9}")
    for kind, pick in (("level", lambda shot: shot.level), ("side", lambda shot: shot.side)):
        for name in sorted({pick(shot) for shot in taken}):
            part = [shot for shot in taken if pick(shot) == name]
            s = summary(part)
            print(
                f"{name:14}{len(part):7d}{s['corner_error_mean']:9.4f}{s['corner_error_p95']:9.4f}"
                f"{s['orientation']:9.3f}{s['missed_cards']:9.3f}   ({kind})"
            )


def main(argv: list[str] | None = None) -> int:
    """Prints a table, and with --json one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="evaluate cards", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--quick", action="store_true", help="smaller samples, under 50 seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, default=WEIGHTS)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    session = OnnxSession(args.model)
    finder = CardCorners(
        session,
        presence_threshold=float(session.metadata["presence_threshold"]),
        input_size=int(session.metadata["input_size"]),
    )
    size = QUICK if args.quick else FULL
    taken, seconds = shots(finder, size, args.seed)
    empty = tqdm(
        photos_without_card(size, args.seed), total=size.empty, desc="no card", leave=False
    )
    false_cards = sum(bool(finder.find(Image(pixels))) for pixels in empty) / size.empty
    _table(taken)
    hard = harder(finder, size.harder, args.seed)
    print("  ".join(f"{name} {value:.3f}" for name, value in hard.items()))
    answer = (
        summary(taken)
        | hard
        | {
            "false_cards": round(false_cards, 4),
            "ms": round(1000 * float(np.median(seconds)), 2),
            "photos": len(taken),
            "photos_without_card": size.empty,
        }
    )
    print(
        f"false cards {false_cards:.3f} of {size.empty}; {answer['ms']} ms per photo (median CPU time on one thread, all looks)"
    )
    if args.json:
        print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
