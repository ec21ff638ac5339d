"""Credentials, scopes and quota on a database made by the real migrations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.clients import BasicPair, Clients, NameTaken, NewCredentials, Scope, Token, UnknownClient
from app.store.database import open_database
from app.store.migrate import upgrade
from app.store.tables import ClientRow
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
    assert clients.identify(pair(new), Scope.CV1).name == "bank"
    assert clients.identify(pair(new), Scope.CV1).name == "bank"
    assert clients.identify(Token(new.token), Scope.TECHAINER).name == "bank"


def test_wrong_credentials(clients: Clients) -> None:
    new, other = clients.add("bank"), clients.add("other")
    wrong = [
        None,
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
            clients.spend(client)
        except QuotaSpent:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        assert sum(threads.map(attempt, range(150))) == 100
    with Session(engine) as session:
        assert session.scalar(select(ClientRow.used)) == 100


def test_spent_quota_closes_the_door_and_a_new_one_opens_it(clients: Clients) -> None:
    new = clients.add("bank", quota=1)
    clients.spend(clients.identify(pair(new), Scope.CV1))
    with pytest.raises(QuotaSpent):
        clients.identify(pair(new), Scope.CV1)
    clients.set_quota("bank", None)
    for _ in range(3):
        clients.spend(clients.identify(pair(new), Scope.CV1))


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
