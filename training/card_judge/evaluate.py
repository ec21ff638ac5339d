"""Scores the warnings about a card's picture on labelled photos: what is caught, what is warned of wrongly.

A warning's true positive rate is its share of the photos with that defect; its false positive rate, its share of the
genuine photos, those of hardships among them (worn print, lamp light, a grey desk, ...). A photo in which no document
was seen, and a check that could not be made, count as not caught, and as no false alarm. "Called fake" is the share of
photos of genuine cards, unreadable ones among them (blurred, tiny, cut, under glare), said to show a copy, a screen or
tampering. Photos, people, portraits and seeds are none of training's.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models.cards.card_judge import CardJudge
from models.loader import load_documents
from models.manifest import read_pack
from models.session import OnnxSession
from models.types import Image
from pipelines.errors import NoDocument
from pipelines.read_document import ReadDocument
from pipelines.types import ImageCheck, Outcome
from specimens.camera import Photo, photograph
from specimens.defects import DEFECTS, HARDSHIPS, photograph_with
from specimens.layouts import CARD_SIDES
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Specimen
from training.card_finder.data import FIRST_TRAIN_PERSON, training_portrait
from training.text_reader.report import write_section

ACCURACY = Path("docs/accuracy.md")
PACK = "embedded"
FAKE = frozenset({"photocopy", "screen", "tampered"})
"""Warnings that accuse somebody."""
GENUINE = "genuine"
PHOTOS_OF_A_CARD = 12
"""Rendering a card takes longer than a photo of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is wrong with a photo, and what was said about it; no checks where no document was seen."""

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


def looked_at(photo: Photo, read: ReadDocument) -> Seen:
    """The checks of the document read."""
    defects = frozenset(defect.name for defect in photo.truth.defects)
    try:
        reading = read(Image(photo.pixels))
    except NoDocument:
        return Seen(photo.level, defects, ())
    stages = dict(reading.timing.stages)
    return Seen(photo.level, defects, reading.checks, stages["look"])


def called_fake(seen: Iterable[Seen]) -> tuple[int, int]:
    """Photos of genuine cards that were said to show something else, of how many."""
    real = [s for s in seen if not s.defects & FAKE]
    told = [any(s.outcome(name) is Outcome.FAIL for name in FAKE) for s in real]
    return sum(told), len(told)


def open_reader(pack: str, judge: Path | None = None) -> ReadDocument:
    """The pack's reading of documents; `judge` names other weights for its card judge."""
    weights_dir = Path(os.environ.get("EKYC_WEIGHTS_DIR", "var/weights"))
    models = load_documents(read_pack(pack), weights_dir=weights_dir)
    other = None if judge is None else CardJudge(OnnxSession(judge))
    return ReadDocument(
        models.card_finder,
        models.text_finder,
        models.text_reader,
        card_judge=other or models.card_judge,
    )


def shots(
    *, each: int, plain: int, seed: int, levels: tuple[str, ...] = ("good",)
) -> tuple[Iterator[Photo], int]:
    """So many photos of each defect, a third as many of each hardship and `plain` genuine ones; and how many in all."""
    plan = {
        GENUINE: plain,
        **dict.fromkeys(HARDSHIPS, max(1, each // 3)),
        **dict.fromkeys(DEFECTS, each),
    }
    count = sum(plan.values())
    pool = cards(seed, max(4, count // PHOTOS_OF_A_CARD // 3))
    return photos(pool, plan, levels, seed), count


def table(answer: Mapping[str, Mapping[str, float]]) -> str:
    """The rates as Markdown."""
    rows = [
        f"| {name.replace('_', ' ')} | {row['tpr']:.1%} | {row['fpr']:.1%} | {row['not_assessed']:.1%} |"
        for name, row in answer.items()
    ]
    return "\n".join(["| warning | caught | false | not assessed |", "|---|---|---|---|", *rows])


def measured(
    read: ReadDocument, *, each: int, plain: int, seed: int, levels: tuple[str, ...] = ("good",)
) -> list[Seen]:
    """What is said about the photos of `shots`."""
    drawn, count = shots(each=each, plain=plain, seed=seed, levels=levels)
    return [looked_at(photo, read) for photo in tqdm(drawn, total=count, desc="warnings")]


def main(argv: list[str] | None = None) -> int:
    """Prints a table, and with --json one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="evaluate warnings", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--quick", action="store_true", help="smaller samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--photos", type=int, default=60, help="of each defect")
    parser.add_argument("--genuine", type=int, default=120)
    parser.add_argument("--levels", nargs="+", default=["good"])
    parser.add_argument("--pack", default=PACK)
    parser.add_argument("--judge", type=Path, help="other weights of the card judge")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    each, plain = (4, 12) if args.quick else (args.photos, args.genuine)
    read = open_reader(args.pack, args.judge)
    seen = measured(read, each=each, plain=plain, seed=args.seed, levels=tuple(args.levels))
    answer, (fakes, real) = rates(seen), called_fake(seen)
    ms = round(1000 * float(np.median([s.seconds for s in seen if s.checks] or [0.0])), 1)
    lines = [
        table(answer),
        "",
        f"Of {real} photos of genuine cards, unreadable ones among them, {fakes} were called a copy, a screen or tampered with. "
        f"All checks of a card took {ms} ms (median).",
    ]  # fmt: skip
    print("\n".join(lines))
    if args.docs:
        write_section(ACCURACY, "evaluate warnings", _section(args, len(seen), lines))
    if args.json:
        fake = round(fakes / max(1, real), 4)
        print(json.dumps({"warnings": answer, "false_fake": fake, "ms": ms}))
    return 0


def _section(args: argparse.Namespace, count: int, lines: Sequence[str]) -> str:
    command = f"scripts/evaluate warnings --photos {args.photos} --genuine {args.genuine} --seed {args.seed} --docs"
    told = f"`{command}`: {count} photos ({', '.join(args.levels)}), read as the service reads them with the pack `{args.pack}`."
    return "\n".join([told, "", *lines])


if __name__ == "__main__":
    raise SystemExit(main())
