"""Our text reader: a CRNN with a CTC head, run batched by width. See models/weights/text_reader.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.session import OnnxSession
from models.text.decode import decode, restricted
from models.text.language import CharacterModel
from models.types import LineReading, Pixels

HEIGHT = 48
"""Pixels; every line is scaled to this height: stacked tone marks need it."""
SQUEEZE = 2 / 3
"""Width is scaled by this much less than height: letters stand apart well enough, and columns cost time."""
MAX_WIDTH = 1280
"""Columns, some 90 characters; a wider crop is read in pieces."""
CUT_REACH = 64
"""Columns on either side of an even division in which a wide line is cut, where it has least ink."""
CONTEXT = 64
"""Columns, some four letters, that a piece sees beyond its cuts: a gap between words is known by what stands around it."""
LONGEST = 500
"""Times its height, some thousand characters: what is longer is a rule or an edge, and no line of print."""
MIN_WIDTH = 16
WIDTH_STEP = 32
"""Widths are padded to a multiple of this, so that lines of similar width share a batch."""
CPU_BATCH, GPU_BATCH = 8, 64
"""Lines read at once: beyond eight a CPU gains nothing and waits for the widest; a GPU is idle below dozens."""
FLAT_DEVIATION = 8.0
"""Added to a line's deviation of grey levels, so that blank paper is not amplified into text."""


def normalise(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """HEIGHT x W float32 with zero mean and about unit deviation, from a grey line of any size."""
    height, width = grey.shape
    new_width = max(MIN_WIDTH, round(width * HEIGHT * SQUEEZE / height))
    shrinking = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_LINEAR
    line = cv2.resize(grey, (new_width, HEIGHT), interpolation=shrinking).astype(np.float32)
    return np.asarray((line - line.mean()) / (line.std() + FLAT_DEVIATION), np.float32)


class Piece(NamedTuple):
    """A part of a line (HEIGHT x W) and which of its columns are its own: `begin` to `end`; the others are its neighbours'."""

    columns: NDArray[np.float32]
    begin: int
    end: int


def pieces(line: NDArray[np.float32]) -> list[Piece]:
    """A normalised line in parts of at most MAX_WIDTH, cut between letters where it can be."""
    width = line.shape[1]
    if width <= MAX_WIDTH:
        return [Piece(line, 0, width)]
    count = -(-width // (MAX_WIDTH - 2 * CUT_REACH - 2 * CONTEXT))
    ink = line.std(axis=0)
    cuts = [0]
    for part in range(1, count):
        start = part * width // count - CUT_REACH
        cuts.append(start + int(ink[start : start + 2 * CUT_REACH].argmin()))
    found = []
    for a, b in zip(cuts, [*cuts[1:], width], strict=True):
        first = max(0, a - CONTEXT)
        found.append(Piece(line[:, first : b + CONTEXT], a - first, b - first))
    return found


class CrnnCtc:
    """Implements `models.ports.TextReader`. Charset and temperature come from the ONNX metadata.

    Args:
        language: weighs the readings of a line that leaves doubt; None takes the best path.
        batch: lines of similar width run at once.

    Raises:
        ValueError: the model carries no charset; when it reads, that it has not as many classes as characters and a blank.
    """

    def __init__(
        self, session: OnnxSession, language: CharacterModel | None, *, batch: int = CPU_BATCH
    ) -> None:
        self._session = session
        self._language = language
        self._batch = batch
        if "charset" not in session.metadata:
            raise ValueError("the text reader carries no charset in its metadata")
        self.charset = str(json.loads(session.metadata["charset"]))
        self._temperature = float(session.metadata.get("temperature", "1"))

    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        parts = [
            (owner, piece)
            for owner, crop in enumerate(crops)
            for piece in pieces(normalise(_grey(crop)))
        ]
        posteriors = self._posteriors([piece.columns for _, piece in parts])
        of_crop: list[list[NDArray[np.float32]]] = [[] for _ in crops]
        for (owner, piece), told in zip(parts, posteriors, strict=True):
            of_crop[owner].append(_own(piece, told))
        return [decode(np.concatenate(told), self.charset, self._language) for told in of_crop]

    def restricted(
        self, reading: LineReading, alphabet: str, *, pitch_of: int | None = None
    ) -> LineReading:
        return restricted(reading, alphabet, self.charset, self._language, pitch_of=pitch_of)

    def _posteriors(self, lines: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """T x (1 + charset) log-probabilities per line, in the order given; lines of similar width share a batch."""
        found: dict[int, NDArray[np.float32]] = {}
        order = sorted(range(len(lines)), key=lambda i: lines[i].shape[1])
        while order:
            width = _padded(lines[order[0]].shape[1])
            batch = [i for i in order[: self._batch] if lines[i].shape[1] <= width]
            order = order[len(batch) :]
            found |= zip(batch, self._run([lines[i] for i in batch], width), strict=True)
        return [found[i] for i in range(len(lines))]

    def _run(self, lines: Sequence[NDArray[np.float32]], width: int) -> NDArray[np.float32]:
        x = np.zeros((len(lines), 1, HEIGHT, width), np.float32)
        for i, line in enumerate(lines):
            x[i, 0, :, : line.shape[1]] = line
        logits = self._session.run({self._session.input_names[0]: x})[0] / self._temperature
        if logits.shape[2] != 1 + len(self.charset):
            raise ValueError(
                f"the text reader tells {logits.shape[2]} classes, its charset has {len(self.charset)} characters and a blank"
            )
        logits -= logits.max(axis=2, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=2, keepdims=True)), np.float32)


def _own(piece: Piece, log_posteriors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The steps that tell of a piece's own columns: all of them, padding included, for a line in one piece."""
    width = piece.columns.shape[1]
    if piece.end - piece.begin == width:
        return log_posteriors
    steps_per_column = len(log_posteriors) / _padded(width)
    return log_posteriors[
        round(piece.begin * steps_per_column) : round(piece.end * steps_per_column)
    ]


def _grey(crop: Pixels) -> NDArray[np.uint8]:
    height, width = crop.shape[:2]
    if not crop.size or width > LONGEST * height:
        return np.zeros((1, 1), np.uint8)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)


def _padded(width: int) -> int:
    return -(-width // WIDTH_STEP) * WIDTH_STEP
