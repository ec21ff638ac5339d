"""Who is asking, what they may ask, and how much of it: credentials, scopes and quota over the `clients` table.

Everything here blocks (argon2, SQL); the event loop calls it through a thread.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import CursorResult, Engine, ScalarResult, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.store.tables import ClientRow
from pipelines.errors import BadCredentials, QuotaSpent, ScopeMissing

ARGON2_TIME, ARGON2_KIB, ARGON2_LANES = 2, 19 * 1024, 1
"""argon2id with 19 MiB, two passes, one lane: the OWASP password storage cheat sheet's minimum. The secrets are 256 random
bits, so a costlier hash would only let a flood of wrong ones take the processors from the customers."""

REMEMBERED_SECONDS = 60.0
"""argon2 takes tens of milliseconds by design. A pair that was right is remembered this long, under a digest keyed
with this process's own random key and bound to the stored hash, so that a rotated secret is forgotten at once."""
REMEMBERED_PAIRS = 1024

TOKEN_BYTES = 32


class Scope(StrEnum):
    """A family of routes a client may call."""

    CV1 = "cv1"
    CV2 = "cv2"
    TECHAINER = "techainer"


@dataclass(frozen=True, slots=True)
class BasicPair:
    """api_key and api_secret of an `Authorization: Basic` header."""

    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Token:
    """The value of an `x-api-key` header."""

    text: str


Credentials = BasicPair | Token


@dataclass(frozen=True, slots=True)
class Client:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """Shown once; only hashes are kept."""

    key: str
    secret: str
    token: str


@dataclass(frozen=True, slots=True)
class ClientReport:
    """What an operator sees of a client: no secret, no hash."""

    name: str
    key: str
    scopes: tuple[str, ...]
    quota: int | None
    used: int
    disabled: bool
    expires: datetime | None
    created: datetime


class UnknownClient(Exception):
    """No client has this name."""


class NameTaken(Exception):
    """A client of this name exists."""


class Clients:
    """The door and the ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._hasher = PasswordHasher(ARGON2_TIME, ARGON2_KIB, ARGON2_LANES)
        # Verified for keys nobody has, so that they take as long as a wrong secret.
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))
        self._memory = _Memory()

    def identify(self, credentials: Credentials | None, scope: Scope) -> Client:
        """The client these credentials belong to.

        Raises:
            BadCredentials: none, wrong, disabled or expired; the answer does not say which.
            ScopeMissing: right, but not for this family of routes.
            QuotaSpent: nothing is left of the quota.
        """
        if credentials is None:
            raise BadCredentials("no credentials")
        with Session(self._engine) as session:
            row = self._proved(session, credentials)
        if row is None or row.disabled or (row.expires is not None and row.expires <= _now()):
            raise BadCredentials("wrong credentials")
        if scope not in row.scopes:
            raise ScopeMissing(f"not for {scope}")
        if row.quota is not None and row.used >= row.quota:
            raise QuotaSpent("quota spent")
        return Client(row.id, row.name)

    def spend(self, client: Client) -> None:
        """Count one answered request: one statement, so that concurrent requests cannot overspend.

        Raises:
            QuotaSpent: others have used up the rest meanwhile.
        """
        statement = (
            update(ClientRow)
            .where(
                ClientRow.id == client.id,
                or_(ClientRow.quota.is_(None), ClientRow.used < ClientRow.quota),
            )
            .values(used=ClientRow.used + 1)
        )
        with Session(self._engine) as session, session.begin():
            result = session.execute(statement)
            if not isinstance(result, CursorResult) or result.rowcount != 1:
                raise QuotaSpent("quota spent")

    def add(
        self,
        name: str,
        *,
        scopes: Sequence[Scope] = tuple(Scope),
        quota: int | None = None,
        expires: datetime | None = None,
    ) -> NewCredentials:
        """A new client.

        Raises:
            NameTaken: one of this name exists.
        """
        new = _new_credentials()
        row = ClientRow(
            name=name,
            key=new.key,
            secret_hash=self._hasher.hash(new.secret),
            token_digest=_digest(new.token),
            scopes=sorted(scopes),
            quota=quota,
            used=0,
            disabled=False,
            expires=expires,
            created=_now(),
        )
        try:
            with Session(self._engine) as session, session.begin():
                session.add(row)
        except IntegrityError as error:
            raise NameTaken(name) from error
        return new

    def rotate(self, name: str) -> NewCredentials:
        """New credentials for a client; the old ones stop working at once."""
        new = _new_credentials()
        self._change(
            name,
            key=new.key,
            secret_hash=self._hasher.hash(new.secret),
            token_digest=_digest(new.token),
        )
        return new

    def disable(self, name: str) -> None:
        self._change(name, disabled=True)

    def set_quota(self, name: str, quota: int | None) -> None:
        """A new quota, counted from now."""
        self._change(name, quota=quota, used=0)

    def listing(self) -> list[ClientReport]:
        with Session(self._engine) as session:
            rows: ScalarResult[ClientRow] = session.scalars(
                select(ClientRow).order_by(ClientRow.name)
            )
            return [
                ClientReport(
                    name=row.name,
                    key=row.key,
                    scopes=tuple(row.scopes),
                    quota=row.quota,
                    used=row.used,
                    disabled=row.disabled,
                    expires=row.expires,
                    created=row.created,
                )
                for row in rows
            ]

    def _proved(self, session: Session, credentials: Credentials) -> ClientRow | None:
        if isinstance(credentials, Token):
            return session.scalar(
                select(ClientRow).where(ClientRow.token_digest == _digest(credentials.text))
            )
        row = session.scalar(select(ClientRow).where(ClientRow.key == credentials.key))
        stored = self._nobodys_hash if row is None else row.secret_hash
        if self._memory.knows(credentials, stored):
            return row
        try:
            self._hasher.verify(stored, credentials.secret)
        except VerificationError:
            return None
        self._memory.learn(credentials, stored)
        return row

    def _change(self, name: str, **values: object) -> None:
        with Session(self._engine) as session, session.begin():
            row = session.scalar(select(ClientRow).where(ClientRow.name == name))
            if row is None:
                raise UnknownClient(name)
            for column, value in values.items():
                setattr(row, column, value)


class _Memory:
    """Pairs that argon2 has confirmed lately, without the pairs themselves."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(TOKEN_BYTES)
        self._until: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, pair: BasicPair, stored: str) -> bool:
        with self._lock:
            return self._until.get(self._entry(pair, stored), 0.0) > time.monotonic()

    def learn(self, pair: BasicPair, stored: str) -> None:
        entry = self._entry(pair, stored)
        with self._lock:
            self._until.pop(entry, None)
            self._until[entry] = time.monotonic() + REMEMBERED_SECONDS
            while len(self._until) > REMEMBERED_PAIRS:
                self._until.popitem(last=False)

    def _entry(self, pair: BasicPair, stored: str) -> bytes:
        parts = "\0".join((pair.key, pair.secret, stored))
        return hmac.digest(self._key, parts.encode(), "sha256")


def _new_credentials() -> NewCredentials:
    return NewCredentials(
        key=secrets.token_hex(TOKEN_BYTES // 2),
        secret=secrets.token_urlsafe(TOKEN_BYTES),
        token=secrets.token_urlsafe(TOKEN_BYTES),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> datetime:
    """UTC without a zone, as the table keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)
