from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pytest

from models.types import Image, Quad
from pipelines.documents import chip_front
from pipelines.errors import NoDocument
from pipelines.parsing.addresses import place_of
from pipelines.types import (
    Concern,
    ConcernKind,
    Field,
    FieldName,
    Normal,
    Reading,
    Source,
    Timing,
)
from training.documents import evaluate
from training.documents.figures import key_figures
from training.documents.judging import Result, judged, same, slug_of
from training.documents.photos import LEVELS, TUNING_PEOPLE, Task, taken, tasks
from training.documents.report import class_table, confusion_table, field_table

TASK = Task(TUNING_PEOPLE + 77, "chip_front", "scan")


class Reader:
    """Answers what it is told to, or that there is no document."""

    def __init__(self, reading: Reading | None) -> None:
        self._reading = reading

    def __call__(self, image: Image) -> Reading:
        if self._reading is None:
            raise NoDocument
        return self._reading


def field(name: FieldName, text: str, confidence: float = 0.95, normal: Normal = None) -> Field:
    return Field(name, text, confidence, Source.OCR, normal)


def reading(*fields: Field, concerns: tuple[Concern, ...] = ()) -> Reading:
    return Reading(
        document=chip_front.DOCUMENT,
        fields=MappingProxyType({f.name: f for f in fields}),
        quad=Quad.of_box(0, 0, 10, 10),
        rectified=np.zeros((1, 1, 3), np.uint8),
        lines=(),
        margin=0.5,
        qr=None,
        mrz=None,
        mrz_valid=None,
        concerns=concerns,
        timing=Timing(),
    )


@pytest.fixture(scope="module")
def photo():  # type: ignore[no-untyped-def]
    return taken(TASK)


def result(photo, *fields: Field, concerns: tuple[Concern, ...] = ()) -> Result:  # type: ignore[no-untyped-def]
    return judged(TASK, photo, Reader(reading(*fields, concerns=concerns)))  # type: ignore[arg-type]


def test_a_field_is_exact_or_the_same_or_wrong(photo) -> None:  # type: ignore[no-untyped-def]
    truth = photo.truth.fields
    told = result(
        photo,
        field(FieldName.NUMBER, truth["number"]),
        field(FieldName.FULL_NAME, truth["full_name"].title()),
        field(FieldName.RESIDENCE, "Xã Khác, Huyện Khác, Cà Mau"),
        field(FieldName.RELIGION, "Không", 0.97),
    )
    assert told.right_class
    assert (told.fields["number"].exact, told.fields["number"].same) == (True, True)
    assert (told.fields["full_name"].exact, told.fields["full_name"].same) == (False, True)
    assert told.fields["residence"].same is False
    assert told.fields["birth_date"].read is None
    assert told.fields["religion"].truth is None
    assert told.qr is False
    assert Result.of_json(told.as_json()) == told


def test_the_ward_of_an_address_is_right_wrong_or_not_told(photo) -> None:  # type: ignore[no-untyped-def]
    printed = photo.truth.fields["residence"]
    issued = date(2022, 5, 5)
    right = result(
        photo, field(FieldName.RESIDENCE, printed, normal=place_of(printed, issued))
    ).fields["residence"]
    wrong = result(
        photo,
        field(FieldName.RESIDENCE, printed, normal=place_of("Phường Bưởi, Tây Hồ, Hà Nội", issued)),
    ).fields["residence"]
    none = result(photo, field(FieldName.RESIDENCE, printed)).fields["residence"]
    assert (right.ward, wrong.ward, none.ward) == ("right", "wrong", "none")


def test_figures_and_tables(photo) -> None:  # type: ignore[no-untyped-def]
    truth = photo.truth.fields
    number = field(FieldName.NUMBER, truth["number"])
    wrong = field(FieldName.SEX, "Nam" if truth["sex"] == "Nữ" else "Nữ", 0.95)
    fake = Concern(ConcernKind.CONTRADICTION, "qr/ocr", "number")
    good = replace(result(photo, number), level="good")
    refused = replace(judged(TASK, photo, Reader(None)), level="good")  # type: ignore[arg-type]
    poor = replace(result(photo, number, wrong, concerns=(fake,)), level="poor")
    figures = key_figures([good, refused, poor])
    assert figures["class"] == 0.5
    assert figures["id"] == 0.5
    assert figures["name"] == 0.0
    assert figures["false_fake"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["confident_wrong_poor"] == pytest.approx(1 / len(truth), abs=1e-4)
    assert figures["rejected"]["good"] == 0.5
    assert figures["per_class"]["chip_front"]["good"]["fields"]["number"]["exact"] == 0.5
    assert "| chip_front | refused | 1 |" in confusion_table([good, refused, poor])
    assert "chip_front" in class_table([good, poor])
    assert "| chip_front | number |" in field_table([good, poor])


@pytest.mark.parametrize(
    ("name", "wanted", "read", "equal"),
    [
        ("issue_date", "05/07/2021", "05-07-2021", True),
        ("expiry_date", "Không thời hạn", "KHÔNG THỜI HẠN", True),
        ("expiry_date", "Không thời hạn", "05/07/2021", False),
        ("full_name", "LÊ THỊ HÒA", "LÊ THỊ HOÀ", True),
        ("full_name", "LÊ THỊ HÒA", "LÊ THỊ HÓA", False),
        ("number", "001190000017", "001190000011", False),
        ("residence", "Số 12, Tổ 7,Xuân La", "số 12 , Tổ 7, Xuân La", True),
        ("residence", "Số 12, Tổ 7, Xuân La", "Số 12, Tổ 1, Xuân La", False),
    ],
)
def test_equal_in_normal_form(name: str, wanted: str, read: str, equal: bool) -> None:
    assert same(name, wanted, read) is equal


def test_classes_of_sides() -> None:
    sides = ("chip_front", "passport_2023", "licence_2025_back", "cmnd9_back")
    assert [slug_of(side) for side in sides] == [
        "chip_front",
        "passport",
        "licence_back",
        "cmnd9_back",
    ]


def test_people_of_evaluation_and_tuning_never_meet() -> None:
    sides = ("chip_front",)
    evaluated = {t.person for t in tasks(50, 0, tuning=False, sides=sides)}
    tuned = {t.person for s in range(90) for t in tasks(50, s, tuning=True, sides=sides)}
    assert len(evaluated) == 50
    assert not evaluated & tuned
    assert len(list(tasks(2, 0, tuning=True, sides=sides))) == 2 * len(LEVELS)


def test_a_run_goes_on_where_it_stopped(photo, tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(evaluate, "KEPT", tmp_path)
    done = result(photo, field(FieldName.NUMBER, photo.truth.fields["number"]))
    asked: list[Task] = []

    def measured(todo, pack, workers, until):  # type: ignore[no-untyped-def]
        asked.extend(todo)
        for task in todo:
            yield replace(done, person=task.person, level=task.level)

    monkeypatch.setattr(evaluate, "results_of", measured)
    monkeypatch.setattr(evaluate, "worst_page", _Page)
    arguments = ["--people", "2", "--side", "chip_front", "--tuning", "--json", "--warnings", "0"]
    evaluate.main([*arguments, "--seed", "5"])
    assert len(asked) == 6
    evaluate.main([*arguments, "--seed", "5"])
    assert len(asked) == 6
    assert '"photos": 6' in capsys.readouterr().out.splitlines()[-1]


class _Page:
    def __init__(self, results: object) -> None: ...

    def save(self, path: object) -> None: ...
