"""Reads made-up documents of people nobody has trained or tuned on: 50 for every side, each scanned, photographed
well and photographed badly.

Class accuracy is the share of photos whose document and side were told rightly, rejection the share in which no
document was seen. A field is exact when it is what is printed, letter for letter, and "same" when its normal form is
(see training/documents/judging.py). Figures of the last line are of good photos unless their key says otherwise.
A run that was cut short goes on where it stopped, as long as code and weights are the same.

"warnings" of the last line are of a smaller sample of labelled photos; `evaluate warnings` measures them at length.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from itertools import groupby, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
from tqdm import tqdm

from models.loader import load_documents
from models.manifest import read_pack
from pipelines.read_document import ReadDocument
from specimens.fonts import card_families
from specimens.layouts import SIDES
from training.card_judge.evaluate import measured, open_reader, rates
from training.documents.figures import Rate, fields_of, key_figures
from training.documents.judging import Result, judged
from training.documents.photos import EVALUATION_PEOPLE, Task, taken, tasks
from training.documents.report import class_table, confusion_table, field_table, worst_page
from training.text_reader.crops import training_families
from training.text_reader.report import write_section

ROOT = Path(__file__).parents[2]
KEPT = Path("var/evaluate/documents")
ACCURACY = Path("docs/accuracy.md")
PEOPLE, QUICK_PEOPLE = 50, 2
WARNING_PHOTOS, QUICK_WARNING_PHOTOS = 20, 1
"""Of each defect; of genuine cards three times as many."""
QUICK_SECONDS = 22.0
"""Photos begun after this are left out of a quick run; models and people take some seconds before the first."""
WHAT_COUNTS = ("pipelines", "models", "specimens", "training/documents")
"""Folders whose content a result depends on."""


@cache
def _reader(pack: str, weights_dir: Path) -> ReadDocument:
    """One per worker process."""
    cv2.setNumThreads(1)
    models = load_documents(read_pack(pack), weights_dir=weights_dir)
    return ReadDocument(
        models.card_finder,
        models.text_finder,
        models.text_reader,
        card_judge=models.card_judge,
    )


def _measured(pack: str, weights_dir: Path, batch: Sequence[Task]) -> list[Result]:
    """Photos of one side, so that it is rendered once."""
    return [judged(task, taken(task), _reader(pack, weights_dir)) for task in batch]


def fingerprint() -> str:
    """Changes when anything does that a result depends on."""
    digest = hashlib.sha256()
    for folder in WHAT_COUNTS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def results_of(todo: Iterable[Task], pack: str, workers: int, until: float) -> Iterator[Result]:
    """Results as they come; photos are begun until the given time (`time.monotonic`)."""
    measure = partial(_measured, pack, Path(os.environ.get("EKYC_WEIGHTS_DIR", "var/weights")))
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        waiting = (tuple(batch) for _, batch in groupby(todo, lambda t: (t.person, t.side)))
        running = [pool.submit(measure, batch) for batch in islice(waiting, 2 * workers)]
        while running:
            try:
                yield from running.pop(0).result()
            except BrokenProcessPool:
                print("a worker process was killed (memory?): run the command again to go on")
                return
            if time.monotonic() < until and (batch := next(waiting, None)):
                running.append(pool.submit(measure, batch))


def section(results: Sequence[Result], figures: dict[str, Any]) -> str:
    """The figures as docs/accuracy.md shows them."""
    unseen = {family.name for family in card_families()} - {f.name for f in training_families()}
    held_out = [r for r in results if r.font in unseen]

    def percent(key: str) -> str:
        return "-" if figures[key] is None else f"{figures[key]:.2%}"

    bars = [
        ("class and side", percent("class"), ">= 99.5 %"),
        ("number, exact", percent("id"), ">= 99.5 %"),
        ("number, exact, where QR or MRZ is readable (all photos)", percent("id_machine_readable"), ">= 99.9 %"),
        ("name, exact with tone marks", percent("name"), ">= 97 %"),
        ("dates", percent("dates"), ">= 99 %"),
        ("address: right ward", percent("ward"), ">= 95 %"),
        ("address: a wrong ward told", percent("ward_wrong_confident"), "<= 0.5 %"),
        ("QR read, card 1,000 pixels wide or more", percent("qr"), ">= 99 %"),
        ("MRZ lines, exact", percent("mrz"), ">= 98 %"),
        ("poor photos: fields wrong with confidence >= 0.9", percent("confident_wrong_poor"), "<= 0.5 %"),
        ("genuine documents with a contradiction told (all photos)", percent("false_fake"), "0"),
    ]  # fmt: skip
    people = {r.person for r in results}
    names = fields_of((r for r in held_out if r.level == "good"), "full_name".__eq__)
    return "\n".join([
        f"{len(results):,} photos of {len(people)} people: {len(SIDES)} sides, scanned, photographed well and photographed badly, of people, portraits' pairings and scenes "
        f"from seed {EVALUATION_PEOPLE:,} on, which no training and no tuning used. Good photos:",
        "",
        "| | measured | wanted |",
        "|---|---|---|",
        *(f"| {what} | {told} | {wanted} |" for what, told, wanted in bars),
        "",
        f"On good photos set in typefaces the text reader was not trained on, {Rate.over(f.exact for f in names)} of {len(names)} names were exact. "
        f"A side took {figures['seconds_per_side']:.2f} s of one core (median).",
        "",
        "Class told rightly, and fields right in normal form; refused are photos in which no document was seen:",
        "",
        class_table(results),
        "",
        confusion_table(results) or "No class was confused with another.",
        "",
        "Fields exact (and right in normal form):",
        "",
        field_table(results),
    ])  # fmt: skip


def kept(path: Path) -> dict[str, Result]:
    """Results of an earlier run, by the key of their task."""
    if not path.exists():
        return {}
    results = [Result.of_json(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    return {Task(r.person, r.side, r.level).key: r for r in results}


def _warnings(args: argparse.Namespace) -> dict[str, dict[str, float]] | None:
    """None without photos."""
    each: int = args.warnings
    if args.quick:
        each = min(each, QUICK_WARNING_PHOTOS)
    if each == 0:
        return None
    return rates(measured(open_reader(args.pack), each=each, plain=3 * each, seed=args.seed))


def main(argv: list[str] | None = None) -> int:
    """Prints tables, and with --json one JSON object as the last line."""
    parser = argparse.ArgumentParser(
        prog="evaluate documents",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--quick", action="store_true", help="smaller samples, under 50 seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--people", type=int, help=f"per side; {PEOPLE} by default")
    parser.add_argument("--side", action="append", help="a side of specimens; all by default")
    parser.add_argument(
        "--minutes", type=float, help="begin no photo after so long; 0 shows what is kept"
    )
    parser.add_argument(
        "--warnings",
        type=int,
        default=WARNING_PHOTOS,
        metavar="N",
        help=f"photos of each defect ({WARNING_PHOTOS}) for the rates of the warnings; 0 leaves them out",
    )
    parser.add_argument("--tuning", action="store_true", help="the people one may look at")
    parser.add_argument("--pack", default="embedded")
    parser.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/")
    args = parser.parse_args(argv)
    people = args.people or (QUICK_PEOPLE if args.quick else PEOPLE)
    minutes = QUICK_SECONDS / 60 if args.quick else float("inf")
    if args.minutes is not None:
        minutes = args.minutes
    sides = {} if args.side is None else {"sides": args.side}
    wanted = list(tasks(people, args.seed, tuning=args.tuning, **sides))

    KEPT.mkdir(parents=True, exist_ok=True)
    of_whom = "tuning" if args.tuning else "evaluation"
    path = KEPT / f"{of_whom}-{args.pack}-{args.seed}-{fingerprint()}.jsonl"
    done = {} if args.quick else kept(path)
    todo = [task for task in wanted if task.key not in done]
    until = time.monotonic() + 60 * minutes
    coming = results_of(todo, args.pack, args.workers, until) if todo and minutes else iter(())
    with path.open("a", encoding="utf-8") as file:
        for result in tqdm(coming, total=len(todo), desc="photos", mininterval=5):
            done[Task(result.person, result.side, result.level).key] = result
            if not args.quick:
                file.write(json.dumps(result.as_json(), ensure_ascii=False) + "\n")
                file.flush()
    results = [done[task.key] for task in wanted if task.key in done]

    figures = key_figures(results)
    told = f"{len(results)} of {len(wanted)} photos, {people} people per side"
    print(f"\n{told}\n\n{class_table(results)}\n\n{field_table(results)}\n")
    print(confusion_table(results) or "no class was confused")
    if not args.quick:
        worst_page(results).save(KEPT / "worst.png")
        print(f"worst cases: {KEPT / 'worst.png'}")
    if args.docs:
        write_section(ACCURACY, "evaluate documents", section(results, figures))
    if args.json:
        print(json.dumps(figures | {"warnings": _warnings(args)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
