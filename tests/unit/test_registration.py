"""Whose face is kept at registration, and what stands against it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from app import jobs
from app.dialects.techainer.render import not_registered
from app.images import FileBytes, Limits
from models.types import Image
from pipelines.onboard import FACES_COMPARED
from pipelines.types import Concern, ConcernKind, Onboarding
from tests.fakes import FakeOnboard, Seen, picture, runtime
from tests.videos import video

K = ConcernKind
LIMITS = Limits(bytes=1 << 20, pixels=1 << 20)


@dataclass(frozen=True)
class Suspecting:
    """Says one thing more of one part of what it sees."""

    part: str
    concern: Concern

    def __call__(
        self, front: Image, back: Image, face: Image, *, check_rotate: bool = True
    ) -> Onboarding:
        seen = FakeOnboard()(front, back, face, check_rotate=check_rotate)
        if self.part == "pair":
            return replace(seen, concerns=(self.concern,))
        about = getattr(seen, self.part)
        return replace(seen, **{self.part: replace(about, concerns=(self.concern,))})  # type: ignore[arg-type]


def registered(part: str, concern: Concern, *, face: Seen, moving: bool) -> jobs.Registered:
    parts = runtime(onboard=Suspecting(part, concern))
    shown = picture(face)
    if moving:
        red, green, blue = face.value
        shown = video([np.full((48, 64, 3), (blue, green, red), np.uint8)] * 8)
    job = jobs.register_video if moving else jobs.register
    sent = [FileBytes(one) for one in (picture(Seen.CHIP_FRONT), picture(Seen.CHIP_BACK), shown)]
    return job(parts, *sent, check_rotate=True, threshold=0.5, limits=LIMITS)


@pytest.mark.parametrize(
    ("part", "concern", "moving", "against"),
    [
        ("front", Concern(K.PHOTOCOPY, "card"), False, [K.PHOTOCOPY]),
        ("front", Concern(K.SCREEN, "card"), True, [K.SCREEN]),
        ("back", Concern(K.TAMPERED, "card"), False, [K.TAMPERED]),
        ("front", Concern(K.CONTRADICTION, "qr/ocr", "number"), False, [K.CONTRADICTION]),
        ("pair", Concern(K.CONTRADICTION, "front/back", "number"), False, [K.CONTRADICTION]),
        ("pair", Concern(K.CONTRADICTION, FACES_COMPARED, "face"), False, []),
        ("front", Concern(K.GLARE, "card"), False, []),
        ("decision", Concern(K.SPOOF, "portrait"), False, [K.SPOOF]),
        ("decision", Concern(K.SPOOF, "portrait"), True, []),
    ],
)
def test_nobody_is_registered_with_what_is_suspected(
    part: str, concern: Concern, moving: bool, against: list[ConcernKind]
) -> None:
    """Of two faces the client's threshold says whether they are alike, of a video the whole says whether it is live."""
    done = registered(part, concern, face=Seen.HOLDER, moving=moving)
    assert list(done.suspicions) == against
    assert (done.face is None) is bool(against)
    assert not_registered(done.suspicions) == ({"not_registered": against} if against else {})


def test_of_faces_that_do_not_match_nothing_more_is_told() -> None:
    done = registered("front", Concern(K.SCREEN, "card"), face=Seen.STRANGER, moving=False)
    assert (done.face, done.suspicions) == (None, ())
