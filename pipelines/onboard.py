"""Front, back and face of one customer -> what the card says, whether the face is its holder's, and whether all
of it belongs to one person."""

from __future__ import annotations

from models.types import Image
from pipelines.compare_faces import CompareFaces
from pipelines.errors import NoFace
from pipelines.fusion import agree
from pipelines.read_document import ReadDocument
from pipelines.stopwatch import Stopwatch
from pipelines.types import (
    Concern,
    ConcernKind,
    Decision,
    FieldName,
    Onboarding,
    Policy,
    Reading,
    Side,
    Verdict,
)

_IDENTITY = (
    FieldName.NUMBER,
    FieldName.FULL_NAME,
    FieldName.BIRTH_DATE,
    FieldName.SEX,
    FieldName.EXPIRY_DATE,
)
"""What both sides say of their holder, printed or in a code."""
_Read = tuple[Image, Reading]
_NO_FACE = {"card": ConcernKind.CARD_WITHOUT_FACE, "portrait": ConcernKind.PORTRAIT_WITHOUT_FACE}


class Onboard:
    """Reads both sides of a card and compares its portrait with a face.

    Raises:
        NoDocument: when called; `side` says which picture shows no card.
    """

    def __init__(
        self, read_document: ReadDocument, compare_faces: CompareFaces, policy: Policy | None = None
    ) -> None:
        self._read_document = read_document
        self._compare_faces = compare_faces
        self._policy = policy or Policy()

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
        concerns = [
            *self._strangers(front_reading, back_reading, decision),
            *(Concern(_NO_FACE[where], where) for where in faceless),
        ]
        return Onboarding(
            front=front_reading,
            back=back_reading,
            decision=decision,
            faceless=faceless,
            concerns=tuple(concerns),
            timing=watch.timing,
        )

    def _compared(
        self, photo: Image, reading: Reading, face: Image
    ) -> tuple[Decision | None, tuple[str, ...]]:
        try:
            compared = self._compare_faces(photo, face, left_is_card=True, card_quad=reading.quad)
        except NoFace as error:
            return None, error.where
        return compared, ()

    def _strangers(self, front: Reading, back: Reading, decision: Decision | None) -> list[Concern]:
        """A contradiction for each pair that cannot be one person."""
        concerns = []
        for name in _IDENTITY:
            a, b = front.fields.get(name), back.fields.get(name)
            if a is None or b is None or agree(name, a, b):
                continue
            if min(a.confidence, b.confidence) >= self._policy.contradiction_confidence:
                concerns.append(Concern(ConcernKind.CONTRADICTION, "front/back", name.value))
        if front.document.kind != back.document.kind:
            concerns.append(Concern(ConcernKind.CONTRADICTION, "front/back", "document"))
        if decision is not None and decision.verdict is Verdict.DIFFERENT:
            concerns.append(Concern(ConcernKind.CONTRADICTION, "front/face", "face"))
        return concerns


def _side_with_portrait(front: _Read, back: _Read) -> _Read:
    """The picture sent as the front, unless the two were swapped: a back has no portrait to search for."""
    swapped = front[1].document.side is Side.BACK and back[1].document.side is Side.FRONT
    return back if swapped else front
