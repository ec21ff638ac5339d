"""Places of issue in the words of forms, from whatever a card prints in their stead: titles, abbreviations, departments."""

from __future__ import annotations

import re
from types import MappingProxyType

from rapidfuzz import fuzz

from pipelines.parsing.addresses import find_place
from pipelines.parsing.text import nfc, squash
from pipelines.types import AddressSystem, IssuePlace, IssuerKind, Unit

CANONICAL = MappingProxyType(
    {
        IssuerKind.RESIDENCE_POLICE: "CỤC CẢNH SÁT ĐĂNG KÝ QUẢN LÝ CƯ TRÚ VÀ DỮ LIỆU QUỐC GIA VỀ DÂN CƯ",
        IssuerKind.SOCIAL_ORDER_POLICE: "CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
        IssuerKind.MINISTRY_OF_PUBLIC_SECURITY: "BỘ CÔNG AN",
        IssuerKind.IMMIGRATION: "CỤC QUẢN LÝ XUẤT NHẬP CẢNH",
        IssuerKind.ROADS_DIRECTORATE: "TỔNG CỤC ĐƯỜNG BỘ VIỆT NAM",
        IssuerKind.TRAFFIC_POLICE: "CỤC CẢNH SÁT GIAO THÔNG",
    }
)
"""Issuers of the whole country."""
_PRINTED = (
    ("CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ", IssuerKind.RESIDENCE_POLICE),
    (CANONICAL[IssuerKind.RESIDENCE_POLICE], IssuerKind.RESIDENCE_POLICE),
    (CANONICAL[IssuerKind.SOCIAL_ORDER_POLICE], IssuerKind.SOCIAL_ORDER_POLICE),
    ("CỤC CS QLHC VỀ TTXH", IssuerKind.SOCIAL_ORDER_POLICE),
    ("CỤC CẢNH SÁT QLHC VỀ TTXH", IssuerKind.SOCIAL_ORDER_POLICE),
    ("POLICE DEPARTMENT FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER", IssuerKind.SOCIAL_ORDER_POLICE),
    ("BỘ CÔNG AN", IssuerKind.MINISTRY_OF_PUBLIC_SECURITY),
    ("MINISTRY OF PUBLIC SECURITY", IssuerKind.MINISTRY_OF_PUBLIC_SECURITY),
    ("CỤC QUẢN LÝ XUẤT NHẬP CẢNH", IssuerKind.IMMIGRATION),
    ("CỤC QLXNC", IssuerKind.IMMIGRATION),
    ("IMMIGRATION DEPARTMENT", IssuerKind.IMMIGRATION),
    ("TỔNG CỤC ĐƯỜNG BỘ VIỆT NAM", IssuerKind.ROADS_DIRECTORATE),
    ("CỤC ĐƯỜNG BỘ VIỆT NAM", IssuerKind.ROADS_DIRECTORATE),
    ("CỤC CẢNH SÁT GIAO THÔNG", IssuerKind.TRAFFIC_POLICE),
    ("CỤC CSGT", IssuerKind.TRAFFIC_POLICE),
)  # fmt: skip
_PROVINCIAL = (
    (re.compile(r"^(?:congan|ca)(?=\w{4})"), IssuerKind.PROVINCIAL_POLICE),
    (re.compile(r"^(?:sogiaothongvantai|sogtvt|sogt)"), IssuerKind.TRANSPORT_DEPARTMENT),
    (re.compile(r"^(?:phongcsgt|phongcanhsatgiaothong)"), IssuerKind.TRAFFIC_POLICE),
)
"""How issuers of one province begin, in squashed letters."""
_LEAD = MappingProxyType(
    {
        IssuerKind.PROVINCIAL_POLICE: "CÔNG AN",
        IssuerKind.TRANSPORT_DEPARTMENT: "SỞ GIAO THÔNG VẬN TẢI",
        IssuerKind.TRAFFIC_POLICE: "PHÒNG CẢNH SÁT GIAO THÔNG CÔNG AN",
    }
)
_TITLES = re.compile(
    r"^(?:\s*(?:KT|TUQ|TL|T/M|TM)\b\.?|\s*PHÓ\s+(?:GIÁM ĐỐC|CỤC TRƯỞNG|TRƯỞNG PHÒNG)|\s*GIÁM ĐỐC|\s*CỤC TRƯỞNG"
    r"|\s*TRƯỞNG PHÒNG|\s*BỘ TRƯỞNG|\s*DIRECTOR GENERAL OF THE)+[\s.,:]*",
    re.IGNORECASE,
)
_ABROAD = re.compile(r"daisuquan|tonglanhsu|lanhsuquan|embassy|consulate")
_RATIO = 80.0
"""0-100: issuers differ by more than half of their letters; the lines run into one another on worn cards."""
_EXACT_BELOW = 12
"""Letters: shorter abbreviations ("CỤC CSGT") are one slip from another."""


def issue_place(text: str) -> IssuePlace | None:
    """The canonical place of issue, or None when the text names none for certain."""
    without_title = _TITLES.sub("", nfc(text))
    letters = squash(without_title)
    if _ABROAD.search(letters):
        return IssuePlace(nfc(without_title).upper().strip(" .,"), IssuerKind.EMBASSY)
    national = _national(letters)
    if national is not None:
        return IssuePlace(CANONICAL[national], national)
    for form, kind in _PROVINCIAL:
        lead = form.match(letters)
        if lead:
            province = _province(without_title)
            return None if province is None else provincial(kind, province)
    return None


def provincial(kind: IssuerKind, province: Unit) -> IssuePlace:
    """ "CÔNG AN TỈNH HƯNG YÊN", "SỞ GIAO THÔNG VẬN TẢI HƯNG YÊN"."""
    name = province.short if kind is IssuerKind.TRANSPORT_DEPARTMENT else province.name
    return IssuePlace(f"{_LEAD[kind]} {name}".upper(), kind, province.code)


def _national(letters: str) -> IssuerKind | None:
    best: tuple[float, int, IssuerKind] | None = None
    for printed, kind in _PRINTED:
        wanted = squash(printed)
        if len(wanted) < _EXACT_BELOW:
            ratio = 100.0 if letters == wanted or letters.startswith(wanted) else 0.0
        elif len(letters) < len(wanted):
            ratio = fuzz.ratio(wanted, letters)
        else:
            ratio = fuzz.partial_ratio(wanted, letters)
        if ratio >= _RATIO and (best is None or (ratio, len(wanted)) > best[:2]):
            best = ratio, len(wanted), kind
    return None if best is None else best[2]


def _province(text: str) -> Unit | None:
    """The province its words end with, of either system: departments of 2025 are those of the 34 provinces, of the same
    names as before."""
    words = re.sub(r"^\W*(?:CÔNG\s*AN|CA|SỞ|PHÒNG)\b[.\s]*", "", text, flags=re.IGNORECASE)
    for system in AddressSystem:
        place = find_place(words, system).place
        if place.province is not None:
            return place.province
    return None
