"""The words of computervision v1 on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipelines.liveness import Check, Finding
from pipelines.types import DocumentClass, FieldName, Outcome, Side, Verdict

PREFIX = "/backend/api/v1/request"

FRONT = "mattruoc"
BACK = "matsau"

ABSENT = "N/A"
"""Not printed on this card, or not readable."""

_N = FieldName

CMT = {
    "id": _N.NUMBER,
    "name": _N.FULL_NAME,
    "born": _N.BIRTH_DATE,
    "country": _N.ORIGIN,
    "address": _N.RESIDENCE,
}
"""`country` is quê quán, not nationality."""

TCC = {
    "id": _N.NUMBER,
    "name": _N.FULL_NAME,
    "born": _N.BIRTH_DATE,
    "country": _N.ORIGIN,
    "sex": _N.SEX,
    "duedate": _N.EXPIRY_DATE,
    "quoctich": _N.NATIONALITY,
    "dantoc": _N.ETHNICITY,
    "address": _N.RESIDENCE,
}
"""`dantoc` is documented for a CCCD front, which has never printed it: always absent."""

BACK_CMT = {
    "dantoc": _N.ETHNICITY,
    "date": _N.ISSUE_DATE,
    "dauvet": _N.FEATURES,
    "tongiao": _N.RELIGION,
    "noicap": _N.ISSUER,
}

BACK_TCC = {"dauvet": _N.FEATURES, "date": _N.ISSUE_DATE}

LICENCE = {
    "id": _N.NUMBER,
    "name": _N.FULL_NAME,
    "born": _N.BIRTH_DATE,
    "class": _N.LICENCE_CLASS,
    "nation": _N.NATIONALITY,
    "dateissue": _N.ISSUE_DATE,
    "duedate": _N.EXPIRY_DATE,
    "address": _N.RESIDENCE,
}


@dataclass(frozen=True, slots=True)
class SideWords:
    """What `type` says of one side, and the words of its fields."""

    type: str
    words: Mapping[str, FieldName]


SIDES: Mapping[tuple[str, Side], SideWords] = MappingProxyType(
    {
        ("cmnd9", Side.FRONT): SideWords("cmt", CMT),
        ("cmnd9", Side.BACK): SideWords("matsaucmt", BACK_CMT),
        # Ours besides: the 12-digit CMND prints what its 9-digit elder does not.
        ("cmnd12", Side.FRONT): SideWords(
            "cmt",
            {**CMT, "sex": _N.SEX, "dantoc": _N.ETHNICITY, "duedate": _N.EXPIRY_DATE},
        ),
        ("cmnd12", Side.BACK): SideWords("matsaucmt", BACK_CMT),
        ("cccd", Side.FRONT): SideWords("tcc", TCC),
        ("cccd", Side.BACK): SideWords("matsautcc", BACK_TCC),
        ("chip", Side.FRONT): SideWords("tcc", TCC),
        ("chip", Side.BACK): SideWords("matsautcc", BACK_TCC),
        # Ours besides: the document knows no Căn cước of 2024, whose back says what fronts said before.
        ("cc2024", Side.FRONT): SideWords("tcc", TCC),
        ("cc2024", Side.BACK): SideWords(
            "matsautcc",
            {
                **BACK_TCC,
                "duedate": _N.EXPIRY_DATE,
                "address": _N.RESIDENCE,
                "noidangkykhaisinh": _N.BIRTH_PLACE,
                "noicap": _N.ISSUER,
            },
        ),
        ("licence", Side.FRONT): SideWords("blx", LICENCE),
        # Ours: the document names passports without their words, and no back of a licence.
        ("licence", Side.BACK): SideWords(
            "matsaublx", {"class": _N.LICENCE_CLASS, "ngaytrungtuyen": _N.PASSED_DATE}
        ),
        ("passport", Side.FRONT): SideWords(
            "passport",
            {
                "id": _N.NUMBER,
                "name": _N.FULL_NAME,
                "born": _N.BIRTH_DATE,
                "sex": _N.SEX,
                "quoctich": _N.NATIONALITY,
                "noisinh": _N.BIRTH_PLACE,
                "sodinhdanh": _N.PERSONAL_NUMBER,
                "date": _N.ISSUE_DATE,
                "duedate": _N.EXPIRY_DATE,
                "noicap": _N.ISSUER,
            },
        ),
    }
)
"""By the slug of a document's kind, and the side."""

PDF = "pdf"
"""`type` of whatever is sent to get_infor."""

LICENCE_KIND = "licence"
OTHER_KINDS = frozenset({LICENCE_KIND, "passport"})
"""What is no identity card: asked for by routes of its own, or found by those that take any."""

MATCH: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.SAME: "1", Verdict.UNSURE: "2", Verdict.DIFFERENT: "3"}
)
"""1 surely one person, 2 in doubt, 3 two persons."""


def side_words(document: DocumentClass) -> SideWords:
    return SIDES[document.kind.slug, document.side]


def boolean(value: bool) -> str:
    return "True" if value else "False"


CAPTURES: Mapping[str, str] = MappingProxyType(
    {
        "left": "Ảnh quay trái",
        "mid": "Ảnh chính diện",
        "right": "Ảnh quay phải",
        "card": "Ảnh giấy tờ",
    }
)
ALL_CAPTURES = "Các ảnh"

REASONS: Mapping[Check, str] = MappingProxyType(
    {
        Check.FACE: "không có khuôn mặt",
        Check.ONE_FACE: "có nhiều hơn một khuôn mặt",
        Check.SIZE: "khuôn mặt quá nhỏ",
        Check.POSE: "không đúng hướng yêu cầu",
        Check.PERSON: "không cùng một người với ảnh chính diện",
        Check.CARD_HOLDER: "không cùng một người với ảnh chính diện",
        Check.CAPTURE: "trùng với ảnh khác",
        Check.DEPTH: "khuôn mặt phẳng, có dấu hiệu chụp lại từ ảnh",
        Check.PASSIVE: "có dấu hiệu giả mạo",
    }
)
"""`errors` of matchingliveness, one sentence per failed check."""
UNJUDGED = "không đánh giá được thật giả, cần ảnh màu, khuôn mặt đủ lớn và không cắt sát"
"""The same of what could not be assessed, which accuses nobody."""


def reason(finding: Finding) -> str:
    said = REASONS.get(finding.check, str(finding.check))
    if finding.outcome is Outcome.NOT_ASSESSED:
        said = UNJUDGED
    return f"{CAPTURES.get(finding.where, ALL_CAPTURES)}: {said}"
