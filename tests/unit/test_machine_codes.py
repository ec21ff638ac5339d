import cv2
import numpy as np
import pytest

from models.types import Image, Quad
from pipelines.documents import chip_back
from pipelines.machine_codes import read_mrz, read_qr
from pipelines.parsing.qr import parse_qr
from specimens.machine_readable import mrz_lines, qr_payload, qr_picture
from specimens.people import issued_as, make_person
from tests.unit.scripted_models import WHOLE, Line, Wallet, text_lines

ZONE = (0.72, 0.0, 1.0, 0.38)
PERSON = make_person(5)


def card_with_qr(payload: str, side: int = 150, left: int = 810, top: int = 40) -> np.ndarray:
    pixels = np.full((638, 1012, 3), 235, np.uint8)
    pixels[top - 10 : top + side + 10, left - 10 : left + side + 10] = 255
    pixels[top : top + side, left : left + side] = qr_picture(payload, side)[:, :, None]
    return pixels


def test_the_printed_payload_with_its_accents() -> None:
    assert read_qr(Image(card_with_qr(qr_payload(PERSON))), WHOLE, ZONE) == qr_payload(PERSON)


def test_a_small_blurred_photo_needs_the_ladder() -> None:
    small = cv2.resize(card_with_qr(qr_payload(PERSON)), (560, 353), interpolation=cv2.INTER_AREA)
    blurred = Image(np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.uint8))
    assert read_qr(blurred, Quad.of_box(0, 0, 560, 353), ZONE) == qr_payload(PERSON)


def test_a_code_outside_the_zone_is_found_on_the_card_and_beside_a_badly_found_card() -> None:
    payload = qr_payload(issued_as(PERSON, "cc2024"))
    image = Image(card_with_qr(payload, left=100, top=300))
    assert read_qr(image, WHOLE, ZONE) == payload
    assert read_qr(image, Quad.of_box(500, 0, 1012, 300), ZONE) == payload
    parsed = parse_qr(payload)
    assert parsed is not None
    assert len(parsed.extra) == 4


@pytest.mark.parametrize("payload", ["https://gplx.example/0011", "WIFI:S:abc;;"])
def test_other_codes_are_not_taken(payload: str) -> None:
    assert read_qr(Image(card_with_qr(payload)), WHOLE, ZONE) is None


def test_a_zone_wholly_outside_the_photo_is_nothing() -> None:
    blank = Image(np.full((100, 100, 3), 200, np.uint8))
    assert read_qr(blank, Quad.of_box(500, 500, 700, 620), ZONE) is None


def test_mrz_lines_cut_in_pieces_are_joined() -> None:
    first, second, third = mrz_lines(PERSON)
    lines = text_lines(
        [Line(first[:14], 60, 420, 36), Line(first[14:], 330, 421, 36), Line(second, 60, 480, 36), Line(third, 60, 540, 36)]
    )  # fmt: skip
    found = read_mrz(
        Image(np.zeros((638, 1012, 3), np.uint8)), WHOLE, lines, chip_back.DOCUMENT, Wallet()
    )
    assert found is not None
    assert found.mrz.lines == (first, second, third)
    assert found.mrz.valid


def test_a_zone_the_finder_missed_is_read_from_its_usual_place() -> None:
    wallet = Wallet()
    printed = [
        Line(line, 30, y - 18, 60)
        for line, y in zip(mrz_lines(PERSON), (437, 501, 565), strict=True)
    ]
    photo = wallet.add(*printed)
    found = read_mrz(photo, WHOLE, [], chip_back.DOCUMENT, wallet)
    assert found is not None
    assert found.mrz.number == PERSON.number
    assert found.mrz.valid
