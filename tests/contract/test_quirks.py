"""Where the documents contradict themselves, or clients take liberties, both readings are answered."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.fakes import Seen, picture
from tests.live import Live, Web

V1 = "/backend/api/v1/request"
V2 = "/api/v2"
SEARCH = {"v1": f"{V1}/face_search", "v2": f"{V2}/face_search"}


def text(seen: Seen) -> str:
    return base64.b64encode(picture(seen)).decode()


def post(service: Live, path: str, **arguments: Any) -> dict[str, Any]:
    answer = requests.post(service.url + path, auth=service.basic, timeout=20, **arguments)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def add(service: Live, seen: Seen = Seen.HOLDER, **metadata: Any) -> int:
    image = {"base64": text(seen), "metadata": metadata}
    return int(post(service, f"{SEARCH['v1']}/add", json={"image": image})["result"]["id"])


def listed(service: Live, version: str, **page: Any) -> list[dict[str, Any]]:
    path = f"{SEARCH[version]}/{'get_all_images' if version == 'v1' else 'images'}"
    answer = requests.get(service.url + path, params=page, auth=service.basic, timeout=20).json()
    assert answer["status_code"] == 0, answer
    return list(answer["result"])


@pytest.mark.parametrize("name", ["right", "rihgt"])
@pytest.mark.parametrize("empty", [{}, {"right": None, "rihgt": None}, {"right": "", "rihgt": ""}])
def test_right_and_rihgt(fresh: Live, name: str, empty: dict[str, Any]) -> None:
    body = {"img_cmt": text(Seen.CHIP_FRONT), "mid": text(Seen.HOLDER), "left": text(Seen.HOLDER)}
    body |= empty
    told = post(
        fresh,
        f"{V1}/face_matching/matchinglivenessbase64",
        json=body | {name: text(Seen.HOLDER)},
    )
    assert told["data"]["valid"] == "True"


def test_liveness_without_a_face_is_an_error_in_v1_and_a_warning_in_v2(fresh: Live) -> None:
    faces = {"mid": text(Seen.HOLDER), "left": text(Seen.TABLE), "right": text(Seen.HOLDER)}
    card = {"img_cmt": text(Seen.CHIP_FRONT)}
    first = post(fresh, f"{V1}/face_matching/matchinglivenessbase64", json=faces | card)
    assert (first["error_code"], first["error_message"]) == ("3", "Ảnh không chứa nội dung")
    portraits = {f"portrait_{name}": one for name, one in faces.items()}
    second = post(fresh, f"{V2}/ekyc/verify_liveness", json=portraits)
    assert second["errorCode"] == "0"
    assert (second["data"]["invalidCode"], second["data"]["valid"]) == ("2", "False")


@pytest.mark.parametrize(
    ("left", "mid", "right", "code", "message"),
    [
        (Seen.HOLDER, Seen.HOLDER, Seen.HOLDER, "0", "Successful"),
        (Seen.HOLDER, Seen.TABLE, Seen.HOLDER, "1", "The mid image does not contain face"),
        (Seen.TABLE, Seen.HOLDER, Seen.HOLDER, "2", "The left image does not contain face"),
        (Seen.HOLDER, Seen.HOLDER, Seen.TABLE, "3", "The right image does not contain face"),
        (Seen.STRANGER, Seen.HOLDER, Seen.HOLDER, "4", "The mid image and the left image do not match"),
        (Seen.HOLDER, Seen.HOLDER, Seen.STRANGER, "5", "The mid image and the right image do not match"),
        (Seen.HOLDER, Seen.LOOKALIKE, Seen.HOLDER, "6", "Invalid center image"),
        (Seen.LOOKALIKE, Seen.HOLDER, Seen.HOLDER, "7", "Invalid left image"),
        (Seen.HOLDER, Seen.HOLDER, Seen.LOOKALIKE, "8", "Invalid right image"),
        (Seen.LOOKALIKE, Seen.HOLDER, Seen.TABLE, "3", "The right image does not contain face"),
    ],
)  # fmt: skip
def test_each_of_the_nine_codes_of_v2_liveness(
    service: Live, left: Seen, mid: Seen, right: Seen, code: str, message: str
) -> None:
    portraits = {"portrait_left": left, "portrait_mid": mid, "portrait_right": right}
    files = {name: picture(seen) for name, seen in portraits.items()}
    data = post(service, f"{V2}/ekyc/verify_liveness", files=files)["data"]
    assert (data["invalidCode"], data["invalidMessage"]) == (code, message)
    assert data["valid"] == ("True" if code == "0" else "False")


def test_v1_liveness_tells_every_reason(service: Live) -> None:
    seen = {
        "img_cmt": Seen.CHIP_FRONT,
        "mid": Seen.HOLDER,
        "left": Seen.STRANGER,
        "right": Seen.LOOKALIKE,
    }
    files = {name: picture(one) for name, one in seen.items()}
    data = post(service, f"{V1}/face_matching/matchingliveness", files=files)["data"]
    assert data["valid"] == "False"
    assert data["errors"] == (
        "Ảnh quay trái: không cùng một người với ảnh chính diện; Ảnh quay phải: có dấu hiệu giả mạo"
    )


@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes, base64.urlsafe_b64encode])
@pytest.mark.parametrize(
    "prefix", ["", "data:image/png;base64,", "data:image/jpeg;charset=utf-8;base64,\n"]
)
def test_base64_as_clients_write_it(fresh: Live, encode: Any, prefix: str) -> None:
    image = prefix + encode(picture(Seen.CHIP_FRONT)).decode()
    path = f"{V1}/ocr/cmt/get_mattruocbase64"
    assert post(fresh, path, json={"image": image})["type"] == "tcc"


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"],
)
def test_json_whatever_it_calls_itself(fresh: Live, kind: str | None) -> None:
    body = json.dumps({"image": {"base64": text(Seen.HOLDER)}})
    headers = {"content-type": kind} if kind else {}
    assert post(fresh, f"{SEARCH['v2']}/search", data=body, headers=headers)["result"] == []


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_pages_of_images(fresh: Live, version: str) -> None:
    ids = [add(fresh, name=str(n)) for n in range(3)]
    assert [one["id"] for one in listed(fresh, version)] == ids
    assert [one["id"] for one in listed(fresh, version, offset="1", limit="1")] == ids[1:2]
    assert [one["id"] for one in listed(fresh, version, offset=2, limit=10**9)] == ids[2:]
    assert listed(fresh, version, offset=10**15) == []
    assert listed(fresh, version, limit=0) == []
    assert listed(fresh, version, offset="", limit=" ")[0]["metadata"] == {"name": "0"}


def test_images_are_the_clients_own(fresh: Live, service: Live) -> None:
    mine = add(fresh)
    path = f"{SEARCH['v1']}/edit_metadata"
    other = post(service, path, json={"image_id": mine, "metadata": {}})
    never = post(service, path, json={"image_id": 10**12, "metadata": {}})
    assert other == never == {"result": None, "status_code": 7, "message": "Id không hợp lệ"}
    assert mine not in [one["id"] for one in listed(service, "v1")]


def test_posting_ids_deletes_and_one_unknown_id_deletes_nothing(fresh: Live) -> None:
    ids = [add(fresh) for _ in range(2)]
    wrong = post(fresh, f"{SEARCH['v2']}/images", json={"ids": [ids[0], 10**12]})
    assert wrong["status_code"] == 7
    assert len(listed(fresh, "v2")) == 2
    right = post(fresh, f"{SEARCH['v2']}/images", json={"ids": [str(one) for one in ids]})
    assert right == {"result": None, "status_code": 0, "message": "Success"}
    assert listed(fresh, "v2") == []


def test_a_whole_page_of_ids_is_looked_at(fresh: Live) -> None:
    told = post(fresh, f"{SEARCH['v2']}/images", json={"ids": [*range(1, 1001)]})
    assert told["status_code"] == 7  # not that it is no request


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_metadata_by_either_method_and_not_lost_when_none_is_sent(fresh: Live, method: str) -> None:
    path = f"{fresh.url}{SEARCH['v2']}/images/{add(fresh, name='a')}"
    for body in ({"metadata": {"name": "b"}}, {}):
        answer = requests.request(method, path, json=body, auth=fresh.basic, timeout=20).json()
        assert answer["result"]["metadata"] == {"name": "b"}


@pytest.mark.parametrize("metadata", ["b", ["b"], 1, False])
def test_metadata_that_is_no_object_is_refused_not_passed_over(fresh: Live, metadata: Any) -> None:
    bodies = {
        "edit_metadata": {"image_id": add(fresh), "metadata": metadata},
        "add": {"image": {"base64": text(Seen.HOLDER), "metadata": metadata}},
    }
    for route, body in bodies.items():
        told = post(fresh, f"{SEARCH['v1']}/{route}", json=body)
        assert (told["status_code"], told["result"]) == (6, None)


def test_an_empty_object_and_a_number_as_php_and_java_write_them(fresh: Live) -> None:
    """`[]`, and what Gson makes of a number it has read: 123456.0."""
    image = add(fresh, name="a")
    path = f"{SEARCH['v1']}/edit_metadata"
    told = post(fresh, path, json={"image_id": float(image), "metadata": []})
    assert (told["result"]["id"], told["result"]["metadata"]) == (image, {})
    post(fresh, f"{SEARCH['v1']}/delete", json={"ids": [float(image)]})
    assert listed(fresh, "v1") == []


@pytest.mark.parametrize(
    ("path", "body", "codes"),
    [
        ("delete", {"ids": [*range(1, 2_200)]}, ("6", "6")),
        ("delete", [1], ("6", "6")),
        ("add", {"image": {}}, ("1", "1")),
        ("add", {"image": {"base64": "%"}}, ("1", "6")),
        ("add", {"image": {"base64": "AAAA"}}, ("1", "3")),
    ],
)
def test_a_query_that_fails_is_no_wrong_picture(
    service: Live, path: str, body: Any, codes: tuple[str, str]
) -> None:
    paths = f"{SEARCH['v1']}/{path}", f"{SEARCH['v2']}/images"
    told = [post(service, one, json=body)["status_code"] for one in paths]
    assert tuple(map(str, told)) == codes


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_metadata_beside_the_image_are_kept(fresh: Live, version: str) -> None:
    """Where `edit_metadata` has them; passed over, they would be lost without a word."""
    path = f"{SEARCH[version]}/{'add' if version == 'v1' else 'images'}"
    image, beside = {"base64": text(Seen.HOLDER)}, {"metadata": {"name": "beside"}}
    for inside, name in (({}, "beside"), ({"metadata": {"name": "inside"}}, "inside")):
        told = post(fresh, path, json={"image": image | inside} | beside)
        assert told["result"]["metadata"] == {"name": name}
    assert post(fresh, path, json={"image": image, "metadata": "b"})["status_code"] == 6


@pytest.mark.parametrize("key", ["user", "encoding", "_id"])
def test_reserved_keys(fresh: Live, key: str) -> None:
    path = f"{SEARCH['v1']}/edit_metadata"
    told = post(fresh, path, json={"image_id": add(fresh), "metadata": {key: "x"}})
    assert (told["status_code"], told["message"]) == (6, "Lỗi khi thực hiện truy vấn")


def test_url_of_an_image_gives_the_image_to_its_owner(fresh: Live, service: Live) -> None:
    add(fresh)
    (one,) = listed(fresh, "v1")
    mine = requests.get(one["url"], auth=fresh.basic, timeout=20)
    assert (mine.status_code, mine.headers["content-type"]) == (200, "image/jpeg")
    other = requests.get(one["url"], auth=service.basic, timeout=20)
    assert other.json()["status_code"] == 7


def test_url_of_an_image_is_the_one_clients_reach_behind_a_proxy(fresh: Live) -> None:
    add(fresh)
    said = {"Host": "ekyc.example", "X-Forwarded-Proto": "https"}
    path = f"{fresh.url}{SEARCH['v1']}/get_all_images"
    told = requests.get(path, auth=fresh.basic, headers=said, timeout=20).json()
    assert told["result"][0]["url"].startswith(f"https://ekyc.example{SEARCH['v1']}/images/")


CHECKED = {
    "GET": (f"{V1}/ocr/cmt/get_matsau?check_sum=120EA8A25E5D487&url=", None),
    "query": (f"{V2}/ekyc/verify_liveness?check_sum=120EA8A25E5D487", {}),
    "body": (f"{SEARCH['v2']}/search", {"check_sum": "120EA8A25E5D487"}),
}


@pytest.mark.parametrize("case", CHECKED)
def test_check_sum_is_echoed_also_with_an_error(fresh: Live, case: str) -> None:
    path, body = CHECKED[case]
    method = "GET" if body is None else "POST"
    answer = requests.request(method, fresh.url + path, json=body, auth=fresh.basic, timeout=20)
    assert answer.json()["check_sum"] == "120EA8A25E5D487"


def test_check_sum_that_is_a_number(fresh: Live) -> None:
    assert post(fresh, f"{SEARCH['v2']}/search", json={"check_sum": 42})["check_sum"] == 42


def test_check_sum_is_echoed_with_an_answer_and_absent_otherwise(fresh: Live) -> None:
    path, files = f"{V1}/ocr/cmt/get_mattruoc", {"image": picture(Seen.CHIP_FRONT)}
    told = post(fresh, path, files=files, data={"check_sum": "42"})
    assert (told["check_sum"], told["errorCode"]) == ("42", "0")
    assert "check_sum" not in post(fresh, path, files=files)


@pytest.mark.parametrize(
    "path", ["/call/NAME", "/call/NAME/", "/call/NAME//", "//call/NAME/", "///call//NAME"]
)
def test_slashes(fresh: Live, path: str) -> None:
    """At the end, and behind a base URL that ends in one."""
    url = fresh.url + path.replace("NAME", "search_face")
    body = {"image_general": text(Seen.HOLDER)}
    assert requests.post(url, json=body, headers=fresh.token, timeout=20).json()["output"] == []


def by_hand(service: Live, *requested: bytes) -> list[int]:
    """The statuses of requests sent over one connection, byte for byte."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    statuses = []
    with socket.create_connection((host, int(port)), timeout=20) as line:
        for one in requested:
            line.sendall(one)
            answer = http.client.HTTPResponse(line)
            answer.begin()
            answer.read()
            statuses.append(answer.status)
    return statuses


def test_a_url_with_tone_marks_as_php_and_curl_send_it(fresh: Live, site: Web) -> None:
    """As in the page's own sample, whose file is thẻ-căn-cước.jpg: Python escapes it, they do not."""
    path = "/thẻ-căn-cước.jpg"
    site.page(quote(path), picture(Seen.CHIP_FRONT))
    pair = base64.b64encode(":".join(fresh.basic).encode()).decode()
    asked = (
        f"GET {V1}/ocr/cmt/get_mattruoc?url={site.url}{path} HTTP/1.1\r\n"
        f"Host: x\r\nAuthorization: Basic {pair}\r\nX-Ten: thẻ\r\n\r\n"
    ).encode()
    before = len(site.asked)
    assert by_hand(fresh, asked, asked) == [200, 200]
    cut = asked.index("ẻ".encode()) + 1
    host, _, port = fresh.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        for piece in (asked[:cut], asked[cut : cut + 9], asked[cut + 9 : -9], asked[-9:]):
            line.sendall(piece)
            time.sleep(0.05)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert json.load(answer)["type"] == "tcc"
    assert site.asked[before:] == [quote(path)] * 3


def test_http_2_offered_as_java_does_is_passed_over(
    fresh: Live, caplog: pytest.LogCaptureFixture
) -> None:
    offer = (
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB"
    )
    body = json.dumps({"image_general": text(Seen.HOLDER)})
    asked = [
        f"POST /call/search_face HTTP/1.1\r\nHost: x\r\n{offer}\r\nx-api-key: {key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        for key in (fresh.credentials.token, "another", fresh.credentials.token)
    ]
    assert by_hand(fresh, *asked) == [200, 401, 200]
    assert "upgrade" not in caplog.text.lower()


