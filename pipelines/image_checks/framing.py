"""How a card stands in its photo: cut by an edge, or too small to read."""

from __future__ import annotations

from models.types import CardLooks, Image, Quad
from pipelines.types import ConcernKind, ImageCheck, Outcome

CUT = 0.025
"""Of the card's width: a corner farther outside the photo is missing, not merely found a little off. Chosen on the
tuning seeds of `scripts/evaluate cards`."""
SMALLEST_WIDTH = 420.0
"""Pixels of the photo, set by eye and not measured against reading: below it a line of print is under ten pixels tall."""


SIDES = ("left", "top", "right", "bottom")


def cut_sides(image: Image, card: Quad) -> tuple[str, ...]:
    """Sides of the photo beyond which a card found goes on: of SIDES; two for a corner."""
    slack = CUT * card.width
    x0, y0, x1, y1 = card.box
    cut = {
        "left": x0 < -slack,
        "top": y0 < -slack,
        "right": x1 > image.width + slack,
        "bottom": y1 > image.height + slack,
    }
    return tuple(side for side, is_cut in cut.items() if is_cut)


def seen_cut(looks: CardLooks) -> tuple[str, ...]:
    """The same, as the judge sees it, who needs no corners."""
    told = {mark.kind for mark in looks.marks if mark.due}
    return tuple(side for side in SIDES if f"clipped_{side}" in told)


def check_framing(image: Image, card: Quad, looks: CardLooks) -> tuple[ImageCheck, ImageCheck]:
    """Is the card cut by the photo's edge (measure: sides), and large enough (measure: its width in pixels)?"""
    found = {*cut_sides(image, card), *seen_cut(looks)}
    sides = tuple(side for side in SIDES if side in found)
    small = card.width < SMALLEST_WIDTH
    return (
        ImageCheck(
            ConcernKind.CLIPPED,
            Outcome.FAIL if sides else Outcome.PASS,
            float(len(sides)),
            ", ".join(sides),
        ),
        ImageCheck(ConcernKind.CARD_TOO_SMALL, Outcome.FAIL if small else Outcome.PASS, card.width),
    )


def check_alone(cards: int) -> ImageCheck:
    """Is there one card only in the photo? Measure: how many. The largest is read."""
    outcome = Outcome.FAIL if cards > 1 else Outcome.PASS
    return ImageCheck(ConcernKind.SEVERAL_CARDS, outcome, float(cards))
