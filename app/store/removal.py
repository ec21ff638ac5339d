"""Deleting from the gallery, inside a transaction that has moved the clock on: faces leave word for the indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Delete,
    delete,
    exists,
    insert,
    literal,
    select,
)

from app.store.tables import DeletedFaceRow, FaceRow, FingerprintRow, PersonRow

BATCH = 10_000
"""Ids in one statement: SQLite takes at most 32,766 parameters, PostgreSQL 65,535."""


def remove_faces(connection: Connection, version: int, which: ColumnElement[bool]) -> int:
    """Delete faces and their pictures; how many. `version` is this transaction's reading of the clock."""
    leaving = select(FaceRow.id, FaceRow.collection_id, literal(version)).where(which)
    columns = [DeletedFaceRow.face_id, DeletedFaceRow.collection_id, DeletedFaceRow.version]
    connection.execute(insert(DeletedFaceRow).from_select(columns, leaving))
    return _run(connection, delete(FaceRow).where(which))  # pictures go by the foreign key


def remove_fingerprints(connection: Connection, which: ColumnElement[bool]) -> int:
    return _run(connection, delete(FingerprintRow).where(which))


def remove_ids(connection: Connection, version: int, collection: int, ids: Sequence[int]) -> int:
    """Delete the faces and fingerprints with these ids, and people of whom nothing is left; how many were found."""
    removed = 0
    for some in _batches(ids):
        faces = FaceRow.id.in_(some) & (FaceRow.collection_id == collection)
        prints = FingerprintRow.id.in_(some) & (FingerprintRow.collection_id == collection)
        people = {
            *connection.scalars(select(FaceRow.person_id).where(faces)),
            *connection.scalars(select(FingerprintRow.person_id).where(prints)),
        }
        removed += remove_faces(connection, version, faces)
        removed += remove_fingerprints(connection, prints)
        left = [person for person in people if person is not None]
        remove_empty_people(connection, PersonRow.id.in_(left))
    return removed


def remove_person(connection: Connection, version: int, person: int) -> list[int]:
    """Delete everything of one person; the faces and fingerprints that were."""
    faces = connection.scalars(select(FaceRow.id).where(FaceRow.person_id == person)).all()
    prints = connection.scalars(
        select(FingerprintRow.id).where(FingerprintRow.person_id == person)
    ).all()
    remove_faces(connection, version, FaceRow.person_id == person)
    remove_fingerprints(connection, FingerprintRow.person_id == person)
    connection.execute(delete(PersonRow).where(PersonRow.id == person))
    return [*faces, *prints]


def remove_collection(connection: Connection, version: int, collection: int) -> int:
    """Delete everybody; how many faces and fingerprints that were. The empty collection stays."""
    removed = remove_faces(connection, version, FaceRow.collection_id == collection)
    removed += remove_fingerprints(connection, FingerprintRow.collection_id == collection)
    connection.execute(delete(PersonRow).where(PersonRow.collection_id == collection))
    return removed


def remove_empty_people(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete people of whom neither a face nor a fingerprint is left."""
    has_face = exists().where(FaceRow.person_id == PersonRow.id)
    has_print = exists().where(FingerprintRow.person_id == PersonRow.id)
    connection.execute(delete(PersonRow).where(which, ~has_face, ~has_print))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _run(connection: Connection, statement: Delete) -> int:
    result = connection.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount
