"""Checks of a card's picture, on rendered specimens and on pictures drawn by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.types import CardLooks, Image, Mark, Pixels, Quad
from pipelines.documents.layout import FRAME
from pipelines.image_checks import check_picture, concerns_of
from pipelines.image_checks.copies import check_photocopy
from pipelines.image_checks.framing import cut_sides
from pipelines.image_checks.light import check_glare
from pipelines.image_checks.sharpness import check_sharpness
from pipelines.types import ConcernKind, Outcome
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render


@pytest.fixture(scope="module")
def card() -> Pixels:
    flat = render("chip_front", make_person(3), portraits()[1].pixels, 3).pixels
    return np.clip(flat.astype(np.float32) * 0.9, 0, 255).astype(np.uint8)


def blurred(card: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(card, (0, 0), sigma), np.uint8)


def test_sharpness_follows_the_blur(card: Pixels) -> None:
    outcomes = [check_sharpness(p).outcome for p in (card, blurred(card, 1.2), blurred(card, 4.5))]
    assert outcomes == [Outcome.PASS, Outcome.PASS, Outcome.FAIL]


def test_a_burnt_patch_is_glare_and_white_paper_is_not(card: Pixels) -> None:
    shone = card.copy()
    cv2.circle(shone, (500, 300), 90, (255, 255, 255), -1)
    assert check_glare(card).outcome is Outcome.PASS
    assert check_glare(shone).outcome is Outcome.FAIL
    assert check_glare(np.full_like(card, 255)).outcome is Outcome.NOT_ASSESSED


@pytest.mark.parametrize(
    ("corners", "sides"),
    [
        ([[10, 10], [590, 10], [590, 380], [10, 380]], ()),
        ([[-8, -8], [590, 10], [590, 380], [-8, 380]], ()),
        ([[-90, 10], [590, 10], [590, 380], [-90, 380]], ("left",)),
        ([[590, 480], [20, 480], [20, 110], [590, 110]], ("bottom",)),
        ([[10, -60], [680, -60], [680, 380], [10, 380]], ("top", "right")),
    ],
)
def test_the_sides_of_the_photo_that_cut_a_card(
    corners: list[list[int]], sides: tuple[str, ...]
) -> None:
    image = Image(np.zeros((400, 600, 3), np.uint8))
    assert cut_sides(image, Quad(np.array(corners, np.float32))) == sides


def test_warnings_name_what_failed(card: Pixels) -> None:
    small = np.asarray(cv2.resize(card, (300, 190)), np.uint8)
    rectified = np.asarray(cv2.resize(small, FRAME), np.uint8)
    quad = Quad.of_box(-60, 0, 240, 190)
    checks = check_picture(Image(small), quad, rectified, cards=2)
    kinds = {(c.kind, c.detail) for c in concerns_of(checks)}
    assert (ConcernKind.CLIPPED, "left") in kinds
    assert (ConcernKind.CARD_TOO_SMALL, "") in kinds
    assert (ConcernKind.SEVERAL_CARDS, "") in kinds
    assert (ConcernKind.GLARE, "") not in kinds


def test_a_card_without_colour_is_a_photocopy_and_a_grey_photo_is_not(card: Pixels) -> None:
    grey = np.repeat(cv2.cvtColor(card, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    warm = np.clip(grey * np.array([0.7, 0.9, 1.0]), 0, 255).astype(np.uint8)
    lamp = np.clip(card * np.array([0.7, 0.9, 1.0]), 0, 255).astype(np.uint8)
    checks = [
        check_photocopy(Image(p), p, CardLooks(()), detailed=True) for p in (card, lamp, warm, grey)
    ]
    outcomes = [check.outcome for check in checks]
    assert outcomes == [Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.NOT_ASSESSED]


def test_what_looks_like_a_copy_to_the_judge_is_one(card: Pixels) -> None:
    looks = CardLooks((Mark("photocopy", 0.9, None),))
    assert check_photocopy(Image(card), card, looks, detailed=True).outcome is Outcome.FAIL
    assert check_photocopy(Image(card), card, looks, detailed=False).outcome is Outcome.NOT_ASSESSED


def test_nobody_is_accused_by_a_blurred_picture(card: Pixels) -> None:
    grey = np.repeat(cv2.cvtColor(blurred(card, 6.0), cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    copied = np.clip(grey * np.array([0.7, 0.9, 1.0]), 0, 255).astype(np.uint8)
    checks = check_picture(Image(copied), Quad.of_box(0, 0, *FRAME), copied, cards=1)
    seen = {check.kind: check.outcome for check in checks}
    assert seen[ConcernKind.BLURRED] is Outcome.FAIL
    assert seen[ConcernKind.PHOTOCOPY] is Outcome.NOT_ASSESSED
    assert seen[ConcernKind.SCREEN] is Outcome.NOT_ASSESSED
