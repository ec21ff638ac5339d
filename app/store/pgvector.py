"""The index in PostgreSQL (pgvector): for galleries beyond the memory of one machine.

IT HOLDS EVERY TEMPLATE IN CLEAR, since the database must compute with them. Switched on by a setting, never by default;
the database's disks and backups must be encrypted then. The table is a projection like any other: made and filled from
the sealed rows, and dropped without loss.
"""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import Connection, Engine, Row, select, text
from sqlalchemy.exc import NotSupportedError, ProgrammingError

from app.store.changes import BEGINNING, Changes, Foreign
from app.store.clock import Reading, read_clock
from app.store.database import for_everybody, wait_for_locks
from app.store.faces import Faces
from app.store.projection import Failures, Hits
from app.store.tables import FaceRow
from models.types import Recogniser
from pipelines.errors import Internal, OtherRecogniser

EXACT_ROWS = 50_000
"""Collections up to this size are scanned (scripts/bench search: some tens of milliseconds of one core); larger ones are searched by HNSW."""
HNSW = "m = 16, ef_construction = 128"
EF_SEARCH = 400
"""Candidates HNSW looks at. At pgvector's default of 40 two of three hard genuine matches are missed."""
ROWS_AT_ONCE = 1_000
PREPARING = 0x656B7963
"""An advisory lock's number, ours as far as numbers can be ("ekyc")."""

log = logging.getLogger("ekyc.gallery")


class ExtensionMissing(Exception):
    """The database has no pgvector and the service cannot put it there; the message says why."""


def make_extension(connection: Connection) -> None:
    """For the rest of the transaction nobody else prepares; whoever does is waited for as long as the connection waits for locks.

    Raises:
        ExtensionMissing: it is not there, and may not or cannot be made.
    """
    # "If not exists" fails when two do it at once.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PREPARING})
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except (NotSupportedError, ProgrammingError) as error:
        why = str(error.orig).partition("\n")[0]
        raise ExtensionMissing(
            f"EKYC_INDEX=pgvector: {why} (an administrator can run CREATE EXTENSION vector)"
        ) from None


