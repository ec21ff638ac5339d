"""Letters inside numbers and digits inside words are read again from the reader's own posteriors."""

from __future__ import annotations

import numpy as np
import pytest

from models.text.charset import CHARSET
from models.text.decode import greedy
from models.types import LineReading
from pipelines.documents.spelling import spelled


def reading(text: str, second: dict[int, str]) -> LineReading:
    """As the network tells `text`, with a second best guess at some characters."""
    rows = np.full((2 * len(text), 1 + len(CHARSET)), 1e-6, np.float32)
    for i, character in enumerate(text):
        rows[2 * i, 1 + CHARSET.index(character)] = 0.6
        rows[2 * i + 1, 0] = 1.0
        if i in second:
            rows[2 * i, 1 + CHARSET.index(second[i])] = 0.3
    return greedy(np.log(rows / rows.sum(axis=1, keepdims=True)), CHARSET)


@pytest.mark.parametrize(
    ("text", "second", "told"),
    [
        ("0O1099012B45", {1: "0", 9: "3"}, "001099012345"),
        ("Ngày sinh: 12/O5/2021", {14: "0"}, "Ngày sinh: 12/05/2021"),
        ("NGUYỄN TH1NH", {9: "Ị"}, "NGUYỄN THỊNH"),
        ("B12345G7", {6: "6"}, "B1234567"),
    ],
)
def test_the_second_guess_of_the_right_kind_wins(
    text: str, second: dict[int, str], told: str
) -> None:
    again = spelled(reading(text, second))
    changed = [i for i in second if text[i] != told[i]]
    assert again.text == told
    assert all(again.confidences[i] < 0.5 for i in changed)


@pytest.mark.parametrize(
    "text",
    [
        "B1234567",
        "A1 B2 FC",
        "Số 12A, ngõ 3B",
        "P.1205",
        "IDVNM0990123456",
        "50A<<7",
        "E1",
        "C:1cm",
        "C:2,5cm",
    ],
)
def test_what_may_be_mixed_stays(text: str) -> None:
    second = {i: "8" if c.isalpha() else "Z" for i, c in enumerate(text) if c.isalnum()}
    assert spelled(reading(text, second)).text == text


def test_a_reader_without_posteriors_is_believed() -> None:
    told = LineReading("0O1099012B45", np.ones(12, np.float32))
    assert spelled(told) is told
