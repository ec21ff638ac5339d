"""Models that see painted cards: each printed line is a box in a colour of its own, and the reader knows by the
colour what it says, so a line read on another card's behalf shows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from models.geometry import rectify
from models.types import CardLocation, Image, LineReading, Pixels, Quad, TextBox, TextLine
from pipelines.documents.layout import FRAME

_BLANK = (250, 250, 250)
_LEFT, _RIGHT = 0, 100
"""Red of a line's halves: the other way round, the crop is upside down."""


@dataclass(frozen=True, slots=True)
class Line:
    """Text at x, y (top left) of the 1012 x 638 frame; a crop that is taller than the line is read as `taller`, if any."""

    text: str
    x: float
    y: float
    height: float = 24.0
    confidence: float = 0.99
    taller: str = ""

    @property
    def quad(self) -> Quad:
        return Quad.of_box(
            self.x, self.y, self.x + 0.5 * self.height * len(self.text), self.y + self.height
        )


def text_lines(lines: Sequence[Line]) -> list[TextLine]:
    """What a finder and a reader make of the lines."""
    return [TextLine(reading(line.text, line.confidence), line.quad) for line in lines]


def reading(text: str, confidence: float = 0.99) -> LineReading:
    return LineReading(text, np.full(len(text), confidence, np.float32))


