"""A compact, hand-written list of real Vietnamese places (63-province system) and the ways addresses are written.

One line of `TABLE` is a district and some of its wards: `code|province|region|district: ward, ward`. Kinds are
abbreviated: Q. quận, H. huyện, TX. thị xã, TP. thành phố; P. phường, X. xã, TT. thị trấn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

TABLE = """
001|Hà Nội|north|Q.Tây Hồ: P.Xuân La, P.Bưởi, P.Nhật Tân, P.Thụy Khuê
001|Hà Nội|north|Q.Hai Bà Trưng: P.Bạch Mai, P.Vĩnh Tuy, P.Quỳnh Lôi
001|Hà Nội|north|H.Chương Mỹ: TT.Chúc Sơn, X.Phú Nghĩa, X.Thủy Xuân Tiên
001|Hà Nội|north|H.Ba Vì: X.Tản Lĩnh, X.Vạn Thắng, TT.Tây Đằng
002|Hà Giang|mountain|H.Đồng Văn: TT.Đồng Văn, X.Lũng Cú, X.Sà Phìn
004|Cao Bằng|mountain|H.Trùng Khánh: TT.Trùng Khánh, X.Đàm Thủy, X.Phong Châu
006|Bắc Kạn|mountain|H.Ba Bể: TT.Chợ Rã, X.Khang Ninh, X.Nam Mẫu
008|Tuyên Quang|mountain|H.Sơn Dương: TT.Sơn Dương, X.Tân Trào, X.Hợp Thành
010|Lào Cai|mountain|TX.Sa Pa: P.Cầu Mây, X.Tả Phìn, X.Bản Hồ
011|Điện Biên|mountain|TP.Điện Biên Phủ: P.Mường Thanh, P.Him Lam, X.Thanh Minh
012|Lai Châu|mountain|H.Sìn Hồ: TT.Sìn Hồ, X.Tả Ngảo, X.Phăng Sô Lin
014|Sơn La|mountain|H.Mường La: TT.Ít Ong, X.Chiềng Lao, X.Ngọc Chiến
015|Yên Bái|mountain|H.Mù Căng Chải: TT.Mù Căng Chải, X.La Pán Tẩn, X.Chế Cu Nha
017|Hòa Bình|mountain|H.Lạc Thủy: TT.Chi Nê, X.Phú Nghĩa, X.Yên Bồng
019|Thái Nguyên|north|H.Đại Từ: TT.Hùng Sơn, X.La Bằng, X.Phú Xuyên
020|Lạng Sơn|mountain|H.Chi Lăng: TT.Đồng Mỏ, X.Quan Sơn, X.Vạn Linh
022|Quảng Ninh|north|TP.Hạ Long: P.Bãi Cháy, P.Hồng Gai, P.Giếng Đáy
024|Bắc Giang|north|H.Lục Ngạn: X.Quý Sơn, X.Thanh Hải, X.Phượng Sơn
025|Phú Thọ|north|H.Lâm Thao: TT.Lâm Thao, X.Tứ Xã, X.Cao Xá
026|Vĩnh Phúc|north|H.Vĩnh Tường: TT.Thổ Tang, X.Bồ Sao, X.Ngũ Kiên
027|Bắc Ninh|north|H.Quế Võ: X.Đào Viên, X.Phù Lãng, X.Chi Lăng
030|Hải Dương|north|H.Tứ Kỳ: TT.Tứ Kỳ, X.Hưng Đạo, X.Cộng Lạc
031|Hải Phòng|north|Q.Lê Chân: P.Dư Hàng Kênh, P.Vĩnh Niệm, P.Kênh Dương
031|Hải Phòng|north|H.Tiên Lãng: TT.Tiên Lãng, X.Kiến Thiết, X.Hùng Thắng
033|Hưng Yên|north|H.Kim Động: TT.Lương Bằng, X.Đức Hợp, X.Vĩnh Xá
034|Thái Bình|north|H.Quỳnh Phụ: TT.Quỳnh Côi, X.Quỳnh Hải, X.An Ấp
035|Hà Nam|north|TX.Duy Tiên: P.Hòa Mạc, X.Yên Nam, X.Chuyên Ngoại
036|Nam Định|north|H.Hải Hậu: TT.Yên Định, X.Hải Hưng, X.Hải Phương
037|Ninh Bình|north|H.Kim Sơn: TT.Phát Diệm, X.Lai Thành, X.Cồn Thoi
038|Thanh Hóa|central|H.Quảng Xương: TT.Tân Phong, X.Quảng Bình, X.Quảng Nham
038|Thanh Hóa|central|TP.Sầm Sơn: P.Trường Sơn, P.Quảng Tiến, X.Quảng Đại
040|Nghệ An|central|H.Nam Đàn: TT.Nam Đàn, X.Kim Liên, X.Nam Nghĩa
040|Nghệ An|central|H.Quỳnh Lưu: TT.Cầu Giát, X.Quỳnh Thạch, X.Sơn Hải
042|Hà Tĩnh|central|H.Đức Thọ: TT.Đức Thọ, X.Tùng Ảnh, X.Yên Hồ
044|Quảng Bình|central|H.Bố Trạch: TT.Hoàn Lão, X.Cự Nẫm, X.Đại Trạch
045|Quảng Trị|central|H.Vĩnh Linh: TT.Hồ Xá, X.Vĩnh Thủy, X.Kim Thạch
046|Thừa Thiên Huế|central|TP.Huế: P.Vỹ Dạ, P.An Cựu, P.Thủy Xuân
048|Đà Nẵng|central|Q.Sơn Trà: P.Mân Thái, P.Thọ Quang, P.An Hải Bắc
048|Đà Nẵng|central|H.Hòa Vang: X.Hòa Phong, X.Hòa Tiến, X.Hòa Bắc
049|Quảng Nam|central|TX.Điện Bàn: P.Vĩnh Điện, X.Điện Quang, X.Điện Phước
051|Quảng Ngãi|central|H.Bình Sơn: TT.Châu Ổ, X.Bình Châu, X.Bình Trung
052|Bình Định|central|H.Tuy Phước: TT.Diêu Trì, X.Phước Lộc, X.Phước Sơn
054|Phú Yên|central|H.Tuy An: TT.Chí Thạnh, X.An Hiệp, X.An Ninh Tây
056|Khánh Hòa|central|TP.Nha Trang: P.Lộc Thọ, P.Vĩnh Hải, X.Vĩnh Lương
058|Ninh Thuận|central|H.Ninh Phước: TT.Phước Dân, X.Phước Hữu, X.An Hải
060|Bình Thuận|central|H.Tuy Phong: TT.Liên Hương, X.Vĩnh Hảo, X.Phước Thể
062|Kon Tum|highland|H.Đắk Tô: TT.Đắk Tô, X.Diên Bình, X.Kon Đào
064|Gia Lai|highland|H.Chư Sê: TT.Chư Sê, X.Ia Blang, X.Bờ Ngoong
066|Đắk Lắk|highland|TP.Buôn Ma Thuột: P.Tân Lợi, P.Ea Tam, X.Cư Êbur
066|Đắk Lắk|highland|H.Krông Pắc: TT.Phước An, X.Ea Kly, X.Hòa Đông
067|Đắk Nông|highland|H.Đắk Mil: TT.Đắk Mil, X.Đức Minh, X.Thuận An
068|Lâm Đồng|highland|TP.Đà Lạt: X.Tà Nung, X.Xuân Thọ, X.Trạm Hành
068|Lâm Đồng|highland|H.Đức Trọng: TT.Liên Nghĩa, X.Hiệp Thạnh, X.Ninh Gia
070|Bình Phước|south|H.Bù Đăng: TT.Đức Phong, X.Đoàn Kết, X.Minh Hưng
072|Tây Ninh|south|TX.Trảng Bàng: P.An Hòa, P.Lộc Hưng, X.Đôn Thuận
074|Bình Dương|south|TP.Thuận An: P.Lái Thiêu, P.Bình Hòa, X.An Sơn
075|Đồng Nai|south|TP.Biên Hòa: P.Tân Phong, P.Trảng Dài, P.Long Bình
075|Đồng Nai|south|H.Thống Nhất: TT.Dầu Giây, X.Gia Kiệm, X.Quang Trung
077|Bà Rịa - Vũng Tàu|south|TP.Vũng Tàu: P.Rạch Dừa, P.Nguyễn An Ninh, X.Long Sơn
079|TP. Hồ Chí Minh|south|Q.Tân Phú: P.Tân Sơn Nhì, P.Phú Thọ Hòa, P.Tây Thạnh
079|TP. Hồ Chí Minh|south|Q.Bình Thạnh: P.13, P.22, P.25
079|TP. Hồ Chí Minh|south|Q.Gò Vấp: P.5, P.10, P.17
079|TP. Hồ Chí Minh|south|H.Củ Chi: TT.Củ Chi, X.Tân Thạnh Đông, X.Phú Hòa Đông
080|Long An|south|H.Cần Giuộc: TT.Cần Giuộc, X.Long Hậu, X.Phước Vĩnh Tây
082|Tiền Giang|south|H.Cái Bè: TT.Cái Bè, X.Hậu Mỹ Trinh, X.Đông Hòa Hiệp
083|Bến Tre|south|H.Mỏ Cày Nam: TT.Mỏ Cày, X.Định Thủy, X.Hương Mỹ
084|Trà Vinh|south|H.Cầu Ngang: TT.Mỹ Long, X.Hiệp Mỹ Tây, X.Nhị Trường
086|Vĩnh Long|south|H.Vũng Liêm: TT.Vũng Liêm, X.Trung Hiếu, X.Quới An
087|Đồng Tháp|south|H.Lấp Vò: TT.Lấp Vò, X.Định Yên, X.Vĩnh Thạnh
089|An Giang|south|H.Chợ Mới: TT.Mỹ Luông, X.Kiến An, X.Long Điền A
091|Kiên Giang|south|TP.Phú Quốc: P.Dương Đông, P.An Thới, X.Cửa Cạn
092|Cần Thơ|south|Q.Ninh Kiều: P.Xuân Khánh, P.An Khánh, P.Hưng Lợi
093|Hậu Giang|south|H.Phụng Hiệp: TT.Cây Dương, X.Hiệp Hưng, X.Tân Phước Hưng
094|Sóc Trăng|south|H.Kế Sách: TT.Kế Sách, X.An Mỹ, X.Nhơn Mỹ
095|Bạc Liêu|south|H.Hồng Dân: TT.Ngan Dừa, X.Ninh Quới, X.Lộc Ninh
096|Cà Mau|south|H.Đầm Dơi: TT.Đầm Dơi, X.Tân Duyệt, X.Quách Phẩm
"""

KINDS: dict[str, str] = {
    "Q.": "Quận",
    "H.": "Huyện",
    "TX.": "Thị xã",
    "TP.": "Thành phố",
    "P.": "Phường",
    "X.": "Xã",
    "TT.": "Thị trấn",
}


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
class Place:
    """A ward in its district and province; `code` is the three-digit code of the 63-province system."""

    ward: str
    ward_kind: str
    district: str
    district_kind: str
    province: str
    code: str
    region: str


def _split(unit: str) -> tuple[str, str]:
    kind, _, name = unit.strip().partition(".")
    return name.strip(), KINDS[f"{kind}."]


@cache
def places() -> tuple[Place, ...]:
    """Every ward of the table."""
    found = []
    for row in TABLE.strip().splitlines():
        code, province, region, units = row.split("|")
        district, _, wards = units.partition(":")
        name, kind = _split(district)
        for ward in wards.split(","):
            found.append(Place(*_split(ward), name, kind, province, code, region))
    return tuple(found)


def _unit(name: str, kind: str, style: str) -> str:
    """A unit as printed: bare on most chip cards, spelled out or abbreviated on others; a numbered ward
    always keeps its kind."""
    short = next(key for key, value in KINDS.items() if value == kind)
    if style == "short":
        return f"{short}{name}" if name.isdigit() else f"{short} {name}"
    if style == "full" or name.isdigit() or kind == "Thị trấn":
        return f"{kind} {name}" if style == "full" or name.isdigit() else f"TT. {name}"
    return name


def _province(place: Place, style: str) -> str:
    if style == "full" and place.code == "079":
        return "Thành phố Hồ Chí Minh"
    return place.province.replace("TP. ", "TP.") if style == "bare" else place.province


def write_place(place: Place, rng: np.random.Generator) -> str:
    """Ward, district, province in one of the styles cards use."""
    style = str(rng.choice(["bare", "full", "short"], p=[0.7, 0.2, 0.1]))
    district = _unit(place.district, place.district_kind, style)
    if place.district == place.province and style == "bare":
        district = f"TP. {place.district}"
    return f"{_unit(place.ward, place.ward_kind, style)}, {district}, {_province(place, style)}"


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
