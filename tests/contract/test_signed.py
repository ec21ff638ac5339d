"""A signed client's requests: let in once, within the window, exactly as they were signed; nobody else is asked to sign."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, func, select

from app.clients import Client, Clients, Scope
from app.commands import keys as keys_command
from app.credentials import BasicPair, NewCredentials
from app.settings import Settings
from app.signing import WINDOW_SECONDS, Signature, Signatures
from app.store.database import open_database
from app.store.keys import open_cipher
from app.store.tables import NonceRow
from pipelines.errors import BadCredentials
from tests.contract.test_bad_input import CV1, CV2, DIALECTS, Dialect, expect
from tests.fakes import picture
from tests.live import Live

REFUSED = {"techainer": ("unauthorized", 401), "cv1": ("5", 200), "cv2": ("5", 200)}


class Signing(requests.auth.AuthBase):
    """What a bank's developer writes: the headers of one request, whatever its body."""

    def __init__(self, key: str, **fixed: str) -> None:
        self._key = key
        self._fixed = fixed

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        digest = hashlib.sha256(body.encode() if isinstance(body, str) else body).hexdigest()
        stamp = self._fixed.get("timestamp", str(int(time.time())))
        nonce = self._fixed.get("nonce", secrets.token_urlsafe(16))
        lines = (str(request.method), request.path_url, digest, stamp, nonce)
        value = hmac.new(self._key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        request.headers.update(
            {
                "x-ekyc-timestamp": stamp,
                "x-ekyc-nonce": nonce,
                "x-ekyc-content-sha256": digest,
                "x-ekyc-signature": value,
            }
        )
        return request


@pytest.fixture(scope="module")
def opened(service: Live) -> Iterator[Clients]:
    engine = open_database(service.settings.database_url)
    yield Clients(engine, lambda: open_cipher(service.settings, engine))
    engine.dispose()


@pytest.fixture
def signed(opened: Clients) -> NewCredentials:
    return opened.add(f"signed-{time.time_ns()}", signed=True)


def prepared(
    service: Live, dialect: Dialect, new: NewCredentials, key: str | None = None, **fixed: str
) -> requests.PreparedRequest:
    files = {name: ("a.jpg", picture(seen)) for name, seen in dialect.images}
    request = requests.Request(
        "POST",
        f"{service.url}{dialect.prefix}{dialect.route}{dialect.query}",
        files=files,
        data=dict(dialect.fields),
    ).prepare()
    if dialect.name == "techainer":
        request.headers["x-api-key"] = new.token
    else:
        request.prepare_auth((new.key, new.secret))
    signing_key = key or new.signing_key
    assert signing_key is not None
    return Signing(signing_key, **fixed)(request)


def send(request: requests.PreparedRequest) -> requests.Response:
    with requests.Session() as session:
        return session.send(request, timeout=20)


def refused(dialect: Dialect, answer: requests.Response) -> None:
    code, status = REFUSED[dialect.name]
    expect(dialect, answer, code, status)


each = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)


@each
def test_once_and_not_again(service: Live, dialect: Dialect, signed: NewCredentials) -> None:
    request = prepared(service, dialect, signed)
    assert send(request).json()[dialect.code_key] == "0"
    refused(dialect, send(request))
    assert send(prepared(service, dialect, signed)).json()[dialect.code_key] == "0"


@each
def test_unsigned_wrongly_signed_and_stale(
    service: Live, dialect: Dialect, signed: NewCredentials, opened: Clients
) -> None:
    unsigned = prepared(service, dialect, signed)
    del unsigned.headers["x-ekyc-signature"]
    refused(dialect, send(unsigned))
    other = opened.add(f"other-{time.time_ns()}", signed=True)
    refused(dialect, send(prepared(service, dialect, signed, key=other.signing_key)))
    for seconds in (-WINDOW_SECONDS - 5, WINDOW_SECONDS + 5):
        stamp = str(int(time.time()) + seconds)
        refused(dialect, send(prepared(service, dialect, signed, timestamp=stamp)))


@pytest.mark.parametrize(
    "altered",
    [
        lambda r: setattr(r, "method", "GET"),
        lambda r: setattr(r, "url", r.url.replace("type1=card", "type1=portrait")),
        lambda r: r.headers.update({"x-ekyc-timestamp": str(int(time.time()) + 1)}),
        lambda r: r.headers.update({"x-ekyc-nonce": secrets.token_urlsafe(16)}),
        lambda r: r.headers.update({"x-ekyc-content-sha256": "0" * 64}),
        lambda r: r.headers.update({"x-ekyc-signature": "é"}),
        lambda r: setattr(r, "body", r.body[:-40] + b"x" + r.body[-39:]),
    ],
    ids=["method", "query", "timestamp", "nonce", "digest", "signature", "body"],
)
def test_altered_on_the_way(
    service: Live, signed: NewCredentials, altered: Callable[[Any], None]
) -> None:
    request = prepared(service, CV2, signed)
    altered(request)
    refused(CV2, send(request))


def test_a_json_body_is_the_one_that_was_signed(service: Live, signed: NewCredentials) -> None:
    def ask(sent: bytes) -> int:
        url = f"{service.url}/api/v2/face_search/search"
        request = requests.Request("POST", url, data=b'{"ids":[1]}').prepare()
        request.prepare_auth((signed.key, signed.secret))
        Signing(str(signed.signing_key))(request)
        request.prepare_body(sent, None)
        return int(send(request).json()["status_code"])

    good, bad = ask(b'{"ids":[1]}'), ask(b'{"ids":[2]}')
    assert (good != 5, bad) == (True, 5)


