"""Front of the chip citizen card (Circular 06/2021/TT-BCA): QR top right, expiry under the portrait."""

from __future__ import annotations

from pipelines.documents.kinds import CHIP
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_expiry,
    read_full_name,
    read_nationality,
    read_number,
    read_place,
    read_sex,
)
from pipelines.types import FieldName, Side

DOCUMENT = SideSpec(
    slug="chip_front",
    kind=CHIP,
    side=Side.FRONT,
    edges=(0.27,),  # the portrait and the expiry under it; the text column starts at .28
    cuts=((0.275, 0.82, 1.0),),  # the expiry stands close to the second line of the residence
    marks=Marks(
        of_side={
            "CĂN CƯỚC CÔNG DÂN": 2.0,
            "Citizen Identity Card": 2.0,
            "SOCIALIST REPUBLIC OF VIET NAM": 1.0,
            "Independence - Freedom - Happiness": 0.5,
            "Quê quán / Place of origin": 1.5,
            "Nơi thường trú / Place of residence": 1.5,
            "Có giá trị đến": 1.0,
            "Ngày sinh / Date of birth": 1.0,
            "Giới tính / Sex": 0.5,
        },
        against={
            "Personal identification number": 1.0,
            "Họ, chữ đệm và tên khai sinh": 1.0,
            "GIẤY PHÉP LÁI XE": 2.0,
        },
    ),
    boilerplate=("CĂN CƯỚC CÔNG DÂN", "Citizen Identity Card"),
    qr_zone=Zone(0.72, 0.0, 1.0, 0.38),
    fields=(
        # "Số" alone is too short to be found safely: twelve digits are their own label.
        FieldSpec(
            FieldName.NUMBER, read_number, Zone(0.26, 0.34, 1.0, 0.50), most_rows=1, anywhere=True
        ),
        FieldSpec(
            FieldName.FULL_NAME,
            read_full_name,
            Zone(0.26, 0.50, 1.0, 0.62),
            ("Họ và tên / Full name",),
            most_rows=3,
        ),
        FieldSpec(
            FieldName.BIRTH_DATE,
            read_date,
            Zone(0.28, 0.56, 1.0, 0.69),
            ("Ngày sinh / Date of birth",),
        ),
        FieldSpec(
            FieldName.SEX,
            read_sex,
            Zone(0.28, 0.65, 0.55, 0.75),
            ("Giới tính / Sex",),
            most_rows=1,
        ),
        FieldSpec(
            FieldName.NATIONALITY,
            read_nationality,
            Zone(0.60, 0.65, 1.0, 0.75),
            ("Quốc tịch / Nationality",),
            most_rows=1,
        ),
        FieldSpec(
            FieldName.ORIGIN,
            read_place,
            Zone(0.26, 0.75, 1.0, 0.82),
            ("Quê quán / Place of origin",),
        ),
        FieldSpec(
            FieldName.RESIDENCE,
            read_place,
            Zone(0.26, 0.82, 1.0, 0.94),
            ("Nơi thường trú / Place of residence",),
            most_rows=3,
        ),
        FieldSpec(
            FieldName.EXPIRY_DATE,
            read_expiry,
            Zone(0.0, 0.83, 0.42, 1.0),
            ("Có giá trị đến / Date of expiry",),
        ),
    ),
).document()
