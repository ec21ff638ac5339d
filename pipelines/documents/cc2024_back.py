"""Back of the identity card of July 2024 (Circular 16/2024/TT-BCA): residence, place of birth, dates, QR, MRZ."""

from __future__ import annotations

from pipelines.documents.authorities import read_issuer
from pipelines.documents.kinds import CC2024
from pipelines.documents.layout import Zone
from pipelines.documents.spec import FieldSpec, Marks, SideSpec
from pipelines.documents.values import read_date, read_expiry, read_place
from pipelines.types import FieldName, Side

ISSUERS = (("BỘ CÔNG AN", "BỘ CÔNG AN"),)

DOCUMENT = SideSpec(
    slug="cc2024_back",
    kind=CC2024,
    side=Side.BACK,
    marks=Marks(
        of_side={
            "Nơi cư trú / Place of residence": 1.5,
            "Nơi đăng ký khai sinh": 1.5,
            "Place of birth": 0.5,
            "Ngày, tháng, năm cấp / Date of issue": 1.5,
            "Ngày, tháng, năm hết hạn / Date of expiry": 1.5,
            "BỘ CÔNG AN": 1.0,
            "MINISTRY OF PUBLIC SECURITY": 1.5,
            "IDVNM": 1.5,
        },
        against={
            "Left index finger": 1.0,
            "Right index finger": 1.0,
            "Place of origin": 1.0,
            "Citizen Identity Card": 1.0,
        },
    ),
    boilerplate=("BỘ CÔNG AN", "MINISTRY OF PUBLIC SECURITY"),
    qr_zone=Zone(0.68, 0.0, 1.0, 0.42),
    mrz_zone=Zone(0.0, 0.62, 1.0, 0.96),
    fields=(
        FieldSpec(
            FieldName.RESIDENCE,
            read_place,
            Zone(0.0, 0.07, 0.78, 0.20),
            ("Nơi cư trú / Place of residence",),
            most_rows=3,
        ),
        FieldSpec(
            FieldName.BIRTH_PLACE,
            read_place,
            Zone(0.0, 0.22, 0.78, 0.30),
            (
                "Nơi đăng ký khai sinh / Place of birth",
                "Nơi đăng ký khai sinh / Place of birth registration",
            ),
        ),
        FieldSpec(
            FieldName.ISSUE_DATE,
            read_date,
            Zone(0.26, 0.33, 0.78, 0.41),
            ("Ngày, tháng, năm cấp / Date of issue",),
        ),
        FieldSpec(
            FieldName.EXPIRY_DATE,
            read_expiry,
            Zone(0.26, 0.43, 0.78, 0.52),
            ("Ngày, tháng, năm hết hạn / Date of expiry",),
        ),
        FieldSpec(
            FieldName.ISSUER, read_issuer(*ISSUERS), Zone(0.26, 0.49, 0.85, 0.62), anywhere=True
        ),
    ),
).document()
