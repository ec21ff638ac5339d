"""PaddleOCR's adapters over a stand-in for the library, which lives in an environment of its own (tests/paddle)."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from models.loader import load
from models.manifest import (
    ModelPack,
    PackUnusable,
    PaddleFinderRole,
    PaddleReaderRole,
    WeightFile,
    read_pack,
)
from models.session import CPU, CUDA
from models.text.charset import CHARSET
from models.text.paddle_ocr import Detected, PaddleTextFinder, PaddleTextReader, Recognised
from models.types import Image, Pixels


class Unguarded:
    """Reads a crop's first grey level as a number, through a slot that all calls share."""

    def predict(self, pictures: list[Pixels], /) -> list[Recognised]:
        found: list[Recognised] = []
        for picture in pictures:
            self.slot = picture
            time.sleep(0.001)
            found.append({"rec_text": str(self.slot[0, 0, 0]), "rec_score": 0.75})
        return found


class Boxes:
    def __init__(self, *boxes: tuple[int, int, int, int]) -> None:
        self.boxes = boxes

    def predict(self, pictures: list[Pixels], /) -> list[Detected]:
        polys = [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]] for x0, y0, x1, y1 in self.boxes]
        return [{"dt_polys": np.array(polys, np.int16), "dt_scores": [0.9] * len(polys)}] * len(
            pictures
        )


def crop(level: int, width: int = 40) -> Pixels:
    return np.full((20, width, 3), level, np.uint8)


def test_readings_keep_their_order_and_every_character_the_lines_score() -> None:
    reader = PaddleTextReader(Unguarded(), "0123456789")
    readings = reader.read([crop(200, 90), crop(7, 30), crop(31, 60)])
    assert [r.text for r in readings] == ["200", "7", "31"]
    assert readings[0].confidences.tolist() == [0.75] * 3
    assert readings[0].log_posteriors is None
    assert reader.read([]) == []


def test_empty_crops_say_nothing_and_are_not_sent() -> None:
    reader = PaddleTextReader(Unguarded(), "0123456789")
    nothing = np.zeros((0, 9, 3), np.uint8)
    assert [r.text for r in reader.read([nothing, crop(31), nothing[:, :0]])] == ["", "31", ""]
    assert [r.confidence for r in reader.read([nothing])] == [0.0]


def test_calls_on_one_model_take_turns() -> None:
    reader = PaddleTextReader(Unguarded(), "0123456789")

    def read(level: int) -> str:
        return reader.read([crop(level)])[0].text

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(100))) == [str(level) for level in range(100)]


def test_boxes_come_back_in_reading_order() -> None:
    finder = PaddleTextFinder(Boxes((300, 12, 350, 32), (10, 60, 60, 80), (10, 10, 60, 30)))
    found = finder.find(Image(np.zeros((100, 400, 3), np.uint8)))
    assert [box.quad.box[:2] for box in found] == [(10, 10), (300, 12), (10, 60)]
    assert PaddleTextFinder(Boxes()).find(Image(np.zeros((9, 9, 3), np.uint8))) == []


class Library:
    """`paddleocr` as far as the loader asks it; remembers how models were made."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.made: list[dict[str, object]] = []
        self.sampler = SimpleNamespace(batch_size=1)
        self.characters = characters

    def module(self) -> ModuleType:
        module = ModuleType("paddleocr")
        module.TextDetection = self.detection  # type: ignore[attr-defined]
        module.TextRecognition = self.recognition  # type: ignore[attr-defined]
        return module

    def detection(self, **arguments: object) -> Boxes:
        self.made.append(arguments)
        return Boxes()

    def recognition(self, **arguments: object) -> Unguarded:
        self.made.append(arguments)
        recognition = Unguarded()
        recognition.paddlex_predictor = SimpleNamespace(  # type: ignore[attr-defined]
            batch_sampler=self.sampler,
            post_op=SimpleNamespace(character=["blank", *self.characters, " "]),
        )
        return recognition


def brought(pack: ModelPack, folder: Path) -> ModelPack:
    """The pack with four small files of the operator's in `folder`, pinned."""

    def pinned(file: WeightFile) -> WeightFile:
        path = file.locate(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content := file.name.encode())
        digest = hashlib.sha256(content).hexdigest()
        return file.model_copy(update={"sha256": digest, "size": len(content)})

    roles = {
        key: role.model_copy(
            update={"weights": pinned(role.weights), "settings": pinned(role.settings)}
        )
        for key, role in (("text_finder", pack.text_finder), ("text_reader", pack.text_reader))
        if isinstance(role, PaddleFinderRole | PaddleReaderRole)
    }
    assert len(roles) == 2
    return pack.model_copy(update=roles)


@pytest.fixture
def pack(tmp_path: Path) -> ModelPack:
    return brought(read_pack("paddleocr"), tmp_path)


def test_models_are_opened_once_from_their_folders_on_onnx_runtime(
    pack: ModelPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(CHARSET)
    monkeypatch.setitem(sys.modules, "paddleocr", library.module())
    models = load(pack, weights_dir=tmp_path)
    models.text_reader.read([crop(1)])
    assert [made["model_dir"] for made in library.made] == [
        str(tmp_path / "paddle-detection"),
        str(tmp_path / "paddle-recognition"),
    ]
    for made in library.made:
        assert (made["engine"], made["device"]) == ("onnxruntime", "cpu")
        assert json.loads(json.dumps(made["engine_config"]))["providers"] == [CPU]
    assert library.sampler.batch_size == 6


def test_a_reader_that_lacks_letters_does_not_start(
    pack: ModelPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(CHARSET.replace("Ạ", "").replace("ự", ""))
    monkeypatch.setitem(sys.modules, "paddleocr", library.module())
    with pytest.raises(PackUnusable, match=r"PP-OCRv6_small_rec cannot print 2 .*: Ạự$"):
        load(pack, weights_dir=tmp_path)


def test_without_paddleocr_the_pack_names_its_environment(
    pack: ModelPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "paddleocr", None)
    with pytest.raises(PackUnusable, match=r"EKYC_VENV=\.venv-paddle EKYC_LOCK=paddle"):
        load(pack, weights_dir=tmp_path)


def test_what_the_library_refuses_stops_the_start_with_the_folder(
    pack: ModelPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(**_: object) -> Boxes:
        raise ValueError("Model name mismatch")

    module = ModuleType("paddleocr")
    module.TextDetection = refusing  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "paddleocr", module)
    with pytest.raises(PackUnusable, match=f"{tmp_path}.*Model name mismatch"):
        load(pack, weights_dir=tmp_path)


def test_it_never_claims_a_gpu(pack: ModelPack, tmp_path: Path) -> None:
    from models.loader import _Builder

    with pytest.raises(PackUnusable, match="CPU only"):
        _Builder(tmp_path, (CUDA, CPU), 1).text_reader(pack.text_reader)


def test_a_changed_file_stops_the_start_and_says_how_to_pin_it(
    pack: ModelPack, tmp_path: Path
) -> None:
    (tmp_path / "paddle-detection" / "inference.yml").write_bytes(b"other")
    with pytest.raises(PackUnusable, match=r"inference\.yml is not .* write its SHA-256"):
        load(pack, weights_dir=tmp_path)