def test_malformed_timestamps_and_nonces(service: Live, signed: NewCredentials) -> None:
    for fixed in (
        {"timestamp": "soon"},
        {"timestamp": "9" * 40},
        {"nonce": "short"},
        {"nonce": "a" * 65},
        {"nonce": "spaces are not allowed"},
    ):
        refused(CV1, send(prepared(service, CV1, signed, **fixed)))


def test_of_many_at_once_one_is_let_in(service: Live, signed: NewCredentials) -> None:
    request, start = prepared(service, CV1, signed), threading.Barrier(8)

    def attempt(_: int) -> str:
        start.wait()
        return str(send(request.copy()).json()["errorCode"])

    with ThreadPoolExecutor(8) as many:
        codes = sorted(many.map(attempt, range(8)))
    assert codes == ["0"] + ["5"] * 7


def test_unsigned_clients_are_not_asked(fresh: Live) -> None:
    for headers in ({}, {"x-ekyc-signature": "nonsense", "x-ekyc-nonce": "n"}):
        answer = CV1.post(fresh, headers=headers)
        assert answer.json()["errorCode"] == "0"


def test_a_get_is_signed_with_its_query(service: Live, signed: NewCredentials) -> None:
    def ask(query: str) -> requests.PreparedRequest:
        request = requests.Request(
            "GET", f"{service.url}/api/v2/face_search/images{query}"
        ).prepare()
        request.prepare_auth((signed.key, signed.secret))
        return Signing(str(signed.signing_key))(request)

    assert send(ask("?offset=0&limit=5&check_sum=%C3%A1+b")).json()["status_code"] == 0
    longer = ask("?offset=0&limit=5")
    longer.url = f"{longer.url}0"
    assert send(longer).json()["status_code"] == 5


@pytest.fixture
def engine(tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Engine]:
    made = open_database(new_database("sqlite"))
    yield made
    made.dispose()


def settings_of(engine: Engine) -> Settings:
    return Settings(database_url=engine.url.render_as_string(hide_password=False))


def signature(new: NewCredentials, now: int, nonce: str) -> Signature:
    lines = ("GET", "/", "-", str(now), nonce)
    assert new.signing_key is not None
    key = new.signing_key.encode()
    return Signature(*lines, hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).hexdigest())


def client_of(clients: Clients, new: NewCredentials) -> Client:
    client = clients.identify(BasicPair(new.key, new.secret), Scope.CV1)
    assert client is not None
    return client


def check(checker: Signatures, client: Client, given: Signature) -> None:
    assert client.signing_key is not None
    checker.check(client.id, client.signing_key, given)


def test_nonces_are_kept_for_two_windows_alone(engine: Engine) -> None:
    """Up to the last second in which its timestamp is good to any clock at most a window behind, a nonce is refused; then it is forgotten."""
    cipher = open_cipher(settings_of(engine), engine)
    clients = Clients(engine, lambda: cipher)
    new, other = clients.add("bank", signed=True), clients.add("other", signed=True)
    clock = [1_800_000_000.0]
    checker = Signatures(engine, cipher, lambda: clock[0])
    bank = client_of(clients, new)
    first = signature(new, int(clock[0]), "n" * 16)
    check(checker, bank, first)
    check(checker, client_of(clients, other), signature(other, int(clock[0]), "n" * 16))
    clock[0] += WINDOW_SECONDS
    with pytest.raises(BadCredentials, match="replayed"):
        check(checker, bank, first)
    clock[0] += 1
    with pytest.raises(BadCredentials, match="stale"):
        check(checker, bank, first)
    check(checker, bank, signature(new, int(clock[0]), "m" * 16))
    behind = Signatures(engine, cipher, lambda: clock[0] - 1)
    with pytest.raises(BadCredentials, match="replayed"):
        check(behind, bank, first)
    clock[0] += 2 * WINDOW_SECONDS + 1
    check(checker, bank, signature(new, int(clock[0]), "n" * 16))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(NonceRow)) == 1


def test_signing_keys_are_sealed_and_follow_both_rotations(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(engine)
    cipher = open_cipher(settings, engine)
    clients = Clients(engine, lambda: cipher)
    old = clients.add("bank", signed=True)
    new = clients.rotate("bank", overlap=timedelta(hours=1))
    assert old.signing_key != new.signing_key
    monkeypatch.setattr(keys_command, "read_settings", lambda: settings)
    assert keys_command.main(["rotate"]) == 0
    assert keys_command.main(["retire", "k1"]) == 0
    checker = Signatures(engine, cipher)
    now = int(time.time())
    for nonce, given in (("a" * 16, old), ("b" * 16, new)):
        check(checker, client_of(clients, given), signature(given, now, nonce))
    with pytest.raises(BadCredentials, match="wrong signature"):
        check(checker, client_of(clients, new), signature(old, now, "c" * 16))
    clients.rotate("bank")
    clients.rotate("bank")
    assert clients.listing()[0].signed
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert connection.exec_driver_sql("SELECT count(*) FROM signing_keys").scalar() == 1
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for given in (old, new):
        assert str(given.signing_key).encode() not in stored
