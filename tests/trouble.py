"""A service under load whose database is taken from it for a while."""

from __future__ import annotations

import itertools
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app.clients import Clients
from app.credentials import NewCredentials
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.keys import write_keys
from app.store.trouble import UNREACHABLE
from tests.databases import Postgres
from tests.killed import Ledger
from tests.killed_service import Load, serving

UNAVAILABLE = (503, "database")
SECONDS = 30


@dataclass
class Bank:
    url: str
    folder: Path
    credentials: NewCredentials

    def execute(self, *statements: str) -> None:
        engine = open_database(self.url).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def causes(self) -> set[str]:
        """What the log names."""
        lines = map(json.loads, (self.folder / "log").read_text().splitlines())
        return {line["cause"] for line in lines if line["event"] == "database"}


def new_bank(url: str, folder: Path) -> Bank:
    """A client of a migrated database, and keys."""
    (folder / "keys").write_text(write_keys(Keys.new()))
    engine = open_database(url)
    made = Clients(engine).add("bank")
    engine.dispose()
    return Bank(url, folder, made)


@contextmanager
def trouble_under_load(one: Bank) -> Iterator[Load]:
    """A service under load, which must have got over whatever is done to its database by the end."""
    ledger = Ledger()
    with serving(one.url, one.folder) as process:
        with Load(process, one.credentials, ledger, itertools.count(1)) as load:
            load.wait_for(5)
            yield load
            load.wait_for(5)
            assert process.child.poll() is None
        assert set(load.answers) <= {(200, "0"), UNAVAILABLE, (422, "image_unreadable")}
        ledger.check(one.url, one.folder)
    assert ledger.kept


def refused(load: Load) -> None:
    """Waits until requests are refused, and nothing is acknowledged."""
    until = time.monotonic() + SECONDS
    while load.answers[UNAVAILABLE] < 10:
        assert time.monotonic() < until, load.answers
        time.sleep(0.01)


def halted(one: Bank, postgres: Postgres, how: signal.Signals) -> None:
    """Stops the server under the service, and starts it again."""
    with trouble_under_load(one) as load:
        postgres.halt(how)
        refused(load)
        postgres.resume()
    assert UNREACHABLE in one.causes()
