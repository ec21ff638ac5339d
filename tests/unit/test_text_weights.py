"""The shipped text reader on what is not a line of our print: it says nothing, or shows its doubt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.session import OnnxSession
from models.text.charset import CHARSET, MRZ_ALPHABET
from models.text.crnn_ctc import CrnnCtc
from models.text.decode import decode, greedy, restricted
from models.text.language import EDGE, CharacterModel
from models.types import Pixels
from specimens.fonts import last_resort, sized

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "weights" / "text_reader.onnx"
LANGUAGE = CharacterModel(WEIGHTS.with_name("text_language.npz").read_bytes())
DOUBT = 0.5
"""Mean confidence from which on pipelines/read_document.py and read_page.py take a reading for text."""


@pytest.fixture(scope="module")
def reader() -> CrnnCtc:
    return CrnnCtc(OnnxSession(WEIGHTS), LANGUAGE)


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


def test_a_line_too_wide_for_one_piece_keeps_its_words_apart(reader: CrnnCtc) -> None:
    words = ["NGUYỄN THỊ MINH ÁNH", "Tổ dân phố 12", "Xã Kim Liên", "Huyện Nam Đàn", "Nghệ An"]
    text = " ".join(words * 4)
    crop = line(text)
    assert crop.shape[1] > 4000
    [reading] = reader.read([crop])
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


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (1, 300), (300, 1), (40, 240), (4000, 30), (24, 4000), (3, 20_000)],
)
def test_noise_of_any_shape_is_not_taken_for_text(reader: CrnnCtc, height: int, width: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    [reading] = reader.read([noise])
    assert reading.confidence < DOUBT, reading.text


def test_an_empty_crop_says_nothing(reader: CrnnCtc) -> None:
    assert [r.text for r in reader.read([np.zeros((0, 0, 3), np.uint8)])] == [""]


def told(text: str, doubtful: int, rivals: dict[str, float]) -> NDArray[np.float32]:
    """Posteriors of a line that is sure of every letter but one, with a blank behind each."""
    steps = np.full((2 * len(text), 1 + len(CHARSET)), 1e-6)
    for at, letter in enumerate(text):
        for rival, share in (rivals if at == doubtful else {letter: 1.0}).items():
            steps[2 * at, 1 + CHARSET.index(rival)] = share
        steps[2 * at + 1, 0] = 1.0
    return np.log(steps / steps.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    ("rivals", "read"),
    [
        ({"Ể": 0.55, "Ễ": 0.45}, "NGUYỄN"),  # in doubt the usual spelling is taken
        ({"Ể": 0.91, "Ễ": 0.09}, "NGUYỂN"),  # what is plainly printed stays, however rare
        ({"Ể": 0.98, "Ễ": 0.02}, "NGUYỂN"),
    ],
)
def test_spelling_settles_doubt_and_nothing_else(rivals: dict[str, float], read: str) -> None:
    posteriors = told("NGUYỄN THỊ MINH ÁNH", 4, rivals)
    reading = decode(posteriors, CHARSET, LANGUAGE)
    assert reading.text == f"{read} THỊ MINH ÁNH"
    assert reading.steps is not None
    assert list(reading.steps) == list(range(0, 38, 2))
    assert reading.confidences[4] < min(reading.confidences[:4])


def test_a_doubtful_digit_is_left_to_the_print() -> None:
    posteriors = told("001099012345", 7, {"1": 0.51, "7": 0.49})
    reading = decode(posteriors, CHARSET, LANGUAGE)
    assert reading.text == "001099012345"
    assert reading.confidences[7] == pytest.approx(0.51, abs=0.01)


def test_a_letter_lost_in_a_line_of_one_pitch_is_read_in_its_gap() -> None:
    line = "P<VNMBUI<<HOANG<MY<LIEN<<<<<<<"
    steps = np.full((4 * len(line), 1 + len(CHARSET)), 1e-6)
    steps[:, 0] = 1.0
    for at, letter in enumerate(line):
        share = 0.2 if at == 5 else 0.99  # of the B hardly anything is seen
        steps[4 * at, [0, 1 + CHARSET.index(letter)]] = 1 - share, share
    posteriors = np.log(steps / steps.sum(axis=1, keepdims=True)).astype(np.float32)
    lost = greedy(posteriors, CHARSET)
    assert lost.text == line.replace("B", "")
    found = restricted(lost, MRZ_ALPHABET, CHARSET, None, pitch_of=len(line))
    assert found.text == line
    assert found.confidences[5] < 0.5


def test_character_model_is_a_distribution() -> None:
    for context in ("", "NGUYỄN ", "Thôn Đô", "zzzz"):
        total = sum(np.exp(LANGUAGE.log_probability(context, c)) for c in CHARSET + EDGE)
        assert total == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("content", [b"", b"PK nonsense", WEIGHTS.read_bytes()[:1000]])
def test_a_damaged_character_model_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a character model"):
        CharacterModel(content)
