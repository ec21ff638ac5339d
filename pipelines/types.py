"""The words of eKYC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.types import Face, Pixels, Quad, TextLine


class FieldName(StrEnum):
    """Every field any side prints or carries in a code. The wire words live in the dialects, never here."""

    NUMBER = "number"
    """What the document is asked for by: the holder's number on cards, the document's own on passports and licences."""
    DOCUMENT_NUMBER = "document_number"
    """The document's number in an MRZ: nine digits on cards, the passport's number on passports."""
    PERSONAL_NUMBER = "personal_number"
    """The holder's own number (12 digits, before 2016 also 9) where `NUMBER` is the document's: on passports."""
    OLD_NUMBER = "old_number"
    """The 9 digits of an earlier card, in a QR."""
    FULL_NAME = "full_name"
    SURNAME = "surname"
    GIVEN_NAMES = "given_names"
    ALIAS = "alias"
    """Họ và tên gọi khác."""
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    NATIONALITY = "nationality"
    ETHNICITY = "ethnicity"
    RELIGION = "religion"
    ORIGIN = "origin"
    """Quê quán, nguyên quán: the hometown."""
    RESIDENCE = "residence"
    BIRTH_PLACE = "birth_place"
    FEATURES = "features"
    """Dấu vết riêng và dị hình, đặc điểm nhân dạng."""
    FATHER_NAME = "father_name"
    MOTHER_NAME = "mother_name"
    ISSUE_DATE = "issue_date"
    ISSUER = "issuer"
    """Nơi cấp: the authority, which forms call the place of issue."""
    EXPIRY_DATE = "expiry_date"
    LICENCE_CLASS = "licence_class"
    """Hạng of a driving licence."""
    PASSED_DATE = "passed_date"
    """Ngày trúng tuyển of a driving licence: the first of its table."""


class Side(StrEnum):
    FRONT = "front"
    BACK = "back"


class Source(StrEnum):
    """Where a value comes from, in order of trust: chip > QR > MRZ > OCR."""

    CHIP = "chip"
    QR = "qr"
    MRZ = "mrz"
    OCR = "ocr"


class Agreement(StrEnum):
    """Do independent sources of one field say the same?"""

    SINGLE = "single"
    AGREE = "agree"
    CONTRADICT = "contradict"


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


NO_EXPIRY = "Không thời hạn"
"""What a card without an expiry date prints in its place."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of one document.

    Attributes:
        text: the value as printed (NFC), or None when it could not be read.
        confidence: [0, 1]; 1 - the chance that `text` is wrong, as far as we know.
        normal: the typed value (`date`, `Sex`, ISO 3166 alpha-3 string, ...) or None.
        quad: where it stands on the *rectified* card, pixels; None for a value from a code.
        seen: what each other source said, before fusion.
    """

    name: FieldName
    text: str | None
    confidence: float
    source: Source
    normal: date | Sex | str | None = None
    agreement: Agreement = Agreement.SINGLE
    quad: Quad | None = None
    seen: Mapping[Source, str] = field(default_factory=lambda: MappingProxyType({}))


class NumberForm(StrEnum):
    """How `FieldName.NUMBER` of a document is built."""

    PERSONAL = "personal"
    """12 digits with province, century, sex and year of birth."""
    NINE_DIGITS = "nine_digits"
    PASSPORT = "passport"
    """A letter and 7 or 8 digits."""
    LICENCE = "licence"
    """12 digits of its own structure; the rules of the personal number do not hold for it."""


class Validity(StrEnum):
    """What decides when a document runs out."""

    AGE = "age"
    """Birthdays of the law on identification; `pipelines.parsing.expiry`."""
    FIFTEEN_YEARS = "fifteen_years"
    """15 years from the issue."""
    PRINTED = "printed"
    """Nothing but its own date of expiry."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What both sides of one document have in common.

    Attributes:
        slug: short name, the first part of its sides' slugs.
        title: as printed.
        number: how `FieldName.NUMBER` is built; None when unknown.
        issued: first and last day such documents were issued on; None where open.
        withdrawn: the day from which no such document is valid, whatever it says.
    """

    slug: str
    title: str
    number: NumberForm | None = None
    issued: tuple[date | None, date | None] = (None, None)
    validity: Validity = Validity.PRINTED
    withdrawn: date | None = None


class MrzForm(StrEnum):
    """Forms of a machine readable zone (ICAO Doc 9303 parts 4 and 5)."""

    TD1 = "td1"
    """Three lines of 30, on cards."""
    TD3 = "td3"
    """Two lines of 44, in passports."""


@dataclass(frozen=True, slots=True)
class DocumentClass:
    """One side of one document: an object, not an enum member, so that adding one edits no list of names.

    `looks_like(lines)` scores in [0, 1] how much the lines look like this side (text of the rectified card
    in reading order). `parse(lines)` turns the same lines into fields. The zones say where a QR and an MRZ are
    printed: x0, y0, x1, y1 in fractions of the card; None where there is none. `cuts` are upright lines x, y0, y1
    (fractions) that no printed line crosses: a text box that does holds two.
    """

    slug: str
    kind: DocumentKind
    side: Side
    fields: tuple[FieldName, ...]
    looks_like: Callable[[Sequence[TextLine]], float]
    parse: Callable[[Sequence[TextLine]], Mapping[FieldName, Field]]
    qr_zone: tuple[float, float, float, float] | None = None
    mrz_zone: tuple[float, float, float, float] | None = None
    mrz_form: MrzForm = MrzForm.TD1
    cuts: tuple[tuple[float, float, float], ...] = ()

    @property
    def title(self) -> str:
        return self.kind.title


class ConcernKind(StrEnum):
    """Warnings on an answered request.

    Of how a card stands in its photo: CLIPPED, it goes on beyond the photo (`detail` names the sides); BLURRED, GLARE,
    CARD_TOO_SMALL, COVERED by a finger or a sticker, SEVERAL_CARDS in one photo. Of the card itself: a PHOTOCOPY, the photo
    of a SCREEN, a CUT_CORNER or a hole PUNCHED to make it void, TAMPERED where a portrait or a number looks pasted.
    """

    BAD_NUMBER_FORMAT = "bad_number_format"
    BAD_MRZ = "bad_mrz"
    CLIPPED = "clipped"
    CONTRADICTION = "contradiction"
    WRONG_SIDE = "wrong_side"
    UNREADABLE_FIELDS = "unreadable_fields"
    EXPIRED = "expired"
    NO_CARD = "no_card"
    CARD_WITHOUT_FACE = "card_without_face"
    PORTRAIT_WITHOUT_FACE = "portrait_without_face"
    SEVERAL_FACES = "several_faces"
    SPOOF = "spoof"
    FACE_TOO_SMALL = "face_too_small"
    FACE_AT_MARGIN = "face_at_margin"
    SUNGLASSES = "sunglasses"
    HAT = "hat"
    MASK = "mask"
    BLURRED_FACE = "blurred_face"
    EYES_CLOSED = "eyes_closed"
    EXTREME_POSE = "extreme_pose"
    UNDEREXPOSED = "underexposed"
    OVEREXPOSED = "overexposed"
    PHOTOCOPY = "photocopy"
    SCREEN = "screen"
    CUT_CORNER = "cut_corner"
    PUNCHED = "punched"
    COVERED = "covered"
    TAMPERED = "tampered"
    BLURRED = "blurred"
    GLARE = "glare"
    CARD_TOO_SMALL = "card_too_small"
    SEVERAL_CARDS = "several_cards"


@dataclass(frozen=True, slots=True)
class Concern:
    kind: ConcernKind
    where: str
    detail: str = ""


class Outcome(StrEnum):
    """Of one check. NOT_ASSESSED: the picture does not show enough to tell, which speaks for nothing and against nobody."""

    PASS = "pass"
    FAIL = "fail"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class ImageCheck:
    """What was looked for in a picture of a card, and what came of it.

    Attributes:
        kind: the warning that FAIL gives.
        measure: what was compared with a threshold, in the check's own unit; None where nothing was measured.
        where: field, corner or sides concerned; "" for the whole card.
    """

    kind: ConcernKind
    outcome: Outcome
    measure: float | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of wall time per stage, in the order they ran."""

    stages: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Everything read from one side.

    Attributes:
        quad: the card in the pixels of the photo.
        rectified: the card cut out upright, H x W x 3 BGR.
        lines: the text lines, quads in pixels of `rectified`.
        margin: how far the winning class is ahead of the runner-up, [0, 1].
        qr: the decoded QR payload, mrz: the repaired MRZ lines; None when not readable.
        mrz_valid: every check digit fits; None without an MRZ.
        checks: of the picture; those that failed are among the concerns too.
    """

    document: DocumentClass
    fields: Mapping[FieldName, Field]
    quad: Quad
    rectified: Pixels
    lines: tuple[TextLine, ...]
    margin: float
    qr: str | None
    mrz: tuple[str, ...] | None
    mrz_valid: bool | None
    concerns: tuple[Concern, ...]
    timing: Timing
    checks: tuple[ImageCheck, ...] = ()


class Verdict(StrEnum):
    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Policy:
    """A bank's thresholds on calibrated similarity and quality.

    `same` (above it) and `unsure` (from it) are the published bands of the computervision.vn v2 document (75 % and 65 %);
    `match` is techainer's default threshold (0.5); `duplicate` its 95 % rule. Face limits are fractions of the
    picture's shorter side, except `face_pixels`, the smallest box width worth embedding.

    Of documents: `class_score` is where a text stops looking like any side, `sure_class` where turning the card
    is no longer tried (rendered sides score 0.8-1.0 upright and 0.0-0.1 upside down); two sources contradict
    each other when they differ and both are at least `contradiction_confidence` sure.
    Of pictures with several faces: `second_face` is the area, as a fraction of the largest, of a person rather
    than a passer-by.
    """

    same: float = 0.75
    unsure: float = 0.65
    match: float = 0.5
    duplicate: float = 0.95
    face_pixels: float = 40.0
    face_margin: float = 0.02
    live: float = 0.5
    unreadable_confidence: float = 0.5
    class_score: float = 0.25
    sure_class: float = 0.55
    contradiction_confidence: float = 0.9
    second_face: float = 0.4


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What was measured on one face; None: not assessed, as by a pack without that model.

    Attributes:
        eye_distance: between the centres of the eyes, pixels.
        sharpness: [0, 1]; how much fine detail the face has for its size, 1 for a sharp photograph.
        brightness: mean grey level of the face, [0, 1].
        dark, bright: shares of the face that are nearly black, nearly white, [0, 1].
        yaw, pitch, roll: degrees. Yaw grows as the nose moves to the picture's right, pitch as it moves down, roll
            as the head tilts clockwise in the picture. From five landmarks, so good to some ten degrees.
        sunglasses, hat, mask, eyes_closed: probabilities, [0, 1].
        score: [0, 1]; how far this face is to be trusted in a comparison.
    """

    eye_distance: float
    sharpness: float
    brightness: float
    dark: float
    bright: float
    yaw: float
    pitch: float
    roll: float
    sunglasses: float | None
    hat: float | None
    mask: float | None
    eyes_closed: float | None
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class FaceView:
    """One face used in a decision, with the upright crop shown to the client (H x W x 3 BGR) and, when judged,
    the probability that it is live and its quality."""

    face: Face
    crop: Pixels
    live: float | None = None
    quality: FaceQuality | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Are two faces one person? `similarity` is calibrated, in [0, 1]; never a cosine."""

    similarity: float
    verdict: Verdict
    left: FaceView
    right: FaceView
    concerns: tuple[Concern, ...]
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class Onboarding:
    """Front, back and face of one customer. `decision` is None when `faceless` names where no face was found."""

    front: Reading
    back: Reading
    decision: Decision | None
    faceless: tuple[str, ...]
    concerns: tuple[Concern, ...]
    timing: Timing
