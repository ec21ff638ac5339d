"""Values of which there is an official list: ethnic groups, religions, nationalities.

A reading is the nearest member of its list when it is near and no other member is nearly as near; else it is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from rapidfuzz import fuzz

from pipelines.parsing.text import squash, tone_key
from pipelines.types import EthnicGroup, Religion

_RATIO = 75.0
"""0-100 on squashed letters: one of four may be read wrongly."""
_MARGIN = 8.0
"""By this much the nearest must be ahead: "Mường" and "Mông" are 22 apart, "Thái" and "Thổ" 57."""
_SHORT = 3
"""Letters up to which a name must be read exactly: "Mạ", "Lự" and "Co" are one slip from other words."""
_T = TypeVar("_T")

_ETHNIC_GROUPS = """
    01 Kinh; 02 Tày; 03 Thái; 04 Hoa|Hán; 05 Khơ-me|Khmer|Khơ me|Miên; 06 Mường; 07 Nùng; 08 HMông|Mông|H'Mông|Mèo|Hơ Mông;
    09 Dao; 10 Gia-rai|Gia Lai|Jrai|Gia Rai; 11 Ngái; 12 Ê-đê|Ra đê|Rhade|Ê Đê; 13 Ba-na|Bahnar|Ba Na; 14 Xơ-đăng|Xê Đăng;
    15 Sán Chay|Cao Lan|Sán Chỉ|Cao Lan - Sán Chỉ; 16 Cơ-ho|K'Ho|Kơ Ho; 17 Chăm|Chàm; 18 Sán Dìu; 19 Hrê|H'rê; 20 Mnông|M'nông;
    21 Ra-glai|Raglay|Ra Glai; 22 Xtiêng|Stiêng|X'tiêng; 23 Bru-Vân Kiều|Vân Kiều|Bru; 24 Thổ; 25 Giáy; 26 Cơ-tu|Ka Tu|Cơ Tu;
    27 Gié-Triêng|Giẻ Triêng|Gié Triêng; 28 Mạ; 29 Khơ-mú; 30 Co|Cor; 31 Ta-ôi|Tà Ôi; 32 Chơ-ro|Chơ Ro; 33 Kháng;
    34 Xinh-mun; 35 Hà Nhì; 36 Chu-ru; 37 Lào; 38 La Chí; 39 La Ha; 40 Phù Lá; 41 La Hủ; 42 Lự; 43 Lô Lô; 44 Chứt;
    45 Mảng; 46 Pà Thẻn; 47 Cơ Lao; 48 Cống; 49 Bố Y; 50 Si La; 51 Pu Péo; 52 Brâu; 53 Ơ Đu; 54 Rơ-măm; 55 Người nước ngoài
"""
"""Code, official name and other spellings (decision 121-TCTK/PPCĐ of 2 March 1979)."""
_RELIGIONS = """
    00 Không; 01 Phật giáo|Đạo Phật|Phật; 02 Công giáo|Thiên chúa giáo|Thiên chúa|Đạo Thiên chúa; 03 Phật giáo Hòa Hảo|Hòa Hảo;
    04 Hồi giáo|Đạo Hồi|Islam; 05 Cao Đài|Đạo Cao Đài; 06 Minh sư đạo; 07 Minh lý đạo; 08 Tin lành|Đạo Tin lành;
    09 Tịnh độ cư sĩ Phật hội Việt Nam|Tịnh độ cư sĩ; 10 Tứ ân hiếu nghĩa; 11 Bửu sơn kỳ hương; 12 Ba Ha'i|Baha'i;
    13 Bà La Môn; 14 Mặc Môn
