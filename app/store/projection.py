"""What keeps a vector index in step with the rows, across threads and processes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from app.store.clock import Reading, read_clock
from app.store.faces import Faces
from app.store.flat import FlatIndex, Ids
from app.store.tables import DeletedFaceRow, FaceRow
from models.types import Recogniser

ROWS_AT_ONCE = 10_000

Hits = list[tuple[int, float]]
"""(face id, cosine as near as the index knows it), nearest first."""

log = logging.getLogger("ekyc.gallery")


class Projection(Protocol):
    """The nearest faces of a collection, as of the last `catch_up`."""

    def catch_up(self) -> None:
        """See everything that was committed, by anybody, before this call."""
        ...

    def nearest(self, collection: int, vector: NDArray[np.float32], count: int) -> Hits: ...

    def size(self, collection: int) -> int:
        """Faces of this recogniser."""
        ...

    @property
    def version(self) -> int:
        """The clock's reading up to which changes are seen."""
        ...

    def rebuild(self) -> None:
        """Forget everything and start from the rows."""
        ...

    def close(self) -> None: ...


class MemoryProjection:
    """An index in this process's memory."""

    def __init__(
        self, engine: Engine, faces: Faces, recogniser: Recogniser, index: FlatIndex
    ) -> None:
        self._engine = engine
        self._faces = faces
        self._recogniser = recogniser.id
        self._index = index
        self._seen: Reading | None = None
        self._lock = threading.Lock()
        """Held by whoever changes the index; searches do not take it."""

    @property
    def version(self) -> int:
        return -1 if self._seen is None else self._seen.version

    def nearest(self, collection: int, vector: NDArray[np.float32], count: int) -> Hits:
        return self._index.nearest(collection, vector, count)

    def size(self, collection: int) -> int:
        return self._index.size(collection)

    def catch_up(self) -> None:
        with self._engine.connect() as connection:
            now = read_clock(connection)
            if now == self._seen:
                return
            with self._lock:
                self._follow(connection, now)

    def rebuild(self) -> None:
        with self._lock, self._engine.connect() as connection:
            self._load(connection)

    def close(self) -> None:
        self._index.close()

    def _follow(self, connection: Connection, now: Reading) -> None:
        seen = self._seen
        if seen is None or seen.lineage != now.lineage or seen.version > now.version:
            self._load(connection)  # first use, or a backup was restored under us
        elif seen.version < now.version:
            self._replay(connection, seen.version)
            self._seen = now

    def _load(self, connection: Connection) -> None:
        """Everything from the rows."""
        began = time.monotonic()
        self._index.clear()
        now = read_clock(connection)
        for collection, ids, vectors in self._stored(connection, after=None):
            self._index.load(collection, ids, vectors.astype(np.float16))
        # What was committed while the rows were read may or may not have been among them.
        self._replay(connection, now.version)
        self._seen = now
        log.info(
            "index built from rows",
            extra={
                "fields": {"rows": len(self._index), "seconds": round(time.monotonic() - began, 2)}
            },
        )

    def _replay(self, connection: Connection, after: int) -> None:
        """Changes later than `after`. Doing some of them twice does no harm."""
        for collection, ids, vectors in self._stored(connection, after=after):
            self._index.put(collection, ids, vectors)
        gone = (
            select(DeletedFaceRow.collection_id, DeletedFaceRow.face_id)
            .where(DeletedFaceRow.version > after)
            .order_by(DeletedFaceRow.collection_id)
        )
        for collection, rows in groupby(connection.execute(gone), key=lambda row: row[0]):
            self._index.remove(collection, np.array([face for _, face in rows], np.int64))

    def _stored(
        self, connection: Connection, *, after: int | None
    ) -> Iterator[tuple[int, Ids, NDArray[np.float32]]]:
        """Templates of our recogniser, changed later than `after`: collection, ids, vectors."""
        statement = (
            select(FaceRow.id, FaceRow.collection_id, FaceRow.key_id, FaceRow.template)
            .where(FaceRow.recogniser == self._recogniser)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        if after is None:
            statement = statement.order_by(FaceRow.collection_id, FaceRow.id)
        else:
            statement = statement.where(FaceRow.version > after).order_by(FaceRow.version)
        for batch in connection.execute(statement).partitions():
            for collection in sorted({row.collection_id for row in batch}):
                rows = [row for row in batch if row.collection_id == collection]
                opened = self._faces.opened_vectors(rows, self._recogniser)
                ids = np.array([row.id for row in rows], np.int64)
                yield collection, ids, opened
