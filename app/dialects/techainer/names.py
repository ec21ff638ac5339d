"""The words of Techainer on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipelines.types import DocumentClass, FieldName, Sex, Side

PREFIX = "/call"

ABSENT = "N/A"
NO_CODE = -1
"""What the document writes for a code that is not known."""

_N = FieldName

FRONT_CMND: Mapping[str, FieldName] = MappingProxyType(
    {
        "id": _N.NUMBER,
        "ho_ten": _N.FULL_NAME,
        "ngay_sinh": _N.BIRTH_DATE,
        "nguyen_quan": _N.ORIGIN,
        "ho_khau_thuong_tru": _N.RESIDENCE,
    }
)

FRONT_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        "id": _N.NUMBER,
        "ho_ten": _N.FULL_NAME,
        "ngay_sinh": _N.BIRTH_DATE,
        "gioi_tinh": _N.SEX,
        "quoc_tich": _N.NATIONALITY,
        "nguyen_quan": _N.ORIGIN,
        "ho_khau_thuong_tru": _N.RESIDENCE,
        "ngay_het_han": _N.EXPIRY_DATE,
    }
)

BACK_CARD: Mapping[str, FieldName] = MappingProxyType(
    {"di_hinh": _N.FEATURES, "ngay_cap": _N.ISSUE_DATE, "noi_cap": _N.ISSUER}
)
_PEOPLE = {"dan_toc": _N.ETHNICITY, "ton_giao": _N.RELIGION}
_PARENTS = {"ho_ten_cha": _N.FATHER_NAME, "ho_ten_me": _N.MOTHER_NAME}

BACK_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        **BACK_CARD,
        "ho_ten": _N.FULL_NAME,
        "ngay_sinh": _N.BIRTH_DATE,
        "gioi_tinh": _N.SEX,
        "ngay_het_han": _N.EXPIRY_DATE,
        "id": _N.NUMBER,
    }
)

DATES = frozenset({_N.BIRTH_DATE, _N.EXPIRY_DATE, _N.ISSUE_DATE, _N.PASSED_DATE})
PLACES = frozenset({FieldName.ORIGIN, FieldName.RESIDENCE, FieldName.BIRTH_PLACE})

SEX_NUMBERS: Mapping[Sex, int] = MappingProxyType({Sex.MALE: 0, Sex.FEMALE: 1})


@dataclass(frozen=True, slots=True)
class ClassName:
    """What `class_name` says of one side: title, the vendor's number and code, and the fields it answers."""

    value: str
    number: int
    code: str
    words: Mapping[str, FieldName]


_FRONT, _BACK = "MẶT TRƯỚC", "MẶT SAU"

