"""A challenge is random, its client's own, answered in time and once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, func, insert, select

from app.store.challenges import SECONDS, StoredChallenges
from app.store.database import open_database
from app.store.tables import ChallengeRow, ClientRow
from models.types import Image
from pipelines.challenge import captures_of, draw, sequences
from pipelines.errors import ChallengeRefused
from pipelines.liveness import Pose

NOW = datetime(2026, 11, 21, 12, 0, 0)
MINE, OTHERS = 1, 2


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> Iterator[Engine]:
    engine = open_database(new_database(request.param))
    with engine.begin() as connection:
        for id_ in (MINE, OTHERS):
            new = {"id": id_, "name": f"c{id_}", "scopes": [], "disabled": False, "created": NOW}
            connection.execute(insert(ClientRow).values(**new))
    yield engine
    engine.dispose()


def test_every_order_shows_all_poses_and_repeats_none_running() -> None:
    orders = sequences()
    assert len(set(orders)) == 18
    assert all(set(order) == set(Pose) for order in orders)
    assert {draw(random.Random(seed)) for seed in range(300)} == set(orders)


def test_answered_once(engine: Engine) -> None:
    challenges = StoredChallenges(engine)
    issued = challenges.issue(MINE, NOW)
    assert challenges.take(MINE, issued.nonce, NOW + timedelta(seconds=SECONDS)) == issued
    with pytest.raises(ChallengeRefused):
        challenges.take(MINE, issued.nonce, NOW)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_of_many_answers_at_once_one_is_taken(engine: Engine) -> None:
    nonce = StoredChallenges(engine).issue(MINE, NOW).nonce

    def take(_: int) -> bool:
        try:
            StoredChallenges(engine).take(MINE, nonce, NOW)
        except ChallengeRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1


def test_another_clients_is_unknown_and_stays_unspent(engine: Engine) -> None:
    challenges = StoredChallenges(engine)
    issued = challenges.issue(MINE, NOW)
    with pytest.raises(ChallengeRefused):
        challenges.take(OTHERS, issued.nonce, NOW)
    assert challenges.take(MINE, issued.nonce, NOW) == issued


@pytest.mark.parametrize("nonce", ["", "x", "' OR 1=1 --", "\0", "\ud800", "x" * 65])
def test_made_up_ones_are_unknown(engine: Engine, nonce: str) -> None:
    with pytest.raises(ChallengeRefused):
        StoredChallenges(engine).take(MINE, nonce, NOW)


def test_expired_ones_are_refused_and_swept_away(engine: Engine) -> None:
    challenges = StoredChallenges(engine)
    late = NOW + timedelta(seconds=SECONDS + 1)
    nonce = challenges.issue(MINE, NOW).nonce
    with pytest.raises(ChallengeRefused, match="expired"):
        challenges.take(MINE, nonce, late)
    challenges.issue(MINE, NOW)
    challenges.issue(MINE, late)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(ChallengeRow)) == 1


def test_nobody_can_guess_a_nonce(engine: Engine) -> None:
    challenges = StoredChallenges(engine)
    nonces = {challenges.issue(MINE, NOW).nonce for _ in range(20)}
    assert len(nonces) == 20
    assert min(map(len, nonces)) >= 32


def test_an_answer_has_one_image_for_each_pose() -> None:
    image = Image(np.zeros((4, 4, 3), np.uint8))
    poses = (Pose.MID, Pose.LEFT, Pose.MID, Pose.RIGHT)
    assert [c.where for c in captures_of(poses, [image] * 4)] == ["1", "2", "3", "4"]
    with pytest.raises(ValueError, match="zip"):
        captures_of(poses, [image] * 3)
