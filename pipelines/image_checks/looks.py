"""Is the card an original, whole and uncovered? What a judge of pictures says, as far as the picture lets it."""

from __future__ import annotations

from models.ports import CardJudge
from models.types import CardLooks, Image, Mark, Quad
from pipelines.types import ConcernKind, ImageCheck, Outcome

SHEETS = (ConcernKind.PHOTOCOPY, ConcernKind.SCREEN)
MARKS = (
    ConcernKind.CUT_CORNER,
    ConcernKind.PUNCHED,
    ConcernKind.COVERED,
    ConcernKind.TAMPERED,
)
SUSPICIONS = frozenset({ConcernKind.PHOTOCOPY, ConcernKind.SCREEN, ConcernKind.TAMPERED})
"""Checks that accuse somebody, and need detail: not made on a picture that is blurred or too small."""
DUE = 0.5
"""Chance: the judge's own thresholds lie there."""
_THIRDS = (1 / 3, 2 / 3)


def check_looks(
    judge: CardJudge | None, image: Image, card: Quad, *, detailed: bool, whole: bool
) -> tuple[ImageCheck, ...]:
    """One check for each kind of sheet and of mark; measure: the judge's chance.

    Args:
        judge: None where the pack has none: nothing is assessed.
        detailed: the card is neither blurred nor too small in the photo.
        whole: the photo shows all of the card; corners beyond it cannot be judged.
    """
    if judge is None:
        return tuple(ImageCheck(kind, Outcome.NOT_ASSESSED) for kind in SHEETS + MARKS)
    looks = judge.judge(image, card)
    checks = (*_of_sheet(looks), *_of_marks(looks))
    unseen = set() if detailed else set(SUSPICIONS)
    if not whole:
        unseen.add(ConcernKind.CUT_CORNER)
    return tuple(
        ImageCheck(c.kind, Outcome.NOT_ASSESSED, c.measure) if c.kind in unseen else c
        for c in checks
    )


def _of_sheet(looks: CardLooks) -> list[ImageCheck]:
    return [
        ImageCheck(kind, _outcome(looks.sheet[kind.value]), looks.sheet[kind.value])
        for kind in SHEETS
    ]


def _of_marks(looks: CardLooks) -> list[ImageCheck]:
    of_kind = {mark.kind: mark for mark in looks.marks}
    return [
        ImageCheck(
            kind, _outcome(of_kind[kind.value].chance), of_kind[kind.value].chance, _where(of_kind[kind.value])
        )
        for kind in MARKS
    ]  # fmt: skip


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
