"""Front of the twelve-digit identity card (Circulars 27/2012 and 57/2013/TT-BCA): Vietnamese only."""

from __future__ import annotations

from pipelines.documents.kinds import CMND12
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_expiry,
    read_full_name,
    read_group,
    read_name,
    read_number,
    read_place,
    read_sex,
)
from pipelines.types import FieldName, Side

DOCUMENT = SideSpec(
    slug="cmnd12_front",
    kind=CMND12,
    side=Side.FRONT,
    edges=(0.27,),  # the portrait and the expiry under it
    cuts=((0.275, 0.82, 1.0),),
    marks=Marks(
        of_side={
            "CHỨNG MINH NHÂN DÂN": 1.5,
            "Họ và tên khai sinh": 1.5,
            "Họ và tên gọi khác": 2.0,
            "Dân tộc": 1.0,
            "Quê quán": 0.5,
            "Nơi thường trú": 0.5,
            "Có giá trị đến": 0.5,
        },
        against={
            "GIẤY CHỨNG MINH NHÂN DÂN": 1.0,
            "Nguyên quán": 1.0,
            "CĂN CƯỚC CÔNG DÂN": 1.5,
            "Quốc tịch": 1.0,
            "SOCIALIST REPUBLIC OF VIET NAM": 1.0,
            "Personal identification number": 1.5,
        },
    ),
    boilerplate=("CHỨNG MINH NHÂN DÂN",),
    fields=(
        # "Số" alone is too short to be found safely: twelve digits are their own label.
        FieldSpec(
            FieldName.NUMBER, read_number, Zone(0.26, 0.26, 1.0, 0.46), most_rows=1, anywhere=True
        ),
        FieldSpec(
            FieldName.FULL_NAME,
            read_full_name,
            Zone(0.26, 0.38, 1.0, 0.56),
            ("Họ và tên khai sinh",),
        ),
        FieldSpec(
            FieldName.ALIAS,
            read_name,
            Zone(0.26, 0.46, 1.0, 0.6),
            ("Họ và tên gọi khác",),
            optional=True,
        ),
        FieldSpec(
            FieldName.BIRTH_DATE,
            read_date,
            Zone(0.26, 0.5, 1.0, 0.68),
            ("Ngày, tháng, năm sinh",),
        ),
        FieldSpec(
            FieldName.SEX, read_sex, Zone(0.26, 0.58, 0.62, 0.74), ("Giới tính",), most_rows=1
        ),
        FieldSpec(
            FieldName.ETHNICITY, read_group, Zone(0.55, 0.58, 1.0, 0.74), ("Dân tộc",), most_rows=1
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
