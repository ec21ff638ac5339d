from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from models.types import Face, FaceTemplate, Image, SimilarityCalibration
from pipelines.compare_faces import CompareFaces
from pipelines.errors import NoDocument
from pipelines.onboard import Onboard
from pipelines.read_document import ReadDocument
from pipelines.types import Concern, ConcernKind, Onboarding, Verdict
from specimens.machine_readable import mrz_lines
from specimens.people import Person, make_person, written
from tests.unit.scripted_models import (
    WHOLE,
    Finder,
    Line,
    Wallet,
    cc2024_front,
    chip_back,
    chip_front,
)

STRANGER = 40


class OneFace:
    """A face in the middle of any picture that is not black."""

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        if not image.pixels.any():
            return []
        x, y = image.width / 2, image.height / 2
        marks = np.array([[x, y]] * 5, np.float32)
        return [Face((x - 80, y - 80, x + 80, y + 80), marks, 0.9)]


class ByGrey:
    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        stranger = int(image.pixels[-1, -1, 0]) == STRANGER
        vector = np.array([0, 1] if stranger else [1, 0], np.float32)
        return [FaceTemplate(vector, "grey") for _ in faces]


SELFIE = Image(np.full((400, 400, 3), 250, np.uint8))
OTHER = Image(np.full((400, 400, 3), STRANGER, np.uint8))
NOBODY = Image(np.zeros((400, 400, 3), np.uint8))


def sure(lines: tuple[Line, ...]) -> list[Line]:
    return [Line(x.text, x.x, x.y, x.height, 0.9999) for x in lines]


def front_of(person: Person) -> list[Line]:
    return sure(
        chip_front(
            person.number,
            person.full_name.upper(),
            written(person.birth_date),
            person.sex,
            person.expiry_text,
        )
    )


def onboard(front: list[Line], back: list[Line], face: Image) -> Onboarding:
    wallet = Wallet()
    read = ReadDocument(Finder(WHOLE), wallet, wallet, today=lambda: date(2024, 1, 1))
    compare = CompareFaces(OneFace(), ByGrey(), SimilarityCalibration(((-1.0, 0.0), (1.0, 1.0))))
    return Onboard(read, compare)(wallet.add(*front), wallet.add(*back), face)


def test_one_person_all_through() -> None:
    person = make_person(3)
    result = onboard(front_of(person), sure(chip_back(mrz_lines(person))), SELFIE)
    assert result.front.document.slug == "chip_front"
    assert result.back.document.slug == "chip_back"
    assert result.decision is not None
    assert result.decision.verdict is Verdict.SAME
    assert result.faceless == ()
    assert result.concerns == ()
    assert [stage for stage, _ in result.timing.stages] == [
        "read_front",
        "read_back",
        "compare_faces",
    ]


def test_the_back_of_another_person_is_named() -> None:
    result = onboard(front_of(make_person(3)), sure(chip_back(mrz_lines(make_person(4)))), SELFIE)
    assert Concern(ConcernKind.CONTRADICTION, "front/back", "number") in result.concerns


def test_the_face_of_another_person_is_named() -> None:
    person = make_person(3)
    result = onboard(front_of(person), sure(chip_back(mrz_lines(person))), OTHER)
    assert result.decision is not None
    assert result.decision.verdict is Verdict.DIFFERENT
    assert result.concerns == (Concern(ConcernKind.CONTRADICTION, "front/face", "face"),)


def test_sides_of_two_kinds_of_card_are_named() -> None:
    result = onboard(sure(cc2024_front()), sure(chip_back()), SELFIE)
    assert Concern(ConcernKind.CONTRADICTION, "front/back", "document") in result.concerns


def test_a_missing_face_is_no_failure() -> None:
    person = make_person(3)
    result = onboard(front_of(person), sure(chip_back(mrz_lines(person))), NOBODY)
    assert result.decision is None
    assert result.faceless == ("portrait",)
    assert Concern(ConcernKind.PORTRAIT_WITHOUT_FACE, "portrait") in result.concerns


def test_a_missing_card_is_a_failure_of_its_side() -> None:
    with pytest.raises(NoDocument) as error:
        onboard(front_of(make_person(3)), sure((Line("x", 10, 10),)), SELFIE)
    assert error.value.side == "back"
