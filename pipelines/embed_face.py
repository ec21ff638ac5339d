"""One portrait -> the template to enrol or to search with."""

from __future__ import annotations

from dataclasses import dataclass

from models.ports import FaceEmbedder, FaceFinder
from models.types import Face, FaceTemplate, Image
from pipelines.errors import NoFace
from pipelines.find_faces import find_faces


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedFace:
    """The largest face of a picture; `image` is that picture, turned upright."""

    image: Image
    face: Face
    template: FaceTemplate


class EmbedFace:
    """Makes a template of the largest face.

    Raises:
        NoFace: when called; there is none.
    """

    def __init__(self, face_finder: FaceFinder, face_embedder: FaceEmbedder) -> None:
        self._finder = face_finder
        self._embedder = face_embedder

    def __call__(self, image: Image) -> EmbeddedFace:
        found = find_faces(self._finder, image)
        if found is None:
            raise NoFace("portrait")
        (template,) = self._embedder.embed(found.image, found.faces[:1])
        return EmbeddedFace(found.image, found.faces[0], template)
