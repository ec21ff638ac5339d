"""The gallery of a service: it also writes down whose faces it was asked about, not only what it changed."""

from __future__ import annotations

from collections.abc import Iterable

from app.store.audit import Act
from app.store.gallery import RowGallery
from models.types import FaceTemplate
from pipelines.search_faces import EnrolledFace, Fingerprint, Neighbour, Place


class AuditedGallery(RowGallery):
    """What cannot be written down is not answered."""

    def nearest(self, place: Place, template: FaceTemplate, count: int) -> list[Neighbour]:
        found = super().nearest(place, template, count)
        self._note(Act.SEARCH, place, (one.face.id for one in found))
        return found

    def nearest_of(self, place: Place, person: str, template: FaceTemplate) -> list[Neighbour]:
        found = super().nearest_of(place, person, template)
        self._note(Act.VERIFY, place, (one.face.id for one in found))
        return found

    def faces(
        self, place: Place, *, person: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[EnrolledFace]:
        found = super().faces(place, person=person, limit=limit, offset=offset)
        self._note(Act.SHOW, place, (one.id for one in found))
        return found

    def face(self, place: Place, face: int) -> EnrolledFace:
        found = super().face(place, face)
        self._note(Act.SHOW, place, [face])
        return found

    def image(self, place: Place, face: int) -> bytes | None:
        found = super().image(place, face)
        if found is not None:
            self._note(Act.SHOW_PICTURE, place, [face])
        return found

    def fingerprints(self, place: Place, person: str) -> list[Fingerprint]:
        found = super().fingerprints(place, person)
        if found:
            self._note(Act.SHOW, place, (one.id for one in found))
        return found

    def fingerprint_image(self, place: Place, fingerprint: int) -> bytes:
        found = super().fingerprint_image(place, fingerprint)
        self._note(Act.SHOW_PICTURE, place, [fingerprint])
        return found

    def _note(self, act: Act, place: Place, rows: Iterable[int]) -> None:
        with self._engine.connect() as connection:
            collection = self._faces.collection(connection, place)
        # In a transaction of its own: SQLite lets none write that has read what is old by now.
        self._audit.note(act, place.client, collection, rows)
