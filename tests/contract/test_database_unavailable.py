"""A database that cannot be written to is told as such, loses nothing, and is used again when it can be."""

from __future__ import annotations

import base64
import sqlite3
import threading
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from tests.fakes import Seen, picture
from tests.live import Live, live

PORTRAIT = base64.b64encode(picture(Seen.HOLDER)).decode()
SECONDS = 1.5
"""A request has so long here."""
MOST_TRIES = 60
"""Rows until the pages at hand are full; a picture takes some."""


def call(service: Live, name: str, **body: str) -> requests.Response:
    return requests.post(f"{service.url}/call/{name}", json=body, headers=service.token, timeout=20)


def register(service: Live, user_id: str) -> requests.Response:
    """In a collection of its own: nobody is a duplicate."""
    name = "register_user_face_third_party"
    return call(service, name, user_id=user_id, third_party=user_id, image_general=PORTRAIT)


def faces_of(service: Live, **user: str) -> int:
    return len(call(service, "get_all_face_of_user", **user).json()["output"]["faces"])


def test_what_is_refused_at_its_deadline_was_not_kept(tmp_path: Path) -> None:
    """A client that asks again, as it should, has one face and not two."""
    late = threading.Event()

    def delay(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO faces ") and not late.is_set():
            time.sleep(2 * SECONDS)
            late.set()

    with live(tmp_path, deadline_seconds=SECONDS) as service:
        event.listen(service.inside.engine, "before_cursor_execute", delay)
        portrait = {"user_id": "kh", "image_general": PORTRAIT}
        assert call(service, "register_user_face", **portrait).status_code == 503
        assert late.wait(10 * SECONDS)
        assert call(service, "register_user_face", **portrait).status_code == 200
        assert faces_of(service, user_id="kh") == 1


def test_of_a_portrait_and_a_fingerprint_both_are_kept_or_neither(tmp_path: Path) -> None:
    """The database refuses the second of them, once."""
    refused = ["INSERT INTO fingerprints "]

    def refuse(_: object, __: object, statement: str, *___: object) -> None:
        if refused and statement.startswith(refused[0]):
            refused.clear()
            raise sqlite3.OperationalError("disk I/O error")

    with live(tmp_path) as service:
        event.listen(service.inside.engine, "before_cursor_execute", refuse)
        both = {"user_id": "kh", "image_general": PORTRAIT, "image_fingerprint": PORTRAIT}
        assert call(service, "register_user_face", **both).status_code == 500
        told = call(service, "register_user_face", **both).json()["output"]
        kept = call(service, "get_all_face_of_user", user_id="kh").json()["output"]
    assert [one["face_id"] for one in kept["faces"]] == [told["face_id"]]
    assert [one["fingerprint_id"] for one in kept["fingerprints"]] == [told["fingerprint_id"]]


def test_what_was_kept_is_answered_though_writing_it_down_meets_the_deadline(
    tmp_path: Path,
) -> None:
    def delay(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO sessions "):
            time.sleep(2 * SECONDS)

    with live(tmp_path, deadline_seconds=SECONDS) as service:
        event.listen(service.inside.engine, "before_cursor_execute", delay)
        answer = call(service, "register_user_face", user_id="kh", image_general=PORTRAIT)
        assert answer.status_code == 200
        assert answer.json()["output"]["face_id"]


@pytest.mark.parametrize(
    "trouble", ["query_only=ON", "max_page_count=1"], ids=["read-only", "full"]
)
def test_a_database_that_takes_nothing_is_answered_503(trouble: str, tmp_path: Path) -> None:
    def limit(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.cursor().execute(f"PRAGMA {trouble}")

    with live(tmp_path, keep_images=True) as service:
        assert register(service, "first").status_code == 200
        engine = service.inside.engine
        event.listen(engine, "connect", limit)
        engine.dispose()
        kept = ["first"]
        for number in range(MOST_TRIES):
            answer = register(service, f"kh-{number}")
            if answer.status_code != 200:
                break
            kept.append(f"kh-{number}")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "10"
        assert answer.json()["code"] == "database"
        assert requests.get(f"{service.url}/live", timeout=20).status_code == 200

        event.remove(engine, "connect", limit)
        engine.dispose()
        assert register(service, f"kh-{number}").status_code == 200
        for name in [*kept, f"kh-{number}"]:
            assert faces_of(service, user_id=name, third_party=name) == 1, name
