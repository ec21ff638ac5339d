"""Back of the driving licence card: the table of classes with the day each was passed; its QR is a link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipelines.documents.kinds import LICENCE
from pipelines.documents.layout import Run, Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import Value, read_date
from pipelines.types import FieldName, Side


def _day(value: Value) -> date:
    return value.normal if isinstance(value.normal, date) else date.max


def read_earliest(rows: Sequence[Run]) -> Value | None:
    """The day of the first test: later rows may have been passed earlier."""
    values = [value for row in rows if (value := read_date([row]))]
    return min(values, key=_day, default=None)


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
    fields=(
        FieldSpec(
            FieldName.PASSED_DATE,
            read_earliest,
            Zone(0.0, 0.15, 1.0, 0.85),
            most_rows=12,
            anywhere=True,
        ),
    ),
).document()