class PgVectorProjection:
    """One table for all collections. Its state stands in the database too, so that all machines share it."""

    def __init__(
        self,
        engine: Engine,
        faces: Faces,
        recogniser: Recogniser,
        *,
        exact_rows: int = EXACT_ROWS,
    ) -> None:
        if engine.dialect.name != "postgresql":
            raise ValueError("EKYC_INDEX=pgvector needs a PostgreSQL database")
        self._engine = engine
        self._recogniser = recogniser.id
        self._changes = Changes(faces, recogniser.id)
        self._foreign = Foreign(recogniser.id)
        self._foreign_seen = BEGINNING
        self._seen: Reading | None = None
        self._failures = Failures()
        self._starting = True
        """Until `catch_up` was called: the first call is the start's, the others are requests'."""
        self._exact_rows = exact_rows
        self._prepared = False
        self._large: set[int] = set()
        """Collections found to be above `exact_rows`: counted no more."""

    @property
    def version(self) -> int:
        return BEGINNING if self._seen is None else self._seen.version

    def catch_up(self) -> None:
        """Raises OtherRecogniser: the table is another recogniser's, and so are some of the faces."""
        starting, self._starting = self._starting, False
        # Building may take longer than a request may: it would be begun anew, and thrown away, with every request.
        with for_everybody(), self._engine.begin() as connection:
            now = read_clock(connection)
            if now == self._seen and self._owner(connection) == self._recogniser:
                return
            if self._seen is None or now.lineage != self._seen.lineage:
                # A backup was restored under us: our tables are not in it.
                self._prepared, self._foreign_seen = False, BEGINNING
                self._large.clear()
            self._failures.repeat(now)
            if starting:
                # A request would keep its thread and connection for as long.
                wait_for_locks(connection)
            if not self._prepared:
                self._make_tables(connection)
            state = self._hold(connection)
            # Whoever held it may have seen more than was there before.
            now = read_clock(connection)
            self._failures.repeat(now)
            with self._failures.remembered(now):
                self._follow(connection, state, now)
        self._seen, self._prepared = now, True

    def rebuild(self) -> None:
        with for_everybody(), self._engine.begin() as connection:
            before = self._table(connection)
            state = self._hold(connection)
            # Others that found the same fault may have waited here for the one that mended it.
            if state.recogniser == self._recogniser and self._table(connection) == before:
                self._build(connection)

    def nearest(self, collection: int, vector: NDArray[np.float32], count: int) -> Hits:
        """Raises Internal: a service of another recogniser has just made the table its own."""
        with (
            self._engine.connect() as connection
        ):  # commits nothing: a deadline still stops what follows
            found = self._nearest(connection, collection, vector, count)
            owner = self._owner(connection)  # asked last: the table that was read stays by now
            if owner != self._recogniser:
                log.error("face_vectors is of another recogniser", extra={"fields": {"of": owner}})
                raise Internal("services of two recognisers share one table of vectors")
            return found

    def _nearest(
        self, connection: Connection, collection: int, vector: NDArray[np.float32], count: int
    ) -> Hits:
        if not self._has_vectors(connection):
            return []
        if self._is_large(connection, collection):
            connection.execute(text(f"SET LOCAL hnsw.ef_search = {EF_SEARCH}"))
            connection.execute(text("SET LOCAL hnsw.iterative_scan = strict_order"))
        else:
            connection.execute(text("SET LOCAL enable_indexscan = off"))
        found = connection.execute(
            text(
                "SELECT face_id, -(embedding <#> CAST(:query AS halfvec)) AS cosine FROM face_vectors"
                " WHERE collection_id = :collection ORDER BY embedding <#> CAST(:query AS halfvec) LIMIT :count"
            ),
            {"query": _text(vector), "collection": collection, "count": count},
        )
        return [(row.face_id, row.cosine) for row in found]

    def size(self, collection: int) -> int:
        with self._engine.connect() as connection:
            return self._size(connection, collection) if self._has_vectors(connection) else 0

    def foreign(self, collection: int) -> str | None:
        return self._foreign.of(collection)

    def close(self) -> None: ...

    def _follow(self, connection: Connection, state: Row[int, str, str], now: Reading) -> None:
        self._leave_to_its_owner(connection, state.recogniser)
        self._foreign.follow(connection, self._foreign_seen)
        self._foreign_seen = now.version
        ours = (state.lineage, state.recogniser) == (now.lineage, self._recogniser)
        if not ours or state.version > now.version:
            self._build(connection)
        elif state.version < now.version:
            self._replay(connection, state.version)

    def _leave_to_its_owner(self, connection: Connection, owner: str) -> None:
        """A service that starts makes the table its own. One that runs does not while the other's faces are there: two would
        destroy each other's table with each request.

        Raises:
            OtherRecogniser
        """
        if self._seen is None or owner == self._recogniser:
            return
        theirs = select(FaceRow.id).where(FaceRow.recogniser == owner).limit(1)
        if connection.scalar(theirs) is not None:
            error = OtherRecogniser(owner, self._recogniser)
            log.error(str(error))
            raise error

    def _make_tables(self, connection: Connection) -> None:
        make_extension(connection)
        connection.execute(
            text(
                "CREATE TABLE IF NOT EXISTS face_vectors_state"
                " (id int PRIMARY KEY, version bigint, lineage text, recogniser text)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO face_vectors_state VALUES (1, -1, '', '') ON CONFLICT (id) DO NOTHING"
            )
        )

    def _hold(self, connection: Connection) -> Row[int, str, str]:
        """Version, lineage and recogniser of the table. Whoever holds this row brings it up to date for everybody; nothing
        else of ours is locked before it."""
        state = text("SELECT version, lineage, recogniser FROM face_vectors_state FOR UPDATE")
        return connection.execute(state).one()

    def _owner(self, connection: Connection) -> str:
        """The recogniser whose templates the table holds."""
        return str(connection.scalar(text("SELECT recogniser FROM face_vectors_state")))

    def _build(self, connection: Connection) -> None:
        """Everything from the rows, in the caller's transaction. DROP takes the table for itself: until that ends searches wait, and
        are answered 503 after the lock timeout."""
        connection.execute(text("DROP TABLE IF EXISTS face_vectors"))
        self._replay(connection, BEGINNING)
        self._make_index(connection)  # many times faster than row by row

    def _replay(self, connection: Connection, after: int) -> None:
        now, building = read_clock(connection), after == BEGINNING
        for collection, ids, vectors in self._changes.templates(connection, after=after):
            self._make_vectors(connection, vectors.shape[1])
            if not building:
                self._make_index(connection)
            for start in range(0, len(ids), ROWS_AT_ONCE):
                part = slice(start, start + ROWS_AT_ONCE)
                rows = [
                    {"face": int(face), "collection": collection, "vector": _text(vector)}
                    for face, vector in zip(ids[part], vectors[part], strict=True)
                ]
                connection.execute(INSERT, rows)
        for _, ids in self._changes.deletions(connection, after=after):
            if self._has_vectors(connection):
                connection.execute(
                    text("DELETE FROM face_vectors WHERE face_id = ANY(:ids)"),
                    {"ids": ids.tolist()},
                )
        connection.execute(
            text("UPDATE face_vectors_state SET version = :v, lineage = :l, recogniser = :r"),
            {"v": now.version, "l": now.lineage, "r": self._recogniser},
        )

    def _make_vectors(self, connection: Connection, dimension: int) -> None:
        if self._has_vectors(connection):
            return
        connection.execute(
            text(
                "CREATE TABLE face_vectors (face_id bigint PRIMARY KEY, collection_id int NOT NULL,"
                f" embedding halfvec({dimension}) NOT NULL)"
            )
        )
        connection.execute(text("CREATE INDEX ON face_vectors (collection_id)"))

    def _make_index(self, connection: Connection) -> None:
        if self._has_vectors(connection):
            connection.execute(
                text(
                    "CREATE INDEX IF NOT EXISTS ix_face_vectors_hnsw ON face_vectors"
                    f" USING hnsw (embedding halfvec_ip_ops) WITH ({HNSW})"
                )
            )

    def _has_vectors(self, connection: Connection) -> bool:
        return self._table(connection) is not None

    def _table(self, connection: Connection) -> int | None:
        """PostgreSQL's number of the table: another one after it was built anew. Read from the catalogue's rows: `to_regclass` goes on
        to tell what it told before this transaction waited for whoever built it."""
        found: int | None = connection.scalar(TABLE)
        return found

    def _is_large(self, connection: Connection, collection: int) -> bool:
        if collection not in self._large and self._size(connection, collection) > self._exact_rows:
            self._large.add(collection)
        return collection in self._large

    def _size(self, connection: Connection, collection: int) -> int:
        counted = text("SELECT count(*) FROM face_vectors WHERE collection_id = :collection")
        return int(connection.scalar(counted, {"collection": collection}) or 0)


TABLE = text("SELECT oid FROM pg_class WHERE relname = 'face_vectors' AND pg_table_is_visible(oid)")
INSERT = text(
    "INSERT INTO face_vectors VALUES (:face, :collection, CAST(:vector AS halfvec))"
    " ON CONFLICT (face_id) DO UPDATE SET embedding = excluded.embedding"
)


def _text(vector: NDArray[np.float32]) -> str:
    return str(HalfVector(vector).to_text())
