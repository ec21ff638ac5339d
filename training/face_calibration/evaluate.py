"""Measures a pack's faces on LFW, on press photographs and on card-like portraits."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.choose import ALWAYS_THERE, WANTED
from models.commands.fetch_weights import named_weights_dir
from models.fetch import missing
from models.loader import FaceModels, load_faces
from models.manifest import FETCHED_WEIGHTS, ModelPack, PackUnusable, pack_names, read_pack
from models.types import Image, SimilarityCalibration
from pipelines.types import Policy
from training.face_calibration.dataset import FaceSet, celebrity, faces_dir, lfw
from training.face_calibration.embed import Templates, templates
from training.face_calibration.measure import accuracy, all_comparisons, pair_cosines
from training.face_calibration.portraits import card_portrait

QUICK_PAIRS = 50
QUICK_CELEBRITY_PAIRS = 30
CARD_PICTURES = 500
TIMED_FACES = 20
JUDGED_FACES = 50
BANDS = (0.5, 0.65, 0.75, 0.95)
LIVE = Policy().live


@dataclass(frozen=True, slots=True)
class Sample:
    """What is measured: two sets, and the LFW pictures to embed."""

    lfw: FaceSet
    celebrity: FaceSet
    pictures: tuple[str, ...]


def main(argv: Sequence[str]) -> int:
    arguments = _arguments(argv)
    try:
        folder = faces_dir(arguments.faces)
        pack = read_pack(arguments.pack or _default_pack())
        models = load_faces(pack, weights_dir=named_weights_dir())
    except (FileNotFoundError, PackUnusable) as failure:
        print(failure, file=sys.stderr)
        return 1
    sample = _sample(lfw(folder), celebrity(folder), arguments.quick, arguments.seed)
    result = {"pack": pack.name} | measure(pack, models, sample, arguments.seed)
    _tell(result)
    if arguments.json:
        print(json.dumps(result))
    return 0


def measure(pack: ModelPack, models: FaceModels, sample: Sample, seed: int) -> dict[str, object]:
    """Every figure, under the keys of the last line."""
    plain = templates(pack, models, sample.lfw, sample.pictures)
    some = np.random.default_rng(seed).permutation(len(sample.pictures))[:CARD_PICTURES]
    printed = [sample.pictures[i] for i in sorted(some)]
    cards = templates(pack, models, sample.lfw, printed, card_portrait, "card")
    everybody = all_comparisons(plain)
    card_to_photo = all_comparisons(plain, cards)
    calibration = SimilarityCalibration(pack.calibration.knots)
    share, threshold = accuracy(*pair_cosines(sample.lfw.pairs, plain), seed)
    famous = _celebrity(pack, models, sample.celebrity)
    right, of = _celebrity_right(sample.celebrity, famous, threshold)
    return {
        "pictures": len(sample.pictures),
        "lfw_accuracy": round(share, 4),
        "tar_at_fmr": {
            name: round(1 - everybody.false_non_match_rate(everybody.cosine_at(rate)), 4)
            for name, rate in (("1e-2", 1e-2), ("1e-3", 1e-3), ("1e-4", 1e-4))
        },
        "celebrity_correct": right,
        "celebrity_pairs": of,
        "missed": int((~plain.found).sum()) + int((~famous.found).sum()),
        "missed_card": int((~cards.found).sum()),
        "card_pictures": len(printed),
        "threshold": {
            str(band): {
                "cosine": round(cosine := _cosine_of(calibration, band), 3),
                "fmr": float(f"{everybody.false_match_rate(cosine):.2g}"),
                "fnmr": round(everybody.false_non_match_rate(cosine), 4),
                "card_fmr": float(f"{card_to_photo.false_match_rate(cosine):.2g}"),
                "card_fnmr": round(card_to_photo.false_non_match_rate(cosine), 4),
            }
            for band in BANDS
        },
        "card_of_same_photo": _spread(
            calibration, all_comparisons(plain, cards, same_picture=True).genuine
        ),
        "judged_live": _judged_live(models, sample, seed),
        "ms_per_face": round(_milliseconds(models, sample), 1),
    }


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evaluate faces", description=__doc__)
    parser.add_argument("--pack", help=f"{', '.join(pack_names())} (default: the best there is)")
    parser.add_argument("--faces", type=Path, metavar="DIR", help="folder with lfw/ and celebrity/")
    parser.add_argument("--quick", action="store_true", help="a smaller sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    return parser.parse_args(argv)


def _default_pack() -> str:
    there = not missing(read_pack(WANTED), named_weights_dir() or FETCHED_WEIGHTS)
    return WANTED if there else ALWAYS_THERE


def _sample(people: FaceSet, famous: FaceSet, quick: bool, seed: int) -> Sample:
    if not quick:
        return Sample(people, famous, people.pictures())
    random = np.random.default_rng(seed)
    some = [people.pairs[i] for i in random.choice(len(people.pairs), QUICK_PAIRS, replace=False)]
    few = [
        famous.pairs[i]
        for i in random.choice(len(famous.pairs), QUICK_CELEBRITY_PAIRS, replace=False)
    ]
    names = sorted({name for pair in some for name in (pair.left, pair.right)})
    return Sample(
        FaceSet(people.folder, tuple(some)), FaceSet(famous.folder, tuple(few)), tuple(names)
    )


def _celebrity(pack: ModelPack, models: FaceModels, famous: FaceSet) -> Templates:
    names = sorted({name for pair in famous.pairs for name in (pair.left, pair.right)})
    return templates(pack, models, famous, names)


def _celebrity_right(famous: FaceSet, vectors: Templates, threshold: float) -> tuple[int, int]:
    """Pairs judged rightly at the threshold that LFW chose."""
    cosines, same = pair_cosines(famous.pairs, vectors)
    return int(((cosines >= threshold) == same).sum()), len(same)


def _cosine_of(calibration: SimilarityCalibration, similarity: float) -> float:
    cosines, similarities = zip(*calibration.knots, strict=True)
    return float(np.interp(similarity, similarities, cosines))


def _spread(calibration: SimilarityCalibration, cosines: np.ndarray) -> dict[str, float]:
    """Similarity of a photo to its own card-like portrait: worst percentiles and median."""
    return {
        f"p{share}": round(calibration(float(np.percentile(cosines, share))), 3)
        for share in (1, 5, 50)
    }


def _judged_live(models: FaceModels, sample: Sample, seed: int) -> dict[str, str]:
    """Of genuine photographs, how many the spoof judge takes for live: as they are, and without their colour."""
    judge = models.spoof_judge
    if judge is None:
        return {}
    some = np.random.default_rng(seed).permutation(sample.pictures)[:JUDGED_FACES]
    lives: dict[str, list[float | None]] = {"celebrity": [], "celebrity_grey": [], "lfw": []}
    for name in sample.celebrity.pictures():
        image = sample.celebrity.image(name)
        for face in models.finder.find(image)[:1]:
            lives["celebrity"].append(judge.judge(image, face))
            lives["celebrity_grey"].append(judge.judge(_grey(image), face))
    for name in some:
        image = sample.lfw.image(str(name))
        lives["lfw"] += [judge.judge(image, face) for face in models.finder.find(image)[:1]]
    told = {}
    for kind, answers in lives.items():
        judged = [live for live in answers if live is not None]
        told[kind] = f"{sum(live >= LIVE for live in judged)}/{len(judged)}"
    return told


def _grey(image: Image) -> Image:
    flat = cv2.cvtColor(image.pixels, cv2.COLOR_BGR2GRAY)
    return Image(np.asarray(cv2.cvtColor(flat, cv2.COLOR_GRAY2BGR), np.uint8))


def _milliseconds(models: FaceModels, sample: Sample) -> float:
    """CPU milliseconds of one core to find and embed the largest face of a photograph."""
    names = sorted({pair.left for pair in sample.celebrity.pairs})[:TIMED_FACES]
    images = [sample.celebrity.image(name) for name in names]
    started = time.process_time()
    for image in images:
        models.embedder.embed(image, models.finder.find(image)[:1])
    return (time.process_time() - started) / len(images) * 1000


def _tell(result: dict[str, object]) -> None:
    for key, value in result.items():
        if not isinstance(value, dict):
            print(f"{key:22} {value}")
            continue
        print(key)
        for name, figure in value.items():
            print(f"  {name:20} {figure}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
