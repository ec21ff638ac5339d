"""Scores the warnings about a card's picture on labelled photos: what is caught, what is warned of wrongly.

A warning's true positive rate is its share of the photos with that defect; its false positive rate, its share of the
genuine photos, those of hardships among them (worn print, lamp light, a grey desk, ...). A photo in which no card was
found, and a check that could not be made, count as not caught, and as no false alarm. Photos, people, portraits and
seeds are none of training's.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models.cards.card_corners import CardCorners
from models.cards.card_judge import CardJudge as OwnCardJudge
from models.geometry import rectify
from models.ports import CardFinder, CardJudge
from models.session import OnnxSession
from models.types import Image
from pipelines.documents.layout import FRAME
from pipelines.image_checks import check_picture
from pipelines.types import ImageCheck, Outcome
from specimens.camera import Photo, photograph
from specimens.defects import DEFECTS, HARDSHIPS, photograph_with
from specimens.layouts import CARD_SIDES
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Specimen
from training.card_finder.data import FIRST_TRAIN_PERSON, training_portrait

WEIGHTS = Path(__file__).parents[2] / "models" / "weights"
GENUINE = "genuine"
PHOTOS_OF_A_CARD = 12
"""Rendering a card takes longer than a photo of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is wrong with a photo, and what was said about it; no checks where no card was found."""

    level: str
    defects: frozenset[str]
    checks: tuple[ImageCheck, ...]
    seconds: float = 0.0

    @property
    def genuine(self) -> bool:
        return not self.defects & set(DEFECTS)

    def outcome(self, name: str) -> Outcome:
        found = {check.kind.value: check.outcome for check in self.checks}
        return found.get(name, Outcome.NOT_ASSESSED)


def rates(seen: Iterable[Seen]) -> dict[str, dict[str, float]]:
    """By warning: tpr, fpr, the share of the defect's photos in which it was not assessed, and both counts."""
    listed = list(seen)
    genuine = [s for s in listed if s.genuine]
    answer = {}
    for name in DEFECTS:
        bad = [s for s in listed if name in s.defects]
        told = [s.outcome(name) for s in bad]
        alarms = sum(s.outcome(name) is Outcome.FAIL for s in genuine)
        answer[name] = {
            "tpr": round(told.count(Outcome.FAIL) / max(1, len(bad)), 4),
            "fpr": round(alarms / max(1, len(genuine)), 4),
            "not_assessed": round(told.count(Outcome.NOT_ASSESSED) / max(1, len(bad)), 4),
            "photos": len(bad),
            "genuine": len(genuine),
        }
    return answer


def cards(seed: int, count: int) -> list[Specimen]:
    """Cards of people and portraits that training never saw."""
    held_out = [p for i, p in enumerate(portraits()) if not training_portrait(i)]
    found = []
    for k in range(count):
        who = (seed * 4001 + 53 * k) % FIRST_TRAIN_PERSON
        face = held_out[k % len(held_out)].pixels
        found.append(render(CARD_SIDES[k % len(CARD_SIDES)], make_person(who), face, who))
    return found


def photos(pool: list[Specimen], plan: Mapping[str, int], levels: tuple[str, ...], seed: int) -> Iterator[Photo]:  # fmt: skip
    """So many photos of each kind, the levels in turns."""
    shot = seed * 100_003
    for kind, count in plan.items():
        for k in range(count):
            shot += 1
            specimen, level = pool[shot % len(pool)], levels[k % len(levels)]
            if kind == GENUINE:
                yield photograph(specimen, level, shot)
            else:
                yield photograph_with(kind, specimen, level, shot)


def looked_at(photo: Photo, finder: CardFinder, judge: CardJudge | None) -> Seen:
    """The checks of the largest card found."""
    image = Image(photo.pixels)
    defects = frozenset(defect.name for defect in photo.truth.defects)
    found = finder.find(image)
    if not found:
        return Seen(photo.level, defects, ())
    quad = found[0].quad
    rectified = rectify(image.pixels, quad, FRAME)
    start = time.thread_time()
    checks = check_picture(image, quad, rectified, cards=len(found), judge=judge)
    return Seen(photo.level, defects, checks, time.thread_time() - start)


def open_finder(path: Path) -> CardCorners:
    session = OnnxSession(path)
    return CardCorners(
        session,
        presence_threshold=float(session.metadata["presence_threshold"]),
        input_size=int(session.metadata["input_size"]),
    )


def measured(
    finder: CardFinder,
    judge: CardJudge | None,
    *,
    each: int,
    plain: int,
    seed: int,
    levels: tuple[str, ...] = ("good",),
) -> tuple[dict[str, dict[str, float]], float]:
    """`rates` over so many photos of each defect, a third as many of each hardship and `plain` genuine ones, and the
    median milliseconds of CPU time of a card's checks."""
    plan = {
        GENUINE: plain,
        **dict.fromkeys(HARDSHIPS, max(1, each // 3)),
        **dict.fromkeys(DEFECTS, each),
    }
    pool = cards(seed, max(4, sum(plan.values()) // PHOTOS_OF_A_CARD // 3))
    shots = tqdm(photos(pool, plan, levels, seed), total=sum(plan.values()), desc="photos", leave=False)  # fmt: skip
    seen = [looked_at(photo, finder, judge) for photo in shots]
    seconds = [s.seconds for s in seen if s.checks] or [0.0]
    return rates(seen), round(1000 * float(np.median(seconds)), 1)


def main(argv: list[str] | None = None) -> int:
    """Prints a table, and with --json one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="evaluate warnings", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--quick", action="store_true", help="smaller samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--photos", type=int, default=60, help="of each defect")
    parser.add_argument("--genuine", type=int, default=120)
    parser.add_argument("--levels", nargs="+", default=["good"])
    parser.add_argument("--judge", type=Path, help="weights of a card judge; none are shipped")
    parser.add_argument("--finder", type=Path, default=WEIGHTS / "card_finder.onnx")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    each, plain = (4, 12) if args.quick else (args.photos, args.genuine)
    answer, ms = measured(
        open_finder(args.finder),
        OwnCardJudge(OnnxSession(args.judge)) if args.judge else None,
        each=each,
        plain=plain,
        seed=args.seed,
        levels=tuple(args.levels),
    )
    print(f"{'':16}{'caught':>9}{'false':>9}{'not assessed':>14}{'photos':>9}{'genuine':>9}")
    for name, row in answer.items():
        print(
            f"{name:16}{row['tpr']:9.3f}{row['fpr']:9.3f}{row['not_assessed']:14.3f}"
            f"{row['photos']:9.0f}{row['genuine']:9.0f}"
        )
    print(f"{ms} ms per card (median CPU time of all checks on one thread)")
    if args.json:
        print(json.dumps({"warnings": answer, "ms": ms}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
