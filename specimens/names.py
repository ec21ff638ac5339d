"""Vietnamese personal names: word lists with rough frequencies, and a sampler of made-up full names."""

from __future__ import annotations

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Shares of the commonest surnames are the ones usually quoted for Vietnam (per cent, rounded);
# the rest share what is left, so that rare surnames do turn up.
COMMON_SURNAMES: tuple[tuple[str, float], ...] = (
    ("Nguyễn", 31.5),
    ("Trần", 10.9),
    ("Lê", 8.9),
    ("Phạm", 5.9),
    ("Hoàng", 2.8),
    ("Huỳnh", 2.3),
    ("Phan", 2.8),
    ("Vũ", 2.0),
    ("Võ", 1.9),
    ("Đặng", 2.1),
    ("Bùi", 2.0),
    ("Đỗ", 1.9),
    ("Hồ", 1.5),
    ("Ngô", 1.5),
    ("Dương", 1.4),
    ("Lý", 1.1),
)

RARE_SURNAMES: tuple[str, ...] = _words(
    """An Âu Bạch Bành Bế Biện Bồ Ca Cái Cam Cao Cầm Cấn Cát Châu Chế Chu Chử Chung Chương Cổ Cù Cung Danh Diêm
    Diệp Doãn Dư Đái Đàm Đào Đậu Đinh Đoàn Đổng Đồng Đường Giang Giàng Giáp Hà Hạ Hán Hàn Hầu Hình Hoa Hứa Hường Kha
    Khâu Khổng Khúc Khuất Khương Kiều Kim La Lại Lâm Lầu Liễu Lò Lộc Lô Lục Lữ Lương Lường Lưu Ma Mạc Mai Mẫn Mông
    Nghiêm Ngụy Nhâm Nhan Nhữ Ninh Nông Ông Phí Phó Phù Phùng Phương Quách Quàng Quan Quản Sầm Sơn Sùng Tạ Tăng Tấn
    Thạch Thái Thào Thẩm Thân Thi Thiều Tiêu Tô Tôn Tống Trà Triệu Trịnh Trình Trương Trưng Từ Ứng Uông Ưng Vàng Văn
    Vi Viên Vừ Vương Xa Yên"""
)

