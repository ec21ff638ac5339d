"""Back of the driving licence card: the table of classes with the day each was passed; its QR is a link."""

from __future__ import annotations

from pipelines.documents.kinds import LICENCE
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import read_date
from pipelines.types import FieldName, Side

DOCUMENT = SideSpec(
    slug="licence_back",
    kind=LICENCE,
    side=Side.BACK,
    marks=Marks(
        of_side={
            "CÁC LOẠI XE CƠ GIỚI ĐƯỜNG BỘ ĐƯỢC ĐIỀU KHIỂN": 2.0,
            "CLASSIFICATION OF MOTOR VEHICLES": 2.0,
            "Ngày trúng tuyển": 1.0,
            "Beginning date": 1.0,
        },
    ),
    fields=(FieldSpec(FieldName.PASSED_DATE, read_date, Zone(0.6, 0.1, 1.0, 1.0)),),
).document()
