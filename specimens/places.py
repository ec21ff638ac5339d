"""Real Vietnamese places of both systems of administrative units, and the ways addresses are written.

The units are those of the PyPI package vietnamadminunits (MIT): its data file is read, its code is not run.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

LEGACY, CURRENT = "legacy_63", "current_34"
"""63 provinces with districts until 30/6/2025; 34 provinces without."""
KINDS: dict[str, str] = {
    "Q.": "Quận",
    "H.": "Huyện",
    "TX.": "Thị xã",
    "TP.": "Thành phố",
    "P.": "Phường",
    "X.": "Xã",
    "TT.": "Thị trấn",
    "ĐK.": "Đặc khu",
}
PRINTED = {"Hồ Chí Minh": "TP. Hồ Chí Minh", "Huế": "Thừa Thiên Huế"}
"""Where the printed name differs from the short one; Huế was a city in its province until 2024."""
NOT_YET = ("474", "475")
"""Districts into which the city of Huế was divided in 2025: no card before it names them."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


STREETS: tuple[str, ...] = _phrases(
    """Lê Lợi|Trần Hưng Đạo|Nguyễn Huệ|Lý Thường Kiệt|Hai Bà Trưng|Quang Trung|Lê Văn Sỹ|Cách Mạng Tháng Tám|Phan Đình
    Phùng|Nguyễn Thị Minh Khai|Điện Biên Phủ|Hoàng Hoa Thám|Lạc Long Quân|Âu Cơ|Bà Triệu|Trường Chinh|Phạm Văn Đồng|Võ
    Thị Sáu|Hùng Vương|Ngô Quyền|Nguyễn Trãi|Tôn Đức Thắng|Đinh Tiên Hoàng|Phan Bội Châu|Nguyễn Văn Cừ|Xô Viết Nghệ
    Tĩnh|Trần Phú|Lê Duẩn|Nguyễn Đình Chiểu|Bạch Đằng|Huỳnh Thúc Kháng|Ỷ Lan|Yết Kiêu"""
)
VILLAGES: tuple[str, ...] = _phrases(
    """Đông|Đoài|Trung|Thượng|Hạ|Nội|Ngoại|Phú Mỹ|Đồng Tâm|Tân Lập|Yên Phú|Hòa Bình|Đại Đồng|Vĩnh Lộc|Xuân Áng|Quyết
    Thắng|Bình Minh|Cẩm Vân|Thuận Hưng|Mỹ Thạnh|Trường Lộc|Lạc Nghiệp|Ngọc Trục|Thổ Hoàng"""
)
MOUNTAIN_VILLAGES: tuple[str, ...] = _phrases(
    "Nà Lốc|Pác Ngòi|Tả Van|Lũng Hòa|Khuổi Ky|Bản Bung|Nậm Cá|Suối Thầu|Chiềng Ban|Sín Chải"
)
HAMLETS: tuple[str, ...] = _phrases(
    "Bình Phú|Tân Thuận|Phú Lợi|Thạnh Hưng|Mỹ Hòa|An Thuận|Vĩnh Bình|Tân Hòa B|Hòa Thạnh A|Đông Phước"
)


@dataclass(frozen=True, slots=True)
class Units:
    """Official codes of an address: 2, 3 and 5 digits; `district` is "" in the system of 34."""

    system: str
    province: str
    district: str
    ward: str


@dataclass(frozen=True, slots=True)
class Place:
    """A ward in its district and province; `code` is the three-digit province code of personal numbers, which keep
    the system of 63 provinces, and `district` is "" in the other."""

    ward: str
    ward_kind: str
    district: str
    district_kind: str
    province: str
    code: str
    units: Units

    @property
    def region(self) -> str:
        """Of the five manners of naming hamlets."""
        number = int(self.code)
        if number in _MOUNTAINS:
            return "mountain"
        if 62 <= number <= 68:
            return "highland"
        if number >= 70:
            return "south"
        return "central" if number >= 38 else "north"


_MOUNTAINS = (2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 20)


@cache
def _data() -> Path:
    """Raises:
    FileNotFoundError: the package is not installed.
    """
    spec = find_spec("vietnamadminunits")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("vietnamadminunits is not installed: install the specimens extra")
    return Path(spec.origin).parent / "data"


