"""What stands in a line of an identity document: names, addresses, dates, numbers, MRZ, labels, free text.

Every sampler takes a `random.Random` and returns NFC text of the declared charset.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.text.charset import CHARSET

# Shares of surnames in per cent: of the commonest as usually quoted for Vietnam (an old survey), of the rest by estimate.
SURNAMES = {
    "Nguyễn": 38.4, "Trần": 12.1, "Lê": 9.5, "Phạm": 7.0, "Hoàng": 3.0, "Huỳnh": 2.1, "Phan": 4.5, "Vũ": 2.4,
    "Võ": 1.5, "Đặng": 2.1, "Bùi": 2.0, "Đỗ": 1.4, "Hồ": 1.3, "Ngô": 1.3, "Dương": 1.0, "Lý": 0.5, "Đinh": 0.4,
    "Đoàn": 0.4, "Lương": 0.4, "Trịnh": 0.4, "Mai": 0.3, "Đào": 0.4, "Hà": 0.3, "Tô": 0.2, "Cao": 0.3, "Tạ": 0.2,
    "Thái": 0.2, "Châu": 0.2, "Quách": 0.2, "Kiều": 0.1, "Lưu": 0.2, "Từ": 0.1, "Chu": 0.2, "Phùng": 0.2,
    "Vương": 0.2, "Lâm": 0.3, "Triệu": 0.1, "Nghiêm": 0.1, "Giang": 0.1, "Tôn Nữ": 0.1, "Âu": 0.1, "Lục": 0.1,
    "Hứa": 0.1, "La": 0.1, "Nông": 0.2, "Ma": 0.1, "Hoàng Thị": 0.1, "Sầm": 0.1, "Quàng": 0.1, "Lò": 0.2, "Cầm": 0.1,
    "Giàng": 0.1, "Vàng": 0.1, "Thào": 0.1, "Y": 0.1, "H'": 0.1, "Rơ Châm": 0.1, "Siu": 0.1, "Ksor": 0.1, "Thạch": 0.1,
    "Sơn": 0.1, "Danh": 0.1, "Kim": 0.1, "Tăng": 0.1, "Ung": 0.05, "Khổng": 0.1, "Khúc": 0.1, "Đàm": 0.1, "Mạc": 0.1,
    "Ninh": 0.1, "Ông": 0.05, "Phí": 0.1, "Thân": 0.1, "Tống": 0.1, "Uông": 0.05, "Văn": 0.1, "Viên": 0.05, "Ứng": 0.05,
}  # fmt: skip
MIDDLES = [
    "Thị", "Văn", "Hữu", "Đức", "Quốc", "Minh", "Thanh", "Ngọc", "Hồng", "Xuân", "Thu", "Kim", "Mỹ", "Gia", "Bảo", "Đình",
    "Công", "Duy", "Anh", "Quang", "Trọng", "Thế", "Tiến", "Hoàng", "Khánh", "Phương", "Diệu", "Thùy", "Thúy", "Bích", "Như",
    "Tường", "Đăng", "Nhật", "Tuấn", "Hải", "Trung", "Việt", "Phúc", "Chí", "Bá", "Viết", "Khắc", "Cẩm", "Ánh", "Mạnh",
]  # fmt: skip
GIVENS = [
    "An", "Anh", "Ánh", "Ái", "Ân", "Bách", "Bảo", "Bắc", "Bằng", "Biên", "Bích", "Bình", "Bổng", "Bửu", "Ca", "Cảnh", "Cát",
    "Cẩm", "Cầm", "Cẩn", "Châu", "Chi", "Chí", "Chiến", "Chinh", "Chính", "Chung", "Chuyên", "Chương", "Cúc", "Cung", "Cường",
    "Cương", "Danh", "Dân", "Diễm", "Diệm", "Diệp", "Diệu", "Doanh", "Du", "Dung", "Duy", "Duyên", "Dũng", "Dương", "Dự",
    "Đài", "Đại", "Đạo", "Đạt", "Đào", "Đan", "Đăng", "Điền", "Điệp", "Định", "Đỉnh", "Đình", "Đoan", "Đoàn", "Đông", "Đồng",
    "Độ", "Đức", "Được", "Em", "Gấm", "Gia", "Giang", "Giao", "Giáp", "Hà", "Hạ", "Hải", "Hạnh", "Hảo", "Hào", "Hân", "Hằng",
    "Hậu", "Hiên", "Hiển", "Hiền", "Hiến", "Hiếu", "Hiệp", "Hiệu", "Hoa", "Hòa", "Hoà", "Hoài", "Hoan", "Hoàn", "Hoàng",
    "Hoạt", "Hồng", "Hợp", "Hợi", "Huân", "Huấn", "Huệ", "Huế", "Hùng", "Huy", "Huyền", "Huynh", "Hưng", "Hương", "Hường",
    "Hướng", "Hữu", "Kha", "Khả", "Khải", "Khang", "Khanh", "Khánh", "Khiêm", "Khoa", "Khoái", "Khôi", "Khuê", "Khuyên",
    "Khương", "Kiên", "Kiệt", "Kiều", "Kính", "Kỳ", "Kỷ", "Lam", "Lan", "Lài", "Lành", "Lãnh", "Lâm", "Lân", "Lễ", "Lệ",
    "Liên", "Liễu", "Linh", "Lĩnh", "Loan", "Long", "Lộc", "Lợi", "Luân", "Luận", "Luật", "Lực", "Lượng", "Lương", "Lưu",
    "Ly", "Lý", "Mai", "Mạnh", "Mẫn", "Mận", "Mậu", "Mây", "Mến", "Miên", "Minh", "Mơ", "Mừng", "Mười", "My", "Mỹ", "Mỵ",
    "Na", "Nam", "Năm", "Nga", "Ngà", "Ngân", "Nghi", "Nghĩa", "Nghị", "Ngoan", "Ngọc", "Ngôn", "Nguyên", "Nguyện", "Nguyệt",
    "Nhã", "Nhài", "Nhàn", "Nhạn", "Nhân", "Nhẫn", "Nhật", "Nhi", "Nhị", "Nhiên", "Nhu", "Nhung", "Như", "Nhựt", "Nhường",
    "Ninh", "Nương", "Nữ", "Oanh", "Pha", "Phát", "Phấn", "Phi", "Phong", "Phú", "Phúc", "Phước", "Phụng", "Phương", "Phượng",
    "Quang", "Quảng", "Quân", "Quế", "Quí", "Quý", "Quốc", "Quyên", "Quyền", "Quyết", "Quỳnh", "Sang", "Sáng", "Sâm", "Sen",
    "Sinh", "Song", "Sơn", "Sự", "Sương", "Sửu", "Tài", "Tâm", "Tân", "Tấn", "Tập", "Thạch", "Thái", "Thanh", "Thành", "Thảo",
    "Thạo", "Thắm", "Thắng", "Thân", "Thất", "Thế", "Thể", "Thi", "Thiên", "Thiện", "Thiệp", "Thiết", "Thìn", "Thịnh", "Thọ",
    "Thoa", "Thoại", "Thơ", "Thơm", "Thời", "Thu", "Thuần", "Thuận", "Thục", "Thuỳ", "Thùy", "Thúy", "Thuý", "Thủy", "Thuỷ",
    "Thụy", "Thuyên", "Thư", "Thừa", "Thương", "Thường", "Thưởng", "Tiên", "Tiến", "Tiệp", "Tiểu", "Tín", "Tính", "Tình",
    "Toàn", "Toại", "Toản", "Tố", "Trà", "Trang", "Trâm", "Trân", "Trầm", "Tri", "Trí", "Triết", "Triều", "Triệu", "Trinh",
    "Trí", "Trọng", "Trúc", "Trung", "Truyền", "Trường", "Trưởng", "Tú", "Tuân", "Tuấn", "Tuệ", "Tùng", "Tuyên", "Tuyến",
    "Tuyết", "Tuyền", "Tư", "Từ", "Tường", "Tưởng", "Tỵ", "Uy", "Uyên", "Út", "Vân", "Vấn", "Văn", "Vi", "Vĩ", "Vĩnh", "Viên",
    "Viễn", "Việt", "Vinh", "Vịnh", "Vui", "Vũ", "Vương", "Vượng", "Vỹ", "Vy", "Xuân", "Xuyến", "Xuyên", "Ý", "Yên", "Yến",
    "Ỷ", "Ngãi", "Khuyến", "Nết", "Mẹo", "Mùi", "Tuất", "Thẩm", "Đẹp", "Lụa", "Lẫm", "Rỡ",
]  # fmt: skip
ONSETS = (
    "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu", "r", "s",
    "t", "th", "tr", "v", "x", "",
)  # fmt: skip
RHYMES = [
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "ăc", "ăm", "ăn", "ăng", "ăp", "ăt", "âc",
    "âm", "ân", "âng", "âp", "ât", "âu", "ây", "e", "ec", "em", "en", "eng", "eo", "ep", "et", "ê", "êch", "êm", "ên", "ênh",
    "êp", "êt", "êu", "i", "ia", "ich", "iêc", "iêm", "iên", "iêng", "iêp", "iêt", "iêu", "im", "in", "inh", "ip", "it", "iu",
    "o", "oa", "oac", "oach", "oai", "oan", "oang", "oanh", "oat", "oay", "oăn", "oăng", "oăt", "oc", "oe", "oen", "oet",
    "oi", "om", "on", "ong", "op", "ot", "ô", "ôc", "ôi", "ôm", "ôn", "ông", "ôp", "ôt", "ơ", "ơi", "ơm", "ơn", "ơp", "ơt",
    "u", "ua", "uân", "uât", "uây", "uc", "uê", "uênh", "ui", "um", "un", "ung", "uôc", "uôi", "uôm", "uôn", "uông", "uôt",
    "up", "ut", "uy", "uya", "uyên", "uyêt", "uynh", "ư", "ưa", "ưc", "ưi", "ưm", "ưn", "ưng", "ươc", "ươi", "ươm", "ươn",
    "ương", "ươp", "ươt", "ưt", "ưu", "y", "yên", "yêt", "yêu",
]  # fmt: skip
RARE_RHYMES = [
    "oam", "oao", "oap", "oăc", "oăm", "oeo", "ooc", "oong", "uâng", "uêch", "uêu", "uơ", "uych", "uyn", "uyp", "uyt", "uyu", "ươu",
    "yêm", "yêng",
]  # fmt: skip
"""Legal too, and in no line that anything was measured on: they are for training alone."""
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LABELS = """CĂN CƯỚC CÔNG DÂN|CĂN CƯỚC|Citizen Identity Card|IDENTITY CARD|CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc|SOCIALIST REPUBLIC OF VIET NAM|Independence - Freedom - Happiness|Họ và tên / Full name:
Họ và tên|Full name:|Ngày sinh / Date of birth:|Date of birth|Giới tính / Sex:|Giới tính / Sex: Nam|Giới tính / Sex: Nữ
Quốc tịch / Nationality: Việt Nam|Quốc tịch / Nationality:|Quê quán / Place of origin:|Nơi thường trú / Place of residence:
Có giá trị đến:|Date of expiry:|Có giá trị đến / Date of expiry:|Số / No.:|Số|No.:|Đặc điểm nhận dạng / Personal identification:
Ngày, tháng, năm / Date, month, year:|CỤC TRƯỞNG CỤC CẢNH SÁT|QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI|BỘ CÔNG AN
DIRECTOR GENERAL OF THE POLICE DEPARTMENT|FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER|MINISTRY OF PUBLIC SECURITY
Ngón trỏ trái|Ngón trỏ phải|Left index finger|Right index finger|Ngón trỏ trái / Left index finger|NGÓN TRỎ TRÁI|NGÓN TRỎ PHẢI
Số định danh cá nhân / Personal identification number:|Họ, chữ đệm và tên khai sinh / Full name:
Ngày, tháng, năm sinh / Date of birth:|Nơi cư trú / Place of residence:|Nơi đăng ký khai sinh / Place of birth:
Ngày, tháng, năm cấp / Date of issue:|Ngày, tháng, năm hết hạn / Date of expiry:|Không thời hạn|Việt Nam|Nam|Nữ|VIỆT NAM
GIẤY CHỨNG MINH NHÂN DÂN|CHỨNG MINH NHÂN DÂN|SỐ|Họ tên|Sinh ngày|Nguyên quán|Nơi ĐKHK thường trú|Dân tộc:|Tôn giáo:
DẤU VẾT RIÊNG VÀ DỊ HÌNH|GIÁM ĐỐC CA|GIÁM ĐỐC CÔNG AN TỈNH|Dân tộc: Kinh|Tôn giáo: Không|Họ và tên khai sinh|Họ và tên gọi khác
CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ|VÀ DLQG VỀ DÂN CƯ|GIẤY PHÉP LÁI XE/DRIVER'S LICENSE|BỘ GTVT|MOT|Số/No:|Họ tên/Full name:
Ngày sinh/Date of Birth:|Quốc tịch/Nationality:|Nơi cư trú/Address:|Hạng/Class:|Có giá trị đến/Expires:|Ngày/date
HỘ CHIẾU / PASSPORT|Loại / Type|Mã số / Code|Số hộ chiếu / Passport N°|Nơi sinh / Place of birth|Giới tính / Sex|NAM / M|NỮ / F
Số GCMND / ID card N°|Ngày cấp / Date of issue|Nơi cấp / Place of issue|Cục Quản lý xuất nhập cảnh|Immigration Department
Họ / Surname|Chữ đệm và tên / Given names|Số định danh cá nhân / Personal No|KT. GIÁM ĐỐC|PHÓ GIÁM ĐỐC|SỞ GIAO THÔNG VẬN TẢI
CÁC LOẠI XE CƠ GIỚI ĐƯỜNG BỘ ĐƯỢC ĐIỀU KHIỂN|CLASSIFICATION OF MOTOR VEHICLES|Ngày trúng tuyển|Beginning date|SPECIMEN|MẪU
PHÒNG CẢNH SÁT GIAO THÔNG|TỔNG CỤC ĐƯỜNG BỘ VIỆT NAM|VIỆT NAM / VIETNAMESE|Kinh|Tày|Thái|Mường|Khơ-me|Hoa|Nùng|Ê-đê|Không""".replace(
    "\n", "|"
).split("|")
STREETS = [
    "Lê Lợi", "Trần Hưng Đạo", "Nguyễn Huệ", "Hai Bà Trưng", "Lý Thường Kiệt", "Quang Trung", "Điện Biên Phủ",
    "Cách Mạng Tháng Tám", "Lê Văn Sỹ", "Phan Đình Phùng", "Hoàng Hoa Thám", "Ngô Quyền", "Trường Chinh", "Nguyễn Trãi",
    "Phạm Văn Đồng", "Võ Thị Sáu",
]  # fmt: skip
MARKS = [
    "Nốt ruồi", "Sẹo chấm", "Sẹo thẳng", "Nốt ruồi son", "Sẹo lồi", "Vết chàm", "Bớt đỏ", "Nốt ruồi thịt", "NR", "Sẹo tròn",
]  # fmt: skip
PLACES_ON_FACE = [
    "sau đuôi mắt trái", "trước mép phải", "trên đầu lông mày phải", "dưới cằm", "sau cánh mũi trái", "dưới mắt phải",
    "trước tai trái", "sau khóe mép trái", "giữa trán", "trên mép trái", "trước đuôi lông mày phải", "dưới cánh mũi phải",
    "cổ bên trái",
]  # fmt: skip


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def with_tone(rhyme: str, tone: str) -> str:
    """Puts a tone mark where Vietnamese spelling puts it (old style: hòa, thúy)."""
    if not tone:
        return rhyme
    vowels = [i for i, c in enumerate(rhyme) if c in "aăâeêioôơuưy"]
    marked = [i for i in vowels if rhyme[i] in "ăâêôơư"]
    if marked:
        at = marked[-1]
    elif len(vowels) == 1 or vowels[-1] != len(rhyme) - 1:
        at = vowels[-1]
    else:
        at = vowels[-2]
    return nfc(rhyme[: at + 1] + tone + rhyme[at + 1 :])


def syllable(rng: random.Random, rhymes: Sequence[str] = RHYMES) -> str:
    rhyme = rng.choice(rhymes)
    stopped = rhyme[-1] in "cpt" or rhyme.endswith("ch")
    tone = rng.choice(("\u0301", "\u0323")) if stopped else rng.choice(TONES)
    return rng.choice(ONSETS) + with_tone(rhyme, tone)


def rare(rng: random.Random) -> str:
    """Words with the rhymes that the other lines lack, in any case."""
    rhymes = (RARE_RHYMES, RARE_RHYMES, RHYMES)
    words = " ".join(syllable(rng, rng.choice(rhymes)) for _ in range(rng.randint(1, 4)))
    return rng.choice((str.upper, str.upper, str.title, str.lower))(words)


def plain(text: str) -> str:
    """Without accents, as in an MRZ."""
    text = text.replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def name(rng: random.Random) -> str:
    parts = [rng.choices(list(SURNAMES), list(SURNAMES.values()))[0]] if rng.random() < 0.9 else []
    parts += rng.sample(MIDDLES, rng.choice((0, 1, 1, 1, 2)))
    parts += [
        rng.choice(GIVENS) if rng.random() < 0.8 else syllable(rng).capitalize()
        for _ in range(rng.choice((1, 1, 2)))
    ]
    text = " ".join(parts)
    return text.upper() if rng.random() < 0.75 else text


def date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1925, 2065)
    form = rng.random()
    if form < 0.62:
        return f"{day:02d}/{month:02d}/{year}"
    if form < 0.76:
        return f"{day:02d}{(c := rng.choice('-.'))}{month:02d}{c}{year}"
    if form < 0.80:
        return f"{day}/{month}/{year}"
    if form < 0.86:
        return f"{rng.choice(('Ngày', 'ngày'))} {day:02d} tháng {month:02d} năm {year}"
    if form < 0.90:
        place = rng.choice(("Hà Nội", "TP. Hồ Chí Minh", "Đà Nẵng", "Cần Thơ", "Huế", "Hải Phòng"))
        return f"{place}, ngày {day:02d} tháng {month:02d} năm {year}"
    if form < 0.92:
        return rng.choice(("Không thời hạn", "KHÔNG THỜI HẠN", "Có giá trị đến: Không thời hạn"))
    return f"{day:02d}/{month:02d}/{year}" + rng.choice((",", ":", "."))


def number(rng: random.Random) -> str:
    def digits(count: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(count))

    form = rng.random()
    if form < 0.55:
        return ("0" + digits(11)) if rng.random() < 0.8 else digits(12)
    if form < 0.7:
        return digits(9)
    if form < 0.8:
        return rng.choice("BCNPEK") + digits(rng.choice((7, 8)))
    if form < 0.9:
        return rng.choice(("Số / No.: ", "Số: ", "SỐ ", "No.: ", "Số/No: ")) + digits(
            rng.choice((9, 12))
        )
    return digits(rng.randint(1, 8))


def mrz(rng: random.Random) -> str:
    def block(letters: str, count: int) -> str:
        return "".join(rng.choice(letters) for _ in range(count))

    kind = rng.choices((0, 1, 2, 3, 4), (3, 3, 3, 1, 1))[0]
    if kind == 4:  # second line of a passport
        birth, expiry = block("0123456789", 7), block("0123456789", 7)
        owner = block("0123456789", 12) if rng.random() < 0.7 else block("0123456789", 9)
        start = f"{rng.choice('BCNPEK')}{block('0123456789', 7)}<{rng.randint(0, 9)}VNM{birth}{rng.choice('MF')}{expiry}"
        return f"{start}{owner}".ljust(42, "<") + block("0123456789", 2)
    if kind == 0:
        number12 = block("0123456789", 12)
        return f"IDVNM{number12[3:]}{rng.randint(0, 9)}{number12}<<{rng.randint(0, 9)}"
    if kind == 1:
        birth, expiry = block("0123456789", 7), block("0123456789", 7)
        return f"{birth}{rng.choice('MF')}{expiry}VNM<<<<<<<<<<<{rng.randint(0, 9)}"
    length = 30 if kind == 2 else 44
    words = plain(name(rng)).upper().replace("'", "").split()
    text = words[0] + "<<" + "<".join(words[1:])
    return (("" if kind == 2 else "P<VNM") + text + "<" * length)[:length]


def features(rng: random.Random) -> str:
    size = rng.choice(("1cm", "2cm", "0,5cm", "1,5 cm", "3cm"))
    sep = rng.choice((" C: ", " C:", " c.", " cách ", " C."))
    return f"{rng.choice(MARKS)}{sep}{size} {rng.choice(PLACES_ON_FACE)}"


def free(rng: random.Random) -> str:
    form = rng.random()
    if form < 0.25:
        return features(rng)
    words = [syllable(rng) for _ in range(rng.randint(1, 6))]
    if form < 0.45:
        words = [w.upper() for w in words]
    elif form < 0.75:
        words = [w.capitalize() for w in words]
    elif form < 0.85:
        words = [
            "".join(rng.choice(CHARSET) for _ in range(rng.randint(1, 7)))
            for _ in range(rng.randint(1, 4))
        ]
    return " ".join(words)


def ethnic(rng: random.Random) -> str:
    return rng.choice(
        ("Kinh", "Tày", "Thái", "Mường", "Khơ-me", "Hoa", "Nùng", "Hmông", "Dao", "Gia-rai", "Ê-đê")
    )


def country(rng: random.Random) -> str:
    return rng.choice(
        ("Việt Nam", "VIỆT NAM", "VIỆT NAM / VIETNAMESE", "Nam", "Nữ", "Nam / M", "Nữ / F")
    )


OTHER_SCRIPTS = (
    ("DejaVuSans", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω"),
    ("DejaVuSans", "БВГДЖЗИЙЛПУФЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя"),
    ("DejaVuSans", "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտր"),
    ("DejaVuSans", "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ"),
    ("DejaVuSans", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"),
    ("FreeSerif", "กขคงจฉชซญดตถทธนบปผฝพฟภมยรลวศสหอฮ"),
    ("FreeSerif", "अआइईउऊएऐकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह"),
)
"""Family of fonts that draws a script, and letters of it: what the reader must not take for Latin."""


def other_script(rng: random.Random) -> tuple[str, str]:
    """(family, words of one other script)."""
    family, letters = rng.choice(OTHER_SCRIPTS)
    words = ("".join(rng.choices(letters, k=rng.randint(3, 10))) for _ in range(rng.randint(1, 3)))
    return family, " ".join(words)


LABELLED = 0.35
"""Share of the labels that stand before a value in one box."""


def label(rng: random.Random) -> str:
    text = rng.choice(LABELS)
    if rng.random() < LABELLED and len(text) < 40:
        value = rng.choice((name, name, date, number, ethnic, country))(rng)
        return f"{text.rstrip(':')}: {value}"
    return text.upper() if rng.random() < 0.1 else text


@dataclass(frozen=True, slots=True)
class Corpus:
    """Samplers over the administrative units in `folder`/units.json."""

    units: tuple[tuple[str, str, str], ...]

    @staticmethod
    def load(folder: Path) -> Corpus:
        return Corpus(
            tuple(tuple(row) for row in json.loads((folder / "units.json").read_text("utf-8")))
        )

    def address(self, rng: random.Random) -> str:
        ward, district, province = rng.choice(self.units)
        if rng.random() < 0.75:
            ward, district, province = (
                self._short(rng, part) for part in (ward, district, province)
            )
        parts = [part for part in (ward, district, province) if part]
        if rng.random() < 0.35:
            parts.insert(0, self._street(rng))
        if rng.random() < 0.35:  # a line break cuts an address anywhere
            start = rng.randrange(len(parts))
            parts = parts[start : rng.randint(start + 1, len(parts))]
        text = ", ".join(parts) + rng.choice(("", "", "", ",", "."))
        return text.upper() if rng.random() < 0.1 else text

    @staticmethod
    def _street(rng: random.Random) -> str:
        n = rng.randint(1, 400)
        lane = f"{n}/{rng.randint(1, 60)}"
        street = (
            rng.choice(STREETS)
            if rng.random() < 0.6
            else f"{syllable(rng).capitalize()} {syllable(rng).capitalize()}"
        )
        return rng.choice((
            f"Số {n} {street}", f"{lane} {street}", f"Tổ {n % 30}", f"Thôn {n % 12}", f"Tổ dân phố {n % 30}", f"Ấp {street}",
            f"Khu phố {n % 12}", f"Thôn {street}", f"Số {n}, ngõ {n % 99}", f"{n}{rng.choice('ABC')} {street}", f"Xóm {n % 20}",
            f"Đội {n % 15}", f"Số nhà {n}, Tổ {n % 30}", f"Bản {street}", f"Khối {n % 12}", f"CC {street}, P.{n}",
        ))  # fmt: skip

    @staticmethod
    def _short(rng: random.Random, unit: str) -> str:
        for word, forms in (
            ("Phường ", ("", "", "P. ", "P.")), ("Xã ", ("", "", "X. ")), ("Thị trấn ", ("", "TT ", "TT. ", "Thị Trấn ")),
            ("Quận ", ("", "Q. ", "Q.")), ("Huyện ", ("", "", "H. ")), ("Thị xã ", ("", "TX. ", "TX ")),
            ("Thành phố ", ("", "TP. ", "TP ", "TP.")), ("Tỉnh ", ("", "")),
        ):  # fmt: skip
            if unit.startswith(word):
                short = unit[len(word) :]
                return (
                    unit
                    if short.isdigit() and word in {"Phường ", "Quận "} and rng.random() < 0.7
                    else rng.choice(forms) + short
                )
        return unit

    def sample(self, rng: random.Random) -> tuple[str, str]:
        """(group, text) of one line."""
        group = rng.choices(list(SHARES), list(SHARES.values()))[0]
        while True:
            text = self.address(rng) if group == "address" else SAMPLERS[group](rng)
            text = nfc(" ".join(text.split()))
            if text and all(c in CHARSET for c in text):
                return group, text


SHARES = {"name": 22, "address": 24, "date": 10, "number": 10, "mrz": 7, "label": 11, "free": 16}
"""Per cent of training lines: what is hardest and matters most comes most often."""
SAMPLERS: dict[str, Callable[[random.Random], str]] = {
    "name": name, "date": date, "number": number, "mrz": mrz, "label": label, "free": free,
}  # fmt: skip
