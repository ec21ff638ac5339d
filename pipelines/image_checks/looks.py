"""Is the card whole, uncovered and as it was printed? What a judge of pictures says, as far as the picture lets it."""

from __future__ import annotations

from models.ports import CardJudge
from models.types import Image, Mark, Quad
from pipelines.types import ConcernKind, ImageCheck, Outcome

MARKS = (
    ConcernKind.CUT_CORNER,
    ConcernKind.PUNCHED,
    ConcernKind.COVERED,
    ConcernKind.TAMPERED,
)
DUE = 0.5
"""Chance: the judge's own thresholds lie there."""
_THIRDS = (1 / 3, 2 / 3)


def check_looks(
    judge: CardJudge | None, image: Image, card: Quad, *, detailed: bool, whole: bool
) -> tuple[ImageCheck, ...]:
    """One check for each kind of mark; measure: the judge's chance.

    Args:
        judge: None where the pack has none: nothing is assessed. Nor is a kind of mark that it does not know.
        detailed: the card is neither blurred nor too small in the photo; else nobody is suspected of tampering.
        whole: the photo shows all of the card; corners beyond it cannot be judged.
    """
    marks = () if judge is None else judge.judge(image, card).marks
    of_kind = {mark.kind: mark for mark in marks}
    unseen = set() if detailed else {ConcernKind.TAMPERED}
    if not whole:
        unseen.add(ConcernKind.CUT_CORNER)
    return tuple(_check(kind, of_kind.get(kind.value), kind not in unseen) for kind in MARKS)


def _check(kind: ConcernKind, mark: Mark | None, seen: bool) -> ImageCheck:
    if mark is None or not seen:
        return ImageCheck(kind, Outcome.NOT_ASSESSED, None if mark is None else mark.chance)
    return ImageCheck(kind, _outcome(mark.chance), mark.chance, _where(mark))


def _outcome(chance: float) -> Outcome:
    return Outcome.FAIL if chance > DUE else Outcome.PASS


def _where(mark: Mark) -> str:
    """Part of the card, for people: "top-left", "middle", ...; "" where there is no mark."""
    if mark.chance <= DUE:
        return ""
    x, y = mark.place
    across = ("left", "", "right")[sum(x > third for third in _THIRDS)]
    down = ("top", "", "bottom")[sum(y > third for third in _THIRDS)]
    return "-".join(part for part in (down, across) if part) or "middle"
