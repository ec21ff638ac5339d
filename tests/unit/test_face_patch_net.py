"""Our own judge of spoofing, with its real weights: what it takes for live, what for a print, and when it is silent."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.faces.face_patch_net import SIDE, FacePatchNet, looks, outside
from models.types import Face, Image
from tests import heads
from tests.heads import customer
from training.anti_spoof.attacks import ATTACKS, attack, genuine


@pytest.fixture(scope="module")
def judge() -> FacePatchNet:
    judge = heads.models().spoof_judge
    assert isinstance(judge, FacePatchNet)
    return judge


@pytest.fixture(scope="module")
def face() -> Face:
    return heads.the_face(customer())


def test_a_photograph_is_live_and_most_simulated_attacks_are_not(
    judge: FacePatchNet, face: Face
) -> None:
    rng = np.random.default_rng(11)
    live = [judge.probability(*genuine(customer(), face, rng)) for _ in range(12)]
    spoofed = {
        kind: [judge.probability(*attack(customer(), face, kind, rng)) for _ in range(6)]
        for kind in ATTACKS
    }
    assert np.mean(np.array(live) >= 0.5) > 0.6
    assert np.mean([np.array(said) < 0.5 for said in spoofed.values()]) > 0.7
    assert np.mean(spoofed["halftone"]) < np.mean(live) - 0.3


def test_colour_plays_no_part_but_its_absence_is_not_assessed(
    judge: FacePatchNet, face: Face
) -> None:
    flat = cv2.cvtColor(customer().pixels, cv2.COLOR_BGR2GRAY)
    grey = Image(np.asarray(cv2.cvtColor(flat, cv2.COLOR_GRAY2BGR), np.uint8))
    assert judge.judge(grey, face) is None
    assert judge.probability(grey, face) == pytest.approx(
        judge.probability(customer(), face), abs=0.02
    )


def test_small_and_tightly_cut_faces_are_not_assessed(judge: FacePatchNet, face: Face) -> None:
    half = Image(np.asarray(cv2.resize(customer().pixels, (170, 170)), np.uint8))
    x0, y0, x1, y1 = face.box
    small = Face((x0 / 2, y0 / 2, x1 / 2, y1 / 2), face.landmarks / np.float32(2), 1.0)
    assert judge.judge(half, small) is None
    cut = Image(np.ascontiguousarray(customer().pixels[83:170, 121:208]))
    corner = np.array([121, 83], np.float32)
    tight = Face((0.0, 0.0, 87.0, 87.0), face.landmarks - corner, 1.0)
    assert outside(cut, tight) > 0.35
    assert judge.judge(cut, tight) is None
    assert judge.judge(customer(), face) is not None


def test_both_looks_are_squares_about_the_face(face: Face) -> None:
    seen = looks(customer(), face)
    assert seen.shape == (2, SIDE, SIDE)
    assert seen.dtype == np.uint8
    assert seen[0].std() > 10
