"""The Python of the vendors' documents, with only the host, the keys and the files changed.

Each sample is kept as a customer would have pasted it: `requests`, query strings built by hand, `encodebytes`.
"""

# ruff: noqa: UP031 (the documents join their URLs this way)
from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
import requests
from PIL import Image

from tests.fakes import NUMBER, Seen, picture
from tests.live import Live, Web


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    """Pictures on the customer's disk."""
    shown = {"front": Seen.CHIP_FRONT, "back": Seen.CHIP_BACK, "portrait": Seen.HOLDER}
    for name, seen in shown.items():
        (tmp_path / f"{name}.jpg").write_bytes(picture(seen))
    return {name: str(tmp_path / f"{name}.jpg") for name in shown}


def get_byte_img(img: Image.Image) -> str:
    img_byte_arr = io.BytesIO()
    img.save(img_byte_arr, format="PNG")
    return base64.encodebytes(img_byte_arr.getvalue()).decode("ascii")


def test_v1_url(service: Live, site: Web) -> None:
    api_key, api_secret = service.basic
    mattruoc_url = site.page("/sample-front.jpg", picture(Seen.CHIP_FRONT))
    matsau_url = site.page("/sample-back.jpg", picture(Seen.CHIP_BACK))
    response = requests.get(
        service.url
        + "/backend/api/v1/request/ocr/cmt/get_haimat?mattruoc=%s&matsau=%s"
        % (mattruoc_url, matsau_url),
        auth=(api_key, api_secret),
    )
    assert response.json()["data"]["mattruoc"]["id"] == NUMBER


def test_v1_file(service: Live, paths: dict[str, str]) -> None:
    api_key, api_secret = service.basic
    with open(paths["front"], "rb") as front, open(paths["back"], "rb") as back:
        response = requests.post(
            service.url + "/backend/api/v1/request/ocr/cmt/get_haimat",
            auth=(api_key, api_secret),
            files={"mattruoc": front, "matsau": back},
        )
    assert response.json()["data"]["mattruoc"]["id"] == NUMBER


def test_v1_base64(service: Live, paths: dict[str, str]) -> None:
    api_key, api_secret = service.basic
    encode_mattruoc = get_byte_img(Image.open(paths["front"]))
    encode_matsau = get_byte_img(Image.open(paths["back"]))
    response = requests.post(
        service.url + "/backend/api/v1/request/ocr/cmt/get_haimatbase64",
        auth=(api_key, api_secret),
        json={"mattruoc": encode_mattruoc, "matsau": encode_matsau},
    )
    assert response.json()["data"]["matsau"]["date"] == "25/04/2021"


def test_v2_url(service: Live, site: Web) -> None:
    api_key, api_secret = service.basic
    img_card = site.page("/sample-card.jpg", picture(Seen.CHIP_FRONT))
    img_portrait = site.page("/sample-portrait.jpg", picture(Seen.HOLDER))
    response = requests.get(
        service.url
        + "/api/v2/ekyc/face_matching?img1=%s&img2=%s&type1=%s&format_type=%s"
        % (img_card, img_portrait, "card", "url"),
        auth=(api_key, api_secret),
    )
    assert response.json()["data"]["match"] == "1"


def test_v2_file(service: Live, paths: dict[str, str]) -> None:
    api_key, api_secret = service.basic
    with open(paths["front"], "rb") as card, open(paths["portrait"], "rb") as portrait:
        response = requests.post(
            service.url + "/api/v2/ekyc/face_matching?type1=%s&format_type=%s" % ("card", "file"),
            auth=(api_key, api_secret),
            files={"img1": card, "img2": portrait},
        )
    assert response.json()["data"]["match"] == "1"


def test_v2_base64(service: Live, paths: dict[str, str]) -> None:
    api_key, api_secret = service.basic
    encode_card = get_byte_img(Image.open(paths["front"]))
    encode_portrait = get_byte_img(Image.open(paths["portrait"]))
    response = requests.post(
        service.url + "/api/v2/ekyc/face_matching?type1=%s&format_type=%s" % ("card", "base64"),
        auth=(api_key, api_secret),
        json={"img1": encode_card, "img2": encode_portrait},
    )
    assert response.json()["data"]["match"] == "1"


def test_techainer_with_the_documented_headers(service: Live, paths: dict[str, str]) -> None:
    headers = {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br",
        "Connection": "keep-alive",
        "x-api-key": service.credentials.token,
    }
    with (
        open(paths["front"], "rb") as front,
        open(paths["back"], "rb") as back,
        open(paths["portrait"], "rb") as portrait,
    ):
        response = requests.post(
            service.url + "/call/register_ekyc_front_back_face",
            headers=headers,
            files={"image_card1": front, "image_card2": back, "image_general": portrait},
            data={"user_id": "kh-1", "check_rotate": "True", "threshold": "0.5"},
        )
    assert response.json()["output"][2]["is_matched"]["value"] == "True"
