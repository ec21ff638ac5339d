"""What has changed in the rows since an index last looked: the same questions for every kind of index."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, func, select

from app.store.faces import Faces
from app.store.tables import DeletedFaceRow, FaceRow

Ids = NDArray[np.int64]
ROWS_AT_ONCE = 10_000
SUMMED = 2**32
"""Ids are summed without what is above: after a restore the whole ids of five million faces would pass 64 bits."""
BEGINNING = -1
"""Before any version."""

TEMPLATES = select(
    FaceRow.id, FaceRow.collection_id, FaceRow.recogniser, FaceRow.key_id, FaceRow.template
).execution_options(yield_per=ROWS_AT_ONCE)
CHANGED = TEMPLATES.where(FaceRow.version > bindparam("after")).order_by(FaceRow.version)
"""By version alone: a planner without statistics would rather read all rows of the recogniser."""
DELETED = (
    select(DeletedFaceRow.collection_id, DeletedFaceRow.face_id)
    .where(DeletedFaceRow.version > bindparam("after"))
    .order_by(DeletedFaceRow.collection_id)
)
FOREIGN = select(FaceRow.collection_id, FaceRow.recogniser).where(
    FaceRow.recogniser != bindparam("ours")
)
NEW_FOREIGN = FOREIGN.where(FaceRow.version > bindparam("after"))


class Changes:
    """Of templates of one recogniser."""

    def __init__(self, faces: Faces, recogniser: str) -> None:
        self._faces = faces
        self._recogniser = recogniser

    def templates(
        self, connection: Connection, *, after: int
    ) -> Iterator[tuple[int, Ids, NDArray[np.float32]]]:
        """Changed later than `after`: collection, ids, unit vectors (rows x dimension)."""
        if after == BEGINNING:
            statement = TEMPLATES.where(FaceRow.recogniser == self._recogniser)
            statement = statement.order_by(FaceRow.collection_id, FaceRow.id)
        else:
            statement = CHANGED
        for batch in connection.execute(statement, {"after": after}).partitions():
            ours = [row for row in batch if row.recogniser == self._recogniser]
            for collection in sorted({row.collection_id for row in ours}):
                rows = [row for row in ours if row.collection_id == collection]
                opened = self._faces.opened_vectors(rows, self._recogniser)
                ids = np.array([row.id for row in rows], np.int64)
                yield collection, ids, opened

    def deletions(self, connection: Connection, *, after: int) -> Iterator[tuple[int, Ids]]:
        """Faces deleted later than `after`, of whatever recogniser: collection, ids."""
        gone = connection.execute(DELETED, {"after": after})
        for collection, rows in groupby(gone, key=lambda row: row[0]):
            yield collection, np.array([face for _, face in rows], np.int64)

    def sizes(self, connection: Connection) -> dict[int, tuple[int, int]]:
        """Of each collection that has any: how many templates, and the sum of their ids modulo `SUMMED`."""
        statement = (
            select(FaceRow.collection_id, func.count(), func.sum(FaceRow.id % SUMMED))
            .where(FaceRow.recogniser == self._recogniser)
            .group_by(FaceRow.collection_id)
        )
        return {
            collection: (count, int(total))
            for collection, count, total in connection.execute(statement)
        }


class Foreign:
    """Which collections hold templates of another recogniser, and of which."""

    def __init__(self, recogniser: str) -> None:
        self._ours = recogniser
        self._found: dict[int, str] = {}

    def of(self, collection: int) -> str | None:
        return self._found.get(collection)

    def follow(self, connection: Connection, after: int) -> None:
        """See the changes later than `after`, deletions included: what was found before is looked at again."""
        said = {"ours": self._ours, "after": after}
        for collection, recogniser in connection.execute(NEW_FOREIGN, said):
            self._found[collection] = recogniser
        for collection in list(self._found):
            one = FOREIGN.where(FaceRow.collection_id == collection).limit(1)
            if connection.execute(one, {"ours": self._ours}).first() is None:
                del self._found[collection]