"""
"""Code, name and other spellings (QCVN 109 annex G)."""
_COUNTRIES = """
    VNM VN Việt Nam|Vietnamese|Viet Nam; LAO LA Lào|Lao; KHM KH Campuchia|Cambodian; CHN CN Trung Quốc|Chinese; TWN TW Đài Loan|Taiwan;
    KOR KR Hàn Quốc|Korean|Republic of Korea; PRK KP Triều Tiên; JPN JP Nhật Bản|Japanese; THA TH Thái Lan|Thai; MYS MY Malaysia|Malaysian;
    SGP SG Singapore|Singaporean; IDN ID Indonesia|Indonesian; PHL PH Philippines|Filipino; MMR MM Myanmar; BRN BN Brunei; TLS TL Đông Timor;
    IND IN Ấn Độ|Indian; PAK PK Pakistan; BGD BD Bangladesh; LKA LK Sri Lanka; NPL NP Nepal; MNG MN Mông Cổ; KAZ KZ Kazakhstan; UZB UZ Uzbekistan;
    RUS RU Liên bang Nga|Nga|Russian; UKR UA Ukraina|Ukrainian; BLR BY Belarus; POL PL Ba Lan|Polish; CZE CZ Cộng hòa Séc|Séc|Czech; SVK SK Slovakia;
    HUN HU Hungary; ROU RO Romania; BGR BG Bulgaria; DEU DE Đức|Cộng hòa liên bang Đức|German; FRA FR Pháp|French; GBR GB Anh|Vương quốc Anh|British;
    IRL IE Ireland; ITA IT Italia|Ý|Italian; ESP ES Tây Ban Nha|Spanish; PRT PT Bồ Đào Nha; NLD NL Hà Lan|Dutch; BEL BE Bỉ|Belgian;
    CHE CH Thụy Sĩ|Swiss; AUT AT Áo|Austrian; SWE SE Thụy Điển|Swedish; NOR NO Na Uy|Norwegian; DNK DK Đan Mạch|Danish; FIN FI Phần Lan|Finnish;
    GRC GR Hy Lạp; TUR TR Thổ Nhĩ Kỳ|Turkish; ISR IL Israel; SAU SA Ả Rập Xê Út; ARE AE Các tiểu vương quốc Ả Rập thống nhất; IRN IR Iran; IRQ IQ Iraq;
    EGY EG Ai Cập; ZAF ZA Nam Phi; NGA NG Nigeria; AGO AO Angola; MOZ MZ Mozambique; KEN KE Kenya; GHA GH Ghana; DZA DZ Algeria; MAR MA Maroc;
    USA US Hoa Kỳ|Mỹ|American|United States of America; CAN CA Canada|Canadian; MEX MX Mexico; BRA BR Brasil|Brazil; ARG AR Argentina; CHL CL Chile;
    CUB CU Cuba; VEN VE Venezuela; COL CO Colombia; PER PE Peru; AUS AU Úc|Australia|Australian; NZL NZ New Zealand
"""
"""ISO 3166-1 alpha-3, alpha-2, the Vietnamese name and what else is printed; the countries whose citizens Vietnamese
documents name, not all of them."""


@dataclass(frozen=True, slots=True)
class Country:
    """ISO 3166-1 codes and the Vietnamese name."""

    alpha3: str
    alpha2: str
    name: str


def ethnic_group(text: str) -> EthnicGroup | None:
    return _nearest(text, _ethnic_groups())


def religion(text: str) -> Religion | None:
    return _nearest(text, _religions())


def nationality(text: str) -> Country | None:
    """From a country's name or a demonym, as printed; passports print both ("VIỆT NAM / VIETNAMESE")."""
    found = (_nearest(part, _countries()) for part in (text, *text.split("/")))
    return next((c for c in found if c), None)


def country(alpha3: str) -> Country | None:
    return next((c for c in _countries().values() if c.alpha3 == alpha3), None)


@cache
def _ethnic_groups() -> Mapping[str, EthnicGroup]:
    return MappingProxyType(
        {s: EthnicGroup(code, names[0]) for code, names in _entries(_ETHNIC_GROUPS) for s in names}
    )


@cache
def _religions() -> Mapping[str, Religion]:
    return MappingProxyType(
        {s: Religion(code, names[0]) for code, names in _entries(_RELIGIONS) for s in names}
    )


@cache
def _countries() -> Mapping[str, Country]:
    return MappingProxyType(
        {
            spelling: Country(code, names[0][:2], names[0][3:])
            for code, names in _entries(_COUNTRIES)
            for spelling in (names[0][3:], *names[1:])
        }
    )


def _entries(table: str) -> list[tuple[str, list[str]]]:
    rows = [row.strip().partition(" ") for row in " ".join(table.split()).split(";")]
    return [(code, names.strip().split("|")) for code, _, names in rows]


def _nearest(text: str, members: Mapping[str, _T]) -> _T | None:
    read, marked = squash(text), tone_key(text)
    if not read:
        return None
    scores: dict[_T, float] = {}
    for spelling, member in members.items():
        letters = squash(spelling)
        ratio = fuzz.ratio(read, letters)
        if ratio < _RATIO or (ratio < 100.0 and len(letters) <= _SHORT):
            continue
        with_marks = (
            fuzz.ratio(marked, tone_key(spelling)) / 100
        )  # parts members of the same letters
        scores[member] = max(scores.get(member, 0.0), ratio + with_marks)
    ranked = sorted(scores, key=lambda member: -scores[member])
    if not ranked:
        return None
    exact = scores[ranked[0]] >= 100.0
    ahead = scores[ranked[0]] - scores[ranked[1]] if len(ranked) > 1 else 100.0
    return ranked[0] if exact or ahead >= _MARGIN else None
