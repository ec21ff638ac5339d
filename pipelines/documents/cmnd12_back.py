"""Back of the twelve-digit identity card: features, until 2013 the parents, date and police of issue."""

from __future__ import annotations

from pipelines.documents.authorities import read_issuer
from pipelines.documents.kinds import CMND12
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_person,
    read_words,
)
from pipelines.types import FieldName, Side

RESIDENCE_POLICE = (
    "CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
    "CỤC CẢNH SÁT ĐĂNG KÝ QUẢN LÝ CƯ TRÚ VÀ DỮ LIỆU QUỐC GIA VỀ DÂN CƯ",
)
"""As printed until 10 October 2018, and in full."""

DOCUMENT = SideSpec(
    slug="cmnd12_back",
    kind=CMND12,
    side=Side.BACK,
    edges=(0.28,),  # the finger prints
    marks=Marks(
        of_side={
            "Đặc điểm nhân dạng": 1.5,
            "Ngón trỏ trái": 1.0,
            "Ngón trỏ phải": 1.0,
            "CỤC TRƯỞNG CỤC CẢNH SÁT": 1.5,
            "Họ và tên cha": 1.0,
            "Họ và tên mẹ": 1.0,
        },
        against={
            "Left index finger": 1.5,
            "Right index finger": 1.0,
            "Personal identification": 1.0,
            "IDVNM": 1.5,
            "DẤU VẾT RIÊNG VÀ DỊ HÌNH": 1.0,
            "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI": 1.0,
        },
        issued=1.5,
    ),
    boilerplate=(
        "Ngón trỏ trái",
        "Ngón trỏ phải",
        "CỤC TRƯỞNG CỤC CẢNH SÁT",
        "ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
        "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    ),
    fields=(
        FieldSpec(
            FieldName.FEATURES,
            read_words,
            Zone(0.3, 0.2, 1.0, 0.5),
            ("Đặc điểm nhận dạng",),
        ),
        FieldSpec(
            FieldName.FATHER_NAME,
            read_person,
            Zone(0.3, 0.3, 1.0, 0.6),
            ("Họ và tên cha",),
            optional=True,
        ),
        FieldSpec(
            FieldName.MOTHER_NAME,
            read_person,
            Zone(0.3, 0.35, 1.0, 0.65),
            ("Họ và tên mẹ",),
            optional=True,
        ),
        FieldSpec(FieldName.ISSUE_DATE, read_date, Zone(0.28, 0.3, 1.0, 0.72), anywhere=True),
        FieldSpec(
            FieldName.ISSUER,
            read_issuer(RESIDENCE_POLICE),
            Zone(0.28, 0.34, 1.0, 0.88),
            anywhere=True,
        ),
    ),
).document()
