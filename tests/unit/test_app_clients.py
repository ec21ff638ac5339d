"""Credentials, scopes and quota on a database made by the real migrations."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.clients import Clients, NameTaken, Scope, UnknownClient
from app.credentials import BasicPair, NewCredentials, Token
from app.store.database import open_database
from app.store.migrate import upgrade
from app.store.tables import ClientRow, CredentialRow
from pipelines.errors import BadCredentials, QuotaSpent, ScopeMissing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/clients.sqlite3"
    upgrade(url)
    opened = open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def clients(engine: Engine) -> Clients:
    return Clients(engine)


def pair(new: NewCredentials) -> BasicPair:
    return BasicPair(new.key, new.secret)


def test_both_kinds_of_credentials_open_the_door(clients: Clients) -> None:
    new = clients.add("bank")
    assert clients.identify(pair(new), Scope.CV1)
    assert clients.identify(pair(new), Scope.CV1)
    assert clients.identify(Token(new.token), Scope.TECHAINER)


def test_a_pair_is_one_line_of_base64(clients: Clients) -> None:
    """`echo -n key:secret | base64` breaks lines, and with them the header that a shell script makes of it."""
    new = clients.add("bank")
    assert base64.encodebytes(f"{new.key}:{new.secret}".encode()).count(b"\n") == 1


def test_wrong_credentials(clients: Clients) -> None:
    new, other = clients.add("bank"), clients.add("other")
    wrong = [
        BasicPair(new.key, other.secret),
        BasicPair(new.key, ""),
        BasicPair(new.key, new.token),
        BasicPair("nobody", new.secret),
        Token(new.secret),
        Token(new.key),
        Token(""),
    ]
    clients.identify(pair(new), Scope.CV1)
    for credentials in wrong:
        with pytest.raises(BadCredentials):
            clients.identify(credentials, Scope.CV1)


def test_only_hashes_are_kept(clients: Clients, engine: Engine, tmp_path: Path) -> None:
    new = clients.add("bank")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert new.key.encode() in stored
    assert new.secret.encode() not in stored
    assert new.token.encode() not in stored


def test_changes_work_at_once_also_on_remembered_pairs(clients: Clients) -> None:
    old = clients.add("bank")
    clients.identify(pair(old), Scope.CV1)
    new = clients.rotate("bank")
    with pytest.raises(BadCredentials):
        clients.identify(pair(old), Scope.CV1)
    with pytest.raises(BadCredentials):
        clients.identify(Token(old.token), Scope.CV1)
    clients.identify(pair(new), Scope.CV1)
    clients.disable("bank")
    for credentials in (pair(new), Token(new.token)):
        with pytest.raises(BadCredentials):
            clients.identify(credentials, Scope.CV1)


def test_expiry(clients: Clients) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    late = clients.add("late", expires=now - timedelta(seconds=1))
    good = clients.add("good", expires=now + timedelta(hours=1))
    clients.identify(pair(good), Scope.CV1)
    with pytest.raises(BadCredentials):
        clients.identify(pair(late), Scope.CV1)


def test_scopes(clients: Clients) -> None:
    new = clients.add("bank", scopes=[Scope.CV2])
    clients.identify(pair(new), Scope.CV2)
    with pytest.raises(ScopeMissing):
        clients.identify(pair(new), Scope.CV1)


def test_quota_under_concurrency(clients: Clients, engine: Engine) -> None:
    """A hundred units, fifty threads, a hundred and fifty attempts: spent exactly a hundred times."""
    client = clients.identify(pair(clients.add("bank", quota=100)), Scope.CV1)

    def attempt(_: int) -> bool:
        try:
            clients.charge(client)
        except QuotaSpent:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        assert sum(threads.map(attempt, range(150))) == 100
    with Session(engine) as session:
        assert session.scalar(select(ClientRow.used)) == 100


def test_spent_quota_and_a_new_one(clients: Clients) -> None:
    client = clients.identify(pair(clients.add("bank", quota=1)), Scope.CV1)
    clients.charge(client)
    with pytest.raises(QuotaSpent):
        clients.charge(client)
    clients.refund(client)
    clients.charge(client)
    clients.set_quota("bank", None)
    for _ in range(3):
        clients.charge(client)


def test_rotation_with_an_overlap(clients: Clients, engine: Engine) -> None:
    """Both open the door until the overlap is over; a second rotation does not prolong the first."""
    first = clients.add("bank")
    second = clients.rotate("bank", overlap=timedelta(hours=1))
    for new in (first, second):
        assert clients.identify(pair(new), Scope.CV1)
        assert clients.identify(Token(new.token), Scope.CV1)
    clients.rotate("bank", overlap=timedelta(hours=9))
    with Session(engine) as session:
        ends = session.scalars(select(CredentialRow.expires).order_by(CredentialRow.id)).all()
        assert ends[1] - ends[0] > timedelta(hours=7)
        assert ends[2] is None
    third = clients.rotate("bank")
    for new in (first, second):
        with pytest.raises(BadCredentials):
            clients.identify(Token(new.token), Scope.CV1)
    assert clients.identify(pair(third), Scope.CV1)


def test_scope_of_one_family(clients: Clients) -> None:
    new = clients.add("bank", scopes=[Scope.CV1_OCR, Scope.TECHAINER])
    for scope in (Scope.CV1_OCR, Scope.TECHAINER_EKYC, Scope.TECHAINER_FACES):
        assert clients.identify(pair(new), scope)
    for scope in (Scope.CV1_FACES, Scope.CV2_CARDS):
        with pytest.raises(ScopeMissing):
            clients.identify(pair(new), scope)


def test_unknown_keys_take_as_long_as_wrong_secrets(clients: Clients) -> None:
    """Else an answer's time would tell which keys exist."""
    new = clients.add("bank")

    def seconds(attempt: BasicPair) -> float:
        began = time.process_time()
        with pytest.raises(BadCredentials):
            clients.identify(attempt, Scope.CV1)
        return time.process_time() - began

    wrong = sorted(seconds(BasicPair(new.key, "wrong")) for _ in range(5))[2]
    unknown = sorted(seconds(BasicPair("unknown", "wrong")) for _ in range(5))[2]
    assert 0.5 < unknown / wrong < 2.0


def test_names(clients: Clients) -> None:
    clients.add("bank")
    with pytest.raises(NameTaken):
        clients.add("bank")
    for change in (clients.rotate, clients.disable):
        with pytest.raises(UnknownClient):
            change("nobody")
    assert [report.name for report in clients.listing()] == ["bank"]
