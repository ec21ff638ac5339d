"""CTC decoding and the charset."""

from __future__ import annotations

import unicodedata
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from models.text.charset import CHARSET, DIGITS, MRZ_ALPHABET, VIETNAMESE_ACCENTED
from models.text.decode import decode, greedy, restricted
from models.text.language import CharacterModel
from models.types import LineReading

LETTERS = "AO0"


def posteriors(*steps: dict[str, float]) -> NDArray[np.float32]:
    """T x 4 log-probabilities over blank ("") and LETTERS; what is left goes to the blank."""
    rows = []
    for step in steps:
        row = np.full(1 + len(LETTERS), 1e-6)
        for letter, probability in step.items():
            row[0 if not letter else 1 + LETTERS.index(letter)] = probability
        row[0] += max(0.0, 1 - row.sum())
        rows.append(np.log(row / row.sum()))
    return np.array(rows, np.float32)


def test_charset_holds_every_vietnamese_letter_once() -> None:
    assert len(VIETNAMESE_ACCENTED) == 134
    assert len(set(CHARSET)) == len(CHARSET)
    assert set("ĂÂĐÊÔƠƯỄỴặẵđ") <= set(CHARSET)
    assert unicodedata.normalize("NFC", CHARSET) == CHARSET
    assert set(MRZ_ALPHABET) <= set(CHARSET)


def test_repeats_merge_and_a_blank_parts_double_letters() -> None:
    steps = [{"A": 0.9}, {"A": 0.7}, {"": 0.9}, {"A": 0.8}, {"O": 0.6}]
    assert greedy(posteriors(*steps), LETTERS).text == "AAO"


def test_confidence_is_the_best_step_of_a_character() -> None:
    reading = greedy(posteriors({"A": 0.6}, {"A": 0.9}, {"": 1.0}, {"O": 0.7}), LETTERS)
    assert reading.confidences == pytest.approx([0.9, 0.7], abs=0.01)


def test_blank_paper_gives_no_text_and_no_confidence() -> None:
    reading = greedy(posteriors({"": 1.0}, {"": 0.9}), LETTERS)
    assert reading.text == ""
    assert reading.confidence == 0.0


def test_a_digit_slot_turns_the_letter_o_into_zero_and_shows_the_doubt() -> None:
    reading = greedy(posteriors({"O": 0.6, "0": 0.39}), LETTERS)
    assert reading.text == "O"
    again = restricted(reading, DIGITS, LETTERS, None)
    assert again.text == "0"
    assert again.confidences == pytest.approx([0.39], abs=0.01)


def test_outer_spaces_are_cut_with_their_confidences() -> None:
    log = np.log(np.array([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], np.float32))
    reading = greedy(log, " A")
    assert reading.text == "A"
    assert len(reading.confidences) == 1


def test_without_posteriors_a_restriction_changes_nothing() -> None:
    reading = LineReading("O", np.array([0.5], np.float32))
    assert restricted(reading, DIGITS, LETTERS, None) is reading


class Indifferent:
    """A character model to which all is alike; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def log_probability(self, text: str, character: str) -> float:
        del text, character
        self.asked += 1
        return -5.0


def test_a_line_in_which_every_letter_is_as_likely_stays_cheap() -> None:
    steps, language = 40, Indifferent()
    even = np.full((steps, 1 + len(CHARSET)), -np.log(1 + len(CHARSET)), np.float32)
    reading = decode(even, CHARSET, cast(CharacterModel, language))
    assert reading.confidence < 0.1
    # 8 readings, 6 letters to each, at every step; then all letters once for the confidences
    assert language.asked < steps * (8 * 6 + len(CHARSET) + 2)
