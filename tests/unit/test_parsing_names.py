import pytest

from pipelines.parsing.names import printed_name, same_name, same_name_unaccented
from pipelines.parsing.places import printed_place, same_place, units, with_true_province
from pipelines.parsing.text import nfc, squash, strip_accents


def test_dd_loses_its_stroke() -> None:
    assert strip_accents("Đặng Thị Huyền đẹp") == "Dang Thi Huyen dep"
    assert squash("Số / No.:") == "sono"


def test_decomposed_text_is_composed() -> None:
    assert nfc("  Nguye\u0302\u0303n   A\u0301nh ") == "Nguyễn Ánh"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NGUYỄN THỊ MINH ÁNH", "NGUYỄN THỊ MINH ÁNH"),
        ("Nguyễn Thị  Minh Ánh:", "NGUYỄN THỊ MINH ÁNH"),
        ("NGUYỄN TH1 MINH ÁNH", "NGUYỄN THI MINH ÁNH"),
        ("H'HEN NIÊ", "H'HEN NIÊ"),
        ("25/08/1990", None),
        ("—", None),
    ],
)
def test_printed_name(text: str, name: str | None) -> None:
    assert printed_name(text) == name


def test_the_place_of_a_tone_mark_is_no_difference_but_the_tone_is() -> None:
    assert same_name("TRẦN HÒA", "Trần Hoà")
    assert not same_name("TRẦN HÒA", "TRẦN HÓA")
    assert not same_name("TRẦN HOA", "TRẦN HOÀ")


def test_mrz_names_compare_without_accents_and_up_to_their_cut() -> None:
    assert same_name_unaccented("NGUYỄN THỊ ÁNH", "NGUYEN THI ANH")
    assert not same_name_unaccented("NGUYỄN THỊ ÁNH", "NGUYEN THI OANH")
    long = "NGUYỄN PHƯỚC CÔNG TẰNG TÔN NỮ HOÀNG LAN"
    assert same_name_unaccented(long, "NGUYEN PHUOC CONG TANG TON NU")
    assert not same_name_unaccented("LÊ AN", "LÊ ANH")


def test_places() -> None:
    assert printed_place(" Xuân La ,Tây Hồ,Hà Nội.") == "Xuân La, Tây Hồ, Hà Nội"
    assert printed_place(" ,. ") is None
    assert units("Xuân La, Tây Hồ, Hà Nội") == ("Xuân La", "Tây Hồ", "Hà Nội")
    assert same_place("Số 12, Tổ 7, Xuân La, Tây Hồ, Hà Nội", "Sô 12 Tổ 7, Xuân La, Tây Hò, Hà Nội")
    assert not same_place("Xuân La, Tây Hồ, Hà Nội", "Chuyên Ngoại, Duy Tiên, Hà Nam")


@pytest.mark.parametrize(
    ("read", "true"),
    [
        ("Cái Bè, Tiến Giang", "Cái Bè, Tiền Giang"),
        ("Củ Chi, TP.Hồ chí Minh", "Củ Chi, TP.Hồ Chí Minh"),
        ("Đức Trọng, Tỉnh Lam Đông", "Đức Trọng, Tỉnh Lâm Đồng"),
        ("Tây Hồ, Há Nội", "Tây Hồ, Hà Nội"),
        ("Kim Bôi, Hoà Bình", "Kim Bôi, Hoà Bình"),
        ("TÂY HỒ, HÀ NỘI", "TÂY HỒ, HÀ NỘI"),
        ("Ba Bể, Bắc Kan", "Ba Bể, Bắc Kạn"),
        ("Vientiane, Lào", "Vientiane, Lào"),
        ("Hà Đông, Hà Tây", "Hà Đông, Hà Tây"),
        ("Đông Hà, Quảng Binh", "Đông Hà, Quảng Bình"),
        ("Đắc Lắc, Đâk Lăk", "Đắc Lắc, Đắk Lắk"),
        ("Vũng Tàu, Bà Rịa - Vũng Tàu", "Vũng Tàu, Bà Rịa - Vũng Tàu"),
    ],
)
def test_the_province_is_of_a_closed_list(read: str, true: str) -> None:
    assert with_true_province(read) == true
