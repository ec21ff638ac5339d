"""Back of the nine-digit identity card: ethnic group, religion, features, date and police of issue, two fingers."""

from __future__ import annotations

from pipelines.documents.authorities import read_authority
from pipelines.documents.kinds import CMND9
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    read_date,
    read_group,
    read_words,
)
from pipelines.types import FieldName, Side

DOCUMENT = SideSpec(
    slug="cmnd9_back",
    kind=CMND9,
    side=Side.BACK,
    marks=Marks(
        of_side={
            "DẤU VẾT RIÊNG VÀ DỊ HÌNH": 2.0,
            "NGÓN TRỎ TRÁI": 1.0,
            "NGÓN TRỎ PHẢI": 1.0,
            "Dân tộc": 0.75,
            "Tôn giáo": 1.0,
            "GIÁM ĐỐC": 0.5,
        },
        against={
            "Đặc điểm nhân dạng": 1.5,
            "Left index finger": 1.0,
            "CỤC TRƯỞNG CỤC CẢNH SÁT": 1.5,
            "IDVNM": 1.5,
        },
    ),
    boilerplate=("NGÓN TRỎ TRÁI", "NGÓN TRỎ PHẢI"),
    fields=(
        FieldSpec(
            FieldName.ETHNICITY, read_group, Zone(0.0, 0.0, 0.55, 0.16), ("Dân tộc",), most_rows=1
        ),
        FieldSpec(
            FieldName.RELIGION, read_group, Zone(0.5, 0.0, 1.0, 0.16), ("Tôn giáo",), most_rows=1
        ),
        FieldSpec(
            FieldName.FEATURES,
            read_words,
            Zone(0.3, 0.22, 1.0, 0.47),
            ("DẤU VẾT RIÊNG VÀ DỊ HÌNH",),
        ),
        FieldSpec(FieldName.ISSUE_DATE, read_date, Zone(0.3, 0.44, 1.0, 0.62), anywhere=True),
        FieldSpec(
            FieldName.ISSUER,
            read_authority("GIÁM ĐỐC CA", "GIÁM ĐỐC CÔNG AN", "CÔNG AN"),
            Zone(0.3, 0.5, 1.0, 0.75),
            anywhere=True,
        ),
    ),
).document()
