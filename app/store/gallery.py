"""Enrolled faces: rows are the truth, the vector index is a projection that is caught up from them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.store.audit import Act, Audit
from app.store.cipher import Cipher, KeyMissing, Tampered
from app.store.clock import tick
from app.store.faces import (
    HITS,
    Faces,
    StoredFace,
    fingerprint_place,
    image_place,
    now,
    selected,
)
from app.store.projection import Projection
from app.store.removal import remove_collection, remove_faces, remove_ids, remove_person
from app.store.sessions import RECORD
from app.store.tables import FaceImageRow, FaceRow, FingerprintRow
from models.types import FaceTemplate, Recogniser
from pipelines.errors import Busy, FaceExists, Internal, OtherRecogniser, UnknownFace
from pipelines.search_faces import (
    Check,
    EnrolledFace,
    Fingerprint,
    Neighbour,
    NewFace,
    Place,
    Surroundings,
)

SPARE_HITS = 8
"""More than was asked for: hits may have been deleted meanwhile, and 16-bit codes may swap near neighbours."""

TOLERANCE = 0.002
"""Between an exact cosine and one of 16-bit codes: each component is off by a 2048th at most, so of two unit vectors
the sum by less than 0.0005."""

NEWER = select(FaceRow.id, FaceRow.collection_id).where(FaceRow.version > bindparam("version"))
OF_PERSON = selected().where(FaceRow.person_id == bindparam("person"))
"""Built once: they run with every enrolment."""

log = logging.getLogger("ekyc.gallery")


@dataclass(frozen=True, slots=True)
class _Near:
    """What was found before the lock was taken: up to which version, among how many."""

    version: int
    size: int
    faces: tuple[int, ...]


class RowGallery:
    """The `Gallery` of `pipelines.search_faces`."""

    def __init__(
        self,
        engine: Engine,
        cipher: Cipher,
        projection: Projection,
        recogniser: Recogniser,
        *,
        keep_images: bool = False,
    ) -> None:
        self._engine = engine
        self._cipher = cipher
        self._faces = Faces(cipher)
        self._audit = Audit(engine, cipher)
        self._projection = projection
        self._recogniser = recogniser.id
        self._keep_images = keep_images

    def add(
        self, place: Place, face: NewFace, *, check: Check | None = None, replace: bool = False
    ) -> EnrolledFace:
        weighed: list[int] = []
        try:
            return self._add(place, face, check, weighed, replace=replace)
        except FaceExists:
            self._audit.note(Act.REFUSE, place.client, rows=weighed)
            raise

    def _add(
        self, place: Place, face: NewFace, check: Check | None, weighed: list[int], *, replace: bool
    ) -> EnrolledFace:
        """`weighed` is given the faces that it was compared with."""
        self._same_recogniser(face.template)
        # Searched before the lock is taken; what others enrol meanwhile is compared inside it.
        near = self._near(place, face) if check is not None else None
        keep_image, enrolled = self._keep_images and face.image is not None, now()
        with self._change(3) as (connection, new_ids):
            face_id, person_id, print_id = new_ids
            collection = self._faces.make_collection(connection, place)
            person, own = self._known(connection, collection, face.person)
            if check is not None and near is not None:
                others = self._others(connection, collection, near, person)
                around = Surroundings(
                    near.size, _nearest(own, face.template), _nearest(others, face.template)
                )
                weighed += [one.face.id for one in (*around.own[:1], *around.others[:1])]
                check(around)
            if face.person is not None and person is None:
                person = person_id
                self._faces.add_person(connection, collection, face.person, person_id)
            if replace and own:
                remove_faces(connection, face_id, FaceRow.person_id == person)
                gone = [one.face.id for one in own]
                self._audit.append(connection, Act.DELETE, place.client, collection, gone)
            row = self._faces.row(face, face_id, collection, person, enrolled)
            connection.execute(insert(FaceRow), row)
            if keep_image and face.image is not None:
                self._faces.add_image(connection, face_id, face.image)
            self._audit.append(connection, Act.ENROL, place.client, collection, [face_id])
            new = face.fingerprint
            if new is not None and face.person is not None and person is not None:
                made = Fingerprint(print_id, face.person, new.finger, enrolled)
                self._faces.add_fingerprint(connection, collection, person, made, new.image)
                act = Act.ADD_FINGERPRINT
                self._audit.append(connection, act, place.client, collection, [print_id])
        self._follow()
        return EnrolledFace(
            id=face_id,
            person=face.person,
            metadata=face.metadata,
            recogniser=self._recogniser,
            quality=face.quality,
            source=face.source,
            enrolled=enrolled,
            has_image=keep_image,
            fingerprint=None if face.fingerprint is None else print_id,
        )

    def nearest(self, place: Place, template: FaceTemplate, count: int) -> list[Neighbour]:
        self._same_recogniser(template)
        for _ in range(2):
            self._projection.catch_up()
            with self._engine.connect() as connection:
                collection = self._faces.collection(connection, place)
                if collection is None:
                    return []
                self._refuse_foreign(collection)
                hits = self._projection.nearest(collection, template.vector, count + SPARE_HITS)
                ids = [face for face, _ in hits]
                stored, exact = self._faces.hits(
                    connection, collection, ids, template.vector, count
                )
            if all(abs(exact.get(face, cosine) - cosine) < TOLERANCE for face, cosine in hits):
                return _nearest(stored, template)
            log.error("the index does not fit the rows: rebuilding it")
            self._projection.rebuild()
        raise Internal("the index does not fit the rows, even when rebuilt from them")

    def nearest_of(self, place: Place, person: str, template: FaceTemplate) -> list[Neighbour]:
        self._same_recogniser(template)
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place)
            _, own = self._known(connection, collection or 0, person)
        return _nearest(own, template)

    def faces(
        self, place: Place, *, person: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[EnrolledFace]:
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place) or 0
            statement = selected().where(FaceRow.collection_id == collection)
            if person is not None:
                found = self._faces.person(connection, collection, person) or 0
                statement = statement.where(FaceRow.person_id == found)
            statement = statement.limit(limit).offset(offset)
            return [stored.face for stored in self._faces.read(connection, statement)]

    def face(self, place: Place, face: int) -> EnrolledFace:
        with self._engine.connect() as connection:
            return self._one(connection, place, face).face

    def image(self, place: Place, face: int) -> bytes | None:
        with self._engine.connect() as connection:
            self._one(connection, place, face)
            row = connection.execute(
                select(FaceImageRow.key_id, FaceImageRow.image).where(FaceImageRow.face_id == face)
            ).one_or_none()
        return None if row is None else self._cipher.open(row.key_id, row.image, image_place(face))

    def set_metadata(self, place: Place, face: int, metadata: Mapping[str, object]) -> EnrolledFace:
        with self._change() as (connection, _):  # waits for whoever is changing this face
            stored = self._one(connection, place, face)
            # The whole row is sealed anew, so that one key opens all of it.
            old = FaceTemplate(stored.vector, stored.face.recogniser)
            template = self._faces.sealed_template(face, stored.collection, old)
            details = self._faces.sealed_details(face, stored.collection, metadata)
            connection.execute(
                update(FaceRow)
                .where(FaceRow.id == face)
                .values(key_id=template.key_id, template=template.data, details=details.data)
            )
            self._audit.append(connection, Act.EDIT, place.client, stored.collection, [face])
            return self._one(connection, place, face).face

    def delete(self, place: Place, ids: Sequence[int]) -> None:
        wanted = sorted(set(ids))
        with self._change() as (connection, (version,)):
            collection = self._faces.collection(connection, place) or 0
            if remove_ids(connection, version, collection, wanted) < len(wanted):
                raise UnknownFace("face")
            self._audit.append(connection, Act.DELETE, place.client, collection, wanted)
        self._follow()

    def delete_person(self, place: Place, person: str) -> int:
        with self._change() as (connection, (version,)):
            collection = self._faces.collection(connection, place) or 0
            found = self._faces.person(connection, collection, person)
            gone = [] if found is None else remove_person(connection, version, found)
            self._audit.append(connection, Act.DELETE_PERSON, place.client, collection, gone)
        self._follow()
        return len(gone)

    def delete_collection(self, place: Place) -> int:
        with self._change() as (connection, (version,)):
            collection = self._faces.collection(connection, place) or 0
            removed = remove_collection(connection, version, collection)
            self._audit.append(connection, Act.DELETE_COLLECTION, place.client, collection)
        self._follow()
        return removed

    def add_fingerprint(self, place: Place, person: str, finger: str, image: bytes) -> Fingerprint:
        with self._change(2) as (connection, (new_id, person_id)):
            collection = self._faces.make_collection(connection, place)
            found = self._faces.person(connection, collection, person)
            if found is None:
                found = person_id
                self._faces.add_person(connection, collection, person, person_id)
            made = Fingerprint(new_id, person, finger, now())
            self._faces.add_fingerprint(connection, collection, found, made, image)
            self._audit.append(connection, Act.ADD_FINGERPRINT, place.client, collection, [new_id])
        return made

    def fingerprints(self, place: Place, person: str) -> list[Fingerprint]:
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place) or 0
            found = self._faces.person(connection, collection, person) or 0
            statement = (
                select(FingerprintRow.id, FingerprintRow.finger, FingerprintRow.created)
                .where(FingerprintRow.person_id == found)
                .order_by(FingerprintRow.id)
            )
            return [
                Fingerprint(row.id, person, row.finger, row.created)
                for row in connection.execute(statement)
            ]

    def fingerprint_image(self, place: Place, fingerprint: int) -> bytes:
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place) or 0
            row = connection.execute(
                select(FingerprintRow.key_id, FingerprintRow.image, FingerprintRow.person_id).where(
                    FingerprintRow.id == fingerprint, FingerprintRow.collection_id == collection
                )
            ).one_or_none()
        if row is None:
            raise UnknownFace("fingerprint")
        return self._cipher.open(
            row.key_id, row.image, fingerprint_place(fingerprint, row.person_id)
        )

    def size(self, place: Place) -> int:
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place) or 0
            statement = select(func.count()).where(FaceRow.collection_id == collection)
            return connection.execute(statement).scalar_one()

    def largest(self) -> int:
        """Faces in the largest collection of anybody."""
        counted = select(func.count(FaceRow.id).label("faces")).group_by(FaceRow.collection_id)
        with self._engine.connect() as connection:
            return connection.scalar(select(func.max(counted.subquery().c.faces))) or 0

    def close(self) -> None:
        self._projection.close()

    @contextmanager
    def _change(self, steps: int = 1) -> Iterator[tuple[Connection, range]]:
        """A transaction with so many new versions. What it changes and the record of the request that it is for are there both, or
        neither is."""
        with self._engine.begin() as connection:
            versions = tick(connection, steps)
            self._cipher.refresh()
            yield connection, versions
            record = RECORD.get()
            if record is not None:
                record(connection)

    def _near(self, place: Place, face: NewFace) -> _Near:
        self._projection.catch_up()
        version = self._projection.version
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place)
            if collection is None:
                return _Near(version, 0, ())
            self._refuse_foreign(collection)
            _, own = self._known(connection, collection, face.person)
        hits = self._projection.nearest(collection, face.template.vector, len(own) + SPARE_HITS)
        return _Near(version, self._projection.size(collection), tuple(face for face, _ in hits))

    def _others(
        self, connection: Connection, collection: int, near: _Near, person: int | None
    ) -> list[StoredFace]:
        """Faces of anybody but this person, out of those near or newer than what was searched."""
        # By version alone: a planner without statistics would rather read the whole collection.
        newer = connection.execute(NEWER, {"version": near.version})
        ids = {*near.faces, *(row.id for row in newer if row.collection_id == collection)}
        stored = self._faces.read(connection, HITS, {"ids": [*ids], "collection": collection})
        return [one for one in stored if one.person is None or one.person != person]

    def _known(
        self, connection: Connection, collection: int, person: str | None
    ) -> tuple[int | None, list[StoredFace]]:
        """The row id of a person and all the person's faces."""
        if person is None:
            return None, []
        found = self._faces.person(connection, collection, person)
        if found is None:
            return None, []
        return found, self._faces.read(connection, OF_PERSON, {"person": found})

    def _one(self, connection: Connection, place: Place, face: int) -> StoredFace:
        collection = self._faces.collection(connection, place) or 0
        one = selected().where(FaceRow.id == face, FaceRow.collection_id == collection)
        found = self._faces.read(connection, one)
        if not found:
            raise UnknownFace("face")
        return found[0]

    def _refuse_foreign(self, collection: int) -> None:
        """Raises OtherRecogniser: a search would pass over faces of another recogniser in silence."""
        foreign = self._projection.foreign(collection)
        if foreign is not None:
            error = OtherRecogniser(foreign, self._recogniser)
            log.error(str(error))
            raise error

    def _same_recogniser(self, template: FaceTemplate) -> None:
        if template.recogniser != self._recogniser:
            raise OtherRecogniser(template.recogniser, self._recogniser)

    def _follow(self) -> None:
        """The change is committed and stays so: an index that cannot follow now will do it before it is asked."""
        try:
            self._projection.catch_up()
        except (SQLAlchemyError, Tampered, KeyMissing, OtherRecogniser, Busy):
            log.exception("the index could not follow")


def _nearest(faces: Sequence[StoredFace], template: FaceTemplate) -> list[Neighbour]:
    """Raises OtherRecogniser."""
    for one in faces:
        if one.face.recogniser != template.recogniser:
            raise OtherRecogniser(one.face.recogniser, template.recogniser)
    found = [Neighbour(one.face, float(one.vector @ template.vector)) for one in faces]
    return sorted(found, key=lambda neighbour: -neighbour.cosine)