CLASS_NAMES: Mapping[tuple[str, Side], ClassName] = MappingProxyType(
    {
        ("chip", Side.FRONT): ClassName(
            f"CĂN CƯỚC CÔNG DÂN GẮN CHIP - {_FRONT}", 4, "CCCD_CHIP", FRONT_WORDS
        ),
        ("chip", Side.BACK): ClassName(
            f"CĂN CƯỚC CÔNG DÂN GẮN CHIP - {_BACK}", 5, "CCCD_CHIP", BACK_WORDS
        ),
        # Ours from here on: the document names these documents but shows none of them.
        ("cmnd9", Side.FRONT): ClassName(
            f"CHỨNG MINH NHÂN DÂN - {_FRONT}", 100, "CMND", FRONT_CMND
        ),
        ("cmnd9", Side.BACK): ClassName(
            f"CHỨNG MINH NHÂN DÂN - {_BACK}", 101, "CMND", {**_PEOPLE, **BACK_CARD}
        ),
        ("cccd", Side.FRONT): ClassName(f"CĂN CƯỚC CÔNG DÂN - {_FRONT}", 102, "CCCD", FRONT_WORDS),
        ("cccd", Side.BACK): ClassName(f"CĂN CƯỚC CÔNG DÂN - {_BACK}", 103, "CCCD", BACK_CARD),
        ("cc2024", Side.FRONT): ClassName(
            f"CĂN CƯỚC - {_FRONT}", 104, "CAN_CUOC_2024", FRONT_WORDS
        ),
        ("cc2024", Side.BACK): ClassName(
            f"CĂN CƯỚC - {_BACK}",
            105,
            "CAN_CUOC_2024",
            {
                **BACK_WORDS,
                "ho_khau_thuong_tru": _N.RESIDENCE,
                "noi_dang_ky_khai_sinh": _N.BIRTH_PLACE,
            },
        ),
        ("cmnd12", Side.FRONT): ClassName(
            f"CHỨNG MINH NHÂN DÂN 12 SỐ - {_FRONT}",
            106,
            "CMND_12",
            {
                **FRONT_CMND,
                "ten_goi_khac": _N.ALIAS,
                "gioi_tinh": _N.SEX,
                "dan_toc": _N.ETHNICITY,
                "ngay_het_han": _N.EXPIRY_DATE,
            },
        ),
        ("cmnd12", Side.BACK): ClassName(
            f"CHỨNG MINH NHÂN DÂN 12 SỐ - {_BACK}", 107, "CMND_12", {**BACK_CARD, **_PARENTS}
        ),
        ("passport", Side.FRONT): ClassName(
            "HỘ CHIẾU",
            108,
            "PASSPORT",
            {
                "id": _N.NUMBER,
                "ho_ten": _N.FULL_NAME,
                "ho": _N.SURNAME,
                "chu_dem_va_ten": _N.GIVEN_NAMES,
                "ngay_sinh": _N.BIRTH_DATE,
                "gioi_tinh": _N.SEX,
                "quoc_tich": _N.NATIONALITY,
                "noi_sinh": _N.BIRTH_PLACE,
                "so_dinh_danh": _N.PERSONAL_NUMBER,
                "ngay_cap": _N.ISSUE_DATE,
                "noi_cap": _N.ISSUER,
                "ngay_het_han": _N.EXPIRY_DATE,
            },
        ),
        ("licence", Side.FRONT): ClassName(
            f"GIẤY PHÉP LÁI XE - {_FRONT}",
            110,
            "GPLX",
            {
                "id": _N.NUMBER,
                "ho_ten": _N.FULL_NAME,
                "ngay_sinh": _N.BIRTH_DATE,
                "quoc_tich": _N.NATIONALITY,
                "ho_khau_thuong_tru": _N.RESIDENCE,
                "hang": _N.LICENCE_CLASS,
                "ngay_cap": _N.ISSUE_DATE,
                "noi_cap": _N.ISSUER,
                "ngay_het_han": _N.EXPIRY_DATE,
            },
        ),
        ("licence", Side.BACK): ClassName(
            f"GIẤY PHÉP LÁI XE - {_BACK}",
            111,
            "GPLX",
            {"hang": _N.LICENCE_CLASS, "ngay_trung_tuyen": _N.PASSED_DATE},
        ),
    }
)
"""By the slug of a document's kind, and the side. 4 and 5 are the vendor's; numbers from 100 are ours, out of the way of
those it may use."""


def class_name(document: DocumentClass) -> ClassName:
    return CLASS_NAMES[document.kind.slug, document.side]


NO_FACE_AT_ALL = (0, "There's no face on capture and card image")
NO_FACE_ON_CAPTURE = (1, "There's no face on capture image")
NO_FACE_ON_CARD = (2, "There's no face on card image")
MATCHING_FAIL = (4, "Matching fail")
FACE_EXISTS = ("E850", "User face is already existing, can not registered")
UNKNOWN_FACE = ("E855", "Face id is not exists")
NO_ERROR = (NO_CODE, ABSENT)
"""The table numbers its first error 0, so that "no error" has to be another: absent, as the document writes it."""
