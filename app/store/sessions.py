"""What was asked, what was answered, by which models and why: one row per request that was worked on, so that every answer can be
explained for as long as the row is kept.

Readable are the client, the route, the time and the outcome. The rest (steps, verdicts, measures, digests of what was sent and
answered, whom it concerned) is sealed, and bound to the readable part: a row that was altered does not open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Engine,
    Row,
    bindparam,
    delete,
    insert,
    select,
    text,
)

from app.store.cipher import Cipher, Tampered
from app.store.clock import hold
from app.store.faces import now
from app.store.tables import ClientRow, ModelPackRow, SessionPersonRow, SessionRow

Said = Mapping[str, Any]
"""As JSON."""

PEOPLE = "people"
"""In the details: ids and numbers of whom it concerns."""


@dataclass(frozen=True, slots=True)
class Session:
    """`at`: when it came, UTC without a zone. `code` is the one that was answered, in the family's own words."""

    request_id: str
    client: int
    at: datetime
    milliseconds: int
    method: str
    route: str
    outcome: str
    code: str
    status: int
    details: Said


@dataclass(frozen=True, slots=True)
class Named:
    """A client's sessions that concern one person. `digest` is what they are looked up by, in hexadecimal."""

    client: int
    digest: str
    requests: tuple[str, ...]


def details_place(row: Row[*tuple[Any, ...]]) -> str:
    """What the sealed part is bound to: everything else in the row."""
    return _place({name: row._mapping[name] for name in _BOUND})


_BOUND = (
    "request_id", "client_id", "at", "milliseconds", "method", "route", "outcome", "code", "status", "pack",
)  # fmt: skip


def _place(values: Mapping[str, Any]) -> str:
    said = [values[name] for name in _BOUND if name != "at"]
    at = values["at"].isoformat(timespec="microseconds")
    return f"sessions.details {json.dumps([*said, at], separators=(',', ':'))}"


def person_digest(cipher: Cipher, client: int, name: str) -> bytes:
    return cipher.digest(name, f"sessions.person of {client}")


RECORD: ContextVar[Callable[[Connection], None] | None] = ContextVar("record", default=None)
"""Writes down the request that this context changes something for, in the transaction that does; None: it is for none."""

KNOWN = text(
    "INSERT INTO model_packs (digest, contents, created) VALUES (:digest, :contents, :created)"
    " ON CONFLICT (digest) DO NOTHING"
).bindparams(bindparam("created", type_=DateTime))
"""With every session: in a database restored under the service what answers may be unknown."""


class Recorder:
    """Writes sessions for one running service.

    Args:
        setup: what answers: the pack's name, its files, the policy.
    """

    def __init__(self, engine: Engine, cipher: Cipher, setup: Said) -> None:
        self._engine = engine
        self._cipher = cipher
        self._setup = _text(setup)
        self._pack = hashlib.sha256(self._setup.encode()).hexdigest()

    def write(self, session: Session) -> None:
        """On the disk when this returns."""
        with self._engine.begin() as connection:
            hold(connection)  # no rotation of the keys between sealing and writing
            self._cipher.refresh()
            self.put(connection, session)

    def put(self, connection: Connection, session: Session) -> None:
        """In the caller's transaction, which holds the clock. The last word on a request takes the place of an earlier one."""
        values: dict[str, Any] = {
            "request_id": session.request_id,
            "client_id": session.client,
            "at": session.at,
            "milliseconds": session.milliseconds,
            "method": session.method,
            "route": session.route,
            "outcome": session.outcome,
            "code": session.code,
            "status": session.status,
            "pack": self._pack,
        }
        names = session.details.get(PEOPLE, ())
        digests = {person_digest(self._cipher, session.client, name) for name in names}
        people = [{"request_id": session.request_id, "digest": digest} for digest in digests]
        sealed = self._cipher.seal(_text(session.details).encode(), _place(values))
        known = {"digest": self._pack, "contents": self._setup, "created": now()}
        connection.execute(KNOWN, known)
        connection.execute(delete(SessionRow).where(SessionRow.request_id == session.request_id))
        connection.execute(
            insert(SessionRow).values(**values, key_id=sealed.key_id, details=sealed.data)
        )
        if people:
            connection.execute(insert(SessionPersonRow), people)


class Sessions:
    """Tells them, finds a person's, and deletes them."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def explained(self, connection: Connection, request_id: str) -> dict[str, Any] | None:
        """All that is kept of a request; None where nothing is.

        Raises:
            Tampered: the row was altered.
            KeyMissing: it was sealed with a key that is not at hand.
        """
        row = connection.execute(_everything().where(SessionRow.request_id == request_id)).first()
        return None if row is None else self._opened(row)

    def of(self, connection: Connection, clients: Sequence[int], name: str) -> list[Named]:
        """Where a person is concerned whom a client calls `name`, or whose document has this number."""
        digests = {person_digest(self._cipher, client, name): client for client in clients}
        return self.with_digests(connection, digests)

    def with_digests(self, connection: Connection, clients: Mapping[bytes, int]) -> list[Named]:
        found = []
        for digest, client in clients.items():
            statement = select(SessionPersonRow.request_id)
            statement = statement.where(SessionPersonRow.digest == digest)
            requests = tuple(connection.scalars(statement.order_by(SessionPersonRow.request_id)))
            if requests:
                found.append(Named(client, digest.hex(), requests))
        return found

    def erase(self, connection: Connection, named: Named) -> int:
        """Delete a person's sessions; how many there were."""
        person = SessionPersonRow.digest == bytes.fromhex(named.digest)
        theirs = select(SessionPersonRow.request_id).where(person)
        return _deleted(connection, SessionRow.request_id.in_(theirs))

    def purge(self, connection: Connection, client: int, before: datetime, most: int) -> int:
        """Delete at most so many of a client's sessions that are older; how many."""
        old = (SessionRow.client_id == client) & (SessionRow.at < before)
        some = select(SessionRow.request_id).where(old).limit(most)
        return _deleted(connection, SessionRow.request_id.in_(some))

    def _opened(self, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
        if hashlib.sha256(row.contents.encode()).hexdigest() != row.pack:
            raise Tampered(f"the model pack {row.pack} was altered")
        details = self._cipher.open(row.key_id, row.details, details_place(row))
        return {
            "request_id": row.request_id,
            "client": row.client,
            "at": f"{row.at:%Y-%m-%dT%H:%M:%S}Z",
            "milliseconds": row.milliseconds,
            "method": row.method,
            "route": row.route,
            "outcome": row.outcome,
            "code": row.code,
            "status": row.status,
            **json.loads(details),
            "models": json.loads(row.contents),
        }


def _everything() -> Any:
    columns = SessionRow.__table__.c
    return (
        select(*columns, ModelPackRow.contents, ClientRow.name.label("client"))
        .join(ModelPackRow, ModelPackRow.digest == SessionRow.pack)
        .join(ClientRow, ClientRow.id == SessionRow.client_id)
    )


def _deleted(connection: Connection, which: Any) -> int:
    result = connection.execute(delete(SessionRow).where(which))  # people go by the foreign key
    assert isinstance(result, CursorResult)
    return result.rowcount


def _text(said: Said) -> str:
    return json.dumps(dict(said), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
