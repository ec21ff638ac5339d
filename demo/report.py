"""The picture of one onboarding that one would show a customer: photos, rectified cards, fields, faces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from demo.scoring import Row
from models.types import Image, Pixels, Quad
from pipelines.types import Decision, Onboarding, Reading

WIDTH, MARGIN, GUTTER = 1800, 48, 28
STAGES_PER_ROW = 9
PAPER, INK, SOFT = (250, 250, 252), (28, 34, 48), (110, 118, 134)
ACCENT, RIGHT, WRONG, RULE = (20, 96, 190), (20, 132, 82), (196, 40, 44), (222, 226, 234)
CARD, TEXT, FACE = (64, 200, 90), (255, 150, 30), (220, 60, 200)
"""Outlines on the photos, BGR."""


class Sheet:
    """A page that is drawn from the top down."""

    def __init__(self, height: int) -> None:
        self.page = PillowImage.new("RGB", (WIDTH, height), PAPER)
        self.draw = ImageDraw.Draw(self.page)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int,
        colour: tuple[int, int, int] = INK,
        *,
        bold: bool = False,
    ) -> None:
        self.draw.text((x, y), words, font=_font(size, bold), fill=colour)

    def picture(self, x: int, y: int, pixels: Pixels, size: tuple[int, int]) -> None:
        """`pixels` (BGR) scaled to fit `size`, centred in it."""
        height, width = pixels.shape[:2]
        scale = min(size[0] / width, size[1] / height)
        fitted = cv2.resize(
            pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA
        )
        left, top = x + (size[0] - fitted.shape[1]) // 2, y + (size[1] - fitted.shape[0]) // 2
        self.page.paste(PillowImage.fromarray(cv2.cvtColor(fitted, cv2.COLOR_BGR2RGB)), (left, top))

    def rule(self, y: int) -> None:
        self.draw.line((MARGIN, y, WIDTH - MARGIN, y), fill=RULE, width=2)


def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def outlined(photo: Pixels, reading: Reading) -> Pixels:
    """The photo with the card's quad and every line of text that was found."""
    height, width = reading.rectified.shape[:2]
    flat = Quad.of_box(0, 0, width, height).corners
    back = cv2.getPerspectiveTransform(flat, reading.quad.corners)
    picture = photo.copy()
    thick = max(2, round(max(photo.shape[:2]) / 400))
    for line in reading.lines:
        moved = cv2.perspectiveTransform(line.quad.corners[None].astype(np.float32), back)[0]
        _outline(picture, moved, TEXT, max(1, thick // 2))
    _outline(picture, reading.quad.corners, CARD, thick)
    corner = (round(float(reading.quad.corners[0, 0])), round(float(reading.quad.corners[0, 1])))
    cv2.circle(picture, corner, thick * 3, CARD, -1, cv2.LINE_AA)
    return picture


def _outline(
    picture: Pixels, corners: NDArray[np.floating], colour: tuple[int, int, int], thick: int
) -> None:
    points = np.rint(corners).astype(np.int32)
    cv2.polylines(picture, [points], True, colour, thick, cv2.LINE_AA)


def with_lines(reading: Reading) -> Pixels:
    picture = reading.rectified.copy()
    for line in reading.lines:
        _outline(picture, line.quad.corners, TEXT, 2)
    return picture


def with_face(image: Image, decision: Decision) -> Pixels:
    """The selfie with the face that was compared."""
    picture = image.pixels.copy()
    thick = max(2, round(max(picture.shape[:2]) / 300))
    x0, y0, x1, y1 = (round(v) for v in decision.right.face.box)
    cv2.rectangle(picture, (x0, y0), (x1, y1), FACE, thick, cv2.LINE_AA)
    for x, y in decision.right.face.landmarks:
        cv2.circle(picture, (round(float(x)), round(float(y))), thick + 1, FACE, -1, cv2.LINE_AA)
    return picture


def write_report(
    path: Path,
    onboarding: Onboarding,
    images: tuple[Image, Image, Image],
    rows: Sequence[Row],
    stages: Sequence[tuple[str, float]],
    seconds: float,
    pack: str,
) -> None:
    """Writes the PNG; `images` are front, back and selfie as the pipelines saw them."""
    table_top = 1080
    sheet = Sheet(table_top + 90 + 34 * len(rows) + 120)
    sheet.text(MARGIN, 36, "eKYC on premise", 40, bold=True)
    sheet.text(
        MARGIN,
        90,
        f"One onboarding, made-up person, SPECIMEN documents  ·  pack {pack}  ·  {seconds:.2f} s",
        22,
        SOFT,
    )
    sheet.rule(136)
    column = (WIDTH - 2 * MARGIN - 2 * GUTTER) // 3
    for i, (side, reading, image) in enumerate(
        (("Front", onboarding.front, images[0]), ("Back", onboarding.back, images[1]))
    ):
        x = MARGIN + i * (column + GUTTER)
        sheet.text(x, 152, f"{side}: {reading.document.title}", 22, ACCENT, bold=True)
        sheet.picture(x, 196, outlined(image.pixels, reading), (column, 440))
        sheet.picture(x, 656, with_lines(reading), (column, 350))
    _faces(sheet, MARGIN + 2 * (column + GUTTER), column, onboarding.decision, images[2])
    _table(sheet, table_top, rows)
    bottom = table_top + 90 + 34 * len(rows) + 20
    sheet.rule(bottom)
    told = [f"{name} {taken * 1000:.0f} ms" for name, taken in stages]
    sheet.text(MARGIN, bottom + 18, "Stages (both sides and faces):", 19, SOFT, bold=True)
    for row, start in enumerate(range(0, len(told), STAGES_PER_ROW)):
        timing = "  ·  ".join(told[start : start + STAGES_PER_ROW])
        sheet.text(MARGIN, bottom + 48 + 24 * row, timing, 16, SOFT)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.page.save(path)


def _faces(sheet: Sheet, x: int, width: int, decision: Decision | None, selfie: Image) -> None:
    sheet.text(x, 152, "Face", 22, ACCENT, bold=True)
    if decision is None:
        sheet.picture(x, 196, selfie.pixels, (width, 440))
        sheet.text(x, 670, "No face found", 26, WRONG, bold=True)
        return
    sheet.picture(x, 196, with_face(selfie, decision), (width, 440))
    side = 240
    sheet.picture(x + width // 2 - side - 20, 660, decision.left.crop, (side, side))
    sheet.picture(x + width // 2 + 20, 660, decision.right.crop, (side, side))
    colour = RIGHT if decision.verdict.value == "same" else WRONG
    words = f"{decision.similarity:.1%} similar: {decision.verdict.value}"
    sheet.text(
        x + width / 2 - _font(28, True).getlength(words) / 2, 922, words, 28, colour, bold=True
    )
    if decision.right.live is not None:
        live = f"live {decision.right.live:.0%}"
        sheet.text(x + width / 2 - _font(20, False).getlength(live) / 2, 966, live, 20, SOFT)


def _table(sheet: Sheet, top: int, rows: Sequence[Row]) -> None:
    columns = (
        (0, "Side"),
        (110, "Field"),
        (310, "Read"),
        (1240, "Source"),
        (1380, "Confidence"),
        (1560, ""),
    )
    for offset, title in columns:
        sheet.text(MARGIN + offset, top, title, 20, SOFT, bold=True)
    sheet.rule(top + 36)
    for i, row in enumerate(rows):
        y = top + 50 + 34 * i
        sheet.text(MARGIN, y, row.side, 20, SOFT)
        sheet.text(MARGIN + 110, y, row.field.value.replace("_", " "), 20, SOFT)
        sheet.text(MARGIN + 310, y, row.read, 20)
        sheet.text(MARGIN + 1240, y, row.source.upper(), 20)
        sheet.text(MARGIN + 1380, y, f"{row.confidence:.2f}", 20)
        mark, colour = ("✓ right", RIGHT) if row.right else (f"✗ is {row.truth}"[:18], WRONG)
        sheet.text(MARGIN + 1560, y, mark, 20, colour, bold=row.right)
