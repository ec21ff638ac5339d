"""Pipelines that see by colour: every picture a test sends is one flat colour, which survives JPEG, and the fakes
answer by the nearest one. What they answer has the shape of the real thing."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from app.runtime import Runtime
from models.types import Face, FaceTemplate, Image, Quad, Recogniser, SimilarityCalibration
from pipelines.documents import kinds
from pipelines.embed_face import EmbeddedFace
from pipelines.errors import NoDocument, NoFace
from pipelines.liveness import (
    Capture,
    CaptureResult,
    Check,
    Finding,
    Frame,
    FrameResult,
    LivenessDecision,
    VideoDecision,
    finding,
    is_live,
)
from pipelines.types import (
    AddressSystem,
    Agreement,
    Concern,
    ConcernKind,
    Decision,
    DocumentClass,
    DocumentKind,
    EthnicGroup,
    FaceView,
    Field,
    FieldName,
    Onboarding,
    Place,
    Policy,
    Reading,
    Religion,
    Sex,
    Side,
    Source,
    Timing,
    Unit,
    Verdict,
)

N = FieldName
SIZE = (64, 48)


class Seen(Enum):
    """What a picture shows: RGB."""

    CHIP_FRONT = (255, 0, 0)
    CHIP_BACK = (0, 255, 0)
    NEW_FRONT = (0, 0, 255)
    NEW_BACK = (0, 255, 255)
    FACELESS_FRONT = (255, 255, 0)
    CLIPPED_FRONT = (255, 128, 0)
    HOLDER = (255, 0, 255)
    STRANGER = (0, 128, 255)
    LOOKALIKE = (128, 0, 255)
    CROWD = (0, 128, 0)
    TABLE = (128, 128, 128)
    CMND_FRONT = (128, 0, 0)
    CMND_BACK = (0, 0, 128)
    CCCD_FRONT = (128, 0, 128)
    CCCD_BACK = (255, 128, 128)
    LICENCE = (128, 128, 0)
    PASSPORT = (0, 128, 128)
    SHEET = (128, 255, 128)
    """Front and back of a chip card side by side."""
    PAGE = (255, 255, 255)
    MASKED = (128, 128, 255)
    PHOTOCOPY = (255, 255, 128)


CARDS = (
    Seen.CHIP_FRONT,
    Seen.CHIP_BACK,
    Seen.NEW_FRONT,
    Seen.NEW_BACK,
    Seen.FACELESS_FRONT,
    Seen.CLIPPED_FRONT,
)
FACES = (
    Seen.MASKED,
    Seen.CMND_FRONT,
    Seen.CCCD_FRONT,
    Seen.PASSPORT,
    Seen.LICENCE,
    Seen.CHIP_FRONT,
    Seen.NEW_FRONT,
    Seen.CLIPPED_FRONT,
    Seen.HOLDER,
    Seen.STRANGER,
    Seen.LOOKALIKE,
    Seen.CROWD,
)
SIMILARITY = {
    Seen.STRANGER: 0.12,
    Seen.LOOKALIKE: 0.70,
    Seen.HOLDER: 0.9312,
    Seen.CROWD: 0.9312,
    Seen.MASKED: 0.8,
}


def picture(seen: Seen, kind: str = "JPEG", size: tuple[int, int] = SIZE) -> bytes:
    """A file of one flat colour."""
    buffer = io.BytesIO()
    Pillow.new("RGB", size, seen.value).save(buffer, kind)
    return buffer.getvalue()


def pdf(*pages: Seen) -> bytes:
    """One flat colour per page."""
    first, *rest = [Pillow.new("RGB", SIZE, seen.value) for seen in pages]
    buffer = io.BytesIO()
    first.save(buffer, "PDF", save_all=True, append_images=rest)
    return buffer.getvalue()


def seen_in(image: Image) -> Seen:
    mean = image.pixels.reshape(-1, 3).mean(axis=0)[::-1]
    return min(Seen, key=lambda s: float(np.abs(mean - np.array(s.value)).sum()))


def _side(kind: DocumentKind, side: Side, *names: FieldName) -> DocumentClass:
    slug = f"{kind.slug}_{side}"
    return DocumentClass(slug, kind, side, tuple(names), lambda _: 1.0, lambda _: {})


CHIP_FRONT = _side(
    kinds.CHIP, Side.FRONT,
    N.NUMBER, N.FULL_NAME, N.BIRTH_DATE, N.SEX, N.NATIONALITY, N.ORIGIN, N.RESIDENCE, N.EXPIRY_DATE,
)  # fmt: skip
CHIP_BACK = _side(
    kinds.CHIP, Side.BACK,
    N.FEATURES, N.ISSUE_DATE, N.ISSUER, N.NUMBER, N.FULL_NAME, N.BIRTH_DATE, N.SEX, N.EXPIRY_DATE,
)  # fmt: skip
NEW_FRONT = _side(
    kinds.CC2024, Side.FRONT, N.NUMBER, N.FULL_NAME, N.BIRTH_DATE, N.SEX, N.NATIONALITY
)
NEW_BACK = _side(
    kinds.CC2024, Side.BACK,
    N.RESIDENCE, N.BIRTH_PLACE, N.ISSUE_DATE, N.EXPIRY_DATE, N.ISSUER, N.NUMBER, N.FULL_NAME, N.BIRTH_DATE, N.SEX,
)  # fmt: skip

CMND_FRONT = _side(
    kinds.CMND9, Side.FRONT, N.NUMBER, N.FULL_NAME, N.BIRTH_DATE, N.ORIGIN, N.RESIDENCE
)
CMND_BACK = _side(
    kinds.CMND9, Side.BACK, N.ETHNICITY, N.RELIGION, N.FEATURES, N.ISSUE_DATE, N.ISSUER
)
CCCD_FRONT = _side(kinds.CCCD, Side.FRONT, *CHIP_FRONT.fields)
CCCD_BACK = _side(kinds.CCCD, Side.BACK, N.FEATURES, N.ISSUE_DATE, N.ISSUER)
LICENCE = _side(
    kinds.LICENCE, Side.FRONT,
    N.NUMBER, N.FULL_NAME, N.BIRTH_DATE, N.NATIONALITY, N.RESIDENCE, N.LICENCE_CLASS, N.ISSUE_DATE, N.EXPIRY_DATE,
)  # fmt: skip
PASSPORT = _side(
    kinds.PASSPORT, Side.FRONT,
    N.NUMBER, N.FULL_NAME, N.SURNAME, N.GIVEN_NAMES, N.BIRTH_DATE, N.SEX, N.NATIONALITY, N.BIRTH_PLACE,
    N.PERSONAL_NUMBER, N.ISSUE_DATE, N.EXPIRY_DATE, N.ISSUER,
)  # fmt: skip

BIRTH, EXPIRY, ISSUE = date(1990, 8, 25), date(2030, 8, 25), date(2021, 4, 25)
NUMBER = "001190000017"

TRUTH: Mapping[FieldName, tuple[str, object]] = MappingProxyType(
    {
        N.NUMBER: (NUMBER, NUMBER),
        N.FULL_NAME: ("Nguyễn Thị Minh Ánh", None),
        N.BIRTH_DATE: ("25/08/1990", BIRTH),
        N.SEX: ("Nữ", Sex.FEMALE),
        N.NATIONALITY: ("Việt Nam", "VNM"),
        N.ORIGIN: (
            "Xuân La, Tây Hồ, Hà Nội",
            Place(
                AddressSystem.LEGACY_63,
                Unit("Thành phố Hà Nội", "Hà Nội", "01"),
                Unit("Quận Tây Hồ", "Tây Hồ", "003"),
                Unit("Phường Xuân La", "Xuân La", "00103"),
            ),
        ),
        N.RESIDENCE: ("Số 12, Tổ 7, Phường Xuân La, Quận Tây Hồ, Hà Nội", None),
        N.BIRTH_PLACE: ("Phường Tây Hồ, Hà Nội", None),
        N.EXPIRY_DATE: ("25/08/2030", EXPIRY),
        N.ISSUE_DATE: ("25/04/2021", ISSUE),
        N.ISSUER: ("Cục Cảnh sát quản lý hành chính về trật tự xã hội", None),
        N.ETHNICITY: ("Kinh", EthnicGroup("01", "Kinh")),
        N.RELIGION: ("Không", Religion("00", "Không")),
        N.LICENCE_CLASS: ("A1", None),
        N.SURNAME: ("Nguyễn", None),
        N.GIVEN_NAMES: ("Thị Minh Ánh", None),
        N.PERSONAL_NUMBER: (NUMBER, NUMBER),
        N.FEATURES: ("Nốt ruồi cách 1 cm trên sau mắt trái", None),
    }
)


def field_of(name: FieldName, text: str | None, normal: object = None) -> Field:
    agreement = Agreement.AGREE if name is N.NUMBER else Agreement.SINGLE
    return Field(name, text, 0.98 if text else 0.0, Source.OCR, normal, agreement)  # type: ignore[arg-type]


def reading(
    document: DocumentClass, *concerns: Concern, absent: tuple[FieldName, ...] = ()
) -> Reading:
    """Everything the side prints, but for `absent`."""
    fields = {
        name: field_of(name, None) if name in absent else field_of(name, *TRUTH[name])
        for name in document.fields
    }
    return Reading(
        document=document,
        fields=fields,
        quad=Quad.of_box(0, 0, *SIZE),
        rectified=np.zeros((48, 64, 3), np.uint8),
        lines=(),
        margin=0.9,
        qr=None,
        mrz=None,
        mrz_valid=None,
        concerns=concerns,
        timing=Timing(),
    )


DOCUMENTS = {
    Seen.CHIP_FRONT: CHIP_FRONT,
    Seen.CHIP_BACK: CHIP_BACK,
    Seen.NEW_FRONT: NEW_FRONT,
    Seen.NEW_BACK: NEW_BACK,
    Seen.FACELESS_FRONT: CHIP_FRONT,
    Seen.CLIPPED_FRONT: CHIP_FRONT,
    Seen.PHOTOCOPY: CHIP_FRONT,
    Seen.CMND_FRONT: CMND_FRONT,
    Seen.CMND_BACK: CMND_BACK,
    Seen.CCCD_FRONT: CCCD_FRONT,
    Seen.CCCD_BACK: CCCD_BACK,
    Seen.LICENCE: LICENCE,
    Seen.PASSPORT: PASSPORT,
}


class FakeReadDocument:
    def __call__(
        self, image: Image, *, expected: Side | None = None, check_rotate: bool = True
    ) -> Reading:
        seen = seen_in(image)
        upright = image.width > image.height
        if seen not in DOCUMENTS or not (upright or check_rotate):
            raise NoDocument(expected or "image")
        document = DOCUMENTS[seen]
        concerns = []
        if seen is Seen.CLIPPED_FRONT:
            concerns.append(Concern(ConcernKind.CLIPPED, "front"))
        if seen is Seen.PHOTOCOPY:
            concerns.append(Concern(ConcernKind.PHOTOCOPY, "card"))
        if expected not in (None, document.side):
            concerns.append(Concern(ConcernKind.WRONG_SIDE, str(expected)))
        return reading(document, *concerns)


class FakeReadDocuments:
    def __call__(self, image: Image, *, check_rotate: bool = True) -> list[Reading]:
        if seen_in(image) is Seen.SHEET:
            return [reading(CHIP_FRONT), reading(CHIP_BACK)]
        return [FakeReadDocument()(image, check_rotate=check_rotate)]


LINES = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]


def fake_read_page(page: Image) -> list[str]:
    return LINES if seen_in(page) is Seen.PAGE else []


def _view(image: Image) -> FaceView:
    landmarks = np.array([[20, 20], [40, 20], [30, 28], [22, 36], [38, 36]], np.float32)
    return FaceView(Face((10.0, 8.0, 50.0, 44.0), landmarks, 0.9801), image.pixels)


class FakeCompareFaces:
    def __call__(self, left: Image, right: Image, *, left_is_card: bool) -> Decision:
        seen = seen_in(left), seen_in(right)
        faceless = [n for n, s in zip(("card", "portrait"), seen, strict=True) if s not in FACES]
        if faceless:
            raise NoFace(*faceless)
        similarity = SIMILARITY[seen[1]]
        verdict = (
            Verdict.SAME
            if similarity > 0.75
            else Verdict.UNSURE
            if similarity >= 0.65
            else Verdict.DIFFERENT
        )
        crowds = [seen[0] is Seen.CROWD and not left_is_card, seen[1] is Seen.CROWD]
        concerns = [
            Concern(ConcernKind.SEVERAL_FACES, where)
            for where, crowd in zip(("card", "portrait"), crowds, strict=True)
            if crowd
        ]
        if seen[1] is Seen.MASKED:
            concerns.append(Concern(ConcernKind.MASK, "portrait"))
        return Decision(similarity, verdict, _view(left), _view(right), tuple(concerns), Timing())


class FakeCheckLiveness:
    """The HOLDER is live; a STRANGER is another person, a LOOKALIKE a spoof; two captures of one colour are no copies."""

    def __call__(
        self, captures: Sequence[Capture], *, card: Image | None = None
    ) -> LivenessDecision:
        seen = {c.where: seen_in(c.image) for c in captures}
        findings: list[Finding] = []
        for where, colour in seen.items():
            findings.append(finding(Check.FACE, where, colour in FACES))
            if colour in FACES:
                findings.append(finding(Check.PERSON, where, colour is not Seen.STRANGER))
                findings.append(finding(Check.PASSIVE, where, colour is not Seen.LOOKALIKE))
        results = [
            CaptureResult(c.where, c.pose, _view(c.image), 0.0, SIMILARITY.get(seen[c.where], 0.9))
            if seen[c.where] in FACES
            else CaptureResult(c.where, c.pose, None, None, None)
            for c in captures
        ]
        same = None
        if card is not None:
            same = 0.9312 if seen_in(card) in FACES else None
            findings.append(finding(Check.CARD_HOLDER, "card", same is not None, same))
        return LivenessDecision(
            live=is_live(findings, passive_required=True),
            findings=tuple(findings),
            captures=tuple(results),
            card=_view(card) if card is not None and same is not None else None,
            card_similarity=same,
            mirrored=False,
            timing=Timing(),
        )


class FakeWatchVideo:
    """The first frame with a face is the portrait; a LOOKALIKE is a spoof."""

    def __call__(self, frames: Sequence[Frame]) -> VideoDecision:
        faces = [f for f in frames if seen_in(f.image) in FACES]
        if not faces:
            raise NoFace("portrait")
        live = seen_in(faces[0].image) is not Seen.LOOKALIKE
        findings = [finding(Check.PASSIVE, "video", live, 0.9 if live else 0.1)]
        return VideoDecision(
            live=live,
            findings=tuple(findings),
            portrait=faces[0].image,
            face=_view(faces[0].image),
            frames=tuple(FrameResult(f.seconds, 0.0, None) for f in frames),
            timing=Timing(),
        )


@dataclass(frozen=True)
class FakeOnboard:
    read_document: FakeReadDocument = field(default_factory=FakeReadDocument)
    compare_faces: FakeCompareFaces = field(default_factory=FakeCompareFaces)

    def __call__(
        self, front: Image, back: Image, face: Image, *, check_rotate: bool = True
    ) -> Onboarding:
        first = self.read_document(front, expected=Side.FRONT, check_rotate=check_rotate)
        second = self.read_document(back, expected=Side.BACK, check_rotate=check_rotate)
        try:
            decision, faceless = self.compare_faces(front, face, left_is_card=True), ()
        except NoFace as error:
            decision, faceless = None, error.where
        return Onboarding(first, second, decision, faceless, (), Timing())


class HeldOnboard:
    """Stands still until the test lets it go; counts how many stand in it, and the most that ever did."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.entered = threading.Semaphore(0)
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def __call__(
        self, front: Image, back: Image, face: Image, *, check_rotate: bool = True
    ) -> Onboarding:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self.entered.release()
        self.go.wait(20)
        with self._lock:
            self._now -= 1
        return FakeOnboard()(front, back, face, check_rotate=check_rotate)


