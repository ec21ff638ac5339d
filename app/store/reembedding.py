"""Moves enrolled faces to the recogniser in use: a template of their stored pictures takes the place of the old one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, Engine, exists, select, update

from app.store.audit import Act, Audit
from app.store.cipher import Cipher, Tampered
from app.store.clock import tick
from app.store.faces import Faces, details_place, image_place
from app.store.removal import remove_ids
from app.store.tables import FaceImageRow, FaceRow
from models.types import FaceTemplate
from pipelines.errors import EkycError

Embed = Callable[[bytes], FaceTemplate]
"""A stored picture -> its template. Raises EkycError where no face is found in it any more."""

BATCH = 500
"""Faces deleted in one transaction, which every request of the service waits for."""

log = logging.getLogger("ekyc.gallery")


@dataclass(frozen=True, slots=True)
class Moved:
    """Faces that were moved, and that could not be: without a stored picture, without a face found in it, or altered behind the
    service's back."""

    moved: int
    without_picture: int
    without_face: int
    altered: int

    @property
    def left(self) -> int:
        return self.without_picture + self.without_face + self.altered


class Reembedding:
    """May run beside the service, which refuses to search a collection until none of its templates is foreign. May be
    interrupted: what was moved stays moved, and the next run goes on."""

    def __init__(self, engine: Engine, cipher: Cipher, recogniser: str) -> None:
        self._engine = engine
        self._cipher = cipher
        self._faces = Faces(cipher)
        self._audit = Audit(engine, cipher)
        self._recogniser = recogniser

    def __call__(self, embed: Embed, *, report: Callable[[int], None]) -> Moved:
        """Move every face that can be; `report` hears the count now and then.

        Raises:
            KeyMissing: a picture was sealed with a key that is not at hand.
        """
        moved = without_face = altered = 0
        last = -1
        while (face := self._next(last)) is not None:
            last = face
            try:
                moved += self._move(face, embed)
            except (EkycError, Tampered) as error:
                if isinstance(error, Tampered):
                    altered += 1
                else:
                    without_face += 1
                log.warning("face not moved", extra={"fields": {"face": face, "why": str(error)}})
            report(moved)
        return Moved(moved, self.waiting() - without_face - altered, without_face, altered)

    def waiting(self) -> int:
        """Faces of another recogniser."""
        with self._engine.connect() as connection:
            ids = connection.scalars(select(FaceRow.id).where(self._foreign()))
            return sum(1 for _ in ids)

    def drop_rest(self) -> int:
        """Delete the faces that are still another recogniser's, a batch at a time; how many."""
        dropped = 0
        while (some := self._drop()) > 0:
            dropped += some
        return dropped

    def _drop(self) -> int:
        foreign = select(FaceRow.collection_id, FaceRow.id).where(self._foreign())
        foreign = foreign.order_by(FaceRow.collection_id, FaceRow.id).limit(BATCH)
        with self._engine.begin() as connection:
            (version,) = tick(connection)
            found = connection.execute(foreign).all()
            for collection, rows in groupby(found, key=lambda row: row.collection_id):
                gone = [row.id for row in rows]
                remove_ids(connection, version, collection, gone)
                self._audit.append(connection, Act.DELETE, collection=collection, rows=gone)
        return len(found)

    def _next(self, after: int) -> int | None:
        """The next face that has a picture."""
        pictured = exists().where(FaceImageRow.face_id == FaceRow.id)
        statement = select(FaceRow.id).where(self._foreign(), FaceRow.id > after, pictured)
        with self._engine.connect() as connection:
            return connection.execute(statement.order_by(FaceRow.id).limit(1)).scalar()

    def _move(self, face: int, embed: Embed) -> bool:
        """Whether it was still there to be moved."""
        with self._engine.connect() as connection:
            picture = connection.execute(
                select(FaceImageRow.key_id, FaceImageRow.image).where(FaceImageRow.face_id == face)
            ).one_or_none()
        if picture is None:
            return False
        template = embed(self._cipher.open(picture.key_id, picture.image, image_place(face)))
        with self._engine.begin() as connection:
            (version,) = tick(connection)
            self._cipher.refresh()
            return self._replace(connection, face, template, version)

    def _replace(
        self, connection: Connection, face: int, template: FaceTemplate, version: int
    ) -> bool:
        row = connection.execute(
            select(FaceRow.collection_id, FaceRow.key_id, FaceRow.details).where(
                FaceRow.id == face, self._foreign()
            )
        ).one_or_none()
        if row is None:
            return False  # deleted meanwhile
        sealed = self._faces.sealed_template(face, row.collection_id, template)
        details = self._cipher.open(row.key_id, row.details, details_place(face, row.collection_id))
        resealed = self._cipher.seal(details, details_place(face, row.collection_id))
        values = {
            "template": sealed.data,
            "details": resealed.data,
            "key_id": sealed.key_id,
            "recogniser": template.recogniser,
            "version": version,
        }
        connection.execute(update(FaceRow).where(FaceRow.id == face).values(values))
        self._audit.append(connection, Act.REEMBED, collection=row.collection_id, rows=[face])
        return True

    def _foreign(self) -> ColumnElement[bool]:
        return FaceRow.recogniser != self._recogniser
