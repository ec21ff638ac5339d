"""Every route that takes faces, given what is no picture, nothing, or nobody: the code of its own page."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from PIL import Image as Pillow

from tests.fakes import Seen, picture
from tests.live import Live

V1 = "/backend/api/v1/request/face_matching"
V2 = "/api/v2/ekyc"


@dataclass(frozen=True)
class Route:
    """Its pictures, and the code it has for each fault; none where it answers with a verdict."""

    path: str
    pictures: Mapping[str, Seen]
    code: str
    unreadable: str
    absent: str
    nobody: str | None

    def post(self, service: Live, **other: bytes) -> dict[str, Any]:
        files = {name: picture(seen) for name, seen in self.pictures.items()} | other
        answer = requests.post(
            service.url + self.path,
            auth=service.basic,
            files={name: data for name, data in files.items() if data},
            data={"nonce": _nonce(service)} if self.path.endswith("challenge") else {},
            timeout=20,
        )
        assert answer.status_code == 200
        return dict(answer.json())


def _nonce(service: Live) -> str:
    asked = requests.post(f"{service.url}{V2}/challenge", auth=service.basic, timeout=20)
    return str(asked.json()["data"]["nonce"])


HOLDERS = {"mid": Seen.HOLDER, "left": Seen.HOLDER, "right": Seen.HOLDER}
ROUTES = (
    Route(
        f"{V1}/matching",
        {"img_cmt": Seen.CHIP_FRONT, "img_person": Seen.HOLDER},
        "error_code", "1", "1", "3",
    ),
    Route(
        f"{V1}/face_matching",
        {"face1": Seen.HOLDER, "face2": Seen.HOLDER},
        "error_code", "1", "1", "3",
    ),
    Route(
        f"{V1}/matchingliveness", {"img_cmt": Seen.CHIP_FRONT, **HOLDERS}, "error_code", "1", "1", "3"
    ),
    Route(
        f"{V2}/face_matching?type1=portrait&format_type=file",
        {"img1": Seen.HOLDER, "img2": Seen.HOLDER},
        "errorCode", "3", "1", "1",
    ),
    Route(
        f"{V2}/verify_liveness",
        {f"portrait_{name}": seen for name, seen in HOLDERS.items()},
        "errorCode", "3", "1", None,
    ),
    Route(
        f"{V2}/verify_challenge",
        {f"portrait_{place}": Seen.HOLDER for place in range(1, 5)},
        "errorCode", "3", "1", None,
    ),
)  # fmt: skip
each = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path.split("?")[0])


def file(seen: Seen, kind: str, mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", (64, 48), seen.value).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@each
@pytest.mark.parametrize(
    "data",
    [b"xin chao " * 50, picture(Seen.HOLDER)[:200], file(Seen.HOLDER, "GIF"), file(Seen.HOLDER, "PDF")],
    ids=["text", "cut off", "GIF", "PDF"],
)  # fmt: skip
def test_what_is_no_picture(service: Live, route: Route, data: bytes) -> None:
    for name in route.pictures:
        assert route.post(service, **{name: data})[route.code] == route.unreadable


@each
def test_a_picture_that_was_not_sent(service: Live, route: Route) -> None:
    for name in route.pictures:
        assert route.post(service, **{name: b""})[route.code] == route.absent


@each
def test_a_picture_of_nobody(service: Live, route: Route) -> None:
    for name in route.pictures:
        told = route.post(service, **{name: picture(Seen.TABLE)})
        assert told[route.code] == (route.nobody or "0")
        if route.nobody is None:
            assert told["data"]["valid"] == "False"


@each
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "CMYK", "EXIF"])
def test_pictures_of_every_kind(service: Live, route: Route, kind: str) -> None:
    """Also turned by EXIF, and in a printer's colours."""
    exif = Pillow.Exif()
    exif[0x0112] = 6
    for name, seen in route.pictures.items():
        data = {
            "PNG": lambda seen=seen: file(seen, "PNG"),
            "WEBP": lambda seen=seen: file(seen, "WEBP", lossless=True),
            "CMYK": lambda seen=seen: file(seen, "JPEG", "CMYK"),
            "EXIF": lambda seen=seen: file(seen, "JPEG", exif=exif),
        }[kind]()
        assert route.post(service, **{name: data})[route.code] == "0"
