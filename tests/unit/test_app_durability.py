"""A few kills of a process that enrols; tests/long has a hundred."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.clients import Clients
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.keys import write_keys
from tests.killed import kill_rounds


def test_a_kill_loses_nothing_acknowledged_and_brings_nothing_back(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("sqlite")
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    engine = open_database(url)
    Clients(engine).add("bank")
    engine.dispose()
    ledger = kill_rounds(url, tmp_path, rounds=3)
    assert ledger.kept
