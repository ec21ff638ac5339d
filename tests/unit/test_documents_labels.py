import numpy as np
import pytest

from pipelines.documents.labels import Label, find_labels
from pipelines.documents.layout import Run, Zone, columns_of_rows
from pipelines.documents.values import read_full_name, read_name, read_nationality, read_sex
from pipelines.types import FieldName, Sex
from tests.unit.scripted_models import Line, text_lines

LABELS = (
    Label.of(FieldName.FULL_NAME, "Họ và tên / Full name", "Họ và tên khai sinh"),
    Label.of(None, "CĂN CƯỚC CÔNG DÂN"),
    Label.of(FieldName.SEX, "Giới tính / Sex"),
    Label.of(FieldName.NATIONALITY, "Quốc tịch / Nationality"),
    Label.of(FieldName.ORIGIN, "Quê quán / Place of origin"),
    Label.of(FieldName.RESIDENCE, "Nơi thường trú / Place of residence"),
)


def run(text: str) -> Run:
    return Run(text, np.ones((len(text), 5), np.float32))


def values(text: str) -> dict[FieldName | None, str]:
    """What stands between each label and the next."""
    anchors = find_labels(run(text), LABELS)
    ends = [a.start for a in anchors[1:]] + [len(text)]
    return {a.label.field: text[a.end : e].strip() for a, e in zip(anchors, ends, strict=True)}


@pytest.mark.parametrize(
    "text",
    [
        "Giới tính / Sex: Nữ Quốc tịch / Nationality: Việt Nam",
        "Giới tính/Sex:Nữ Quốc tịch/Nationality:Việt Nam",
        "Gioi tinh / Sex: Nữ Quoc tich / Nationality: Việt Nam",
        "Gới tnh / Sex Nữ Quốc tch / Natonaity Việt Nam",
        "Giới tính Nữ Quốc tịch Việt Nam",
        "Giới tính / 5ex: Nữ Quốc tịah/ Nati0nality: Việt Nam",
        "Giới tính / Sex: Nữ Quốc tch / Notonoing Việt Nam",
    ],
)
def test_two_labels_on_one_row_however_they_are_read(text: str) -> None:
    assert values(text) == {FieldName.SEX: "Nữ", FieldName.NATIONALITY: "Việt Nam"}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Nơi thường trú / Place of residence: Số 12, Tổ 7,", "Số 12, Tổ 7,"),
        ("Nơi thường trú / Piace of residence Thôn Bản Bung,", "Thôn Bản Bung,"),
        ("Na thường trú / Pucc cí reudnngc Buôn Ea Bông,", "Buôn Ea Bông,"),
        ("Place of residence: Số 12", "Số 12"),
        (
            "Nơi thường trú / Place of residence: Thôn Trung, Hòa Tiến, Hòa",
            "Thôn Trung, Hòa Tiến, Hòa",
        ),
    ],
)
def test_the_rest_of_the_row_is_the_value(text: str, rest: str) -> None:
    assert values(text) == {FieldName.RESIDENCE: rest}


def test_a_cut_label_does_not_reach_into_the_one_beside_it() -> None:
    labels = (
        Label.of(FieldName.ISSUE_DATE, "Ngày cấp / Date of issue"),
        Label.of(FieldName.EXPIRY_DATE, "Có giá trị đến / Date of expiry"),
    )
    boxes = (
        Line("Ngày cấp / Date", 301, 404, 20),
        Line("Có giá mrị đên / Date of expiry:", 585, 402, 20),
    )
    ((row,),) = columns_of_rows(text_lines(boxes))
    found = [anchor.label.field for anchor in find_labels(row, labels)]
    assert found == [FieldName.ISSUE_DATE, FieldName.EXPIRY_DATE]


def test_the_english_half_is_no_value_even_when_garbled() -> None:
    assert values("Quê quân / Plucec di orạn") == {FieldName.ORIGIN: ""}


@pytest.mark.parametrize(
    "text", ["Cần Giuộc, Long An", "Phước Vĩnh Tây, Cần Giuộc, Long An", "Duyên Hải, Hưng Hà, Thái Bình", "NGUYỄN THỊ MINH ÁNH", "Việt Nam", "Số 12, Tổ 7"]
)  # fmt: skip
def test_values_are_no_labels(text: str) -> None:
    assert find_labels(run(text), LABELS) == []


