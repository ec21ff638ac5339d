"""How long a collection keeps its faces and fingerprints, and deleting what is older."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from app.clients import UnknownClient
from app.store.audit import Act, Audit
from app.store.cipher import Cipher
from app.store.clock import tick
from app.store.faces import Faces, now
from app.store.removal import remove_ids
from app.store.sessions import Sessions
from app.store.tables import ClientRow, CollectionRow, FaceRow, FingerprintRow
from pipelines.search_faces import Place

BATCH = 500
"""Rows deleted in one transaction, which others who change the gallery wait for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`days` None: until they are deleted. `name` "": the client's own customers."""

    collection: int
    client_id: int
    client: str
    name: str
    days: int | None


class Retention:
    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._faces = Faces(cipher)
        self._audit = Audit(engine, cipher)
        self._sessions = Sessions(cipher)

    def collections(self) -> list[Kept]:
        statement = (
            select(
                CollectionRow.id,
                CollectionRow.client_id,
                ClientRow.name,
                CollectionRow.name,
                CollectionRow.keep_days,
            )
            .join(ClientRow, ClientRow.id == CollectionRow.client_id)
            .order_by(CollectionRow.id)
        )
        with self._engine.connect() as connection:
            return [Kept(*row) for row in connection.execute(statement)]

    def keep(self, client: str, name: str, days: int | None) -> None:
        """From the next purge on; the collection is made if there is none yet.

        Raises:
            UnknownClient
        """
        with self._engine.begin() as connection:
            tick(connection)
            found = connection.scalar(select(ClientRow.id).where(ClientRow.name == client))
            if found is None:
                raise UnknownClient(client)
            collection = self._faces.make_collection(connection, Place(found, name))
            one = update(CollectionRow).where(CollectionRow.id == collection)
            connection.execute(one.values(keep_days=days))

    def sessions(self) -> list[tuple[int, str, int | None]]:
        """Each client: id, name, and for how many days its sessions are kept, None for ever."""
        statement = select(ClientRow.id, ClientRow.name, ClientRow.session_days)
        with self._engine.connect() as connection:
            return [(*row,) for row in connection.execute(statement.order_by(ClientRow.id))]

    def keep_sessions(self, client: str, days: int | None) -> None:
        """From the next purge on. Raises UnknownClient."""
        one = update(ClientRow).where(ClientRow.name == client).values(session_days=days)
        with self._engine.begin() as connection:
            if connection.execute(one.returning(ClientRow.id)).first() is None:
                raise UnknownClient(client)

    def purge_sessions(self, *, at: datetime | None = None) -> int:
        """Delete the sessions that are older than their client's are kept, a batch at a time; how many. `at`: see `purge`."""
        present, removed = at or now(), 0
        for client, _, days in self.sessions():
            if days is None:
                continue
            before = present - timedelta(days=days)
            while (some := self._some_sessions(client, before)) > 0:
                removed += some
        return removed

    def purge(self, *, at: datetime | None = None) -> int:
        """Delete what is older than its collection keeps, a batch at a time; how many faces and fingerprints.

        Args:
            at: the present, UTC without a zone; None: by this machine's clock.
        """
        present, removed = at or now(), 0
        for kept in self.collections():
            if kept.days is None:
                continue
            before = present - timedelta(days=kept.days)
            while ids := self._old(kept.collection, before):
                removed += self._remove(kept, ids)
        return removed

    def _old(self, collection: int, before: datetime) -> list[int]:
        """Some of those that are older. Looked for while nobody waits: it may take a look at every row of the collection."""
        ids: list[int] = []
        with self._engine.connect() as connection:
            for row in (FaceRow, FingerprintRow):
                old = (row.collection_id == collection) & (row.created < before)
                ids += connection.scalars(select(row.id).where(old).limit(BATCH))
        return ids

    def _remove(self, kept: Kept, ids: Sequence[int]) -> int:
        """Those that nobody else has deleted meanwhile; how many."""
        with self._engine.begin() as connection:
            (version,) = tick(connection)
            there: list[int] = []
            for row in (FaceRow, FingerprintRow):
                there += connection.scalars(select(row.id).where(row.id.in_(ids)))
            if there:
                remove_ids(connection, version, kept.collection, there)
                self._audit.append(connection, Act.PURGE, kept.client_id, kept.collection, there)
        return len(there)

    def _some_sessions(self, client: int, before: datetime) -> int:
        with self._engine.begin() as connection:
            tick(connection)  # as whoever seals them anew: each would wait for rows of the other's
            removed = self._sessions.purge(connection, client, before, BATCH)
            if removed:
                self._audit.append(connection, Act.PURGE, client)
        return removed
