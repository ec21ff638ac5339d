"""Is the card there itself, whole, uncovered and as it was printed? What a judge of pictures says, as far as the picture
lets it."""

from __future__ import annotations

from models.types import CardLooks, Mark
from pipelines.types import ConcernKind, ImageCheck, Outcome

KINDS = (
    ConcernKind.SCREEN,
    ConcernKind.CUT_CORNER,
    ConcernKind.PUNCHED,
    ConcernKind.COVERED,
    ConcernKind.TAMPERED,
)
ACCUSING = {ConcernKind.SCREEN, ConcernKind.TAMPERED}
_THIRDS = (1 / 3, 2 / 3)


def check_looks(looks: CardLooks, *, detailed: bool, whole: bool) -> tuple[ImageCheck, ...]:
    """One check for each kind; measure: the judge's chance. Kinds it does not know are not assessed.

    Args:
        detailed: the card is neither blurred nor too small in the photo; else nobody is accused.
        whole: the photo shows all of the card; corners beyond it cannot be judged.
    """
    of_kind = {mark.kind: mark for mark in looks.marks}
    unseen = set() if detailed else set(ACCUSING)
    if not whole:
        unseen.add(ConcernKind.CUT_CORNER)
    return tuple(_check(kind, of_kind.get(kind.value), kind not in unseen) for kind in KINDS)


def _check(kind: ConcernKind, mark: Mark | None, seen: bool) -> ImageCheck:
    if mark is None or not seen:
        return ImageCheck(kind, Outcome.NOT_ASSESSED, None if mark is None else mark.chance)
    outcome = Outcome.FAIL if mark.due else Outcome.PASS
    return ImageCheck(kind, outcome, mark.chance, _where(mark))


def _where(mark: Mark) -> str:
    """Part of the card, for people: "top-left", "middle", ...; "" where there is no mark, or none in one place."""
    if mark.place is None or not mark.due:
        return ""
    x, y = mark.place
    across = ("left", "", "right")[sum(x > third for third in _THIRDS)]
    down = ("top", "", "bottom")[sum(y > third for third in _THIRDS)]
    return "-".join(part for part in (down, across) if part) or "middle"
