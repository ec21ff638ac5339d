"""The CRNN adapter over a session that answers by the widths it is given, and the training lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from models.session import OnnxSession
from models.text.crnn_ctc import HEIGHT, MAX_WIDTH, CrnnCtc, pieces
from training.text_reader.scores import calibration_error, character_errors, correct_characters

CHARACTERS = "0123456789"


class ReadsBrightness:
    """Says the digit that a line's brightness codes: a stand-in that shows which crop an answer belongs to."""

    input_names = ("lines",)
    metadata: Mapping[str, str] = {"charset": json.dumps(CHARACTERS), "temperature": "1.0"}

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        x = inputs["lines"]
        self.batches.append(x.shape)
        logits = np.zeros((len(x), 4, 1 + len(CHARACTERS)), np.float32)
        for i, line in enumerate(x[:, 0]):
            # the marked column is one tenth of the line's width per digit
            written = np.abs(line).sum(axis=0) > 0
            bright = int(np.argmax(line[0]))
            digit = min(9, round(10 * bright / max(1, written.sum())))
            logits[i, 1, 1 + digit] = 50
            logits[i, [0, 2, 3], 0] = 50
        return [logits]


def crop(digit: int, width: int) -> NDArray[np.uint8]:
    pixels = np.full((HEIGHT, width, 3), 90, np.uint8)
    at = digit * width // 10
    pixels[:, at : at + 2] = 255
    return pixels


@pytest.fixture
def session() -> ReadsBrightness:
    return ReadsBrightness()


@pytest.fixture
def reader(session: ReadsBrightness) -> CrnnCtc:
    return CrnnCtc(cast(OnnxSession, session), None)


def test_answers_come_back_in_the_order_asked_though_batched_by_width(
    reader: CrnnCtc, session: ReadsBrightness
) -> None:
    digits = [3, 1, 4, 0, 5, 9, 2, 6, 5, 3, 5, 8]
    widths = [600, 80, 320, 100, 640, 90, 340, 200, 80, 610, 330, 100]
    readings = reader.read([crop(d, w) for d, w in zip(digits, widths, strict=True)])
    assert "".join(r.text for r in readings) == "".join(map(str, digits))
    assert len(session.batches) < len(digits)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 4000), (300, 2), (20, 4000)])
def test_odd_crops_do_not_crash(reader: CrnnCtc, height: int, width: int) -> None:
    assert len(reader.read([np.zeros((height, width, 3), np.uint8)])) == 1


def test_a_line_of_4000_pixels_is_read_in_pieces_cut_between_letters() -> None:
    height, width, gap = HEIGHT, 4000, 24
    line = np.zeros((height, width), np.float32)
    for x in range(0, width, 60):  # letters of 36 pixels with gaps of 24
        line[4:-4, x : x + 60 - gap] = 1.0
    parts = pieces(line)
    own = [part.columns[:, part.begin : part.end] for part in parts]
    assert np.array_equal(np.hstack(own), line)
    assert max(part.columns.shape[1] for part in parts) <= MAX_WIDTH
    assert all(not part[:, 0].any() for part in own[1:])
    # each sees some letters beyond its cuts
    assert all(part.begin > 60 for part in parts[1:])
    assert all(part.columns.shape[1] - part.end > 60 for part in parts[:-1])


def test_pieces_come_back_as_one_reading(reader: CrnnCtc, session: ReadsBrightness) -> None:
    [reading] = reader.read([np.zeros((HEIGHT, 4000, 3), np.uint8)])
    assert reading.log_posteriors is not None
    assert len(reading.text) == sum(batch[0] for batch in session.batches) > 1


@pytest.mark.parametrize(("height", "width"), [(1, 4000), (3, 20_000)])
def test_what_is_too_long_for_a_line_costs_nothing(
    reader: CrnnCtc, session: ReadsBrightness, height: int, width: int
) -> None:
    reader.read([np.zeros((height, width, 3), np.uint8)])
    assert session.batches == [(1, 1, HEIGHT, 32)]


def test_a_graph_with_other_classes_than_its_charset_is_refused(session: ReadsBrightness) -> None:
    session.metadata = {"charset": json.dumps(CHARACTERS + "A")}
    reader = CrnnCtc(cast(OnnxSession, session), None)
    with pytest.raises(ValueError, match="11 classes, its charset has 11 characters and a blank"):
        reader.read([crop(1, 100)])


def test_nothing_to_read_is_no_call(reader: CrnnCtc, session: ReadsBrightness) -> None:
    assert reader.read([]) == []
    assert session.batches == []


@pytest.mark.parametrize(
    ("read", "truth", "errors"),
    [("NGUYỄN", "NGUYỄN", 0), ("NGUYEN", "NGUYỄN", 1), ("", "AB", 2), ("AXB", "AB", 1)],
)
def test_character_errors(read: str, truth: str, errors: int) -> None:
    assert character_errors(read, truth) == errors


def test_alignment_blames_the_character_that_is_wrong() -> None:
    assert correct_characters("AXCD", "ABCD") == [True, False, True, True]
    assert correct_characters("ABXC", "ABC") == [True, True, False, True]


def test_calibration_error_is_the_gap_between_promise_and_truth() -> None:
    pairs = [(0.9, True)] * 9 + [(0.9, False)]
    assert calibration_error(pairs) == pytest.approx(0.0, abs=1e-9)
    assert calibration_error([(0.9, False)] * 10) == pytest.approx(0.9)
