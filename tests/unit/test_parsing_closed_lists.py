import pytest

from pipelines.parsing.closed_lists import country, ethnic_group, nationality, religion
from pipelines.parsing.issuers import issue_place
from pipelines.types import IssuerKind


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ("Kinh", "01"),
        ("KÍNH", "01"),
        ("Knh", "01"),
        ("Muong", "06"),
        ("Mông", "08"),
        ("H'Mông", "08"),
        ("Mèo", "08"),
        ("Ê Đê", "12"),
        ("Khmer", "05"),
        ("Khơ Me", "05"),
        ("Thái", "03"),
        ("Mạ", "28"),
        ("Cao Lan", "15"),
        ("Giẻ-Triêng", "27"),
        ("Vân Kiều", "23"),
        ("M'nông", "20"),
        ("Việt", None),
        ("X", None),
        ("", None),
    ],
)
def test_ethnic_groups(read: str, code: str | None) -> None:
    group = ethnic_group(read)
    assert (group.code if group else None) == code


def test_every_group_is_read_back_by_its_own_name() -> None:
    names = [
        "Kinh",
        "Tày",
        "Hoa",
        "Nùng",
        "Co",
        "Lào",
        "Lự",
        "Mảng",
        "Cống",
        "Si La",
        "Brâu",
        "Ơ Đu",
    ]
    groups = [ethnic_group(name) for name in names]
    assert [group.name for group in groups if group] == names


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ("Không", "00"),
        ("Khong", "00"),
        ("Phật", "01"),
        ("Thiên chúa", "02"),
        ("Hòa Hảo", "03"),
        ("Phật giáo Hoà Hảo", "03"),
        ("Cao Dài", "05"),
        ("Tin lành", "08"),
        ("zzz", None),
    ],
)
def test_religions(read: str, code: str | None) -> None:
    found = religion(read)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("read", "alpha3", "alpha2"),
    [
        ("Việt Nam", "VNM", "VN"),
        ("VIỆT NAM / VIETNAMESE", "VNM", "VN"),
        ("Hàn Quốc", "KOR", "KR"),
        ("Lào", "LAO", "LA"),
        ("Thái Lan", "THA", "TH"),
        ("Hà Lan", "NLD", "NL"),
    ],
)
def test_nationalities(read: str, alpha3: str, alpha2: str) -> None:
    found = nationality(read)
    assert found is not None
    assert (found.alpha3, found.alpha2) == (alpha3, alpha2)
    assert country(alpha3) == found


@pytest.mark.parametrize(
    ("read", "name", "province"),
    [
        ("GIÁM ĐỐC CA TỈNH HƯNG YÊN", "CÔNG AN TỈNH HƯNG YÊN", "33"),
        ("KT. GIÁM ĐỐC CA TỈNH Nghê An", "CÔNG AN TỈNH NGHỆ AN", "40"),
        ("CA.TP HỒ CHÍ MINH", "CÔNG AN THÀNH PHỐ HỒ CHÍ MINH", "79"),
        ("SỞ GTVT HƯNG YÊN", "SỞ GIAO THÔNG VẬN TẢI HƯNG YÊN", "33"),
        ("SỞ GIAO THÔNG VẬN TẢI THÀNH PHỐ HÀ NỘI", "SỞ GIAO THÔNG VẬN TẢI HÀ NỘI", "01"),
        (
            "PHÒNG CSGT CÔNG AN TP HÀ NỘI",
            "PHÒNG CẢNH SÁT GIAO THÔNG CÔNG AN THÀNH PHỐ HÀ NỘI",
            "01",
        ),
    ],
)
def test_issuers_of_one_province(read: str, name: str, province: str) -> None:
    place = issue_place(read)
    assert place is not None
    assert (place.name, place.province) == (name, province)


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        ("CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ", IssuerKind.RESIDENCE_POLICE),
        (
            "CỤC TRUỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRÂT TỰ XÃ HỘI",
            IssuerKind.SOCIAL_ORDER_POLICE,
        ),
        ("Cục CS QLHC về TTXH", IssuerKind.SOCIAL_ORDER_POLICE),
        ("BỘ CÔNG AN MINISTRY OF PUBLIC SECURITY", IssuerKind.MINISTRY_OF_PUBLIC_SECURITY),
        ("Cục Quản lý xuất nhập cảnh", IssuerKind.IMMIGRATION),
        ("Đại sứ quán Việt Nam tại Nhật Bản", IssuerKind.EMBASSY),
        ("CỤC CSGT", IssuerKind.TRAFFIC_POLICE),
        ("TỔNG CỤC ĐƯỜNG BỘ VIỆT NAM", IssuerKind.ROADS_DIRECTORATE),
        ("CA HÀ TÂY", None),
        ("CÔNG AN", None),
        ("Nguyễn Văn A", None),
    ],
)
def test_issuers_of_the_country(read: str, kind: IssuerKind | None) -> None:
    place = issue_place(read)
    assert (place.kind if place else None) == kind
