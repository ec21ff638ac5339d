"""Techainer's customers: registered once, verified, found, listed and forgotten; nobody else's are seen."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.fakes import Seen, picture
from tests.live import Live


def call(service: Live, name: str, **body: Any) -> dict[str, Any]:
    for key, value in body.items():
        if isinstance(value, Seen):
            body[key] = base64.b64encode(picture(value)).decode()
    answer = requests.post(
        f"{service.url}/call/{name}", json=body, headers=service.token, timeout=20
    )
    return dict(answer.json())


def ekyc(service: Live, user_id: str, face: Seen) -> dict[str, Any]:
    cards = {"image_card1": Seen.CHIP_FRONT, "image_card2": Seen.CHIP_BACK}
    told = call(
        service, "register_ekyc_front_back_face", user_id=user_id, image_general=face, **cards
    )
    return dict(told["output"][2])


def test_ekyc_enrols_who_matches(fresh: Live) -> None:
    assert ekyc(fresh, "a", Seen.STRANGER)["error"]["code"] == 4
    assert call(fresh, "get_all_face_of_user", user_id="a")["code"] == "E855"
    assert ekyc(fresh, "a", Seen.HOLDER)["error"]["code"] == -1
    found = call(fresh, "search_face", image_general=Seen.HOLDER)["output"]
    assert [(one["user_id"], one["similarity"]) for one in found] == [("a", 1.0)]


def test_face_of_another_customer_is_not_registered(fresh: Live) -> None:
    ekyc(fresh, "a", Seen.HOLDER)
    third = ekyc(fresh, "b", Seen.HOLDER)
    assert third["is_matched"]["value"] == "True"
    assert third["error"] == {
        "value": "User face is already existing, can not registered",
        "confidence": 0.9801,
        "code": "E850",
    }
    assert third["conflict"]["type"] == "same face, another person"
    told = call(fresh, "register_user_face", user_id="b", image_general=Seen.HOLDER)
    assert (told["code"], told["error"]) == (
        "E850",
        "User face is already existing, can not registered",
    )
    assert told["output"]["conflict"]["similarity"] == 1.0


def test_another_face_for_a_customer(fresh: Live) -> None:
    call(fresh, "register_user_face", user_id="a", image_general=Seen.HOLDER)
    told = call(fresh, "register_user_face", user_id="a", image_general=Seen.STRANGER)
    assert (told["code"], told["output"]["conflict"]["type"]) == (
        "E850",
        "same person, another face",
    )


@pytest.mark.parametrize(
    ("face", "matched", "error"), [(Seen.HOLDER, "True", -1), (Seen.STRANGER, "False", 4)]
)
def test_verify(fresh: Live, face: Seen, matched: str, error: int) -> None:
    call(fresh, "register_user_face", user_id="a", image_general=Seen.HOLDER)
    told = call(fresh, "verify_user_face", user_id="a", image_general=face)["output"]
    assert (told["is_matched"]["value"], told["error"]["code"]) == (matched, error)


@pytest.mark.parametrize(
    ("face", "live"), [(Seen.HOLDER, "True"), (Seen.LOOKALIKE, "False"), (Seen.STRANGER, "True")]
)
def test_verify_judges_the_portrait(fresh: Live, face: Seen, live: str) -> None:
    """One that cannot be judged is told as everywhere in this dialect."""
    call(fresh, "register_user_face", user_id="a", image_general=Seen.HOLDER)
    told = call(fresh, "verify_user_face", user_id="a", image_general=face)["output"]
    assert told["is_matched"]["liveness"] == live


def test_third_party_is_replaced_and_kept_apart(fresh: Live) -> None:
    party = {"third_party": "doi-tac"}
    for face in (Seen.HOLDER, Seen.STRANGER):
        told = call(
            fresh, "register_user_face_third_party", user_id="a", image_general=face, **party
        )
        assert told["code"] == "0"
    kept = call(fresh, "get_all_face_of_user", user_id="a", **party)["output"]["faces"]
    assert [one["face_id"] for one in kept] == [told["output"]["face_id"]]
    assert call(fresh, "search_face", image_general=Seen.STRANGER)["output"] == []
    found = call(fresh, "search_face", image_general=Seen.STRANGER, **party)["output"]
    assert [one["user_id"] for one in found] == ["a"]


def test_delete_one_then_everything(fresh: Live) -> None:
    new = call(
        fresh,
        "register_user_face",
        user_id="a",
        image_general=Seen.HOLDER,
        image_fingerprint=Seen.PAGE,
    )["output"]
    wrong = call(fresh, "delete_user_face", user_id="a", face_id=[new["face_id"], "999999"])
    assert (wrong["code"], wrong["error"]) == ("E855", "Face id is not exists")
    assert call(fresh, "delete_user_face", user_id="b", face_id=new["face_id"])["code"] == "E855"
    right = call(fresh, "delete_user_face", user_id="a", face_id=new["face_id"])
    assert right["output"] == {"user_id": "a", "deleted": 1}
    left = call(fresh, "get_all_face_of_user", user_id="a")["output"]
    assert (left["faces"], len(left["fingerprints"])) == ([], 1)
    assert call(fresh, "delete_user_face", user_id="a")["output"]["deleted"] == 1
    assert call(fresh, "get_all_face_of_user", user_id="a")["code"] == "E855"


def test_numbers_as_java_writes_those_it_has_read(fresh: Live) -> None:
    """Gson makes 17.0 of 17: no other customer, and no other face."""
    told = call(fresh, "register_user_face", user_id=17, image_general=Seen.HOLDER)["output"]
    for user_id in ("17", 17.0):
        same = call(fresh, "verify_user_face", user_id=user_id, image_general=Seen.HOLDER)
        assert same["output"]["face_id"] == told["face_id"]
    assert call(fresh, "search_face", image_general=Seen.HOLDER, limit=5.0)["code"] == "0"
    face = float(told["face_id"])
    assert call(fresh, "delete_user_face", user_id=17.0, face_id=face + 0.5)["code"] == "E855"
    gone = call(fresh, "delete_user_face", user_id=17.0, face_id=[face])
    assert gone["output"] == {"user_id": "17", "deleted": 1}


def test_naming_nothing_does_not_delete_everything(fresh: Live) -> None:
    call(fresh, "register_user_face", user_id="a", image_fingerprint=Seen.PAGE)
    for face_id in ("", " ", [], [""], [None], None, {"id": 1}, [[5]], True):
        assert call(fresh, "delete_user_face", user_id="a", face_id=face_id)["code"] == "E855"
    for party in ("", None, ["doi-tac"], {"name": "doi-tac"}):
        told = call(fresh, "delete_user_face", user_id="a", third_party=party)
        assert told["code"] == ("bad_parameter" if party else "missing")
    assert len(call(fresh, "get_all_face_of_user", user_id="a")["output"]["fingerprints"]) == 1


def test_another_clients_customers_do_not_exist(fresh: Live, service: Live) -> None:
    face = call(fresh, "register_user_face", user_id="only-mine", image_general=Seen.HOLDER)
    for name, body in {
        "verify_user_face": {"image_general": Seen.HOLDER},
        "get_all_face_of_user": {},
        "delete_user_face": {"face_id": face["output"]["face_id"]},
    }.items():
        told = call(service, name, user_id="only-mine", **body)
        never = call(service, name, user_id="nobody", **body)
        assert told["code"] == never["code"] == "E855"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("register_user_face", {"user_id": "a"}, "missing"),
        ("register_user_face", {"image_general": Seen.HOLDER}, "missing"),
        ("register_user_face", {"user_id": "a", "image_general": Seen.TABLE}, "1"),
        (
            "register_user_face_third_party",
            {"user_id": "a", "image_general": Seen.HOLDER},
            "missing",
        ),
        ("search_face", {"image_general": Seen.HOLDER, "limit": "0"}, "bad_parameter"),
        ("search_face", {"image_general": Seen.HOLDER, "third_party": ":images"}, "bad_parameter"),
        ("get_all_face_of_user", {"user_id": "a", "third_party": "x" * 101}, "bad_parameter"),
        (
            "register_user_face",
            {"user_id": "a", "image_fingerprint": Seen.TABLE, "finger": "x" * 51},
            "bad_parameter",
        ),
        ("search_face", {"image_general": Seen.HOLDER, "limit": "9" * 50}, "bad_parameter"),
        ("search_face", {"image_general": Seen.HOLDER, "threshold": "2"}, "bad_parameter"),
        ("search_face", {"image_general": Seen.HOLDER, "limit": [1]}, "bad_parameter"),
        ("predict", {"input": Seen.TABLE, "check_rotate": [False]}, "bad_parameter"),
        ("search_face", {"image_general": "không"}, "format_mismatch"),
        ("verify_user_face", {"user_id": "nobody", "image_general": Seen.HOLDER}, "E855"),
        ("delete_user_face", {"user_id": "a", "face_id": "một"}, "E855"),
        ("predict", {"input": []}, "missing"),
        ("predict", {"input": Seen.TABLE}, "no_document"),
        ("predict", {"input": ["AAAA"] * 11}, "bad_parameter"),
        ("check_match_image_card_image_general", {"image_card": Seen.CHIP_FRONT}, "missing"),
    ],
)
def test_refused(fresh: Live, name: str, body: dict[str, Any], code: str) -> None:
    assert call(fresh, name, **body)["code"] == code


def test_video_that_is_none(fresh: Live) -> None:
    cards = {"image_card1": Seen.CHIP_FRONT, "image_card2": Seen.CHIP_BACK}
    told = call(
        fresh,
        "register_ekyc_front_back_face_video",
        user_id="a",
        video_general=Seen.HOLDER,
        **cards,
    )
    assert told["code"] == "video_unreadable"
