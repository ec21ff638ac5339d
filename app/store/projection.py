"""What keeps a vector index in step with the rows, across threads and processes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.store.changes import BEGINNING, Changes, Foreign
from app.store.cipher import KeyMissing, Tampered
from app.store.clock import Reading, read_clock
from app.store.database import BUSY_SECONDS
from app.store.faces import Faces
from app.store.flat import FlatIndex
from app.store.index_file import CacheUnusable, IndexFile
from models.types import Recogniser
from pipelines.errors import Busy

SAVE_AFTER, SAVE_SHARE = 10_000, 0.05
"""Changes, and share of the index, after which its file is written anew: replaying a change takes some 20 microseconds."""
CHECKS = 10
LOOK_AGAIN_SECONDS, LOOK_AGAIN_SHARE = 10.0, 10.0
"""After how long, and after how many times the time it took, rows that did not open are looked at again though nothing has changed:
somebody may have restored them, or put the missing key into the key file."""
EXACT_LIMIT = 1_000_000
"""Faces of one collection that are scanned whole: about 0.1 s of one core (scripts/bench search)."""

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

    def foreign(self, collection: int) -> str | None:
        """Another recogniser that made some of the collection's templates."""
        ...

    @property
    def version(self) -> int:
        """The clock's reading up to which changes are seen."""
        ...

    def rebuild(self) -> None:
        """Forget everything and start from the rows."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Failure:
    """Rows that did not open, as of when; looked at again when there are changes, or after `until` (of the monotonic clock)."""

    at: Reading
    kind: type[Tampered | KeyMissing]
    why: str
    until: float


class Failures:
    """Rows that did not open: not every request finds that out anew."""

    def __init__(self) -> None:
        self._last: _Failure | None = None

    def repeat(self, now: Reading) -> None:
        """Raises Tampered, KeyMissing: as before, and nothing has changed since."""
        last = self._last
        if last is not None and last.at == now and time.monotonic() < last.until:
            raise last.kind(last.why)

    @contextmanager
    def remembered(self, now: Reading) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
            self._last = None
        except (Tampered, KeyMissing) as error:
            took = time.monotonic() - began
            until = began + max(LOOK_AGAIN_SECONDS, LOOK_AGAIN_SHARE * took)
            # Not the error itself: its traceback would keep the half-filled index.
            self._last = _Failure(now, type(error), str(error), until)
            raise


class MemoryProjection:
    """An index in this process's memory."""

    def __init__(
        self,
        engine: Engine,
        faces: Faces,
        recogniser: Recogniser,
        index: FlatIndex,
        file: IndexFile | None = None,
        *,
        exact_limit: int = EXACT_LIMIT,
    ) -> None:
        self._engine = engine
        self._changes = Changes(faces, recogniser.id)
        self._foreign = Foreign(recogniser.id)
        self._index = index
        self._file = file
        self._exact_limit = exact_limit
        self._seen: Reading | None = None
        self._failures = Failures()
        self._built = 0
        """How often."""
        self._saved = -1
        """The version in the file."""
        self._saving = threading.Lock()
        self._saver: threading.Thread | None = None
        self._lock = threading.Lock()
        """Held by whoever changes the index; searches do not take it."""

    @property
    def version(self) -> int:
        return -1 if self._seen is None else self._seen.version

    def nearest(self, collection: int, vector: NDArray[np.float32], count: int) -> Hits:
        return self._index.nearest(collection, vector, count)

    def size(self, collection: int) -> int:
        return self._index.size(collection)

    def foreign(self, collection: int) -> str | None:
        return self._foreign.of(collection)

    def catch_up(self) -> None:
        """Raises Busy."""
        with self._engine.connect() as connection:
            if read_clock(connection) == self._seen:
                return
        with self._alone() as connection:
            self._follow_or_fail(connection)

    def rebuild(self) -> None:
        """Raises Busy."""
        before = self._built
        with self._alone() as connection:
            # Others that found the same fault may have waited here for the one that mended it.
            if self._built == before:
                self._build(connection)

    def save(self) -> None:
        """Write the index file, if there is to be one and it is out of date. A full disk is no failure: see the log."""
        with self._saving:
            seen = self._seen
            if self._file is None or seen is None or seen.version == self._saved:
                return
            try:
                self._file.save(self._index, seen)
                self._saved = seen.version
            except OSError:
                log.exception("the index file could not be written")

    def close(self) -> None:
        up_to_date = self._is_up_to_date()
        if self._saver is not None:
            self._saver.join()
        if up_to_date:
            self.save()
        self._index.close()

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """Raises Busy: another thread takes long to build the index, and requests that waited as long would take all threads and
        connections, and with them the answers to requests that need no faces."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise Busy("the index is being built", BUSY_SECONDS)
        try:
            with self._engine.connect() as connection:
                yield connection
        finally:
            self._lock.release()

    def _is_up_to_date(self) -> bool:
        """Whoever was erased since the last search would stay in a file that is written without having looked."""
        if self._seen is None:
            return False
        try:
            self.catch_up()
        except (SQLAlchemyError, Tampered, KeyMissing, Busy):
            log.exception("the index could not follow: its file is left as it was")
            return False
        return True

    def _follow_or_fail(self, connection: Connection) -> None:
        """Raises Tampered, KeyMissing: a row does not open."""
        now = read_clock(connection)
        self._failures.repeat(now)
        with self._failures.remembered(now):
            self._follow(connection, now)

    def _follow(self, connection: Connection, now: Reading) -> None:
        seen = self._seen  # whoever held the lock may have seen more
        after = BEGINNING if seen is None or seen.lineage != now.lineage else seen.version
        self._foreign.follow(connection, after)
        if seen is None:
            self._start(connection, now)
        elif seen.lineage != now.lineage or seen.version > now.version:
            self._build(connection)  # a backup was restored under us
        elif seen.version < now.version:
            self._replay(connection, self._index, seen.version)
            self._seen = now
        self._save_sometimes()

    def _start(self, connection: Connection, now: Reading) -> None:
        """From the file where that is sound, else from the rows."""
        began, fresh = time.monotonic(), FlatIndex()
        try:
            if self._file is None:
                raise CacheUnusable("no index file is kept")
            saved = self._file.load(fresh, now)
            seen = self._checked(connection, fresh, saved)
        except CacheUnusable as error:
            log.warning("index file not used", extra={"fields": {"why": str(error)}})
            self._build(connection)
            return
        self._index.take(fresh)
        self._seen, self._saved = seen, saved
        self._tell("index read from its file", began)

    def _checked(self, connection: Connection, index: FlatIndex, version: int) -> Reading:
        """Replay what is newer than `version`, then compare with the rows: how many, and which, by the sum of their ids.

        Raises:
            CacheUnusable: they differ.
        """
        for _ in range(CHECKS):
            now = read_clock(connection)
            self._replay(connection, index, version)
            rows = self._changes.sizes(connection)
            if read_clock(connection) == now:
                if rows != index.sizes():
                    raise CacheUnusable("it does not fit the rows")
                return now
            version = now.version  # somebody enrolled meanwhile
        raise CacheUnusable("it could not be compared with rows that change all the time")

    def _build(self, connection: Connection) -> None:
        """Everything from the rows."""
        began = time.monotonic()
        fresh = FlatIndex()  # whoever is searching goes on with what there was
        now = read_clock(connection)
        for collection, (rows, _) in self._changes.sizes(connection).items():
            fresh.reserve(collection, rows)
        for collection, ids, vectors in self._changes.templates(connection, after=BEGINNING):
            fresh.load(collection, ids, vectors.astype(np.float16))
        # What was committed while the rows were read may or may not have been among them.
        self._replay(connection, fresh, now.version)
        self._index.take(fresh)
        self._seen = now
        self._built += 1
        self._tell("index built from rows", began)

    def _save_sometimes(self) -> None:
        """Often enough that replaying the rest takes a moment, in a thread of its own."""
        running = self._saver is not None and self._saver.is_alive()
        due = max(SAVE_AFTER, SAVE_SHARE * len(self._index))
        if self._file is None or running or self.version - self._saved < due:
            return
        self._saver = threading.Thread(target=self.save, name="ekyc-index-save", daemon=True)
        self._saver.start()

    def _tell(self, what: str, began: float) -> None:
        for collection, (rows, _) in self._index.sizes().items():
            if rows > self._exact_limit:
                clusters = self._index.cluster(collection)
                told = {"rows": rows, "probes": clusters.probes, "of": len(clusters.centres)}
                log.warning(
                    "search is approximate above the exact limit",
                    extra={"fields": told | {"recall": clusters.recall}},
                )
        seconds = round(time.monotonic() - began, 2)
        log.info(what, extra={"fields": {"rows": len(self._index), "seconds": seconds}})

    def _replay(self, connection: Connection, index: FlatIndex, after: int) -> None:
        """Changes later than `after`. Doing some of them twice does no harm."""
        for collection, ids, vectors in self._changes.templates(connection, after=after):
            index.put(collection, ids, vectors)
        for collection, gone in self._changes.deletions(connection, after=after):
            index.remove(collection, gone)
