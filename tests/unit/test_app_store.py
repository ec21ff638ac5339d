"""The migrations make exactly the tables the code declares, and may run again."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.main import create_app
from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import is_current, upgrade
from app.store.tables import Table
from tests.fakes import runtime


def test_migrations_make_the_declared_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/er/new.sqlite3"
    upgrade(url)
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Table.metadata) == []
        checks = {c["name"] for c in inspect(connection).get_check_constraints("clients")}
    assert checks == {"ck_clients_used_not_negative", "ck_clients_used_within_quota"}
    assert is_current(engine)
    engine.dispose()


def test_upgrade_again_keeps_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/again.sqlite3"
    upgrade(url)
    engine = open_database(url)
    insert = text(
        "INSERT INTO clients (name, scopes, quota, used, disabled, created)"
        " VALUES ('a', '[]', 5, :used, 0, '2026-01-01')"
    )
    with engine.begin() as connection:
        connection.execute(insert, {"used": 5})
    upgrade(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM clients")) == 1
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE clients SET used = 6"))
    engine.dispose()


async def _start(settings: Settings) -> None:
    app = create_app(settings, lambda _: runtime())
    async with app.router.lifespan_context(app):
        pass


def test_service_does_not_start_on_an_old_database(tmp_path: Path) -> None:
    import asyncio

    settings = Settings(database_url=f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(RuntimeError, match="not migrated"):
        asyncio.run(_start(settings))
    upgrade(settings.database_url)
    asyncio.run(_start(settings))