def test_licence_route_takes_no_other_card(fresh: Live) -> None:
    told = post(fresh, f"{V1}/ocr/blx/get_blx", files={"image": picture(Seen.CHIP_FRONT)})
    assert told["errorCode"] == "1"


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [
        ("blx/get_blx", "image", ["data", "errorCode", "errorMessage"]),
        ("v1/get_infor", "file", ["data", "errorCode", "errorMessage"]),
        ("cmt/get_infor_all", "image", ["data", "valid", "errorCode", "errorMessage"]),
    ],
)
def test_valid_is_no_word_of_licences_and_files_also_with_an_error(
    service: Live, path: str, name: str, words: list[str]
) -> None:
    told = post(service, f"{V1}/ocr/{path}", files={name: picture(Seen.TABLE)})
    assert ([*told], told["errorCode"]) == (words, "1")


@pytest.mark.parametrize("other", [Seen.LICENCE, Seen.PASSPORT])
@pytest.mark.parametrize(
    ("route", "names"),
    [
        ("get_mattruoc", ["image"]),
        ("get_matsau", ["image"]),
        ("get_haimat", ["mattruoc", "matsau"]),
    ],
)
def test_routes_of_identity_cards_take_no_licence_nor_passport(
    service: Live, route: str, names: list[str], other: Seen
) -> None:
    """Its number would be taken for that of the card that was asked for."""
    files = dict.fromkeys(names, picture(other))
    told = post(service, f"{V1}/ocr/cmt/{route}", files=files)
    assert (told["data"], told["errorCode"]) == (None, "1")