def _rows(query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{_data() / 'dataset.db'}?mode=ro", uri=True) as database:
        found = database.execute(query).fetchall()
    database.close()
    return [tuple(str(value) for value in row) for row in found]


def _split(unit: str) -> tuple[str, str]:
    """ "Thị trấn Chúc Sơn" -> ("Chúc Sơn", "Thị trấn"); kinds are written in several ways, "Thị Trấn" is one."""
    for kind in KINDS.values():
        if unit.casefold().startswith(f"{kind.casefold()} "):
            name = " ".join(unit[len(kind) + 1 :].split())
            return (str(int(name)) if name.isdigit() else name), kind
    raise ValueError(f"no kind in {unit}")


@cache
def places() -> tuple[Place, ...]:
    """Every ward of the 63 provinces, by code."""
    rows = _rows(
        "select ward, district, provinceShort, provinceCode, districtCode, wardCode from admin_units_legacy"
        " where ward is not null order by wardCode"
    )
    return tuple(
        Place(
            *_split(ward),
            *_split(district),
            PRINTED.get(province, province),
            f"0{code}",
            Units(LEGACY, code, district_code, ward_code),
        )
        for ward, district, province, code, district_code, ward_code in rows
        if district_code not in NOT_YET
    )


@cache
def places_of(code: str) -> tuple[Place, ...]:
    """The wards of one of the 63 provinces."""
    return tuple(place for place in places() if place.code == code)


@cache
def current_places() -> dict[str, tuple[Place, ...]]:
    """Wards of the 34 provinces, by the province code (of the 63) of whose area the new province was made."""
    olds = json.loads((_data() / "converter_2025.json").read_text("utf-8"))["DICT_PROVINCE"]
    old_codes = _rows("select distinct provinceKey, provinceCode from admin_units_legacy")
    codes = {row[0]: row[1] for row in old_codes}
    found: dict[str, list[Place]] = {}
    rows = _rows(
        "select ward, provinceShort, provinceKey, provinceCode, wardCode from admin_units order by wardCode"
    )
    for ward, province, key, code, ward_code in rows:
        name = "TP. Hồ Chí Minh" if province == "Hồ Chí Minh" else province
        for old in olds[key]:
            place = Place(
                *_split(ward), "", "", name, f"0{codes[old]}", Units(CURRENT, code, "", ward_code)
            )
            found.setdefault(place.code, []).append(place)
    return {code: tuple(wards) for code, wards in found.items()}


def _unit(name: str, kind: str, style: str) -> str:
    """A unit as printed: bare on most chip cards, spelled out or abbreviated on others; a numbered ward
    always keeps its kind."""
    short = next(key for key, value in KINDS.items() if value == kind)
    if style == "short":
        return f"{short}{name}" if name.isdigit() else f"{short} {name}"
    if style == "full" or name.isdigit() or kind == "Đặc khu":
        return f"{kind} {name}"
    return f"TT. {name}" if kind == "Thị trấn" else name


def _province(place: Place, style: str) -> str:
    if style == "full" and place.province == "TP. Hồ Chí Minh":
        return "Thành phố Hồ Chí Minh"
    return place.province.replace("TP. ", "TP.") if style == "bare" else place.province


def write_place(place: Place, rng: np.random.Generator) -> str:
    """Ward, district, province in one of the styles cards use."""
    style = str(rng.choice(["bare", "full", "short"], p=[0.7, 0.2, 0.1]))
    ward = _unit(place.ward, place.ward_kind, style)
    if not place.district:
        return f"{ward}, {_province(place, style)}"
    district = _unit(place.district, place.district_kind, style)
    if place.district == place.province and style == "bare":
        district = f"TP. {place.district}"
    return f"{ward}, {district}, {_province(place, style)}"


def _town_detail(place: Place, rng: np.random.Generator) -> str:
    number, street = int(rng.integers(1, 400)), str(rng.choice(STREETS))
    southern = place.region in ("south", "highland")
    choices = (
        [
            f"{number}/{rng.integers(1, 60)} {street}",
            f"{number} {street}, KP {rng.integers(1, 9)}",
            f"Khu phố {rng.integers(1, 9)}",
            f"{number}/{rng.integers(1, 40)}{rng.choice(list('ABC'))} {street}",
        ]
        if southern
        else [
            f"Số {rng.integers(1, 90)}, ngõ {number} {street}",
            f"Tổ {rng.integers(1, 30)}",
            f"Tổ dân phố {rng.integers(1, 15)}",
            f"{number} {street}",
            f"TDP số {rng.integers(1, 15)}",
            f"P{rng.integers(1, 30)}{rng.integers(10, 20)} CT{rng.integers(1, 6)}, {street}",
        ]
    )
    return str(rng.choice(choices))


def _village_detail(place: Place, rng: np.random.Generator) -> str:
    village = str(rng.choice(VILLAGES))
    by_region = {
        "mountain": [
            f"Bản {rng.choice(MOUNTAIN_VILLAGES)}",
            f"Thôn {rng.choice(MOUNTAIN_VILLAGES)}",
        ],
        "highland": [
            f"Thôn {rng.integers(1, 15)}",
            f"Buôn {rng.choice(('Dhung', 'Ea Bông', 'Kmrơng'))}",
        ],
        "south": [
            f"Ấp {rng.integers(1, 9)}",
            f"Ấp {rng.choice(HAMLETS)}",
            f"Tổ {rng.integers(1, 20)}, ấp {rng.choice(HAMLETS)}",
            f"Số {rng.integers(10, 999)}, ấp {rng.choice(HAMLETS)}",
        ],
    }
    plain = [
        f"Thôn {village}",
        f"Xóm {rng.integers(1, 20)}",
        f"Đội {rng.integers(1, 12)}",
        f"Thôn {village} {rng.integers(1, 4)}",
    ]
    return str(rng.choice(by_region.get(place.region, plain)))


def write_address(place: Place, rng: np.random.Generator) -> str:
    """A full address: house, street, hamlet or village, then ward, district, province."""
    town = place.ward_kind in ("Phường", "Thị trấn")
    detail = _town_detail(place, rng) if town else _village_detail(place, rng)
    return f"{detail}, {write_place(place, rng)}"
