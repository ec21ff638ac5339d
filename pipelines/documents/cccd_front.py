"""Front of the citizen card of 2016 (Circular 61/2015/TT-BCA): Vietnamese only, no QR."""

from __future__ import annotations

from pipelines.documents.kinds import CCCD
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
    slug="cccd_front",
    kind=CCCD,
    side=Side.FRONT,
    edges=(0.27,),  # the portrait and the expiry under it
    cuts=((0.275, 0.82, 1.0),),
    marks=Marks(
        of_side={
            "CĂN CƯỚC CÔNG DÂN": 2.0,
            "Quê quán": 1.0,
            "Nơi thường trú": 1.0,
            "Có giá trị đến": 1.0,
            "Quốc tịch": 1.0,
            "Giới tính": 0.5,
        },
        against={
            "Citizen Identity Card": 1.5,
            "SOCIALIST REPUBLIC OF VIET NAM": 1.5,
            "Independence - Freedom - Happiness": 0.5,
            "Place of origin": 1.0,
            "Place of residence": 1.0,
            "Date of birth": 0.5,
            "Nationality": 0.5,
            "Họ và tên gọi khác": 1.0,
            "Dân tộc": 1.0,
            "Personal identification number": 1.5,
        },
    ),
    boilerplate=("CĂN CƯỚC CÔNG DÂN",),
    fields=(
        # "Số" alone is too short to be found safely: twelve digits are their own label.
        FieldSpec(
            FieldName.NUMBER, read_number, Zone(0.26, 0.26, 1.0, 0.46), most_rows=1, anywhere=True
        ),
        FieldSpec(FieldName.FULL_NAME, read_full_name, Zone(0.26, 0.4, 1.0, 0.56), ("Họ và tên",)),
        FieldSpec(
            FieldName.BIRTH_DATE,
            read_date,
            Zone(0.26, 0.5, 1.0, 0.64),
            ("Ngày, tháng, năm sinh",),
        ),
        FieldSpec(
            FieldName.SEX, read_sex, Zone(0.26, 0.58, 0.62, 0.74), ("Giới tính",), most_rows=1
        ),
        FieldSpec(
            FieldName.NATIONALITY,
            read_nationality,
            Zone(0.55, 0.58, 1.0, 0.74),
            ("Quốc tịch",),
            most_rows=1,
        ),
        FieldSpec(FieldName.ORIGIN, read_place, Zone(0.26, 0.66, 1.0, 0.84), ("Quê quán",)),
        FieldSpec(
            FieldName.RESIDENCE,
            read_place,
            Zone(0.26, 0.78, 1.0, 0.94),
            ("Nơi thường trú",),
            most_rows=3,
        ),
        FieldSpec(
            FieldName.EXPIRY_DATE,
            read_expiry,
            Zone(0.0, 0.83, 0.42, 1.0),
            ("Có giá trị đến",),
        ),
    ),
).document()
