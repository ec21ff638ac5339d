"""Provinces that were one, or gave each other districts: a birth registered in one of them may be counted to another.

A personal number has the code of one of the 63 provinces of 2004 to 2025; the place of birth on a card stands there as it
was registered or as it is called now. Sources: the National Assembly's resolutions of 27 December 1975, 29 December 1978,
30 June 1989, 12 August and 26 December 1991, 6 November 1996, 26 November 2003 (22/2003/QH11), 29 May 2008 (15/2008/QH12) and
12 June 2025 (202/2025/QH15, in places.tsv).
"""

from __future__ import annotations

from types import MappingProxyType

from pipelines.parsing.units import table
from pipelines.types import AddressSystem

_JOINED = """
    02 08 Hà Tuyên; 04 20 Cao Lạng; 06 19 Bắc Thái; 04 06 19 Ngân Sơn and Chợ Rã; 20 22 Đình Lập; 10 15 Hoàng Liên Sơn;
    10 14 15 Nghĩa Lộ; 11 12 Lai Châu; 10 12 Than Uyên; 01 17 Hà Sơn Bình, with Hà Tây; 25 26 Vĩnh Phú; 01 25 26 Mê Linh and
    Sóc Sơn; 24 27 Hà Bắc; 30 33 Hải Hưng; 35 36 37 Hà Nam Ninh; 40 42 Nghệ Tĩnh; 44 45 46 Bình Trị Thiên; 48 49 Quảng Nam - Đà
    Nẵng; 51 52 Nghĩa Bình; 54 56 Phú Khánh; 58 60 Thuận Hải; 62 64 Gia Lai - Kon Tum; 66 67 Đắk Lắk; 70 74 Sông Bé; 75 77 Đồng
    Nai; 75 79 Duyên Hải; 84 86 Cửu Long; 89 92 Thốt Nốt; 92 93 94 Hậu Giang; 77 92 93 94 Côn Đảo; 95 96 Minh Hải
"""
"""Codes of the list of 63, and the province or the districts they shared since 1975."""
_TOGETHER = tuple(
    frozenset(word for word in entry.split() if word.isdigit()) for entry in _JOINED.split(";")
)


def akin(a: str, b: str) -> bool:
    """Were these two of the 63 provinces (official codes) one at some time, or parted or merged by a border that moved?"""
    became = _became()
    return any(a in codes and b in codes for codes in _TOGETHER) or became[a] == became[b]


def made_of(code: str, system: AddressSystem) -> frozenset[str]:
    """Codes, in the list of 63, of the provinces whose area a province of either list has."""
    if system is AddressSystem.LEGACY_63:
        return frozenset([code])
    return frozenset(old for old, new in _became().items() if new == code)


def _became() -> MappingProxyType[str, str]:
    """Of each of the 63 provinces, the one of 2025 it is part of."""
    legacy = table().provinces[AddressSystem.LEGACY_63]
    return MappingProxyType({province.code: province.successor for province in legacy})
