"""Challenges in the database: whichever process issued one, any may check it, and none can be answered twice."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert

from app.store.tables import ChallengeRow
from pipelines.challenge import draw
from pipelines.errors import ChallengeRefused
from pipelines.liveness import Challenge, Pose

NONCE_BYTES = 24
SECONDS = 120
"""Time to answer: reading the order aloud, four poses and an upload over a slow line."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the database can be asked for: not every text that a client may send is one to PostgreSQL."""


class StoredChallenges:
    """Rows live until they are taken or expire; taking one deletes it in the same statement, so that of two answers
    at once only one finds it. Times are UTC without a zone, as everywhere in the database."""

    def __init__(self, engine: Engine, *, seconds: int = SECONDS) -> None:
        self._engine = engine
        self._seconds = seconds

    def issue(self, client: int, now: datetime) -> Challenge:
        challenge = Challenge(
            nonce=secrets.token_urlsafe(NONCE_BYTES),
            poses=draw(secrets.SystemRandom()),
            expires=now + timedelta(seconds=self._seconds),
        )
        row = {
            "nonce": challenge.nonce,
            "client_id": client,
            "poses": [pose.value for pose in challenge.poses],
            "expires": challenge.expires,
        }
        with self._engine.begin() as connection:
            connection.execute(delete(ChallengeRow).where(ChallengeRow.expires < now))
            connection.execute(insert(ChallengeRow).values(**row))
        return challenge

    def take(self, client: int, nonce: str, now: datetime) -> Challenge:
        if not _NONCE.fullmatch(nonce):
            raise ChallengeRefused("no nonce of ours")
        mine = (ChallengeRow.nonce == nonce) & (ChallengeRow.client_id == client)
        taking = delete(ChallengeRow).where(mine)
        with self._engine.begin() as connection:
            taken = connection.execute(
                taking.returning(ChallengeRow.poses, ChallengeRow.expires)
            ).one_or_none()
        if taken is None:
            raise ChallengeRefused("unknown, or answered before")
        if taken.expires < now:
            raise ChallengeRefused("expired")
        return Challenge(nonce, tuple(Pose(pose) for pose in taken.poses), taken.expires)
