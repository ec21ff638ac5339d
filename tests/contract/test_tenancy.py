"""Every route, asked by everybody who must not see what one client keeps: without a key, with a wrong, disabled or expired one,
with one for other routes, and with another client's that names the first one's people, faces, pictures and challenges.

A route or a parameter that this table does not know fails it.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
import requests
from fastapi.routing import APIRoute
from sqlalchemy import select, update
from starlette.routing import Route

from app.clients import Scope
from app.credentials import NewCredentials
from app.dialects.base import Family, code_of
from app.dialects.documentation import FORMATS_KEY
from app.dialects.examples import Pair, examples
from app.main import ROUTERS, create_app
from app.settings import Settings
from app.store.tables import ChallengeRow
from pipelines.errors import BadCredentials, EkycError, ScopeMissing
from tests.live import Live, Web
from tests.pairs import MOVING, before, send

NAMING = {
    "user_id": "nobody",
    "third_party": "no-party",
    "face_id": "987654321",
    "image_id": 987654321,
    "ids": [987654321],
    "nonce": "never-issued",
}
"""Parameters that name what a client keeps, and a name that nothing has."""
OPEN = {"/live", "/ready", "/openapi.json"}
PLAIN = {
    "check_rotate", "face1", "face2", "file", "finger", "format_type", "get_thumb", "image", "image_card", "image_card1",
    "image_card2", "image_fingerprint", "image_general", "img", "img1", "img2", "img_cmt", "img_person", "input", "left",
    "limit", "matsau", "mattruoc", "metadata", "mid", "offset", "portrait_1", "portrait_2", "portrait_3", "portrait_4",
    "portrait_left", "portrait_mid", "portrait_right", "right", "rihgt", "threshold", "type1", "url", "video_general",
}  # fmt: skip
"""Those that name nothing kept."""
ANSWERED = {"errorCode": "0", "error_code": "0", "status_code": 0, "code": "0"}
"""What says in one of the envelopes that there is an answer."""
ID_WORDS = {"id", "face_id", "fingerprint_id", "url"}
FRESH = {"time", "request_id"}


@dataclass(frozen=True)
class Row:
    """A route in one format; `documented` are the names of its parameters."""

    key: str
    family: Family
    documented: frozenset[str]

    @property
    def pair(self) -> Pair:
        return examples().get(self.key, {"request": {}})

    def __str__(self) -> str:
        return self.key


def table() -> Iterator[Row]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            told = route.openapi_extra or {}
            names = {one["name"] for one in told.get("parameters", ())}
            for content in told.get("requestBody", {}).get("content", {}).values():
                names |= set(content["schema"]["properties"])
            names |= {name for name in NAMING if f"{{{name}}}" in route.path}
            for method in sorted(route.methods or ()):
                for kind in told.get(FORMATS_KEY, [""]):
                    yield Row(f"{method} {route.path} {kind}", router.family, frozenset(names))


ROWS = list(table())
ONE_EACH = list({row.key.rpartition(" ")[0]: row for row in ROWS}.values())
"""Each method and path in one format: nothing of the body is read before the key."""


@dataclass(frozen=True)
class Owner:
    """The first client, and the names of what it keeps."""

    service: Live
    names: Mapping[str, Any]
    numbers: tuple[int, ...]
    kept: list[Any]

    def everything(self) -> list[Any]:
        images = self.service.url + "/api/v2/face_search/images"
        told = [requests.get(images, auth=self.service.basic, timeout=20).json()["result"]]
        for party in ({}, {"third_party": self.names["third_party"]}):
            who = {"user_id": self.names["user_id"], **party}
            told.append(self.call("get_all_face_of_user", who)["output"])
        with self.service.inside.engine.connect() as connection:
            mine = select(ChallengeRow.nonce).where(ChallengeRow.nonce == self.names["nonce"])
            told.append(connection.scalar(mine))
        return told

    def call(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self.service.url}/call/{name}"
        answer = requests.post(url, json=body, headers=self.service.token, timeout=20)
        return dict(answer.json())


def new_client(service: Live) -> Live:
    return replace(service, credentials=service.clients.add(f"tenant-{time.time_ns()}"))


@pytest.fixture(scope="module")
def owner(service: Live, site: Web) -> Owner:
    mine = new_client(service)
    names = {"user_id": "customer-of-the-first", "third_party": "party-of-the-first"}
    keep = {
        "POST /api/v2/face_search/images base64": {},
        "POST /call/register_user_face base64": {"user_id": names["user_id"]},
        "POST /call/register_user_face_third_party base64": names,
        "POST /api/v2/ekyc/challenge query": {},
    }
    picture, face, foreign, challenge = (
        send(key, naming(examples()[key], said), mine, site, []).json()
        for key, said in keep.items()
    )
    kept_longer = update(ChallengeRow).where(ChallengeRow.nonce == challenge["data"]["nonce"])
    with (
        service.inside.engine.begin() as connection
    ):  # these tests take longer than its two minutes
        connection.execute(kept_longer.values(expires=datetime(2999, 1, 1)))
    face_id, finger_id = face["output"]["face_id"], face["output"]["fingerprint_id"]
    image_id = picture["result"]["id"]
    kept = {
        "face_id": face_id,
        "image_id": image_id,
        "ids": [image_id],
        "nonce": challenge["data"]["nonce"],
    }
    ids = (image_id, face_id, finger_id, foreign["output"]["face_id"])
    owner = Owner(mine, {**names, **kept}, tuple(map(int, ids)), [])
    return replace(owner, kept=owner.everything())


def naming(pair: Pair, names: Mapping[str, Any]) -> Pair:
    """The pair with these names in its request, in the place of others or besides."""
    changed = copy.deepcopy(pair)
    parts = [part for part in ("form", "json", "query") if part in changed["request"]]
    if names:
        changed["request"].setdefault(parts[0] if parts else "form", {}).update(names)
    return changed


@pytest.fixture(scope="module")
def strangers(service: Live) -> dict[str, NewCredentials]:
    """Credentials that open nothing."""
    disabled = service.clients.add("tenant-disabled")
    service.clients.disable("tenant-disabled")
    known = service.clients.add("tenant-known")
    return {
        "unknown": NewCredentials.random(),
        "wrong secret": replace(known, secret="x", token="x"),
        "disabled": disabled,
        "expired": service.clients.add("tenant-expired", expires=datetime(2026, 1, 1)),
    }


@pytest.fixture(scope="module")
def for_others(service: Live) -> dict[Scope, NewCredentials]:
    """By a family's scope: a client that may call every other family."""
    families = {router.family.scope for router in ROUTERS}
    return {
        scope: service.clients.add(f"tenant-not-{scope}", scopes=[*(families - {scope})])
        for scope in families
    }


