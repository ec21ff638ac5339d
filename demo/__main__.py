"""Runs the main job on made-up people through the real service, over HTTP.

Every specimen is rendered and photographed anew from the seed; the service has never seen it. Exit status 0
when at least 90 % of the fields are right and every face decision is.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tqdm import tqdm

from app.commands.head import Refusal, in_words, whole
from app.first_run import make_ready
from app.settings import ROOT, Settings
from app.store.migrate import upgrade
from demo.cases import Case, card_portraits, jpeg, make_case
from demo.report import write_report
from demo.scoring import Row, score_side
from demo.service import Window, new_client, running
from specimens.portraits import Portrait

BAR = 0.9
"""Share of fields that must be right."""
PATIENCE_SECONDS = 30.0
"""The demo shows answers on any machine, also a busy one, and prints how long they took; a served request is refused
after the 3 s of the settings."""
OWN: dict[str, object] = {
    "database_url": f"sqlite:///{ROOT / 'var' / 'demo' / 'ekyc.sqlite3'}",
    "keys": None,
    "keys_command": None,
    "keys_file": None,
    "index": "memory",
    "index_file": None,
    "deadline_seconds": PATIENCE_SECONDS,
}
"""Whatever the service is set to: a demo leaves nothing in its database or index and needs none of its keys."""
SAME, UNSURE, DIFFERENT = "SAME", "UNSURE", "DIFFERENT"
VERDICTS = {"1": SAME, "0": UNSURE, "-1": DIFFERENT}
"""`match` of the v2 answer."""


@dataclass(slots=True)
class Tally:
    rows: list[tuple[int, Row]] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)
    other: list[tuple[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


@in_words()
def main() -> int:
    args = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    began = time.perf_counter()
    if args.pack is not None:
        os.environ["EKYC_PACK"] = args.pack  # for this run only: nothing is pinned
    chosen = make_ready(say=lambda words: print(words, flush=True))
    settings = chosen.model_copy(update=OWN)
    upgrade(settings.database_url)
    faces = _portraits(args.faces)
    cases = [
        make_case(i, args.seed, faces, args.level)
        for i in tqdm(
            range(args.people), desc="Rendering people and photographing their cards", leave=False
        )
    ]
    print(f"Starting the service with pack {settings.pack} ...", flush=True)
    client, window, tally = new_client(settings), Window(), Tally()
    with (
        running(settings, window) as url,
        httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as http,
    ):
        for index, case in enumerate(tqdm(cases, desc="Asking the service", leave=False)):
            onboard_one(http, client.token, index, case, window, tally)
            compare_faces(http, (client.key, client.secret), case, tally)
            if index == 0:
                _report(args.report, window, tally, settings)
                _both_sides_v1(http, (client.key, client.secret), case)
    return _conclude(tally, settings, args.report, time.perf_counter() - began)


def onboard_one(
    http: httpx.Client, token: str, index: int, case: Case, window: Window, tally: Tally
) -> None:
    """Techainer's register_ekyc_front_back_face, scored field by field."""
    began = time.perf_counter()
    response = http.post(
        "/call/register_ekyc_front_back_face",
        headers={"x-api-key": token},
        data={"user_id": f"demo-{index}"},
        files={
            "image_card1": ("front.jpg", jpeg(case.front.pixels)),
            "image_card2": ("back.jpg", jpeg(case.back.pixels)),
            "image_general": ("selfie.jpg", jpeg(case.selfie)),
        },
    )
    tally.seconds.append(time.perf_counter() - began)
    answer: dict[str, Any] = response.json()
    output = answer["output"]
    if output is None:
        print(f"person {index}: {answer['code']}: {answer['error']}")
        window.onboarding = None
        output = [{}, {}, {}]
    seen = window.onboarding
    readings = (None, None) if seen is None else (seen.front, seen.back)
    for photo, told, reading in zip((case.front, case.back), output[:2], readings, strict=True):
        tally.rows += [(index, row) for row in score_side(photo.truth.fields, told, reading)]
    for part in () if seen is None else (seen.front, seen.back, seen.decision):
        for name, taken in () if part is None else part.timing.stages:
            tally.stages[name].append(taken)


