"""Every figure of one pack: LFW, press photographs, card-like portraits, bands, detection, time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from models.loader import FaceModels
from models.manifest import ModelPack
from models.types import Image, SimilarityCalibration
from pipelines.types import Policy
from training.face_calibration.calibrate import BANDS
from training.face_calibration.dataset import FaceSet, kept_back
from training.face_calibration.detection import outcomes
from training.face_calibration.embed import Templates, templates
from training.face_calibration.measure import (
    Comparisons,
    accuracy,
    all_comparisons,
    pair_cosines,
)
from training.face_calibration.portraits import card_portrait

CARD_PICTURES = 500
TIMED_FACES = 20
JUDGED_FACES = 50
RATES = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4}
POLICY = Policy()


@dataclass(frozen=True, slots=True)
class Sample:
    """What is measured: two sets, the LFW pictures to embed, and every how many-th picture is changed."""

    lfw: FaceSet
    celebrity: FaceSet
    pictures: tuple[str, ...]
    step: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures under the keys of the last line, and the comparisons to draw: photographs, cards."""

    figures: dict[str, object]
    photographs: Comparisons
    cards: Comparisons


def measure(pack: ModelPack, models: FaceModels, sample: Sample, seed: int) -> Measured:
    plain = templates(pack, models, sample.lfw, sample.pictures)
    some = np.random.default_rng(seed).permutation(len(sample.pictures))[:CARD_PICTURES]
    printed = [sample.pictures[i] for i in sorted(some)]
    cards = templates(pack, models, sample.lfw, printed, card_portrait, "card")
    everybody, across = all_comparisons(plain), all_comparisons(plain, cards)
    held, held_across = _held_out(plain, cards)
    calibration = SimilarityCalibration(pack.calibration.knots)
    share, threshold = accuracy(*pair_cosines(sample.lfw.pairs, plain), seed)
    famous = _celebrity(pack, models, sample.celebrity)
    same = cosine_of(calibration, POLICY.same)
    figures: dict[str, object] = {
        "pack": pack.name,
        "pictures": len(sample.pictures),
        "lfw_accuracy": round(share, 4),
        "tar_at_fmr": _true_accepts(everybody, everybody),
        "tar_at_fmr_held_out": _true_accepts(held, held),
        "card_tar_at_fmr": _true_accepts(across, across),
        "celebrity_correct": _right(sample.celebrity, famous, same),
        "celebrity_pairs": len(sample.celebrity.pairs),
        "celebrity_correct_at_lfw_threshold": _right(sample.celebrity, famous, threshold),
        "missed": {
            "lfw": int((~plain.found).sum()),
            "celebrity": int((~famous.found).sum()),
            "card": int((~cards.found).sum()),
        },
        "card_pictures": len(printed),
        "threshold": {
            str(band): _band(cosine_of(calibration, band), held, held_across) for band in BANDS
        },
        "card_of_same_photo": _spread(
            calibration, all_comparisons(plain, cards, same_picture=True).genuine
        ),
        "detection": {
            name: asdict(outcome)
            for name, outcome in outcomes(
                models, sample.celebrity, sample.step, cosine_of(calibration, POLICY.match)
            ).items()
        },
        "judged_live": _judged_live(models, sample, seed),
        "ms_per_face": round(_milliseconds(models, sample), 1),
    }
    return Measured(figures, everybody, across)


def cosine_of(calibration: SimilarityCalibration, similarity: float) -> float:
    cosines, similarities = zip(*calibration.knots, strict=True)
    return float(np.interp(similarity, similarities, cosines))


def _held_out(plain: Templates, cards: Templates) -> tuple[Comparisons, Comparisons]:
    """Comparisons among the people that no threshold was chosen on."""
    photographs = plain.only(kept_back)
    return all_comparisons(photographs), all_comparisons(photographs, cards.only(kept_back))


def _true_accepts(comparisons: Comparisons, strangers: Comparisons) -> dict[str, float]:
    return {
        name: round(1 - comparisons.false_non_match_rate(strangers.cosine_at(rate)), 4)
        for name, rate in RATES.items()
    }


def _band(cosine: float, held: Comparisons, across: Comparisons) -> dict[str, float]:
    return {
        "cosine": round(cosine, 3),
        "fmr": float(f"{held.false_match_rate(cosine):.2g}"),
        "fnmr": round(held.false_non_match_rate(cosine), 4),
        "card_fmr": float(f"{across.false_match_rate(cosine):.2g}"),
        "card_fnmr": round(across.false_non_match_rate(cosine), 4),
    }


def _celebrity(pack: ModelPack, models: FaceModels, famous: FaceSet) -> Templates:
    names = sorted({name for pair in famous.pairs for name in (pair.left, pair.right)})
    return templates(pack, models, famous, names)


def _right(famous: FaceSet, vectors: Templates, threshold: float) -> int:
    """Pairs judged rightly at a cosine."""
    cosines, same = pair_cosines(famous.pairs, vectors)
    return int(((cosines >= threshold) == same).sum())


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
        told[kind] = f"{sum(live >= POLICY.live for live in judged)}/{len(judged)}"
    return told


def _grey(image: Image) -> Image:
    flat = cv2.cvtColor(image.pixels, cv2.COLOR_BGR2GRAY)
    return Image(np.asarray(cv2.cvtColor(flat, cv2.COLOR_GRAY2BGR), np.uint8))


def _milliseconds(models: FaceModels, sample: Sample) -> float:
    """CPU milliseconds of one core to find and embed the largest face of a photograph."""
    names: Sequence[str] = sorted({pair.left for pair in sample.celebrity.pairs})[:TIMED_FACES]
    images = [sample.celebrity.image(name) for name in names]
    started = time.process_time()
    for image in images:
        models.embedder.embed(image, models.finder.find(image)[:1])
    return (time.process_time() - started) / len(images) * 1000
