"""What our reader is measured beside: Tesseract's `vie` and the PP-OCRv6 small reader of the `rapidocr` wheel.

Neither is needed at run time. Tesseract comes from the Debian packages tesseract-ocr and tesseract-ocr-vie.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from models.session import OnnxSession
from models.text.decode import greedy
from training.text_reader.render import Line
from training.text_reader.scores import character_errors

PPOCR_HEIGHT = 48
TESSERACT_HEIGHT = 48
"""Pixels: Tesseract's LSTM wants capitals of some 30 pixels; smaller lines are enlarged to be fair to it."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Character error rate on the lines as printed and with accents stripped from both sides, and its pace."""

    cer: float
    cer_unaccented: float
    lines_per_s: float


def unaccented(text: str) -> str:
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c))


def error_rates(lines: Sequence[Line], texts: Sequence[str]) -> tuple[float, float]:
    """Character error rate as printed, and with accents stripped from both sides."""
    letters = sum(len(line.text) for line in lines)
    pairs = list(zip(texts, (line.text for line in lines), strict=True))
    wrong = sum(character_errors(read, truth) for read, truth in pairs)
    bare = sum(character_errors(unaccented(read), unaccented(truth)) for read, truth in pairs)
    return wrong / letters, bare / letters


def scored(lines: Sequence[Line], texts: Sequence[str], seconds: float) -> Rival:
    return Rival(*error_rates(lines, texts), len(lines) / seconds)


def tesseract(lines: Sequence[Line]) -> Rival | None:
    """One process per line on one thread, as a service would call it; None where it cannot be had."""
    if shutil.which("tesseract") is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Tesseract (Debian) for the comparison ...", flush=True)
        command = [
            "apt-get",
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "tesseract-ocr",
            "tesseract-ocr-vie",
        ]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if shutil.which("tesseract") is None:
        return None
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    texts: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "line.png"
        began = time.perf_counter()
        for line in lines:
            cv2.imwrite(str(picture), _enlarged(line.pixels))
            command = ["tesseract", str(picture), "stdout", "-l", "vie", "--psm", "7"]
            read = subprocess.run(
                command, capture_output=True, text=True, check=False, env=environment
            )
            texts.append(unicodedata.normalize("NFC", " ".join(read.stdout.split())))
        seconds = time.perf_counter() - began
    return scored(lines, texts, seconds)


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    scale = max(1.0, TESSERACT_HEIGHT / pixels.shape[0])
    larger = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(larger, 10, 10, 10, 10, cv2.BORDER_REPLICATE)


def ppocr(lines: Sequence[Line]) -> Rival:
    """PP-OCRv6 small, one line at a time at its own width, on one thread."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise SystemExit(
            "the package rapidocr carries the PP-OCRv6 reader: install the locked packages"
        )
    session = OnnxSession(Path(spec.origin).parent / "models" / "PP-OCRv6_rec_small.onnx")
    characters = session.metadata["character"].split("\n")
    texts: list[str] = []
    began = time.perf_counter()
    for line in lines:
        height, width = line.pixels.shape
        size = (max(16, round(width * PPOCR_HEIGHT / height)), PPOCR_HEIGHT)
        grey = cv2.resize(line.pixels, size).astype(np.float32) / 127.5 - 1
        posteriors = session.run({session.input_names[0]: np.repeat(grey[None, None], 3, axis=1)})[
            0
        ][0]
        charset = "".join((*characters, " "))[: posteriors.shape[1] - 1]
        texts.append(greedy(np.log(np.maximum(posteriors, 1e-9)), charset).text)
    return scored(lines, texts, time.perf_counter() - began)
