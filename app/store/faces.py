"""Rows of the gallery as the rest of the program sees them: sealed on the way in, opened on the way out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, bindparam, exists, insert, select

from app.store.cipher import Cipher, Sealed
from app.store.tables import CollectionRow, FaceImageRow, FaceRow, FingerprintRow, PersonRow
from models.types import FaceTemplate
from pipelines.search_faces import EnrolledFace, Fingerprint, NewFace, Place

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class StoredFace:
    """A face and its template (unit vector, float32)."""

    face: EnrolledFace
    collection: int
    person: int | None
    vector: Vector


def template_place(face: int, collection: int, recogniser: str) -> str:
    """What a sealed template is bound to: its row, whose faces it is among, and who made it."""
    return f"faces.template {face} of {collection} by {recogniser}"


def details_place(face: int, collection: int) -> str:
    return f"faces.details {face} of {collection}"


def image_place(face: int) -> str:
    return f"face_images.image {face}"


def person_place(collection: int) -> str:
    return f"people.name of {collection}"


def fingerprint_place(fingerprint: int, person: int) -> str:
    return f"fingerprints.image {fingerprint} of {person}"


def vector_of(template: bytes) -> Vector:
    return np.frombuffer(template, "<f4")


class Faces:
    """Reads and writes rows; knows nothing of indexes and starts no transaction."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def collection(self, connection: Connection, place: Place) -> int | None:
        """Looked up each time: in a database restored under the service another place may have the id."""
        return connection.execute(
            COLLECTION, {"client": place.client, "name": place.collection}
        ).scalar()

    def make_collection(self, connection: Connection, place: Place) -> int:
        found = self.collection(connection, place)
        if found is not None:
            return found
        new = insert(CollectionRow).values(
            client_id=place.client, name=place.collection, created=now()
        )
        made = connection.execute(new.returning(CollectionRow.id)).scalar_one()
        return int(made)

    def person(self, connection: Connection, collection: int, name: str) -> int | None:
        digest = self._cipher.digest(name, person_place(collection))
        return connection.execute(PERSON, {"collection": collection, "digest": digest}).scalar()

    def add_person(self, connection: Connection, collection: int, name: str, new_id: int) -> None:
        sealed = self._cipher.seal(name.encode(), person_place(collection))
        values = {
            "id": new_id,
            "collection_id": collection,
            "digest": self._cipher.digest(name, person_place(collection)),
            "key_id": sealed.key_id,
            "name": sealed.data,
            "created": now(),
        }
        connection.execute(insert(PersonRow), values)

    def row(
        self, face: NewFace, new_id: int, collection: int, person: int | None, enrolled: datetime
    ) -> dict[str, object]:
        """The values of a new row of `faces`."""
        template = self.sealed_template(new_id, collection, face.template)
        details = self.sealed_details(new_id, collection, face.metadata)
        return {
            "id": new_id,
            "collection_id": collection,
            "person_id": person,
            "version": new_id,
            "recogniser": face.template.recogniser,
            "key_id": template.key_id,
            "template": template.data,
            "details": details.data,
            "quality": face.quality,
            "source": face.source,
            "created": enrolled,
        }

    def sealed_template(self, face: int, collection: int, template: FaceTemplate) -> Sealed:
        vector = np.ascontiguousarray(template.vector, "<f4").tobytes()
        return self._cipher.seal(vector, template_place(face, collection, template.recogniser))

    def sealed_details(self, face: int, collection: int, metadata: Mapping[str, object]) -> Sealed:
        text = json.dumps(dict(metadata), ensure_ascii=False, separators=(",", ":"))
        return self._cipher.seal(text.encode(), details_place(face, collection))

    def add_image(self, connection: Connection, face: int, image: bytes) -> None:
        sealed = self._cipher.seal(image, image_place(face))
        values = {"face_id": face, "key_id": sealed.key_id, "image": sealed.data}
        connection.execute(insert(FaceImageRow), values)

    def add_fingerprint(
        self, connection: Connection, collection: int, person: int, made: Fingerprint, image: bytes
    ) -> None:
        sealed = self._cipher.seal(image, fingerprint_place(made.id, person))
        values = {
            "id": made.id,
            "collection_id": collection,
            "person_id": person,
            "finger": made.finger,
            "key_id": sealed.key_id,
            "image": sealed.data,
            "created": made.enrolled,
        }
        connection.execute(insert(FingerprintRow), values)

    def read(
        self,
        connection: Connection,
        statement: Select[*tuple[Any, ...]],
        values: Mapping[str, object] = MappingProxyType({}),
    ) -> list[StoredFace]:
        """The faces that `statement`, an extension of `selected()`, selects with these values of its parameters."""
        found = connection.execute(statement, dict(values))
        return [self._opened(row, self._vector(row)) for row in found]

    def hits(
        self,
        connection: Connection,
        collection: int,
        ids: Sequence[int],
        vector: Vector,
        count: int,
    ) -> tuple[list[StoredFace], dict[int, float]]:
        """Of the faces with these ids the `count` nearest to a unit vector, nearest first, and the exact cosine of each."""
        found = connection.execute(HITS, {"ids": ids, "collection": collection}).all()
        vectors = {row.id: self._vector(row) for row in found}
        cosines = {face: float(one @ vector) for face, one in vectors.items()}
        nearest = sorted(found, key=lambda row: -cosines[row.id])[:count]
        return [self._opened(row, vectors[row.id]) for row in nearest], cosines

    def _vector(self, row: Row[*tuple[Any, ...]]) -> Vector:
        place = template_place(row.id, row.collection_id, row.recogniser)
        return vector_of(self._cipher.open(row.key_id, row.template, place))

    def _opened(self, row: Row[*tuple[Any, ...]], vector: Vector) -> StoredFace:
        """A row of `selected()`."""
        cipher, face, collection = self._cipher, row.id, row.collection_id
        details = cipher.open(row.key_id, row.details, details_place(face, collection))
        person = None
        if row.person_id is not None:
            person = cipher.open(
                row.person_key_id, row.person_name, person_place(collection)
            ).decode()
        return StoredFace(
            EnrolledFace(
                id=face,
                person=person,
                metadata=json.loads(details),
                recogniser=row.recogniser,
                quality=row.quality,
                source=row.source,
                enrolled=row.created,
                has_image=bool(row.has_image),
            ),
            collection,
            row.person_id,
            vector,
        )

    def opened_vectors(
        self, rows: Sequence[Row[*tuple[Any, ...]]], recogniser: str
    ) -> NDArray[np.float32]:
        """The templates of rows with id, collection_id, key_id and template; rows x dimension."""
        opened = [
            self._cipher.open(
                row.key_id, row.template, template_place(row.id, row.collection_id, recogniser)
            )
            for row in rows
        ]
        return np.frombuffer(b"".join(opened), "<f4").reshape(len(rows), -1)


def selected() -> Select[*tuple[Any, ...]]:
    """What `Faces.opened` opens, in the order of enrolment."""
    has_image = exists().where(FaceImageRow.face_id == FaceRow.id)
    return (
        select(
            FaceRow.id,
            FaceRow.collection_id,
            FaceRow.person_id,
            FaceRow.recogniser,
            FaceRow.key_id,
            FaceRow.template,
            FaceRow.details,
            FaceRow.quality,
            FaceRow.source,
            FaceRow.created,
            PersonRow.key_id.label("person_key_id"),
            PersonRow.name.label("person_name"),
            has_image.label("has_image"),
        )
        .outerjoin(PersonRow, PersonRow.id == FaceRow.person_id)
        .order_by(FaceRow.id)
    )


HITS = selected().where(
    FaceRow.id.in_(bindparam("ids", expanding=True)),
    FaceRow.collection_id == bindparam("collection"),
)
COLLECTION = select(CollectionRow.id).where(
    CollectionRow.client_id == bindparam("client"), CollectionRow.name == bindparam("name")
)
"""Built once: they run with every search."""
PERSON = select(PersonRow.id).where(
    PersonRow.collection_id == bindparam("collection"), PersonRow.digest == bindparam("digest")
)


def now() -> datetime:
    """UTC without a zone, as the tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)