def test_the_beginning_that_several_labels_share_is_none_of_them() -> None:
    home = Zone(0.0, 0.0, 1.0, 1.0)
    labels = (Label.of(FieldName.BIRTH_DATE, "Ngày sinh / Date of birth", home=home),)
    ((row,),) = columns_of_rows(text_lines([Line("Date of", 300, 300, 20)]))
    assert find_labels(row, labels) == []
    ((row,),) = columns_of_rows(text_lines([Line("Date of bir", 300, 300, 20)]))
    assert [found.label.field for found in find_labels(row, labels)] == [FieldName.BIRTH_DATE]


def test_boilerplate_is_found_where_it_fills_the_row() -> None:
    assert [a.label.field for a in find_labels(run("CĂN CƯỚC CÔNG DÂM"), LABELS)] == [None]


def test_sex_is_read_next_to_its_label_only() -> None:
    def sex(text: str) -> Sex | None:
        value = read_sex([run(text)])
        return None if value is None else value.normal  # type: ignore[return-value]

    assert sex("Nữ") is Sex.FEMALE
    assert sex("Nam") is Sex.MALE
    assert sex("Nữ Việt Nam") is Sex.FEMALE
    assert sex("x: Nam") is Sex.MALE
    assert sex("Việt Nam") is None
    assert sex("Quốc tịch Việt Nam") is None


def test_nationality_is_of_a_closed_list() -> None:
    viet = read_nationality([run("Viêt Nan")])
    assert viet is not None
    assert (viet.text, viet.normal) == ("Việt Nam", "VNM")
    other = read_nationality([run("Lào Cộng hòa")])
    assert other is not None
    assert (other.text, other.normal) == ("Lào Cộng hòa", None)
    assert other.confidence <= 0.3


@pytest.mark.parametrize(
    ("text", "confidence", "is_sure"),
    [("Việt Nam", 0.999, True), ("Việt Nam", 0.8, False), ("Vệt Nam", 0.999, False), ("Nam", 0.999, False)],
)  # fmt: skip
def test_a_closed_list_makes_no_poor_reading_sure(
    text: str, confidence: float, is_sure: bool
) -> None:
    row = run(text)
    row.ink[:, 0] = confidence
    value = read_nationality([row])
    assert value is not None
    assert (value.text, value.confidence >= 0.9) == ("Việt Nam", is_sure)


def test_a_full_name_of_one_word_is_not_sure() -> None:
    values = [read_full_name([run(text)]) for text in ("NGÔ ÚT", "NGÔÚT")]
    assert [value and value.confidence >= 0.9 for value in values] == [True, False]


def test_a_name_is_in_capitals_and_may_fill_two_rows() -> None:
    value = read_name(
        [run("Full name"), run("NGUYỄN PHƯỚC CÔNG TẰNG"), run("TÔN NỮ HOÀNG LAN"), run("Ngày sinh")]
    )
    assert value is not None
    assert value.text == "NGUYỄN PHƯỚC CÔNG TẰNG TÔN NỮ HOÀNG LAN"


def test_boxes_of_one_row_are_joined_and_columns_kept_apart() -> None:
    lines = text_lines(
        [
            Line("Việt Nam", 800, 428),
            Line("Giới tính / Sex:", 286, 426),
            Line("Nữ", 500, 424),
            Line("Có giá trị đến:", 24, 571),
            Line("Xuân La, Tây Hồ", 286, 572),
        ]
    )
    left, right = columns_of_rows(lines, (0.27,))
    assert [row.text for row in left] == ["Có giá trị đến:"]
    assert [row.text for row in right] == ["Giới tính / Sex: Nữ Việt Nam", "Xuân La, Tây Hồ"]


def test_a_value_is_as_sure_as_all_its_characters_together() -> None:
    (rows,) = columns_of_rows(
        text_lines([Line("ab", 0, 0, confidence=0.9), Line("c", 100, 0, confidence=0.5)])
    )
    assert rows[0].confidence == pytest.approx(0.9 * 0.9 * 0.5)
    assert rows[0].part(0, 2).confidence == pytest.approx(0.81)
