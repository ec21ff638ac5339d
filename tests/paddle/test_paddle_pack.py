"""The pack paddleocr with PaddleOCR itself. Asked for by `scripts/test_paddle`, in an environment of its own."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from models.loader import load
from models.manifest import ModelPack, PackUnusable, WeightFile, read_pack
from models.session import OnnxSession
from models.text.charset import CHARSET, VIETNAMESE_ACCENTED
from models.text.paddle_ocr import (
    FinderSettings,
    PaddleModel,
    PaddleTextFinder,
    PaddleTextReader,
    open_finder,
    open_reader,
)
from models.text.ppocr_db import DbSettings, PpOcrDb
from models.types import Image, Pixels
from pipelines.read_page import ReadPage
from tests.paddle.layout import DETECTION, RECOGNITION, dictionary, lay_out

LINES = ("NGUYEN THI MINH ANH", "001190000017", "25/08/1990", "Ha Noi, Viet Nam")
SETTINGS = FinderSettings(longest_side=640, pixel_threshold=0.3, box_threshold=0.5, unclip=1.6)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("weights") / "brought", dictionary())


@pytest.fixture(scope="module")
def finder(weights: Path) -> PaddleTextFinder:
    return open_finder(PaddleModel("PP-OCRv6_small_det", weights / DETECTION, 1), SETTINGS)


@pytest.fixture(scope="module")
def reader(weights: Path) -> PaddleTextReader:
    return open_reader(PaddleModel("PP-OCRv6_small_rec", weights / RECOGNITION, 1), batch=3)


def printed(text: str, size: tuple[int, int] = (420, 48)) -> Pixels:
    paper = Pillow.new("RGB", size, "white")
    ImageDraw.Draw(paper).text((12, 8), text, fill="black", font=ImageFont.load_default(28))
    return np.asarray(paper, np.uint8)


def page() -> Image:
    margin = np.full((40, 420, 3), 255, np.uint8)
    return Image(np.vstack([part for line in LINES for part in (margin, printed(line))]))


def test_what_is_printed_is_found_in_order_and_read(
    finder: PaddleTextFinder, reader: PaddleTextReader
) -> None:
    image = page()
    found = [tuple(map(int, box.quad.box)) for box in finder.find(image)]
    readings = reader.read([image.pixels[y0:y1, x0:x1] for x0, y0, x1, y1 in found])
    assert tuple(reading.text for reading in readings) == LINES
    assert all(reading.confidence > 0.9 for reading in readings)


def test_the_finder_agrees_with_our_own_on_the_same_weights(
    finder: PaddleTextFinder, weights: Path
) -> None:
    own = PpOcrDb(OnnxSession(weights / DETECTION / "inference.onnx"), DbSettings(longest_side=640))
    for theirs, ours in zip(finder.find(page()), own.find(page()), strict=True):
        assert theirs.quad.corners == pytest.approx(ours.quad.corners, abs=5)


def test_readings_come_back_in_the_order_given_whatever_their_width(
    reader: PaddleTextReader,
) -> None:
    crops = [printed(line, (40 + 16 * len(line), 48)) for line in LINES]
    assert [r.text for r in reader.read(crops)] == list(LINES)
    assert [r.text for r in reader.read(crops[::-1])] == list(LINES[::-1])


def test_paper_and_odd_crops_say_nothing(
    finder: PaddleTextFinder, reader: PaddleTextReader
) -> None:
    blank = np.full((400, 600, 3), 255, np.uint8)
    assert finder.find(Image(blank)) == []
    assert finder.find(Image(blank[:1, :1])) == []
    assert reader.read([]) == []
    shapes = [(1, 1), (48, 4000), (4000, 1), (48, 300)]
    crops = [np.full((*shape, 3), 255, np.uint8) for shape in shapes]
    assert all(r.text == "" or r.confidence < 0.5 for r in reader.read(crops))


def test_threads_do_not_see_each_others_lines(
    finder: PaddleTextFinder, reader: PaddleTextReader
) -> None:
    numbers = [f"{n:012d}" for n in range(101, 10_000_000_000, 833_333_334)]

    def work(number: str) -> tuple[str, int]:
        crop = printed(number)
        boxes = finder.find(Image(np.vstack([np.full_like(crop, 255), crop])))
        return reader.read([crop])[0].text, len(boxes)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, numbers * 3)) == [(number, 1) for number in numbers] * 3


def test_the_pack_is_refused_with_the_letters_pp_ocr_cannot_print(weights: Path) -> None:
    with pytest.raises(PackUnusable, match=r"PP-OCRv6_small_rec cannot print 88 of") as refusal:
        load(read_pack("paddleocr"), weights_dir=weights)
    named = str(refusal.value).rpartition(": ")[2]
    assert set(named) == set(VIETNAMESE_ACCENTED) - set(dictionary())


def test_a_model_with_every_letter_starts(tmp_path: Path) -> None:
    known = dictionary()
    lacking = sorted(set(CHARSET) - set(known) - {" "})
    known[-len(lacking) :] = lacking  # in the place of pictograms
    pack = read_pack("paddleocr")
    pack = repinned(pack, lay_out(tmp_path / "brought", known))
    models = load(pack, weights_dir=tmp_path / "brought")
    assert [r.text for r in models.text_reader.read([printed(LINES[0])])] == [LINES[0]]
    assert ReadPage(models.text_finder, models.text_reader)(page()) == list(LINES)


def repinned(pack: ModelPack, folder: Path) -> ModelPack:
    """As the operator does after changing the reader's dictionary."""

    def pinned(file: WeightFile) -> WeightFile:
        content = file.locate(folder).read_bytes()
        return file.model_copy(
            update={"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        )

    role = pack.text_reader.model_copy(update={"settings": pinned(pack.text_reader.settings)})
    return pack.model_copy(update={"text_reader": role})


def test_a_folder_that_is_another_model_is_refused(weights: Path) -> None:
    wrong = PaddleModel("PP-OCRv6_small_rec", weights / DETECTION, 1)
    with pytest.raises(PackUnusable, match=re.escape(str(weights / DETECTION)) + ".*mismatch"):
        open_reader(wrong, batch=1)
