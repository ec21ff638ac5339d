"""Chooses the judge's thresholds on tuning photos: `python -m training.card_judge.choose MODEL`.

Photos are those of `scripts/evaluate warnings`, of people, portraits and seeds of their own, with the corners that the
card finder gave, or else the reading of the document. A threshold lies half-way between the genuine photos' 99th percentile and the defect's 5th
where the two are apart, else at the former. What the network sees is kept, so that another network is quick to judge.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.cards.card_judge import grain_tensor
from models.cards.views import as_tensor
from models.geometry import rectify
from models.loader import load_documents
from models.manifest import read_pack
from models.ports import CardFinder
from models.session import OnnxSession
from models.types import Image, Quad
from pipelines.documents.layout import FRAME
from pipelines.errors import NoDocument
from pipelines.image_checks import check_picture
from pipelines.read_document import ReadDocument
from pipelines.types import ConcernKind, Outcome
from specimens.defects import HARDSHIPS
from training.card_judge.data import GENUINE, MARKS, WHOLE, Sample, sample_of
from training.card_judge.evaluate import PACK, cards, open_reader, photos
from training.card_judge.prepare import CACHE, Cached

TUNING_SEED = 7
PLAN = {
    GENUINE: 130,
    **dict.fromkeys(HARDSHIPS, 20),
    "screen": 80,
    "photocopy": 50,
    "clipped": 60,
    "cut_corner": 40,
    "punched": 40,
    "covered": 40,
    "tampered": 60,
    "blurred": 16,
    "glare": 20,
}
CARDS = 20
GENUINE_QUANTILE, DEFECT_QUANTILE = 0.99, 0.05
Logits = NDArray[np.float32]


def tuning_samples(finder: CardFinder, read: ReadDocument, seed: int) -> Iterator[Sample]:
    """Of the photos in which a document was seen; `full_size` says whether copies would be judged."""
    pool = cards(seed, CARDS)
    for photo in tqdm(photos(pool, PLAN, ("good",), seed), total=sum(PLAN.values())):
        image = Image(photo.pixels)
        found = [card.quad for card in finder.find(image)] or _by_reading(read, image)
        if not found:
            continue
        checks = check_picture(image, found[0], rectify(image.pixels, found[0], FRAME), cards=1)
        failed = {check.kind for check in checks if check.outcome is Outcome.FAIL}
        detailed = not failed & {ConcernKind.BLURRED, ConcernKind.CARD_TOO_SMALL}
        yield sample_of(photo, found[0], full_size=detailed)


def _by_reading(read: ReadDocument, image: Image) -> list[Quad]:
    try:
        return [read(image).quad]
    except NoDocument:
        return []


def logits_of(session: OnnxSession, cached: Cached) -> Logits:
    """Of each of MARKS, at its strongest place, and of WHOLE; one row for each photo."""
    rows = []
    for view, photo, grain in zip(cached.view, cached.photo, cached.grain, strict=True):
        inputs = {
            "card": as_tensor(view),
            "photo": as_tensor(photo),
            "grain": grain_tensor(grain.astype(np.float32))[None],
        }
        maps, whole = session.run(inputs)
        rows.append(np.concatenate([maps[0].max(axis=(1, 2)), whole[0]]))
    return np.asarray(rows, np.float32)


def threshold(genuine: Logits, defect: Logits) -> float:
    high = float(np.quantile(genuine, GENUINE_QUANTILE))
    low = float(np.quantile(defect, DEFECT_QUANTILE))
    return high if low <= high else (high + low) / 2


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.card_judge.choose", description=__doc__)  # fmt: skip
    parser.add_argument("model", type=Path, nargs="?", help="without one, photos are made and kept")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--pack", default=PACK)
    parser.add_argument(
        "--seed",
        type=int,
        default=TUNING_SEED,
        help="whose photos are made if they are not kept; all that are kept are judged",
    )
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    path = args.cache / "tuning" / f"shard-{args.seed}.npz"
    if not path.exists():
        weights_dir = Path(os.environ.get("EKYC_WEIGHTS_DIR", "var/weights"))
        finder = load_documents(read_pack(args.pack), weights_dir=weights_dir).card_finder
        Cached.of(tuning_samples(finder, open_reader(args.pack), args.seed)).save(path)
    if args.model is None:
        return 0
    cached = Cached.load(path.parent)
    logits = logits_of(OnnxSession(args.model), cached)
    labels = np.concatenate([cached.marks, cached.whole], axis=1)
    whole = ~labels.any(axis=1) & cached.full_size
    for k, name in enumerate((*MARKS, *WHOLE)):
        bad = logits[labels[:, k] & cached.full_size, k]
        chosen = threshold(logits[whole, k], bad)
        caught, alarms = float((bad > chosen).mean()), float((logits[whole, k] > chosen).mean())
        print(f"{name:16} {chosen:7.2f}  caught {caught:.3f} of {len(bad)}  false {alarms:.3f} of {whole.sum()}")  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
