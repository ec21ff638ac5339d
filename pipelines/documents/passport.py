"""Data page of the passport: green to mid-2022, violet from July 2022, with surname and given names apart from 2023."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from models.types import TextLine
from pipelines.documents.authorities import read_issuer
from pipelines.documents.kinds import PASSPORT
from pipelines.documents.layout import Run, Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    Value,
    read_date,
    read_expiry,
    read_full_name,
    read_given,
    read_nationality,
    read_personal_number,
    read_place,
    read_sex,
    read_surname,
)
from pipelines.parsing.dates import DIGIT_LOOKALIKES
from pipelines.types import Field, FieldName, MrzForm, Side, Source

_PASSPORT_NUMBER = re.compile(r"(?<!\w)([A-Za-z081256])\s?([0-9oOQDlIi|!ZzSsBGb]{7,8})(?!\w)")
_LETTER_LOOKALIKES = str.maketrans("081256", "OBIZSG")
_FEWEST_PASSPORT_DIGITS = 5
ISSUERS = (("Cục Quản lý xuất nhập cảnh", "CỤC QUẢN LÝ XUẤT NHẬP CẢNH"),)
"""As printed, and as it is written in forms."""


def read_passport_number(rows: Sequence[Run]) -> Value | None:
    """A letter and 7 or 8 digits, letters taken for digits undone."""
    for row in rows:
        for match in _PASSPORT_NUMBER.finditer(row.text):
            digits = match[2].translate(DIGIT_LOOKALIKES)
            if digits.isdecimal() and sum(c.isdigit() for c in match[2]) >= _FEWEST_PASSPORT_DIGITS:
                letter = match[1].upper().translate(_LETTER_LOOKALIKES)
                number = letter + digits
                run = row.part(match.start(), match.end())
                return Value(number, number, run, run.confidence)
    return None


_SPEC = SideSpec(
    slug="passport",
    kind=PASSPORT,
    side=Side.FRONT,
    marks=Marks(
        of_side={
            "Số hộ chiếu / Passport N°": 1.5,
            "HỘ CHIẾU": 0.5,
            "PASSPORT": 0.5,
            "Nơi cấp / Place of issue": 1.5,
            "Ngày cấp / Date of issue": 1.0,
            "Cục Quản lý xuất nhập cảnh": 1.0,
            "Có giá trị đến / Date of expiry": 0.5,
            "P<VNM": 1.5,
        },
        against={
            "Citizen Identity Card": 1.5,
            "Personal identification number": 1.0,
            "GIẤY PHÉP LÁI XE": 1.5,
            "IDVNM": 1.5,
        },
    ),
    boilerplate=("HỘ CHIẾU / PASSPORT", "Loại / Type", "Mã số / Code"),
    mrz_zone=Zone(0.0, 0.78, 1.0, 1.0),
    mrz_form=MrzForm.TD3,
    fields=(
        FieldSpec(
            FieldName.NUMBER,
            read_passport_number,
            Zone(0.55, 0.05, 1.0, 0.3),
            ("Số hộ chiếu / Passport N°", "Số hộ chiếu / Passport No"),
            anywhere=True,
        ),
        FieldSpec(
            FieldName.FULL_NAME,
            read_full_name,
            Zone(0.3, 0.15, 1.0, 0.4),
            ("Họ và tên / Full name",),
            optional=True,
        ),
        FieldSpec(
            FieldName.SURNAME,
            read_surname,
            Zone(0.3, 0.15, 1.0, 0.32),
            ("Họ / Surname",),
            optional=True,
        ),
        FieldSpec(
            FieldName.GIVEN_NAMES,
            read_given,
            Zone(0.3, 0.2, 1.0, 0.42),
            ("Chữ đệm và tên / Given names",),
            optional=True,
        ),
        FieldSpec(
            FieldName.NATIONALITY,
            read_nationality,
            Zone(0.3, 0.3, 1.0, 0.6),
            ("Quốc tịch / Nationality",),
        ),
        FieldSpec(
            FieldName.BIRTH_DATE,
            read_date,
            Zone(0.3, 0.35, 1.0, 0.65),
            ("Ngày sinh / Date of birth",),
        ),
        FieldSpec(
            FieldName.BIRTH_PLACE,
            read_place,
            Zone(0.3, 0.35, 1.0, 0.65),
            ("Nơi sinh / Place of birth",),
            optional=True,
        ),
        FieldSpec(FieldName.SEX, read_sex, Zone(0.3, 0.4, 1.0, 0.7), ("Giới tính / Sex",)),
        FieldSpec(
            FieldName.PERSONAL_NUMBER,
            read_personal_number,
            Zone(0.3, 0.4, 1.0, 0.75),
            ("Số GCMND / ID card N°", "Số định danh cá nhân / Personal No"),
            optional=True,
        ),
        FieldSpec(
            FieldName.ISSUE_DATE,
            read_date,
            Zone(0.3, 0.55, 1.0, 0.8),
            ("Ngày cấp / Date of issue",),
        ),
        FieldSpec(
            FieldName.EXPIRY_DATE,
            read_expiry,
            Zone(0.3, 0.55, 1.0, 0.8),
            ("Có giá trị đến / Date of expiry",),
        ),
        FieldSpec(
            FieldName.ISSUER,
            read_issuer(*ISSUERS),
            Zone(0.3, 0.6, 1.0, 0.85),
            ("Nơi cấp / Place of issue",),
            anywhere=True,
        ),
    ),
)


def _with_full_name(fields: Mapping[FieldName, Field]) -> Mapping[FieldName, Field]:
    """The two parts of a name printed apart, together."""
    parts = [fields[FieldName.SURNAME], fields[FieldName.GIVEN_NAMES]]
    texts = [part.text for part in parts if part.text]
    if fields[FieldName.FULL_NAME].text or len(texts) < len(parts):
        return fields
    name = " ".join(texts)
    whole = Field(
        FieldName.FULL_NAME, name, parts[0].confidence * parts[1].confidence, Source.OCR, name
    )
    return MappingProxyType({**fields, FieldName.FULL_NAME: whole})


def _with_document_number(fields: Mapping[FieldName, Field]) -> Mapping[FieldName, Field]:
    """A passport goes by its own number."""
    own = replace(fields[FieldName.NUMBER], name=FieldName.DOCUMENT_NUMBER)
    return MappingProxyType({**fields, FieldName.DOCUMENT_NUMBER: own})


def _parse(lines: Sequence[TextLine]) -> Mapping[FieldName, Field]:
    return _with_document_number(_with_full_name(_PRINTED.parse(lines)))


_PRINTED = _SPEC.document()
DOCUMENT = replace(
    _PRINTED,
    parse=_parse,
    optional=_PRINTED.optional - {FieldName.FULL_NAME},  # whole or in parts, it is on each
)