@dataclass(slots=True)
class Wallet:
    """Painted cards and the three models that see them."""

    cards: list[tuple[Line, ...]] = field(default_factory=list)

    def add(self, *lines: Line) -> Image:
        """A photo of nothing but the card, upright, frame-sized."""
        index = len(self.cards)
        self.cards.append(lines)
        pixels = np.full((FRAME[1], FRAME[0], 3), _BLANK, np.uint8)
        for i, line in enumerate(lines):
            x0, y0, x1, y1 = (round(v) for v in line.quad.box)
            pixels[y0:y1, x0:x1] = (index, i, _LEFT)
            pixels[y0:y1, (x0 + x1) // 2 : x1] = (index, i, _RIGHT)
        pixels[:8, :8] = (index, 255, 255)  # tells card and orientation: top left only when upright
        return Image(pixels)

    def find(self, image: Image) -> list[TextBox]:
        """As a text finder: nothing unless the card's mark is seen in a corner."""
        corner = image.pixels[4, 4]
        if tuple(corner[1:]) == (255, 255):
            return [TextBox(line.quad, 0.9) for line in self.cards[int(corner[0])]]
        far = image.pixels[-4, -4]
        if tuple(far[1:]) == (255, 255):  # upside down: the same boxes, turned
            wide, tall = FRAME
            turned = [
                np.array([wide, tall], np.float32) - x.quad.corners for x in self.cards[int(far[0])]
            ]
            return [TextBox(Quad.of_box(*Quad(corners).box), 0.9) for corners in turned]
        return []

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        """As a text reader: the line whose colour fills the crop's middle; garbage when upside down."""
        return [self._read(crop) for crop in crops]

    def restricted(
        self, reading: LineReading, alphabet: str, *, pitch_of: int | None = None
    ) -> LineReading:
        return reading

    def _read(self, crop: Pixels) -> LineReading:
        height, width = crop.shape[:2]
        card, index, _ = (int(v) for v in crop[height // 2, width // 2])
        left, right = (int(crop[height // 2, x, 2]) for x in (width // 4, 3 * width // 4))
        if max(left, right) > _RIGHT:
            return reading("")
        if left > right:
            return reading("urasnjnud", 0.6)
        line = self.cards[card][index]
        text = line.taller if line.taller and height > line.height + 1 else line.text
        return reading(text, line.confidence)


class Finder:
    """A card finder that always answers the same quads."""

    def __init__(self, *quads: Quad) -> None:
        self._cards = [CardLocation(quad, 0.9) for quad in quads]

    def find(self, image: Image) -> list[CardLocation]:
        del image
        return self._cards


WHOLE = Quad.of_box(0, 0, *FRAME)


def turned(quad: Quad, quarter_turns: int) -> Quad:
    """The same corners, named for content turned clockwise."""
    return Quad(np.roll(quad.corners, quarter_turns, axis=0))


def in_scene(card: Image, quad: Quad, size: tuple[int, int] = (1600, 1200)) -> Image:
    """The card photographed into a larger picture, its top-left at the quad's corner 0."""
    source = Quad.of_box(0, 0, card.width, card.height).corners
    matrix = cv2.getPerspectiveTransform(source, quad.corners)
    scene = cv2.warpPerspective(
        card.pixels, matrix, size, flags=cv2.INTER_NEAREST, borderValue=(9, 9, 9)
    )
    return Image(np.asarray(scene, np.uint8))


def straightened(image: Image, quad: Quad) -> Pixels:
    return rectify(image.pixels, quad, FRAME)


def chip_front(
    number: str = "001190000017",
    name: str = "NGUYỄN THỊ MINH ÁNH",
    born: str = "25/08/1990",
    sex: str = "Nữ",
    expiry: str = "25/08/2030",
    residence: tuple[str, str] = ("Số 12, Tổ 7,", "Xuân La, Tây Hồ, Hà Nội"),
) -> tuple[Line, ...]:
    return (
        Line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 290, 25),
        Line("CĂN CƯỚC CÔNG DÂN", 300, 155, 34),
        Line("Citizen Identity Card", 380, 200, 20),
        Line(f"Số / No.: {number}", 286, 245, 32),
        Line("Họ và tên / Full name:", 286, 300),
        Line(name, 286, 332, 30),
        Line(f"Ngày sinh / Date of birth: {born}", 286, 384),
        Line(f"Giới tính / Sex: {sex}", 286, 426),
        Line("Quốc tịch / Nationality: Việt Nam", 560, 426),
        Line("Quê quán / Place of origin:", 286, 464),
        Line("Chuyên Ngoại, Duy Tiên, Hà Nam", 286, 492),
        Line(f"Nơi thường trú / Place of residence: {residence[0]}", 286, 534),
        Line(residence[1], 286, 572),
        Line(f"Có giá trị đến: {expiry}", 24, 571, 17),
        Line("Date of expiry:", 24, 593, 16),
    )


def chip_back(
    mrz: Sequence[str] = (
        "IDVNM1900000174001190000017<<5",
        "9008250F3008258VNM<<<<<<<<<<<2",
        "NGUYEN<<THI<MINH<ANH<<<<<<<<<<",
    ),
    issued: str = "25/04/2021",
) -> tuple[Line, ...]:
    return (
        Line("Đặc điểm nhân dạng / Personal identification:", 24, 20, 19),
        Line("Nốt ruồi C:2cm dưới mép phải", 24, 48),
        Line(f"Ngày, tháng, năm / Date, month, year: {issued}", 54, 82, 19),
        Line("CỤC TRƯỞNG CỤC CẢNH SÁT", 180, 105, 22),
        Line("QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", 115, 130, 20),
        Line("DIRECTOR GENERAL OF THE POLICE DEPARTMENT", 160, 158, 14),
        Line("Ngón trỏ trái", 640, 27),
        Line("Left index finger", 636, 51, 16),
        Line("Ngón trỏ phải", 833, 27),
        Line("Right index finger", 828, 51, 16),
        *(Line(line, 60, 420 + 60 * i, 36) for i, line in enumerate(mrz)),
    )


def cc2024_front() -> tuple[Line, ...]:
    return (
        Line("CĂN CƯỚC", 470, 150, 36),
        Line("IDENTITY CARD", 500, 200, 20),
        Line("Số định danh cá nhân / Personal identification number:", 290, 258, 20),
        Line("079301000025", 290, 302, 32),
        Line("Họ, chữ đệm và tên khai sinh / Full name:", 290, 358),
        Line("TRẦN HOÀNG BẢO NGỌC", 290, 392, 32),
        Line("Ngày, tháng, năm sinh / Date of birth:", 290, 453),
        Line("03/07/2001", 290, 498),
        Line("Giới tính / Sex: Nữ Quốc tịch / Nationality: Việt Nam", 290, 553),
    )


def cc2024_back() -> tuple[Line, ...]:
    return (
        Line("Nơi cư trú / Place of residence:", 30, 25, 20),
        Line("Số 45/6, Khu phố 3, Tân Sơn Nhì, Tân Phú,", 30, 55),
        Line("TP.Hồ Chí Minh", 30, 86),
        Line("Nơi đăng ký khai sinh / Place of birth:", 30, 122, 20),
        Line("Tân Sơn Nhì, Tân Phú, TP.Hồ Chí Minh", 30, 150),
        Line("Ngày, tháng, năm cấp / Date of issue:", 310, 194, 18),
        Line("05/07/2024", 310, 222),
        Line("Ngày, tháng, năm hết hạn / Date of expiry:", 310, 258, 18),
        Line("03/07/2026", 310, 288),
        Line("BỘ CÔNG AN", 470, 326, 26),
        Line("MINISTRY OF PUBLIC SECURITY", 400, 362, 16),
        Line("IDVNM3010000251079301000025<<6", 60, 420, 36),
        Line("0107036F2607036VNM<<<<<<<<<<<4", 60, 480, 36),
        Line("TRAN<<HOANG<BAO<NGOC<<<<<<<<<<", 60, 540, 36),
    )
