"""What a picture of a card shows besides its text: is it whole, sharp, lit, original? One module per topic.

Every check says PASS, FAIL or NOT_ASSESSED and what it measured. A card whose picture does not show enough is never
called forged: a check that needs detail first asks whether there is any.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.ports import CardJudge
from models.types import CardLooks, Image, Pixels, Quad
from pipelines.image_checks.copies import check_photocopy
from pipelines.image_checks.framing import check_alone, check_framing
from pipelines.image_checks.light import check_glare
from pipelines.image_checks.looks import check_looks
from pipelines.image_checks.sharpness import check_sharpness
from pipelines.types import Concern, ImageCheck, Outcome

CARD = "card"
"""`Concern.where` of warnings about the whole card."""


def check_picture(
    image: Image, card: Quad, rectified: Pixels, *, cards: int, judge: CardJudge | None = None
) -> tuple[ImageCheck, ...]:
    """Every check of one card.

    Args:
        card: in pixels of the photo; `rectified` is what it shows, upright, in the frame's size.
        cards: how many were found in the photo.
        judge: None where the pack has none: what only it can see is not assessed.
    """
    looks = CardLooks(()) if judge is None else judge.judge(image, card)
    clipped, small = check_framing(image, card, looks)
    blurred = check_sharpness(rectified)
    detailed = Outcome.FAIL not in (small.outcome, blurred.outcome)
    whole = clipped.outcome is Outcome.PASS
    return (
        clipped,
        small,
        check_alone(cards),
        blurred,
        check_glare(rectified),
        check_photocopy(image, rectified, looks, detailed=detailed),
        *check_looks(looks, detailed=detailed, whole=whole),
    )


def concerns_of(checks: Iterable[ImageCheck]) -> list[Concern]:
    """A warning for each check that failed."""
    return [Concern(c.kind, CARD, c.where) for c in checks if c.outcome is Outcome.FAIL]
