"""The words of Techainer on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipelines.types import FieldName, Sex

ABSENT = "N/A"
NO_CODE = -1
"""What the document writes for a code that is not known."""

FRONT_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        "id": FieldName.NUMBER,
        "ho_ten": FieldName.FULL_NAME,
        "ngay_sinh": FieldName.BIRTH_DATE,
        "gioi_tinh": FieldName.SEX,
        "quoc_tich": FieldName.NATIONALITY,
        "nguyen_quan": FieldName.ORIGIN,
        "ho_khau_thuong_tru": FieldName.RESIDENCE,
        "ngay_het_han": FieldName.EXPIRY_DATE,
    }
)

BACK_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        "di_hinh": FieldName.FEATURES,
        "ngay_cap": FieldName.ISSUE_DATE,
        "noi_cap": FieldName.ISSUER,
        "ho_ten": FieldName.FULL_NAME,
        "ngay_sinh": FieldName.BIRTH_DATE,
        "gioi_tinh": FieldName.SEX,
        "ngay_het_han": FieldName.EXPIRY_DATE,
        "id": FieldName.NUMBER,
    }
)

BACK_2024_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        **BACK_WORDS,
        "ho_khau_thuong_tru": FieldName.RESIDENCE,
        "noi_dang_ky_khai_sinh": FieldName.BIRTH_PLACE,
    }
)
"""Our own words: the document knows no Căn cước of 2024."""

DATES = frozenset({FieldName.BIRTH_DATE, FieldName.EXPIRY_DATE, FieldName.ISSUE_DATE})
PLACES = frozenset({FieldName.ORIGIN, FieldName.RESIDENCE, FieldName.BIRTH_PLACE})

SEX_NUMBERS: Mapping[Sex, int] = MappingProxyType({Sex.MALE: 0, Sex.FEMALE: 1})

COUNTRY_CODES: Mapping[str, str] = MappingProxyType({"VNM": "VN"})
"""ISO 3166 alpha-3 to alpha-2, for the countries a Vietnamese card prints."""


@dataclass(frozen=True, slots=True)
class ClassName:
    """What `class_name` says of one side: title, the vendor's number and code, and the fields it answers."""

    value: str
    number: int
    code: str
    words: Mapping[str, FieldName]


CLASS_NAMES: Mapping[str, ClassName] = MappingProxyType(
    {
        "chip_front": ClassName(
            "CĂN CƯỚC CÔNG DÂN GẮN CHIP - MẶT TRƯỚC", 4, "CCCD_CHIP", FRONT_WORDS
        ),
        "chip_back": ClassName("CĂN CƯỚC CÔNG DÂN GẮN CHIP - MẶT SAU", 5, "CCCD_CHIP", BACK_WORDS),
        "cc2024_front": ClassName("CĂN CƯỚC - MẶT TRƯỚC", 104, "CAN_CUOC_2024", FRONT_WORDS),
        "cc2024_back": ClassName("CĂN CƯỚC - MẶT SAU", 105, "CAN_CUOC_2024", BACK_2024_WORDS),
    }
)
"""By the slug of a document's side. 4 and 5 are the vendor's; 104 and 105 are ours, out of the way of numbers it may use."""

NO_FACE_AT_ALL = (0, "There's no face on capture and card image")
NO_FACE_ON_CAPTURE = (1, "There's no face on capture image")
NO_FACE_ON_CARD = (2, "There's no face on card image")
MATCHING_FAIL = (4, "Matching fail")
NO_ERROR = (NO_CODE, ABSENT)
"""The table numbers its first error 0, so that "no error" has to be another: absent, as the document writes it."""
