"""Front of the nine-digit identity card (Circular 04/1999/TT-BCA): Vietnamese only, no sex, no expiry."""

from __future__ import annotations

from pipelines.documents.kinds import CMND9
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_full_name,
    read_old_number,
    read_place,
)
from pipelines.types import FieldName, Side

DOCUMENT = SideSpec(
    slug="cmnd9_front",
    kind=CMND9,
    side=Side.FRONT,
    marks=Marks(
        of_side={
            "GIẤY CHỨNG MINH NHÂN DÂN": 2.0,
            "Sinh ngày": 1.0,
            "Nguyên quán": 1.5,
            "Nơi ĐKHK thường trú": 1.5,
        },
        against={
            "Họ và tên khai sinh": 1.0,
            "Họ và tên gọi khác": 1.0,
            "Có giá trị đến": 1.0,
            "Giới tính": 1.0,
            "CĂN CƯỚC CÔNG DÂN": 1.5,
            "GIẤY PHÉP LÁI XE": 1.5,
        },
        foreign_run=12,
    ),
    boilerplate=("GIẤY CHỨNG MINH NHÂN DÂN",),
    fields=(
        # "SỐ" is too short to be found safely: nine digits are their own label.
        FieldSpec(
            FieldName.NUMBER,
            read_old_number,
            Zone(0.3, 0.22, 1.0, 0.38),
            most_rows=1,
            anywhere=True,
        ),
        FieldSpec(FieldName.FULL_NAME, read_full_name, Zone(0.3, 0.34, 1.0, 0.53), ("Họ tên",)),
        FieldSpec(FieldName.BIRTH_DATE, read_date, Zone(0.3, 0.5, 1.0, 0.63), ("Sinh ngày",)),
        FieldSpec(FieldName.ORIGIN, read_place, Zone(0.3, 0.6, 1.0, 0.8), ("Nguyên quán",)),
        FieldSpec(
            FieldName.RESIDENCE,
            read_place,
            Zone(0.3, 0.78, 1.0, 0.95),
            ("Nơi ĐKHK thường trú", "Nơi đăng ký hộ khẩu thường trú"),
        ),
    ),
).document()
