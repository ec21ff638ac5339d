"""Techainer's register_ekyc_front_back_face: the documented answer, and every way clients send it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.fakes import NUMBER, Seen, picture
from tests.live import Live, Web

ROUTE = "/call/register_ekyc_front_back_face"
ENVELOPE = ["output", "time", "api_version", "mlchain_version", "request_id", "error", "code"]
FRONT_KEYS = [
    "id", "ho_ten", "ngay_sinh", "gioi_tinh", "quoc_tich", "nguyen_quan", "ho_khau_thuong_tru", "ngay_het_han",
    "class_name", "liveness",
]  # fmt: skip
BACK_KEYS = [
    "di_hinh", "ngay_cap", "noi_cap", "ho_ten", "ngay_sinh", "gioi_tinh", "ngay_het_han", "id", "class_name", "liveness",
]  # fmt: skip


def register(
    fresh: Live,
    front: Seen = Seen.CHIP_FRONT,
    back: Seen = Seen.CHIP_BACK,
    face: Seen = Seen.HOLDER,
    **fields: str,
) -> dict[str, Any]:
    """As a multipart form, answered with 200."""
    files = {
        "image_card1": ("front.jpg", picture(front), "image/jpeg"),
        "image_card2": ("back.jpg", picture(back), "image/jpeg"),
        "image_general": ("face.jpg", picture(face), "image/jpeg"),
    }
    answer = requests.post(
        fresh.url + ROUTE,
        files=files,
        data={"user_id": "kh-1", **fields},
        headers=fresh.token,
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def as_text(fresh: Live, **changed: Any) -> requests.Response:
    """As a JSON body of base64 texts."""
    body = {
        "image_card1": base64.b64encode(picture(Seen.CHIP_FRONT)).decode(),
        "image_card2": base64.b64encode(picture(Seen.CHIP_BACK)).decode(),
        "image_general": base64.b64encode(picture(Seen.HOLDER)).decode(),
        "user_id": "kh-1",
    } | changed
    return requests.post(fresh.url + ROUTE, json=body, headers=fresh.token, timeout=20)


def test_documented_envelope(fresh: Live) -> None:
    answer = register(fresh)
    assert list(answer) == ENVELOPE
    assert isinstance(answer["time"], float)
    assert answer["error"] is None
    assert answer["code"] == "0"
    front, back, faces, *rest = answer["output"]
    assert list(front) == FRONT_KEYS
    assert list(back) == BACK_KEYS
    assert list(faces) == ["is_matched", "error"]
    assert rest == [None, None]


def test_front_says_what_the_sample_says(fresh: Live) -> None:
    front = register(fresh)["output"][0]
    assert front["id"] == {
        "value": NUMBER,
        "confidence": 0.98,
        "validate": {
            "id_check": "REAL",
            "id_logic": 1,
            "id_logic_message": "OK",
            "idconf": [0.98] * 12,
        },
        "value_unidecode": NUMBER,
    }
    assert front["ho_ten"] == {
        "value": "NGUYỄN THỊ MINH ÁNH",
        "confidence": 0.98,
        "value_unidecode": "NGUYEN THI MINH ANH",
    }
    assert front["gioi_tinh"]["normalized"] == {"value": 1}
    assert front["nguyen_quan"]["normalized"]["xa"] == {
        "value": "PHƯỜNG XUÂN LA",
        "code": 103,
        "value_unidecode": "PHUONG XUAN LA",
    }
    assert front["class_name"]["value"] == "CĂN CƯỚC CÔNG DÂN GẮN CHIP - MẶT TRƯỚC"
    assert front["class_name"]["normalized"] == {"value": 4, "code": "CCCD_CHIP"}
    assert front["liveness"] == {"liveness": "True"}


def test_back_says_what_the_sample_says(fresh: Live) -> None:
    back = register(fresh)["output"][1]
    assert back["ngay_het_han"] == {
        "value": "25/08/2030",
        "normalized": {
            "value": "25/08/2030",
            "year": {"value": 2030},
            "month": {"value": 8},
            "day": {"value": 25},
            "value_unidecode": "25/08/2030",
        },
        "confidence": 0.98,
        "is_valid": True,
        "value_unidecode": "25/08/2030",
    }
    assert back["class_name"]["normalized"] == {"value": 5, "code": "CCCD_CHIP"}
    assert list(back["id"]) == ["value", "confidence", "value_unidecode"]


def test_card_of_2024_keeps_the_words_clients_know(fresh: Live) -> None:
    front, back, *_ = register(fresh, Seen.NEW_FRONT, Seen.NEW_BACK)["output"]
    assert list(front) == FRONT_KEYS
    assert front["class_name"]["normalized"] == {"value": 104, "code": "CAN_CUOC_2024"}
    assert front["ho_khau_thuong_tru"]["value"].startswith("SỐ 12")
    assert front["nguyen_quan"] == {
        "value": "N/A",
        "normalized": {
            "value": "N/A",
            "tinh": {"value": "N/A", "code": -1, "value_unidecode": "N/A"},
            "huyen": {"value": "N/A", "code": -1, "value_unidecode": "N/A"},
            "xa": {"value": "N/A", "code": -1, "value_unidecode": "N/A"},
            "value_unidecode": "N/A",
        },
        "confidence": 0.0,
        "value_unidecode": "N/A",
    }
    assert back["noi_dang_ky_khai_sinh"]["normalized"]["xa"]["value"] == "PHƯỜNG TÂY HỒ"
    assert back["di_hinh"]["value"] == "N/A"


@pytest.mark.parametrize(
    ("front", "face", "matched", "error"),
    [
        (Seen.CHIP_FRONT, Seen.HOLDER, "True", (-1, "N/A")),
        (Seen.CHIP_FRONT, Seen.CROWD, "True", (-1, "N/A")),
        (Seen.CHIP_FRONT, Seen.STRANGER, "False", (4, "Matching fail")),
        (Seen.CHIP_FRONT, Seen.TABLE, "False", (1, "There's no face on capture image")),
        (Seen.FACELESS_FRONT, Seen.HOLDER, "False", (2, "There's no face on card image")),
        (
            Seen.FACELESS_FRONT,
            Seen.TABLE,
            "False",
            (0, "There's no face on capture and card image"),
        ),
    ],
)
def test_face_rows(
    fresh: Live, front: Seen, face: Seen, matched: str, error: tuple[int, str]
) -> None:
    answer = register(fresh, front, face=face)
    third = answer["output"][2]
    assert third["is_matched"]["value"] == matched
    assert (third["error"]["code"], third["error"]["value"]) == error
    assert answer["code"] == "0"


def test_threshold_decides(fresh: Live) -> None:
    matched = [
        register(fresh, face=Seen.LOOKALIKE, threshold=threshold)["output"][2]["is_matched"]
        for threshold in ("0.7", "0.71")
    ]
    assert [m["value"] for m in matched] == ["True", "False"]
    assert matched[0]["similarity"] == 0.7


def test_clipped_card_is_told(fresh: Live) -> None:
    assert (
        register(fresh, Seen.CLIPPED_FRONT)["output"][0]["id"]["validate"]["id_check"] == "CORNER"
    )


def test_trailing_slash(fresh: Live) -> None:
    answer = requests.post(fresh.url + ROUTE + "/", headers=fresh.token, timeout=20)
    assert answer.json()["code"] == "missing"


@pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes])
def test_base64(fresh: Live, prefix: str, encode: Any) -> None:
    answer = as_text(fresh, image_card1=prefix + encode(picture(Seen.CHIP_FRONT)).decode())
    assert answer.json()["output"][0]["id"]["value"] == NUMBER


def test_base64_in_a_form(fresh: Live) -> None:
    form = {
        name: base64.b64encode(picture(seen)).decode()
        for name, seen in {
            "image_card1": Seen.CHIP_FRONT,
            "image_card2": Seen.CHIP_BACK,
            "image_general": Seen.HOLDER,
        }.items()
    }
    answer = requests.post(
        fresh.url + ROUTE, data=form | {"user_id": "1"}, headers=fresh.token, timeout=20
    )
    assert answer.json()["code"] == "0"


def test_url(fresh: Live, site: Web) -> None:
    answer = as_text(fresh, image_card1=site.page("/front.jpg", picture(Seen.CHIP_FRONT)))
    assert answer.json()["output"][0]["id"]["value"] == NUMBER


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"threshold": 0.5, "check_rotate": False, "user_id": 17}, "0"),
        ({"threshold": "", "check_rotate": "false"}, "0"),
        ({"threshold": "much"}, "bad_parameter"),
        ({"threshold": "nan"}, "bad_parameter"),
        ({"threshold": 1.5}, "bad_parameter"),
        ({"threshold": True}, "bad_parameter"),
        ({"threshold": 10**400}, "bad_parameter"),
        ({"check_rotate": "perhaps"}, "bad_parameter"),
        ({"user_id": ""}, "missing"),
        ({"image_general": None}, "missing"),
        ({"image_general": ["a"]}, "bad_parameter"),
        ({"threshold": [0.9]}, "bad_parameter"),
        ({"image_general": 5}, "bad_parameter"),
    ],
)
def test_parameters(fresh: Live, changed: dict[str, Any], code: str) -> None:
    answer = as_text(fresh, **changed)
    assert answer.json()["code"] == code
    assert list(answer.json()) == ENVELOPE
    assert answer.status_code == (200 if code == "0" else 422)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"image_card2": "QUJD"}, "The image is not a readable JPG, PNG or WebP: image_card2"),
        ({"image_general": "%"}, "The image is not a file, base64 or a URL: image_general"),
        ({"image_card2": "data:;base64,"}, "A required parameter is missing or empty: image_card2"),
        ({"image_card1": "ftp://a.vn/1"}, "The URL gave no image: image_card1"),
        (
            {"threshold": "0,5"},
            "A parameter has a value that makes no sense: threshold must be a number from 0 to 1",
        ),
        (
            {"image_card2": base64.b64encode(picture(Seen.TABLE)).decode()},
            "There's no identity document in the image: back",
        ),
    ],
)
def test_message_says_which_of_all_that_was_sent(
    fresh: Live, changed: dict[str, Any], message: str
) -> None:
    assert as_text(fresh, **changed).json()["error"] == message


def test_message_says_what_is_wrong_with_the_body(fresh: Live) -> None:
    answer = requests.post(fresh.url + ROUTE, data="{'a': 1}", headers=fresh.token, timeout=20)
    assert answer.json()["error"] == "The request does not fit this API: neither a form nor JSON"


@pytest.mark.parametrize(("check_rotate", "code"), [("True", "0"), ("False", "no_document")])
def test_check_rotate_reaches_the_pipeline(fresh: Live, check_rotate: str, code: str) -> None:
    sideways = base64.b64encode(picture(Seen.CHIP_FRONT, size=(48, 64))).decode()
    answer = as_text(fresh, image_card1=sideways, check_rotate=check_rotate)
    assert answer.json()["code"] == code
