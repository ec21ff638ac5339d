"""Odd values in JSON bodies, a few hundred drawn by a fixed seed from every place a value has and every odd one: an answer in the
caller's words, no server fault, nothing written by what is refused, and what is kept stays readable."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from app.dialects.examples import examples
from app.store.tables import CollectionRow, FaceImageRow, FaceRow, FingerprintRow, PersonRow
from tests.live import LOOPBACK, Live, Web, live
from tests.pairs import before, filled, send

ODD = (
    "null", "true", "0", "-1", "1e999", "NaN", "1.5", "9" * 30, "9" * 5000, '""', '" "', '"x"', '"\\u0000"', '"\\ud800"', '"²"',
    '"https://"', '"data:,"', f'"{"9" * 5000}"', "[]", "[null]", "[[]]", "{}", '{"": {}}', "[" * 100 + "]" * 100,
)  # fmt: skip
HERE = "the odd value"
CODES = ("code", "errorCode", "error_code", "status_code")
EACH = 24
"""Requests to one route: as many as there are odd values, each in a place drawn for it."""
SECONDS = 75.0
"""After which no further round through the routes begins; on an idle machine all take 20."""
LEAST = 6
"""Rounds made even so; each sends one odd value to every route."""
DEADLINE = 30.0
"""Seconds. Other than in service: on a busy machine what is refused for its content must not be refused for its time."""

PATIENCE = 5
"""Times a request is sent that is refused because the machine is busy: the proof of a secret has one second, whatever `DEADLINE`."""

LISTS = {
    "/backend/api/v1/request/face_search/": "GET /backend/api/v1/request/face_search/get_all_images query",
    "/api/v2/face_search/": "GET /api/v2/face_search/images query",
    "/call/": "POST /call/get_all_face_of_user json",
}  # fmt: skip
"""By where a route lies, the one that lists what the like of it kept."""
NOBODY = "E855"
"""techainer's code for a customer of whom nothing is kept."""


@pytest.fixture
def patient(tmp_path: Path, site: Web) -> Iterator[Live]:
    port = int(site.url.rpartition(":")[2])
    same = {"deadline_pages_seconds": DEADLINE, "deadline_video_seconds": DEADLINE}
    with live(
        tmp_path, deadline_seconds=DEADLINE, fetch_networks=(LOOPBACK,), fetch_ports={port}, **same
    ) as running:
        yield running


@dataclass(frozen=True)
class Asked:
    """One route, asked by a client of its own; `texts`: bodies, in each of which one value is odd."""

    key: str
    service: Live
    texts: list[str]

    def __call__(self, text: str) -> requests.Response:
        method, path, _ = self.key.split(" ")
        return patiently(
            lambda: requests.request(
                method,
                self.service.url + path.replace("{image_id}", "1"),
                params=examples()[self.key]["request"].get("query"),
                data=text,
                auth=None if path.startswith("/call/") else self.service.basic,
                headers=self.service.token if path.startswith("/call/") else None,
                timeout=2 * DEADLINE,
            )
        )


def patiently(ask: Callable[[], requests.Response]) -> requests.Response:
    for _ in range(PATIENCE - 1):
        answer = ask()
        if answer.status_code != 503:
            return answer
    return ask()


def keys() -> list[str]:
    """Of each route that takes JSON, an example."""
    found: dict[str, str] = {}
    for key, pair in examples().items():
        if "json" in pair["request"]:
            found.setdefault(key.rpartition(" ")[0], key)
    return list(found.values())


def asked(key: str, service: Live, site: Web, described: dict[str, Any]) -> Asked:
    one = replace(service, credentials=service.clients.add(f"odd {key}"))
    sent = examples()[key]["request"]["json"]
    body = filled(sent, site if key.endswith("url") else None, before(key, one, site))
    method, path, _ = key.split(" ")
    content = described["paths"][path][method.lower()]["requestBody"]["content"]
    absent = [(name,) for name in content["application/json"]["schema"]["properties"]]
    places = sorted({*places_of(body), *absent, ("no such name",)}, key=repr)
    draw = random.Random(key)
    shuffled = draw.sample(ODD, EACH)
    return Asked(key, one, [with_odd(body, draw.choice(places), odd) for odd in shuffled])


def places_of(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if at:
        yield at
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for name, one in inner:
        yield from places_of(one, (*at, name))


def with_odd(body: dict[str, Any], place: tuple[str | int, ...], odd: str) -> str:
    """The body as JSON with the odd value, JSON itself, in that place."""
    other = deepcopy(body)
    inner: Any = other
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = HERE
    return json.dumps(other).replace(json.dumps(HERE), odd)


def strict(answer: requests.Response) -> dict[str, Any]:
    """Raises ValueError: no JSON, or one of Python's own (NaN)."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    told: dict[str, Any] = json.loads(answer.text, parse_constant=refuse)
    return told


def kept(service: Live) -> list[int]:
    rows = (CollectionRow, PersonRow, FaceRow, FaceImageRow, FingerprintRow)
    with service.inside.engine.connect() as connection:
        return [connection.scalar(select(func.count()).select_from(row)) or 0 for row in rows]


def code(told: dict[str, Any]) -> str:
    (name,) = (name for name in CODES if name in told)
    return str(told[name])


def test_no_value_is_too_odd(patient: Live, site: Web) -> None:
    stop = time.monotonic() + SECONDS
    described = requests.get(f"{patient.url}/openapi.json", timeout=DEADLINE).json()
    routes = [asked(key, patient, site, described) for key in keys()]
    accepted = 0
    for number in range(EACH):
        if number >= LEAST and time.monotonic() > stop:
            break
        for route in routes:
            stood = kept(patient)
            answer = route(route.texts[number])
            where = (route.key, route.texts[number][-200:], answer.text[:200])
            assert answer.status_code < 500, where
            if code(strict(answer)) == "0":
                accepted += 1
            else:
                assert kept(patient) == stood, where
    assert accepted > LEAST, "a few do no harm"
    for route in routes:
        for start, listing in LISTS.items():
            if route.key.split(" ")[1].startswith(start):
                told = patiently(
                    partial(send, listing, examples()[listing], route.service, site, [])
                )
                assert told.status_code < 500, (route.key, told.text)
                assert code(strict(told)) in {"0", NOBODY}, (route.key, told.text)
