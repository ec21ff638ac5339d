"""Back of the chip citizen card (Circular 06/2021/TT-BCA): features, issue date, two fingers, MRZ."""

from __future__ import annotations

from pipelines.documents.authorities import read_issuer
from pipelines.documents.kinds import CHIP
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import read_date, read_words
from pipelines.types import FieldName, Side

ISSUERS = (
    (
        "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
        "CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    ),
)
"""As printed, and as it is written in forms."""

DOCUMENT = SideSpec(
    slug="chip_back",
    kind=CHIP,
    side=Side.BACK,
    edges=(0.58,),  # right of it the two finger boxes
    marks=Marks(
        of_side={
            "Đặc điểm nhân dạng": 1.5,
            "Personal identification": 1.0,
            "Ngón trỏ trái": 1.0,
            "Left index finger": 1.0,
            "Right index finger": 1.0,
            "CỤC TRƯỞNG CỤC CẢNH SÁT": 1.5,
            "DIRECTOR GENERAL OF THE POLICE DEPARTMENT": 1.5,
            "IDVNM": 1.5,
        },
        against={
            "Personal identification number": 1.0,
            "BỘ CÔNG AN": 1.0,
            "MINISTRY OF PUBLIC SECURITY": 1.0,
        },
    ),
    boilerplate=(
        "Ngón trỏ trái / Left index finger",
        "Ngón trỏ phải / Right index finger",
        "CỤC TRƯỞNG CỤC CẢNH SÁT",
        "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
        "DIRECTOR GENERAL OF THE POLICE DEPARTMENT",
        "FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER",
    ),
    mrz_zone=Zone(0.0, 0.62, 1.0, 0.96),
    fields=(
        FieldSpec(
            FieldName.FEATURES,
            read_words,
            Zone(0.0, 0.05, 0.58, 0.12),
            ("Đặc điểm nhân dạng / Personal identification",),
        ),
        FieldSpec(
            FieldName.ISSUE_DATE,
            read_date,
            Zone(0.0, 0.08, 0.57, 0.25),
            ("Ngày, tháng, năm / Date, month, year",),
            anywhere=True,
        ),
        FieldSpec(
            FieldName.ISSUER, read_issuer(*ISSUERS), Zone(0.0, 0.12, 0.58, 0.32), anywhere=True
        ),
    ),
).document()
