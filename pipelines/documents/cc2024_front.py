"""Front of the identity card of July 2024 (Circular 16/2024/TT-BCA): no address, no expiry, no QR."""

from __future__ import annotations

from pipelines.documents.kinds import CC2024
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_full_name,
    read_nationality,
    read_number,
    read_sex,
)
from pipelines.types import FieldName, Side

DOCUMENT = SideSpec(
    slug="cc2024_front",
    kind=CC2024,
    side=Side.FRONT,
    marks=Marks(
        of_side={
            "Số định danh cá nhân": 2.0,
            "Personal identification number": 2.0,
            "Họ, chữ đệm và tên khai sinh": 2.0,
            "Ngày, tháng, năm sinh / Date of birth": 1.0,
            "Giới tính / Sex": 0.5,
            "Quốc tịch / Nationality": 0.5,
        },
        against={
            "CĂN CƯỚC CÔNG DÂN": 1.5,
            "Citizen Identity Card": 1.5,
            "Place of origin": 1.0,
            "Place of residence": 1.0,
        },
    ),
    boilerplate=("CĂN CƯỚC", "IDENTITY CARD"),
    fields=(
        FieldSpec(
            FieldName.NUMBER,
            read_number,
            Zone(0.26, 0.36, 1.0, 0.58),
            ("Số định danh cá nhân / Personal identification number",),
            anywhere=True,
        ),
        FieldSpec(
            FieldName.FULL_NAME,
            read_full_name,
            Zone(0.26, 0.52, 1.0, 0.72),
            ("Họ, chữ đệm và tên khai sinh / Full name",),
            most_rows=3,
        ),
        FieldSpec(
            FieldName.BIRTH_DATE,
            read_date,
            Zone(0.26, 0.68, 1.0, 0.87),
            ("Ngày, tháng, năm sinh / Date of birth",),
        ),
        FieldSpec(
            FieldName.SEX,
            read_sex,
            Zone(0.26, 0.80, 0.62, 1.0),
            ("Giới tính / Sex",),
        ),
        FieldSpec(
            FieldName.NATIONALITY,
            read_nationality,
            Zone(0.55, 0.80, 1.0, 1.0),
            ("Quốc tịch / Nationality",),
        ),
    ),
).document()
