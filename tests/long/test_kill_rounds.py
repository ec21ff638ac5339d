"""kill -9 a hundred times, on each database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.clients import Clients
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.keys import write_keys
from tests.killed import kill_rounds

ROUNDS = 100


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_kill_loses_nothing_acknowledged_and_brings_nothing_back(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database(kind)
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    engine = open_database(url)
    Clients(engine).add("bank")
    engine.dispose()
    ledger = kill_rounds(url, tmp_path, rounds=ROUNDS)
    assert ledger.kept
    assert ledger.gone
