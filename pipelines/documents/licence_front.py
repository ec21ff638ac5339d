"""Front of the driving licence card (Circulars 12/2017/TT-BGTVT and 12/2025/TT-BCA): two languages, its own number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from pipelines.documents.authorities import read_authority
from pipelines.documents.kinds import LICENCE
from pipelines.documents.layout import Run, Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import (
    Value,
    read_date,
    read_expiry,
    read_full_name,
    read_nationality,
    read_number,
    read_place,
)
from pipelines.types import FieldName, Side

_CLASSES = (
    *("A1", "A2", "A3", "A4", "B1", "B2", "C", "D", "E", "FB2", "FC", "FD", "FE"),
    *("A", "B", "C1", "D1", "D2", "BE", "C1E", "CE", "D1E", "D2E", "DE"),
)
"""Of driving licences: to 2024 (Circular 12/2017/TT-BGTVT), from 2025 (Law on Road Traffic Order 2024)."""
_SLIPS_OF = MappingProxyType({"1": "IL|", "2": "Z", "B": "8", "D": "0"})


def _class_spellings() -> dict[str, str]:
    """How each class may be read: as it is, or with one of its characters taken for another."""
    spellings = {code: code for code in _CLASSES}
    for code in _CLASSES:
        for i, character in enumerate(code):
            for slip in _SLIPS_OF.get(character, ""):
                spellings.setdefault(code[:i] + slip + code[i + 1 :], code)
    return spellings


_CLASS_OF = MappingProxyType(_class_spellings())
_CLASS_WORD = re.compile(r"[0-9A-Za-z|]+")


def read_class(rows: Sequence[Run]) -> Value | None:
    """Classes of a driving licence, of the closed list; several are parted by commas."""
    for row in rows:
        found = [
            (code, word)
            for word in _CLASS_WORD.finditer(row.text)
            if (code := _CLASS_OF.get(word[0].upper()))
        ]
        if found:
            text = ", ".join(dict.fromkeys(code for code, _ in found))
            run = row.part(found[0][1].start(), found[-1][1].end())
            return Value(text, text, run, run.confidence)
    return None


DOCUMENT = SideSpec(
    slug="licence_front",
    kind=LICENCE,
    side=Side.FRONT,
    edges=(0.3,),  # the portrait, class and expiry under it
    cuts=((0.43, 0.88, 1.0),),  # left of it the expiry, right of it the signer's name
    marks=Marks(
        of_side={
            "GIẤY PHÉP LÁI XE": 2.0,
            "DRIVER'S LICENSE": 1.5,
            "Hạng / Class": 1.0,
            "Có giá trị đến / Expires": 1.0,
            "Nơi cư trú / Address": 1.0,
        },
        against={
            "Citizen Identity Card": 1.5,
            "Place of origin": 1.0,
            "Passport": 1.0,
        },
    ),
    boilerplate=("GIẤY PHÉP LÁI XE", "DRIVER'S LICENSE", "BỘ GTVT", "MOT", "BỘ CÔNG AN"),
    fields=(
        FieldSpec(
            FieldName.NUMBER, read_number, Zone(0.3, 0.16, 1.0, 0.3), most_rows=1, anywhere=True
        ),
        FieldSpec(
            FieldName.FULL_NAME,
            read_full_name,
            Zone(0.28, 0.26, 1.0, 0.37),
            ("Họ tên / Full name",),
        ),
        FieldSpec(
            FieldName.BIRTH_DATE,
            read_date,
            Zone(0.28, 0.33, 1.0, 0.45),
            ("Ngày sinh / Date of Birth",),
            most_rows=1,
        ),
        FieldSpec(
            FieldName.NATIONALITY,
            read_nationality,
            Zone(0.28, 0.4, 1.0, 0.52),
            ("Quốc tịch / Nationality",),
            most_rows=1,
        ),
        FieldSpec(
            FieldName.RESIDENCE,
            read_place,
            Zone(0.28, 0.48, 1.0, 0.66),
            ("Nơi cư trú / Address",),
            most_rows=3,
        ),
        FieldSpec(
            FieldName.ISSUE_DATE,
            read_date,
            Zone(0.28, 0.62, 1.0, 0.8),
            ("Ngày cấp / Date of issue",),
        ),
        FieldSpec(
            FieldName.ISSUER,
            read_authority(
                "SỞ GIAO THÔNG VẬN TẢI", "SỞ GTVT", "TỔNG CỤC ĐƯỜNG BỘ", "PHÒNG CSGT", "CỤC CSGT"
            ),
            Zone(0.28, 0.62, 1.0, 0.9),
            ("Cơ quan cấp / Issued by", "Cơ quan cấp / Issuing authority"),
            optional=True,
        ),
        FieldSpec(
            FieldName.LICENCE_CLASS,
            read_class,
            Zone(0.0, 0.8, 0.4, 0.93),
            ("Hạng / Class",),
            most_rows=1,
        ),
        FieldSpec(
            FieldName.EXPIRY_DATE,
            read_expiry,
            Zone(0.0, 0.88, 0.6, 1.0),
            ("Có giá trị đến / Expires",),
        ),
    ),
).document()
