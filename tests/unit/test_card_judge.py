"""What the card judge sees and says; the rates over many photos are measured by `scripts/evaluate warnings`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

import models.cards
from models.cards.card_judge import MARGIN, VIEW, card_view
from models.cards.views import GREY
from models.types import CardLooks, Image, Mark, Quad
from pipelines.image_checks.looks import check_looks
from pipelines.types import ConcernKind, Outcome

WEIGHTS = Path(models.cards.__file__).parents[1] / "weights" / "card_judge.onnx"
K = ConcernKind
IMAGE, CARD = Image(np.zeros((400, 600, 3), np.uint8)), Quad.of_box(50, 50, 550, 365)


def test_the_view_is_grey_beyond_the_photo() -> None:
    white = np.full((300, 400, 3), 255, np.uint8)
    view = card_view(white, Quad.of_box(-100, 20, 340, 280))
    assert view.shape == (*VIEW[::-1], 3)
    edge = round((MARGIN[0] + 100 / 440) / (1 + 2 * MARGIN[0]) * VIEW[0])
    assert (view[:, : edge - 2] == GREY).all()
    assert (view[40:-40, edge + 2 :] == 255).all()


@dataclasses.dataclass(frozen=True)
class Says:
    """A judge that always says the same."""

    mark: float = 0.1

    def judge(self, image: Image, card: Quad) -> CardLooks:
        marks = ("cut_corner", "punched", "covered", "tampered")
        place = (0.9, 0.1)
        return CardLooks(tuple(Mark(kind, self.mark, place) for kind in marks))


def outcomes(says: Says | None, *, detailed: bool = True, whole: bool = True) -> dict[K, Outcome]:
    checks = check_looks(says, IMAGE, CARD, detailed=detailed, whole=whole)
    return {check.kind: check.outcome for check in checks}


def test_without_a_judge_nothing_is_assessed() -> None:
    assert set(outcomes(None).values()) == {Outcome.NOT_ASSESSED}
    assert set(outcomes(Says()).values()) == {Outcome.PASS}


def test_nobody_is_accused_by_a_picture_without_detail() -> None:
    seen = outcomes(Says(0.99), detailed=False)
    assert seen[K.TAMPERED] is Outcome.NOT_ASSESSED
    assert seen[K.COVERED] is Outcome.FAIL


def test_a_corner_beyond_the_photo_is_not_called_cut_off() -> None:
    assert outcomes(Says(mark=0.99), whole=False)[K.CUT_CORNER] is Outcome.NOT_ASSESSED


def test_a_mark_says_where_it_is() -> None:
    checks = check_looks(Says(mark=0.99), IMAGE, CARD, detailed=True, whole=True)
    assert {check.where for check in checks if check.outcome is Outcome.FAIL} == {"top-right"}
