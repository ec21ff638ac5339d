"""PostgreSQL is waited for as long as is sensible, and two services may start on it at once."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError, TimeoutError

from app.store.clock import tick
from app.store.database import open_database, wait_for_locks
from app.store.migrate import is_current, upgrade
from app.store.trouble import CROWDED, LOCKED, trouble
from tests.databases import Postgres

STARTING = "import sys; from app.store.migrate import upgrade; upgrade(sys.argv[1])"
START_SECONDS = 60
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def test_two_services_start_at_once_on_an_empty_database(postgres: Postgres) -> None:
    url = postgres.new_database(migrated=False)
    engine = open_database(url)
    with (
        ThreadPoolExecutor() as here,
        subprocess.Popen([sys.executable, "-c", STARTING, url], stderr=subprocess.PIPE) as other,
        engine.connect() as holder,
    ):
        holder.execute(text("CREATE TABLE alembic_version (held int)"))  # not committed: both wait
        one = here.submit(upgrade, url)
        until = time.monotonic() + START_SECONDS
        while holder.scalar(text(WAITING)) != 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        holder.rollback()
        one.result()
        assert other.communicate() == (None, b"")
    assert other.returncode == 0
    assert is_current(engine)
    engine.dispose()


def test_a_lock_is_not_waited_for_without_end(postgres: Postgres) -> None:
    url = make_url(postgres.new_database())
    usual = open_database(url.render_as_string(hide_password=False))
    said = url.update_query_dict({"options": "-c lock_timeout=150ms", "connect_timeout": "3"})
    hasty = open_database(said.render_as_string(hide_password=False))
    with usual.begin() as holder:
        assert holder.scalar(text("SHOW lock_timeout")) == "5s"
        tick(holder)
        with hasty.begin() as other:
            driver = other.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            parameters = driver.info.get_parameters()
            assert (parameters["connect_timeout"], parameters["keepalives_idle"]) == ("3", "10")
            with pytest.raises(OperationalError) as refused:
                tick(other)
            assert trouble(refused.value) == LOCKED
            other.rollback()
    with usual.begin() as patient:
        wait_for_locks(patient)
        assert patient.scalar(text("SHOW lock_timeout")) == "0"
    with usual.begin() as later:
        assert later.scalar(text("SHOW lock_timeout")) == "5s"
    hasty.dispose()
    usual.dispose()


def test_a_pool_without_a_free_connection_is_trouble_that_passes(tmp_path: Path) -> None:
    engine = create_engine(
        f"sqlite:///{tmp_path}/one.sqlite3", pool_size=1, max_overflow=0, pool_timeout=0.01
    )
    with engine.connect(), pytest.raises(TimeoutError) as refused:
        engine.connect()
    assert trouble(refused.value) == CROWDED
    engine.dispose()
