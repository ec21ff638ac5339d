"""A scanned A4 form: headings, fields, paragraphs, a portrait, and mostly a copy of both sides of a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from specimens.camera import LEVELS, card_mask, sense
from specimens.canvas import MM, Canvas, Style
from specimens.carried import number_of
from specimens.fonts import card_families
from specimens.layouts.officials import day_in_words
from specimens.layouts.sheet import MARK, Entry, Flow, entry, flow, headings
from specimens.people import Person, written
from specimens.truth import Corners, Pixels, Specimen, Truth, TruthLine

SIZE = (round(210 * MM), round(297 * MM))
"""Units of an A4 page, the same as on cards."""
SCALE = 200 / 300
"""Pixels per unit: 200 dots per inch."""
LEFT, RIGHT = 250.0, 2250.0
TEXT, PITCH = 46.0, 78.0
PHOTO = (LEFT, 170.0, 30 * MM, 45 * MM)
LARGEST_TURN = 1.2
"""Degrees a sheet lies askew on the glass."""

PARAGRAPHS = (
    "Tôi cam kết các thông tin nêu trên là đúng sự thật và hoàn toàn chịu trách nhiệm trước pháp luật về tính chính xác "
    "của những thông tin này.",
    "Đề nghị Quý Ngân hàng mở tài khoản thanh toán bằng đồng Việt Nam cho tôi theo các thông tin đã đăng ký và theo "
    "quy định hiện hành về mở và sử dụng tài khoản thanh toán.",
    "Khách hàng đồng ý để Ngân hàng xử lý dữ liệu cá nhân nhằm mục đích nhận biết khách hàng, phòng, chống rửa tiền và "
    "cung cấp dịch vụ; thời hạn lưu trữ theo quy định của pháp luật.",
    "Mọi thay đổi về thông tin cá nhân phải được thông báo cho Ngân hàng bằng văn bản trong vòng 30 ngày kể từ ngày có "
    "thay đổi.",
    "Bản đề nghị này được lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A scanned page; quads in its pixels.

    Attributes:
        lines: every printed line of the form, without those of the copied cards.
        cards: the truth of each copied card.
    """

    pixels: Pixels
    lines: tuple[TruthLine, ...]
    portrait_quad: Corners
    cards: tuple[Truth, ...]


def scanned_page(
    person: Person, portrait: Pixels, seed: int, *, cards: Sequence[Specimen] = ()
) -> Page:
    """A person's request to open an account, with the cards copied beside one another at its foot.

    Args:
        cards: flat specimens, two at most; in grey on half of the pages, as copiers have them.

    Raises:
        ValueError: more than two cards.
    """
    if len(cards) > 2:
        raise ValueError("a page has room for two cards")
    rng = np.random.default_rng((seed, 0xA4A4))
    pixels = np.full(
        (round(SIZE[1] * SCALE), round(SIZE[0] * SCALE), 3), rng.uniform(238, 253), np.float32
    )
    faces = card_families()
    face = faces[int(rng.integers(len(faces)))]
    style = Style(face, face, float(rng.uniform(0.85, 1)), 1.0, False, (40, 40, 40), 0.0, 0.0)
    canvas = Canvas(pixels, SCALE, style, rng)
    photo = canvas.picture(portrait, PHOTO, softness=0.6)
    bottom = _form(canvas, person)
    grey = bool(rng.random() < 0.5)
    truths = [
        _copied(canvas, card, (LEFT + k * 1020.0, bottom + 60), grey=grey)
        for k, card in enumerate(cards)
    ]
    canvas.text(MARK, (SIZE[0] / 2, SIZE[1] - 60), 34, anchor="ms")
    return _scanned(canvas, photo, truths, rng)


