"""Front, back and face of one customer -> what the card says, whether the face is its holder's, and whether all
of it belongs to one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from models.types import Image
from pipelines import rule_words as words
from pipelines.compare_faces import CompareFaces
from pipelines.errors import NoFace
from pipelines.match_sides import match_sides
from pipelines.parsing import dates
from pipelines.read_document import ReadDocument
from pipelines.stopwatch import Stopwatch
from pipelines.types import (
    Concern,
    ConcernKind,
    Decision,
    Onboarding,
    Outcome,
    Policy,
    Reading,
    RuleCheck,
    RuleName,
    Side,
    Verdict,
)

FACES_COMPARED = "front/face"
"""`where` of what is said about the two faces together."""

_Read = tuple[Image, Reading]
_NO_FACE = {"card": ConcernKind.CARD_WITHOUT_FACE, "portrait": ConcernKind.PORTRAIT_WITHOUT_FACE}


class Onboard:
    """Reads both sides of a card and compares its portrait with a face.

    Raises:
        NoDocument: when called; `side` says which picture shows no card.
    """

    def __init__(
        self,
        read_document: ReadDocument,
        compare_faces: CompareFaces,
        policy: Policy | None = None,
        *,
        today: Callable[[], date] = dates.today,
    ) -> None:
        self._read_document = read_document
        self._compare_faces = compare_faces
        self._policy = policy or Policy()
        self._today = today

    def __call__(
        self, front: Image, back: Image, face: Image, *, check_rotate: bool = True
    ) -> Onboarding:
        watch = Stopwatch()
        with watch.stage("read_front"):
            front_reading = self._read_document(
                front, expected=Side.FRONT, check_rotate=check_rotate
            )
        with watch.stage("read_back"):
            back_reading = self._read_document(back, expected=Side.BACK, check_rotate=check_rotate)
        with watch.stage("compare_faces"):
            with_portrait = _side_with_portrait((front, front_reading), (back, back_reading))
            decision, faceless = self._compared(*with_portrait, face)
        pair = match_sides(front_reading, back_reading, self._policy, self._today())
        same_face = _same_face(decision)
        concerns = [*pair.concerns, *(Concern(_NO_FACE[where], where) for where in faceless)]
        if same_face.outcome is Outcome.FAIL:
            concerns.append(Concern(ConcernKind.CONTRADICTION, same_face.where, "face"))
        return Onboarding(
            front=pair.front,
            back=pair.back,
            decision=decision,
            faceless=faceless,
            concerns=tuple(concerns),
            timing=watch.timing,
            rules=(*pair.rules, same_face),
        )

    def _compared(
        self, photo: Image, reading: Reading, face: Image
    ) -> tuple[Decision | None, tuple[str, ...]]:
        try:
            compared = self._compare_faces(photo, face, left_is_card=True, card_quad=reading.quad)
        except NoFace as error:
            return None, error.where
        return compared, ()


def _same_face(decision: Decision | None) -> RuleCheck:
    """An unsure likeness is no verdict, and a face that was not found is none either."""
    rule, where = RuleName.SAME_FACE, FACES_COMPARED
    if decision is None:
        reason, hint = words.UNREADABLE, words.SHOOT_FACE_AGAIN
        return RuleCheck(rule, Outcome.NOT_ASSESSED, (), reason, hint, where)
    if decision.verdict is Verdict.SAME:
        return RuleCheck(rule, Outcome.PASS, (), words.PASSED[rule], where=where)
    if decision.verdict is Verdict.DIFFERENT:
        return RuleCheck(rule, Outcome.FAIL, (), words.FAILED[rule], words.SHOOT_FACE_AGAIN, where)
    reason, hint = words.UNSURE_FACE, words.SHOOT_FACE_AGAIN
    return RuleCheck(rule, Outcome.NOT_ASSESSED, (), reason, hint, where)


def _side_with_portrait(front: _Read, back: _Read) -> _Read:
    """The picture sent as the front, unless the two were swapped: a back has no portrait to search for."""
    swapped = front[1].document.side is Side.BACK and back[1].document.side is Side.FRONT
    return back if swapped else front
