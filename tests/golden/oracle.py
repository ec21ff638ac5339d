"""A reader that knows the answer: truth lines of specimens as a detector would cut them, with light OCR noise."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from models.types import LineReading, Quad, TextLine
from specimens.truth import Truth, TruthLine

_CONFUSED = {
    "o": "0",
    "O": "0",
    "I": "l",
    "i": "ị",
    "ễ": "ê",
    "ữ": "ử",
    "ạ": "a",
    "m": "n",
    "e": "c",
    "/": "1",
}
"""Slips that leave a value right after repair are rare in values, so noise falls on labels only."""


def line_of(text: str, quad: Quad, confidence: float = 0.99) -> TextLine:
    return TextLine(LineReading(text, np.full(len(text), confidence, np.float32)), quad)


def boxes(truth: Truth, rng: random.Random, noise: float = 0.06) -> list[TextLine]:
    """Printed lines, some merged with their right neighbour, some cut in two at a blank."""
    rest = sorted(truth.lines, key=lambda x: (x.quad[:, 1].mean(), x.quad[:, 0].min()))
    cut: list[TextLine] = []
    while rest:
        line = rest.pop(0)
        text, box = _noisy(line, rng, noise), Quad(line.quad).box
        right = [x for x in rest if _follows(box, Quad(x.quad).box)]
        if right and rng.random() < 0.5:
            rest.remove(right[0])
            other = Quad(right[0].quad).box
            text = f"{text} {_noisy(right[0], rng, noise)}"
            box = (box[0], min(box[1], other[1]), other[2], max(box[3], other[3]))
        cut += (
            _split(text, box)
            if rng.random() < 0.2 and " " in text and line.field != "mrz"
            else [line_of(text, Quad.of_box(*box))]
        )
    return [x for x in cut if x.text]


def _follows(box: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Is `other` the next run of print on the same row, near enough that a detector may join them?"""
    height = box[3] - box[1]
    level = abs((box[1] + box[3]) - (other[1] + other[3])) / 2 < 0.4 * height
    return level and 0 <= other[0] - box[2] < 1.2 * height and box[0] > 0.27 * 1012


def _split(text: str, box: Sequence[float]) -> list[TextLine]:
    at = (
        text.rindex(" ", 0, max(2, len(text) * 2 // 3) + 1)
        if " " in text[: len(text) * 2 // 3 + 1]
        else text.index(" ")
    )
    middle = box[0] + (box[2] - box[0]) * at / len(text)
    return [
        line_of(text[:at].strip(), Quad.of_box(box[0], box[1], middle - 2, box[3])),
        line_of(text[at:].strip(), Quad.of_box(middle + 2, box[1], box[2], box[3])),
    ]


def _noisy(line: TruthLine, rng: random.Random, noise: float) -> str:
    if line.field is not None:
        return line.text
    out = []
    for character in line.text:
        if rng.random() >= noise:
            out.append(character)
        elif rng.random() < 0.7:
            out.append(_CONFUSED.get(character, rng.choice("abcnou")))
    return "".join(out)