def _form(canvas: Canvas, person: Person) -> float:
    """Everything but the pictures; returns the last baseline, units."""
    middle = (SIZE[0] + PHOTO[0] + PHOTO[2]) / 2
    headings(canvas, middle, top=230, widest=1500, english=False, size=52)
    title = "GIẤY ĐỀ NGHỊ MỞ TÀI KHOẢN"
    canvas.text(title, (middle, 450), 68, bold=True, anchor="ms", widest=1500)
    canvas.text("Kính gửi: Ngân hàng TMCP Mẫu", (middle, 560), TEXT, anchor="ms")
    rows = (
        Entry("1. Họ và tên:", person.full_name.upper(), "full_name", TEXT, TEXT, RIGHT),
        Entry("2. Ngày sinh:", written(person.birth_date), "birth_date", TEXT, TEXT, RIGHT),
        Entry("3. Giới tính:", person.sex, "sex", TEXT, TEXT, RIGHT),
        Entry("4. Quốc tịch:", person.nationality, "nationality", TEXT, TEXT, RIGHT),
        Entry("5. Số giấy tờ tùy thân:", number_of(person), "number", TEXT, TEXT, RIGHT),
        Entry("6. Ngày cấp:", written(person.issue_date), "issue_date", TEXT, TEXT, RIGHT),
    )
    y = PHOTO[1] + PHOTO[3] + 110
    for row in rows:
        entry(canvas, row, (LEFT, y))
        y += PITCH
    end = canvas.text("7. Nơi thường trú:", (LEFT, y), TEXT)
    y = flow(canvas, person.residence, "residence", Flow((end + 14, y), LEFT, PITCH, TEXT, RIGHT))
    y += PITCH
    some = canvas.rng.permutation(len(PARAGRAPHS))[: int(canvas.rng.integers(2, 5))]
    for which in sorted(int(i) for i in some):
        y = _paragraph(canvas, PARAGRAPHS[which], y + 26)
    canvas.text(day_in_words(person.issue_date), (1750, y + 50), TEXT, anchor="ms")
    canvas.text("Người đề nghị", (1750, y + 50 + PITCH), TEXT, bold=True, anchor="ms")
    canvas.text(person.full_name, (1750, y + 50 + 3.2 * PITCH), TEXT, anchor="ms", widest=900)
    return y + 50 + 3.4 * PITCH


def _paragraph(canvas: Canvas, text: str, top: float) -> float:
    """Words over as many lines as they need; returns the baseline of the next paragraph."""
    y, line = top, ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if canvas.width_of(longer, TEXT) > RIGHT - LEFT:
            canvas.text(line, (LEFT, y), TEXT)
            y, line = y + PITCH, word
        else:
            line = longer
    canvas.text(line, (LEFT, y), TEXT)
    return y + PITCH


def _copied(canvas: Canvas, card: Specimen, at: tuple[float, float], *, grey: bool) -> Truth:
    """A card at its true size, as a copier prints it; returns its truth on the page."""
    picture = card.pixels
    if grey:
        picture = np.asarray(
            cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
        )
    units = card.truth.card_quad[1, 0] - card.truth.card_quad[0, 0]
    factor = canvas.scale * (RIGHT - LEFT - 40) / 2 / float(units)
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    x, y = round(at[0] * canvas.scale), round(at[1] * canvas.scale)
    height, width = small.shape[:2]
    room = canvas.pixels[y : y + height, x : x + width]
    alpha = card_mask(height, width)[: room.shape[0], : room.shape[1], None]
    room += alpha * (small[: room.shape[0], : room.shape[1]].astype(np.float32) - room)
    moved = np.array(
        [
            [width / picture.shape[1], 0, x],
            [0, height / picture.shape[0], y],
            [0, 0, 1],
        ],
        np.float64,
    )
    return card.truth.moved(moved)


def _scanned(canvas: Canvas, photo: Corners, truths: list[Truth], rng: np.random.Generator) -> Page:
    """The page a little askew on the glass, with a scanner's noise."""
    height, width = canvas.pixels.shape[:2]
    angle = float(rng.uniform(-LARGEST_TURN, LARGEST_TURN))
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]])
    laid = cv2.warpPerspective(
        canvas.pixels, turn, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=(250,) * 3
    )

    def move(quad: Corners) -> Corners:
        mapped = cv2.perspectiveTransform(quad.reshape(1, 4, 2).astype(np.float64), turn)
        return np.asarray(mapped.reshape(4, 2), np.float32)

    return Page(
        sense(np.asarray(laid, np.float32), LEVELS["scan"], rng),
        tuple(replace(line, quad=move(line.quad)) for line in canvas.lines),
        move(photo),
        tuple(truth.moved(turn) for truth in truths),
    )
