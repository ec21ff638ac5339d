"""Real processes that are killed, cut off from their database or out of disk: nothing acknowledged is lost, callers are told, and the
service goes on by itself. A few kills; tests/long has hundreds, and more kinds of trouble."""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.store.trouble import DISK, FULL, trouble
from tests.databases import Postgres
from tests.killed import kill_rounds
from tests.killed_service import Rounds
from tests.trouble import halted, new_bank, refused, trouble_under_load

SOME_BYTES = 100_000


def test_a_kill_loses_nothing_acknowledged_and_brings_nothing_back(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    one = new_bank(new_database("sqlite"), tmp_path)
    assert kill_rounds(one.url, one.folder, rounds=3).kept


def test_nor_does_a_kill_of_the_service_or_a_worker_under_load(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    one = new_bank(new_database("sqlite"), tmp_path)
    rounds = Rounds(one.url, one.folder, one.credentials)
    rounds.run(3)
    assert rounds.ledger.kept


def test_a_full_disk_under_sqlite(new_database: Callable[[str], str], tmp_path: Path) -> None:
    one = new_bank(new_database("sqlite"), tmp_path)
    path = Path(make_url(one.url).database or "")
    with trouble_under_load(one) as load:
        pid = load.process.pid
        largest = max(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + SOME_BYTES, -1))
        refused(load)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    assert one.causes() & {FULL, DISK}


def test_whoever_opens_the_database_first_on_a_full_disk_is_told_so() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert trouble(OperationalError("PRAGMA journal_mode=WAL", {}, error)) == FULL


def test_a_crash_of_postgresql(
    new_database: Callable[[str], str], tmp_path: Path, postgres: Postgres
) -> None:
    halted(new_bank(new_database("postgresql"), tmp_path), postgres, signal.SIGQUIT)
