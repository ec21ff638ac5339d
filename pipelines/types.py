"""The words of eKYC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

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


class AddressSystem(StrEnum):
    """Which list of administrative units a code belongs to: 24, 44, 52, 80, 82 and 91 name one province in the old
    list and another in the new, so a code means nothing without it."""

    LEGACY_63 = "legacy_63"
    """Province, district, ward; in force until 30 June 2025."""
    CURRENT_34 = "current_34"
    """Province and ward, no districts; in force since 1 July 2025."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One administrative unit.

    Attributes:
        name: in full and with its kind, as the official list writes it ("Phường Xuân La").
        short: without its kind ("Xuân La"; "Phường 13" keeps it: a bare number names nothing).
        code: of the General Statistics Office, zero-padded: two digits for a province, three for a district, five for
            a ward. "" for a unit dissolved before March 2025: its name is then as printed.
        score: [0, 1], how well the printed text spells it; 1 is letter for letter.
        margin: [0, 1], by how much the runner-up scores less.
    """

    name: str
    short: str
    code: str
    score: float = 1.0
    margin: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """An address in official units; a unit that is not certain is None, never a guess.

    Attributes:
        district: None in the current system, which has none, and where it is not certain.
        detail: house, street and hamlet: what is printed before the units.
        current: the same place in the system of 34 provinces, as far as the merger of July 2025 maps it one to one
            (a ward that was divided gives its province alone); None where it does not, or where the place is already
            in that system.
    """

    system: AddressSystem
    province: Unit | None = None
    district: Unit | None = None
    ward: Unit | None = None
    detail: str = ""
    current: Place | None = None


@dataclass(frozen=True, slots=True)
class EthnicGroup:
    """One of the 54 groups by the code of decision 121-TCTK/PPCĐ of 1979 ("01" Kinh); "55" is a foreigner."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Religion:
    """By the list of QCVN 109 annex G ("02" Công giáo); "00" is none ("Không")."""

    code: str
    name: str


class IssuerKind(StrEnum):
    """Who signs a document."""

    PROVINCIAL_POLICE = "provincial_police"
    RESIDENCE_POLICE = "residence_police"
    """Police Department for Registration, Residence Management and National Data on Population, to 10/2018."""
    SOCIAL_ORDER_POLICE = "social_order_police"
    """Police Department for Administrative Management of Social Order, since 10/2018."""
    MINISTRY_OF_PUBLIC_SECURITY = "ministry_of_public_security"
    IMMIGRATION = "immigration"
    EMBASSY = "embassy"
    TRANSPORT_DEPARTMENT = "transport_department"
    ROADS_DIRECTORATE = "roads_directorate"
    TRAFFIC_POLICE = "traffic_police"


@dataclass(frozen=True, slots=True)
class IssuePlace:
    """The canonical place of issue.

    Attributes:
        name: as forms write it, upper case ("CÔNG AN TỈNH HƯNG YÊN").
        province: two-digit code of the 63-province system where the issuer belongs to a province; None elsewhere.
        inferred: nothing was readable; the kind of document and its date leave only this issuer.
    """

    name: str
    kind: IssuerKind
    province: str | None = None
    inferred: bool = False