def test_wrong_side_is_read_and_not_valid(fresh: Live) -> None:
    told = post(fresh, f"{V1}/ocr/cmt/get_mattruoc", files={"image": picture(Seen.CHIP_BACK)})
    assert (told["type"], told["valid"], told["errorCode"]) == ("matsautcc", "False", "0")


def test_page_without_text_is_null(fresh: Live) -> None:
    path = f"{V1}/text_photostory/get_scan_a4"
    assert post(fresh, path, files={"image": picture(Seen.TABLE)})["result"] is None


def test_document_warnings_of_v2(fresh: Live) -> None:
    path = f"{V2}/ekyc/card?format_type=file"
    told = [
        post(fresh, path, files={"img": picture(seen)})["data"][0]
        for seen in (Seen.PHOTOCOPY, Seen.CLIPPED_FRONT)
    ]
    assert [(one["invalidCode"], one["valid"]) for one in told] == [("2", "False"), ("5", "False")]


def test_same_limits_by_url_and_by_upload(fresh: Live, site: Web) -> None:
    large = picture(Seen.CHIP_FRONT) + bytes(17 * 1024 * 1024)
    url = site.page("/large.jpg", large)
    path = f"{fresh.url}{V1}/ocr/cmt/get_mattruoc"
    by_url = requests.get(path, params={"url": url}, auth=fresh.basic, timeout=20).json()
    by_file = requests.post(path, files={"image": large}, auth=fresh.basic, timeout=20).json()
    assert [by_url["errorCode"], by_file["errorCode"]] == ["2", "3"]
