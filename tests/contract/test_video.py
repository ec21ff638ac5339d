"""Techainer's register_ekyc_front_back_face_video: what is told of videos of every kind, good and bad."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import requests

from tests.fakes import Seen, picture
from tests.live import Live
from tests.videos import grey_levels, sound, video

ROUTE = "/call/register_ekyc_front_back_face_video"


def register(service: Live, shown: bytes, front: Seen = Seen.CHIP_FRONT) -> requests.Response:
    files = {
        "image_card1": picture(front),
        "image_card2": picture(Seen.CHIP_BACK),
        "video_general": shown,
    }
    return requests.post(
        service.url + ROUTE,
        files=files,
        data={"user_id": "kh-1"},
        headers=service.token,
        timeout=20,
    )


def of(seen: Seen, container: str = "mp4", codec: str = "mpeg4") -> bytes:
    """Eight frames of one colour."""
    red, green, blue = seen.value
    frame = np.full((48, 64, 3), (blue, green, red), np.uint8)
    return video([frame] * 8, container=container, codec=codec)


def output(service: Live, shown: bytes, front: Seen = Seen.CHIP_FRONT) -> list[Any]:
    answer = register(service, shown, front)
    assert (answer.status_code, answer.json()["code"]) == (200, "0"), answer.text
    return list(answer.json()["output"])


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "mpeg4"), ("mov", "mpeg4"), ("webm", "libvpx")]
)
def test_a_live_holder_is_matched_and_kept(fresh: Live, container: str, codec: str) -> None:
    *_, faces, film, last = output(fresh, of(Seen.HOLDER, container, codec))
    assert (faces["is_matched"]["value"], faces["is_matched"]["liveness"]) == ("True", "True")
    assert film["liveness"] == {"value": "True", "reasons": []}
    assert len(film["image_general"]) > 100
    assert last is None
    body = {"user_id": "kh-1"}
    kept = requests.post(
        fresh.url + "/call/get_all_face_of_user", json=body, headers=fresh.token, timeout=20
    )
    assert len(kept.json()["output"]["faces"]) == 1


def test_who_is_not_shown_to_be_live_is_told_why_and_not_kept(fresh: Live) -> None:
    *_, faces, film, _ = output(fresh, of(Seen.LOOKALIKE))
    assert (faces["is_matched"]["value"], faces["is_matched"]["liveness"]) == ("True", "False")
    assert faces["not_registered"] == ["spoof"]
    assert [(one["check"], one["outcome"]) for one in film["liveness"]["reasons"]] == [
        ("passive", "fail")
    ]
    body = {"user_id": "kh-1"}
    kept = requests.post(
        fresh.url + "/call/get_all_face_of_user", json=body, headers=fresh.token, timeout=20
    )
    assert kept.json()["code"] == "E855"


@pytest.mark.parametrize(
    ("front", "code", "message"),
    [
        (Seen.CHIP_FRONT, 1, "There's no face on capture image"),
        (Seen.FACELESS_FRONT, 0, "There's no face on capture and card image"),
    ],
)
def test_without_a_face_the_card_is_read_all_the_same(
    fresh: Live, front: Seen, code: int, message: str
) -> None:
    """As with a photograph: the third element says so."""
    read, _, faces, film, _ = output(fresh, of(Seen.TABLE), front)
    assert read["ho_ten"]["value"] == "NGUYỄN THỊ MINH ÁNH"
    assert (faces["error"]["code"], faces["error"]["value"]) == (code, message)
    assert faces["is_matched"]["liveness"] == "False"
    assert film["liveness"]["value"] == "False"
    assert [one["check"] for one in film["liveness"]["reasons"]] == ["face"]
    assert film["image_general"] == "N/A"


TWO_HOURS = video(grey_levels(121), rate=1, apart=60)
REFUSED = {
    "a picture": (picture(Seen.HOLDER), "video_unreadable"),
    "sound alone": (sound(), "video_unreadable"),
    "cut off": (TWO_HOURS[: len(TWO_HOURS) // 2], "video_unreadable"),
    "another codec": (
        video(grey_levels(3), container="mov", codec="png", pixel_format="rgb24"),
        "video_unreadable",
    ),
    "two hours": (TWO_HOURS, "video_too_long"),
    "nothing": (b"", "missing"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(fresh: Live, kind: str) -> None:
    shown, code = REFUSED[kind]
    answer = register(fresh, shown)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["output"] is None
