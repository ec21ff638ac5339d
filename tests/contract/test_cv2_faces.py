"""computervision v2, face_matching: the documented answer, three ways in, and a format_type that must be true."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from PIL import Image as Pillow

from models.types import Image
from pipelines.types import Concern, ConcernKind, Decision
from tests.fakes import FakeCompareFaces, Seen, picture, runtime
from tests.live import Live, Web, live

ROUTE = "/api/v2/ekyc/face_matching"


def post(
    service: Live, left: Seen, right: Seen, type1: str = "card", **more: Any
) -> dict[str, Any]:
    answer = requests.post(
        f"{service.url}{ROUTE}?type1={type1}&format_type=file",
        auth=service.basic,
        files={"img1": io.BytesIO(picture(left)), "img2": io.BytesIO(picture(right))},
        timeout=20,
        **more,
    )
    assert answer.status_code == 200
    return dict(answer.json())


def text(seen: Seen) -> str:
    return base64.encodebytes(picture(seen, "PNG")).decode("ascii")


def test_by_file(service: Live) -> None:
    answer = post(service, Seen.CHIP_FRONT, Seen.HOLDER)
    data = answer.pop("data")
    assert answer == {"errorCode": "0", "errorMessage": "Success"}
    crops = [base64.b64decode(data.pop(name), validate=True) for name in ("face1", "face2")]
    assert [Pillow.open(io.BytesIO(crop)).format for crop in crops] == ["JPEG", "JPEG"]
    assert data == {
        "matching": "93.12",
        "face1_score": "0.9801",
        "face2_score": "0.9801",
        "invalidCode": "0",
        "invalidMessage": "Successful",
        "match": "1",
    }


def test_by_url(service: Live, site: Web) -> None:
    left = site.page("/card.png", picture(Seen.CHIP_FRONT))
    right = site.page("/portrait.png", picture(Seen.HOLDER))
    url = f"{service.url}{ROUTE}?img1={left}&img2={right}&type1=card&format_type=url"
    assert requests.get(url, auth=service.basic, timeout=20).json()["data"]["match"] == "1"


def test_by_base64(service: Live) -> None:
    url = f"{service.url}{ROUTE}?type1=card&format_type=base64"
    body = {"img1": text(Seen.CHIP_FRONT), "img2": text(Seen.HOLDER)}
    typed = requests.post(url, auth=service.basic, json=body, timeout=20)
    untyped = requests.post(url, auth=service.basic, data=json.dumps(body), timeout=20)
    assert typed.json() == untyped.json()
    assert typed.json()["data"]["match"] == "1"


@pytest.mark.parametrize(
    ("right", "match", "matching"),
    [
        (Seen.HOLDER, "1", "93.12"),
        (Seen.LOOKALIKE, "0", "70.00"),
        (Seen.STRANGER, "-1", "12.00"),
    ],
)
def test_bands(service: Live, right: Seen, match: str, matching: str) -> None:
    data = post(service, Seen.CHIP_FRONT, right)["data"]
    assert (data["match"], data["matching"]) == (match, matching)


def test_two_faces_are_a_warning(service: Live) -> None:
    answer = post(service, Seen.CHIP_FRONT, Seen.CROWD)
    assert answer["errorCode"] == "0"
    assert answer["data"]["invalidCode"] == "6"
    assert answer["data"]["invalidMessage"] == "Photo contains more than one face"


@pytest.mark.parametrize(
    ("left", "right", "type1", "invalid"),
    [
        (Seen.FACELESS_FRONT, Seen.HOLDER, "card", "4"),
        (Seen.CHIP_FRONT, Seen.TABLE, "card", "5"),
        (Seen.TABLE, Seen.TABLE, "card", "4"),
        (Seen.TABLE, Seen.HOLDER, "portrait", "5"),
    ],
)
def test_no_face_is_told_both_ways(
    service: Live, left: Seen, right: Seen, type1: str, invalid: str
) -> None:
    answer = post(service, left, right, type1)
    assert (answer["errorCode"], answer["errorMessage"]) == (
        "1",
        "The photo does not contain content",
    )
    assert answer["data"]["invalidCode"] == invalid
    assert answer["data"]["match"] == "-1"
    assert all(isinstance(value, str) for value in answer["data"].values())


@pytest.mark.parametrize(
    "query",
    [
        "type1=card",
        "type1=card&format_type=",
        "type1=card&format_type=picture",
        "type1=card&format_type=base64",
        "type1=card&format_type=url",
        "type1=passport&format_type=file",
        "format_type=file",
    ],
)
def test_untrue_parameters(service: Live, query: str) -> None:
    files = {"img1": picture(Seen.CHIP_FRONT), "img2": picture(Seen.HOLDER)}
    answer = requests.post(
        f"{service.url}{ROUTE}?{query}", auth=service.basic, files=files, timeout=20
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "data": None,
        "errorCode": "6",
        "errorMessage": "Incorrect format type",
    }


@pytest.mark.parametrize("declared", ["file", "url"])
def test_base64_declared_as_something_else(service: Live, declared: str) -> None:
    body = {"img1": text(Seen.CHIP_FRONT), "img2": text(Seen.HOLDER)}
    url = f"{service.url}{ROUTE}?type1=card&format_type={declared}"
    answer = requests.post(url, auth=service.basic, json=body, timeout=20)
    assert answer.json()["errorCode"] == "6"


@pytest.mark.parametrize("declared", ["file", "base64", ""])
def test_url_declared_as_something_else(service: Live, declared: str) -> None:
    query = {"img1": "https://a.vn/1", "img2": "https://a.vn/2", "type1": "card"}
    query["format_type"] = declared
    answer = requests.get(service.url + ROUTE, params=query, auth=service.basic, timeout=20)
    assert answer.json()["errorCode"] == "6"


def test_parameters_in_the_body(service: Live) -> None:
    body = {
        "img1": text(Seen.CHIP_FRONT),
        "img2": text(Seen.HOLDER),
        "type1": "card",
        "format_type": "base64",
    }
    answer = requests.post(service.url + ROUTE, auth=service.basic, json=body, timeout=20)
    assert answer.json()["errorCode"] == "0"


class Warns:
    """Compares as the fake does, and warns of what the test says."""

    def __init__(self) -> None:
        self.concerns: tuple[Concern, ...] = ()

    def __call__(self, left: Image, right: Image, *, left_is_card: bool) -> Decision:
        decision = FakeCompareFaces()(left, right, left_is_card=left_is_card)
        return replace(decision, concerns=self.concerns)


@pytest.fixture(scope="module")
def warning() -> Warns:
    return Warns()


@pytest.fixture(scope="module")
def warned(tmp_path_factory: pytest.TempPathFactory, warning: Warns) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("warned"), runtime(compare_faces=warning)) as service:
        yield service


K = ConcernKind


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [
        (K.NO_CARD, "1", "The ID card photo is not existed"),
        (K.PHOTOCOPY, "2", "The picture is a photocopy version of the id card"),
        (K.TAMPERED, "3", "The ID card photo is suspected of tampering"),
        (K.SCREEN, "3", "The ID card photo is suspected of tampering"),
        (K.SEVERAL_FACES, "6", "Photo contains more than one face"),
        (K.SUNGLASSES, "7", "Wearing sunglasses"),
        (K.HAT, "8", "Wearing a hat"),
        (K.MASK, "9", "Wearing a mask"),
        (K.SPOOF, "10", "Photo taken from picture, screen, blurred noise or sign of fraud"),
        (K.BLURRED_FACE, "10", "Photo taken from picture, screen, blurred noise or sign of fraud"),
        (K.BLURRED, "10", "Photo taken from picture, screen, blurred noise or sign of fraud"),
        (K.FACE_TOO_SMALL, "11", "The face in the picture is too small"),
        (K.FACE_AT_MARGIN, "12", "The face in the portrait photo is too close to the margin"),
        (K.EYES_CLOSED, "101", "Eyes closed"),
        (K.EXTREME_POSE, "102", "The face is turned too far away"),
        (K.UNDEREXPOSED, "103", "The face is too dark"),
        (K.OVEREXPOSED, "104", "The face is too bright"),
    ],
)
def test_every_warning_of_the_page_and_ours(
    warned: Live, warning: Warns, kind: ConcernKind, code: str, message: str
) -> None:
    """4 and 5, which come without a decision: above."""
    warning.concerns = (Concern(ConcernKind.OVEREXPOSED, "portrait"), Concern(kind, "card"))
    data = post(warned, Seen.CHIP_FRONT, Seen.HOLDER)["data"]
    assert (data["invalidCode"], data["invalidMessage"]) == (code, message)
    assert data["match"] == "1"
