"""The shipped text reader on what is not a line of our print: it says nothing, or shows its doubt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.session import OnnxSession
from models.text.crnn_ctc import CrnnCtc
from models.types import Pixels
from specimens.fonts import last_resort, sized

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "weights" / "text_reader.onnx"
DOUBT = 0.6
"""Below the mean confidence of anything that the service takes for text."""


@pytest.fixture(scope="module")
def reader() -> CrnnCtc:
    return CrnnCtc(OnnxSession(WEIGHTS))


def line(text: str) -> Pixels:
    face = last_resort().regular
    font = sized(face, 30)
    page = Image.new("RGB", (int(font.getlength(text)) + 24, 46), (226, 224, 218))
    ImageDraw.Draw(page).text((12, 5), text, font=font, fill=(40, 40, 44))
    return np.ascontiguousarray(np.asarray(page)[:, :, ::-1])


@pytest.mark.parametrize("text", ["NGUYỄN THỊ MINH ÁNH", "001099012345", "Ngày cấp: 12/05/2021"])
def test_clean_print_is_read_and_trusted(reader: CrnnCtc, text: str) -> None:
    [reading] = reader.read([line(text)])
    assert (reading.text, reading.confidence > 0.95) == (text, True)


@pytest.mark.parametrize(
    "text", ["Ελληνική Δημοκρατία", "Паспорт гражданина", "جمهورية مصر", "საქართველო", "Հայաստան"]
)
def test_another_script_is_not_taken_for_text(reader: CrnnCtc, text: str) -> None:
    [reading] = reader.read([line(text)])
    # Cyrillic has letters of Latin shape; of those a few are told, never a line of them.
    assert reading.confidence < DOUBT or 2 * len(reading.text) < len(text), reading.text


@pytest.mark.parametrize("text", ["NGUYỄN THỊ MINH ÁNH", "Xã Kim Liên, Nam Đàn, Nghệ An"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turned_print_is_not_taken_for_text(reader: CrnnCtc, text: str, quarters: int) -> None:
    [reading] = reader.read([np.ascontiguousarray(np.rot90(line(text), quarters))])
    assert reading.confidence < DOUBT, reading.text


@pytest.mark.parametrize("paper", [0, 128, 255])
def test_blank_paper_says_nothing(reader: CrnnCtc, paper: int) -> None:
    [reading] = reader.read([np.full((40, 300, 3), paper, np.uint8)])
    assert reading.text == ""


def test_an_empty_crop_says_nothing(reader: CrnnCtc) -> None:
    assert [r.text for r in reader.read([np.zeros((0, 0, 3), np.uint8)])] == [""]
