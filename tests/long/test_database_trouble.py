"""PostgreSQL that is full, read-only or restarted under a service: callers are told, nothing acknowledged is lost, and the service
goes on by itself."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.store.trouble import FULL, READ_ONLY
from tests.databases import Postgres
from tests.trouble import halted, new_bank, refused, trouble_under_load


@pytest.mark.parametrize(
    ("trouble", "cure", "cause"),
    [
        (
            [
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
                "CREATE TRIGGER no_room BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION no_room()",
            ],
            ["DROP TRIGGER no_room ON sessions"],
            FULL,
        ),
        (
            ["ALTER DATABASE {name} SET default_transaction_read_only = on", "{again}"],
            [
                "SET default_transaction_read_only = off",
                "ALTER DATABASE {name} RESET default_transaction_read_only",
                "{again}",
            ],
            READ_ONLY,
        ),
    ],
    ids=["full", "read-only"],
)
def test_a_postgresql_that_takes_nothing(
    trouble: list[str],
    cure: list[str],
    cause: str,
    new_database: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """What the server says in either state, said by the server."""
    one = new_bank(new_database("postgresql"), tmp_path)
    said = {
        "name": make_url(one.url).database,
        "again": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    }
    with trouble_under_load(one) as load:
        one.execute(*(statement.format(**said) for statement in trouble))
        refused(load)
        one.execute(*(statement.format(**said) for statement in cure))
    assert cause in one.causes()


def test_a_restart_of_postgresql(
    new_database: Callable[[str], str], tmp_path: Path, postgres: Postgres
) -> None:
    halted(new_bank(new_database("postgresql"), tmp_path), postgres, signal.SIGINT)