MALE_MIDDLES: tuple[str, ...] = _words(
    """Văn Văn Văn Văn Văn Hữu Đức Quốc Minh Thanh Ngọc Công Đình Xuân Bá Trọng Mạnh Tiến Anh Duy Gia Hoàng Huy Khắc
    Nhật Phúc Quang Thành Thế Tuấn Viết Vĩnh Trung Chí Sỹ Tấn Bảo Hải Hồng Quý Danh Như Nguyên Kiến Đăng Cảnh Phước
    Thiện Vũ Việt Kim Đại Doãn Tri Hoài Triệu Khánh"""
)
FEMALE_MIDDLES: tuple[str, ...] = _words(
    """Thị Thị Thị Thị Thị Thị Ngọc Thu Thanh Hồng Minh Phương Mai Kim Bích Diễm Hoài Khánh Lan Mỹ Như Quỳnh Thảo
    Thúy Tuyết Xuân Ánh Bảo Cẩm Diệu Hà Hải Hoàng Hương Huyền Kiều Lệ Linh Mộng Nguyệt Nhã Tú Tường Uyên Vân Yến
    Thùy Trúc Tố Đan Gia Ái Phước Hạnh Nhật Trà Ý"""
)
MALE_GIVEN: tuple[str, ...] = _words(
    """An Anh Ẩn Ánh Bách Bảo Bắc Bằng Bình Bửu Cảnh Cẩn Chánh Chiến Chính Chỉnh Chung Chương Công Cương Cường Danh
    Dân Diễn Doanh Du Duẩn Dũng Duy Duyệt Dự Dương Đại Đạo Đạt Đăng Điền Điệp Đoàn Đô Độ Đồng Đông Đức Được Giang Giáp
    Hải Hanh Hào Hảo Hậu Hiến Hiển Hiệp Hiếu Hiệu Hòa Hoài Hoan Hoàn Hoàng Học Hợp Hùng Huân Huấn Huy Huỳnh Hưng Hưởng
    Kha Khải Khang Khanh Khánh Khiêm Khoa Khôi Khởi Khuê Khương Kiên Kiệt Kỳ Lâm Lân Lập Lễ Liêm Lĩnh Linh Long Lộc Lợi
    Luân Luận Luật Lực Lượng Lữ Lưu Lý Mạnh Mẫn Minh Nam Năng Nghị Nghĩa Nghiêm Ngọ Ngọc Nguyên Nguyện Nhã Nhân Nhật
    Nhẫn Nhu Nhựt Ninh Oai Phát Phi Phong Phú Phúc Phước Phương Phượng Quân Quang Quảng Quế Quốc Quý Quyền Quyết Quỳnh
    Sang Sáng Sâm Sinh Sĩ Sỹ Sơn Tài Tân Tấn Tâm Tạo Thạch Thái Thanh Thành Thảo Thắng Thăng Thân Thật Thế Thi Thiên
    Thiện Thịnh Thọ Thông Thuận Thuật Thúc Thụy Thức Thực Thưởng Tiến Tiệp Tín Tình Toàn Toản Tôn Trí Triết Triều Triệu
    Trọng Trung Trực Trường Trưởng Trượng Tú Tuân Tuấn Tuệ Tùng Tuyên Tuyển Tường Tưởng Tỷ Uy Vạn Văn Viễn Việt Vinh
    Vĩnh Võ Vũ Vượng Vỹ Xuân Xương Yên Ý"""
)
FEMALE_GIVEN: tuple[str, ...] = _words(
    """Ái An Anh Ánh Ân Băng Bé Bích Bình Ca Cẩm Cát Chi Chiêu Chúc Cúc Dạ Diễm Diệp Diệu Dịu Dung Duyên Dương Đài Đan
    Đào Điệp Đoan Gấm Giang Giao Giàu Hà Hạ Hải Hân Hằng Hạnh Hảo Hậu Hiên Hiền Hiếu Hoa Hòa Hoài Hoàn Hồng Hợp Huệ
    Huế Huyền Hường Hương Hữu Khanh Khánh Khuê Khuyên Kiều Kim Lài Lam Lan Lành Lê Lệ Liên Liễu Liễn Linh Loan Lợi Lụa
    Luyến Lý Mai Mẫn Mận Mây Mến Mi Miên Minh Mơ Mừng My Mỹ Na Nga Ngà Ngân Nghi Ngoan Ngọc Nguyên Nguyệt Nhã Nhài
    Nhàn Nhạn Nhi Nhiên Nhơn Nhung Như Nụ Nương Oanh Phấn Phi Phương Phượng Phước Quế Quyên Quỳnh Quý Quỹ Sang Sen
    Sương Tâm Thanh Thảo Thắm Thẩm Thêu Thi Thìn Thoa Thơ Thơm Thu Thuận Thục Thủy Thùy Thúy Thư Thương Thy Tiên Tình
    Tố Trà Trâm Trầm Trân Trang Trinh Trúc Tú Tuệ Tuyến Tuyền Tuyết Tươi Tường Uyên Uyển Út Vân Vi Vinh Vui Vy Vỹ Xoan
    Xuân Xuyến Yên Yến Ý"""
)

RARE_SURNAME_SHARE = 1.0 - sum(share for _, share in COMMON_SURNAMES) / 100.0
TWO_WORD_GIVEN = 0.35
"""Chance of a second middle name before the given name ("Nguyễn Thị Minh Ánh")."""
NO_MIDDLE = 0.03
DOUBLE_SURNAME = 0.03
"""Chance of a double surname such as "Nguyễn Phan", a modern fashion."""


def surname(rng: np.random.Generator) -> str:
    """One surname by frequency."""
    if rng.random() < RARE_SURNAME_SHARE:
        return str(rng.choice(RARE_SURNAMES))
    words, shares = zip(*COMMON_SURNAMES, strict=True)
    weights = np.array(shares) / sum(shares)
    return str(rng.choice(words, p=weights))


def full_name(rng: np.random.Generator, *, male: bool) -> str:
    """A made-up full name in Title Case, two to five words, NFC."""
    middles = MALE_MIDDLES if male else FEMALE_MIDDLES
    given = MALE_GIVEN if male else FEMALE_GIVEN
    words = [surname(rng)]
    if rng.random() < DOUBLE_SURNAME:
        words.append(surname(rng))
    if rng.random() >= NO_MIDDLE:
        words.append(str(rng.choice(middles)))
        if rng.random() < TWO_WORD_GIVEN:
            words.append(str(rng.choice([m for m in middles if m not in ("Văn", "Thị")])))
    words.append(str(rng.choice(given)))
    return " ".join(
        word for word, before in zip(words, ["", *words], strict=False) if word != before
    )