def said(answer: requests.Response) -> tuple[int, str, Any]:
    body = answer.json() if "json" in answer.headers["content-type"] else answer.content
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in FRESH}
    return answer.status_code, answer.headers["content-type"], body


def refused(row: Row, answer: requests.Response, error: EkycError) -> bool:
    status, code, message = code_of(row.family.errors, error)
    body = answer.json()
    empty = all(body.get(name) is None for name in ("data", "result", "output"))
    return (
        empty
        and (answer.status_code, code in map(str, body.values())) == (status, True)
        and message in body.values()
    )


@pytest.mark.parametrize("row", ONE_EACH, ids=str)
def test_only_with_a_key_for_these_routes(
    row: Row,
    owner: Owner,
    site: Web,
    strangers: dict[str, NewCredentials],
    for_others: dict[Scope, NewCredentials],
) -> None:
    pair = naming(row.pair, {n: v for n, v in owner.names.items() if n in row.documented})
    given = [owner.names]
    nobody = send(row.key, pair, owner.service, site, given, anonymous=True)
    assert refused(row, nobody, BadCredentials())
    for who, credentials in strangers.items():
        answer = send(row.key, pair, replace(owner.service, credentials=credentials), site, given)
        assert said(answer) == said(nobody), who
    other = replace(owner.service, credentials=for_others[row.family.scope])
    assert refused(row, send(row.key, pair, other, site, given), ScopeMissing())
    assert owner.everything() == owner.kept


ASKED = [
    (row, own)
    for row in ROWS
    if row in ONE_EACH or row.documented & NAMING.keys()
    for own in ([False, True] if "given" in row.pair else [False])
]


@pytest.mark.parametrize(("row", "own"), ASKED, ids=str)
def test_what_another_client_keeps_is_as_if_it_were_not(
    row: Row, own: bool, owner: Owner, site: Web
) -> None:
    """Asked by one client for what the owner keeps and by another, in the same state, for what nobody does.

    Args:
        own: they own things of the kind themselves, and ask for others of their own customers.
    """
    names = row.documented & set(NAMING) - ({"user_id"} if own else set())
    told = []
    for them in (owner.names, NAMING):
        client = new_client(owner.service)
        if own:
            before(row.key, client, site)
        pair = naming(row.pair, {name: them[name] for name in names})
        told.append(send(row.key, pair, client, site, [them]))
    theirs, nothing = (said(answer) for answer in told)
    assert not numbers(theirs) & set(owner.numbers)
    assert masked(theirs, names) == masked(nothing, names)
    assert owner.everything() == owner.kept


def masked(answer: object, names: AbstractSet[str]) -> object:
    """An answer without an error, without what differs from one client to the next; any other as it is."""
    if not (isinstance(answer, tuple) and isinstance(answer[2], dict)):
        return answer
    if not any(answer[2].get(name) == code for name, code in ANSWERED.items()):
        return answer

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {n: None if n in names | set(MOVING) else walk(v) for n, v in value.items()}
        return [walk(one) for one in value] if isinstance(value, list) else value

    return walk(answer[2])


def numbers(value: object) -> set[int]:
    """Every id in an answer, also the one a URL ends in."""
    if isinstance(value, list | tuple):
        return set().union(*(numbers(one) for one in value))
    if not isinstance(value, dict):
        return set()
    ids = {str(one).rpartition("/")[2] for name, one in value.items() if name in ID_WORDS}
    return {int(one) for one in ids if one.isdecimal()}.union(*map(numbers, value.values()))


def test_the_table_knows_every_parameter_and_every_route() -> None:
    documented = frozenset().union(*(row.documented for row in ROWS))
    assert documented == NAMING.keys() | PLAIN
    outside = {route.path for route in create_app(Settings()).routes if isinstance(route, Route)}
    assert outside == OPEN  # whatever else there is belongs to a family's router
    assert {row.key for row in ROWS if not row.key.endswith(" ")} == set(examples())