def compare_faces(http: httpx.Client, auth: tuple[str, str], case: Case, tally: Tally) -> None:
    """v2 face_matching of the card with its holder and with a stranger."""
    for selfie, into in ((case.selfie, tally.same), (case.stranger, tally.other)):
        response = http.post(
            "/api/v2/ekyc/face_matching",
            params={"type1": "card", "format_type": "file"},
            auth=auth,
            files={"img1": jpeg(case.front.pixels), "img2": jpeg(selfie)},
        )
        data = response.json().get("data") or {}
        into.append((VERDICTS.get(str(data.get("match")), "NONE"), str(data.get("matching"))))


def _both_sides_v1(http: httpx.Client, auth: tuple[str, str], case: Case) -> None:
    response = http.post(
        "/backend/api/v1/request/ocr/cmt/get_haimat",
        auth=auth,
        files={"mattruoc": jpeg(case.front.pixels), "matsau": jpeg(case.back.pixels)},
    ).json()
    print(
        f"\nv1 get_haimat, first person: errorCode {response['errorCode']}, {response['errorMessage']}"
    )


def _report(path: Path, window: Window, tally: Tally, settings: Settings) -> None:
    if window.onboarding is None or window.images is None:
        return
    stages = [(name, sum(taken)) for name, taken in tally.stages.items()]
    rows = [row for _, row in tally.rows]
    write_report(
        path, window.onboarding, window.images, rows, stages, tally.seconds[-1], settings.pack
    )


def _conclude(tally: Tally, settings: Settings, report: Path, seconds: float) -> int:
    _print_fields(tally.rows)
    _print_faces(tally)
    _print_timings(tally)
    right, total = sum(row.right for _, row in tally.rows), len(tally.rows)
    same = _common([verdict for verdict, _ in tally.same])
    other = _common([verdict for verdict, _ in tally.other])
    good = right >= BAR * total and same == SAME and other == DIFFERENT
    if report.exists():
        print(f"\nPicture: {os.path.relpath(report)}")
    print(
        f"demo: {'ok' if good else 'failed'} fields {right}/{total} same={same} other={other} "
        f"pack={settings.pack} seconds={seconds:.1f}"
    )
    return 0 if good else 1


def _common(verdicts: Sequence[str]) -> str:
    """The one verdict all share, or the mixture: one wrong decision in ten must show."""
    return "+".join(sorted(set(verdicts))) or "NONE"


def _print_fields(rows: Sequence[tuple[int, Row]]) -> None:
    head = f"{'#':>2} {'side':5} {'field':12} {'truth':44} {'read':44} {'from':4} {'conf':>5}"
    print(f"\n{head}\n{'-' * len(head)}")
    for index, row in rows:
        cells = f"{index + 1:>2} {row.side:5} {row.field.value:12} {row.truth[:44]:44} {row.read[:44]:44}"
        print(f"{cells} {row.source:4} {row.confidence:5.2f} {'right' if row.right else 'WRONG'}")


def _print_faces(tally: Tally) -> None:
    print("\nFace on the card against a selfie of its holder, and of somebody else:")
    for i, (same, other) in enumerate(zip(tally.same, tally.other, strict=True), start=1):
        print(f"{i:>2}  holder {same[0]} ({same[1]})   somebody else {other[0]} ({other[1]})")


def _print_timings(tally: Tally) -> None:
    print("\nStages, median and maximum (both sides and faces):")
    for name, taken in tally.stages.items():
        print(f"   {name:16} {statistics.median(taken) * 1000:7.0f} ms {max(taken) * 1000:7.0f} ms")
    print(
        f"   {'whole request':16} {statistics.median(tally.seconds) * 1000:7.0f} ms {max(tally.seconds) * 1000:7.0f} ms"
    )


def _portraits(folder: Path | None) -> list[Portrait]:
    """Raises Refusal."""
    try:
        faces = card_portraits(folder)
    except FileNotFoundError:
        faces = []
    if len(faces) < 2:
        raise Refusal(f"{folder or 'the installed packages'}: portraits of two people are needed")
    return faces


def _people(text: str) -> int:
    return whole(text, 1)


def _seed(text: str) -> int:
    return whole(text, 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--pack", help="model pack; default: the one in the settings file")
    parser.add_argument(
        "--faces", type=Path, help="folder of portraits; default: those shipped in dependencies"
    )
    parser.add_argument("--people", type=_people, default=10)
    parser.add_argument(
        "--level", choices=("scan", "good", "poor"), default="good", help="how bad the photos are"
    )
    parser.add_argument("--seed", type=_seed, default=1)
    parser.add_argument("--report", type=Path, default=ROOT / "var" / "demo" / "report.png")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
