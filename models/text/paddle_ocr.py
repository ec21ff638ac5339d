"""A bank's own PaddleOCR models: PaddleOCR's text detection and recognition on its `onnxruntime` engine.

Everything is set when a model is opened. PaddleX writes an argument of a call (`batch_size`) into the predictor that
all calls share, and its maintainers promise no thread safety: a call passes pixels alone, and calls on one model
take turns. See docs/decisions/0006-paddleocr-in-its-own-environment.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from models.geometry import order_corners
from models.manifest import PackUnusable
from models.session import CPU
from models.text.ppocr_db import in_reading_order
from models.types import Image, LineReading, Pixels, TextBox


@dataclass(frozen=True, slots=True)
class PaddleModel:
    """A folder with inference.onnx and inference.yml, the model name in the latter, and threads inside one call."""

    name: str
    folder: Path
    threads: int


@dataclass(frozen=True, slots=True)
class FinderSettings:
    """Meant as in models.text.ppocr_db.DbSettings; they overrule inference.yml."""

    longest_side: int
    pixel_threshold: float
    box_threshold: float
    unclip: float


class Detected(TypedDict):
    """Of PaddleX's result: N x 4 x 2 corners in pixels, N scores."""

    dt_polys: NDArray[np.int16]
    dt_scores: Sequence[float]


class Recognised(TypedDict):
    """Of PaddleX's result: a line and the mean probability of its characters."""

    rec_text: str
    rec_score: float


class Detection(Protocol):
    def predict(self, pictures: list[Pixels], /) -> list[Detected]: ...


class Recognition(Protocol):
    def predict(self, pictures: list[Pixels], /) -> list[Recognised]: ...


class PaddleTextFinder:
    """Implements `models.ports.TextFinder`."""

    def __init__(self, detection: Detection) -> None:
        self._detection = detection
        self._turn = Lock()

    def find(self, image: Image) -> list[TextBox]:
        with self._turn:
            (found,) = self._detection.predict([image.pixels])
        boxes = zip(found["dt_polys"], found["dt_scores"], strict=True)
        return in_reading_order(
            [
                TextBox(order_corners(np.asarray(corners, np.float32)), float(score))
                for corners, score in boxes
            ]
        )


class PaddleTextReader:
    """Implements `models.ports.TextReader`.

    PaddleOCR tells one probability per line, so every character carries that one, and there are no posteriors
    for a decode restricted to an alphabet.
    """

    def __init__(self, recognition: Recognition, charset: str) -> None:
        self._recognition = recognition
        self._turn = Lock()
        self.charset = charset

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        # PaddleX batches in the order given and pads a batch to its widest line; of an empty crop it makes nothing.
        order = [i for i, crop in enumerate(crops) if crop.size]
        order.sort(key=lambda i: crops[i].shape[1] / crops[i].shape[0])
        readings = [LineReading("", np.zeros(0, np.float32)) for _ in crops]
        if order:
            with self._turn:
                found = self._recognition.predict([crops[i] for i in order])
            for i, line in zip(order, found, strict=True):
                readings[i] = _reading(line)
        return readings

    def restricted(
        self,
        reading: LineReading,
        alphabet: str,
        *,
        pitch_of: int | None = None,
    ) -> LineReading:
        del alphabet, pitch_of  # nothing to read it from again
        return reading


def open_finder(model: PaddleModel, settings: FinderSettings) -> PaddleTextFinder:
    """Raises:
    PackUnusable: PaddleOCR is not installed, or does not take the model.
    """
    with _explained(model):
        from paddleocr import TextDetection

        return PaddleTextFinder(
            TextDetection(
                model_name=model.name,
                model_dir=str(model.folder),
                device="cpu",
                engine="onnxruntime",
                engine_config=_engine_config(model.threads),
                limit_type="max",
                limit_side_len=settings.longest_side,
                thresh=settings.pixel_threshold,
                box_thresh=settings.box_threshold,
                unclip_ratio=settings.unclip,
            )
        )


def open_reader(model: PaddleModel, *, batch: int) -> PaddleTextReader:
    """A reader that takes `batch` lines through the network together.

    Raises:
        PackUnusable: PaddleOCR is not installed, or does not take the model.
    """
    with _explained(model):
        from paddleocr import TextRecognition

        recognition = TextRecognition(
            model_name=model.name,
            model_dir=str(model.folder),
            device="cpu",
            engine="onnxruntime",
            engine_config=_engine_config(model.threads),
        )
        predictor = recognition.paddlex_predictor
        predictor.batch_sampler.batch_size = batch
        _blank, *characters = predictor.post_op.character
        charset = "".join(unicodedata.normalize("NFC", character) for character in characters)
        return PaddleTextReader(recognition, charset)


def _engine_config(threads: int) -> dict[str, object]:
    """As models.session sets its own sessions up, as far as PaddleX lets us."""
    return {
        "providers": [CPU],
        "intra_op_num_threads": threads,
        "inter_op_num_threads": 1,
        "enable_mem_pattern": False,
        "log_severity_level": 3,
    }


@contextmanager
def _explained(model: PaddleModel) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise PackUnusable(
            f"{model.name} needs PaddleOCR, which lives in an environment of its own ({error}): "
            "EKYC_VENV=.venv-paddle EKYC_LOCK=paddle scripts/serve"
        ) from error
    except Exception as error:  # whatever PaddleX raises, the service must not start
        raise PackUnusable(
            f"PaddleOCR does not take the model {model.name} in {model.folder}: "
            f"{type(error).__name__}: {error}"
        ) from error


def _reading(line: Recognised) -> LineReading:
    text = unicodedata.normalize("NFC", line["rec_text"]).strip()
    return LineReading(text, np.full(len(text), line["rec_score"], np.float32))
