"""computervision v1, get_haimat: the documented words for both sides, three ways in."""

from __future__ import annotations

import base64
import io
import json

import pytest
import requests
from PIL import Image as Pillow

from tests.fakes import NUMBER, Seen, picture
from tests.live import Live, Web

REQUEST = "/backend/api/v1/request"
ROUTE = f"{REQUEST}/ocr/cmt/get_haimat"
BASE64_ROUTE = f"{REQUEST}/ocr/cmt/get_haimatbase64"

FRONT = {
    "id": NUMBER,
    "name": "Nguyễn Thị Minh Ánh",
    "born": "25/08/1990",
    "country": "Xuân La, Tây Hồ, Hà Nội",
    "sex": "Nữ",
    "duedate": "25/08/2030",
    "quoctich": "Việt Nam",
    "address": "Số 12, Tổ 7, Phường Xuân La, Quận Tây Hồ, Hà Nội",
    "dantoc": "N/A",
}
BACK = {"dauvet": "Nốt ruồi cách 1 cm trên sau mắt trái", "date": "25/04/2021"}
WHOLE = {
    "data": {"mattruoc": FRONT, "matsau": BACK},
    "valid": "True",
    "errorCode": "0",
    "errorMessage": "Thành công",
}


def encoded_png(data: bytes) -> str:
    """As the documented sample does it: PNG, base64 with line breaks."""
    buffer = io.BytesIO()
    Pillow.open(io.BytesIO(data)).save(buffer, format="PNG")
    return base64.encodebytes(buffer.getvalue()).decode("ascii")


def test_by_url(service: Live, site: Web) -> None:
    front = site.page("/mattruoc.jpg", picture(Seen.CHIP_FRONT))
    back = site.page("/matsau.jpg", picture(Seen.CHIP_BACK))
    # Joined the way the documented sample joins it, without escaping.
    url = f"{service.url}{ROUTE}?mattruoc={front}&matsau={back}"
    assert requests.get(url, auth=service.basic, timeout=20).json() == WHOLE


def test_by_file(service: Live) -> None:
    files = {
        "mattruoc": io.BytesIO(picture(Seen.CHIP_FRONT)),
        "matsau": io.BytesIO(picture(Seen.CHIP_BACK)),
    }
    answer = requests.post(service.url + ROUTE, auth=service.basic, files=files, timeout=20)
    assert answer.json() == WHOLE


def test_by_base64(service: Live) -> None:
    body = {
        "mattruoc": encoded_png(picture(Seen.CHIP_FRONT)),
        "matsau": encoded_png(picture(Seen.CHIP_BACK)),
    }
    url = service.url + BASE64_ROUTE
    assert requests.post(url, auth=service.basic, json=body, timeout=20).json() == WHOLE
    untyped = requests.post(url, auth=service.basic, data=json.dumps(body), timeout=20)
    assert untyped.json() == WHOLE


def test_card_of_2024(service: Live) -> None:
    files = {"mattruoc": picture(Seen.NEW_FRONT), "matsau": picture(Seen.NEW_BACK)}
    answer = requests.post(service.url + ROUTE, auth=service.basic, files=files, timeout=20).json()
    assert answer["data"]["mattruoc"] == FRONT | {"country": "N/A"}
    assert answer["data"]["matsau"] == {
        "dauvet": "N/A",
        "date": "25/04/2021",
        "duedate": "25/08/2030",
        "address": FRONT["address"],
        "noidangkykhaisinh": "Phường Tây Hồ, Hà Nội",
        "noicap": "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
    }


@pytest.mark.parametrize(
    ("front", "back"),
    [(Seen.CLIPPED_FRONT, Seen.CHIP_BACK), (Seen.CHIP_BACK, Seen.CHIP_FRONT)],
    ids=["clipped", "sides swapped"],
)
def test_doubtful_card_is_not_valid(service: Live, front: Seen, back: Seen) -> None:
    files = {"mattruoc": picture(front), "matsau": picture(back)}
    answer = requests.post(service.url + ROUTE, auth=service.basic, files=files, timeout=20).json()
    assert (answer["valid"], answer["errorCode"]) == ("False", "0")
