"""A quota is spent by answers alone, and exactly: over the socket, with fifty clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.contract.test_bad_input import CV1, TECHAINER
from tests.fakes import Seen, picture
from tests.live import live

QUOTA, CLIENTS, ATTEMPTS = 100, 50, 130


def test_quota_of_a_hundred_under_fifty_clients(tmp_path: Path) -> None:
    patient = {"max_waiting": 1000, "deadline_seconds": 120.0}
    body = {"file": ("a.jpg", picture(Seen.CHIP_FRONT))}
    with live(tmp_path, **patient) as service:
        service.clients.set_quota("bank", QUOTA)
        path = f"{service.url}/backend/api/v1/request/ocr/v1/get_infor"

        def ask(_: int) -> str:
            answer = requests.post(path, auth=service.basic, files=body, timeout=120)
            return str(answer.json()["errorCode"])

        ask(0)  # the first secret is hashed; from here on the client is known
        with ThreadPoolExecutor(CLIENTS) as many:
            codes = list(many.map(ask, range(ATTEMPTS - 1)))
        assert (codes.count("0"), codes.count("4")) == (QUOTA - 1, ATTEMPTS - QUOTA)
        assert service.clients.listing()[0].used == QUOTA


def test_what_is_not_answered_is_not_paid_for(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        service.clients.set_quota("bank", 2)
        assert CV1.post(service, b"no image").json()["errorCode"] == "3"
        assert TECHAINER.post(service, picture(Seen.TABLE)).json()["code"] == "no_document"
        assert service.clients.listing()[0].used == 0
        assert CV1.post(service).json()["errorCode"] == "0"
        assert service.clients.listing()[0].used == 1


def test_rate_is_told_in_the_familys_words(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        hasty = service.clients.add("hasty", rate=1)
        asked = {"auth": (hasty.key, hasty.secret)}
        first, second = CV1.post(service, **asked), CV1.post(service, **asked)
        assert first.json()["errorCode"] == "0"
        assert (second.status_code, second.json()["errorCode"]) == (429, "429")
        assert 1 <= int(second.headers["retry-after"]) <= 60
