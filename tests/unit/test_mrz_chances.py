"""How far a machine readable zone is believed: no further than its letters and its check digits go together."""

import numpy as np
import pytest

from models.types import LineReading, Quad, TextLine
from pipelines.claims import of_mrz
from pipelines.documents import passport
from pipelines.machine_codes import read_mrz
from pipelines.mrz_chances import Row, chances
from pipelines.parsing.td1 import check_digit
from pipelines.parsing.td3 import parse_td3
from pipelines.types import FieldName
from tests.unit.scripted_models import WHOLE, Wallet

NAME = "P<VNMNGUYEN<<THI<MINH<ANH".ljust(44, "<")
DATA = "P001234560VNM9008250F3207143001190000017<<54"
TWICE_MISREAD = "P031204560" + DATA[10:]
"""Two digits of the number are others, and its check digit fits all the same."""
SURE = 0.99


def row(text: str, **doubtful: float) -> Row:
    """A line read surely, but for characters at, say, `at_4=0.3`."""
    confidences = np.full(len(text), SURE)
    for place, confidence in doubtful.items():
        confidences[int(place.removeprefix("at_"))] = confidence
    return text, confidences


def chances_of(data: Row) -> dict[str, float]:
    mrz = parse_td3([NAME, data[0]])
    assert mrz is not None
    return dict(chances([row(NAME), data], mrz))


def test_a_zone_read_surely_is_believed() -> None:
    assert min(chances_of(row(DATA)).values()) > 0.95


def test_a_number_that_fits_by_chance_is_believed_no_more_than_its_letters() -> None:
    assert check_digit(TWICE_MISREAD[:9]) == TWICE_MISREAD[9]
    found = chances_of(row(TWICE_MISREAD, at_2=0.4, at_5=0.1))
    assert found["document_number"] < 0.5
    assert found["birth_date"] > 0.9


@pytest.mark.parametrize(("doubtful", "believed"), [("at_14", True), ("at_17", False)])
def test_a_repair_is_believed_where_the_letter_repaired_was_the_doubtful_one(
    doubtful: str, believed: bool
) -> None:
    misread = DATA[:14] + "8" + DATA[15:]  # the year of birth, which the personal number tells too
    mrz = parse_td3([NAME, misread])
    assert mrz is not None
    assert mrz.lines[1] == DATA
    assert (chances_of(row(misread, **{doubtful: 0.4}))["birth_date"] > 0.9) is believed


def test_a_composite_digit_that_had_to_be_repaired_casts_doubt_on_every_group() -> None:
    found = chances_of(row(DATA[:43] + "9", at_43=0.9, at_5=0.6))
    assert max(found.values()) < 0.5


def test_a_doubtful_zone_is_not_valid_and_its_values_are_not_sure() -> None:
    text, confidences = row(TWICE_MISREAD, at_2=0.4, at_5=0.1)
    lines = [
        TextLine(LineReading(NAME, np.full(44, SURE, np.float32)), Quad.of_box(30, 520, 980, 566)),
        TextLine(LineReading(text, confidences.astype(np.float32)), Quad.of_box(30, 580, 980, 626)),
    ]
    wallet = Wallet()
    found = read_mrz(wallet.add(), WHOLE, lines, passport.DOCUMENT, wallet)
    assert found is not None
    assert all(found.mrz.checks.values())
    assert not found.mrz.valid
    fields = of_mrz(found)
    assert fields[FieldName.DOCUMENT_NUMBER].confidence < 0.5
    assert fields[FieldName.BIRTH_DATE].confidence < 0.9
