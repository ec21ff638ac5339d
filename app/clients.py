"""Who is asking, what they may ask, and how much of it: scopes, quota and pace over the `clients` table.

Everything here blocks (argon2, SQL); the event loop calls it through a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Engine,
    ScalarResult,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.credentials import BasicPair, Credentials, NewCredentials, Secrets, Token, token_digest
from app.signing import SigningKey, new_signing_key, signing_place
from app.store.cipher import Cipher, Sealed
from app.store.clock import tick
from app.store.tables import ClientRow, CredentialRow, SigningKeyRow
from pipelines.errors import BadCredentials, QuotaSpent, ScopeMissing


class Scope(StrEnum):
    """A family of routes a client may call; a dialect's scope grants all of its families."""

    CV1 = "cv1"
    CV1_OCR = "cv1.ocr"
    CV1_FACES = "cv1.faces"
    CV1_SEARCH = "cv1.search"
    CV2 = "cv2"
    CV2_CARDS = "cv2.cards"
    CV2_FACES = "cv2.faces"
    CV2_SEARCH = "cv2.search"
    TECHAINER = "techainer"
    TECHAINER_EKYC = "techainer.ekyc"
    TECHAINER_FACES = "techainer.faces"

    @property
    def dialect(self) -> Scope:
        return Scope(self.partition(".")[0])


ALL_SCOPES = (Scope.CV1, Scope.CV2, Scope.TECHAINER)


@dataclass(frozen=True, slots=True)
class Client:
    """`rate` is in requests per minute; None is without limit. One with a `signing_key` is let in by signatures alone."""

    id: int
    rate: int | None = None
    signing_key: SigningKey | None = None


@dataclass(frozen=True, slots=True)
class ClientReport:
    """What an operator sees of a client: no secret, no hash. `keys` are those that still open the door."""

    name: str
    keys: tuple[str, ...]
    scopes: tuple[str, ...]
    quota: int | None
    used: int
    rate: int | None
    signed: bool
    disabled: bool
    expires: datetime | None
    created: datetime


class UnknownClient(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"no client is named {name}")


class NameTaken(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"a client named {name} exists already")


def _no_cipher() -> Cipher:
    raise RuntimeError("signing keys are sealed, and no keys to seal them with were given")