Normal: TypeAlias = date | Sex | str | Place | EthnicGroup | Religion | IssuePlace | None
"""The typed value of a field: a date, a sex, an ISO 3166 alpha-3 code, digits, a place, a member of a closed list."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of one document.

    Attributes:
        text: the value as printed (NFC), or None when it could not be read.
        confidence: [0, 1]; 1 - the chance that `text` is wrong, as far as we know.
        normal: the typed value (`date`, `Sex`, ISO 3166 alpha-3 string, `Place`, ...) or None.
        quad: where it stands on the *rectified* card, pixels; None for a value from a code.
        seen: what each other source said, before fusion.
    """

    name: FieldName
    text: str | None
    confidence: float
    source: Source
    normal: Normal = None
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
        issuers: who signs it, each with the first and the last day it did; None where open.
        youngest: age in whole years below which nobody is given one.
    """

    slug: str
    title: str
    number: NumberForm | None = None
    issued: tuple[date | None, date | None] = (None, None)
    validity: Validity = Validity.PRINTED
    withdrawn: date | None = None
    issuers: tuple[tuple[IssuerKind, date | None, date | None], ...] = ()
    youngest: int = 0


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
    (fractions) that no printed line crosses: a text box that does holds two. `optional` are the fields that not every
    document of the class prints: absent, they are not unreadable.
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
    optional: frozenset[FieldName] = frozenset()
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


class RuleName(StrEnum):
    """Everything that is checked about what a document says and whose it is."""

    NUMBER_FORM = "number_form"
    NUMBER_PROVINCE = "number_province"
    NUMBER_SEX = "number_sex"
    NUMBER_BIRTH_YEAR = "number_birth_year"
    NUMBER_BIRTH_PLACE = "number_birth_place"
    MRZ_CHECK_DIGITS = "mrz_check_digits"
    SOURCES_AGREE = "sources_agree"
    DATE_ORDER = "date_order"
    AGE_AT_ISSUE = "age_at_issue"
    EXPIRY_RULE = "expiry_rule"
    NOT_EXPIRED = "not_expired"
    ISSUE_WINDOW = "issue_window"
    ISSUER = "issuer"
    SAME_DOCUMENT = "same_document"
    SAME_HOLDER = "same_holder"
    SAME_FACE = "same_face"


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence in Vietnamese and in English, without any value of the document."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """The verdict on one rule. What cannot be read is NOT_ASSESSED: only a contradiction is a FAIL.

    Attributes:
        fields: what was compared, or could not be.
        hint: what the customer or the operator can do now; None when nothing need be done.
        where: the pair that was compared ("qr/mrz", "front/back", "front/face"); "" within one source.
    """

    rule: RuleName
    outcome: Outcome
    fields: tuple[FieldName, ...]
    reason: Bilingual
    hint: Bilingual | None = None
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
        rules: the verdict on every rule that this side alone can prove or deny.
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
    rules: tuple[RuleCheck, ...] = ()


class Verdict(StrEnum):
    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class FaceLimits:
    """What a face may measure before it is warned of; where the figures come from: docs/accuracy.md.

    Attributes:
        sharpness, noise, brightness: as in `FaceQuality`; least, most, least.
        dark, bright: most of the face that may be nearly black, nearly white.
        turned, nodded: degrees of yaw and pitch, either way.
        sunglasses, hat, mask, eyes_closed: probabilities from which it is warned of.
    """

    sharpness: float = 0.34
    noise: float = 4.5
    brightness: float = 0.16
    dark: float = 0.5
    bright: float = 0.3
    turned: float = 45.0
    nodded: float = 30.0
    sunglasses: float = 0.2
    hat: float = 0.6
    mask: float = 0.3
    eyes_closed: float = 0.05


@dataclass(frozen=True, slots=True)
class Policy:
    """A bank's thresholds on calibrated similarity and quality.

    `same` (above it) and `unsure` (from it) are the published bands of the computervision.vn v2 document (75 % and 65 %);
    `match` is techainer's default threshold (0.5); `duplicate` its 95 % rule. Face limits are fractions of the
    picture's shorter side, except `face_pixels`, the smallest box width worth embedding.

    Of documents: `class_score` is where a text stops looking like any side, `sure_class` where turning the card
    is no longer tried (rendered sides score 0.8-1.0 upright and 0.0-0.1 upside down); `sure_margin` is how far the likeliest
    class must be ahead for its law to be held against its dates (620 scans and good photos of tuning people: 0.16 and more);
    two sources contradict each other when they differ and both are at least `contradiction_confidence` sure.
    Of enrolment: `false_duplicates` is the accepted chance that a new customer is taken for somebody enrolled already; in
    a gallery of N the duplicate threshold rises above `duplicate` once N times its false match rate exceeds that.
    Of pictures with several faces: `second_face` is the area, as a fraction of the largest, of a person rather
    than a passer-by.
    """

    same: float = 0.75
    unsure: float = 0.65
    match: float = 0.5
    duplicate: float = 0.95
    false_duplicates: float = 0.01
    face_pixels: float = 40.0
    face_margin: float = 0.02
    live: float = 0.5
    unreadable_confidence: float = 0.5
    class_score: float = 0.25
    sure_class: float = 0.55
    sure_margin: float = 0.15
    contradiction_confidence: float = 0.9
    second_face: float = 0.4
    face: FaceLimits = FaceLimits()


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What was measured on one face; None: not assessed, as by a pack without that model.

    Attributes:
        eye_distance: between the centres of the eyes, pixels.
        sharpness: [0, 1]; how much of the face's detail a blur would take away (Crete et al., 2007), on the face
            scaled to the recogniser's input: what is small or blurred has little.
        noise: standard deviation of the grain, grey levels (Immerkaer, 1996).
        brightness: mean grey level of the face, [0, 1].
        dark, bright: shares of the face that are nearly black, nearly white, [0, 1].
        yaw, pitch, roll: degrees. Yaw grows as the nose moves to the picture's right, pitch as it moves down, roll
            as the head tilts clockwise in the picture. From five landmarks, so good to some ten degrees.
        sunglasses, hat, mask, eyes_closed: probabilities, [0, 1].
        score: [0, 1]; how far this face is to be trusted in a comparison.
    """

    eye_distance: float
    sharpness: float
    noise: float
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
    """Are two faces one person? `similarity` is calibrated, in [0, 1], rounded down to four decimals; never a cosine."""

    similarity: float
    verdict: Verdict
    left: FaceView
    right: FaceView
    concerns: tuple[Concern, ...]
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class Onboarding:
    """Front, back and face of one customer. `decision` is None when `faceless` names where no face was found;
    `rules` are the verdicts on the whole card and on whether its sides and the face are one person's."""

    front: Reading
    back: Reading
    decision: Decision | None
    faceless: tuple[str, ...]
    concerns: tuple[Concern, ...]
    timing: Timing
    rules: tuple[RuleCheck, ...] = ()
