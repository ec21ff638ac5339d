"""The error rates are counted as defined: checked on scores whose rates are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from models.types import Image, SimilarityCalibration
from training.face_calibration.calibrate import knots
from training.face_calibration.dataset import Pair, person
from training.face_calibration.embed import Templates
from training.face_calibration.measure import (
    Comparisons,
    accuracy,
    all_comparisons,
    pair_cosines,
)
from training.face_calibration.portraits import card_portrait


def templates(**angles: float | None) -> Templates:
    """One two-dimensional template per picture, by its angle in degrees; None: no face found."""
    turned = [np.deg2rad(a) if a is not None else None for a in angles.values()]
    vectors = [[0.0, 0.0] if a is None else [np.cos(a), np.sin(a)] for a in turned]
    found = np.array([a is not None for a in turned])
    return Templates(tuple(angles), np.array(vectors, np.float32), found)


def uniform() -> Comparisons:
    impostor = np.linspace(-1, 0.5, 150_001, dtype=np.float32)
    return Comparisons(np.linspace(0, 1, 1001, dtype=np.float32), impostor)


@pytest.mark.parametrize("rate", [1e-1, 1e-2, 1e-3, 1e-4])
def test_a_threshold_chosen_for_a_rate_has_that_rate(rate: float) -> None:
    scores = uniform()
    cosine = scores.cosine_at(rate)
    assert cosine == pytest.approx(0.5 - 1.5 * rate, abs=2e-5)
    assert scores.false_match_rate(cosine) == pytest.approx(rate, rel=0.1)
    assert scores.false_match_rate(cosine) <= rate
    assert scores.false_non_match_rate(cosine) == pytest.approx(cosine, abs=2e-3)


def test_knots_put_each_published_similarity_at_its_rate() -> None:
    strangers = np.random.default_rng(0).normal(0, 0.1, 2_000_000).astype(np.float32)
    scores = Comparisons(np.linspace(0, 1, 1001, dtype=np.float32), np.sort(strangers))
    calibration = SimilarityCalibration(tuple(knots(scores)))
    for similarity, deviations in ((0.5, 3.09), (0.75, 3.72), (0.95, 4.75)):  # normal quantiles
        assert calibration(0.1 * deviations) == pytest.approx(similarity, abs=0.02)
    assert calibration(-1) == 0
    assert calibration(1) == 1


def test_each_two_pictures_are_compared_once() -> None:
    scores = all_comparisons(templates(An_0001=0, An_0002=10, Binh_0001=90))
    assert scores.genuine == pytest.approx([np.cos(np.deg2rad(10))])
    assert scores.impostor == pytest.approx([0, np.cos(np.deg2rad(80))], abs=1e-6)


def test_a_missed_face_is_a_genuine_failure_and_no_impostor() -> None:
    scores = all_comparisons(templates(An_0001=0, An_0002=None, Binh_0001=90))
    assert scores.genuine.tolist() == [-1]
    assert len(scores.impostor) == 1
    cosines, same = pair_cosines(
        (Pair("An_0001", "An_0002", True),), templates(An_0001=0, An_0002=None)
    )
    assert cosines.tolist() == [-1]
    assert same.tolist() == [True]


def test_twins_are_no_impostors_of_each_other_and_one_person_has_one_name() -> None:
    scores = all_comparisons(templates(Carolina_Moraes_0001=0, Isabela_Moraes_0001=1, Binh_0001=90))
    assert len(scores.impostor) == 2
    assert person("Hasan_Wirayuda_0001.jpg") == person("Hassan_Wirajuda_0002.jpg")


def test_two_sets_compare_across_and_leave_out_the_same_picture_unless_wanted() -> None:
    photos, cards = templates(An_0001=0, An_0002=10), templates(An_0001=5, An_0002=15)
    assert len(all_comparisons(photos, cards).genuine) == 2
    own = all_comparisons(photos, cards, same_picture=True).genuine
    assert own == pytest.approx([np.cos(np.deg2rad(5))] * 2)


def test_accuracy_judges_at_a_threshold_from_other_folds() -> None:
    random = np.random.default_rng(0)
    same = np.arange(400) % 2 == 0
    scores = (random.normal(0, 0.05, 400) + np.where(same, 0.6, 0.1)).astype(np.float32)
    share, threshold = accuracy(scores, same)
    assert share > 0.99
    assert 0.2 < threshold < 0.5
    guessing, _ = accuracy(random.normal(0, 1, 400).astype(np.float32), same)
    assert 0.4 < guessing < 0.6


def test_a_card_portrait_is_small_flat_and_always_the_same() -> None:
    image = Image(np.random.default_rng(0).integers(0, 256, (250, 250, 3), np.uint8))
    card = card_portrait(image, "An_0001.jpg")
    assert 160 <= card.width <= 250
    assert card.pixels.std() < image.pixels.std()
    assert np.array_equal(card.pixels, card_portrait(image, "An_0001.jpg").pixels)
    assert not np.array_equal(
        card.pixels[:160, :160], card_portrait(image, "B.jpg").pixels[:160, :160]
    )