class Clients:
    """The door's book, and the ledger.

    Args:
        cipher: asked for when a signed client gets credentials.
    """

    def __init__(self, engine: Engine, cipher: Callable[[], Cipher] = _no_cipher) -> None:
        self._engine = engine
        self._cipher = cipher
        self._secrets = Secrets()

    def identify(
        self, credentials: Credentials, scope: Scope, *, at_length: bool = True
    ) -> Client | None:
        """The client these credentials belong to.

        Args:
            at_length: False gives None where a secret would have to be hashed, which takes a processor's time.

        Raises:
            BadCredentials: wrong, disabled or expired; the answer does not say which.
            ScopeMissing: right, but not for this family of routes.
        """
        with Session(self._engine) as session:
            found = session.scalar(select(CredentialRow).where(_matches(credentials)))
            if isinstance(credentials, BasicPair):
                stored = None if found is None else found.secret_hash
                if not self._secrets.remembers(credentials, stored):
                    if not at_length:
                        return None
                    if not self._secrets.verifies(credentials, stored):
                        found = None
            now = _now()
            if found is None or found.over(now) or found.client.disabled or found.client.over(now):
                raise BadCredentials("wrong credentials")
            row = found.client
            if not {scope, scope.dialect} & set(row.scopes):
                raise ScopeMissing(f"not for {scope}")
            kept = found.signing
            if kept is None:
                return Client(row.id, row.rate)
            key = SigningKey(found.id, Sealed(kept.key_id, kept.secret))
            return Client(row.id, row.rate, key)

    def charge(self, client: Client) -> None:
        """Count one request, before it is worked on: one statement, so that concurrent requests cannot overspend.

        Raises:
            QuotaSpent: nothing is left.
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

    def refund(self, client: Client) -> None:
        """Take back one charge: the request was not answered with code 0."""
        statement = (
            update(ClientRow)
            .where(ClientRow.id == client.id, ClientRow.used > 0)
            .values(used=ClientRow.used - 1)
        )
        with Session(self._engine) as session, session.begin():
            session.execute(statement)

    def add(
        self,
        name: str,
        *,
        scopes: Sequence[Scope] = ALL_SCOPES,
        quota: int | None = None,
        rate: int | None = None,
        expires: datetime | None = None,
        signed: bool = False,
    ) -> NewCredentials:
        """A new client; a `signed` one must sign its requests.

        Raises:
            NameTaken: one of this name exists.
        """
        new = _new(signed=signed)
        row = ClientRow(
            name=name,
            credentials=[self._row(new)],
            scopes=sorted(scopes),
            quota=quota,
            used=0,
            rate=rate,
            disabled=False,
            expires=expires,
            created=_now(),
        )
        try:
            with Session(self._engine) as session, session.begin():
                session.add(row)
                self._keep_signing_key(session, new, row.credentials[0])
        except IntegrityError as error:
            raise NameTaken(name) from error
        return new

    def rotate(self, name: str, *, overlap: timedelta = timedelta()) -> NewCredentials:
        """New credentials for a client; the old ones stop working after `overlap`, none the later for it."""
        until = _now() + overlap
        with Session(self._engine) as session, session.begin():
            row = _named(session, name)
            new = _new(signed=_signs(row))
            for old in row.credentials:
                old.expires = until if old.expires is None else min(until, old.expires)
            session.execute(delete(CredentialRow).where(CredentialRow.expires <= _now()))
            session.expire(row, ["credentials"])
            row.credentials.append(self._row(new))
            self._keep_signing_key(session, new, row.credentials[-1])
        return new

    def disable(self, name: str) -> None:
        self.change(name, disabled=True)

    def enable(self, name: str) -> None:
        """Take back a `disable`: its credentials are good again, as far as they have not expired."""
        self.change(name, disabled=False)

    def set_quota(self, name: str, quota: int | None) -> None:
        """A new quota, counted from now."""
        self.change(name, quota=quota, used=0)

    def change(self, name: str, **values: object) -> None:
        """Other columns of its row, from its next request on; what it has enrolled stays its own."""
        with Session(self._engine) as session, session.begin():
            row = _named(session, name)
            for column, value in values.items():
                setattr(row, column, value)

    def listing(self) -> list[ClientReport]:
        now = _now()
        with Session(self._engine) as session:
            rows: ScalarResult[ClientRow] = session.scalars(
                select(ClientRow).order_by(ClientRow.name)
            )
            return [
                ClientReport(
                    name=row.name,
                    keys=tuple(c.key for c in row.credentials if not c.over(now)),
                    scopes=tuple(row.scopes),
                    quota=row.quota,
                    used=row.used,
                    rate=row.rate,
                    signed=_signs(row),
                    disabled=row.disabled,
                    expires=row.expires,
                    created=row.created,
                )
                for row in rows
            ]

    def _row(self, new: NewCredentials) -> CredentialRow:
        return CredentialRow(
            key=new.key,
            secret_hash=self._secrets.hashed(new.secret),
            token_digest=token_digest(new.token),
            expires=None,
            created=_now(),
        )

    def _keep_signing_key(self, session: Session, new: NewCredentials, row: CredentialRow) -> None:
        if new.signing_key is None:
            return
        cipher = self._cipher()
        session.flush()  # gives the row its id
        tick(session.connection())  # no rotation of the keys between sealing and writing
        cipher.refresh()
        sealed = cipher.seal(new.signing_key.encode(), signing_place(row.id))
        # Not through the session: it may still know a deleted row under this id, which SQLite gives again.
        kept = {"credential_id": row.id, "key_id": sealed.key_id, "secret": sealed.data}
        session.execute(insert(SigningKeyRow).values(**kept))


def _new(*, signed: bool) -> NewCredentials:
    new = NewCredentials.random()
    return replace(new, signing_key=new_signing_key()) if signed else new


def _signs(row: ClientRow) -> bool:
    """Whoever signs with one of its credentials signs with all: a rotation keeps to it."""
    return any(credential.signing is not None for credential in row.credentials)


def _matches(credentials: Credentials) -> ColumnElement[bool]:
    if isinstance(credentials, Token):
        return CredentialRow.token_digest == token_digest(credentials.text)
    return CredentialRow.key == credentials.key


def _named(session: Session, name: str) -> ClientRow:
    row = session.scalar(select(ClientRow).where(ClientRow.name == name))
    if row is None:
        raise UnknownClient(name)
    return row


def _now() -> datetime:
    """UTC without a zone, as the table keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)
