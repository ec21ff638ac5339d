"""The door: the unknown cost the known nothing, the hasty are told when to come back, failures are not paid for."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine, create_engine

from app.clients import Client, Clients, Scope
from app.credentials import BasicPair, Token
from app.door import AT_THE_DOOR, WAITING_FOR_PROOF, Door, Pace
from app.signing import Signatures
from app.store.database import open_database
from app.store.migrate import upgrade
from pipelines.errors import BadCredentials, Busy, QuotaSpent, TooFast


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Clients]:
    url = f"sqlite:///{tmp_path}/clients.sqlite3"
    upgrade(url)
    engine = open_database(url)
    yield Clients(engine)
    engine.dispose()


def door_of(clients: Clients) -> Door:
    """For clients that sign nothing."""
    return Door(clients, cast(Signatures, None))


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await main()

    asyncio.run(whole())


def test_no_credentials(clients: Clients) -> None:
    async def main() -> None:
        with pytest.raises(BadCredentials):
            await door_of(clients).enter(None, Scope.CV1)

    run(main)


def test_known_clients_pass_a_flood_of_wrong_secrets(clients: Clients) -> None:
    new = clients.add("bank")

    async def main() -> None:
        door = door_of(clients)
        good = BasicPair(new.key, new.secret)
        await door.enter(good, Scope.CV1)
        flood = [
            asyncio.ensure_future(door.enter(BasicPair("nobody", str(i)), Scope.CV1))
            for i in range(3 * WAITING_FOR_PROOF)
        ]
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        await door.enter(good, Scope.CV1)
        await door.enter(Token(new.token), Scope.TECHAINER)
        assert time.perf_counter() - began < 0.5
        refused = [type(e) for e in await asyncio.gather(*flood, return_exceptions=True)]
        assert refused.count(Busy) >= WAITING_FOR_PROOF
        assert set(refused) == {Busy, BadCredentials}

    run(main)


def test_no_more_wait_for_a_database_than_can_be_served_when_it_is_back(clients: Clients) -> None:
    back = threading.Event()

    class Away(Clients):
        def identify(self, *asked: Any, **how: Any) -> Client | None:
            back.wait(10)
            return clients.identify(*asked, **how)

    async def main() -> None:
        door = Door(Away(cast(Engine, None)), cast(Signatures, None))
        some = [
            asyncio.ensure_future(door.enter(Token("wrong"), Scope.CV1))
            for _ in range(AT_THE_DOOR + 5)
        ]
        await asyncio.sleep(0.1)
        back.set()
        told = [type(one) for one in await asyncio.gather(*some, return_exceptions=True)]
        assert told == [BadCredentials] * AT_THE_DOOR + [Busy] * 5
        with pytest.raises(BadCredentials):
            await door.enter(Token("wrong"), Scope.CV1)

    run(main)


def test_rate(clients: Clients) -> None:
    new = clients.add("hasty", rate=3)

    async def main() -> None:
        door = door_of(clients)
        for _ in range(3):
            await door.enter(Token(new.token), Scope.CV1)
        with pytest.raises(TooFast) as refusal:
            await door.enter(Token(new.token), Scope.CV1)
        assert 1 <= refusal.value.retry_after <= 20

    run(main)


def test_a_pace_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    pace = Pace(60)
    for _ in range(60):
        pace.step()
    with pytest.raises(TooFast):
        pace.step()
    clock[0] += 1.0
    pace.step()
    with pytest.raises(TooFast):
        pace.step()
    clock[0] += 3600.0
    for _ in range(60):
        pace.step()
    with pytest.raises(TooFast):
        pace.step()


def test_only_answers_are_paid_for(clients: Clients) -> None:
    new = clients.add("bank", quota=1)
    client = clients.identify(Token(new.token), Scope.CV1)
    assert isinstance(client, Client)

    async def fails() -> None:
        async with door_of(clients).paid(client):
            raise ValueError("no answer")

    async def hangs() -> None:
        async with door_of(clients).paid(client):
            await asyncio.sleep(10)

    async def main() -> None:
        with pytest.raises(ValueError, match="no answer"):
            await fails()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hangs(), 0.1)
        assert clients.listing()[0].used == 0
        async with door_of(clients).paid(client):
            pass
        with pytest.raises(QuotaSpent):
            async with door_of(clients).paid(client):
                raise AssertionError("let in")
        assert clients.listing()[0].used == 1

    run(main)


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_request_refused_while_it_is_charged_costs_nothing(
    gives_up: bool, clients: Clients, tmp_path: Path
) -> None:
    """A charge that is done later is taken back; one that failed is not, which would be paid by an earlier answer."""
    client = clients.identify(Token(clients.add("bank").token), Scope.CV1)
    assert isinstance(client, Client)
    clients.charge(client)
    engine = create_engine(
        f"sqlite:///{tmp_path}/clients.sqlite3", connect_args={"timeout": 0.3 if gives_up else 20}
    )
    door = door_of(Clients(engine))

    async def charged() -> None:
        async with door.paid(client):
            raise AssertionError("let in")

    async def main() -> None:
        with closing(sqlite3.connect(tmp_path / "clients.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(charged(), 0.05)
            (giving_back,) = door._giving_back
            if gives_up:
                await giving_back
        await giving_back

    run(main)
    engine.dispose()
    assert clients.listing()[0].used == 1
