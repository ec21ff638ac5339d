"""Who did what to enrolled people, and when: rows that are only ever added, each chained to the one before it.

A row says what was done, for which client, in which collection and to which rows, by their numbers alone: nothing of it is
personal, and after an erasure the numbers lead nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update

from app.store.cipher import Cipher
from app.store.faces import now
from app.store.tables import AuditHeadRow, AuditRow

LINK_PLACE = "audit.link"
ROWS_AT_ONCE = 10_000
COLUMNS = (
    AuditRow.number,
    AuditRow.at,
    AuditRow.act,
    AuditRow.client_id,
    AuditRow.collection_id,
    AuditRow.rows,
    AuditRow.link,
)

NEXT = (
    update(AuditHeadRow)
    .values(number=AuditHeadRow.number + 1)
    .returning(AuditHeadRow.number, AuditHeadRow.link)
)
LINKED = update(AuditHeadRow).values(link=bindparam("new"))


class Act(StrEnum):
    """What was done. The service acts for a client; an operator, by a command, for none."""

    ENROL = "enrol"
    REFUSE = "refuse"
    """An enrolment, because of the faces named."""
    EDIT = "edit"
    REEMBED = "reembed"
    """A template of another recogniser took the place of the face's."""
    ADD_FINGERPRINT = "add fingerprint"
    DELETE = "delete"
    DELETE_PERSON = "delete person"
    DELETE_COLLECTION = "delete collection"
    SEARCH = "search"
    VERIFY = "verify"
    SHOW = "show"
    SHOW_PICTURE = "show picture"
    PURGE = "purge"
    ERASE = "erase"
    EXPORT = "export"
    EXPLAIN = "explain"
    ROTATE_KEYS = "rotate keys"
    RETIRE_KEY = "retire key"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says. `client` None: the operator. `rows` are ids of faces and fingerprints."""

    number: int
    at: datetime
    act: str
    client: int | None
    collection: int | None
    rows: str

    def text(self, before: bytes) -> str:
        """What its link is made of."""
        at = self.at.isoformat(timespec="microseconds")
        said = [self.number, at, self.act, self.client, self.collection, self.rows, before.hex()]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Head:
    """The last row and its link: noted elsewhere, it shows later that no row up to it was taken away."""

    number: int
    link: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.link.hex()}"

    @staticmethod
    def read(text: str) -> Head:
        """Raises ValueError."""
        number, _, link = text.partition(":")
        return Head(int(number), bytes.fromhex(link))


class ChainBroken(Exception):
    """The audit was altered; the message names the first row where it shows."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"row {number}: {why}")
        self.number = number


class Audit:
    """A link is a keyed hash (HMAC-SHA256) of the row and the link before it, so that whoever can write to the database but
    has no keys cannot make another chain."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    def append(
        self,
        connection: Connection,
        act: Act,
        client: int | None = None,
        collection: int | None = None,
        rows: Iterable[int] = (),
    ) -> int:
        """Add a row in the caller's transaction, which others who add wait for from here on; its number."""
        number, before = connection.execute(NEXT).one()
        named = ",".join(str(row) for row in rows)
        entry = Entry(number, now(), act.value, client, collection, named)
        link = self._link(entry, before)
        values = {
            "number": number,
            "at": entry.at,
            "act": entry.act,
            "client_id": client,
            "collection_id": collection,
            "rows": named,
            "link": link,
        }
        connection.execute(insert(AuditRow), values)
        connection.execute(LINKED, {"new": link})
        return int(number)

    def note(
        self,
        act: Act,
        client: int | None = None,
        collection: int | None = None,
        rows: Iterable[int] = (),
    ) -> None:
        """Add a row in a transaction of its own: of what changed nothing."""
        with self._engine.begin() as connection:
            self.append(connection, act, client, collection, rows)

    def naming(self, connection: Connection, ids: Sequence[int]) -> list[Entry]:
        """The rows that name any of these faces and fingerprints, in their order."""
        wanted = {str(one) for one in ids}
        statement = select(*COLUMNS).order_by(AuditRow.number)
        statement = statement.execution_options(yield_per=ROWS_AT_ONCE)
        with closing(connection.execute(statement)) as found:
            return [_entry(row) for row in found if wanted & set(row.rows.split(","))]

    def verify(self, anchor: Head | None = None) -> Head:
        """Where the chain ends.

        Args:
            anchor: a head noted earlier, which must still be part of it.

        Raises:
            ChainBroken: a row was changed, removed or put in.
        """
        with self._engine.connect() as connection:
            end = connection.execute(select(AuditHeadRow.number, AuditHeadRow.link)).one()
            statement = select(*COLUMNS).order_by(AuditRow.number)
            statement = statement.where(AuditRow.number <= end.number)  # later ones came meanwhile
            last = Head(0, b"")
            statement = statement.execution_options(yield_per=ROWS_AT_ONCE)
            with closing(connection.execute(statement)) as found:
                for row in found:
                    last = self._next(last, _entry(row), row.link)
                    if anchor is not None and last.number == anchor.number and last != anchor:
                        raise ChainBroken(last.number, "is not the one that was noted")
            if last.number != end.number:
                raise ChainBroken(last.number + 1, "is missing")
            if last.link != end.link:
                raise ChainBroken(last.number, "is not the one the chain was left at")
            self._nothing_beyond(connection, end.number)
        if anchor is not None and anchor.number > last.number:
            raise ChainBroken(last.number + 1, f"is missing: row {anchor.number} was noted")
        return last

    def _next(self, before: Head, entry: Entry, link: bytes) -> Head:
        number = entry.number
        if number > before.number + 1:
            raise ChainBroken(before.number + 1, "is missing")
        if number <= before.number:
            raise ChainBroken(number, "was put in")
        if self._link(entry, before.link) != link:
            raise ChainBroken(number, "was changed, or put in the place of another")
        return Head(number, link)

    def _nothing_beyond(self, connection: Connection, number: int) -> None:
        """A row beyond the head can only have been put in, unless the head has moved on since."""
        beyond = select(AuditRow.number).where(AuditRow.number > number)
        now_at = select(AuditHeadRow.number).scalar_subquery()
        extra = connection.execute(beyond.where(AuditRow.number > now_at).limit(1)).scalar()
        if extra is not None:
            raise ChainBroken(extra, "was put in")

    def _link(self, entry: Entry, before: bytes) -> bytes:
        return self._cipher.digest(entry.text(before), LINK_PLACE)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(row.number, row.at, row.act, row.client_id, row.collection_id, row.rows)
