"""What the card judge sees and says; the rates over many photos are measured by `scripts/evaluate warnings`."""

from __future__ import annotations

import numpy as np
import pytest

from models.cards.card_judge import MARGIN, SQUARE, VIEW, CardJudge, card_view, grain_of
from models.cards.views import GREY
from models.manifest import OWN_WEIGHTS
from models.session import OnnxSession
from models.types import CardLooks, Image, Mark, Quad
from pipelines.image_checks.framing import check_framing
from pipelines.image_checks.looks import check_looks
from pipelines.types import ConcernKind, Outcome
from specimens.camera import Photo, photograph
from specimens.defects import photograph_with
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Specimen

K = ConcernKind
MARKS = ("cut_corner", "punched", "covered", "tampered")


def test_the_view_is_grey_beyond_the_photo() -> None:
    white = np.full((300, 400, 3), 255, np.uint8)
    view = card_view(white, Quad.of_box(-100, 20, 340, 280))
    assert view.shape == (*VIEW[::-1], 3)
    edge = round((MARGIN[0] + 100 / 440) / (1 + 2 * MARGIN[0]) * VIEW[0])
    assert (view[:, : edge - 2] == GREY).all()
    assert (view[40:-40, edge + 2 :] == 255).all()


@pytest.mark.parametrize("cycles", [20, 47])
def test_the_grid_of_a_screen_is_a_point_in_the_spectrum(cycles: int) -> None:
    noise = np.random.default_rng(1).normal(128, 3, (700, 1000))[:, :, None]
    columns = np.arange(1000) * 2 * np.pi * cycles / SQUARE
    stripes = np.stack([np.cos(columns + phase) for phase in (0.0, 2.1, 4.2)], axis=1) * 2
    shown = np.clip(noise + stripes[None], 0, 255).astype(np.uint8)
    colour, brightness = grain_of(shown, Quad.of_box(50, 50, 950, 620))
    assert np.unravel_index(colour.argmax(), colour.shape) == (SQUARE // 2, cycles)
    assert brightness.shape == colour.shape == (SQUARE, SQUARE // 2)


def test_a_card_smaller_than_a_square_has_a_spectrum() -> None:
    small = np.full((90, 70, 3), 128, np.uint8)
    assert grain_of(small, Quad.of_box(5, 5, 65, 45)).shape == (2, SQUARE, SQUARE // 2)


def looks(chance: float = 0.1) -> CardLooks:
    """What a judge says who gives everything the same chance."""
    marks = (Mark(kind, chance, (0.9, 0.1)) for kind in MARKS)
    return CardLooks((*marks, Mark("screen", chance, None)))


def outcomes(said: CardLooks, *, detailed: bool = True, whole: bool = True) -> dict[K, Outcome]:
    checks = check_looks(said, detailed=detailed, whole=whole)
    return {check.kind: check.outcome for check in checks}


def test_without_a_judge_nothing_is_assessed() -> None:
    assert set(outcomes(CardLooks(())).values()) == {Outcome.NOT_ASSESSED}
    assert set(outcomes(looks()).values()) == {Outcome.PASS}


def test_nobody_is_accused_by_a_picture_without_detail() -> None:
    seen = outcomes(looks(0.99), detailed=False)
    assert seen[K.TAMPERED] is Outcome.NOT_ASSESSED
    assert seen[K.SCREEN] is Outcome.NOT_ASSESSED
    assert seen[K.COVERED] is Outcome.FAIL


def test_a_corner_beyond_the_photo_is_not_called_cut_off() -> None:
    assert outcomes(looks(0.99), whole=False)[K.CUT_CORNER] is Outcome.NOT_ASSESSED


def test_a_mark_says_where_it_is_and_a_screen_is_everywhere() -> None:
    checks = check_looks(looks(0.99), detailed=True, whole=True)
    where = {check.kind: check.where for check in checks if check.outcome is Outcome.FAIL}
    assert where.pop(K.SCREEN) == ""
    assert set(where.values()) == {"top-right"}


def test_sides_cut_are_those_of_the_corners_and_those_that_the_judge_sees() -> None:
    image, card = Image(np.zeros((400, 600, 3), np.uint8)), Quad.of_box(-90, 50, 550, 365)
    told = CardLooks((Mark("clipped_top", 0.9, None), Mark("clipped_right", 0.4, None)))
    clipped, _ = check_framing(image, card, told)
    assert (clipped.outcome, clipped.where) == (Outcome.FAIL, "left, top")


@pytest.fixture(scope="module")
def specimen() -> Specimen:
    return render("cccd_front", make_person(5), portraits()[3].pixels, 5)


@pytest.fixture(scope="module")
def judge() -> CardJudge:
    return CardJudge(OnnxSession(OWN_WEIGHTS / "card_judge.onnx"))


def told(judge: CardJudge, photo: Photo) -> set[str]:
    marks = judge.judge(Image(photo.pixels), Quad(photo.card_quad)).marks
    return {mark.kind for mark in marks if mark.due}


def test_the_weights_tell_a_screen_and_a_cut_from_a_card(
    judge: CardJudge, specimen: Specimen
) -> None:
    assert told(judge, photograph(specimen, "good", 11, rotation=0)) == set()
    screen = photograph_with("screen", specimen, "good", 12, severity=0.9, rotation=0)
    assert "screen" in told(judge, screen)
    clipped = photograph_with("clipped", specimen, "good", 13, severity=0.9, rotation=0)
    assert any(kind.startswith("clipped") for kind in told(judge, clipped))
