"""The words of computervision v1 on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.types import FieldName

FRONT = "mattruoc"
BACK = "matsau"

ABSENT = "N/A"
"""Not printed on this card, or not readable."""

ETHNICITY = "dantoc"
"""Documented for a CCCD front, which has never printed it: always absent."""

FRONT_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        "id": FieldName.NUMBER,
        "name": FieldName.FULL_NAME,
        "born": FieldName.BIRTH_DATE,
        "country": FieldName.ORIGIN,
        "sex": FieldName.SEX,
        "duedate": FieldName.EXPIRY_DATE,
        "quoctich": FieldName.NATIONALITY,
        "address": FieldName.RESIDENCE,
    }
)
"""`country` is quê quán, not nationality."""

BACK_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {"dauvet": FieldName.FEATURES, "date": FieldName.ISSUE_DATE}
)

BACK_2024_WORDS: Mapping[str, FieldName] = MappingProxyType(
    {
        **BACK_WORDS,
        "duedate": FieldName.EXPIRY_DATE,
        "address": FieldName.RESIDENCE,
        "noidangkykhaisinh": FieldName.BIRTH_PLACE,
        "noicap": FieldName.ISSUER,
    }
)
"""Our own words: the document knows no Căn cước of 2024."""

WORDS: Mapping[str, Mapping[str, FieldName]] = MappingProxyType(
    {
        "chip_front": FRONT_WORDS,
        "chip_back": BACK_WORDS,
        "cc2024_front": FRONT_WORDS,
        "cc2024_back": BACK_2024_WORDS,
    }
)
"""By the slug of a document's side."""
