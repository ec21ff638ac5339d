"""One engine, set up the same way for the service, the commands and the migrations."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 5
"""How long a database waits for another writer, and a request for one of its connections, before it gives up."""

PATIENCE: Mapping[str, int] = {
    "connect_timeout": BUSY_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""Of libpq, in seconds but for the last, which is in milliseconds: a PostgreSQL that has gone from the network without a word is
given up after some 25 seconds, and not after the kernel's two hours."""

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""The last, which some builds have by themselves: what is deleted is overwritten, not only given free."""


class NotWanted(RuntimeError):
    """What was written came too late, and was not committed."""


class Wanted:
    """Whether somebody still waits for what a thread writes: either it is committed or it is given up, never both."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = self._committed = False

    def give_up(self) -> bool:
        """Nobody waits any more. False: too late, a commit has begun."""
        with self._lock:
            self._given_up = not self._committed
            return self._given_up

    def commit(self) -> None:
        """Raises NotWanted."""
        with self._lock:
            if self._given_up:
                raise NotWanted("nobody waits for it any more")
            self._committed = True


WANTED: ContextVar[Wanted | None] = ContextVar("wanted", default=None)
"""Of what this context writes; None: it is committed whoever waits."""


def open_database(url: str) -> Engine:
    """An engine; for SQLite in WAL mode, every commit on the disk before it is acknowledged. A new SQLite file is its owner's alone.

    A commit for which nobody waits any more (`WANTED`) raises NotWanted instead.

    Raises:
        OSError: the file or its folder cannot be made.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args=_patience(parsed)
        )
        event.listen(engine, "commit", _refuse_unwanted)
        return engine
    if parsed.database and parsed.database != ":memory:":
        _make_private(Path(parsed.database))
    engine = create_engine(
        parsed, pool_timeout=BUSY_SECONDS, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "commit", _refuse_unwanted)
    return engine


def _refuse_unwanted(_: Connection) -> None:
    wanted = WANTED.get()
    if wanted is not None:
        wanted.commit()


@contextlib.contextmanager
def for_everybody() -> Iterator[None]:
    """What is committed in here others want too, whoever has given up waiting for it."""
    before = WANTED.set(None)
    try:
        yield
    finally:
        WANTED.reset(before)


def wait_for_locks(connection: Connection) -> None:
    """For the rest of this transaction others are waited for as long as they take: they do work that is done once for all."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")


def _patience(url: URL) -> dict[str, str | int]:
    """What the operator's URL or variables say goes before."""
    said = url.query.get("options", os.environ.get("PGOPTIONS", ""))
    given = said if isinstance(said, str) else " ".join(said)
    patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
    return {**patience, "options": f"-c lock_timeout={BUSY_SECONDS}s {given}".strip()}


def _make_private(path: Path) -> None:
    """An empty file is an empty database; SQLite gives its log the same permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
