"""Back of the citizen card of 2016: features, date and police of issue, two fingers, a barcode."""

from __future__ import annotations

from pipelines.documents.authorities import read_issuer
from pipelines.documents.cmnd12_back import RESIDENCE_POLICE
from pipelines.documents.kinds import CCCD
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_words,
)
from pipelines.types import FieldName, Side

ORDER_POLICE = (
    "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    "CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
)
"""As printed since then."""

DOCUMENT = SideSpec(
    slug="cccd_back",
    kind=CCCD,
    side=Side.BACK,
    edges=(0.28,),  # the finger prints
    marks=Marks(
        of_side={
            "Đặc điểm nhân dạng": 1.5,
            "Ngón trỏ trái": 1.0,
            "Ngón trỏ phải": 1.0,
            "CỤC TRƯỞNG CỤC CẢNH SÁT": 1.5,
            "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI": 0.5,
        },
        against={
            "Left index finger": 1.5,
            "Right index finger": 1.0,
            "Personal identification": 1.0,
            "IDVNM": 1.5,
            "DẤU VẾT RIÊNG VÀ DỊ HÌNH": 1.0,
            "Họ và tên cha": 1.0,
            "Họ và tên mẹ": 1.0,
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
            ("Đặc điểm nhân dạng",),
        ),
        FieldSpec(FieldName.ISSUE_DATE, read_date, Zone(0.28, 0.3, 1.0, 0.72), anywhere=True),
        FieldSpec(
            FieldName.ISSUER,
            read_issuer(RESIDENCE_POLICE, ORDER_POLICE),
            Zone(0.28, 0.34, 1.0, 0.88),
            anywhere=True,
        ),
    ),
).document()