class BrokenPipeline:
    """Fails with a message that must reach neither a client nor the log."""

    SECRET = "Nguyễn Thị Minh Ánh 001190000017"

    def __call__(self, *_: object, **__: object) -> Any:
        raise RuntimeError(self.SECRET)


class FakeEmbedFace:
    """Everybody's template is a direction of its own; the card's holder is as like the card as `SIMILARITY` says."""

    def __call__(self, image: Image, *, judged: bool = False) -> EmbeddedFace:
        seen = seen_in(image)
        if seen not in FACES:
            raise NoFace("portrait")
        live = {Seen.HOLDER: 0.9, Seen.LOOKALIKE: 0.1}.get(seen) if judged else None
        template = FaceTemplate(vector_of(seen), RECOGNISER.id)
        return EmbeddedFace(image, _view(image).face, template, live)


RECOGNISER = Recogniser("fake", SimilarityCalibration(((-1.0, -1.0), (1.0, 1.0))))
"""Similarity is the cosine."""
HOLDERS = (Seen.CHIP_FRONT, Seen.NEW_FRONT, Seen.CLIPPED_FRONT, Seen.HOLDER, Seen.CROWD)
DIMENSION = 16


def vector_of(seen: Seen) -> NDArray[np.float32]:
    """A unit vector: along the first axis by the similarity to the holder, the rest along an axis of its own."""
    along = 1.0 if seen in HOLDERS else SIMILARITY.get(seen, 0.5)
    vector = np.zeros(DIMENSION, np.float32)
    vector[0] = along
    vector[1 + FACES.index(seen)] = np.sqrt(1 - along**2)
    return vector


def runtime(**replaced: object) -> Runtime:
    parts: dict[str, object] = {
        "read_document": FakeReadDocument(),
        "read_documents": FakeReadDocuments(),
        "read_page": fake_read_page,
        "compare_faces": FakeCompareFaces(),
        "embed_face": FakeEmbedFace(),
        "onboard": FakeOnboard(),
        "check_liveness": FakeCheckLiveness(),
        "watch_video": FakeWatchVideo(),
        "policy": Policy(),
        "pack": "fake",
        "recogniser": RECOGNISER,
        "files": {"fake.onnx": "0" * 64},
    }
    return Runtime(**(parts | replaced))  # type: ignore[arg-type]
