"""A database that cannot be written to is told as such, loses nothing, and is used again when it can be."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import requests
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from tests.fakes import Seen, picture
from tests.live import Live, live

MOST_TRIES = 60
"""Rows until the pages at hand are full; a picture takes some."""


def register(service: Live, user_id: str) -> requests.Response:
    body = {
        "user_id": user_id,
        "image_general": base64.b64encode(picture(Seen.HOLDER)).decode(),
        "third_party": user_id,  # a collection of its own: nobody is a duplicate
    }
    return requests.post(
        f"{service.url}/call/register_user_face_third_party",
        json=body,
        headers=service.token,
        timeout=20,
    )


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
            found = requests.post(
                f"{service.url}/call/get_all_face_of_user",
                json={"user_id": name, "third_party": name},
                headers=service.token,
                timeout=20,
            ).json()
            assert len(found["output"]["faces"]) == 1, name
