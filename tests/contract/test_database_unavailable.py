"""A database that cannot be written to is told as such, loses nothing, and is used again when it can be."""

from __future__ import annotations

import base64
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
SECONDS = 2.0
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


@pytest.mark.parametrize(
    ("slow", "status"), [("before_cursor_execute", 503), ("commit", 200)], ids=["insert", "commit"]
)
def test_what_is_refused_at_its_deadline_was_not_kept(
    slow: str, status: int, tmp_path: Path
) -> None:
    """Nor is refused what was kept: a client that asks again, as it should, has one face and not two."""
    inserted, late = threading.Event(), threading.Event()

    def delay(*_: object) -> None:
        if inserted.is_set() and not late.is_set():
            time.sleep(SECONDS + 1)
            late.set()

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO faces "):
            inserted.set()

    with live(tmp_path, deadline_seconds=SECONDS) as service:
        event.listen(service.inside.engine, "before_cursor_execute", see)
        event.listen(service.inside.engine, slow, delay)
        portrait = {"user_id": "kh", "image_general": PORTRAIT}
        answer = call(service, "register_user_face", **portrait)
        assert answer.status_code == status
        assert late.wait(10 * SECONDS)
        if status != 200:
            assert call(service, "register_user_face", **portrait).status_code == 200
        assert faces_of(service, user_id="kh") == 1


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
