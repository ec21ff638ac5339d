"""The identity documents of Viet Nam: by which number they go, when they were issued, and what ends them."""

from __future__ import annotations

from datetime import date

from pipelines.types import DocumentKind, IssuerKind, NumberForm, Validity

_NO_CMND_FROM = date(2025, 1, 1)
"""Law on Identification 2023, article 46: every CMND ended with 2024."""

_POLICE_RENAMED = date(2018, 10, 10)
"""The day the police department that signs citizen cards took its present name."""
_LICENCES_HANDED_OVER = date(2025, 3, 1)
"""The day driving licences passed from the transport departments to the traffic police."""

CMND9 = DocumentKind(
    slug="cmnd9",
    title="GIẤY CHỨNG MINH NHÂN DÂN",
    number=NumberForm.NINE_DIGITS,
    issued=(None, date(2021, 1, 22)),  # local police went on until each district had the next card
    validity=Validity.FIFTEEN_YEARS,
    withdrawn=_NO_CMND_FROM,
    issuers=((IssuerKind.PROVINCIAL_POLICE, None, None),),
    youngest=14,
)
CMND12 = DocumentKind(
    slug="cmnd12",
    title="CHỨNG MINH NHÂN DÂN",
    number=NumberForm.PERSONAL,
    issued=(date(2012, 7, 1), date(2015, 12, 31)),  # Circular 27/2012/TT-BCA
    validity=Validity.FIFTEEN_YEARS,
    withdrawn=_NO_CMND_FROM,
    issuers=((IssuerKind.RESIDENCE_POLICE, None, None),),
    youngest=14,
)
CCCD = DocumentKind(
    slug="cccd",
    title="CĂN CƯỚC CÔNG DÂN",
    number=NumberForm.PERSONAL,
    issued=(date(2016, 1, 1), date(2021, 1, 22)),  # Circular 61/2015/TT-BCA
    validity=Validity.AGE,
    issuers=(
        (IssuerKind.RESIDENCE_POLICE, None, _POLICE_RENAMED),
        (IssuerKind.SOCIAL_ORDER_POLICE, _POLICE_RENAMED, None),
    ),
    youngest=14,
)
CHIP = DocumentKind(
    slug="chip",
    title="CĂN CƯỚC CÔNG DÂN",
    number=NumberForm.PERSONAL,
    issued=(date(2021, 1, 23), date(2024, 6, 30)),  # Circular 06/2021/TT-BCA
    validity=Validity.AGE,
    issuers=((IssuerKind.SOCIAL_ORDER_POLICE, None, None),),
    youngest=14,
)
CC2024 = DocumentKind(
    slug="cc2024",
    title="CĂN CƯỚC",
    number=NumberForm.PERSONAL,
    issued=(date(2024, 7, 1), None),  # Law on Identification 2023
    validity=Validity.AGE,
    issuers=((IssuerKind.MINISTRY_OF_PUBLIC_SECURITY, None, None),),
)
PASSPORT = DocumentKind(
    slug="passport",
    title="HỘ CHIẾU",
    number=NumberForm.PASSPORT,
    issuers=((IssuerKind.IMMIGRATION, None, None), (IssuerKind.EMBASSY, None, None)),
)
LICENCE = DocumentKind(
    slug="licence",
    title="GIẤY PHÉP LÁI XE",
    number=NumberForm.LICENCE,
    issued=(date(2012, 7, 1), None),  # cards of PET; paper licences were another document
    issuers=(
        (IssuerKind.TRANSPORT_DEPARTMENT, None, _LICENCES_HANDED_OVER),
        (IssuerKind.ROADS_DIRECTORATE, None, _LICENCES_HANDED_OVER),
        (IssuerKind.TRAFFIC_POLICE, _LICENCES_HANDED_OVER, None),
    ),
    youngest=16,
)
