"""kill -9 a hundred times, on each database: a process that enrols; and the service over HTTP under load, its worker, and the
service while it saves its index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.killed import kill_rounds
from tests.killed_service import Rounds
from tests.trouble import new_bank

ROUNDS = 100


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_kill_loses_nothing_acknowledged_and_brings_nothing_back(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database(kind)
    new_bank(url, tmp_path)
    ledger = kill_rounds(url, tmp_path, rounds=ROUNDS)
    assert ledger.kept
    assert ledger.gone


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nor_does_a_kill_of_the_service_or_a_worker_under_load(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database(kind)
    rounds = Rounds(url, tmp_path, new_bank(url, tmp_path).credentials)
    rounds.run(ROUNDS)
    assert rounds.ledger.kept
    assert rounds.ledger.gone
    assert min(rounds.met["service"], rounds.met["worker"]) >= ROUNDS // 3
    assert rounds.met["while saving"] > 0
