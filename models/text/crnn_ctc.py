"""Our text reader: a CRNN with a CTC head, run batched by width. See models/weights/text_reader.md."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.session import OnnxSession
from models.text.decode import greedy
from models.types import LineReading, Pixels

HEIGHT = 32
"""Pixels; every line is scaled to this height."""
MAX_WIDTH = 1280
"""Pixels at HEIGHT; a wider crop is squeezed (40 characters to the height is wider than any printed line)."""
MIN_WIDTH = 16
WIDTH_STEP = 32
"""Widths are padded to a multiple of this, so that lines of similar width share a batch."""
MAX_BATCH = 8
FLAT_DEVIATION = 8.0
"""Added to a line's deviation of grey levels, so that blank paper is not amplified into text."""


def normalise(grey: NDArray[np.uint8], max_width: int = MAX_WIDTH) -> NDArray[np.float32]:
    """HEIGHT x W float32 with zero mean and about unit deviation, from a grey line of any size."""
    height, width = grey.shape
    new_width = int(np.clip(round(width * HEIGHT / height), MIN_WIDTH, max_width))
    shrinking = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_LINEAR
    line = cv2.resize(grey, (new_width, HEIGHT), interpolation=shrinking).astype(np.float32)
    return np.asarray((line - line.mean()) / (line.std() + FLAT_DEVIATION), np.float32)


class CrnnCtc:
    """Implements `models.ports.TextReader`. Charset and temperature come from the ONNX metadata.

    Raises:
        ValueError: the model carries no charset, or not as many classes as characters.
    """

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self.charset = str(json.loads(session.metadata["charset"]))
        self._temperature = float(session.metadata.get("temperature", "1"))

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        lines = [normalise(_grey(crop)) for crop in crops]
        readings: list[LineReading | None] = [None] * len(lines)
        order = sorted(range(len(lines)), key=lambda i: lines[i].shape[1])
        start = 0
        while start < len(order):
            width = _padded(lines[order[start]].shape[1])
            batch = [i for i in order[start : start + MAX_BATCH] if lines[i].shape[1] <= width]
            for i, reading in zip(
                batch, self._read_batch([lines[i] for i in batch], width), strict=True
            ):
                readings[i] = reading
            start += len(batch)
        return [reading for reading in readings if reading is not None]

    def _read_batch(self, lines: Sequence[NDArray[np.float32]], width: int) -> list[LineReading]:
        x = np.zeros((len(lines), 1, HEIGHT, width), np.float32)
        for i, line in enumerate(lines):
            x[i, 0, :, : line.shape[1]] = line
        logits = self._session.run({self._session.input_names[0]: x})[0] / self._temperature
        logits -= logits.max(axis=2, keepdims=True)
        log_posteriors = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
        return [greedy(row.astype(np.float32), self.charset) for row in log_posteriors]


def _grey(crop: Pixels) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)


def _padded(width: int) -> int:
    return -(-width // WIDTH_STEP) * WIDTH_STEP
